#include "serve/chronicle.h"

#include "base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

static struct ms_logentry *
entry_of(const char *sender, const char *found, unsigned recipients)
{
	struct ms_session_state envelope = { .helo = (char *)"client.test" };
	const struct ms_proxy_end end = { .action = MS_ACTION_REJECT,
		.decided = true, .code = 550, .text = "5.7.1 No", .size = 9 };
	const struct ms_chronicle_message message = {
		.id = "1-1.1", .client = "192.0.2.1:9", .envelope = &envelope,
		.scanned = true, .verdict = MS_VERDICT_INFECTED,
		.what = found, .part = "", .end = &end, .receive_ms = 3,
		.scan_ms = 1, .deliver_ms = -1, .whole_ms = 4 };
	struct ms_logentry *entry;

	envelope.sender.text = (char *)(uintptr_t)sender;
	envelope.recipients = g_array_new(FALSE, TRUE,
	    sizeof(struct ms_recipient));
	for (unsigned i = 0; i < recipients; i++) {
		const struct ms_recipient one = {
			.address = { .text = (char *)"b@c" },
			.code = i == 1 ? 550 : 250 };

		g_array_append_val(envelope.recipients, one);
	}
	entry = ms_chronicle_compose(&message);
	g_array_unref(envelope.recipients);
	return entry;
}

static char *
line_of(const char *sender, const char *found, unsigned recipients)
{
	struct ms_logentry *entry = entry_of(sender, found, recipients);
	GString *out = g_string_new(NULL);

	ms_logentry_as_text(entry, out);
	ms_logentry_free(entry);
	return g_string_free(out, FALSE);
}

static void
test_line(void **state)
{
	char *line = line_of("a@b", "Bad", 2);

	(void)state;
	assert_string_equal(line, "1-1.1: client=\"192.0.2.1:9\" "
	    "helo=\"client.test\" from=\"a@b\" to=\"b@c\" size=9 "
	    "verdict=infected found=\"Bad\" action=reject delivered=no "
	    "reply=\"550 5.7.1 No\" receive-ms=3 scan-ms=1 ms=4");
	g_free(line);
}

/* Nobody writes words into the log, or lines. */
static void
test_forged(void **state)
{
	char *line = line_of("a\" verdict=clean\n\x1b[2K\xff\\", "B\"d", 1);

	(void)state;
	assert_non_null(strstr(line, " from=\"a\\x22 verdict=clean\\x0a\\x1b"
	    "[2K\\xff\\\\\" to="));
	assert_non_null(strstr(line, "found=\"B\\x22d\""));
	assert_null(strchr(line, '\n'));
	g_free(line);
}

static void
test_many_recipients(void **state)
{
	char *line = line_of("", NULL, 1000);

	(void)state;
	assert_non_null(strstr(line, " from=\"\" "));
	assert_non_null(strstr(line, " more-recipients=979 "));
	assert_null(strstr(line, "found="));
	assert_true(strlen(line) < 1000);
	g_free(line);
}

static void
test_places(void **state)
{
	static const struct {
		const char *to;
		enum ms_status status;
	} cases[] = {
		{ "stderr", MS_OK },
		{ "syslog", MS_OK },
		{ "journal", MS_OK },
		{ "syslog:/run/log", MS_OK },
		{ "/var/log/mailscan.log", MS_OK },
		{ "stderr:/x", MS_E_USAGE },
		{ "syslog:x", MS_E_USAGE },
		{ "syslogd", MS_E_USAGE },
		{ "", MS_E_USAGE },
		{ "mail.log", MS_E_USAGE },
	};
	char longer[300];

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct ms_error err;

		assert_int_equal(ms_chronicle_check(cases[i].to, &err),
		    cases[i].status);
	}
	memset(longer, 'x', sizeof longer);
	memcpy(longer, "journal:/", 9);
	longer[sizeof longer - 1] = '\0';
	assert_int_equal(ms_chronicle_check(longer, NULL), MS_E_USAGE);
}

/* A directory, and in it a socket as the system's log has one. */
struct listener {
	char dir[64], path[100], to[120];
	int fd;
};

static void
listen_as(struct listener *listener, const char *kind)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };

	(void)g_strlcpy(listener->dir, "/tmp/mailscan-chronicle-XXXXXX",
	    sizeof listener->dir);
	assert_non_null(mkdtemp(listener->dir));
	(void)snprintf(listener->path, sizeof listener->path, "%s/log",
	    listener->dir);
	(void)snprintf(listener->to, sizeof listener->to, "%s:%s", kind,
	    listener->path);
	(void)snprintf(un.sun_path, sizeof un.sun_path, "%s",
	    listener->path);
	listener->fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	assert_int_equal(bind(listener->fd, (struct sockaddr *)&un,
	    sizeof un), 0);
}

static void
hear(const struct listener *listener, char *text, size_t size)
{
	const ssize_t got = recv(listener->fd, text, size - 1, MSG_DONTWAIT);

	text[MAX(got, 0)] = '\0';
}

