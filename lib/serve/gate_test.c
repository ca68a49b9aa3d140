#include "serve/gate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* A session of a client that a server before us may name. */
static struct ms_session *
make_session(const char *xforward)
{
	const char *const commands[] = { "EHLO gate.test\r\n", xforward };
	const struct ms_session_config config = { .greeting = false };
	struct ms_session *session = ms_session_new(&config);

	for (size_t i = 0; i < G_N_ELEMENTS(commands) && commands[i]; i++) {
		struct ms_event event;
		size_t used;

		assert_int_equal(ms_session_feed(session, commands[i],
		    strlen(commands[i]), &used, &event), MS_OK);
		assert_int_equal(ms_session_answer(session, 250, NULL, NULL),
		    MS_OK);
	}
	return session;
}

static char *
ask(const struct ms_case_config *config, const char *xforward,
    const char *host, const char *line)
{
	struct ms_session *session = make_session(xforward);
	struct ms_gate_asked asked = { NULL, NULL };
	struct ms_request request;
	char *reply;

	ms_request_parse(&request, line, strlen(line));
	reply = ms_gate(config, ms_session_state(session), host, &request,
	    &asked);
	g_free(asked.sender);
	g_free(asked.recipient);
	ms_request_clear(&request);
	ms_session_free(session);
	return reply;
}

static struct ms_policy *
open_policy(void)
{
	static const char *const domains[] = { "example.com", NULL };
	static const char *const exempt[] = { "2001:db8:9::25", NULL };
	const struct ms_policy_config config = { .hostname = "gate.test",
		.reject_forged_local = true, .local_domains = domains,
		.block_address_chars = "|", .block_exempt = exempt };
	struct ms_policy *policy;

	assert_int_equal(ms_policy_open(&config, &policy, NULL), MS_OK);
	return policy;
}

/* XFORWARD's words stand for the client's own. */
static void
test_refusals(void **state)
{
	static const char far[] = "XFORWARD ADDR=192.0.2.1 HELO=x.test\r\n";
	static const char near[] = "XFORWARD ADDR=IPV6:fe80::1 HELO=x\r\n";
	static const char forged[] = "XFORWARD NAME=GATE.test "
	    "ADDR=192.0.2.1\r\n";
	static const struct {
		const char *xforward, *host, *line, *reply;
	} rows[] = {
		{ NULL, "127.0.0.1", "MAIL FROM:<a@example.com>", NULL },
		{ NULL, NULL, "MAIL FROM:<a@example.com>", NULL },
		{ NULL, "192.0.2.1", "MAIL FROM:<a@x>",
		  "550 5.7.1 You have claimed to be me" },
		{ far, "127.0.0.1", "MAIL FROM:<a@x>", NULL },
		{ far, "127.0.0.1", "MAIL FROM:<>", NULL },
		{ far, "127.0.0.1", "MAIL FROM:<a@example.com>",
		  "550 5.7.1 You have claimed to be one of us" },
		{ near, "192.0.2.1", "MAIL FROM:<a@example.com>", NULL },
		{ forged, "127.0.0.1", "MAIL FROM:<a@x>",
		  "550 5.7.1 You have claimed to be me" },
		{ far, "127.0.0.1", "RCPT TO:<a@example.com>", NULL },
		{ NULL, "127.0.0.1", "RCPT TO:<a|b@example.com>",
		  "554 5.7.1 Suspicious" },
	};
	struct ms_policy *policy = open_policy();
	const struct ms_case_config config = { .policy = policy };
	const struct ms_case_config none = { .policy = NULL };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		char *reply = ask(&config, rows[i].xforward, rows[i].host,
		    rows[i].line);

		if (!reply != !rows[i].reply || (reply &&
		    !g_str_has_prefix(reply, rows[i].reply)))
			fail_msg("%zu: %s", i, reply);
		g_free(reply);
		assert_null(ask(&none, rows[i].xforward, rows[i].host,
		    rows[i].line));
	}
	ms_policy_free(policy);
}

