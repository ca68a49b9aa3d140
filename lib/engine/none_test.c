#include "engine/none.h"

#include <glib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void
never_found(void *arg, const char *name)
{
	(void)arg;
	fail_msg("found %s", name);
}

static void
never_gap(void *arg, enum ms_engine_gap gap, const char *detail)
{
	(void)arg;
	fail_msg("gap %d: %s", gap, detail);
}

/* It opens without a database, says nothing of anything, and says so. */
static void
test_blind(void **state)
{
	static const struct ms_engine_sink sink = { never_found, never_gap,
		NULL, NULL };
	static const unsigned char text[] = "mailscan-test-marker-any";
	const struct ms_engine_config config = { .database = "./not/there" };
	struct ms_engine_info info;
	struct ms_engine *engine;
	uint64_t looked_at = 7;
	const struct ms_engine_input input = { text, sizeof text,
		&looked_at, 0 };

	(void)state;
	assert_true(ms_none.blind);
	assert_int_equal(MS_OK, ms_engine_open(&ms_none, &config, &engine,
	    NULL));
	assert_string_equal("none", ms_engine_name(engine));
	assert_int_equal(MS_OK, ms_engine_set_tmpdir(engine, ".", NULL));
	assert_int_equal(MS_OK, ms_engine_scan(engine, &input, &sink, NULL,
	    NULL));
	assert_int_equal(0, looked_at);
	ms_engine_info(engine, &info);
	assert_string_equal("none", info.name);
	assert_int_equal(0, info.signatures);
	assert_int_equal(-1, info.database_time);
	assert_false(info.contexts);
	ms_engine_info_clear(&info);
	ms_engine_close(engine);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_blind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
