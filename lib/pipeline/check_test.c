#include "pipeline/check.h"

#include <fcntl.h>
#include <glib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define MAIL "Subject: x\r\n\r\nHello\r\n"

/* What SCRIPT, run by a shell with the message as its input, makes of it;
 * PATTERN and EXITS as check->exits, the first of them for status 0. */
static enum ms_status
ask(struct ms_check *check, const char *script, const char *user,
    struct ms_check_answer *answer, struct ms_error *err)
{
	const char *const argv[] = { "/bin/sh", "-c", script, NULL };
	struct ms_check_question question = {
		.check = check,
		.data = (const unsigned char *)MAIL,
		.size = strlen(MAIL),
		.fd = memfd_create("check_test", MFD_CLOEXEC),
		.user = user,
		.score = -1,
		.pass = check->pass,
	};
	enum ms_status status;

	check->name = "x";
	check->argv = argv;
	check->timeout_ms = 20000;
	assert_true(question.fd >= 0);
	assert_int_equal(pwrite(question.fd, MAIL, strlen(MAIL), 0),
	    strlen(MAIL));
	status = ms_check_ask(&question, answer, err);
	(void)close(question.fd);
	return status;
}

static void
test_exits(void **state)
{
	static const struct {
		const char *script;
		unsigned char exit;	/* what status 9 means */
		const char *pattern;
		enum ms_status status;
		const char *found;
		enum ms_finding_kind kind;
	} rows[] = {
		{ "exit 0", MS_CHECK_SPAM, NULL, MS_OK, NULL, 0 },
		{ "exit 9", MS_CHECK_SPAM, NULL, MS_OK, "status 9",
		  MS_FINDING_SPAM },
		{ "exit 9", MS_CHECK_BLOCKED, NULL, MS_OK, "status 9",
		  MS_FINDING_BLOCKED },
		{ "echo is: It.; exit 9", MS_CHECK_INFECTED, "is: (.*)",
		  MS_OK, "It.", MS_FINDING_MALWARE },
		{ "echo is: It.; exit 9", MS_CHECK_INFECTED, "none", MS_OK,
		  "status 9", MS_FINDING_MALWARE },
		{ "echo is: It.; exit 9", MS_CHECK_OUTPUT, "It", MS_OK, "It",
		  MS_FINDING_BLOCKED },
		{ "echo is: It.; exit 9", MS_CHECK_OUTPUT, "none", MS_OK,
		  NULL, 0 },
		{ "cat; exit 9", MS_CHECK_OUTPUT, "Hello", MS_OK, "Hello",
		  MS_FINDING_BLOCKED },
		{ "printf '\\377\\376x'; exit 9", MS_CHECK_OUTPUT, ".x$",
		  MS_OK, "\376x", MS_FINDING_BLOCKED },
		{ "exit 9", MS_CHECK_FAILED, NULL, MS_E_PEER, NULL, 0 },
		{ "exit 8", MS_CHECK_SPAM, NULL, MS_E_PEER, NULL, 0 },
		{ "kill -9 $$", MS_CHECK_SPAM, NULL, MS_E_PEER, NULL, 0 },
		/* It takes too long to find anything in that. */
		{ "printf %60000s | tr ' ' a; exit 9", MS_CHECK_OUTPUT,
		  "^(a|aa)+[bc]$", MS_E_PEER, NULL, 0 },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		struct ms_check check = { .type = MS_CHECK_COMMAND,
			.exits = { [0] = MS_CHECK_CLEAN,
				[9] = rows[i].exit },
			.pattern = rows[i].pattern,
			.finds = MS_FINDING_BLOCKED };
		struct ms_check_answer answer;
		struct ms_error err = { "" };
		enum ms_status status = ask(&check, rows[i].script, NULL,
		    &answer, &err);

		if ((status == MS_OK) != (rows[i].status == MS_OK) ||
		    g_strcmp0(answer.found, rows[i].found) != 0 ||
		    (answer.found && answer.kind != rows[i].kind))
			fail_msg("%zu: %d %s %s", i, status, answer.found ?
			    answer.found : "-", err.text);
		if (status != MS_OK)
			assert_true(g_str_has_prefix(err.text, "x: "));
		assert_null(answer.rewritten);
		ms_check_answer_clear(&answer);
	}
}

/* What it prints takes the message's place, with the message's line ends. */
static void
test_pass(void **state)
{
	static const struct {
		const char *script, *becomes;
	} rows[] = {
		{ "echo X-A: 1; cat", "X-A: 1\r\n" MAIL },
		{ "printf 'a\\r\\nb\\n\\n'", "a\r\nb\r\n\r\n" },
		{ "cat >/dev/null", NULL },
		{ "yes", NULL },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		struct ms_check check = { .type = MS_CHECK_COMMAND,
			.exits = { [0] = MS_CHECK_CLEAN },
			.pass = MS_CHECK_MESSAGE };
		struct ms_check_answer answer;
		struct ms_error err = { "" };

		if ((ask(&check, rows[i].script, NULL, &answer, &err) ==
		    MS_OK) != (rows[i].becomes != NULL))
			fail_msg("%zu: %s", i, err.text);
		assert_int_equal(answer.rewritten != NULL,
		    rows[i].becomes != NULL);
		if (answer.rewritten) {
			assert_int_equal(answer.rewritten->len,
			    strlen(rows[i].becomes));
			assert_memory_equal(answer.rewritten->data,
			    rows[i].becomes, answer.rewritten->len);
		}
		ms_check_answer_clear(&answer);
	}
}

/* Its environment has a path, and whose settings it should take; nobody's if
 * that could be more than a name. */
static void
test_user(void **state)
{
	static const struct {
		const char *user, *want;
	} rows[] = {
		{ "anna@example.org", "anna@example.org" }, { NULL, "" },
		{ "", "" }, { "\"$(x)\"@example.org", "" }, { "a\nB=c", "" },
		{ "../x", "" }, { "-rf", "" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		struct ms_check check = { .type = MS_CHECK_COMMAND,
			.exits = { [0] = MS_CHECK_OUTPUT },
			.pattern = "<.*>" };
		struct ms_check_answer answer;
		struct ms_error err = { "" };
		char *want = g_strdup_printf("<%s>", rows[i].want);

		assert_int_equal(ask(&check, "echo \"<$MAILSCAN_USER>\"",
		    rows[i].user, &answer, &err), MS_OK);
		assert_string_equal(answer.found, want);
		g_free(want);
		ms_check_answer_clear(&answer);
	}
}

/* Nobody is there: that is not that there is nothing. */
static void
test_nobody(void **state)
{
	static const enum ms_check_type types[] = { MS_CHECK_SPAMC,
		MS_CHECK_SOPHIE, MS_CHECK_COMMAND };
	static const char *const argv[] = { "/nonexistent/program", NULL };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(types); i++) {
		const struct ms_check check = { .name = "x",
			.type = types[i], .argv = argv,
			.address = "unix:/nonexistent/socket",
			.timeout_ms = 20000 };
		const struct ms_check_question question = { .check = &check,
			.data = (const unsigned char *)MAIL,
			.size = strlen(MAIL), .path = "/nonexistent/mail",
			.fd = -1, .score = -1 };
		struct ms_check_answer answer;
		struct ms_error err = { "" };

		assert_true(ms_check_ask(&question, &answer, &err) < 0);
		assert_true(g_str_has_prefix(err.text, "x: "));
		assert_null(answer.found);
		assert_null(answer.rewritten);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_exits),
		cmocka_unit_test(test_pass),
		cmocka_unit_test(test_user),
		cmocka_unit_test(test_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
