#include "source/tree.h"

#include <dirent.h>
#include <fcntl.h>
#include <glib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static const struct ms_source_config plain = {
	.recurse = true,
	.follow_dirs = MS_SOURCE_FOLLOW_DIRECT,
	.follow_files = MS_SOURCE_FOLLOW_DIRECT,
	.cross_fs = true,
	.since = INT64_MIN,
	.until = INT64_MAX,
	.spool = { .heap_max = 1 << 16, .memfd_max = 64 << 20 },
};

static char *dir;

static int
setup(void **state)
{
	(void)state;
	dir = g_strdup("/tmp/mailscan-tree-XXXXXX");
	return g_mkdtemp(dir) && chdir(dir) == 0 ? 0 : -1;
}

/* By the shell's hand: trees may be deeper than any path. */
static int
teardown(void **state)
{
	char *argv[] = { g_strdup("rm"), g_strdup("-rf"), dir, NULL };

	(void)state;
	if (chdir("/") != 0)
		return -1;
	(void)g_spawn_sync("/", argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL,
	    NULL, NULL, NULL, NULL);
	g_free(argv[0]);
	g_free(argv[1]);
	g_free(dir);
	return 0;
}

/* Make PATHS, one a line; those that end in '/' are directories. */
static void
make(const char *paths)
{
	char **all = g_strsplit(paths, "\n", 0);

	for (size_t i = 0; all[i]; i++) {
		char *up = g_path_get_dirname(all[i]);

		assert_int_equal(0, g_mkdir_with_parents(up, 0700));
		if (!g_str_has_suffix(all[i], "/"))
			assert_true(g_file_set_contents(all[i], "x", 1,
			    NULL));
		g_free(up);
	}
	g_strfreev(all);
}

static void
describe_file(GString *out, struct ms_tree_file *file)
{
	const struct ms_origin *o = &file->origin;

	g_string_append_printf(out, "%s%s%s%s%s\n", o->source,
	    o->format ? " " : "", o->format ? o->format : "",
	    o->flags ? " flags=" : "", o->flags ? o->flags : "");
	(void)close(file->fd);
	ms_message_origin_clear(&file->origin);
}

/* Take COUNT files or items from TREE into OUT. False: there are no more. */
static bool
take(struct ms_tree *tree, GString *out, int count)
{
	static const char *const kinds[] = {
		"?", "unselected", "gone", "empty", "skipped", "failed"
	};
	struct ms_source_item item = { 0 };
	struct ms_tree_file file;

	while (count-- > 0) {
		if (ms_tree_next(tree, &file, &item, NULL) != MS_OK)
			return false;
		if (file.fd >= 0) {
			describe_file(out, &file);
			continue;
		}
		g_string_append_printf(out, "%s %s%s%s\n", kinds[item.kind],
		    item.origin.source, item.text ? ": " : "",
		    item.text ? item.text : "");
		ms_source_item_clear(&item);
	}
	return true;
}

static void
check_text(const char *want, GString *got)
{
	if (strcmp(want, got->str) != 0)
		print_message("%s\n", got->str);
	assert_string_equal(want, got->str);
	g_string_free(got, TRUE);
}

static void
check(const struct ms_source_config *config, const char *path,
    const char *want)
{
	struct ms_tree *tree = ms_tree_new(config, path);
	GString *got = g_string_new(NULL);

	while (take(tree, got, 100))
		;
	ms_tree_free(tree);
	check_text(want, got);
}