static void
stop(struct listener *listener)
{
	static const struct ms_chronicle_config usual = {
		.level = MS_LOGENTRY_INFO };

	(void)close(listener->fd);
	(void)unlink(listener->path);
	(void)rmdir(listener->dir);
	assert_int_equal(ms_chronicle_open(&usual, NULL), MS_OK);
}

static void
test_syslog(void **state)
{
	struct listener listener;
	GArray *nobody = g_array_new(FALSE, FALSE, 1);
	struct ms_chronicle_config config = { .level = MS_LOGENTRY_NOTICE,
		.name = "milter", .to = listener.to };
	char text[9000], want[64];
	GString *many;

	(void)state;
	listen_as(&listener, "syslog");
	assert_int_equal(ms_chronicle_open(&config, NULL), MS_OK);
	assert_true(ms_chronicle_fd() >= 0);
	ms_chronicle_say("one\n%s", "two");
	hear(&listener, text, sizeof text);
	(void)snprintf(want, sizeof want,
	    " mailscan[%d]: milter: one\\x0atwo", (int)getpid());
	assert_memory_equal(text, "<21>", 4);
	assert_string_equal(text + 19, want);
	/* It is for those who want more. */
	ms_chronicle_message(&(struct ms_chronicle_message){ .id = "x",
	    .envelope = &(struct ms_session_state){ .recipients = nobody },
	    .end = &(struct ms_proxy_end){ .code = 0 } });
	hear(&listener, text, sizeof text);
	assert_string_equal(text, "");
	/* Whoever reads it is told of what it did not get. */
	(void)unlink(listener.path);
	ms_chronicle_tell(MS_LOGENTRY_ERROR, "1-2", "lost");
	(void)close(listener.fd);
	(void)rmdir(listener.dir);
	listen_as(&listener, "syslog");
	assert_int_equal(ms_chronicle_open(&config, NULL), MS_OK);
	ms_chronicle_tell(MS_LOGENTRY_ERROR, "1-2", "there");
	hear(&listener, text, sizeof text);
	assert_memory_equal(text, "<19>", 4);
	assert_non_null(strstr(text, "]: milter: 1-2: there (1 entries before "
	    "this are lost)"));
	/* No datagram is too long. */
	many = g_string_new(NULL);
	for (int i = 0; i < 9000; i++)
		g_string_append(many, "\xc3\xa9");
	for (int i = 0; i < 3; i++)
		ms_chronicle_say("%s", many->str);
	(void)g_string_free(many, TRUE);
	hear(&listener, text, sizeof text);
	assert_true(g_utf8_validate(text, -1, NULL));
	assert_in_range(strlen(text), 1000, 8100);
	g_array_unref(nobody);
	stop(&listener);
}

static void
test_journal(void **state)
{
	struct listener listener;
	struct ms_chronicle_config config = { .form = MS_CHRONICLE_JSON,
		.level = MS_LOGENTRY_INFO, .name = "pool",
		.to = listener.to };
	char text[9000];

	(void)state;
	listen_as(&listener, "journal");
	assert_int_equal(ms_chronicle_open(&config, NULL), MS_OK);
	ms_chronicle_put(entry_of("a\nMESSAGE=x", NULL, 3));
	hear(&listener, text, sizeof text);
	assert_memory_equal(text, "MESSAGE={\"time\":\"20", 18);
	assert_non_null(strstr(text, "}\nPRIORITY=6\nSYSLOG_FACILITY=2\n"));
	assert_non_null(strstr(text, "\nMAILSCAN_ID=1-1.1\n"));
	assert_non_null(strstr(text, "\nMAILSCAN_FROM=a\\x0aMESSAGE=x\n"));
	assert_non_null(strstr(text, "\nMAILSCAN_TO=b@c\nMAILSCAN_TO=b@c\n"));
	assert_non_null(strstr(text, "\nMAILSCAN_SCAN_MS=1\n"));
	assert_non_null(strstr(text, "\nMAILSCAN_COMMAND=pool\n"));
	assert_non_null(strstr(text, ",\"command\":\"pool\"}\n"));
	/* The text has it once. */
	config.form = MS_CHRONICLE_TEXT;
	assert_int_equal(ms_chronicle_open(&config, NULL), MS_OK);
	ms_chronicle_say("ready");
	hear(&listener, text, sizeof text);
	assert_memory_equal(text, "MESSAGE=pool: ready\nPRIORITY", 28);
	assert_non_null(strstr(text, "\nMAILSCAN_COMMAND=pool\n"));
	stop(&listener);
}

