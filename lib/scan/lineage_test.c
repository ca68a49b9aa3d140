#include "scan/lineage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void
add(struct ms_facts *facts, uint32_t id, uint32_t parent)
{
	const struct ms_part part = { .path = (char[]){ "a" }, .id = id,
		.parent = parent };

	ms_facts_part(facts, &part);
}

static void
test_lineage(void **state)
{
	struct ms_lineage *lineage;
	struct ms_facts facts;

	(void)state;
	ms_facts_init(&facts);
	add(&facts, 1, 0);
	add(&facts, 2, 1);
	add(&facts, 3, 2);
	add(&facts, 4, 0);
	add(&facts, 0, 4);
	lineage = ms_lineage_new(&facts);
	assert_ptr_equal(ms_lineage_part(lineage, 2), facts.parts->pdata[1]);
	assert_null(ms_lineage_part(lineage, 0));
	assert_null(ms_lineage_part(lineage, 5));
	assert_true(ms_lineage_is_in(lineage, 3, facts.parts->pdata[0]));
	assert_true(ms_lineage_is_in(lineage, 1, facts.parts->pdata[0]));
	assert_false(ms_lineage_is_in(lineage, 1, facts.parts->pdata[1]));
	assert_false(ms_lineage_is_in(lineage, 4, facts.parts->pdata[0]));
	assert_false(ms_lineage_is_in(lineage, 0, facts.parts->pdata[0]));
	ms_lineage_free(lineage);
	ms_lineage_free(NULL);
	ms_facts_clear(&facts);
}

/* What a worker says need not be true. */
static void
test_lies(void **state)
{
	struct ms_lineage *lineage;
	struct ms_facts facts;

	(void)state;
	ms_facts_init(&facts);
	add(&facts, 1, 0);
	add(&facts, 2, 1);
	add(&facts, 2, 1);
	add(&facts, 5, 6);
	add(&facts, 6, 5);
	add(&facts, 7, 7);
	lineage = ms_lineage_new(&facts);
	assert_null(ms_lineage_part(lineage, 2));
	assert_false(ms_lineage_is_in(lineage, 2, facts.parts->pdata[0]));
	assert_false(ms_lineage_is_in(lineage, 5, facts.parts->pdata[0]));
	assert_false(ms_lineage_is_in(lineage, 7, facts.parts->pdata[0]));
	ms_lineage_free(lineage);
	ms_facts_clear(&facts);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lineage),
		cmocka_unit_test(test_lies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
