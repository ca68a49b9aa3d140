#include "scan/filename.h"

#include <glib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define HELLO "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"

static void
test_names(void **state)
{
	static const struct {
		const char *type, *want;
	} rows[] = {
		{ "application/zip", HELLO ".zip" },
		{ "text/plain", HELLO ".txt" },
		{ "text/html", HELLO ".bin" },
		{ "application/vnd.microsoft.portable-executable",
		  HELLO ".bin" },
		{ "../../x", HELLO ".bin" },
		{ "", HELLO ".bin" },
		{ NULL, HELLO ".bin" },
	};
	const struct ms_digest digest = ms_hash_of("hello", 5);
	char name[MS_FILENAME_MAX];

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		ms_filename_of(&digest, rows[i].type, name);
		assert_string_equal(rows[i].want, name);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
