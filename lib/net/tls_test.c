#include "net/talk_test.h"

#include <errno.h>
#include <sys/stat.h>

/* TLS, by itself and under a talk. */

static int
make_certificates(void **state)
{
	(void)state;
	certificate_make("good", "DNS:mail.example,IP:192.0.2.1");
	certificate_make("other", "DNS:mail.example");
	return 0;
}

/* What is said of files that do not serve. */
static void
test_files(void **state)
{
	static const struct {
		struct ms_tls_config config;
		enum ms_status status;
		const char *text;
	} cases[] = {
		{ { .server = true }, MS_E_USAGE, "needs a certificate" },
		{ { .server = true, .certificate = "none.pem" }, MS_E_IO,
		    "none.pem: No such file" },
		{ { .server = true, .certificate = "good.pem" },
		    MS_E_FORMAT, "good.pem: " },
		{ { .server = true, .certificate = "good.key",
		    .key = "good.key" }, MS_E_FORMAT, "good.key: " },
		{ { .server = true, .certificate = "good.pem",
		    .key = "other.key" }, MS_E_FORMAT,
		    "other.key: key values mismatch" },
		{ { .certificate = "good.pem", .key = "none.key" }, MS_E_IO,
		    "none.key: No such file" },
		{ { .ca_file = "none.pem" }, MS_E_IO, "none.pem: No such" },
		{ { .ca_file = "good.key" }, MS_E_FORMAT, "good.key: " },
		{ { .ca_directory = "none" }, MS_E_IO, "none: No such" },
		{ { .ciphers = "no-such" }, MS_E_USAGE,
		    "no-such: no cipher match" },
		{ { .server = true, .certificate = "locked.pem" },
		    MS_E_FORMAT, "locked.pem: " },
	};
	struct ms_tls *tls;
	struct ms_error err;
	char *key, *whole, *locked;

	(void)state;
	/* A key that has a password: nobody is asked for it. */
	assert_true(g_spawn_command_line_sync("openssl pkey -in good.key "
	    "-aes128 -passout pass:x -out locked.key", NULL, NULL, NULL,
	    NULL));
	assert_true(g_file_get_contents("locked.key", &key, NULL, NULL));
	assert_true(g_file_get_contents("good.pem", &whole, NULL, NULL));
	locked = g_strconcat(key, whole, NULL);
	assert_true(g_file_set_contents("locked.pem", locked, -1, NULL));
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		assert_int_equal(cases[i].status,
		    ms_tls_new(&cases[i].config, &tls, &err));
		if (!strstr(err.text, cases[i].text))
			fail_msg("%s", err.text);
	}
	g_free(locked);
	g_free(key);
	g_free(whole);
	ms_tls_free(NULL);
}

static void
copy(const char *from, const char *to)
{
	char *text;
	gsize size;

	assert_true(g_file_get_contents(from, &text, &size, NULL));
	assert_true(g_file_set_contents(to, text, (gssize)size, NULL));
	g_free(text);
}

static void
begin_tls(struct side *side, struct ms_tls *tls, const char *name)
{
	struct ms_error err = { "" };

	if (ms_talk_secure(side->talk, tls, name, &err) != MS_OK)
		fail_msg("%s", err.text);
}

/* Both sides begin; *CLIENT and *SERVER say how that came out. */
static void
meet(struct pair *pair, struct ms_tls *client, struct ms_tls *server,
    const char *name)
{
	begin_tls(&pair->b, server, NULL);
	begin_tls(&pair->a, client, name);
	settle(pair->loop);
}

/* As SMTP does it: a command and a reply in the clear, then TLS. What is
 * written at once goes out under it. */
static void
say_starttls(struct side *side)
{
	struct ms_tls *tls = tls_new(true, "good", false);

	assert_string_equal("STARTTLS\r\n", side->heard->str);
	side_say(side, "220 go\r\n");
	begin_tls(side, tls, NULL);
	side_say(side, "secret greeting");
	ms_tls_free(tls);
	side->on_data = NULL;
}

