#include "serve/doors.h"

#include "net/listen.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static int
fd_of(const struct ms_doors *doors, unsigned i)
{
	assert_true(i < doors->fds->len);
	return g_array_index(doors->fds, int, i);
}

static void
test_hands_over(void **state)
{
	static const char *const one[] = { "127.0.0.1:0", NULL };
	static const char *const two[] = { "unix:doors-socket",
		"127.0.0.1:0", NULL };
	struct ms_doors *old = ms_doors_new(), *new = ms_doors_new();
	struct ms_error err;
	char *before, *after;

	(void)state;
	assert_int_equal(ms_doors_open(old, NULL, NULL, &err), MS_OK);
	assert_int_equal(old->fds->len, 0);
	assert_int_equal(ms_doors_open(old, one, NULL, &err), MS_OK);
	assert_int_equal(ms_doors_open(new, two, old, &err), MS_OK);
	assert_int_equal(new->fds->len, 2);
	/* With 0, a port of its own would have been another one. */
	before = ms_listen_name(fd_of(old, 0));
	after = ms_listen_name(fd_of(new, 1));
	assert_string_equal(before, after);
	ms_doors_free(old);
	assert_int_equal(ms_listen_check(fd_of(new, 1), &err), MS_OK);
	assert_int_equal(access("doors-socket", F_OK), 0);
	ms_doors_free(new);
	ms_doors_remove(two);
	assert_int_equal(access("doors-socket", F_OK), -1);
	ms_doors_free(NULL);
	g_free(before);
	g_free(after);
}

static void
test_inherited(void **state)
{
	static const char *const one[] = { "127.0.0.1:0", NULL };
	static const char *const bad[] = { "fd:", "fd:x", "fd:2", "fd:-1",
		"fd:99999999999", "fd:999" };
	struct ms_doors *old = ms_doors_new(), *new = ms_doors_new();
	const char *list[] = { NULL, NULL };
	struct ms_error err;
	char *text;

	(void)state;
	assert_int_equal(ms_doors_open(old, one, NULL, &err), MS_OK);
	text = g_strdup_printf("fd:%d", fd_of(old, 0));
	list[0] = text;
	assert_int_equal(ms_doors_open(new, list, NULL, &err), MS_OK);
	assert_int_not_equal(fd_of(new, 0), fd_of(old, 0));
	assert_int_equal(ms_listen_check(fd_of(new, 0), &err), MS_OK);
	for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
		list[0] = bad[i];
		assert_int_equal(ms_doors_open(new, list, NULL, &err),
		    MS_E_USAGE);
	}
	assert_int_equal(new->fds->len, 1);
	g_free(text);
	ms_doors_free(old);
	ms_doors_free(new);
}

/* Run in a directory that goes away. */
int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hands_over),
		cmocka_unit_test(test_inherited),
	};
	char dir[] = "/tmp/doors-test-XXXXXX";
	int status;

	if (!mkdtemp(dir) || chdir(dir) != 0)
		return 1;
	status = cmocka_run_group_tests(tests, NULL, NULL);
	(void)!chdir("/");
	(void)rmdir(dir);
	return status;
}
