#include "source/beside.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "source/queue_test.h"

/* Seen from a path, and from a directory with a name in it. */
static void
test_open(void **state)
{
	static const struct {
		const char *name;
		enum ms_status status;
		const char *text;
	} cases[] = {
		{ "other", MS_OK, "" }, { "../up", MS_OK, "" },
		{ "none", MS_END, "" }, { "none/x", MS_END, "" },
		{ "dir", MS_E_IO, "dir: a directory, never opened" },
		{ "pipe", MS_E_IO, "pipe: a FIFO, never opened" },
		{ "link", MS_E_IO, "link: a symbolic link" },
	};

	(void)state;
	queue_put("q/file", "file");
	queue_put("q/other", "other");
	queue_put("up", "other");
	queue_put("q/dir", NULL);
	assert_int_equal(0, mkfifo("q/pipe", 0600));
	assert_int_equal(0, symlink("other", "q/link"));
	for (size_t i = 0; i < 2 * G_N_ELEMENTS(cases); i++) {
		struct ms_queue_place place = { AT_FDCWD, "q/file" };
		struct ms_beside file;
		struct ms_error err = { "" };
		unsigned char head[3] = "";
		bool there = cases[i / 2].status == MS_OK;

		if (i % 2 > 0)
			place = (struct ms_queue_place){
				open("q", O_RDONLY | O_DIRECTORY), "file" };
		assert_int_equal(cases[i / 2].status, ms_beside_open(&place,
		    cases[i / 2].name, &file, &err));
		if (cases[i / 2].status < 0)
			assert_string_equal(cases[i / 2].text, err.text);
		assert_int_equal(there, file.cursor != NULL);
		assert_int_equal(there ? 3 : 0, ms_beside_head(&place,
		    cases[i / 2].name, head, sizeof head));
		assert_memory_equal(there ? "oth" : "\0\0\0", head, 3);
		assert_string_equal("file", ms_beside_name(&place));
		assert_false(ms_beside_gone(&place));
		ms_beside_close(&file);
		if (i % 2 > 0)
			(void)close(place.dir);
	}
}

static void
test_gone(void **state)
{
	const struct ms_queue_place place = { AT_FDCWD, "q/gone" };

	(void)state;
	assert_true(ms_beside_gone(&place));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_open, queue_setup,
		    queue_teardown),
		cmocka_unit_test_setup_teardown(test_gone, queue_setup,
		    queue_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
