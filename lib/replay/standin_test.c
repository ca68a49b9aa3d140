#include "replay/standin.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void
add(struct ms_role *role, enum ms_step_kind kind, const char *verb,
    const char *argument, const char *reply)
{
	struct ms_step step = ms_role_command(verb, argument);
	const size_t at = role->steps->len - 1;

	step.kind = kind;
	step.own = MS_STEP_RECORDED;
	ms_role_insert(role, at, &step);
	if (reply)
		ms_role_answer(role, ms_role_step(role, at),
		    (int)strtol(reply, NULL, 10), reply + 4);
	else
		ms_role_step(role, at)->silent = true;
}

/* Two messages with one envelope, and a connection that was closed. */
static struct ms_role *
example(void)
{
	struct ms_role *role = ms_role_new();

	ms_role_answer(role, ms_role_step(role, 0), 220, "mx");
	add(role, MS_STEP_COMMAND, "EHLO", "c", "250 mx\nSIZE 1");
	add(role, MS_STEP_COMMAND, "mail", "from: <a@b>", "250 one");
	add(role, MS_STEP_COMMAND, "RCPT", "TO:<c@d>", "250 two");
	add(role, MS_STEP_COMMAND, "DATA", NULL, "354 go");
	add(role, MS_STEP_CONTENT, "", NULL, "250 three");
	add(role, MS_STEP_COMMAND, "RSET", NULL, "250 four");
	add(role, MS_STEP_COMMAND, "MAIL", "FROM:<a@b>", "250 five");
	add(role, MS_STEP_COMMAND, "RCPT", "TO:<c@d>", "550 six");
	add(role, MS_STEP_COMMAND, "BDAT", "5", "250 seven");
	add(role, MS_STEP_COMMAND, "BDAT", "3 LAST", "250 eight");
	add(role, MS_STEP_COMMAND, "NOOP", NULL, NULL);
	return role;
}

/* Say TEXT, STEP bytes at a time, when the client is at its step UNTIL. */
static void
say(struct ms_standin *standin, size_t until, const char *text, size_t step,
    const char *want)
{
	const size_t size = strlen(text);

	standin->until = until;
	for (size_t at = 0; at < size; at += step)
		ms_standin_hear(standin, text + at, MIN(step, size - at));
	assert_string_equal(standin->replies->str, want);
	g_string_truncate(standin->replies, 0);
}

static void
test_recorded(void **state)
{
	(void)state;
	for (size_t step = 1; step < 20; step++) {
		struct ms_role *role = example();
		struct ms_standin s;

		ms_standin_init(&s, role);
		say(&s, 0, "", step, "220 mx\r\n");
		say(&s, 1, "EHLO c\r\n", step, "250-mx\r\n250 SIZE 1\r\n");
		say(&s, 2, "MAIL FROM:<a@b>\r\n", step, "250 one\r\n");
		say(&s, 3, "RCPT TO:<c@d>\r\n", step, "250 two\r\n");
		say(&s, 5, "DATA\r\n", step, "354 go\r\n");
		say(&s, 5, "a\r\n..\r\nRSET\r\n", step, "");
		say(&s, 5, ".\r\n", step, "250 three\r\n");
		say(&s, 6, "RSET\r\n", step, "250 four\r\n");
		say(&s, 7, "MAIL FROM:<a@b>\r\n", step, "250 five\r\n");
		say(&s, 8, "RCPT TO:<c@d>\r\n", step, "550 six\r\n");
		/* In other chunks than they were. */
		say(&s, 10, "BDAT 8\r\nab\r\n.\r\nc", step,
		    "250 (a chunk)\r\n");
		say(&s, 10, "BDAT 0 LAST\r\n", step, "250 eight\r\n");
		assert_int_equal(s.unmatched, 0);
		assert_false(s.closes);
		say(&s, 11, "NOOP\r\n", step, "");
		assert_true(s.closes);
		ms_standin_clear(&s);
		ms_role_free(role);
	}
}

/* What was not said then is likely now, and what was said later is not taken
 * for it. */
static void
test_unmatched(void **state)
{
	struct ms_role *role = example();
	struct ms_standin s;

	(void)state;
	ms_standin_init(&s, role);
	g_string_truncate(s.replies, 0);
	say(&s, 1, "EHLO other\r\n", 99, "250 (not recorded)\r\n");
	say(&s, 2, "MAIL FROM:<a@b>\r\n", 99, "250 one\r\n");
	say(&s, 3, "RCPT TO:<c@d>\r\n", 99, "250 two\r\n");
	/* The message is refused before it was said. */
	say(&s, 5, "RSET\r\n", 99, "250 (not recorded)\r\n");
	say(&s, 6, "RSET\r\n", 99, "250 four\r\n");
	say(&s, 7, "MAIL FROM:<a@b>\r\n", 99, "250 five\r\n");
	say(&s, 8, "RCPT TO:<x@d>\r\n", 99, "250 (not recorded)\r\n");
	say(&s, 8, "VRFY x\r\n", 99, "502 (not recorded)\r\n");
	say(&s, 9, "DATA\r\n", 99, "354 (not recorded)\r\n");
	say(&s, 9, "x\r\n.\r\n", 99, "250 (not recorded)\r\n");
	assert_int_equal(s.unmatched, 6);
	ms_standin_clear(&s);
	ms_role_free(role);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_recorded),
		cmocka_unit_test(test_unmatched),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
