#include "scanner_options.h"

#include "command.h"

#include <fcntl.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void
test_good(void **state)
{
	static const char *const words[] = {
		"spam type=spamc reject-score=7.5 passthru=headers user=rcpt "
		    "max-size=1M scan-auth=no timeout=5",
		"'d-s_p.am' type=command 'command=/bin/x \"a b\" c' "
		    "exit-map=0=clean,99=spam output-pattern='X: (.*)'",
		"sophie type=sophie address=/run/sophie", NULL };
	struct scanner_plan plan;

	(void)state;
	assert_true(scanner_options_plan(&cmd_scan, words, &plan));
	assert_int_equal(plan.count, 3);
	assert_string_equal(plan.checks[0].name, "spam");
	assert_string_equal(plan.checks[0].address, "127.0.0.1:783");
	assert_true(plan.checks[0].score == 7.5);
	assert_int_equal(plan.checks[0].pass, MS_CHECK_HEADERS);
	assert_null(plan.checks[0].user);
	assert_string_equal(plan.scanners[0].user, "rcpt");
	assert_int_equal(plan.checks[0].size_max, 1 << 20);
	assert_int_equal(plan.checks[0].timeout_ms, 5000);
	assert_true(plan.scanners[0].skip_auth);
	assert_int_equal(plan.scanners[0].kind, MS_POLICY_SPAM);
	assert_string_equal(plan.checks[1].argv[0], "/bin/x");
	assert_string_equal(plan.checks[1].argv[1], "a b");
	assert_string_equal(plan.checks[1].argv[2], "c");
	assert_null(plan.checks[1].argv[3]);
	assert_int_equal(plan.checks[1].exits[0], MS_CHECK_CLEAN);
	assert_int_equal(plan.checks[1].exits[1], MS_CHECK_FAILED);
	assert_int_equal(plan.checks[1].exits[99], MS_CHECK_SPAM);
	/* What says that mail is spam is for those who want that. */
	assert_int_equal(plan.scanners[1].kind, MS_POLICY_SPAM);
	assert_false(plan.scanners[1].skip_auth);
	/* It is no excuse for malware to be large. */
	assert_int_equal(plan.checks[1].size_max, 250 << 10);
	assert_true(plan.checks[2].size_max > (uint64_t)1 << 40);
	assert_string_equal(plan.checks[2].address, "unix:/run/sophie");
	assert_int_equal(plan.scanners[2].kind, MS_POLICY_SOPHIE);
	scanner_options_clear(&plan);
	assert_true(scanner_options_plan(&cmd_scan, NULL, &plan));
	assert_int_equal(plan.count, 0);
	scanner_options_clear(&plan);
}

static void
test_wrong(void **state)
{
	static const char *const wrong[] = { "", "x", "x y", "x type=y",
		"x type=command", "x type=sophie", "x 'y", "'' type=spamc",
		"a/b type=spamc", "x type=spamc z=1", "x type=spamc =1",
		"x type=command command=ls", "x type=command command=",
		"x type=command command=\"'\"",
		"x type=spamc address=nowhere",
		"x type=spamc reject-score=-1", "x type=spamc reject-score=1x",
		"x type=spamc reject-score=nan", "x type=spamc passthru=maybe",
		"x type=spamc user=../x", "x type=spamc user=",
		"x type=spamc max-size=", "x type=spamc max-size=1T",
		"x type=spamc max-size=-1", "x type=spamc max-size=1KK",
		"x type=spamc timeout=0", "x type=spamc timeout=3601",
		"x type=spamc timeout=", "x type=spamc scan-auth=maybe",
		"x type=command command=/x exit-map=256=clean",
		"x type=command command=/x exit-map=-1=clean",
		"x type=command command=/x exit-map=1",
		"x type=command command=/x exit-map=1=x",
		"x type=command command=/x finds=x",
		"x type=command command=/x output-pattern=(" };

	const char *accepted = NULL;
	const int heard = dup(STDERR_FILENO);
	const int deaf = open("/dev/null", O_WRONLY | O_CLOEXEC);

	(void)state;
	assert_true(heard >= 0 && deaf >= 0);
	assert_int_equal(dup2(deaf, STDERR_FILENO), STDERR_FILENO);
	for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++) {
		const char *const words[] = { "ok type=spamc", wrong[i],
			NULL };
		struct scanner_plan plan;

		if (scanner_options_plan(&cmd_scan, words, &plan))
			accepted = wrong[i];
		scanner_options_clear(&plan);
	}
	assert_int_equal(dup2(heard, STDERR_FILENO), STDERR_FILENO);
	(void)close(heard);
	(void)close(deaf);
	if (accepted)
		fail_msg("%s", accepted);
}

static void
test_twice(void **state)
{
	static const char *const words[] = { "x type=spamc",
		"x type=sophie address=/x", NULL };
	struct scanner_plan plan;

	(void)state;
	assert_false(scanner_options_plan(&cmd_scan, words, &plan));
	scanner_options_clear(&plan);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_wrong),
		cmocka_unit_test(test_twice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
