#include "replay/actor.h"

#include "base/clock.h"
#include "capture/dialogue.h"
#include "net/certificates_test.h"
#include "net/dial.h"
#include "replay/learn.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* The recorded server, with clients that are processes of their own. */

struct turn {
	char side;		/* 'C', 'S', or 'T': TLS begins */
	const char *text;
};

struct stage {
	struct ms_stash *stash;
	GPtrArray *roles;
	const char *const *scripts;	/* one for each client */
	size_t count;
	pid_t clients[8];
	GString *told;
	const char *swaks;		/* in place of scripts */
	pid_t kill;			/* when it is ready */
};

static struct ms_role *
learn(struct ms_stash *stash, const struct turn *turns)
{
	struct ms_dialogue *dialogue = ms_dialogue_new(stash);
	struct ms_role *role = NULL;
	struct ms_error err = { "" };
	int64_t time = 1000000;

	dialogue->begun = true;
	for (; turns->side; turns++) {
		const enum ms_side side = turns->side == 'C' ?
		    MS_SIDE_CLIENT : MS_SIDE_SERVER;

		time += 50000;
		if (turns->side == 'T')
			assert_int_equal(MS_OK, ms_dialogue_secure(dialogue,
			    time, &err));
		else
			assert_int_equal(MS_OK, ms_dialogue_say(dialogue,
			    side, time, turns->text, strlen(turns->text),
			    &err));
	}
	assert_int_equal(MS_OK, ms_learn(dialogue, &role, &err));
	return role;
}

static void
stage_open(struct stage *stage, const struct turn *const *dialogues,
    size_t count)
{
	const struct ms_stash_config config = { .memory_max = 1 << 20,
		.fd = -1 };

	*stage = (struct stage){ .stash = ms_stash_new(&config) };
	stage->roles = g_ptr_array_new();
	for (size_t i = 0; i < count; i++)
		g_ptr_array_add(stage->roles, learn(stage->stash,
		    dialogues[i]));
	stage->told = g_string_new(NULL);
}

static void
stage_close(struct stage *stage)
{
	for (guint i = 0; i < stage->roles->len; i++)
		ms_role_free(g_ptr_array_index(stage->roles, i));
	g_ptr_array_unref(stage->roles);
	ms_stash_free(stage->stash);
	g_string_free(stage->told, TRUE);
}

/* A client: lines that begin with ">" are sent, others have to come, and at
 * the end the server has to close. Ends the process. */
static void
be_client(const char *address, const char *script)
{
	const int64_t soon = ms_clock_ms() + 10000;
	char **lines = g_strsplit(script, "\n", -1), block[4096];
	GString *heard = g_string_new(NULL), *want = g_string_new(NULL);
	struct ms_dial *dial;
	enum ms_status status;
	size_t got;

	if (ms_dial_open(address, soon, &dial, NULL) != MS_OK)
		_exit(2);
	for (size_t i = 0; lines[i]; i++) {
		char *line = g_strconcat(lines[i] + (lines[i][0] == '>'),
		    "\r\n", NULL);

		if (lines[i][0] == '>') {
			if (ms_dial_write(dial, line, strlen(line), soon,
			    NULL) != MS_OK)
				_exit(3);
			continue;
		}
		g_string_append(want, line);
		while (heard->len < want->len && ms_dial_read(dial, block,
		    sizeof block, soon, &got, NULL) == MS_OK)
			g_string_append_len(heard, block, (gssize)got);
		if (heard->len < want->len || strncmp(heard->str, want->str,
		    want->len) != 0)
			_exit(4);
	}
	do
		status = ms_dial_read(dial, block, sizeof block, soon, &got,
		    NULL);
	while (status == MS_OK);
	_exit(status == MS_END && heard->len == want->len ? 0 : 5);
}

static void
on_ready(void *arg, const char *address)
{
	struct stage *stage = arg;

	if (stage->kill) {
		assert_int_equal(0, kill(stage->kill, SIGTERM));
		return;
	}
	for (size_t i = 0; i < stage->count; i++) {
		stage->clients[i] = fork();
		assert_true(stage->clients[i] >= 0);
		if (stage->clients[i] > 0)
			continue;
		/* Who listens is not this one. */
		(void)close_range(3, ~0U, 0);
		if (!stage->swaks)
			be_client(address, stage->scripts[i]);
		(void)execlp("sh", "sh", "-c", stage->swaks, "sh", address,
		    NULL);
		_exit(127);
	}
}

