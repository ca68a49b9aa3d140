#include "source/heard.h"

#include "source/record.h"

#include <fcntl.h>
#include <glib.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* What the reader will have sent; it fits into a pipe. */
static int pair[2] = { -1, -1 };

static void
mail(enum ms_record_kind kind, uint64_t stream, uint64_t number)
{
	const struct ms_record_place place = { kind, stream, number,
		1700000000 + (int64_t)number };

	(void)ms_record_write_message(pair[1], &place);
}

static void
field(enum ms_record_field name, const char *text)
{
	(void)ms_record_write_field(pair[1], name, text);
}

static void
record(enum ms_record_type type, const char *text)
{
	(void)ms_record_write(pair[1], type, text, strlen(text));
}

static void
nothing(void)
{
}

static void
send_none(void)
{
	record(MS_RECORD_END, "");
}

static void
send_two(void)
{
	mail(MS_RECORD_MAIL, 1, 1);
	record(MS_RECORD_DATA, "Subject: x\r\n");
	record(MS_RECORD_DATA, "\r\n");
	field(MS_RECORD_SENDER, "s");
	field(MS_RECORD_RECIPIENT, "r");
	field(MS_RECORD_REFUSED, "q");
	field(MS_RECORD_REFUSAL, "550 no");
	field(MS_RECORD_OMITTED, "3");
	field(MS_RECORD_REPLY, "250 ok");
	field(MS_RECORD_PROTOCOL, "SMTP");
	record(MS_RECORD_DONE, "");
	mail(MS_RECORD_STRAY, 2, 1);
	record(MS_RECORD_BAD, "a gap");
	record(MS_RECORD_END, "");
}

static void
send_sealed(void)
{
	mail(MS_RECORD_SEALED, 5, 6);
	record(MS_RECORD_DATA, "xyz");
	field(MS_RECORD_WHY, "TLS");
	record(MS_RECORD_DONE, "");
	record(MS_RECORD_FAILED, "damaged");
}

static void
send_half(void)
{
	mail(MS_RECORD_MAIL, 1, 1);
	record(MS_RECORD_DATA, "half");
}

static void
send_failed(void)
{
	record(MS_RECORD_FAILED, "no capture");
}

static void
send_nonsense(void)
{
	mail(MS_RECORD_MAIL, 1, 1);
	field(MS_RECORD_REFUSAL, "550 nobody");
	mail(MS_RECORD_MAIL, 1, 2);
}

static void
send_member(void)
{
	(void)ms_record_write_member(pair[1], "x", 0);
}

static void
send_crowd(void)
{
	char *name = g_strnfill(1 << 10, 'x');

	mail(MS_RECORD_MAIL, 1, 1);
	for (int i = 0; i < 40; i++)
		field(MS_RECORD_RECIPIENT, name);
	record(MS_RECORD_DONE, "");
	record(MS_RECORD_END, "");
	g_free(name);
}

static enum ms_status
start(void *arg, enum ms_source_reader reader, int fd, int *stream,
    struct ms_error *err)
{
	void (*send)(void) = *(void (**)(void))arg;

	(void)reader;
	(void)fd;
	if (send == nothing)
		return ms_error_set(err, MS_E_IO, "no more processes");
	assert_int_equal(0, pipe(pair));
	(void)fcntl(pair[1], F_SETPIPE_SZ, 1 << 20);
	send();
	(void)close(pair[1]);
	*stream = pair[0];
	return MS_OK;
}

