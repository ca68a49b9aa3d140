#include "message/qp.h"

#include "message/pour_test.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

/* Decoded as number WAY of all ways there are. */
static GString *
decode(const unsigned char *data, size_t size, unsigned way)
{
	struct pour_test *test = pour_test_start();
	const struct ms_qp_how how = {
		.bad = way / 16,
		.ends = way % 4,
		.keep_blanks = way & 4,
		.printable = way & 8,
	};
	GString *out;

	ms_qp_decode(data, size, &how, &test->pour);
	out = pour_test_end(test);
	/* An LF that becomes CRLF is the most there is. */
	if (!out || out->len > 2 * size)
		abort();
	return out;
}

/*
 * What a survey says makes no difference makes none, and without anything
 * special the bytes stay as they are.
 */
int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	struct ms_qp_survey survey;
	GString *plain = decode(data, size, 0);

	ms_qp_survey(data, size, &survey);
	if (!survey.coded && !survey.blanks && (plain->len != size ||
	    memcmp(plain->str, data, size) != 0) &&
	    !(size > 0 && strchr(" \t", data[size - 1])))
		abort();
	for (unsigned way = 1; way < 16 * MS_QP_BAD_COUNT; way++) {
		GString *other = decode(data, size, way);
		bool same = (way / 16 == MS_QP_BAD_KEEP || !survey.bad) &&
		    (way % 4 == MS_QP_ENDS_KEEP || !survey.ends) &&
		    !(way & 4) && (!(way & 8) || !survey.octets);

		if (same && !g_string_equal(plain, other))
			abort();
		g_string_free(other, TRUE);
	}
	g_string_free(plain, TRUE);
	return 0;
}