static void
on_done(void *arg, struct ms_acted *acted)
{
	static const char *const kinds[] = { "other", "more", "less", "gone" };
	struct stage *stage = arg;

	if (acted->failed)
		g_string_append_printf(stage->told, "failed: %s\n",
		    acted->failed);
	for (guint i = 0; i < acted->surprises->len; i++) {
		const struct ms_surprise *s = &g_array_index(acted->surprises,
		    struct ms_surprise, i);

		g_string_append_printf(stage->told, "%s %s %s\n",
		    kinds[s->kind], s->recorded ? s->recorded : "-",
		    s->received ? s->received : "-");
	}
	g_string_append_printf(stage->told, "%zu/%zu %zu %s\n",
	    acted->compared, acted->heard, acted->messages,
	    acted->tls ? "tls" : "clear");
	ms_acted_free(acted);
}

/* Play it, and see that clients were satisfied
 * and what was said of them. */
static void
play(struct stage *stage, struct ms_actor_config *config, const char *told)
{
	struct ms_error err = { "" };
	bool interrupted;
	int status;

	config->roles = (struct ms_role *const *)(void *)stage->roles->pdata;
	config->count = stage->roles->len;
	config->runs = stage->count;
	config->ready = on_ready;
	config->done = on_done;
	config->arg = stage;
	if (ms_actor_run(config, &interrupted, &err) != MS_OK)
		fail_msg("%s", err.text);
	assert_int_equal(stage->kill != 0, interrupted);
	for (size_t i = 0; i < stage->count && !stage->kill; i++) {
		assert_int_equal(stage->clients[i],
		    waitpid(stage->clients[i], &status, 0));
		assert_int_equal(0, status);
	}
	assert_string_equal(told, stage->told->str);
}

static const struct turn simple[] = {
	{ 'S', "220-mail.example\r\n220 here\r\n" },
	{ 'C', "EHLO a\r\n" },
	{ 'S', "250-mail.example\r\n250-PIPELINING\r\n250-STARTTLS\r\n"
	    "250 CHUNKING\r\n" },
	{ 'C', "MAIL FROM:<a@example>\r\nRCPT TO:<b@example>\r\n"
	    "RCPT TO:<c@example>\r\nDATA\r\n" },
	{ 'S', "250 2.1.0 Ok\r\n250 2.1.5 Ok\r\n550 5.1.1 no c\r\n"
	    "354 go\r\n" },
	{ 'C', "Subject: x\r\n\r\n..\r\n.\r\n" },
	{ 'S', "250 2.0.0 queued as 1\r\n" },
	{ 'C', "QUIT\r\n" },
	{ 'S', "221 bye\r\n" },
	{ 0, NULL }
}, chunked[] = {
	{ 'S', "220 chunks\r\n" },
	{ 'C', "EHLO a\r\n" }, { 'S', "250 CHUNKING\r\n" },
	{ 'C', "MAIL FROM:<a@example>\r\n" }, { 'S', "250 1\r\n" },
	{ 'C', "RCPT TO:<b@example>\r\n" }, { 'S', "250 2\r\n" },
	{ 'C', "BDAT 3\r\nabcBDAT 0 LAST\r\n" },
	{ 'S', "250 3 octets\r\n250 all\r\n" },
	{ 'C', "QUIT\r\n" }, { 'S', "221 bye\r\n" },
	{ 0, NULL }
}, secured[] = {
	{ 'S', "220 mail.example ESMTP\r\n" },
	{ 'C', "EHLO a\r\n" },
	{ 'S', "250-mail.example\r\n250 STARTTLS\r\n" },
	{ 'C', "STARTTLS\r\n" }, { 'S', "220 go\r\n" }, { 'T', NULL },
	{ 'C', "EHLO a\r\n" },
	{ 'S', "250-mail.example\r\n250 SIZE 1000\r\n" },
	{ 'C', "MAIL FROM:<a@example>\r\n" }, { 'S', "250 Ok\r\n" },
	{ 'C', "RCPT TO:<b@example>\r\n" }, { 'S', "250 Ok\r\n" },
	{ 'C', "DATA\r\n" }, { 'S', "354 go\r\n" },
	{ 'C', "x\r\n.\r\n" }, { 'S', "451 later\r\n" },
	{ 'C', "QUIT\r\n" }, { 'S', "221 bye\r\n" },
	{ 0, NULL }
}, lmtp[] = {
	{ 'S', "220 lmtp\r\n" },
	{ 'C', "LHLO a\r\n" }, { 'S', "250 PIPELINING\r\n" },
	{ 'C', "MAIL FROM:<a@example>\r\n" }, { 'S', "250 1\r\n" },
	{ 'C', "RCPT TO:<b@example>\r\n" }, { 'S', "250 2\r\n" },
	{ 'C', "RCPT TO:<c@example>\r\n" }, { 'S', "250 3\r\n" },
	{ 'C', "DATA\r\n" }, { 'S', "354 4\r\n" },
	{ 'C', "x\r\n.\r\n" }, { 'S', "250 b has it\r\n452 c has not\r\n" },
	{ 'C', "QUIT\r\n" }, { 'S', "221 5\r\n" },
	{ 0, NULL }
}, unreadable[] = {
	{ 'S', "220 chunks\r\n" },
	{ 'C', "EHLO a\r\n" }, { 'S', "250 CHUNKING\r\n" },
	{ 'C', "MAIL FROM:<a@example>\r\n" }, { 'S', "250 1\r\n" },
	{ 'C', "RCPT TO:<b@example>\r\n" }, { 'S', "250 2\r\n" },
	{ 'C', "BDAT -1 LAST\r\n" },
	{ 'S', "521 5.5.4 Syntax: BDAT count [LAST]\r\n" },
	{ 'C', "QUIT\r\n" },
	{ 0, NULL }
};

