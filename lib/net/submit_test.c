#include "net/submit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* What a server does: the lines that it expects to begin so, and what it says
 * to each. "." stands for the message with its end. */
struct turn {
	const char *want, *say;	/* SAY NULL: close */
};

/* Read up to the end of a line, or of a message, into GOT. */
static bool
read_until(int fd, const char *end, GString *got)
{
	char c;

	g_string_truncate(got, 0);
	while (recv(fd, &c, 1, 0) == 1) {
		g_string_append_c(got, c);
		if (g_str_has_suffix(got->str, end))
			return true;
	}
	return false;
}

/* Play TURNS on FD; 0: all went as expected. What came as the message is
 * written to the file "got". */
static int
play(int fd, const struct turn *turns)
{
	GString *got = g_string_new(NULL);
	int n = 1;

	for (; turns->want; turns++, n++) {
		const bool mail = strcmp(turns->want, ".") == 0;

		if (turns->want[0] != '\0') {
			if (!read_until(fd, mail ? "\r\n.\r\n" : "\r\n", got))
				return n;
			if (mail)
				(void)g_file_set_contents("got", got->str,
				    (gssize)got->len, NULL);
			else if (!g_str_has_prefix(got->str, turns->want))
				return n;
		}
		if (!turns->say)
			return 0;
		if (send(fd, turns->say, strlen(turns->say), 0) < 0)
			return n;
	}
	return 0;
}

static pid_t
serve(const struct turn *turns)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	int server = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), fd;
	pid_t pid;

	(void)unlink("socket");
	(void)g_strlcpy(un.sun_path, "socket", sizeof un.sun_path);
	assert_int_equal(0, bind(server, (struct sockaddr *)&un, sizeof un));
	assert_int_equal(0, listen(server, 1));
	pid = fork();
	if (pid == 0) {
		fd = accept(server, NULL, NULL);
		_exit(play(fd, turns));
	}
	assert_int_equal(0, close(server));
	return pid;
}

static int
file_of(const void *data, size_t size)
{
	int fd = memfd_create("test", MFD_CLOEXEC);

	assert_int_equal(size, write(fd, data, size));
	return fd;
}

static const char *const otto[] = { "otto@example.org", NULL };
static const char *const both[] = { "otto@example.org", "anna@example.org",
	NULL };

/* Send TEXT to a server that plays TURNS, which it has to like. */
static enum ms_status
send_to(const struct turn *turns, const char *const *recipients,
    const char *text, bool *uncertain, struct ms_error *err)
{
	const struct ms_submit_config config = { .address = "unix:socket",
		.helo = "here.example.org", .timeout_ms = 2000 };
	const struct ms_submit_mail mail = { .sender = "s@example.org",
		.recipients = recipients, .fd = file_of(text, strlen(text)),
		.size = strlen(text) };
	pid_t pid = serve(turns);
	enum ms_status status;
	char *answer = NULL;
	int result;

	status = ms_submit(&config, &mail, &answer, uncertain, err);
	if (status == MS_OK)
		assert_true(g_str_has_prefix(answer, "2"));
	else if (answer)
		assert_non_null(strstr(err->text, answer));
	g_free(answer);
	assert_int_equal(0, close(mail.fd));
	assert_int_equal(pid, waitpid(pid, &result, 0));
	assert_int_equal(0, result);
	return status;
}

/* The same by LMTP, to both; *SAID is who failed, if that is WANTED. */
static enum ms_status
send_lmtp(const struct turn *turns, bool wanted, char **said, int *code)
{
	GPtrArray *failed = g_ptr_array_new_with_free_func(
	    (GDestroyNotify)ms_submit_failure_free);
	const struct ms_submit_config config = { .address = "unix:socket",
		.helo = "here", .timeout_ms = 2000, .lmtp = true,
		.failed = wanted ? failed : NULL, .code = code };
	const struct ms_submit_mail mail = { .sender = "s@example.org",
		.recipients = both, .fd = file_of("a\n", 2), .size = 2 };
	pid_t pid = serve(turns);
	GString *all = g_string_new(NULL);
	struct ms_error err;
	enum ms_status status;
	bool uncertain;
	char *answer;
	int result;

	status = ms_submit(&config, &mail, &answer, &uncertain, &err);
	for (guint i = 0; i < failed->len; i++) {
		const struct ms_submit_failure *one = failed->pdata[i];

		g_string_append_printf(all, "%s %d %s;", one->recipient,
		    one->code, one->reply);
	}
	*said = g_string_free(all, FALSE);
	g_ptr_array_unref(failed);
	g_free(answer);
	assert_int_equal(0, close(mail.fd));
	assert_int_equal(pid, waitpid(pid, &result, 0));
	assert_int_equal(0, result);
	return status;
}

static void
check_got(const char *want)
{
	char *got;

	assert_true(g_file_get_contents("got", &got, NULL, NULL));
	assert_string_equal(want, got);
	g_free(got);
}