static void
test_plain(void **state)
{
	struct ms_source_config config = plain;

	(void)state;
	make("t/b\nt/a/z\nt/a/y/1\nt/c/\nt/.d\nfile");
	check(&plain, "t", "t/.d\nt/a/y/1\nt/a/z\nt/b\n");
	check(&plain, "t///", "t/.d\nt/a/y/1\nt/a/z\nt/b\n");
	check(&plain, "file", "file\n");
	make("j/.box.mailscan-journal\nj/box\nj/x.mailscan-journal");
	check(&plain, "j", "skipped j/.box.mailscan-journal: says what is "
	    "pending for an mbox: mailscan mailbox recover goes on\n"
	    "j/box\nj/x.mailscan-journal\n");
	check(&plain, "t/c", "empty t/c: no mail in it\n");
	check(&plain, "t/none", "failed t/none: No such file or directory\n");
	check(&plain, "file/x", "failed file/x: Not a directory\n");
	check(&plain, "", "failed : No such file or directory\n");
	config.recurse = false;
	check(&config, "t", "t/.d\n"
	    "skipped t/a: a directory, and directories are not to be entered\n"
	    "t/b\n"
	    "skipped t/c: a directory, and directories are not to be entered\n"
	    );
}

static void
test_maildir(void **state)
{
	struct ms_source_config config = plain;

	(void)state;
	make("m/new/1000000003.c\nm/new/.hidden\nm/cur/1000000001.a:2,FS\n"
	    "m/cur/1000000002.b;2,\nm/tmp/x\nm/dovecot-uidlist\n"
	    "m/courierimapuiddb\nm/maildirsize\nm/note\n"
	    "m/.Sub/cur/5.d:2,Tab\nm/.Sub/new/\nm/.Sub/tmp/\n"
	    "m/.Sub/maildirfolder\nm/plain/cur");
	check(&plain, "m", "m/new/.hidden\nm/new/1000000003.c maildir\n"
	    "m/cur/1000000001.a:2,FS maildir flags=FS\n"
	    "m/cur/1000000002.b;2, maildir flags=\n"
	    "m/.Sub/cur/5.d:2,Tab maildir flags=Tab\nm/note\nm/plain/cur\n");
	check(&plain, "m/cur", "m/cur/1000000001.a:2,FS maildir flags=FS\n"
	    "m/cur/1000000002.b;2, maildir flags=\n");
	config.recurse = false;
	config.since = 1000000002;
	config.until = 1000000003;
	check(&config, "m", "m/new/.hidden\nunselected m/new/1000000003.c\n"
	    "unselected m/cur/1000000001.a:2,FS\n"
	    "m/cur/1000000002.b;2, maildir flags=\n"
	    "skipped m/.Sub: a directory, and directories are not to be "
	    "entered\nm/note\n"
	    "skipped m/plain: a directory, and directories are not to be "
	    "entered\n");
}

/* Messages that other programs move, mark and remove under our hands. */
static void
test_moving(void **state)
{
	GString *got = g_string_new(NULL);
	struct ms_tree *tree;

	(void)state;
	make("m/new/1.a\nm/new/2.b\nm/new/3.c\nm/new/4.d\nm/cur/5.e:2,\n"
	    "m/cur/6.f:2,S\nm/cur/7.g:2,S\nm/cur/8.h:2,");
	tree = ms_tree_new(&plain, "m");
	assert_true(take(tree, got, 1));
	/* Moved after the snapshot: read in cur, once, and not again. */
	assert_int_equal(0, rename("m/new/2.b", "m/cur/2.b:2,S"));
	assert_int_equal(0, rename("m/new/3.c", "m/cur/3.c:2,TP"));
	assert_int_equal(0, unlink("m/new/4.d"));
	assert_int_equal(0, rename("m/cur/5.e:2,", "m/cur/5.e:2,DFRS"));
	assert_int_equal(0, rename("m/cur/7.g:2,S", "m/new/7.g"));
	assert_int_equal(0, unlink("m/cur/8.h:2,"));
	assert_false(take(tree, got, 100));
	ms_tree_free(tree);
	check_text("m/new/1.a maildir\nm/cur/2.b:2,S maildir flags=S\n"
	    "m/cur/3.c:2,TP maildir flags=TP\n"
	    "gone m/new/4.d: vanished before it could be read\n"
	    "m/cur/5.e:2,DFRS maildir flags=DFRS\n"
	    "m/cur/6.f:2,S maildir flags=S\nm/new/7.g maildir\n"
	    "gone m/cur/8.h:2,: vanished before it could be read\n", got);
}

