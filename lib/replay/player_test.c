#include "replay/player.h"

#include "replay/dress.h"
#include "replay/role_test.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

/*
 * Roles that are played to a server, which is a process of its own: it answers
 * lines by their first four letters, "end!" being the end of a message. A
 * reply of "" closes the connection, one of "-" is none.
 */

struct answer {
	const char *verb, *reply;
};

static const struct answer usual[] = {
	{ "", "220 a" }, { "EHLO", "250-a\r\n250 SIZE" }, { "LHLO", "250 a" },
	{ "DATA", "354 go" }, { "end!", "250 kept" }, { "QUIT", "221 bye" },
	{ NULL, "250 ok" },
};

static const char *
answer_to(const struct answer *answers, const char *verb)
{
	for (; answers && answers->verb; answers++)
		if (strncmp(answers->verb, verb, 4) == 0)
			return answers->reply;
	for (answers = usual; answers->verb; answers++)
		if (strncmp(answers->verb, verb, 4) == 0)
			break;
	return answers->reply;
}

/* False: the connection is to be closed. */
static bool
say(FILE *client, const struct answer *answers, const char *verb)
{
	const char *reply = answer_to(answers, verb);

	if (reply[0] == '-')
		return true;
	return reply[0] && fprintf(client, "%s\r\n", reply) > 0 &&
	    fflush(client) == 0;
}

static void
serve(int fd, const struct answer *answers)
{
	FILE *in = fdopen(fd, "r");
	FILE *out = fdopen(dup(fd), "w");
	char line[1000];
	bool on = say(out, answers, ""), content = false;

	while (on && fgets(line, sizeof line, in)) {
		if (content && strcmp(line, ".\r\n") == 0) {
			content = false;
			on = say(out, answers, "end!");
		} else if (!content) {
			on = say(out, answers, line);
			content = strncmp(line, "DATA", 4) == 0 &&
			    answer_to(answers, "DATA")[0] == '3';
		}
	}
	(void)fclose(out);
	(void)fclose(in);
}

/* A server for COUNT connections at the abstract address NAME. */
static pid_t
start_server(const char *name, const struct answer *answers, int count)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	pid_t pid;

	(void)g_strlcpy(at.sun_path, name, sizeof at.sun_path);
	(void)unlink(name);
	assert_int_equal(0, bind(fd, (struct sockaddr *)&at, sizeof at));
	assert_int_equal(0, listen(fd, 100));
	pid = fork();
	if (pid == 0) {
		(void)signal(SIGPIPE, SIG_IGN);
		(void)alarm(20);
		while (count-- > 0)
			serve(accept(fd, NULL, NULL), answers);
		_exit(0);
	}
	(void)close(fd);
	return pid;
}

struct audience {
	struct ms_role *role;	/* that is to be played */
	GString *seen;
	size_t sessions;
};

static enum ms_status
next(void *arg, struct ms_role **role, struct ms_error *err)
{
	struct audience *audience = arg;

	(void)err;
	*role = audience->role;
	audience->role = NULL;
	return *role ? MS_OK : MS_END;
}

/* "received/compared" and each difference. */
static bool
tell(void *arg, const struct ms_played *played)
{
	struct audience *audience = arg;

	g_string_append_printf(audience->seen, "%s%zu/%zu",
	    audience->sessions++ > 0 ? "; " : "", played->replies,
	    played->compared);
	if (played->failed)
		g_string_append_printf(audience->seen, " failed: %s",
		    played->failed);
	if (played->aborted)
		g_string_append(audience->seen, " aborted");
	for (guint i = 0; i < played->differences->len; i++) {
		const struct ms_difference *d = &g_array_index(
		    played->differences, struct ms_difference, i);

		g_string_append_printf(audience->seen, " [%s: %s: %s]",
		    d->command ? d->command : "", d->recorded ? d->recorded :
		    "nothing", d->received);
	}
	if (played->unsent > 0)
		g_string_append_printf(audience->seen, " unsent %zu",
		    played->unsent);
	return true;
}

static const char session[] =
	"S 220 a|\nC EHLO b|\nS 250-a|250 SIZE|\n"
	"C MAIL FROM:<a@b>|RCPT TO:<c@d>|DATA|\nS 250 ok|250 ok|354 go|\n"
	"C x|.|\nS 250 kept|\nC QUIT|\nS 221 x|\nE";