static void
test_starttls(void **state)
{
	struct ms_tls *client = tls_new(false, "good", true);
	struct ms_tls_facts facts;
	struct ms_error err;
	struct pair pair;

	(void)state;
	pair_open(&pair, &no_end);
	ms_talk_security(pair.a.talk, &facts);
	assert_null(facts.protocol);
	pair.b.on_data = say_starttls;
	side_say(&pair.a, "STARTTLS\r\n");
	run_until(&pair.a, DATA);
	assert_string_equal("220 go\r\n", pair.a.heard->str);
	begin_tls(&pair.a, client, "mail.example");
	ms_tls_free(client);
	assert_int_equal(MS_E_USAGE, ms_talk_secure(pair.a.talk, client,
	    "mail.example", &err));
	side_say(&pair.a, "QUIT\r\n");
	run_until(&pair.a, SECURED);
	run_until(&pair.b, SECURED);
	settle(pair.loop);
	assert_string_equal("220 go\r\nsecret greeting", pair.a.heard->str);
	assert_string_equal("STARTTLS\r\nQUIT\r\n", pair.b.heard->str);
	ms_talk_security(pair.a.talk, &facts);
	assert_string_equal("TLSv1.3", facts.protocol);
	assert_true(facts.bits >= 128);
	assert_true(facts.verified);
	assert_null(facts.problem);
	assert_null(facts.asked);
	ms_talk_security(pair.b.talk, &facts);
	assert_false(facts.verified);
	assert_string_equal("it has no certificate", facts.problem);
	assert_string_equal("mail.example", facts.asked);
	ms_talk_close(pair.b.talk, 1000);
	pair.b.talk = NULL;
	run_until(&pair.a, CLOSED);
	assert_int_equal(MS_TALK_ENDED, pair.a.end);
	pair_close(&pair);
}

/* CVE-2011-0411 and its like on the other side: what came before TLS is not
 * to be read as if it had come under it. */
static void
test_injection(void **state)
{
	struct ms_tls *server = tls_new(true, "good", false);
	struct ms_tls *client = tls_new(false, "good", false);
	struct ms_error err;
	struct pair pair;

	(void)state;
	pair_open(&pair, &no_end);
	pair.b.deaf = pair.a.deaf = true;
	side_say(&pair.a, "STARTTLS\r\nRSET\r\n");
	run_until(&pair.b, DATA);
	ms_talk_consume(pair.b.talk, 10);
	assert_int_equal(MS_E_PEER, ms_talk_secure(pair.b.talk, server, NULL,
	    &err));
	assert_non_null(strstr(err.text, "6 bytes were sent before TLS"));
	side_say(&pair.b, "220 go\r\n250 injected\r\n");
	run_until(&pair.a, DATA);
	ms_talk_consume(pair.a.talk, 8);
	assert_int_equal(MS_E_PEER, ms_talk_secure(pair.a.talk, client,
	    "mail.example", &err));
	pair_close(&pair);
	/* If they come later they are no handshake. */
	pair_open(&pair, &no_end);
	begin_tls(&pair.b, server, NULL);
	assert_int_equal(6, write(ms_talk_fd(pair.a.talk), "RSET\r\n", 6));
	run_until(&pair.b, CLOSED);
	assert_int_equal(MS_TALK_TLS, pair.b.end);
	assert_int_equal(0, pair.b.count[DATA]);
	pair_close(&pair);
	ms_tls_free(client);
	ms_tls_free(server);
}

