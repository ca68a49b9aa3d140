#include "capture/addressed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* A transaction with two recipients that were taken, and one that was not. */
static struct ms_session *
begin(const char *hello)
{
	const char *const commands[] = { hello,
		"MAIL FROM:<a@example.org>\r\n", "RCPT TO:<b@example.org>\r\n",
		"RCPT TO:<c@example.org>\r\n", "RCPT TO:<no@example.org>\r\n" };
	const struct ms_session_config config = { .greeting = false,
		.lmtp = *hello == 'L' };
	struct ms_session *session = ms_session_new(&config);

	for (size_t i = hello[0] == '\0'; i < G_N_ELEMENTS(commands); i++) {
		const bool no = strstr(commands[i], "no@") != NULL;
		struct ms_event event;
		size_t used;

		assert_int_equal(ms_session_feed(session, commands[i],
		    strlen(commands[i]), &used, &event), MS_OK);
		assert_int_equal(ms_session_answer(session, no ? 550 : 250,
		    no ? "no such user" : NULL, NULL), MS_OK);
	}
	return session;
}

static struct ms_envelope *
envelope_of(const struct ms_session *session,
    const struct ms_addressed_more *more)
{
	const struct ms_stash_config room = { .memory_max = 1 << 20,
		.fd = -1 };
	struct ms_stash *stash = ms_stash_new(&room);
	struct ms_dialogue *dialogue = ms_dialogue_new(stash);
	struct ms_envelope *envelope;

	dialogue->client = g_strdup("192.0.2.1:1025");
	dialogue->server = g_strdup("192.0.2.2:25");
	envelope = ms_addressed(dialogue, session, more);
	ms_dialogue_free(dialogue);
	ms_stash_free(stash);
	return envelope;
}

static void
test_smtp(void **state)
{
	struct ms_session *session = begin("EHLO client.test\r\n");
	GPtrArray *none = g_ptr_array_new();
	const struct ms_addressed_more more = { "before", "250 taken", none };
	struct ms_envelope *envelope = envelope_of(session, &more);

	(void)state;
	assert_string_equal(envelope->sender, "a@example.org");
	assert_string_equal(envelope->client_address, "192.0.2.1:1025");
	assert_string_equal(envelope->server_address, "192.0.2.2:25");
	assert_string_equal(envelope->helo, "client.test");
	assert_string_equal(envelope->protocol, "ESMTP");
	assert_string_equal(envelope->reply, "250 taken");
	assert_int_equal(envelope->count, 2);
	assert_string_equal(envelope->recipients[0], "b@example.org");
	assert_string_equal(envelope->recipients[1], "c@example.org");
	assert_int_equal(envelope->refusals, 1);
	ms_envelope_free(envelope);
	ms_session_free(session);
	g_ptr_array_unref(none);
}

/* Who is told only at the end that there is no mailbox for it gets nothing,
 * either; and a name from before is better than none. */
static void
test_late(void **state)
{
	struct ms_session *session = begin("");
	GPtrArray *replies = g_ptr_array_new();
	const struct ms_addressed_more more = { "before", NULL, replies };
	char late[] = "452 full";
	struct ms_envelope *envelope;

	(void)state;
	g_ptr_array_add(replies, NULL);
	g_ptr_array_add(replies, late);
	envelope = envelope_of(session, &more);
	assert_int_equal(envelope->count, 1);
	assert_string_equal(envelope->recipients[0], "b@example.org");
	assert_int_equal(envelope->refusals, 2);
	assert_string_equal(envelope->helo, "before");
	assert_null(envelope->reply);
	ms_envelope_free(envelope);
	ms_session_free(session);
	g_ptr_array_unref(replies);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_smtp),
		cmocka_unit_test(test_late),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