/* Who asks does not wait for replies. */
static void
test_apart(void **state)
{
	static const char *const lines[] = {
		"a@x:on_infected=tag", "b@x:on_infected=tag", "c@x:spam=no",
		NULL };
	static const char *const holes[] = { "hole@x", NULL };
	static const struct {
		const char *line;
		bool good;	/* if it is split */
	} rows[] = {
		{ "RCPT TO:<a@x>", true },
		{ "RCPT TO:<b@x>", true },
		{ "RCPT TO:<c@x>", false },
		{ "RCPT TO:<d@x>", false },
		{ "MAIL FROM:<s@y>", true },
		{ "RCPT TO:<c@x>", true },
		{ "RCPT TO:<a@x>", false },
		{ "MAIL FROM:<>", true },
		{ "RCPT TO:<d@x>", true },
		{ "RCPT TO:<hole@x>", false },
		{ "RCPT TO:<e@x>", true },
	};
	struct ms_policy_config config = { .lines = lines,
		.blackhole = holes, .conflict = MS_POLICY_SPLIT };
	struct ms_case_config cases = { .policy = NULL };

	(void)state;
	for (int split = 0; split < 2; split++) {
		struct ms_session *session = make_session(NULL);
		struct ms_gate_asked asked = { NULL, NULL };
		struct ms_policy *policy;

		config.conflict = split ? MS_POLICY_SPLIT : MS_POLICY_LAST;
		assert_int_equal(ms_policy_open(&config, &policy, NULL),
		    MS_OK);
		cases.policy = policy;
		for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
			struct ms_request request;
			char *reply;

			ms_request_parse(&request, rows[i].line,
			    strlen(rows[i].line));
			reply = ms_gate(&cases, ms_session_state(session),
			    "192.0.2.1", &request, &asked);
			if (!reply != (rows[i].good || !split))
				fail_msg("%zu: %s", i, reply);
			if (reply)
				assert_true(g_str_has_prefix(reply,
				    "452 4.5.3 "));
			g_free(reply);
			ms_request_clear(&request);
		}
		g_free(asked.sender);
		g_free(asked.recipient);
		ms_session_free(session);
		ms_policy_free(policy);
	}
}

static void
test_bans(void **state)
{
	static const char line[] = "MAIL FROM:<a@x>";
	static const char *const never[] = { NULL, "127.0.0.1", "10.0.0.1" };
	struct ms_policy *policy = open_policy();
	const struct ms_case_config config = { .policy = policy,
		.bans = ms_bans_new(3600000) };
	static const char far[] = "XFORWARD ADDR=198.51.100.1 HELO=x\r\n";
	char *reply;

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(never); i++) {
		ms_gate_infected(&config, never[i]);
		assert_null(ask(&config, NULL, never[i], line));
	}
	assert_null(ask(&config, far, "127.0.0.1", line));
	ms_gate_infected(&config, "198.51.100.1");
	reply = ask(&config, far, "127.0.0.1", line);
	assert_string_equal(reply, "550 5.7.1 198.51.100.1 is blacklisted "
	    "because your machine is infected with a virus");
	g_free(reply);
	/* An address that nobody has in good faith counts as well. */
	g_free(ask(&config, "XFORWARD ADDR=198.51.100.2 HELO=x\r\n",
	    "127.0.0.1", "RCPT TO:<a|b@x>"));
	reply = ask(&config, "XFORWARD ADDR=198.51.100.2 HELO=x\r\n",
	    "127.0.0.1", line);
	assert_non_null(reply);
	g_free(reply);
	/* Of its network they are banned but for those who never are. */
	ms_gate_infected(&config, "2001:db8:9::1");
	reply = ask(&config, "XFORWARD ADDR=IPV6:2001:db8:9::2 HELO=x\r\n",
	    "127.0.0.1", line);
	assert_non_null(strstr(reply, "is blacklisted"));
	g_free(reply);
	assert_null(ask(&config, "XFORWARD ADDR=IPV6:2001:db8:9::25 HELO=x"
	    "\r\n", "127.0.0.1", line));
	ms_bans_free(config.bans);
	ms_policy_free(policy);
}

/* What a door without a session asks, of the envelope that it has so far. */
static char *
ask_at(const struct ms_case_config *config, enum ms_errand_whom whom,
    const char *client, const char *address, struct ms_errand_gated *gated)
{
	const struct ms_errand_gate gate = { 5, whom };
	struct ms_errand_envelope asked = {
		.id = 5,
		.door = (char *)(uintptr_t)"milter",
		.envelope = ms_envelope_new(whom == MS_ERRAND_SENDER ?
		    address : "a@x"),
	};
	GByteArray *frame;

	asked.envelope->client_address = g_strdup(client);
	if (whom == MS_ERRAND_RECIPIENT && address)
		ms_envelope_add(asked.envelope, address);
	frame = ms_gate_answer(config, &asked, &gate);
	assert_int_equal(ms_errand_read_gated(frame->data, frame->len,
	    gated), MS_OK);
	assert_int_equal(gated->id, 5);
	g_byte_array_unref(frame);
	ms_envelope_free(asked.envelope);
	return gated->reply;
}

