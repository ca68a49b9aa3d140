#include "action/owned.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define OWNER 4711
#define GROUP 4712

/* A Maildir that is somebody else's, if that can be had. */
static int
make_root(const char *path)
{
	assert_int_equal(0, mkdir(path, 0700));
	if (geteuid() == 0)
		assert_int_equal(0, chown(path, OWNER, GROUP));
	return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static void
has_owner(const char *path, mode_t mode)
{
	struct stat st;

	assert_int_equal(0, stat(path, &st));
	assert_int_equal(geteuid() == 0 ? OWNER : geteuid(), st.st_uid);
	assert_int_equal(geteuid() == 0 ? GROUP : getegid(), st.st_gid);
	assert_int_equal(mode, st.st_mode & 07777);
}

static void
test_folder(void **state)
{
	int root = make_root("m");

	(void)state;
	/* A second time, and after a try that was killed: what is missing. */
	assert_int_equal(0, ms_owned_folder(root, ".Junk"));
	assert_int_equal(0, unlinkat(root, ".Junk/new", AT_REMOVEDIR));
	assert_int_equal(0, unlinkat(root, ".Junk/maildirfolder", 0));
	assert_int_equal(0, ms_owned_folder(root, ".Junk"));
	has_owner("m/.Junk", 0700);
	has_owner("m/.Junk/tmp", 0700);
	has_owner("m/.Junk/new", 0700);
	has_owner("m/.Junk/cur", 0700);
	has_owner("m/.Junk/maildirfolder", 0600);
	assert_int_equal(0, close(root));
}

/* Nothing is made where links lead to. */
static void
test_links(void **state)
{
	int root = make_root("l");

	(void)state;
	assert_int_equal(0, mkdir("victim", 0700));
	assert_int_equal(0, symlinkat("../victim", root, ".A"));
	assert_int_equal(-1, ms_owned_folder(root, ".A"));
	assert_int_equal(0, mkdirat(root, ".B", 0700));
	assert_int_equal(0, symlinkat("../../victim", root, ".B/cur"));
	assert_int_equal(-1, ms_owned_folder(root, ".B"));
	assert_int_equal(0, unlinkat(root, ".B/cur", 0));
	assert_int_equal(0, symlinkat("../../victim/x", root,
	    ".B/maildirfolder"));
	/* What marks a folder is there, whatever it is. */
	assert_int_equal(0, ms_owned_folder(root, ".B"));
	assert_int_equal(0, rmdir("victim"));
	assert_int_equal(0, close(root));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_folder),
		cmocka_unit_test(test_links),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