/* In both lists, because it was moved between them being taken down. */
static void
test_in_both(void **state)
{
	GString *got = g_string_new(NULL);
	struct ms_tree *tree;

	(void)state;
	make("m/new/1.a\nm/new/2.b\nm/cur/2.b:2,S\nm/cur/9.z:2,RS\n"
	    "m/cur/9.z:2,S");
	tree = ms_tree_new(&plain, "m");
	assert_true(take(tree, got, 1));
	assert_int_equal(0, unlink("m/new/2.b"));
	assert_int_equal(0, unlink("m/cur/9.z:2,RS"));
	assert_false(take(tree, got, 100));
	ms_tree_free(tree);
	check_text("m/new/1.a maildir\nm/cur/2.b:2,S maildir flags=S\n"
	    "m/cur/9.z:2,S maildir flags=S\n", got);
}

static void
test_mh(void **state)
{
	struct ms_source_config config = plain;

	(void)state;
	make("h/.mh_sequences\nh/1\nh/10\nh/2\nh/,3\nh/sub/1\nh/.xmhcache");
	check(&plain, "h", "h/,3\nh/.xmhcache\nh/1 mh\nh/10 mh\nh/2 mh\n"
	    "h/sub/1\n");
	config.format = MS_SOURCE_MH;
	check(&config, "h/sub", "h/sub/1 mh\n");
}

static void
test_special(void **state)
{
	(void)state;
	make("s/a");
	assert_int_equal(0, mkfifo("s/fifo", 0600));
	check(&plain, "s", "s/a\nskipped s/fifo: a FIFO, never opened\n");
	check(&plain, "s/fifo", "skipped s/fifo: a FIFO, never opened\n");
	check(&plain, "/dev/null",
	    "skipped /dev/null: a device, never opened\n");
}

static void
test_links(void **state)
{
	struct ms_source_config config = plain;

	(void)state;
	make("l/a\nl/d/b\nother/c");
	assert_int_equal(0, symlink("a", "l/file"));
	assert_int_equal(0, symlink("nowhere", "l/none"));
	assert_int_equal(0, symlink("../other", "l/out"));
	assert_int_equal(0, symlink("../other", "l/twice"));
	assert_int_equal(0, symlink("..", "l/d/up"));
	assert_int_equal(0, symlink("l", "top"));
	assert_int_equal(0, symlink("loop", "loop"));
	check(&plain, "top", "top/a\ntop/d/b\n"
	    "skipped top/d/up: a symbolic link, and such are not to be "
	    "followed\n"
	    "skipped top/file: a symbolic link, and such are not to be "
	    "followed\n"
	    "skipped top/none: a symbolic link to nothing\n"
	    "skipped top/out: a symbolic link, and such are not to be "
	    "followed\n"
	    "skipped top/twice: a symbolic link, and such are not to be "
	    "followed\n");
	check(&plain, "loop", "failed loop: a symbolic link to nothing\n");
	config.follow_dirs = config.follow_files = MS_SOURCE_FOLLOW_ALWAYS;
	check(&config, "l", "l/a\nl/d/b\n"
	    "skipped l/d/up: a symbolic link to a directory that it is in\n"
	    "l/file\nskipped l/none: a symbolic link to nothing\nl/out/c\n"
	    "skipped l/twice: a symbolic link to a directory that another "
	    "link led to\n");
	config.follow_dirs = config.follow_files = MS_SOURCE_FOLLOW_NEVER;
	check(&config, "top", "skipped top: a symbolic link, and such are "
	    "not to be followed\n");
}

