#include "base/rights.h"
#include "base/rights_test.h"

#include <glib.h>
#include <grp.h>
#include <pwd.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static void
test_nobody_of_that_name(void **state)
{
	struct ms_error err;

	(void)state;
	assert_int_equal(ms_rights_take("no such user", NULL, &err),
	    MS_E_USAGE);
	assert_int_equal(ms_rights_take("-1", NULL, &err), MS_E_USAGE);
	assert_int_equal(ms_rights_take("4294967295", NULL, &err), MS_E_USAGE);
	assert_int_equal(ms_rights_take("", NULL, &err), MS_E_USAGE);
	assert_int_equal(ms_rights_take("nobody", "no such group", &err),
	    MS_E_USAGE);
}

/* 0: what is left are the rights of nobody, and that group. */
static int
give_up(const char *user, const char *group)
{
	const struct passwd *nobody = getpwnam("nobody");
	const uid_t uid = nobody ? nobody->pw_uid : 0;
	const gid_t gid = nobody ? nobody->pw_gid : 0;
	gid_t groups[64];
	struct ms_error err;
	int count;

	if (!nobody || ms_rights_take(user, group, &err) != MS_OK)
		return 1;
	count = getgroups(64, groups);
	for (int i = 0; i < count; i++)
		if (groups[i] == 0)
			return 2;
	if (ms_rights_are_all() || getuid() != uid || geteuid() != uid ||
	    setuid(0) == 0 || setgid(0) == 0)
		return 3;
	if (getegid() != (group ? getgrnam(group)->gr_gid : gid))
		return 4;
	/* Once more is fine; another one is not. */
	if (ms_rights_take(user, group, &err) != MS_OK)
		return 5;
	return ms_rights_take("daemon", NULL, &err) == MS_E_USAGE ? 0 : 6;
}

static void
test_gives_up(void **state)
{
	static const char *const cases[][2] = { { "nobody", NULL },
		{ "65534", NULL }, { "nobody", "mail" } };

	(void)state;
	/* Others have nothing to give up. */
	if (!ms_rights_are_all())
		return;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const pid_t pid = fork();
		int status;

		if (pid == 0)
			_exit(give_up(cases[i][0], cases[i][1]));
		assert_true(pid > 0);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_int_equal(status, 0);
	}
}

/* 0: nobody is kept out of the right places. */
static int
be_kept_out(void)
{
	static const struct {
		const char *path;
		int mode;
		const char *barrier;
	} cases[] = {
		{ "/", R_OK, NULL },
		{ "open/file", R_OK, NULL },
		{ "open/file", W_OK, "open/file" },
		{ "open/none", R_OK, NULL },
		{ "open/shut", R_OK, "open/shut" },
		{ "open/shut/file", R_OK, "open/shut" },
		{ "open/shut/none/file", F_OK, "open/shut" },
		{ "open//shut//file", F_OK, "open//shut" },
		{ "", F_OK, NULL },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char *barrier = ms_rights_barrier(cases[i].path,
		    cases[i].mode);
		const bool same = g_strcmp0(barrier, cases[i].barrier) == 0;

		g_free(barrier);
		if (!same)
			return (int)i + 1;
	}
	return 0;
}

static void
test_barrier(void **state)
{
	char dir[] = "/tmp/rights_test.XXXXXX";

	(void)state;
	if (!ms_rights_are_all())
		return;
	assert_non_null(mkdtemp(dir));
	assert_int_equal(chmod(dir, 0755), 0);
	assert_int_equal(chdir(dir), 0);
	assert_int_equal(mkdir("open", 0755), 0);
	assert_int_equal(mkdir("open/shut", 0700), 0);
	assert_true(g_file_set_contents("open/file", "", 0, NULL));
	assert_int_equal(chmod("open/file", 0644), 0);
	assert_int_equal(rights_test_as_nobody(be_kept_out), 0);
	assert_int_equal(unlink("open/file"), 0);
	assert_int_equal(rmdir("open/shut"), 0);
	assert_int_equal(rmdir("open"), 0);
	assert_int_equal(chdir("/"), 0);
	assert_int_equal(rmdir(dir), 0);
}

static void
test_name(void **state)
{
	char *name = ms_rights_name(0);

	(void)state;
	assert_string_equal(name, "root");
	g_free(name);
	name = ms_rights_name(4000000000);
	assert_string_equal(name, "4000000000");
	g_free(name);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nobody_of_that_name),
		cmocka_unit_test(test_gives_up),
		cmocka_unit_test(test_barrier),
		cmocka_unit_test(test_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
