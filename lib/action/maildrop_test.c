#include "action/maildrop.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

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

static struct ms_maildrop_message
store(const char *path, const char *text)
{
	struct ms_maildrop_message message = {
		.path = path, .size = strlen(text),
		.sha256 = ms_hash_of(text, strlen(text))
	};
	struct stat st;

	assert_true(g_file_set_contents(path, text, -1, NULL));
	assert_int_equal(0, stat(path, &st));
	message.dev = st.st_dev;
	message.ino = st.st_ino;
	return message;
}

static bool
exists(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

static void
has(const char *path, const char *text)
{
	gsize size;
	char *got;

	if (!g_file_get_contents(path, &got, &size, NULL))
		fail_msg("no %s", path);
	assert_string_equal(text, got);
	g_free(got);
}

static void
test_check(void **state)
{
	struct ms_maildrop_message m, other;
	struct ms_error err = { "" };
	char *path;
	int fd;

	(void)state;
	make_maildir("check");
	m = store("check/new/1.a", "hello");
	assert_int_equal(MS_OK, ms_maildrop_check(&m, &path, &fd, &err));
	assert_string_equal("check/new/1.a", path);
	assert_int_equal(0, close(fd));
	g_free(path);
	/* Somebody has read it. */
	assert_int_equal(0, rename("check/new/1.a", "check/cur/1.a:2,S"));
	assert_int_equal(MS_OK, ms_maildrop_check(&m, &path, NULL, &err));
	assert_string_equal("check/cur/1.a:2,S", path);
	g_free(path);
	m.path = "check/cur/1.a:2,FT";
	assert_int_equal(MS_OK, ms_maildrop_check(&m, NULL, NULL, &err));
	other = m;
	other.size++;
	assert_int_equal(MS_E_PEER, ms_maildrop_check(&other, NULL, NULL,
	    &err));
	other = m;
	other.ino++;
	assert_int_equal(MS_E_PEER, ms_maildrop_check(&other, NULL, NULL,
	    &err));
	other = m;
	other.sha256.bytes[0]++;
	assert_int_equal(MS_E_PEER, ms_maildrop_remove(&other, &err));
	assert_int_equal(0, link("check/cur/1.a:2,S", "check/link"));
	assert_int_equal(MS_E_UNSUPPORTED, ms_maildrop_remove(&m, &err));
	assert_int_equal(MS_E_UNSUPPORTED, ms_maildrop_flag(&m, 'F', NULL,
	    &err));
	other = m;
	other.shared = true;
	assert_int_equal(MS_OK, ms_maildrop_check(&other, NULL, NULL, &err));
	assert_int_equal(0, unlink("check/link"));
	assert_int_equal(0, symlink("cur/1.a:2,S", "check/symlink"));
	other = m;
	other.path = "check/symlink";
	assert_int_equal(MS_E_UNSUPPORTED, ms_maildrop_remove(&other, &err));
	assert_int_equal(0, mkfifo("check/fifo", 0600));
	other.path = "check/fifo";
	assert_int_equal(MS_E_UNSUPPORTED, ms_maildrop_remove(&other, &err));
	assert_true(exists("check/cur/1.a:2,S"));
	assert_int_equal(MS_OK, ms_maildrop_remove(&m, &err));
	assert_false(exists("check/cur/1.a:2,S"));
	assert_int_equal(MS_END, ms_maildrop_remove(&m, &err));
	other.path = "check/none/1.a";
	assert_int_equal(MS_END, ms_maildrop_remove(&other, &err));
}

/* A single file in no Maildir. */
static void
test_file(void **state)
{
	struct ms_maildrop_message m = store("file.eml", "a: b\n\nc\n");
	struct ms_error err = { "" };

	(void)state;
	assert_int_equal(MS_E_USAGE, ms_maildrop_flag(&m, 'F', NULL, &err));
	assert_int_equal(MS_E_USAGE, ms_maildrop_to_folder(&m, "Junk", NULL,
	    &err));
	assert_string_equal("file.eml is in no Maildir", err.text);
	assert_int_equal(MS_OK, ms_maildrop_remove(&m, &err));
	assert_int_equal(MS_END, ms_maildrop_check(&m, NULL, NULL, &err));
}

static void
test_flag(void **state)
{
	static const struct {
		const char *before;
		char letter;
		const char *after;
	} cases[] = {
		{ "flag/new/1.a", 'F', "flag/cur/1.a:2,F" },
		{ "flag/cur/2.a", 'F', "flag/cur/2.a:2,F" },
		{ "flag/cur/3.a:2,RS", 'F', "flag/cur/3.a:2,FRS" },
		{ "flag/cur/4.a:2,FS", 'F', "flag/cur/4.a:2,FS" },
		{ "flag/cur/5.a;2,S", 'a', "flag/cur/5.a;2,Sa" },
		{ "flag/new/6.a:2,", 'T', "flag/cur/6.a:2,T" },
	};
	struct ms_maildrop_message m;
	struct ms_error err = { "" };
	char *path;

	(void)state;
	make_maildir("flag");
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		m = store(cases[i].before, "text");
		if (ms_maildrop_flag(&m, cases[i].letter, &path, &err) !=
		    MS_OK)
			fail_msg("%s", err.text);
		assert_string_equal(cases[i].after, path);
		has(cases[i].after, "text");
		assert_int_equal(strcmp(cases[i].before, path) == 0,
		    exists(cases[i].before));
		g_free(path);
	}
	/* Nothing is overwritten. */
	m = store("flag/new/2.a", "another");
	assert_int_equal(MS_E_IO, ms_maildrop_flag(&m, 'F', NULL, &err));
	has("flag/cur/2.a:2,F", "text");
	has("flag/new/2.a", "another");
	assert_int_equal(MS_E_USAGE, ms_maildrop_flag(&m, '/', NULL, &err));
}