static void
describe_message(GString *out, const struct ms_message *message)
{
	const struct ms_envelope *envelope = message->envelope;
	char body[64];
	size_t got;

	assert_int_equal(MS_OK, ms_spool_read(message->body, 0, body,
	    sizeof body, &got, NULL));
	g_string_append_printf(out, "%s %s %d#%d %d {%d:%.*s}%s%s",
	    message->origin.source, message->origin.format,
	    (int)message->origin.stream, (int)message->origin.index,
	    (int)(message->origin.delivered - 1700000000), (int)message->size,
	    (int)got, body, message->cut ? " cut" : "",
	    message->sealed ? " sealed" : "");
	if (message->why)
		g_string_append_printf(out, " (%s)", message->why);
	g_string_append_printf(out, " %s>%u",
	    envelope->sender ? envelope->sender : "-", envelope->count);
	for (unsigned i = 0; i < envelope->refusals; i++)
		g_string_append_printf(out, " not %s (%s)",
		    envelope->refused[i].recipient,
		    envelope->refused[i].reply);
	if (envelope->omitted > 0)
		g_string_append_printf(out, " and %d",
		    (int)envelope->omitted);
	if (envelope->reply)
		g_string_append_printf(out, " %s", envelope->reply);
	g_string_append_c(out, '\n');
}

/* All items of what SEND sends. */
static char *
hear(void (*send)(void), bool asked, enum ms_source_reader reader)
{
	struct ms_intake_config intake = { .spool = { .heap_max = 1000 },
		.max_bytes = 1000 };
	struct ms_source_config source = { .start_reader = start,
		.reader_arg = &send, .since = INT64_MIN,
		.until = 1700000006 };
	struct ms_origin origin = { .source = (char *)"c" };
	struct ms_heard_config config = { .source = &source,
		.intake = ms_intake_new(&intake), .reader = reader,
		.fd = open("/dev/null", O_RDONLY | O_CLOEXEC),
		.origin = &origin, .asked = asked };
	struct ms_heard *heard = ms_heard_new(&config);
	GString *out = g_string_new(NULL);
	struct ms_source_item item = { 0 };
	struct ms_error err;

	while (ms_heard_next(heard, &item, &err) == MS_OK) {
		if (item.kind == MS_SOURCE_MESSAGE)
			describe_message(out, item.message);
		else
			g_string_append_printf(out, "%d %s: %s\n", item.kind,
			    item.origin.source, item.text ? item.text : "");
		ms_source_item_clear(&item);
	}
	if (ms_heard_is_raw(heard))
		g_string_append(out, "raw\n");
	ms_heard_free(heard);
	ms_intake_free(config.intake);
	(void)close(config.fd);
	return g_string_free(out, FALSE);
}

static void
test_items(void **state)
{
	static const struct {
		const char *name;
		void (*send)(void);
		bool asked;
		enum ms_source_reader reader;
		const char *want;
	} cases[] = {
		{ "two", send_two, false, MS_SOURCE_READ_PCAP,
		  "c smtp 1#1 1 {14:Subject: x\r\n\r\n} s>1 not q (550 no) "
		  "and 3 250 ok\nc stray 2#1 1 {0:} cut (a gap) ->0\n" },
		{ "sealed, then damaged, and too late", send_sealed, false,
		  MS_SOURCE_READ_PCAP, "1 c: \n5 c: damaged\n" },
		{ "the reader dies", send_half, false,
		  MS_SOURCE_READ_SMTP, "c smtp 1#1 1 {4:half} cut ->0\n"
		  "5 c: the reader ended unexpectedly\n" },
		{ "nothing in it", send_none, false, MS_SOURCE_READ_PCAP,
		  "raw\n" },
		{ "nothing in text", send_none, false, MS_SOURCE_READ_SMTP,
		  "" },
		{ "nothing in what somebody named", send_none, true,
		  MS_SOURCE_READ_PCAP, "3 c: no SMTP in it\n" },
		{ "only looks like one", send_failed, false,
		  MS_SOURCE_READ_SMTP, "" },
		{ "named, and none", send_failed, true, MS_SOURCE_READ_SMTP,
		  "5 c: no capture\n" },
		{ "no process", nothing, false, MS_SOURCE_READ_SMTP,
		  "5 c: the capture reader cannot be started: no more "
		  "processes\n" },
		{ "nonsense", send_nonsense, true, MS_SOURCE_READ_PCAP,
		  "c smtp 1#1 1 {0:} cut ->0\n"
		  "5 c: the reader broke the protocol\n" },
		{ "a member", send_member, true, MS_SOURCE_READ_PCAP,
		  "5 c: the reader broke the protocol\n" },
		{ "a crowd", send_crowd, true, MS_SOURCE_READ_PCAP,
		  "c smtp 1#1 1 {0:} ->40\n" },
	};

	(void)state;
	(void)signal(SIGPIPE, SIG_IGN);
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		char *got = hear(cases[i].send, cases[i].asked,
		    cases[i].reader);

		print_message("  %s\n", cases[i].name);
		assert_string_equal(cases[i].want, got);
		g_free(got);
	}
}

