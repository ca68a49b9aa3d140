#ifndef MS_RIGHTS_TEST_H
#define MS_RIGHTS_TEST_H

#include "base/rights.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* What BODY returns, 0 to 99, in a process that has only the rights of nobody,
 * and 100 if they cannot be had. Takes root. */
static inline int
rights_test_as_nobody(int (*body)(void))
{
	const pid_t pid = fork();
	struct ms_error err;
	int status;

	if (pid == 0)
		_exit(ms_rights_take("nobody", NULL, &err) == MS_OK ? body() :
		    100);
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

#endif
