#include "base/rights.h"

#include <grp.h>
#include <pwd.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nobody_of_that_name),
		cmocka_unit_test(test_gives_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
