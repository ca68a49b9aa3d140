#include "message/loose64.h"

#include "message/pour_test.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

static GString *
decode(const void *data, size_t size, const struct ms_loose64_how *how)
{
	struct pour_test *test = pour_test_start();
	GString *out;

	ms_loose64_decode(data, size, how, &test->pour);
	out = pour_test_end(test);
	if (!out)
		abort();
	return out;
}

/* The parts of a survey add up, and what is whole or a line is so by it. */
static void
check_survey(const unsigned char *data, size_t size)
{
	struct ms_loose64_survey survey;
	size_t ends = 0;

	ms_loose64_survey(data, size, &survey);
	for (size_t i = 0; i < size; i++)
		ends += data[i] == '\n' || data[i] == '\r';
	if (survey.letters + survey.url_letters + survey.pads +
	    survey.blanks + survey.junk + ends != size)
		abort();
	if (ms_loose64_letters(data, size) > survey.letters)
		abort();
	if (ms_loose64_is_whole(data, size) && (survey.junk > 0 ||
	    survey.pads > 2 || survey.letters < 60))
		abort();
	if (ms_loose64_is_line(data, size) && survey.letters == 0)
		abort();
}

/* No way of reading makes more of it than its letters hold; and what is
 * encoded anew, each of them reads as it was. */
int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	check_survey(data, size);
	for (unsigned i = 0; i < 4 * 2 * 4; i++) {
		const struct ms_loose64_how how = { i % 4, i / 4 % 2, i / 8 };
		GString *loose = decode(data, size, &how), *again;
		gchar *text;

		if (loose->len > size / 4 * 3 + 3)
			abort();
		text = g_base64_encode((const guchar *)loose->str, loose->len);
		again = decode(text, strlen(text),
		    &(struct ms_loose64_how){ how.pad, how.url, 0 });
		if (!g_string_equal(loose, again))
			abort();
		g_free(text);
		g_string_free(again, TRUE);
		g_string_free(loose, TRUE);
	}
	return 0;
}
