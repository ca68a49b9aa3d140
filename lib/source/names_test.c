#include "source/names.h"

#include <fcntl.h>
#include <glib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static const struct ms_spool_config spool = {
	.heap_max = 100, .memfd_max = 1 << 20
};

static void
test_names(void **state)
{
	static const char *const files[] = { "b", "a", ".c", "abc\n", "ab" };
	static const char *const sorted[] = { ".c", "a", "ab", "abc\n", "b" };
	char path[] = "/tmp/mailscan-names-XXXXXX";
	struct ms_names *names;
	const char *name;
	int dir;

	(void)state;
	assert_non_null(mkdtemp(path));
	dir = open(path, O_RDONLY | O_DIRECTORY);
	for (size_t i = 0; i < G_N_ELEMENTS(files); i++)
		(void)close(openat(dir, files[i], O_CREAT | O_WRONLY, 0600));
	assert_int_equal(MS_OK, ms_names_read(dir, &spool, &names, NULL));
	/* What happens from now on does not matter. */
	for (size_t i = 0; i < G_N_ELEMENTS(files); i++)
		(void)unlinkat(dir, files[i], 0);
	for (size_t i = 0; i < G_N_ELEMENTS(sorted); i++) {
		assert_int_equal(MS_OK, ms_names_next(names, &name, NULL));
		assert_string_equal(sorted[i], name);
		assert_true(ms_names_has(names, sorted[i]));
	}
	assert_int_equal(MS_END, ms_names_next(names, &name, NULL));
	assert_int_equal(MS_END, ms_names_next(names, &name, NULL));
	assert_false(ms_names_has(names, "abc"));
	assert_false(ms_names_has(names, "c"));
	assert_false(ms_names_has(names, ""));
	ms_names_free(names);
	assert_int_equal(MS_OK, ms_names_read(dir, &spool, &names, NULL));
	assert_int_equal(MS_END, ms_names_next(names, &name, NULL));
	assert_false(ms_names_has(names, "a"));
	ms_names_free(names);
	(void)close(dir);
	(void)rmdir(path);
}

/* A name on the border of the blocks that are searched is found. */
static void
test_borders(void **state)
{
	char path[] = "/tmp/mailscan-names-XXXXXX";
	struct ms_names *names;
	char name[64];
	int dir;

	(void)state;
	assert_non_null(mkdtemp(path));
	dir = open(path, O_RDONLY | O_DIRECTORY);
	for (int i = 0; i < 1500; i++) {
		(void)snprintf(name, sizeof name, "%060d", i);
		(void)close(openat(dir, name, O_CREAT | O_WRONLY, 0600));
	}
	assert_int_equal(MS_OK, ms_names_read(dir, &spool, &names, NULL));
	for (int i = 0; i < 1500; i++) {
		(void)snprintf(name, sizeof name, "%060d", i);
		assert_true(ms_names_has(names, name));
		(void)unlinkat(dir, name, 0);
	}
	ms_names_free(names);
	(void)close(dir);
	(void)rmdir(path);
}

static void
test_no_directory(void **state)
{
	struct ms_names *names;
	struct ms_error err;

	(void)state;
	assert_int_equal(MS_E_IO, ms_names_read(-1, &spool, &names, &err));
	assert_string_equal("Bad file descriptor", err.text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_borders),
		cmocka_unit_test(test_no_directory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
