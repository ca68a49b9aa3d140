#include "action/hook.h"

#include "base/clock.h"

#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Run SCRIPT, which reads INPUT, in a shell. */
static enum ms_status
run_script(const char *script, const char *input, int64_t timeout_ms,
    struct ms_hook_result *result, struct ms_error *err)
{
	const char *const argv[] = { "/bin/sh", "-c", script, NULL };
	struct ms_hook hook = { .argv = argv, .input = -1,
		.timeout_ms = timeout_ms, .output_max = 100000 };
	enum ms_status status;

	if (input)
		assert_int_equal(ms_hook_input(input, strlen(input),
		    &hook.input, err), MS_OK);
	assert_int_equal(ms_hook_run(&hook, result, err), MS_OK);
	status = ms_hook_succeeded(&hook, result, err);
	if (hook.input >= 0)
		close(hook.input);
	return status;
}

static void
test_endings(void **state)
{
	static const struct {
		const char *script, *input;
		const char *output;
		int exit_status, signal;
		const char *error;	/* NULL: none */
	} cases[] = {
		{ "cat", "a\nb", "a\nb", 0, 0, NULL },
		{ "cat", NULL, "", 0, 0, NULL },
		{ "true", "not read", "", 0, 0, NULL },
		{ "echo x; echo first >&2; echo second >&2; exit 75", NULL,
		  "x\n", 75, 0, "/bin/sh: exit status 75: first" },
		{ "exit 1", NULL, "", 1, 0, "/bin/sh: exit status 1" },
		{ "kill -9 $$", NULL, "", -1, 9,
		  "/bin/sh: ended by signal 9" },
		{ "env | grep -v -e ^PWD= -e ^_= -e ^SHLVL= -e ^OLDPWD=",
		  NULL, MS_HOOK_PATH "\n", 0, 0, NULL },
		{ "pwd", NULL, "/\n", 0, 0, NULL },
		{ "ls /proc/self/fd | grep -v '^[0123]$' | wc -l", NULL,
		  "0\n", 0, 0, NULL },
		/* It heads its own group, and no signal is held back. (What
		 * the shell itself holds back is its business: dash does so
		 * for a moment each time before it waits.) */
		{ "test $(cut -d ' ' -f 5 /proc/$$/stat) = $$ && grep -c "
		  "'^SigBlk:.0000000000000000' /proc/self/status", NULL,
		  "1\n", 0, 0, NULL },
		/* 32 and 33 are the C library's own, and what it makes of
		 * them in a child of make's is its business. */
		{ "grep -c '^SigIgn:.0000000[01][08]0000000' "
		  "/proc/self/status", NULL, "1\n", 0, 0, NULL },
	};

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct ms_error err = { "" };
		struct ms_hook_result result;
		enum ms_status status = run_script(cases[i].script,
		    cases[i].input, 20000, &result, &err);

		print_message("  %s: %s %s\n", cases[i].script, result.output,
		    err.text);
		assert_int_equal(status, cases[i].error ? MS_E_PEER : MS_OK);
		assert_string_equal(result.output, cases[i].output);
		assert_int_equal(result.exit_status, cases[i].exit_status);
		assert_int_equal(result.signal, cases[i].signal);
		assert_false(result.timed_out);
		if (cases[i].error)
			assert_string_equal(err.text, cases[i].error);
		ms_hook_result_clear(&result);
	}
}

static void
test_deadline(void **state)
{
	/* The second does not listen to a request, nor does its child. */
	static const char *const scripts[] = {
		"exec sleep 100",
		"trap '' TERM; sleep 100 & while :; do sleep 1; done",
	};

	(void)state;
	for (size_t i = 0; i < sizeof scripts / sizeof *scripts; i++) {
		struct ms_error err = { "" };
		struct ms_hook_result result;
		int64_t began = ms_clock_ms();

		assert_int_equal(run_script(scripts[i], NULL, 50, &result,
		    &err), MS_E_PEER);
		assert_true(result.timed_out);
		assert_int_equal(result.exit_status, -1);
		assert_string_equal(err.text, "/bin/sh: not done after 0 s");
		assert_true(ms_clock_ms() - began < 10000);
		ms_hook_result_clear(&result);
	}
}

/* What a program leaves running has its pipes, and is not waited for; nor is
 * more kept than asked for. */
static void
test_output(void **state)
{
	struct ms_error err = { "" };
	struct ms_hook_result result;
	int64_t began = ms_clock_ms();
	char *end;
	long pid;

	(void)state;
	assert_int_equal(run_script("sleep 100 & echo $!", NULL, 20000,
	    &result, &err), MS_OK);
	assert_true(ms_clock_ms() - began < 10000);
	pid = strtol(result.output, &end, 10);
	assert_true(pid > 1);
	assert_int_equal(kill((pid_t)pid, SIGKILL), 0);
	ms_hook_result_clear(&result);
	assert_int_equal(run_script("head -c 1000000 /dev/zero; head -c "
	    "1000000 /dev/zero >&2", NULL, 20000, &result, &err), MS_OK);
	assert_int_equal(result.output_size, 100000);
	ms_hook_result_clear(&result);
}

static void
test_arguments(void **state)
{
	static const char *const argv[] = { "/usr/bin/printf", "[%s]", "a b",
		"$(id)", "*", "", NULL };
	static const char *const environment[] = { "A=b\n$c", NULL };
	static const char *const env[] = { "/usr/bin/env", NULL };
	struct ms_hook hook = { .argv = argv, .environment = environment,
		.input = -1, .timeout_ms = 20000, .output_max = 1000 };
	struct ms_error err = { "" };
	struct ms_hook_result result;

	(void)state;
	assert_int_equal(ms_hook_run(&hook, &result, &err), MS_OK);
	assert_string_equal(result.output, "[a b][$(id)][*][]");
	ms_hook_result_clear(&result);
	hook.argv = env;
	assert_int_equal(ms_hook_run(&hook, &result, &err), MS_OK);
	assert_string_equal(result.output, "A=b\n$c\n");
	ms_hook_result_clear(&result);
}

static void
test_start(void **state)
{
	static const struct {
		const char *program;
		enum ms_status status;
		const char *error;
	} cases[] = {
		{ "true", MS_E_USAGE, "true: the whole path of the program is "
		  "wanted" },
		{ "/nonexistent/x", MS_E_IO, "cannot run /nonexistent/x: No "
		  "such file or directory" },
		{ "/etc/passwd", MS_E_IO, "cannot run /etc/passwd: Permission "
		  "denied" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const char *const argv[] = { cases[i].program, NULL };
		const struct ms_hook hook = { .argv = argv, .input = -1,
			.timeout_ms = 20000 };
		struct ms_error err = { "" };
		struct ms_hook_result result;

		assert_int_equal(ms_hook_run(&hook, &result, &err),
		    cases[i].status);
		assert_string_equal(err.text, cases[i].error);
		ms_hook_result_clear(&result);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_endings),
		cmocka_unit_test(test_deadline),
		cmocka_unit_test(test_output),
		cmocka_unit_test(test_arguments),
		cmocka_unit_test(test_start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
