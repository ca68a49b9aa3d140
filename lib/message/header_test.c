#include "message/header.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void
test_pick(void **state)
{
	static const char *const names[] = { "Subject", "From", NULL };
	static const struct {
		const char *in;
		const char *out;	/* NULL: not only fields */
	} rows[] = {
		{ "", "" },
		{ "Subject: a\n", "Subject: a\n" },
		{ "Subject: a", "Subject: a" },
		{ "sUBJECT: a\r\nTo: b\r\nFrom:c\r\n",
		  "sUBJECT: a\r\nFrom:c\r\n" },
		{ "To: b\n\tFrom: no\n From: no\nSubject: a\n  more\n\tand\n"
		  "Cc: d\n e\n", "Subject: a\n  more\n\tand\n" },
		{ "Subject: a\nSubject: b\n", "Subject: a\nSubject: b\n" },
		{ "Subjects: a\nSubjec: b\nX-Subject: c\n", "" },
		{ "Subject: a\nno field\nFrom: b\n", NULL },
		{ " Subject: a\n", NULL },
		{ "Subject : a\n", NULL },
		{ "Subject: a\n\nFrom: b\n", NULL },
		{ "Subj\xe4t: a\n", NULL },
		{ ": a\n", NULL },
		{ "Subject", NULL },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		size_t size = strlen(rows[i].in);
		/* Memory that ends where it says. */
		unsigned char *in = g_memdup2(rows[i].in, size);
		GByteArray *out = ms_header_pick(in, size, names);

		print_message("  %s\n", rows[i].in);
		assert_int_equal(rows[i].out == NULL, out == NULL);
		if (out) {
			assert_int_equal(strlen(rows[i].out), out->len);
			if (out->len > 0)
				assert_memory_equal(rows[i].out, out->data,
				    out->len);
			g_byte_array_unref(out);
		}
		g_free(in);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pick),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
