#include "action/inventory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define NAME "101112.1.1.0123456789abcdef"
#define OTHER "235959.77.3.fedcba9876543210"

static struct ms_quarantine *q;

static void
put(const char *path)
{
	assert_true(g_file_set_contents(path, "", 0, NULL));
}

/* Messages with and without a record, records alone, leftovers, and what
 * somebody else has put there. */
static int
setup(void **state)
{
	static const char *const files[] = {
		"q/20260302/" NAME ".eml", "q/20260302/" NAME ".json",
		"q/20260302/" OTHER ".zip",
		"q/20260301/" NAME ".json",
		"q/20260301/." NAME ".eml.new",
		"q/20260301/." NAME ".json.new",
		"q/20260301/notes", "q/20260301/.notes.new",
		"q/20260301/" NAME "x.eml", "q/20260301/.eml",
		"q/README",
	};

	(void)state;
	if (ms_quarantine_open("q", true, &q, NULL) != MS_OK ||
	    mkdir("q/20260302", 0700) != 0 ||
	    mkdir("q/20260301", 0700) != 0 || mkdir("q/2026", 0700) != 0)
		return -1;
	for (size_t i = 0; i < G_N_ELEMENTS(files); i++)
		put(files[i]);
	return 0;
}

static int
teardown(void **state)
{
	char *argv[] = { g_strdup("rm"), g_strdup("-rf"), g_strdup("q"),
		NULL };

	(void)state;
	ms_quarantine_close(q);
	(void)g_spawn_sync(NULL, argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL,
	    NULL, NULL, NULL, NULL);
	for (size_t i = 0; argv[i]; i++)
		g_free(argv[i]);
	return 0;
}

struct log {
	GString *text;
	unsigned left;		/* names until it says ANSWER */
	enum ms_status answer;
};

static enum ms_status
note(void *arg, const struct ms_inventory_name *name, struct ms_error *err)
{
	struct log *log = arg;

	g_string_append_printf(log->text, "%s%s%s%s%s\n", name->id,
	    name->message ? " message" : "", name->record ? " record" : "",
	    name->leftover ? " leftover" : "",
	    name->foreign ? " foreign" : "");
	if (--log->left > 0)
		return MS_OK;
	return log->answer < 0 ? ms_error_set(err, log->answer, "enough") :
	    log->answer;
}

static void
check(unsigned from, unsigned to, const char *want)
{
	struct log log = { g_string_new(NULL), G_MAXUINT, MS_OK };

	assert_int_equal(MS_OK, ms_inventory_each(q, from, to, note, &log,
	    NULL));
	assert_string_equal(want, log.text->str);
	g_string_free(log.text, TRUE);
}

#define TOP "2026 foreign\nREADME foreign\n"
#define FIRST "20260301/." NAME ".eml.new leftover\n" \
	"20260301/." NAME ".json.new leftover\n" \
	"20260301/.eml foreign\n" \
	"20260301/.notes.new foreign\n" \
	"20260301/" NAME " record\n" \
	"20260301/" NAME "x.eml foreign\n" \
	"20260301/notes foreign\n"
#define SECOND "20260302/" NAME " message record\n" \
	"20260302/" OTHER " message\n"

static void
test_each(void **state)
{
	(void)state;
	check(0, 99999999, TOP FIRST SECOND);
	check(20260301, 20260301, TOP FIRST);
	check(20260302, 20260302, TOP SECOND);
	check(20260303, 99999999, TOP);
	check(20260302, 20260301, TOP);
}

static void
test_stop(void **state)
{
	static const struct {
		enum ms_status answer, status;
	} cases[] = {
		{ MS_END, MS_OK },
		{ MS_E_LIMIT, MS_E_LIMIT },
	};
	static const unsigned lefts[] = { 1, 2, 4, 10 };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		for (size_t j = 0; j < G_N_ELEMENTS(lefts); j++) {
			struct log log = { g_string_new(NULL), lefts[j],
				cases[i].answer };
			struct ms_error err = { "" };

			assert_int_equal(cases[i].status, ms_inventory_each(q,
			    0, 99999999, note, &log, &err));
			assert_int_equal(0, log.left);
			g_string_free(log.text, TRUE);
		}
	}
}

/* A day that others may write to is not looked into. */
static void
test_open_day(void **state)
{
	struct log log = { g_string_new(NULL), G_MAXUINT, MS_OK };
	struct ms_error err = { "" };

	(void)state;
	assert_int_equal(0, chmod("q/20260301", 0777));
	assert_int_equal(MS_E_USAGE, ms_inventory_each(q, 0, 99999999, note,
	    &log, &err));
	assert_string_equal(TOP, log.text->str);
	g_string_free(log.text, TRUE);
}

static void
test_sweep(void **state)
{
	static const char *const refused[] = {
		"20260301/" NAME, "20260301/notes", "20260301/.notes.new",
		"20260302/" NAME ".eml", "README", "20260301", "",
		"../q/20260301/." NAME ".eml.new", "20260301/../x",
	};
	struct ms_error err = { "" };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(refused); i++) {
		assert_int_equal(MS_E_USAGE, ms_inventory_sweep(q,
		    refused[i], &err));
		assert_non_null(strstr(err.text, "is no leftover"));
	}
	assert_int_equal(0, access("q/20260301/." NAME ".eml.new", F_OK));
	/* It may be gone by now, and so may its day. */
	for (int i = 0; i < 2; i++)
		assert_int_equal(MS_OK, ms_inventory_sweep(q, "20260301/."
		    NAME ".eml.new", &err));
	assert_int_not_equal(0, access("q/20260301/." NAME ".eml.new",
	    F_OK));
	assert_int_equal(0, access("q/20260301/." NAME ".json.new", F_OK));
	assert_int_equal(MS_OK, ms_inventory_sweep(q, "20250101/." NAME
	    ".eml.new", &err));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_each, setup, teardown),
		cmocka_unit_test_setup_teardown(test_stop, setup, teardown),
		cmocka_unit_test_setup_teardown(test_open_day, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(test_sweep, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