static const struct row {
	const char *name, *dialogue;	/* NULL: the one above */
	const struct answer answers[4];
	struct ms_dress dress;
	const char *abort_after;
	size_t split;
	uint64_t runs, slow;
	const char *seen;
} rows[] = {
	{ "the same", NULL, { { NULL, NULL } }, .seen = "7/7" },
	{ "three times", NULL, { { NULL, NULL } }, .runs = 3,
	  .seen = "7/7; 7/7; 7/7" },
	{ "another reply", NULL, { { "RCPT", "550 no" } },
	  .seen = "7/7 [RCPT TO:<c@d>: 250 ok: 550 no]" },
	{ "no message is wanted", NULL, { { "DATA", "451 no" } },
	  .seen = "6/6 [DATA: 354 go: 451 no] [(message): 250 kept: "
	  "not sent: the server does not wait for it] unsent 1" },
	{ "a message is wanted, and was not", "S 220 a|\nC DATA|\nS 503 no|\n"
	  "C QUIT|\nS 221 x|\nE", { { NULL, NULL } },
	  .seen = "2/2 [DATA: 503 no: 354 go] unsent 1" },
	{ "the server closes", NULL, { { "end!", "" } },
	  .seen = "5/5 [(message): 250 kept: the server closed the "
	  "connection] unsent 1" },
	{ "as it did", "S 220 a|\nC NOOP|\ne", { { "NOOP", "" } },
	  .seen = "1/1" },
	{ "as it did, but does not now", "S 220 a|\nC NOOP|\ne",
	  { { NULL, NULL } }, .seen = "2/2 [NOOP: nothing: 250 ok]" },
	{ "the server says nothing", NULL, { { "MAIL", "-" },
	  { "RCPT", "-" }, { "DATA", "-" } },
	  .seen = "2/2 [MAIL FROM:<a@b>: 250 ok: nothing for 1 seconds] "
	  "unsent 2" },
	{ "not even hello", NULL, { { "", "-" } },
	  .seen = "0/0 [(connection): 220 a: nothing for 1 seconds] "
	  "unsent 6" },
	{ "the server talks nonsense", NULL, { { "EHLO", "hello" } },
	  .seen = "1/1 [EHLO b: nothing: the server's answer is no reply of "
	  "SMTP] unsent 5" },
	{ "two replies for one", NULL, { { "QUIT", "221 x\r\n421 y" } },
	  .seen = "8/7 [: nothing: 421 y]" },
	{ "in pieces", NULL, { { NULL, NULL } }, .split = 5, .seen = "7/7" },
	{ "slowly", NULL, { { NULL, NULL } }, .slow = 1000, .seen = "7/7" },
	{ "broken off", NULL, { { NULL, NULL } }, .abort_after = "rcpt",
	  .seen = "4/4 aborted unsent 2" },
	{ "broken off in the message", NULL, { { NULL, NULL } },
	  .abort_after = "content", .seen = "5/5 aborted unsent 2" },
	{ "LMTP, of which one is refused", "S 220 a|\nC LHLO b|\nS 250 a|\n"
	  "C MAIL FROM:<a@b>|\nS 250 ok|\nC RCPT TO:<c@d>|\nS 250 ok|\n"
	  "C RSET|\nS 250 ok|\nC QUIT|\nS 221 x|\nE", { { NULL, NULL } },
	  .seen = "6/6" },
	{ "TLS that may be", NULL, { { NULL, NULL } },
	  .dress = { .tls = MS_DRESS_TLS_MAY }, .seen = "7/7" },
	{ "TLS that must be", NULL, { { "STAR", "502 no" } },
	  .dress = { .tls = MS_DRESS_TLS_REQUIRE },
	  .seen = "3/2 failed: STARTTLS: 502 no unsent 5" },
	{ "a login that is not offered", NULL, { { NULL, NULL } },
	  .dress = { .login = true }, .seen = "2/2 failed: the server offers "
	  "neither AUTH PLAIN nor AUTH LOGIN unsent 5" },
	{ "AUTH that asks, and did not", "S 220 a|\nC AUTH PLAIN YQ==|\n"
	  "S 235 ok|\nC QUIT|\nS 221 x|\nE", { { "AUTH", "334 x" } },
	  .seen = "2/2 [AUTH PLAIN ...: 235 ok: 334 x] unsent 1" },
	{ "AUTH that does not ask", "S 220 a|\nC AUTH LOGIN|\nS 334 x|\n"
	  "C YQ==|\nS 334 x|\nC YQ==|\nS 235 ok|\nC QUIT|\nS 221 x|\nE",
	  { { "AUTH", "535 no" } },
	  .seen = "3/3 [AUTH LOGIN: 334 x: 535 no] [(answer in AUTH): 334 x: "
	  "not sent: the server does not wait for it] [(answer in AUTH): "
	  "235 ok: not sent: the server does not wait for it] unsent 2" },
	{ "the client leaves at once", "S 220 a|\nC NOOP|QUIT|\nE\n"
	  "S 250 ok|221 x|\ne", { { NULL, NULL } }, .seen = "3/3" },
	{ "the client breaks off", "S 220 a|\nC DATA|\nS 354 go|\nC half|\nR",
	  { { NULL, NULL } }, .seen = "2/2" },
	{ "it was not recorded to its end", "S 220 a|\nC DATA|\nS 354 go|\n"
	  "C half|", { { NULL, NULL } }, .seen = "2/2" },
	{ "the client alone", "C EHLO b|MAIL FROM:<a@b>|DATA|x|.|QUIT|",
	  { { NULL, NULL } }, .seen = "6/0" },
};