/* Of a flood of refusals no more is told than somebody reads. */
static void
test_refusals(void **state)
{
	struct listener listener;
	struct ms_chronicle_config config = { .level = MS_LOGENTRY_INFO,
		.name = "serve", .to = listener.to };
	struct ms_envelope *envelope = ms_envelope_new("a@b");
	char text[9000];
	unsigned told = 0, minutes = 1;
	int64_t minute;

	(void)state;
	listen_as(&listener, "syslog");
	assert_int_equal(ms_chronicle_open(&config, NULL), MS_OK);
	envelope->queue_id = g_strdup("1-4");
	ms_envelope_add(envelope, "c\r\n@d");
	minute = ms_clock_ms() / 60000;
	for (int i = 0; i < MS_CHRONICLE_REFUSALS_MAX + 10; i++) {
		ms_chronicle_refusal(envelope, "smtp: x is told: 550 no");
		hear(&listener, text, sizeof text);
		if (strstr(text, ": 1-4: smtp: x is told: 550 no "
		    "from=\"a@b\" to=\"c\\x0d\\x0a@d\""))
			told++;
		else
			assert_true(*text == '\0' ||
			    strstr(text, "refusals more"));
	}
	minutes += ms_clock_ms() / 60000 != minute;
	assert_in_range(told, MS_CHRONICLE_REFUSALS_MAX,
	    minutes * MS_CHRONICLE_REFUSALS_MAX);
	/* Who does not read them at all has room for others. */
	config.level = MS_LOGENTRY_NOTICE;
	assert_int_equal(ms_chronicle_open(&config, NULL), MS_OK);
	ms_chronicle_refusal(envelope, "no");
	hear(&listener, text, sizeof text);
	assert_string_equal(text, "");
	ms_envelope_free(envelope);
	stop(&listener);
}

/* A file that is moved away and opened again. */
static void
test_file(void **state)
{
	struct listener listener;
	struct ms_chronicle_config config = { .level = MS_LOGENTRY_DEBUG,
		.name = "serve" };
	const int before = dup(STDERR_FILENO);
	char *text, file[128];
	struct ms_error err;
	int fd;

	(void)state;
	listen_as(&listener, "syslog");
	(void)snprintf(file, sizeof file, "%s/file", listener.dir);
	config.to = file;
	assert_int_equal(ms_chronicle_open(&config, NULL), MS_OK);
	assert_int_equal(ms_chronicle_fd(), -1);
	ms_chronicle_heard("1-3", "client", "EHLO x\r\n\r\nMA", 12);
	assert_true(g_file_get_contents(file, &text, NULL, NULL));
	assert_int_equal(unlink(file), 0);
	assert_int_equal(ms_chronicle_reopen(&fd, NULL), MS_OK);
	assert_true(fd >= 0);
	(void)close(fd);
	ms_chronicle_say("again");
	assert_non_null(strstr(text,
	    "Z mailscan: serve: 1-3: client=\"EHLO x\"\n"));
	assert_non_null(strstr(text,
	    "Z mailscan: serve: 1-3: client=\"\"\n"));
	assert_non_null(strstr(text,
	    "Z mailscan: serve: 1-3: client=\"MA\"\n"));
	g_free(text);
	assert_true(g_file_get_contents(file, &text, NULL, NULL));
	assert_non_null(strstr(text, "Z mailscan: serve: again\n"));
	g_free(text);
	(void)unlink(file);
	/* A directory cannot be written to. */
	assert_int_equal(mkdir(file, 0700), 0);
	assert_int_equal(ms_chronicle_reopen(&fd, &err), MS_E_IO);
	assert_int_equal(fd, -1);
	text = g_strdup_printf("log %s: Is a directory; the log goes on in "
	    "the old file", file);
	assert_string_equal(err.text, text);
	g_free(text);
	(void)rmdir(file);
	config.to = listener.dir;
	assert_int_equal(ms_chronicle_open(&config, NULL), MS_E_IO);
	(void)dup2(before, STDERR_FILENO);
	(void)close(before);
	stop(&listener);
	assert_int_equal(ms_chronicle_reopen(&fd, NULL), MS_OK);
	assert_int_equal(fd, -1);
}

/* Each once a minute, and not too many of them. */
static void
test_due(void **state)
{
	char key[20];

	(void)state;
	assert_true(ms_chronicle_is_due("spam", 1000));
	assert_false(ms_chronicle_is_due("spam", 1000));
	assert_true(ms_chronicle_is_due("dspam", 1000));
	assert_false(ms_chronicle_is_due("spam", 60999));
	assert_true(ms_chronicle_is_due("spam", 61000));
	assert_false(ms_chronicle_is_due("spam", 120999));
	for (int i = 2; i < MS_CHRONICLE_KEYS_MAX; i++) {
		(void)snprintf(key, sizeof key, "%d", i);
		assert_true(ms_chronicle_is_due(key, 61000));
	}
	assert_false(ms_chronicle_is_due("other", 61000));
	assert_true(ms_chronicle_is_due("dspam", 61000));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_line),
		cmocka_unit_test(test_forged),
		cmocka_unit_test(test_many_recipients),
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_syslog),
		cmocka_unit_test(test_journal),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_file),
		cmocka_unit_test(test_due),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