static enum ms_source_capture
detect(const unsigned char *head, size_t size)
{
	return size > 0 && *head == 'p' ? MS_SOURCE_IS_PCAP :
	    size > 0 && *head == 's' ? MS_SOURCE_IS_SMTP :
	    MS_SOURCE_NO_CAPTURE;
}

/* What is known to be mail is not asked about. */
static void
test_detect(void **state)
{
	static const struct {
		enum ms_source_format format;
		const char *origin, *head;
		enum ms_detect_kind kind;
		enum ms_source_capture want;
	} cases[] = {
		{ MS_SOURCE_AUTO, NULL, "p", MS_DETECT_RAW,
		  MS_SOURCE_IS_PCAP },
		{ MS_SOURCE_AUTO, NULL, "s", MS_DETECT_EML,
		  MS_SOURCE_IS_SMTP },
		{ MS_SOURCE_AUTO, NULL, "x", MS_DETECT_RAW,
		  MS_SOURCE_NO_CAPTURE },
		{ MS_SOURCE_AUTO, NULL, "s", MS_DETECT_MBOX,
		  MS_SOURCE_NO_CAPTURE },
		{ MS_SOURCE_AUTO, "maildir", "s", MS_DETECT_EML,
		  MS_SOURCE_NO_CAPTURE },
		{ MS_SOURCE_EML, NULL, "s", MS_DETECT_EML,
		  MS_SOURCE_NO_CAPTURE },
		{ MS_SOURCE_PCAP, NULL, "x", MS_DETECT_RAW,
		  MS_SOURCE_IS_PCAP },
		{ MS_SOURCE_SMTP, NULL, "x", MS_DETECT_RAW,
		  MS_SOURCE_IS_SMTP },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		const struct ms_source_config config = {
			.format = cases[i].format, .start_reader = start,
			.detect_capture = detect,
		};
		const struct ms_origin origin = {
			.format = cases[i].origin };

		print_message("  %zu\n", i);
		assert_int_equal(cases[i].want, ms_heard_detect(&config,
		    &origin, cases[i].kind,
		    (const unsigned char *)cases[i].head, 1));
	}
}

/* Who hears no captures does not take packets for mail, either. */
static void
test_kind(void **state)
{
	static const struct {
		const char *head;
		bool hears, knows;
		enum ms_detect_kind want;
	} cases[] = {
		{ "p: 1\nTo: x\n\n", false, true, MS_DETECT_RAW },
		{ "p: 1\nTo: x\n\n", true, true, MS_DETECT_EML },
		{ "p: 1\nTo: x\n\n", false, false, MS_DETECT_EML },
		{ "s: 1\nTo: x\n\n", false, true, MS_DETECT_EML },
		{ "From a Thu Jan  1 00:00:00 1970\nTo: x\n\n", false, true,
		  MS_DETECT_MBOX },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		const struct ms_source_config config = {
			.start_reader = cases[i].hears ? start : NULL,
			.detect_capture = cases[i].knows ? detect : NULL,
		};
		const char *head = cases[i].head;

		print_message("  %zu\n", i);
		assert_int_equal(cases[i].want, ms_heard_kind(&config,
		    (const unsigned char *)head, strlen(head)));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_items),
		cmocka_unit_test(test_detect),
		cmocka_unit_test(test_kind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
