#include "capture/answers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

/* Turns, each a side and what it says, in the order of time; "g" and "h" are
 * gaps of client and server. */
static struct ms_dialogue *
talk(struct ms_stash *stash, const char *const *turns)
{
	struct ms_dialogue *dialogue = ms_dialogue_new(stash);

	dialogue->begun = true;
	for (int64_t now = 0; *turns; turns++, now++) {
		enum ms_side side = **turns == 'S' || **turns == 'h' ?
		    MS_SIDE_SERVER : MS_SIDE_CLIENT;

		if (**turns == 'g' || **turns == 'h')
			assert_int_equal(MS_OK, ms_dialogue_gap(dialogue,
			    side, now, 0, NULL));
		else
			assert_int_equal(MS_OK, ms_dialogue_say(dialogue,
			    side, now, *turns + 1, strlen(*turns + 1), NULL));
	}
	return dialogue;
}

/* What was asked in which turn, at its end, and the answer. */
struct question {
	size_t turn;
	enum ms_event_kind event;
	enum ms_verb verb;
	int want;
	const char *text, *refusal;
};

#define COMMAND(turn, verb, want, text) \
	{ turn, MS_EVENT_COMMAND, MS_VERB_##verb, want, text, NULL }

static const struct row {
	const char *name, *turns[12];
	bool greets, doubt;
	struct question questions[6];
} rows[] = {
	{ "in order", { "S220 a\r\n", "CEHLO a\r\n", "S250-b\r\n250 c\r\n",
	  "CMAIL\r\nRCPT\r\n", "S250 d\r\n550 e\r\n" }, true, false, {
	  COMMAND(0, NOOP, 220, "a"), COMMAND(1, EHLO, 250, "b\nc"),
	  COMMAND(3, MAIL, 250, "d"), COMMAND(3, RCPT, 550, "e") } },
	{ "nobody answers", { "CEHLO a\r\nDATA\r\n", "CSubject: x\r\n" },
	  false, false, { COMMAND(0, EHLO, 250, NULL),
	  COMMAND(0, DATA, 354, NULL) } },
	{ "nobody answers, and no content comes", { "CDATA\r\n",
	  "CRSET\r\n" }, false, false, { COMMAND(0, DATA, 503, NULL) } },
	{ "AUTH that nobody answers", { "CAUTH LOGIN\r\n", "CYQ==\r\n",
	  "CMAIL FROM:<a>\r\n" }, false, false, {
	  COMMAND(0, AUTH, 334, NULL),
	  { 1, MS_EVENT_RESPONSE, MS_VERB_AUTH, 235, NULL, NULL } } },
	{ "STARTTLS that nobody answers", { "CSTARTTLS\r\n",
	  "C\x16\x03\x01" }, false, false, {
	  COMMAND(0, STARTTLS, 220, NULL) } },
	{ "refused, and sent all the same", { "CDATA\r\n", "S554 no\r\n",
	  "CSubject: x\r\n" }, true, false, {
	  { 0, MS_EVENT_COMMAND, MS_VERB_DATA, 354, "no", "554 no" } } },
	{ "refused, and not sent", { "CDATA\r\n", "S554 no\r\n",
	  "CQUIT\r\n" }, true, false, { COMMAND(0, DATA, 554, "no") } },
	{ "one reply too many", { "CRSET\r\n", "S250 a\r\n250 b\r\n",
	  "CDATA\r\n", "S354 go\r\n", "Cx\r\n" }, true, false, {
	  COMMAND(0, RSET, 250, "a"), COMMAND(2, DATA, 354, "go") } },
	{ "one reply is missing", { "CNOOP\r\n", "h", "CRSET\r\n",
	  "S250 b\r\n", "CDATA\r\n", "S354 go\r\n", "Cx\r\n" }, true, false, {
	  COMMAND(0, NOOP, 250, NULL), COMMAND(2, RSET, 250, "b"),
	  COMMAND(4, DATA, 354, "go") } },
	{ "in doubt, what was said before", { "CNOOP\r\n", "S250 a\r\n",
	  "CRSET\r\n", "S250 b\r\n" }, true, true, {
	  COMMAND(2, RSET, 250, "b") } },
	{ "in doubt, together", { "CMAIL\r\nRCPT\r\n",
	  "S250 a\r\n550 b\r\n", "CQUIT\r\n" }, true, true, {
	  COMMAND(0, MAIL, 250, "a"), COMMAND(0, RCPT, 550, "b") } },
	{ "rubbish", { "Sx\r\n", "CEHLO a\r\n", "Syy\r\n250 ok\r\n" }, false,
	  false, { COMMAND(1, EHLO, 250, "ok") } },
	{ "a line that is no command", { "CHLEO\r\n" }, false, false, {
	  { 0, MS_EVENT_BAD_LINE, MS_VERB_UNKNOWN, 500, NULL, NULL } } },
	{ "broken off", { "S220 a\r\n", "CQUIT\r\n", "S221 b" }, true, false,
	  { COMMAND(0, NOOP, 220, "a"), COMMAND(1, QUIT, 221, "b") } },
};

static void
ask(struct ms_answers *answers, const struct ms_dialogue *dialogue,
    const struct question *q)
{
	struct ms_asking asking = { .turn = q->turn, .event = q->event,
		.verb = q->verb };
	struct ms_answer answer;

	asking.at = ms_dialogue_turn(dialogue, q->turn)->size;
	assert_int_equal(MS_OK, ms_answers_next(answers, &asking, &answer,
	    NULL));
	assert_int_equal(q->want, answer.code);
	if (q->text)
		assert_string_equal(q->text, answer.text);
	else
		assert_null(answer.text);
	if (q->refusal)
		assert_string_equal(q->refusal, answer.refusal);
	else
		assert_null(answer.refusal);
	g_free(answer.text);
	g_free(answer.refusal);
}

static void
test_answers(void **state)
{
	const struct ms_stash_config config = { .memory_max = 1 << 20,
		.fd = -1 };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		struct ms_stash *stash = ms_stash_new(&config);
		struct ms_dialogue *dialogue = talk(stash, rows[i].turns);
		struct ms_answers *answers;

		print_message("  %s\n", rows[i].name);
		assert_int_equal(MS_OK, ms_answers_new(dialogue, &answers,
		    NULL));
		if (rows[i].doubt)
			ms_answers_doubt(answers);
		if (*rows[i].turns[0] == 'S')
			assert_int_equal(rows[i].greets,
			    ms_answers_greets(answers));
		for (size_t j = 0; j < G_N_ELEMENTS(rows[i].questions) &&
		    rows[i].questions[j].want; j++)
			ask(answers, dialogue, &rows[i].questions[j]);
		ms_answers_free(answers);
		ms_dialogue_free(dialogue);
		ms_stash_free(stash);
	}
	ms_answers_free(NULL);
}

static void
test_text(void **state)
{
	static const struct {
		int code;
		const char *text, *want;
	} cases[] = {
		{ 250, "ok", "250 ok" }, { 250, "a\nb", "250 a b" },
		{ 354, "", "354" }, { 354, NULL, "354" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		char *got = ms_answers_text(cases[i].code, cases[i].text);

		assert_string_equal(cases[i].want, got);
		g_free(got);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