static void
play(const struct row *row, const char *path, const char *to)
{
	struct ms_stash *stash = role_stash();
	struct audience audience = { .seen = g_string_new(NULL) };
	struct ms_dress dress = row->dress;
	const struct ms_player_config config = { .to = to, .sessions = 2,
		.runs = MAX(1, row->runs), .connect_ms = 5000,
		.timeout_ms = 1000, .user = "anna", .password = "secret",
		.abort_after = row->abort_after, .slow = row->slow,
		.split = row->split, .next = next, .tell = tell,
		.arg = &audience };
	const pid_t pid = start_server(path, row->answers,
	    (int)MAX(1, row->runs));
	struct ms_error err = { "" };
	bool interrupted;

	dress.spool.heap_max = 1 << 20;
	assert_int_equal(MS_OK, ms_learn(role_dialogue(stash,
	    row->dialogue ? row->dialogue : session), &audience.role, NULL));
	assert_int_equal(MS_OK, ms_dress(audience.role, &dress, NULL));
	if (ms_player(&config, &interrupted, &err) != MS_OK)
		fail_msg("%s: %s", row->name, err.text);
	if (strcmp(audience.seen->str, row->seen) != 0)
		fail_msg("%s:\n%s\n%s", row->name, audience.seen->str,
		    row->seen);
	assert_false(interrupted);
	(void)kill(pid, SIGKILL);
	(void)waitpid(pid, NULL, 0);
	g_string_free(audience.seen, TRUE);
	ms_stash_free(stash);
}

static void
test_rows(void **state)
{
	char *dir = g_dir_make_tmp("player-XXXXXX", NULL);
	char *path = g_build_filename(dir, "s", NULL);
	char *to = g_strconcat("unix:", path, NULL);

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
		play(&rows[i], path, to);
	(void)unlink(path);
	(void)rmdir(dir);
	g_free(to);
	g_free(path);
	g_free(dir);
}

/* Nobody is there, or nobody can be. */
static void
test_nobody(void **state)
{
	struct ms_stash *stash = role_stash();
	struct audience audience = { .seen = g_string_new(NULL) };
	struct ms_player_config config = { .to = "unix:/nonexistent/x",
		.sessions = 1, .runs = 2, .connect_ms = 1000,
		.timeout_ms = 1000, .next = next, .tell = tell,
		.arg = &audience };
	struct ms_error err = { "" };
	bool interrupted;

	(void)state;
	assert_int_equal(MS_OK, ms_learn(role_dialogue(stash, session),
	    &audience.role, NULL));
	assert_int_equal(MS_OK, ms_player(&config, &interrupted, &err));
	assert_int_equal(2, audience.sessions);
	assert_non_null(strstr(audience.seen->str, "failed: "));
	config.to = "nowhere";
	assert_int_equal(MS_E_USAGE, ms_player(&config, &interrupted, &err));
	g_string_free(audience.seen, TRUE);
	ms_stash_free(stash);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
