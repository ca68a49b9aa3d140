#include "capture/messages.h"

#include "source/record.h"

#include <glib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

/* The records that a capture becomes, one a line; what fits into a pipe. */
static char *
run(const char *text, bool pcap)
{
	int in = memfd_create("in", MFD_CLOEXEC), ends[2];
	int tmp = memfd_create("tmp", MFD_CLOEXEC);
	GString *out = g_string_new(NULL);
	struct ms_record record = { 0 };

	assert_int_equal(strlen(text), pwrite(in, text, strlen(text), 0));
	assert_int_equal(0, pipe(ends));
	ms_messages_run(in, tmp, ends[1], pcap);
	(void)close(ends[1]);
	while (ms_record_read(ends[0], &record, NULL) == MS_OK) {
		char data[100];
		size_t got;

		g_string_append_c(out, (char)record.type);
		if (record.type == MS_RECORD_MESSAGE)
			g_string_append_printf(out, " %c %d %d",
			    record.place.kind, (int)record.place.stream,
			    (int)record.place.number);
		if (record.type == MS_RECORD_FIELD)
			g_string_append_printf(out, " %c", record.field);
		while (ms_record_read_data(ends[0], &record, data,
		    sizeof data, &got, NULL) == MS_OK && got > 0)
			g_string_append_printf(out, " %d", (int)got);
		if (*record.text)
			g_string_append_printf(out, " %s", record.text);
		g_string_append_c(out, '\n');
	}
	(void)close(ends[0]);
	(void)close(in);
	(void)close(tmp);
	return g_string_free(out, FALSE);
}

#define SAID "C: EHLO a\r\nS: 250 b\r\nC: MAIL FROM:<s@x>\r\nS: 250 ok\r\n" \
	"C: RCPT TO:<r@x>\r\nS: 250 ok\r\nC: RCPT TO:<q@x>\r\n" \
	"S: 550 no\r\nC: DATA\r\nS: 354 go\r\nC: Subject: x\r\n"

static void
test_records(void **state)
{
	static const struct {
		const char *name, *text;
		bool pcap;
		const char *want;
	} cases[] = {
		{ "whole", SAID "C: .\r\nS: 250 q\r\n", false, "S m 1 1\n"
		  "D 12\nf s s@x\nf r r@x\nf x q@x\nf y 550 no\nf h a\n"
		  "f p ESMTP\nf l 250 q\nd\nE\n" },
		{ "cut", SAID, false, "S m 1 1\nD 12\nf s s@x\nf r r@x\n"
		  "f x q@x\nf y 550 no\nf h a\nf p ESMTP\n"
		  "B the capture ends before the message does\nE\n" },
		{ "none", "Dear Otto,\r\n", false, "F is no capture of SMTP "
		  "that is known here\n" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		char *got = run(cases[i].text, cases[i].pcap);

		print_message("  %s\n", cases[i].name);
		assert_string_equal(cases[i].want, got);
		g_free(got);
	}
}

static void
test_no_pcap(void **state)
{
	char *got = run("Dear Otto,\r\n", true);

	(void)state;
	assert_int_equal('F', *got);
	g_free(got);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_records),
		cmocka_unit_test(test_no_pcap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
