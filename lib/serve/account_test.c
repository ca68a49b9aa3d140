#include "serve/account.h"

#include "report/readback.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

/* A session up to DATA; XFORWARD: what a server before us says. */
static struct ms_session *
session_at_data(bool xforward)
{
	static const char *const commands[] = { "EHLO client.test\r\n",
		"XFORWARD NAME=far.test ADDR=192.0.2.77 HELO=hello\r\n",
		"MAIL FROM:<a@example.org>\r\n",
		"RCPT TO:<b@example.org>\r\n", "RCPT TO:<no@example.org>\r\n" };
	const struct ms_session_config config = { .greeting = false };
	struct ms_session *session = ms_session_new(&config);

	for (size_t i = 0; i < G_N_ELEMENTS(commands); i++) {
		const bool no = strstr(commands[i], "no@") != NULL;
		struct ms_event event;
		size_t used;

		if (i == 1 && !xforward)
			continue;
		assert_int_equal(ms_session_feed(session, commands[i],
		    strlen(commands[i]), &used, &event), MS_OK);
		assert_int_equal(ms_session_answer(session, no ? 550 : 250,
		    no ? "550 5.1.1 No such user" : NULL, NULL), MS_OK);
	}
	return session;
}

static void
check_headers(const char *text, const char *subject, const char *from)
{
	const int fd = memfd_create("test", MFD_CLOEXEC);
	struct ms_facts facts;

	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	ms_facts_init(&facts);
	ms_account_headers(fd, &facts.headers);
	if (g_strcmp0(facts.headers.subject, subject) != 0 ||
	    g_strcmp0(facts.headers.from, from) != 0)
		fail_msg("%s: %s, %s", text, facts.headers.subject,
		    facts.headers.from);
	ms_facts_clear(&facts);
	(void)close(fd);
}

/* All that people know a message by. */
static void
test_all_headers(void **state)
{
	static const char text[] = "To: a, b\nMessage-Id: <1@a>\nFrom: c\n"
	    "Date: now\nSubject: d\nto: e\n\n";
	const int fd = memfd_create("test", MFD_CLOEXEC);
	struct ms_facts facts;

	(void)state;
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	ms_facts_init(&facts);
	ms_account_headers(fd, &facts.headers);
	assert_string_equal(facts.headers.message_id, "<1@a>");
	assert_string_equal(facts.headers.subject, "d");
	assert_string_equal(facts.headers.from, "c");
	assert_string_equal(facts.headers.to, "a, b");
	assert_string_equal(facts.headers.date, "now");
	ms_facts_clear(&facts);
	(void)close(fd);
}

static void
test_headers(void **state)
{
	char *much = g_strnfill(200000, 'x');
	char *text = g_strdup_printf("Subject:%s\n", much);

	(void)state;
	check_headers("Received: x\r\nSUBJECT: a\r\n\tb \r\nfrom:me\r\n"
	    "Subject: c\r\n\r\nSubject: d\r\n", "a b", "me");
	check_headers("\r\nSubject: a\r\n", NULL, NULL);
	check_headers("", NULL, NULL);
	check_headers("Subject", NULL, NULL);
	check_headers("Subject:", "", NULL);
	check_headers(": x\n no\nSubjects: a\nFrom : b\nodd\nsubject:\nFrom:x",
	    "", "x");
	much[1000] = '\0';
	check_headers(text, much, NULL);
	g_free(text);
	g_free(much);
	ms_account_headers(-1, &(struct ms_headers){ .subject = NULL });
}

static void
test_envelope(void **state)
{
	const struct ms_account_ends ends = { "127.0.0.1", "127.0.0.2",
		"ESMTP" };

	(void)state;
	for (int xforward = 0; xforward < 2; xforward++) {
		struct ms_session *session = session_at_data(xforward);
		const struct ms_session_state *now = ms_session_state(session);
		struct ms_envelope *envelope = ms_account_envelope(now, &ends,
		    "v-1.1");
		struct ms_task_words words;

		assert_string_equal(envelope->queue_id, "v-1.1");
		assert_string_equal(envelope->sender, "a@example.org");
		assert_int_equal(envelope->count, 1);
		assert_string_equal(envelope->recipients[0], "b@example.org");
		assert_int_equal(envelope->refusals, 1);
		assert_string_equal(envelope->server_address, "127.0.0.2");
		assert_string_equal(envelope->protocol, "ESMTP");
		assert_string_equal(envelope->client_address, xforward ?
		    "192.0.2.77" : "127.0.0.1");
		assert_string_equal(envelope->helo, xforward ? "hello" :
		    "client.test");
		ms_account_words(now, &ends, &words);
		assert_string_equal(words.client, "127.0.0.1");
		assert_string_equal(words.server, "127.0.0.2");
		assert_true(!words.remote == !xforward);
		assert_true(!words.remote_helo == !xforward);
		ms_task_words_clear(&words);
		ms_envelope_free(envelope);
		ms_session_free(session);
	}
}

/* What a note says is what was found. */
static void
test_note(void **state)
{
	struct ms_readback_item item = { .kind = MS_READBACK_NOTICE };
	struct ms_task task = { .body = -1, .note = -1 };
	struct ms_answer answer = { .elapsed_ms = 12, .deaths = 1,
		.sha256 = ms_hash_of("x", 1) };
	struct ms_outcome *outcome;
	struct ms_facts facts;
	struct ms_error err;
	char text[4096];

	(void)state;
	ms_facts_init(&facts);
	ms_facts_finding(&facts, "clamav", "Bad\nOne", "1/x");
	ms_facts_gap(&facts, MS_REASON_WORKER_DIED, "", "signal 9");
	ms_facts_ambiguity(&facts, "duplicate-content-type", "", NULL);
	facts.headers.subject = g_strdup("hello");
	answer.facts = &facts;
	answer.verdict = ms_verdict_of(&facts);
	outcome = ms_account(&answer, "smtp", 100,
	    ms_envelope_new("a@example.org"));
	ms_facts_clear(&facts);
	ms_outcome_deed(outcome, "quarantine", MS_DEED_DONE, "20260101/1");
	assert_int_equal(ms_account_note(outcome, &task, &err), MS_OK);
	assert_in_range(task.note_size, 10, sizeof text);
	assert_int_equal(pread(task.note, text, sizeof text, 0),
	    task.note_size);
	assert_int_equal(ms_readback_parse(text, (size_t)task.note_size, &item,
	    &err), MS_OK);
	assert_int_equal(item.kind, MS_READBACK_MESSAGE);
	assert_int_equal(item.outcome->verdict, MS_VERDICT_INFECTED);
	assert_int_equal(item.outcome->size, 100);
	assert_true(ms_hash_equal(&item.outcome->sha256, &answer.sha256));
	assert_string_equal(((struct ms_finding *)
	    item.outcome->facts.findings->pdata[0])->name, "Bad\nOne");
	assert_int_equal(item.outcome->facts.gaps->len, 1);
	assert_string_equal(item.outcome->facts.headers.subject, "hello");
	assert_string_equal(item.outcome->envelope->sender, "a@example.org");
	assert_non_null(memmem(text, (size_t)task.note_size, "20260101/1",
	    10));
	ms_readback_item_clear(&item);
	ms_task_clear(&task);
	ms_outcome_free(outcome);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_headers),
		cmocka_unit_test(test_all_headers),
		cmocka_unit_test(test_envelope),
		cmocka_unit_test(test_note),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