static const struct turn *const all[] = { simple, chunked, secured, lmtp,
	unreadable };

/* Two clients at a time, each with the next dialogue; and one that says
 * something else. */
static void
test_clients(void **state)
{
	static const char *const scripts[] = {
		"220-mail.example\n220 here\n>EHLO a\n250-mail.example\n"
		"250-PIPELINING\n250 CHUNKING\n>MAIL FROM:<a@example>\n"
		">RCPT TO:<b@example>\n>RCPT TO:<c@example>\n>DATA\n"
		"250 2.1.0 Ok\n250 2.1.5 Ok\n550 5.1.1 no c\n354 go\n"
		">Subject: y\n>\n>..\n>QUIT\n>.\n250 2.0.0 queued as 1\n"
		">NOOP\n250 2.0.0 as it would have been\n>QUIT\n221 bye",
	};
	struct ms_actor_config config = { .address = "127.0.0.1:0" };
	struct stage stage;

	(void)state;
	stage_open(&stage, all, 1);
	stage.scripts = scripts;
	stage.count = 1;
	play(&stage, &config, "more - NOOP\n7/8 1 clear\n");
	stage_close(&stage);
}

static void
test_chunks(void **state)
{
	static const char *const scripts[] = {
		"220 chunks\n>EHLO a\n250 CHUNKING\n>MAIL FROM:<a@example>\n"
		"250 1\n>RCPT TO:<b@example>\n250 2\n>BDAT 8\n>BDAT 1\n"
		">BDAT 1 LAST\n>xQUIT\n250 3 octets\n250 all\n221 bye",
	};
	struct ms_actor_config config = { .address = "unix:socket",
		.expect = MS_EXPECT_NONE };
	struct stage stage;

	(void)state;
	stage_open(&stage, all + 1, 1);
	stage.scripts = scripts;
	stage.count = 1;
	play(&stage, &config, "6/6 1 clear\n");
	stage_close(&stage);
	assert_int_not_equal(0, access("socket", F_OK));
}

/* A chunk of which nobody knows the size has no end to wait for. */
static void
test_unreadable(void **state)
{
	static const char *const scripts[] = {
		"220 chunks\n>EHLO a\n250 CHUNKING\n>MAIL FROM:<a@example>\n"
		"250 1\n>RCPT TO:<b@example>\n250 2\n>BDAT -1 LAST\n"
		"521 5.5.4 Syntax: BDAT count [LAST]",
	};
	struct ms_actor_config config = { .address = "127.0.0.1:0" };
	struct stage stage;

	(void)state;
	stage_open(&stage, all + 4, 1);
	stage.scripts = scripts;
	stage.count = 1;
	play(&stage, &config, "4/4 0 clear\n");
	stage_close(&stage);
}

static void
test_lmtp(void **state)
{
	static const char *const scripts[] = {
		"220 lmtp\n>LHLO a\n250 PIPELINING\n>MAIL FROM:<a@example>\n"
		"250 1\n>RCPT TO:<b@example>\n250 2\n>RCPT TO:<c@example>\n"
		"250 3\n>DATA\n354 4\n>x\n>.\n250 b has it\n452 c has not\n"
		">QUIT\n221 5",
	};
	struct ms_actor_config config = { .address = "127.0.0.1:0",
		.expect = MS_EXPECT_EXACT };
	struct stage stage;

	(void)state;
	stage_open(&stage, all + 3, 1);
	stage.scripts = scripts;
	stage.count = 1;
	play(&stage, &config, "7/7 1 clear\n");
	stage_close(&stage);
}

