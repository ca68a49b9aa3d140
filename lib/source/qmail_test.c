#include "source/qmail.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "source/entry_test.h"

#define TEXT(s) s, sizeof s - 1

static void
test_files(void **state)
{
	static const struct {
		const char *data;
		size_t size;
		const char *want;
	} cases[] = {
		{ TEXT("u0\0p1\0Fa@x\0Tb@x\0Tc@x\0"), "a@x>b@x,c@x@-1 ? ? ?|" },
		{ TEXT("F\0"), ">@-1 ? ? ?|" },
		{ TEXT("Tb@x\0Dc@x\0Td@x\0"), "?>b@x,d@x@-1 ? ? ?|" },
		{ TEXT(""), "?>@-1 ? ? ?|" },
		{ TEXT("Tb@x"), "?>@-1 ? ? ?|!-2" },
		{ TEXT("Tb@x\0\0"), "?>b@x@-1 ? ? ?|!-2" },
		{ TEXT("Xb@x\0"), "?>@-1 ? ? ?|!-2" },
	};
	struct ms_intake *intake = entry_intake();

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct entry_file file = entry_file_new(cases[i].data,
		    cases[i].size);
		struct ms_entry entry;
		char *got;

		ms_entry_begin(&entry, intake);
		got = entry_describe(&entry, ms_qmail_read(file.cursor,
		    &entry, NULL));
		assert_string_equal(cases[i].want, got);
		g_free(got);
		ms_entry_clear(&entry);
		entry_file_free(&file);
	}
	ms_intake_free(intake);
}

/* An address without end is cut, not kept. */
static void
test_long(void **state)
{
	GString *text = g_string_new("T");
	struct ms_intake *intake = entry_intake();
	struct entry_file file;
	struct ms_entry entry;

	(void)state;
	for (int i = 0; i < 200000; i++)
		g_string_append_c(text, 'x');
	g_string_append_len(text, "\0Tb@x\0", 6);
	file = entry_file_new(text->str, text->len);
	ms_entry_begin(&entry, intake);
	assert_int_equal(MS_OK, ms_qmail_read(file.cursor, &entry, NULL));
	assert_int_equal(2, entry.envelope->count);
	assert_int_equal(MS_ENTRY_TEXT,
	    strlen(entry.envelope->recipients[0]));
	assert_string_equal("b@x", entry.envelope->recipients[1]);
	ms_entry_clear(&entry);
	ms_intake_free(intake);
	entry_file_free(&file);
	g_string_free(text, TRUE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
