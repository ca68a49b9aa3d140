#include "smtp/payload_test.h"

#include <stdlib.h>

#include "smtp/dots.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

/* What smtp/dots makes of DATA is taken back as what it meant. */
static void
check_dots(const unsigned char *data, size_t size)
{
	const enum ms_payload_kind kind = MS_PAYLOAD_DATA;
	const struct cuts_test test = payload_test(&kind);
	GString *sent = g_string_new(NULL), *again = g_string_new(NULL), *got;
	struct ms_dots dots = { 0 }, twice = { 0 };

	ms_dots_feed(&dots, data, size, sent);
	ms_dots_end(&dots, sent);
	got = cuts_test_run(&test, sent->str, sent->len, sent->len, NULL);
	if (got->len < dots.size || got->str[dots.size] != '|')
		abort();
	ms_dots_feed(&twice, got->str, dots.size, again);
	ms_dots_end(&twice, again);
	/* NULs beside a dot are for the caller to keep out. */
	if (!g_string_equal(sent, again) ||
	    strstr(got->str + dots.size, " lf=") || (!dots.nul &&
	    strstr(got->str + dots.size, " like=")))
		abort();
	g_string_free(sent, TRUE);
	g_string_free(again, TRUE);
	g_string_free(got, TRUE);
}

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	for (int i = 0; i < 3; i++) {
		const enum ms_payload_kind kind = (enum ms_payload_kind)i;
		const struct cuts_test test = payload_test(&kind);
		GString *got = cuts_test_all(&test, data, size, 1, NULL);

		/* However it arrives, it is the same; and nothing but that
		 * is an end. */
		if (!got)
			abort();
		if (kind == MS_PAYLOAD_DATA && strstr(got->str, "|") &&
		    !memmem(data, size, ".\r\n", 3) &&
		    !memchr(data, '|', size))
			abort();
		g_string_free(got, TRUE);
	}
	check_dots(data, size);
	return 0;
}
