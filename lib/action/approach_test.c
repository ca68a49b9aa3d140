#include "action/approach.h"

#include "action/mailbox.h"
#include "action/maildrop.h"
#include "action/newfile.h"
#include "action/owned.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

/* Whoever is neither the superuser nor runs tests. */
#define STRANGER 54321

static void
make_maildir(const char *path)
{
	static const char *const parts[] = { "cur", "new", "tmp" };

	for (size_t i = 0; i < G_N_ELEMENTS(parts); i++) {
		char *part = g_build_filename(path, parts[i], NULL);

		assert_int_equal(0, g_mkdir_with_parents(part, 0700));
		g_free(part);
	}
}

/* A link of a stranger; only the superuser can make one. */
static void
plant(const char *target, const char *name)
{
	if (geteuid() != 0)
		skip();
	assert_int_equal(0, symlink(target, name));
	assert_int_equal(0, lchown(name, STRANGER, STRANGER));
}

static bool
is_empty(const char *path)
{
	GDir *dir = g_dir_open(path, 0, NULL);
	bool empty;

	assert_non_null(dir);
	empty = !g_dir_read_name(dir);
	g_dir_close(dir);
	return empty;
}

static void
expect(const char *path, enum ms_status want, const char *same)
{
	struct ms_error err = { "" };
	struct stat st, other;
	int fd;

	if (ms_approach(path, &fd, &err) != want)
		fail_msg("%s: %s", path, err.text);
	assert_int_equal(want == MS_OK, fd >= 0);
	if (want != MS_OK)
		return;
	assert_int_equal(0, fstat(fd, &st));
	assert_int_equal(0, stat(same, &other));
	assert_int_equal(other.st_ino, st.st_ino);
	assert_int_equal(0, close(fd));
}

static void
test_ways(void **state)
{
	(void)state;
	assert_int_equal(0, g_mkdir_with_parents("ways/a/b", 0700));
	assert_true(g_file_set_contents("ways/file", "x", 1, NULL));
	assert_int_equal(0, symlink("a/b", "ways/ours"));
	assert_int_equal(0, symlink("../ways/ours/..", "ways/far"));
	assert_int_equal(0, symlink("loop", "ways/loop"));
	assert_int_equal(0, symlink("none", "ways/dangling"));
	expect("ways/a/b", MS_OK, "ways/a/b");
	expect("ways//a/.//b//", MS_OK, "ways/a/b");
	expect("ways/a/../a/b", MS_OK, "ways/a/b");
	expect("ways/ours", MS_OK, "ways/a/b");
	expect("ways/far/b", MS_OK, "ways/a/b");
	expect("/", MS_OK, "/");
	expect(".", MS_OK, ".");
	expect("", MS_OK, ".");
	expect("ways/none/x", MS_END, NULL);
	expect("ways/dangling", MS_END, NULL);
	expect("ways/loop", MS_E_IO, NULL);
	expect("ways/file", MS_E_IO, NULL);
	expect("ways/file/x", MS_E_IO, NULL);
}

static void
test_stranger(void **state)
{
	struct ms_error err = { "" };
	int fd;

	(void)state;
	assert_int_equal(0, g_mkdir_with_parents("s/there/deep", 0700));
	plant("there", "s/link");
	expect("s/link", MS_E_UNSUPPORTED, NULL);
	expect("s/link/deep", MS_E_UNSUPPORTED, NULL);
	plant("/", "s/root");
	assert_int_equal(MS_E_UNSUPPORTED, ms_approach("s/root/etc", &fd,
	    &err));
	assert_non_null(strstr(err.text, "user 54321"));
	/* A link of ours to a link of theirs. */
	assert_int_equal(0, symlink("link/deep", "s/ours"));
	expect("s/ours", MS_E_UNSUPPORTED, NULL);
}

/* A message of theirs does not get out of their Maildir. */
static void
test_maildir(void **state)
{
	const char *path = "theirs/new/evil.sh";
	struct ms_maildrop_message message = { .path = path, .size = 1,
		.sha256 = ms_hash_of("x", 1) };
	struct ms_error err = { "" };
	struct stat st;

	(void)state;
	make_maildir("theirs");
	make_maildir("theirs/.Junk");
	assert_int_equal(0, mkdir("target", 0700));
	assert_true(g_file_set_contents(path, "x", 1, NULL));
	assert_int_equal(0, stat(path, &st));
	message.dev = st.st_dev;
	message.ino = st.st_ino;
	assert_int_equal(0, rmdir("theirs/.Junk/new"));
	plant("../../target", "theirs/.Junk/new");
	assert_true(ms_maildrop_to_folder(&message, "Junk", NULL, &err) < 0);
	assert_int_equal(0, rmdir("theirs/cur"));
	plant("../target", "theirs/cur");
	assert_true(ms_maildrop_flag(&message, 'F', NULL, &err) < 0);
	assert_true(is_empty("target"));
	assert_int_equal(0, access(path, F_OK));
}

/* Nor does what is released to where it was. */
static void
test_release(void **state)
{
	static const struct ms_lock_config locking = {
		.order = { MS_LOCK_FCNTL }, .count = 1 };
	struct ms_newfile content = { open("/dev/null", O_RDONLY), 0 };
	struct ms_mailbox *box;
	struct ms_error err = { "" };

	(void)state;
	make_maildir("elsewhere");
	assert_int_equal(0, mkdir("crontabs", 0700));
	assert_true(g_file_set_contents("crontabs/root", "", 0, NULL));
	plant("elsewhere", "home");
	assert_false(ms_newfile_is_maildir("home"));
	assert_int_equal(MS_E_UNSUPPORTED, ms_newfile_deliver("home", "1.a",
	    NULL, &content, &err));
	assert_true(is_empty("elsewhere/new"));
	plant("crontabs", "mail");
	assert_int_equal(MS_E_UNSUPPORTED, ms_newfile_put("mail/x", ".x",
	    &content, &err));
	assert_int_equal(MS_E_UNSUPPORTED, ms_mailbox_open("mail/root", 0, 0,
	    &locking, &box, &err));
	assert_int_equal(-1, access("crontabs/x", F_OK));
	assert_int_equal(0, close(content.fd));
}

/* What is in the way of the file that marks a folder is left alone, and does
 * not make anybody wait. */
static void
test_marker(void **state)
{
	struct stat st;
	int dir;

	(void)state;
	make_maildir("box/.Spam");
	assert_int_equal(0, mkfifo("box/.Spam/maildirfolder", 0600));
	dir = open("box", O_RDONLY | O_DIRECTORY);
	assert_true(dir >= 0);
	assert_int_equal(0, ms_owned_folder(dir, ".Spam"));
	assert_int_equal(0, lstat("box/.Spam/maildirfolder", &st));
	assert_true(S_ISFIFO(st.st_mode));
	assert_int_equal(0, ms_owned_folder(dir, ".New"));
	assert_int_equal(0, access("box/.New/maildirfolder", F_OK));
	assert_int_equal(0, close(dir));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ways),
		cmocka_unit_test(test_stranger),
		cmocka_unit_test(test_maildir),
		cmocka_unit_test(test_release),
		cmocka_unit_test(test_marker),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
