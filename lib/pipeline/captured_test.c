#include "pipeline/captured.h"

#include "capture/dialogue_test.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static const char one[] = "#: mailscan-transcript 1\n\n#: dialogue 1\n"
    "S: 220 hi\nC: QUIT\n";

static void
put(const char *name, const char *text)
{
	assert_true(g_file_set_contents(name, text, -1, NULL));
}

static int
set_up(void **state)
{
	(void)state;
	put("one", one);
	put("prose", "This is about nothing.\n");
	put("empty", "");
	assert_int_equal(0, mkfifo("fifo", 0600));
	assert_int_equal(0, symlink("one", "link"));
	assert_int_equal(0, symlink("nowhere", "dangling"));
	return 0;
}

/* No process and no descriptor stays. */
static int
tear_down(void **state)
{
	(void)state;
	assert_int_equal(-1, waitpid(-1, NULL, WNOHANG));
	assert_int_equal(ECHILD, errno);
	return 0;
}

static const struct {
	const char *path;
	enum ms_capture_format format;
	enum ms_status want;
	const char *text;	/* of the error; or of the first dialogue */
} cases[] = {
	{ "one", MS_CAPTURE_AUTO, MS_OK, "bytes S -1 [220 hi" },
	{ "link", MS_CAPTURE_AUTO, MS_OK, "bytes S -1 [220 hi" },
	{ "one", MS_CAPTURE_TRANSCRIPT, MS_OK, "bytes S -1 [220 hi" },
	{ "one", MS_CAPTURE_PCAP, MS_E_FORMAT, "no capture of packets" },
	{ "prose", MS_CAPTURE_AUTO, MS_E_FORMAT, "is no capture" },
	{ "empty", MS_CAPTURE_AUTO, MS_E_FORMAT, "is empty" },
	{ "missing", MS_CAPTURE_AUTO, MS_E_IO, "No such file" },
	{ "dangling", MS_CAPTURE_AUTO, MS_E_IO, "is a link to nothing" },
	{ "fifo", MS_CAPTURE_AUTO, MS_E_IO, "is a FIFO, which is not read" },
	{ ".", MS_CAPTURE_AUTO, MS_E_IO, "is a directory" },
};

static void
test_paths(void **state)
{
	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct ms_captured *captured;
		struct ms_dialogue *dialogue;
		struct ms_error err = { "" };
		char *text;

		print_message("  %s\n", cases[i].path);
		assert_int_equal(cases[i].want, ms_captured_open(
		    cases[i].path, cases[i].format, ".", &captured, &err));
		if (cases[i].want != MS_OK) {
			assert_non_null(strstr(err.text, cases[i].text));
			continue;
		}
		assert_int_equal(MS_CAPTURE_TRANSCRIPT,
		    ms_captured_format(captured));
		assert_int_equal(MS_OK, ms_captured_next(captured, &dialogue,
		    &err));
		text = dialogue_describe(dialogue);
		assert_non_null(strstr(text, cases[i].text));
		g_free(text);
		ms_dialogue_free(dialogue);
		assert_int_equal(MS_END, ms_captured_next(captured, &dialogue,
		    &err));
		ms_captured_free(captured);
	}
	ms_captured_free(NULL);
}

static void
test_no_tempdir(void **state)
{
	struct ms_captured *captured;
	struct ms_error err = { "" };

	(void)state;
	assert_int_equal(MS_E_IO, ms_captured_open("one", MS_CAPTURE_AUTO,
	    "no/where", &captured, &err));
	assert_non_null(strstr(err.text, "temporary storage in no/where"));
}

/* Many may be kept, and whoever has enough can stop. */
static void
test_many(void **state)
{
	enum { COUNT = 300 };
	struct ms_dialogue *kept[COUNT];
	GString *text = g_string_new("#: mailscan-transcript 1\n");
	char *line = g_strnfill(20000, 'm');
	struct ms_captured *captured;
	struct ms_error err = { "" };

	(void)state;
	for (int i = 0; i < 2 * COUNT; i++)
		g_string_append_printf(text, "\n#: dialogue %d\n"
		    "S: 220 hi\nC: NOOP %s\n", i + 1, line);
	put("many", text->str);
	assert_int_equal(MS_OK, ms_captured_open("many", MS_CAPTURE_AUTO, ".",
	    &captured, &err));
	for (int i = 0; i < COUNT; i++) {
		assert_int_equal(MS_OK, ms_captured_next(captured, &kept[i],
		    &err));
		assert_int_equal(i + 1, kept[i]->number);
	}
	for (int i = 0; i < COUNT; i++) {
		assert_int_equal(20000 + 7 + 8,
		    ms_stash_chain_size(kept[i]->bytes));
		ms_dialogue_free(kept[i]);
	}
	ms_captured_free(captured);
	g_string_free(text, TRUE);
	g_free(line);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_paths),
		cmocka_unit_test(test_no_tempdir),
		cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