static void
test_names(void **state)
{
	static const struct {
		const char *trusted, *name;
		bool verify, good;
		const char *text;
	} cases[] = {
		{ "good", "mail.example", true, true, NULL },
		{ "good", "192.0.2.1", true, true, NULL },
		{ "good", "evil.example", true, false, "ostname mismatch" },
		{ "good", "192.0.2.2", true, false, "IP address mismatch" },
		{ "other", "mail.example", true, false, "self-signed" },
		{ "good", "evil.example", false, true, "ostname mismatch" },
		{ "other", NULL, false, true, "self-signed" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct ms_tls *server = tls_new(true, "good", false);
		struct ms_tls *client = tls_new(false, cases[i].trusted,
		    cases[i].verify);
		const char *text;
		struct ms_tls_facts facts;
		struct pair pair;

		pair_open(&pair, &no_end);
		meet(&pair, client, server, cases[i].name);
		assert_int_equal(cases[i].good, pair.a.count[SECURED]);
		assert_int_equal(!cases[i].good, pair.a.count[CLOSED]);
		ms_talk_security(pair.a.talk, &facts);
		text = cases[i].good ? facts.problem : pair.a.why;
		if (cases[i].text && (!text || !strstr(text, cases[i].text)))
			fail_msg("%zu: %s", i, text ? text : "nothing");
		if (!cases[i].good)
			assert_int_equal(MS_TALK_TLS, pair.a.end);
		else
			assert_int_equal(!cases[i].text, facts.verified);
		pair_close(&pair);
		ms_tls_free(server);
		ms_tls_free(client);
	}
}

/* Clients have to show who they are, if so it is wanted. */
static void
test_client_certificate(void **state)
{
	const struct ms_tls_config want = { .server = true, .verify = true,
		.certificate = "good.pem", .key = "good.key",
		.ca_file = "other.pem" };
	const struct ms_tls_config have = { .certificate = "other.pem",
		.key = "other.key", .ca_file = "good.pem", .verify = true };
	struct ms_tls *server, *client, *nobody;
	struct ms_tls_facts facts;
	struct ms_error err;
	struct pair pair;

	(void)state;
	assert_int_equal(MS_OK, ms_tls_new(&want, &server, &err));
	assert_int_equal(MS_OK, ms_tls_new(&have, &client, &err));
	pair_open(&pair, &no_end);
	assert_int_equal(MS_E_USAGE, ms_talk_secure(pair.a.talk, client, NULL,
	    &err));
	meet(&pair, client, server, "mail.example");
	ms_talk_security(pair.b.talk, &facts);
	assert_true(facts.verified);
	pair_close(&pair);
	nobody = tls_new(false, "good", true);
	pair_open(&pair, &no_end);
	meet(&pair, nobody, server, "mail.example");
	assert_int_equal(MS_TALK_TLS, pair.b.end);
	assert_non_null(strstr(pair.b.why, "did not return a certificate"));
	/* In TLS 1.3 a client hears of it afterwards. */
	assert_int_equal(1, pair.a.count[CLOSED]);
	pair_close(&pair);
	ms_tls_free(nobody);
	ms_tls_free(server);
	ms_tls_free(client);
}

/* What is new takes effect for who comes next; what is bad never. */
static void
test_reload(void **state)
{
	const struct ms_tls_config config = { .server = true,
		.certificate = "now.pem", .key = "now.key" };
	struct ms_tls *server, *good = tls_new(false, "good", true);
	struct ms_tls *other = tls_new(false, "other", true);
	struct ms_error err;
	struct pair first, second;

	(void)state;
	copy("good.pem", "now.pem");
	copy("good.key", "now.key");
	assert_int_equal(MS_OK, ms_tls_new(&config, &server, &err));
	pair_open(&first, &no_end);
	meet(&first, good, server, "mail.example");
	assert_int_equal(1, first.a.count[SECURED]);
	copy("other.pem", "now.pem");
	assert_int_equal(MS_E_FORMAT, ms_tls_reload(server, &err));
	pair_open(&second, &no_end);
	meet(&second, good, server, "mail.example");
	assert_int_equal(1, second.a.count[SECURED]);
	pair_close(&second);
	copy("other.key", "now.key");
	assert_int_equal(MS_OK, ms_tls_reload(server, &err));
	pair_open(&second, &no_end);
	meet(&second, other, server, "mail.example");
	assert_int_equal(1, second.a.count[SECURED]);
	pair_close(&second);
	ms_tls_free(server);
	side_say(&first.a, "still there");
	run_until(&first.b, DATA);
	assert_string_equal("still there", first.b.heard->str);
	pair_close(&first);
	ms_tls_free(good);
	ms_tls_free(other);
}

/* Only what is said to be spoken is. */
static void
test_versions(void **state)
{
	const struct ms_tls_config new = { .server = true, .only_1_3 = true,
		.certificate = "good.pem", .key = "good.key" };
	const struct ms_tls_config old = { .ca_file = "good.pem",
		.ciphers = "ECDHE-ECDSA-AES128-GCM-SHA256" };
	struct ms_tls *server, *client;
	struct ms_tls_facts facts;
	struct ms_error err;
	struct pair pair;

	(void)state;
	assert_int_equal(MS_OK, ms_tls_new(&new, &server, &err));
	assert_int_equal(MS_OK, ms_tls_new(&old, &client, &err));
	pair_open(&pair, &no_end);
	meet(&pair, client, server, "mail.example");
	ms_talk_security(pair.b.talk, &facts);
	assert_string_equal("TLSv1.3", facts.protocol);
	pair_close(&pair);
	ms_tls_free(server);
	ms_tls_free(client);
}

enum { MANY = 3 << 20 };

/* Little or much, of what is LEFT. */
static size_t
some(GRand *rand, size_t left)
{
	const gint32 max = g_rand_boolean(rand) ? 200000 : 200;
	const size_t size = (size_t)g_rand_int_range(rand, 1, max);

	return MIN(size, left);
}

/* Both talk at once, in pieces of all sizes, and take as it comes. */
static void
check_traffic(bool tls, guint32 seed)
{
	struct ms_tls *server = tls_new(true, "good", false);
	struct ms_tls *client = tls_new(false, "good", false);
	GRand *rand = g_rand_new_with_seed(seed);
	GString *text = g_string_new(NULL);
	struct pair pair;

	g_string_set_size(text, MANY);
	for (size_t i = 0; i < MANY; i++)
		text->str[i] = (char)g_rand_int(rand);
	pair_open(&pair, &no_end);
	if (tls)
		meet(&pair, client, server, NULL);
	for (size_t a = 0, b = 0; a < MANY || b < MANY;) {
		const size_t more = some(rand, MANY - a);
		const size_t back = some(rand, MANY - b);

		ms_talk_write(pair.a.talk, text->str + a, more);
		ms_talk_write(pair.b.talk, text->str + b, back);
		a += more;
		b += back;
		if (g_rand_int_range(rand, 0, 4) == 0)
			settle(pair.loop);
	}
	ms_talk_close(pair.a.talk, 5000);
	run_until(&pair.b, CLOSED);
	assert_int_equal(MS_TALK_ENDED, pair.b.end);
	assert_int_equal(MANY, pair.b.heard->len);
	assert_memory_equal(text->str, pair.b.heard->str, MANY);
	/* What was heard until then is the beginning. */
	assert_memory_equal(text->str, pair.a.heard->str, pair.a.heard->len);
	pair.a.talk = NULL;
	pair_close(&pair);
	g_string_free(text, TRUE);
	g_rand_free(rand);
	ms_tls_free(server);
	ms_tls_free(client);
}

static void
test_traffic(void **state)
{
	(void)state;
	for (guint32 seed = 0; seed < 3; seed++) {
		check_traffic(false, seed);
		check_traffic(true, seed);
	}
}

/* The other side goes away in the middle; nobody dies of it. */
static void
test_lost(void **state)
{
	struct ms_tls *server = tls_new(true, "good", false);
	struct ms_tls *client = tls_new(false, "good", false);
	struct pair pair;

	(void)state;
	pair_open(&pair, &no_end);
	begin_tls(&pair.a, client, NULL);
	ms_talk_free(pair.b.talk);
	pair.b.talk = NULL;
	run_until(&pair.a, CLOSED);
	assert_int_equal(MS_TALK_TLS, pair.a.end);
	pair_close(&pair);
	pair_open(&pair, &no_end);
	meet(&pair, client, server, NULL);
	ms_talk_abort(pair.b.talk);
	pair.b.talk = NULL;
	side_say(&pair.a, "hello?");
	run_until(&pair.a, CLOSED);
	assert_int_equal(MS_TALK_LOST, pair.a.end);
	pair_close(&pair);
	/* In secured itself. */
	pair_open(&pair, &no_end);
	pair.b.free_at = pair.a.free_at = SECURED;
	meet(&pair, client, server, NULL);
	assert_null(pair.b.talk);
	pair_close(&pair);
	ms_tls_free(server);
	ms_tls_free(client);
}

/* A handshake that never ends does. */
static void
test_late(void **state)
{
	struct ms_tls *server = tls_new(true, "good", false);
	struct pair pair;

	(void)state;
	pair_open(&pair, &no_end);
	begin_tls(&pair.b, server, NULL);
	ms_talk_patience(pair.b.talk, 10);
	run_until(&pair.b, CLOSED);
	assert_int_equal(MS_TALK_LATE, pair.b.end);
	pair_close(&pair);
	ms_tls_free(server);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_starttls),
		cmocka_unit_test(test_injection),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_client_certificate),
		cmocka_unit_test(test_reload),
		cmocka_unit_test(test_versions),
		cmocka_unit_test(test_traffic),
		cmocka_unit_test(test_lost),
		cmocka_unit_test(test_late),
	};

	return cmocka_run_group_tests(tests, make_certificates, NULL);
}
