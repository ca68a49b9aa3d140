#include "action/newfile.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static struct ms_newfile
content_of(const char *text, uint64_t size)
{
	int fd = memfd_create("test", MFD_CLOEXEC);

	assert_int_equal(strlen(text), pwrite(fd, text, strlen(text), 0));
	return (struct ms_newfile){ fd, size };
}

static void
make_maildir(const char *path)
{
	static const char *const names[] = { "", "tmp", "new", "cur" };

	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		char *dir = g_build_filename(path, names[i], NULL);

		assert_int_equal(0, mkdir(dir, 0700));
		g_free(dir);
	}
}

static void
test_maildir(void **state)
{
	const struct ms_newfile content = content_of("hello", 5);
	struct ms_error err = { "" };

	(void)state;
	make_maildir("m");
	assert_true(ms_newfile_is_maildir("m"));
	assert_false(ms_newfile_is_maildir("m/cur"));
	assert_false(ms_newfile_is_maildir("none"));
	assert_int_equal(MS_END, ms_newfile_look("m", "1.a", &err));
	assert_int_equal(MS_OK, ms_newfile_deliver("m", "1.a", "S", &content,
	    &err));
	assert_int_equal(MS_OK, ms_newfile_deliver("m", "1.b", NULL, &content,
	    &err));
	assert_int_equal(0, access("m/cur/1.a:2,S", F_OK));
	assert_int_equal(0, access("m/new/1.b", F_OK));
	assert_int_equal(MS_OK, ms_newfile_look("m", "1.a", &err));
	assert_int_equal(MS_OK, ms_newfile_look("m", "1.b", &err));
	assert_int_equal(MS_END, ms_newfile_look("m", "1.", &err));
	/* What is there is not written over. */
	assert_int_equal(MS_E_IO, ms_newfile_deliver("m", "1.b", NULL,
	    &content, &err));
	assert_int_equal(MS_E_IO, ms_newfile_deliver("none", "1.b", NULL,
	    &content, &err));
	assert_int_equal(MS_E_IO, ms_newfile_look("none", "1.b", &err));
	assert_int_equal(-1, rmdir("m/new"));
	assert_int_equal(0, rmdir("m/tmp"));	/* it is empty */
	assert_int_equal(MS_E_IO, ms_newfile_deliver("m", "1.c", NULL,
	    &content, &err));
	assert_int_equal(0, close(content.fd));
}

/* Nothing of a delivery that fails is left. */
static void
test_short(void **state)
{
	const struct ms_newfile content = content_of("hello", 6);
	struct ms_error err = { "" };

	(void)state;
	make_maildir("s");
	assert_int_equal(MS_E_IO, ms_newfile_deliver("s", "1.a", NULL,
	    &content, &err));
	assert_non_null(strstr(err.text, "shorter"));
	assert_int_equal(0, rmdir("s/tmp"));
	assert_int_equal(0, rmdir("s/new"));
	assert_int_equal(MS_E_IO, ms_newfile_put("s/x", ".x.new", &content,
	    &err));
	assert_int_equal(0, rmdir("s/cur"));
	assert_int_equal(0, rmdir("s"));
	assert_int_equal(0, close(content.fd));
}

/* Links in a Maildir lead nowhere. */
static void
test_links(void **state)
{
	const struct ms_newfile content = content_of("hello", 5);
	struct ms_error err = { "" };

	(void)state;
	make_maildir("l");
	assert_int_equal(0, mkdir("victim", 0700));
	assert_int_equal(0, rmdir("l/new"));
	assert_int_equal(0, symlink("../victim", "l/new"));
	assert_int_equal(MS_E_IO, ms_newfile_deliver("l", "1.a", NULL,
	    &content, &err));
	assert_int_equal(0, symlink("../../victim/x", "l/tmp/1.b"));
	assert_int_equal(MS_E_IO, ms_newfile_deliver("l", "1.b", "", &content,
	    &err));
	assert_int_equal(0, rmdir("victim"));
	assert_int_equal(0, close(content.fd));
}

static void
test_put(void **state)
{
	const struct ms_newfile content = content_of("hello", 5);
	struct ms_error err = { "" };
	struct stat st;

	(void)state;
	assert_int_equal(0, mkdir("p", 0700));
	assert_true(g_file_set_contents("p/.x.new", "old", -1, NULL));
	assert_int_equal(MS_OK, ms_newfile_put("p/x", ".x.new", &content,
	    &err));
	assert_int_equal(0, stat("p/x", &st));
	assert_int_equal(5, st.st_size);
	assert_int_equal(MS_END, ms_newfile_put("p/x", ".x.new", &content,
	    &err));
	assert_int_equal(-1, access("p/.x.new", F_OK));
	assert_int_equal(MS_E_IO, ms_newfile_put("none/x", ".x.new",
	    &content, &err));
	assert_int_equal(0, close(content.fd));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_maildir),
		cmocka_unit_test(test_short),
		cmocka_unit_test(test_links),
		cmocka_unit_test(test_put),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
