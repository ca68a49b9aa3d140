#include "milter/clauses.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* They outlive what they were made of, and all but their last user. */
static void
test_users(void **state)
{
	char service[] = "unix:/s", dir[] = "/tmp";
	const struct ms_milter_terms is = { .service = service,
		.at_once = 3, .answer_ms = 9, .spool = { 1, 2, dir } };
	struct ms_clauses *clauses = ms_clauses_new(&is);

	(void)state;
	memset(service, 'x', sizeof service - 1);
	memset(dir, 'x', sizeof dir - 1);
	assert_int_equal(clauses->users, 1);
	clauses->users++;
	ms_clauses_drop(clauses);
	assert_string_equal(clauses->is.service, "unix:/s");
	assert_string_equal(clauses->is.spool.dir, "/tmp");
	assert_int_equal(clauses->is.at_once, 3);
	assert_int_equal(clauses->is.answer_ms, 9);
	ms_clauses_drop(clauses);
	ms_clauses_drop(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_users),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
