#include "report/streams.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static char *
write_row(bool json, const struct ms_streams_row *row)
{
	char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	assert_int_equal(MS_OK, ms_streams_write(stream, json, row, NULL));
	assert_int_equal(0, fclose(stream));
	return text;
}

static const struct ms_streams_row unknown = {
	.source = "a\033b", .format = "curl", .number = 1, .first_us = -1,
	.last_us = -1, .unit = "", .gaps = 2, .missing = 7, .reset = true,
};
static const struct ms_streams_row known = {
	.source = "a.pcap", .format = "pcap", .number = 12,
	.client = "192.0.2.1:5", .server = "\xff", .first_us = 1000001,
	.last_us = 2000000, .unit = "packet", .position = 17,
	.client_bytes = 1, .server_bytes = UINT64_MAX, .messages = 1,
	.client_heard = true, .server_heard = true, .begun = true,
	.ended = true, .tls = true,
};

static const struct {
	bool json;
	const struct ms_streams_row *row;
	const char *want;
} cases[] = {
	{ false, &unknown, "a\\x1bb[stream 1]: ? > ?, client not captured, "
	  "server not captured, 0 messages, 2 gaps (7 bytes), its beginning "
	  "is missing, broken off\n" },
	{ false, &known, "a.pcap[stream 12]: 192.0.2.1:5 > \\xff, "
	  "1970-01-01T00:00:01.000001Z, packet 17, client 1 bytes, "
	  "server 18446744073709551615 bytes, 1 message, TLS\n" },
	{ true, &unknown, "{\"schema\":1,\"type\":\"dialogue\","
	  "\"source\":\"a\\\\x1bb\",\"format\":\"curl\",\"stream\":1,"
	  "\"client\":null,\"server\":null,\"first\":null,\"last\":null,"
	  "\"unit\":\"\",\"position\":0,\"client_bytes\":0,"
	  "\"server_bytes\":0,\"messages\":0,\"gaps\":2,\"missing\":7,"
	  "\"client_heard\":false,\"server_heard\":false,\"begun\":false,"
	  "\"ended\":false,\"reset\":true,\"tls\":false}\n" },
	{ true, &known, "{\"schema\":1,\"type\":\"dialogue\","
	  "\"source\":\"a.pcap\",\"format\":\"pcap\",\"stream\":12,"
	  "\"client\":\"192.0.2.1:5\",\"server\":\"\\\\xff\","
	  "\"first\":\"1970-01-01T00:00:01.000001Z\","
	  "\"last\":\"1970-01-01T00:00:02.000000Z\","
	  "\"unit\":\"packet\",\"position\":17,\"client_bytes\":1,"
	  "\"server_bytes\":9223372036854775807,\"messages\":1,\"gaps\":0,"
	  "\"missing\":0,\"client_heard\":true,\"server_heard\":true,"
	  "\"begun\":true,\"ended\":true,\"reset\":false,\"tls\":true}\n" },
};

static void
test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char *text = write_row(cases[i].json, cases[i].row);

		assert_string_equal(cases[i].want, text);
		free(text);
	}
}

static void
test_full(void **state)
{
	FILE *stream = fopen("/dev/full", "we");
	struct ms_error err = { "" };

	(void)state;
	(void)setvbuf(stream, NULL, _IONBF, 0);
	assert_int_equal(MS_E_IO, ms_streams_write(stream, false, &known,
	    &err));
	assert_true(*err.text != '\0');
	(void)fclose(stream);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