static void
test_sent(void **state)
{
	static const struct turn turns[] = {
		{ "", "220-hello\r\n220 world\r\n" },
		{ "EHLO here.example.org\r\n", "250-x\r\n250-8BITMIME\r\n"
		  "250 SIZE 1000\r\n" },
		{ "MAIL FROM:<s@example.org> SIZE=13 BODY=8BITMIME\r\n",
		  "250 ok\r\n" },
		{ "RCPT TO:<otto@example.org>\r\n", "250 ok\r\n" },
		{ "RCPT TO:<anna@example.org>\r\n", "251 ok\r\n" },
		{ "DATA\r\n", "354 go\r\n" },
		{ ".", "250 2.0.0 queued as 1\r\n" },
		{ "QUIT\r\n", "221 bye\r\n" },
		{ 0 },
	};
	struct ms_error err = { "" };
	bool uncertain;

	(void)state;
	assert_int_equal(MS_OK, send_to(turns, both, "a: b\n\n.\xc3\xa4",
	    &uncertain, &err));
	check_got("a: b\r\n\r\n..\xc3\xa4\r\n.\r\n");
}

static void
test_helo(void **state)
{
	static const struct turn turns[] = {
		{ "", "220 x\r\n" },
		{ "EHLO ", "502 what?\r\n" },
		{ "HELO here.example.org\r\n", "250 x\r\n" },
		{ "MAIL FROM:<s@example.org>\r\n", "250 ok\r\n" },
		{ "RCPT ", "250 ok\r\n" },
		{ "DATA\r\n", "354 go\r\n" },
		{ ".", "250 ok\r\n" },
		{ 0 },
	};
	bool uncertain;

	(void)state;
	assert_int_equal(MS_OK, send_to(turns, otto, "a\r\n", &uncertain,
	    NULL));
	check_got("a\r\n.\r\n");
}

/* Each refusal is one, with what the server said, and certain. */
static void
test_refused(void **state)
{
#define HELLO { "", "220 x\r\n" }, { "EHLO ", "250 x\r\n" }
#define MAIL HELLO, { "MAIL ", "250 x\r\n" }
#define RCPT MAIL, { "RCPT ", "250 x\r\n" }
#define DATA RCPT, { "DATA", "354 x\r\n" }
	static const struct {
		struct turn turns[9];
		const char *says;
		bool uncertain;
	} cases[] = {
		{ { { "", "554 go away\r\n" }, { 0 } }, "554 go away", false },
		{ { { "", "220 x\r\n" }, { "EHLO ", "421 busy\r\n" }, { 0 } },
		  "421 busy", false },
		{ { HELLO, { "MAIL ", "550 no\r\n" }, { 0 } }, "MAIL: ",
		  false },
		{ { MAIL, { "RCPT ", "450 later\r\n" }, { 0 } },
		  "otto@example.org: ", false },
		{ { RCPT, { "DATA", "451-a\r\n451 b\r\n" }, { 0 } },
		  "451 a b", false },
		{ { DATA, { ".", "554 5.7.1 no\r\n" }, { 0 } },
		  "554 5.7.1 no", false },
		{ { { "", "250ok\r\n" }, { 0 } }, "no reply", false },
		{ { { "", NULL }, { 0 } }, "closed", false },
		{ { RCPT, { "DATA", NULL }, { 0 } }, "closed", false },
		/* Nobody knows. */
		{ { DATA, { ".", NULL }, { 0 } }, "closed", true },
		{ { DATA, { ".", "garbage\r\n" }, { 0 } }, "no reply", true },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct ms_error err = { "" };
		bool uncertain;

		assert_int_equal(MS_E_PEER, send_to(cases[i].turns, otto,
		    "a\n", &uncertain, &err));
		if (!strstr(err.text, cases[i].says))
			fail_msg("case %zu: %s", i, err.text);
		assert_int_equal(cases[i].uncertain, uncertain);
	}
}

static void
test_needs(void **state)
{
	static const char *const utf8[] = { "j\xc3\xb6rg@example.org", NULL };
	static const struct turn able[] = {
		{ "", "220 x\r\n" },
		{ "EHLO ", "250-x\r\n250-SMTPUTF8\r\n250 SIZE\r\n" },
		{ "MAIL FROM:<s@example.org> SIZE=3 SMTPUTF8\r\n",
		  "250 x\r\n" },
		{ "RCPT TO:<j\xc3\xb6rg@example.org>\r\n", "250 x\r\n" },
		{ "DATA", "354 x\r\n" }, { ".", "250 x\r\n" }, { 0 },
	};
	static const struct turn unable[] = { HELLO, { "QUIT", NULL },
		{ 0 } };
	static const struct turn small[] = { { "", "220 x\r\n" },
		{ "EHLO ", "250-x\r\n250 SIZE 2\r\n" }, { "QUIT", NULL },
		{ 0 } };
	struct ms_error err = { "" };
	bool uncertain;

	(void)state;
	assert_int_equal(MS_OK, send_to(able, utf8, "a\n", &uncertain, &err));
	assert_int_equal(MS_E_PEER, send_to(unable, utf8, "a\n", &uncertain,
	    &err));
	assert_non_null(strstr(err.text, "SMTPUTF8"));
	assert_int_equal(MS_E_PEER, send_to(small, otto, "a\n", &uncertain,
	    &err));
	assert_non_null(strstr(err.text, "2 bytes at most"));
}

