#include "message/maildir.h"

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

static void
test_names(void **state)
{
	static const struct {
		const char *name, *flags;
		size_t unique;
		int64_t delivered;
	} cases[] = {
		{ "1234567890.M1P2.host", NULL, 20, 1234567890 },
		{ "1234567890.M1P2.host:2,FS", "FS", 20, 1234567890 },
		{ "1234567890.M1.h,S=4:2,", "", 19, 1234567890 },
		{ "1.a;2,RDF,", "RDF", 3, 1 },
		{ "1.a:1,x:2,S", "S", 7, 1 },
		{ "1.a:1,x", NULL, 7, 1 },
		{ "x:2,Sa", "Sa", 1, -1 },
		{ "123", NULL, 3, -1 },
		{ ".", NULL, 1, -1 },
		{ "", NULL, 0, -1 },
		{ "999999999999999999999.x", NULL, 23, -1 },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		char *flags = ms_maildir_flags(cases[i].name);

		print_message("  %s\n", cases[i].name);
		assert_int_equal(cases[i].flags == NULL, flags == NULL);
		if (flags)
			assert_string_equal(cases[i].flags, flags);
		g_free(flags);
		assert_int_equal(cases[i].unique,
		    ms_maildir_unique(cases[i].name));
		assert_int_equal(cases[i].delivered,
		    ms_maildir_delivered(cases[i].name));
	}
}

static void
test_control(void **state)
{
	(void)state;
	assert_true(ms_maildir_is_control("dovecot.index.cache"));
	assert_true(ms_maildir_is_control("maildirsize"));
	assert_true(ms_maildir_is_control("subscriptions"));
	assert_false(ms_maildir_is_control("subscriptions.eml"));
	assert_false(ms_maildir_is_control("doveco"));
	assert_false(ms_maildir_is_control(""));
}

static void
touch(int dir, const char *name)
{
	int fd = openat(dir, name, O_CREAT | O_WRONLY, 0600);

	assert_true(fd >= 0);
	(void)close(fd);
}

static void
test_find(void **state)
{
	char path[] = "/tmp/mailscan-maildir-XXXXXX";
	static const char *const names[] = { "1.a:2,FRST", "2.b", "3" };
	int dir;
	char *now;

	(void)state;
	assert_non_null(mkdtemp(path));
	dir = open(path, O_RDONLY | O_DIRECTORY);
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
		touch(dir, names[i]);
	now = ms_maildir_find(dir, "1.a");
	assert_string_equal("1.a:2,FRST", now);
	g_free(now);
	now = ms_maildir_find(dir, "2.b:2,S");
	assert_string_equal("2.b", now);
	g_free(now);
	assert_null(ms_maildir_find(dir, "1"));
	assert_null(ms_maildir_find(dir, "4:2,"));
	assert_false(ms_maildir_is(dir));
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
		(void)unlinkat(dir, names[i], 0);
	(void)close(dir);
	(void)rmdir(path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_control),
		cmocka_unit_test(test_find),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
