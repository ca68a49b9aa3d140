#include "policy/addressee.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void
test_key(void **state)
{
	static const struct {
		const char *address, *key;
	} rows[] = {
		{ "a@b.test", "a@b.test" },
		{ "Anna.B@B.Test", "anna.b@b.test" },
		{ "\"anna\"@b.test", "anna@b.test" },
		{ "\"an\\na\"@b.test", "anna@b.test" },
		{ "@relay.test,@other.test:anna@b.test", "anna@b.test" },
		{ "anna@b.test.", "anna@b.test" },
		{ "\"anna\"@b.test..", "anna@b.test" },
		{ "anna@[192.0.2.1]", "anna@[192.0.2.1]" },
		{ "postmaster", "postmaster" },
		{ "postmaster.", "postmaster." },
		{ "", "" },
		/* These are other mailboxes than they would be without. */
		{ "\"an na\"@b.test", "\"an na\"@b.test" },
		{ "\"a@c\"@b.test", "\"a@c\"@b.test" },
		{ "\"a\"b\"@b.test", "\"a\"b\"@b.test" },
		{ "\"\"@b.test", "\"\"@b.test" },
		{ "\"anna@b.test", "\"anna@b.test" },
		{ "@b.test", "@b.test" }, { "@b.test:", "@b.test:" },
	};
	GString *key = g_string_new(NULL);

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		ms_addressee_key(key, rows[i].address);
		assert_string_equal(key->str, rows[i].key);
	}
	(void)g_string_free(key, TRUE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_key) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