/* What cannot be sent is not even begun: nobody listens. */
static void
test_unsendable(void **state)
{
	static const char *const evil[] = { "a@b>\r\nRCPT TO:<c@d", NULL };
	static const char *const nobody[] = { NULL };
	const struct ms_submit_config config = { .address = "unix:nobody",
		.helo = "x" };
	struct ms_submit_mail mail = { .sender = "", .recipients = otto,
		.fd = file_of("a\0b", 3), .size = 3 };
	struct ms_error err = { "" };
	bool uncertain;
	char *answer;

	(void)state;
	assert_int_equal(MS_E_USAGE, ms_submit(&config, &mail, &answer,
	    &uncertain, &err));
	assert_non_null(strstr(err.text, "NUL"));
	mail.size = 1;
	assert_int_equal(MS_E_PEER, ms_submit(&config, &mail, &answer,
	    &uncertain, &err));
	mail.recipients = evil;
	assert_int_equal(MS_E_USAGE, ms_submit(&config, &mail, &answer,
	    &uncertain, &err));
	mail.recipients = nobody;
	assert_int_equal(MS_E_USAGE, ms_submit(&config, &mail, &answer,
	    &uncertain, &err));
	mail.recipients = otto;
	mail.sender = "a b@c";
	assert_int_equal(MS_E_USAGE, ms_submit(&config, &mail, &answer,
	    &uncertain, &err));
	assert_int_equal(0, close(mail.fd));
}

/* Whom an LMTP server does not take it for is told, if others get it. */
static void
test_lmtp(void **state)
{
#define LHLO { "", "220 x\r\n" }, { "LHLO ", "250 x\r\n" }, \
	{ "MAIL ", "250 x\r\n" }
	static const struct {
		struct turn turns[9];
		enum ms_status status, none;	/* with and without FAILED */
		const char *failed;
	} cases[] = {
		{ { LHLO, { "RCPT ", "250 x\r\n" }, { "RCPT ", "250 x\r\n" },
		  { "DATA", "354 x\r\n" }, { ".", "250 a\r\n250 b\r\n" },
		  { 0 } }, MS_OK, MS_OK, "" },
		{ { LHLO, { "RCPT ", "250 x\r\n" }, { "RCPT ", "250 x\r\n" },
		  { "DATA", "354 x\r\n" }, { ".", "250 a\r\n552 b\r\n" },
		  { 0 } }, MS_OK, MS_E_PEER, "anna@example.org 552 552 b;" },
		{ { LHLO, { "RCPT ", "250 x\r\n" }, { "RCPT ", "250 x\r\n" },
		  { "DATA", "354 x\r\n" }, { ".", "451 a\r\n250 b\r\n" },
		  { 0 } }, MS_OK, MS_E_PEER, "otto@example.org 451 451 a;" },
		{ { LHLO, { "RCPT ", "250 x\r\n" }, { "RCPT ", "250 x\r\n" },
		  { "DATA", "354 x\r\n" }, { ".", "552 a\r\n451 b\r\n" },
		  { 0 } }, MS_E_PEER, MS_E_PEER, NULL },
		{ { LHLO, { "RCPT ", "250 x\r\n" }, { "RCPT ", "450 x\r\n" },
		  { "QUIT", NULL }, { 0 } }, MS_E_PEER, MS_E_PEER, NULL },
		{ { LHLO, { "RCPT ", "250 x\r\n" }, { "RCPT ", "250 x\r\n" },
		  { "DATA", "354 x\r\n" }, { ".", "250 a\r\n" }, { "", NULL },
		  { 0 } }, MS_E_PEER, MS_E_PEER, NULL },
	};
	static const struct turn unknown[] = { LHLO,
		{ "RCPT ", "550 who?\r\n" }, { "RCPT ", "250 x\r\n" },
		{ "DATA", "354 x\r\n" }, { ".", "250 a\r\n" }, { 0 } };
	static const struct turn nobody[] = { LHLO,
		{ "RCPT ", "550 who?\r\n" }, { "RCPT ", "551 who?\r\n" },
		{ "QUIT", NULL }, { 0 } };
	char *said;
	int code;

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		assert_int_equal(send_lmtp(cases[i].turns, true, &said, &code),
		    cases[i].status);
		if (cases[i].failed)
			assert_string_equal(said, cases[i].failed);
		g_free(said);
		assert_int_equal(send_lmtp(cases[i].turns, false, &said,
		    &code), cases[i].none);
		g_free(said);
	}
	/* There nobody has it yet. */
	assert_int_equal(send_lmtp(unknown, true, &said, &code), MS_OK);
	assert_string_equal(said, "otto@example.org 550 550 who?;");
	g_free(said);
	assert_int_equal(send_lmtp(nobody, true, &said, &code), MS_E_PEER);
	assert_int_equal(code, 551);
	g_free(said);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sent),
		cmocka_unit_test(test_helo),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_needs),
		cmocka_unit_test(test_unsendable),
		cmocka_unit_test(test_lmtp),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
