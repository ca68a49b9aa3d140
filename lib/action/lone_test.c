#include "action/lone.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define FROM "From a@example.org Mon Mar  2 09:14:07 2026\n"
#define MAIL "From: a@example.org\nSubject: s\n\ntext\n"

static const struct {
	const char *text;
	enum ms_status want;
} rows[] = {
	{ "", MS_OK },
	{ MAIL, MS_OK },
	{ FROM MAIL, MS_OK },
	{ MAIL "\nFrom here on it is text.\n", MS_OK },
	{ MAIL "\n>" FROM "text\n", MS_OK },
	{ MAIL FROM MAIL, MS_OK },		/* no empty line before it */
	{ MAIL "\n" FROM MAIL, MS_E_UNSUPPORTED },
	{ "rom a@example.org Mon Mar  2 09:14:07 2026\n" MAIL "\n" FROM MAIL
	    "\n" FROM MAIL, MS_E_UNSUPPORTED },
	{ MAIL "\r\n\r\n" FROM, MS_E_UNSUPPORTED },
};

static void
test_lone(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		FILE *file = tmpfile();
		struct ms_error err = { "" };
		size_t size = strlen(rows[i].text);

		assert_int_equal(size, fwrite(rows[i].text, 1, size, file));
		assert_int_equal(0, fflush(file));
		assert_int_equal(rows[i].want, ms_lone_check(fileno(file),
		    size, &err));
		print_message("  %s\n", err.text);
		(void)fclose(file);
	}
	assert_int_equal(MS_E_IO, ms_lone_check(-1, 1, NULL));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