static void
test_other_doors(void **state)
{
	static const char far[] = "192.0.2.1";
	struct ms_policy *policy = open_policy(), *plain;
	const struct ms_policy_config nothing = { .hostname = "gate.test" };
	const struct ms_case_config none = { .policy = NULL };
	struct ms_case_config config = { .policy = policy };
	struct ms_errand_gated gated;
	char *reply;

	(void)state;
	assert_int_equal(ms_policy_open(&nothing, &plain, NULL), MS_OK);
	reply = ask_at(&config, MS_ERRAND_SENDER, far, "a@example.com",
	    &gated);
	assert_memory_equal(reply, "550 5.7.1 You", 13);
	g_free(reply);
	assert_true(gated.senders && gated.recipients);
	assert_null(ask_at(&config, MS_ERRAND_SENDER, NULL, "a@example.com",
	    &gated));
	assert_null(ask_at(&config, MS_ERRAND_SENDER, far, "", &gated));
	assert_null(ask_at(&config, MS_ERRAND_NOBODY, far, "", &gated));
	assert_null(ask_at(&config, MS_ERRAND_RECIPIENT, far, NULL, &gated));
	assert_null(ask_at(&none, MS_ERRAND_SENDER, far, "a@example.com",
	    &gated));
	assert_false(gated.senders || gated.recipients);
	/* Who is banned at one door is so at each. */
	config.bans = ms_bans_new(0);
	config.policy = plain;
	assert_null(ask_at(&config, MS_ERRAND_SENDER, far, "a@y", &gated));
	assert_false(gated.senders || gated.recipients);
	ms_bans_set_time(config.bans, 3600000);
	assert_null(ask_at(&config, MS_ERRAND_SENDER, far, "a@y", &gated));
	assert_true(gated.senders && !gated.recipients);
	config.policy = policy;
	g_free(ask_at(&config, MS_ERRAND_RECIPIENT, far, "a|b@x", &gated));
	reply = ask(&config, NULL, far, "MAIL FROM:<a@x>");
	assert_string_equal(reply, "550 5.7.1 192.0.2.1 is blacklisted "
	    "because your machine is infected with a virus");
	g_free(reply);
	ms_bans_free(config.bans);
	ms_policy_free(policy);
	ms_policy_free(plain);
}

/* What has not been asked before is, when the message is there. */
static void
test_messages(void **state)
{
	static const struct {
		const char *client, *helo, *sender, *recipients[3];
		const char *reply;
	} rows[] = {
		{ "192.0.2.1", "x", "a@x", { "a@x", "b@x" }, NULL },
		{ "192.0.2.1", "gate.test", "a@x", { "a@x" }, "550 5.7.1 " },
		{ "10.0.0.1", "gate.test", "a@x", { "a@x" }, NULL },
		{ NULL, "gate.test", "a@x", { "a@x" }, NULL },
		{ NULL, NULL, NULL, { NULL }, NULL },
		{ "198.51.100.7", NULL, "a@x", { "a@x", "a|b@x" },
		  "554 5.7.1 " },
		/* That was the last thing that was heard of it. */
		{ "198.51.100.7", NULL, "a@x", { "a@x" }, "550 5.7.1 198." },
		{ NULL, NULL, "", { "a|b@x" }, "554 5.7.1 " },
	};
	struct ms_policy *policy = open_policy();
	struct ms_case_config config = { .policy = policy,
		.bans = ms_bans_new(3600000) };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		struct ms_errand_envelope asked = {
			.door = (char *)(uintptr_t)"queue",
			.envelope = ms_envelope_new(rows[i].sender) };
		char *reply;

		asked.envelope->client_address = g_strdup(rows[i].client);
		asked.envelope->helo = g_strdup(rows[i].helo);
		for (size_t k = 0; rows[i].recipients[k]; k++)
			ms_envelope_add(asked.envelope,
			    rows[i].recipients[k]);
		reply = ms_gate_message(&config, &asked);
		if (!reply != !rows[i].reply ||
		    (reply && !g_str_has_prefix(reply, rows[i].reply)))
			fail_msg("%zu: %s", i, reply);
		g_free(reply);
		config.policy = NULL;
		assert_null(ms_gate_message(&config, &asked));
		config.policy = policy;
		ms_envelope_free(asked.envelope);
	}
	ms_bans_free(config.bans);
	ms_policy_free(policy);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_apart),
		cmocka_unit_test(test_bans),
		cmocka_unit_test(test_messages),
		cmocka_unit_test(test_other_doors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
