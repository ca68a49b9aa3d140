#include "engine/clamd.h"

#include <glib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct ms_engine_answer next;
static enum ms_status next_status;
static GString *told;

static enum ms_status
ask(void *arg, const void *data, size_t size, struct ms_engine_answer *answer,
    struct ms_error *err)
{
	assert_ptr_equal(arg, &next);
	assert_int_equal(size, 5);
	assert_memory_equal(data, "bytes", 5);
	*answer = next;
	return next_status == MS_OK ? MS_OK :
	    ms_error_set(err, next_status, "nobody");
}

static void
on_found(void *arg, const char *name)
{
	(void)arg;
	g_string_append_printf(told, "found %s;", name);
}

static void
on_gap(void *arg, enum ms_engine_gap gap, const char *detail)
{
	(void)arg;
	g_string_append_printf(told, "gap %d %s;", (int)gap, detail);
}

static const struct {
	struct ms_engine_answer answer;
	enum ms_status asked, status;
	const char *told;
} rows[] = {
	{ { MS_ENGINE_CLEAN, "" }, MS_OK, MS_OK, "" },
	{ { MS_ENGINE_FOUND, "Some.Name" }, MS_OK, MS_OK,
	  "found Some.Name;" },
	{ { MS_ENGINE_FOUND, "Heuristics.Encrypted.Zip" }, MS_OK, MS_OK,
	  "gap 5 Heuristics.Encrypted.Zip;found Heuristics.Encrypted.Zip;" },
	{ { MS_ENGINE_FOUND, "Heuristics.Phishing.Email.SpoofedDomain" },
	  MS_OK, MS_OK, "found Heuristics.Phishing.Email.SpoofedDomain;" },
	{ { MS_ENGINE_TOO_LARGE, "too large" }, MS_OK, MS_OK,
	  "gap 0 too large;" },
	{ { MS_ENGINE_FAILED, "down" }, MS_OK, MS_E_ENGINE, "" },
	{ { MS_ENGINE_CLEAN, "" }, MS_E_PEER, MS_E_ENGINE, "" },
};

static void
test_answers(void **state)
{
	const struct ms_engine_delegate delegate = { ask, &next, "1.4.6",
		"daily 1", 5 };
	const struct ms_engine_config config = { .delegate = &delegate };
	static const struct ms_engine_sink sink = { .found = on_found,
		.gap = on_gap };
	uint64_t looked_at;
	const struct ms_engine_input input = {
		(const unsigned char *)"bytes", 5, &looked_at, 0 };
	struct ms_engine *engine;
	struct ms_engine_info info;
	struct ms_error err;

	(void)state;
	assert_int_equal(ms_engine_open(&ms_clamd, &config, &engine, &err),
	    MS_OK);
	ms_engine_info(engine, &info);
	assert_string_equal(info.name, "clamd");
	assert_string_equal(info.version, "1.4.6");
	assert_string_equal(info.database, "daily 1");
	assert_int_equal(info.database_time, 5);
	ms_engine_info_clear(&info);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		told = g_string_new(NULL);
		next = rows[i].answer;
		next_status = rows[i].asked;
		looked_at = 0;
		assert_int_equal(ms_engine_scan(engine, &input, &sink, NULL,
		    &err), rows[i].status);
		assert_string_equal(told->str, rows[i].told);
		assert_int_equal(looked_at, 5);
		g_string_free(told, TRUE);
	}
	ms_engine_close(engine);
}

static void
test_without_delegate(void **state)
{
	const struct ms_engine_config config = { .max_files = 1 };
	struct ms_engine *engine;
	struct ms_error err;

	(void)state;
	assert_int_equal(ms_engine_open(&ms_clamd, &config, &engine, &err),
	    MS_E_ENGINE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_without_delegate),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