/* Mail that is a link is left out, and that is always said. */
static void
test_mail_links(void **state)
{
#define NOT(name) "skipped " name ": a symbolic link, and such are not to " \
	"be followed\n"
	struct ms_source_config config = plain;

	(void)state;
	make("x\nm/new/\nm/tmp/\nm/cur/1.a:2,S\nh/.mh_sequences\nh/1");
	assert_int_equal(0, symlink("../../x", "m/cur/2.b:2,S"));
	assert_int_equal(0, symlink("../../x", "m/new/3.c"));
	assert_int_equal(0, symlink("../x", "h/2"));
	assert_int_equal(0, symlink("none", "h/3"));
	check(&plain, "m", NOT("m/new/3.c") "m/cur/1.a:2,S maildir flags=S\n"
	    NOT("m/cur/2.b:2,S"));
	check(&plain, "m/cur", "m/cur/1.a:2,S maildir flags=S\n"
	    NOT("m/cur/2.b:2,S"));
	check(&plain, "h", "h/1 mh\n" NOT("h/2")
	    "skipped h/3: a symbolic link to nothing\n");
	config.recurse = false;
	check(&config, "h", "h/1 mh\n" NOT("h/2")
	    "skipped h/3: a symbolic link to nothing\n");
}

static void
test_select(void **state)
{
	static const char *const include[] = { "*.eml", "t/x/*", NULL };
	static const char *const exclude[] = { "no*", NULL };
	struct ms_source_config config = plain;

	(void)state;
	make("t/a.eml\nt/b.txt\nt/nope.eml\nt/x/c\nt/not/d.eml");
	config.include = include;
	config.exclude = exclude;
	check(&config, "t", "t/a.eml\nunselected t/b.txt\n"
	    "unselected t/nope.eml\nunselected t/not\nt/x/c\n");
}

static void
test_unreadable(void **state)
{
	(void)state;
	make("u/a\nu/b\nu/d/c");
	assert_int_equal(0, chmod("u/a", 0));
	assert_int_equal(0, chmod("u/d", 0));
	if (geteuid() == 0) {
		print_message("SKIPPED: root may read anything\n");
		skip();
	}
	check(&plain, "u", "failed u/a: Permission denied\nu/b\n"
	    "failed u/d: Permission denied\n");
	assert_int_equal(0, chmod("u/d", 0700));
}

/* Deeper than descriptors, the stack or PATH_MAX would allow. */
static void
test_deep(void **state)
{
	GString *got = g_string_new(NULL);
	struct ms_tree *tree;

	(void)state;
	make("deep/a");
	assert_int_equal(0, chdir("deep"));
	for (int i = 0; i < 500; i++) {
		assert_int_equal(0, mkdir("directory", 0700));
		assert_int_equal(0, chdir("directory"));
	}
	make("e");
	for (int i = 0; i < 500; i++)
		assert_int_equal(0, chdir(".."));
	make("z");
	assert_int_equal(0, chdir(dir));
	tree = ms_tree_new(&plain, "deep");
	assert_false(take(tree, got, 100));
	ms_tree_free(tree);
	assert_true(g_str_has_prefix(got->str,
	    "deep/a\ndeep/directory/directory/"));
	assert_true(g_str_has_suffix(got->str, "/directory/e\ndeep/z\n"));
	g_string_free(got, TRUE);
}

/* More names than one chunk holds. */
static void
test_many(void **state)
{
	struct ms_tree *tree = ms_tree_new(&plain, "many");
	GString *got = g_string_new(NULL);
	int n = 0;

	(void)state;
	assert_int_equal(0, mkdir("many", 0700));
	for (int i = 0; i < 4500; i++) {
		char *name = g_strdup_printf("many/%0250d", i);
		int fd = open(name, O_CREAT | O_WRONLY, 0600);

		assert_true(fd >= 0 && close(fd) == 0);
		g_free(name);
	}
	while (take(tree, got, 1)) {
		n++;
		assert_int_equal(256, got->len);
		g_string_truncate(got, 0);
	}
	assert_int_equal(4500, n);
	g_string_free(got, TRUE);
	ms_tree_free(tree);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_plain), TEST(test_maildir), TEST(test_moving),
		TEST(test_in_both), TEST(test_mh), TEST(test_special),
		TEST(test_links), TEST(test_mail_links), TEST(test_select),
		TEST(test_unreadable), TEST(test_deep), TEST(test_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