static void
test_to_folder(void **state)
{
	static const char *const bad[] = {
		"", ".", "..", ".a", "a.", "a..b", "a/b", "a\nb",
	};
	struct ms_maildrop_message m;
	struct ms_error err = { "" };
	char *path;

	(void)state;
	make_maildir("box");
	make_maildir("box/.Sub");
	m = store("box/cur/1.a:2,S", "one");
	for (size_t i = 0; i < G_N_ELEMENTS(bad); i++)
		assert_int_equal(MS_E_USAGE, ms_maildrop_to_folder(&m, bad[i],
		    NULL, &err));
	assert_int_equal(MS_OK, ms_maildrop_to_folder(&m, "Junk.Bad", &path,
	    &err));
	assert_string_equal("box/.Junk.Bad/cur/1.a:2,S", path);
	has(path, "one");
	has("box/.Junk.Bad/maildirfolder", "");
	assert_true(exists("box/.Junk.Bad/tmp"));
	assert_true(exists("box/.Junk.Bad/new"));
	assert_false(exists("box/cur/1.a:2,S"));
	/* It is there already. */
	m.path = path;
	assert_int_equal(MS_OK, ms_maildrop_to_folder(&m, "Junk.Bad", NULL,
	    &err));
	g_free(path);
	/* From one folder to another, new mail to new mail. */
	m = store("box/.Sub/new/2.a", "two");
	assert_int_equal(MS_OK, ms_maildrop_to_folder(&m, "Junk.Bad", &path,
	    &err));
	assert_string_equal("box/.Junk.Bad/new/2.a", path);
	g_free(path);
	m = store("box/new/2.a", "another two");
	assert_int_equal(MS_E_IO, ms_maildrop_to_folder(&m, "Junk.Bad", NULL,
	    &err));
	has("box/.Junk.Bad/new/2.a", "two");
	has("box/new/2.a", "another two");
	/* A folder that leads elsewhere. */
	assert_int_equal(0, mkdir("elsewhere", 0700));
	assert_int_equal(0, symlink("../elsewhere", "box/.Link"));
	assert_int_equal(MS_E_IO, ms_maildrop_to_folder(&m, "Link", NULL,
	    &err));
	assert_false(exists("elsewhere/cur"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_check),
		cmocka_unit_test(test_file),
		cmocka_unit_test(test_flag),
		cmocka_unit_test(test_to_folder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
