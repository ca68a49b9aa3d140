#include "engine/engine.h"

#include <glib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* An engine whose calls are seen. */
struct fake {
	unsigned opened, closed, scanned;
	const char *tmpdir;
	enum ms_status answer;
};

static const char *
version_fake(void)
{
	return "7";
}

static enum ms_status
open_fake(const struct ms_engine_config *config, void **state,
    struct ms_error *err)
{
	/* The test's own, by way of a field that it does not need. */
	struct fake *fake = (struct fake *)(uintptr_t)config->max_filesize;

	fake->opened++;
	*state = fake;
	return fake->answer == MS_OK ? MS_OK :
	    ms_error_set(err, fake->answer, "will not");
}

static void
close_fake(void *state)
{
	struct fake *fake = state;

	fake->closed++;
}

static enum ms_status
set_tmpdir_fake(void *state, const char *dir, struct ms_error *err)
{
	struct fake *fake = state;

	(void)err;
	fake->tmpdir = dir;
	return MS_OK;
}

static enum ms_status
scan_fake(void *state, const struct ms_engine_input *input,
    const struct ms_engine_sink *sink, void *arg, struct ms_error *err)
{
	struct fake *fake = state;

	fake->scanned++;
	if (input->size > 3)
		return ms_error_set(err, MS_E_ENGINE, "too much");
	sink->found(arg, "Name");
	sink->gap(arg, MS_ENGINE_GAP_TIME, "slow");
	return MS_OK;
}

static void
info_fake(const void *state, struct ms_engine_info *info)
{
	(void)state;
	*info = (struct ms_engine_info){
		.name = g_strdup("fake"),
		.version = g_strdup("7"),
		.database = g_strdup("db"),
		.signatures = 3,
		.database_time = -1,
	};
}

static const struct ms_engine_ops ops = { "fake", version_fake, open_fake,
	close_fake, set_tmpdir_fake, scan_fake, info_fake, false, false };

static void
on_found(void *arg, const char *name)
{
	g_string_append_printf(arg, "%s;", name);
}

static void
on_gap(void *arg, enum ms_engine_gap gap, const char *detail)
{
	g_string_append_printf(arg, "!%d %s;", gap, detail);
}

static void
test_passes_on(void **state)
{
	static const struct ms_engine_sink sink = { on_found, on_gap, NULL,
		NULL };
	struct ms_engine_input input = {
		.data = (const unsigned char *)"abcd", .size = 3 };
	struct fake fake = { .answer = MS_OK };
	const struct ms_engine_config config = {
		.max_filesize = (uintptr_t)&fake };
	struct ms_error err = { "" };
	struct ms_engine_info info;
	struct ms_engine *engine;
	GString *seen = g_string_new(NULL);

	(void)state;
	assert_int_equal(MS_OK, ms_engine_open(&ops, &config, &engine,
	    &err));
	assert_string_equal("fake", ms_engine_name(engine));
	assert_int_equal(MS_OK, ms_engine_set_tmpdir(engine, "dir", &err));
	assert_string_equal("dir", fake.tmpdir);
	assert_int_equal(MS_OK, ms_engine_scan(engine, &input, &sink, seen,
	    &err));
	assert_string_equal("Name;!1 slow;", seen->str);
	input.size = 4;
	assert_int_equal(MS_E_ENGINE, ms_engine_scan(engine, &input, &sink,
	    seen, &err));
	assert_string_equal("too much", err.text);
	ms_engine_info(engine, &info);
	assert_string_equal("fake", info.name);
	assert_int_equal(-1, info.database_time);
	ms_engine_info_clear(&info);
	assert_null(info.name);
	ms_engine_close(engine);
	ms_engine_close(NULL);
	assert_int_equal(1, fake.opened);
	assert_int_equal(1, fake.closed);
	assert_int_equal(2, fake.scanned);
	g_string_free(seen, TRUE);
}

/* What did not open is not closed. */
static void
test_does_not_open(void **state)
{
	struct fake fake = { .answer = MS_E_ENGINE };
	const struct ms_engine_config config = {
		.max_filesize = (uintptr_t)&fake };
	struct ms_engine *engine = NULL;
	struct ms_error err = { "" };

	(void)state;
	assert_int_equal(MS_E_ENGINE, ms_engine_open(&ops, &config, &engine,
	    &err));
	assert_null(engine);
	assert_string_equal("will not", err.text);
	assert_int_equal(0, fake.closed);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_passes_on),
		cmocka_unit_test(test_does_not_open),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
