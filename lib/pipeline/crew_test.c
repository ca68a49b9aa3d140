#include "pipeline/crew.h"

#include "pool/sandbox.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const struct ms_engine_ops sees = { .name = "test" };
static const struct ms_engine_ops blind = { .name = "none", .blind = true };

/* What a worker is told is what was asked for. */
static void
test_config(void **state)
{
	static const char *const passwords[] = { "secret", NULL };
	const struct ms_pipeline_config config = { .ops = &sees,
		.workers = 3, .limits = { .time_ms = 7000, .parts = 9 },
		.parts = true, .tree = true, .parts_only = true,
		.passwords = passwords, .passwords_from_body = true,
		.worker_memory = 1234, .unordered = true };
	const struct ms_pipeline_config least = { .ops = &sees };
	struct ms_pool_config crew = ms_crew_config(&config, "/dir");

	(void)state;
	assert_ptr_equal(&sees, crew.zygote.ops);
	assert_int_equal(3, crew.workers);
	assert_int_equal(9, crew.zygote.scan.limits.parts);
	assert_true(crew.zygote.parts && crew.zygote.scan.tree);
	assert_true(crew.zygote.scan.parts_only);
	assert_ptr_equal(passwords, crew.zygote.scan.passwords);
	assert_true(crew.zygote.scan.passwords_from_body);
	assert_int_equal(1234, crew.zygote.worker_memory);
	assert_string_equal("/dir", crew.zygote.dir);
	assert_true(crew.prompt);
	/* It has time to notice by itself that it is late. */
	assert_true(crew.deadline_ms > 7000);
	assert_true(crew.recycle > 0);
	crew = ms_crew_config(&least, "/dir");
	assert_false(crew.prompt || crew.zygote.parts ||
	    crew.zygote.scan.tree || crew.zygote.scan.parts_only ||
	    crew.zygote.scan.passwords_from_body);
}

static void
test_sandbox(void **state)
{
	struct ms_pipeline_config config = { .in_process = true };
	struct ms_error err = { "" };
	char *text, *here = ms_sandbox_describe();

	(void)state;
	assert_int_equal(MS_OK, ms_crew_sandbox(&config, &text, &err));
	assert_string_equal("none (in process)", text);
	g_free(text);
	config.require_sandbox = true;
	assert_int_equal(MS_E_USAGE, ms_crew_sandbox(&config, &text, &err));
	assert_string_equal("a sandbox is required, and here it is: none (in "
	    "process)", err.text);
	g_free(text);
	config.in_process = false;
	assert_int_equal(ms_sandbox_is_complete() ? MS_OK : MS_E_USAGE,
	    ms_crew_sandbox(&config, &text, &err));
	assert_string_equal(here, text);
	g_free(text);
	g_free(here);
}

/* A blind engine has neither version nor database. */
static void
test_about(void **state)
{
	char engine[] = "clamav", version[] = "1.4.6", database[] = "daily";
	const struct ms_frame_ready ready = { engine, version, database, 55,
		66 };
	struct ms_pipeline_config config = { .ops = &sees };
	struct ms_pipeline_about about = ms_crew_about(&config, &ready, "box");

	(void)state;
	assert_ptr_equal(engine, about.engine);
	assert_ptr_equal(version, about.version);
	assert_ptr_equal(database, about.database);
	assert_int_equal(55, about.signatures);
	assert_int_equal(66, about.database_time);
	assert_string_equal("box", about.sandbox);
	assert_false(about.blind);
	config.ops = &blind;
	about = ms_crew_about(&config, &ready, "box");
	assert_true(about.blind);
	assert_null(about.version);
	assert_null(about.database);
	assert_ptr_equal(engine, about.engine);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_config),
		cmocka_unit_test(test_sandbox),
		cmocka_unit_test(test_about),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