/* A client that just goes, and one that is silent. */
static void
test_gone(void **state)
{
	struct ms_actor_config config = { .address = "127.0.0.1:0",
		.timeout_ms = 30 };
	static const char *const scripts[] = { "220 chunks" };
	struct stage stage;

	(void)state;
	stage_open(&stage, all + 1, 1);
	stage.scripts = scripts;
	stage.count = 1;
	play(&stage, &config, "failed: nothing was said for 0.030 s\n"
	    "gone EHLO a, and 5 more -\n0/0 0 clear\n");
	stage_close(&stage);
}

/* As recorded: 50 ms for each reply. */
static void
test_speed(void **state)
{
	static const char *const scripts[] = {
		"220 chunks\n>EHLO a\n250 CHUNKING\n>QUIT\n221 bye",
	};
	struct ms_actor_config config = { .address = "127.0.0.1:0",
		.expect = MS_EXPECT_NONE, .speed = 1 };
	const int64_t before = ms_clock_ms();
	struct stage stage;

	(void)state;
	stage_open(&stage, all + 1, 1);
	stage.scripts = scripts;
	stage.count = 1;
	play(&stage, &config, "2/2 0 clear\n");
	stage_close(&stage);
	assert_true(ms_clock_ms() - before >= 95);
}

static void
test_signal(void **state)
{
	struct ms_actor_config config = { .address = "127.0.0.1:0" };
	struct stage stage;

	(void)state;
	stage_open(&stage, all, 1);
	stage.kill = getpid();
	play(&stage, &config, "");
	stage_close(&stage);
}

/* swaks, which offers itself all that is offered; several at once. */
static void
test_swaks(void **state)
{
	struct ms_actor_config config = { .address = "127.0.0.1:0",
		.certificate = "good.pem", .key = "good.key" };
	char *swaks = g_find_program_in_path("swaks");
	struct stage stage;

	(void)state;
	if (!swaks)
		skip();
	g_free(swaks);
	stage_open(&stage, all, 1);
	stage.count = 4;
	stage.swaks = "swaks --server $1 --ehlo a --from a@example --to "
	    "b@example,c@example --silent 3 >swaks.out 2>&1";
	play(&stage, &config, "7/7 1 clear\n7/7 1 clear\n7/7 1 clear\n"
	    "7/7 1 clear\n");
	stage_close(&stage);
	stage_open(&stage, all + 2, 1);
	stage.count = 1;
	stage.swaks = "swaks --server $1 --ehlo a --from a@example --to "
	    "b@example -tls --silent 3 >swaks.out 2>&1; test $? -eq 26";
	play(&stage, &config, "8/8 1 tls\n");
	stage_close(&stage);
	/* Without a certificate nothing is said of TLS. */
	config.certificate = NULL;
	stage_open(&stage, all + 2, 1);
	stage.count = 1;
	stage.swaks = "swaks --server $1 --ehlo a --from a@example --to "
	    "b@example --tlso --silent 3 >swaks.out 2>&1; test $? -eq 26";
	play(&stage, &config, "6/6 1 clear\n");
	stage_close(&stage);
}

static void
test_refused(void **state)
{
	struct ms_actor_config config = { .address = "nowhere" };
	struct ms_error err;
	struct stage stage;
	bool interrupted;

	(void)state;
	stage_open(&stage, all, 1);
	config.roles = (struct ms_role *const *)(void *)stage.roles->pdata;
	config.count = 1;
	assert_int_equal(MS_E_USAGE, ms_actor_run(&config, &interrupted,
	    &err));
	config.address = "127.0.0.1:0";
	config.certificate = "none.pem";
	assert_int_equal(MS_E_IO, ms_actor_run(&config, &interrupted, &err));
	config.certificate = NULL;
	((struct ms_role *)g_ptr_array_index(stage.roles, 0))->tls_first =
	    true;
	assert_int_equal(MS_E_USAGE, ms_actor_run(&config, &interrupted,
	    &err));
	stage_close(&stage);
}

static int
make_certificate(void **state)
{
	(void)state;
	certificate_make("good", "DNS:mail.example");
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_clients),
		cmocka_unit_test(test_chunks),
		cmocka_unit_test(test_unreadable),
		cmocka_unit_test(test_lmtp),
		cmocka_unit_test(test_gone),
		cmocka_unit_test(test_speed),
		cmocka_unit_test(test_signal),
		cmocka_unit_test(test_swaks),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, make_certificate, NULL);
}
