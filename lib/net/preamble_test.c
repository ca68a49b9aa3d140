#include "net/preamble.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <glib.h>

#define SIGNATURE "\r\n\r\n\0\r\nQUIT\n"
#define V2(rest) SIGNATURE rest, sizeof (SIGNATURE rest) - 1
#define V1(line) line, sizeof (line) - 1

#define IN4 "\xc0\0\2\1\xc0\0\2\2\4\1\0\x19"
/* Of the preamble in test_checksum(): CRC32C, computed elsewhere. */
#define CHECKSUM "\004\351\113\334"
#define EIGHT "\x20\1\x0d\xb8\0\0\0\0"

/* What a preamble says, for g_free(). */
static char *
tell(const void *data, size_t size)
{
	unsigned char *copy = g_memdup2(data, size);
	struct ms_preamble preamble;
	struct ms_error err = { "" };
	size_t used;
	const enum ms_status status = ms_preamble_read(copy, size, &used,
	    &preamble, &err);
	char *from, *to, *text;

	g_free(copy);
	if (status == MS_END)
		return g_strdup("...");
	if (status != MS_OK)
		return g_strdup(strchr(err.text, ':') + 2);
	if (!preamble.named)
		return g_strdup_printf("%zu", used);
	from = ms_endpoint_print(&preamble.from);
	to = ms_endpoint_print(&preamble.to);
	text = g_strdup_printf("%zu %s > %s", used, from, to);
	g_free(from);
	g_free(to);
	return text;
}

static const struct {
	const char *data;
	size_t size;
	const char *says;
} rows[] = {
	{ V1(""), "..." },
	{ V1("PROXY TCP4 192.0.2.1 192.0.2.2 1025 25\r\nEHLO"),
	    "40 192.0.2.1:1025 > 192.0.2.2:25" },
	{ V1("PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n"),
	    "56 255.255.255.255:65535 > 255.255.255.255:65535" },
	{ V1("PROXY TCP6 2001:db8::1 ::1 0 25\r\n"),
	    "33 [2001:db8::1]:0 > [::1]:25" },
	{ V1("PROXY TCP6 ::ffff:192.0.2.1 ::1 1 25\r\n"),
	    "38 192.0.2.1:1 > [::1]:25" },
	{ V1("PROXY UNKNOWN\r\n"), "15" },
	{ V1("PROXY UNKNOWN ffff:f...f:ffff ffff:f...f:ffff 65535 65535\r\n"),
	    "59" },
	{ V1("PROXY TCP4 192.0.2.1 192.0.2.2 1025 25\r"), "..." },
	{ V1("P"), "..." },
	{ V1("POST / HTTP/1.1\r\n"), "it does not begin so" },
	{ V1("PROXY\r\n"), "it does not begin so" },
	{ V1("PROXY \r\n"), "the line is none that it has" },
	{ V1("PROXY TCP4 192.0.2.1 192.0.2.2 1025 25\rx"),
	    "a CR stands alone" },
	{ V1("PROXY TCP4 192.0.2.1 192.0.2.2 1025\r\n"),
	    "the line is none that it has" },
	{ V1("PROXY TCP4 192.0.2.1 192.0.2.2 1025 25 \r\n"),
	    "the line is none that it has" },
	{ V1("PROXY TCP4 192.0.2.1 192.0.2.2 1025 65536\r\n"),
	    "the line is none that it has" },
	{ V1("PROXY TCP4 192.0.2.1 192.0.2.2 1025 025\r\n"),
	    "the line is none that it has" },
	{ V1("PROXY TCP4 192.0.2.1 192.0.2.2 1025 +25\r\n"),
	    "the line is none that it has" },
	{ V1("PROXY TCP4 192.0.2.1 ::1 1025 25\r\n"),
	    "the line is none that it has" },
	{ V1("PROXY TCP6 192.0.2.1 192.0.2.2 1025 25\r\n"),
	    "the line is none that it has" },
	{ V1("PROXY TCP4 example.org 192.0.2.2 1025 25\r\n"),
	    "the line is none that it has" },
	{ V1("PROXY UNKNOWN\0\r\n"), "there is a NUL" },
	{ V1("EHLO client.example.org\r\n"), "it does not begin so" },
	{ V2("\x21\x11\0\x0c" IN4 "220"),
	    "28 192.0.2.1:1025 > 192.0.2.2:25" },
	{ V2("\x21\x11\0\x0c" "\xc0\0\2"), "..." },
	{ V2("\x21\x11\0"), "..." },
	{ V2(""), "..." },
	{ V2("\x21\x11\0\x10" IN4 "\4\0\1x"),
	    "32 192.0.2.1:1025 > 192.0.2.2:25" },
	{ V2("\x21\x11\0\x10" IN4 "\4\0\2x"),
	    "what follows the addresses is damaged" },
	{ V2("\x21\x11\0\x0e" IN4 "\4\0"),
	    "what follows the addresses is damaged" },
	{ V2("\x21\x11\0\x0b" IN4), "it is too short for addresses" },
	{ V2("\x21\x21\0\x24" EIGHT "\0\0\0\0\0\0\0\1" EIGHT
	    "\0\0\0\0\0\0\0\2\4\1\0\x19"),
	    "52 [2001:db8::1]:1025 > [2001:db8::2]:25" },
	{ V2("\x20\0\0\0"), "16" },
	{ V2("\x20\x11\0\3abc"), "19" },
	{ V2("\x21\0\0\0"), "16" },
	{ V2("\x21\x12\0\x0c" IN4), "28" },
	{ V2("\x11\x11\0\x0c" IN4), "the version is not known" },
	{ V2("\x22\x11\0\x0c" IN4), "the command is not known" },
	{ V2("\x21\x41\0\x0c" IN4), "the family is not known" },
	{ V2("\x21\x13\0\x0c" IN4), "the family is not known" },
	{ V2("\x21\x11\xff\xff" IN4), "it is too long" },
};

static void
test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		char *got = tell(rows[i].data, rows[i].size);

		if (strcmp(got, rows[i].says) != 0)
			fail_msg("row %zu: '%s' and not '%s'", i, got,
			    rows[i].says);
		g_free(got);
	}
}

/* What is whole was a beginning at every length before. */
static void
test_cut(void **state)
{
	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		const size_t whole = (size_t)g_ascii_strtoull(rows[i].says,
		    NULL, 10);

		for (size_t size = 0; size < whole; size++) {
			char *got = tell(rows[i].data, size);

			if (strcmp(got, "...") != 0)
				fail_msg("row %zu cut at %zu: %s", i, size,
				    got);
			g_free(got);
		}
	}
}

/* The longest line there may be, and one that is longer by a byte. */
static void
test_long_line(void **state)
{
	char line[120];
	char *got;

	(void)state;
	memset(line, 'x', sizeof line);
	memcpy(line, "PROXY UNKNOWN ", 14);
	memcpy(line + 105, "\r\n", 2);
	got = tell(line, 107);
	assert_string_equal(got, "107");
	g_free(got);
	got = tell(line, 105);
	assert_string_equal(got, "...");
	g_free(got);
	memcpy(line + 105, "x\r\n", 3);
	got = tell(line, 108);
	assert_string_equal(got, "the line is too long");
	g_free(got);
	got = tell(line, 106);
	assert_string_equal(got, "the line is too long");
	g_free(got);
}

static void
test_unix(void **state)
{
	static const char fixed[] = SIGNATURE "\x21\x31\0\xd8";
	unsigned char data[16 + 216] = { 0 };
	char *got;

	(void)state;
	memcpy(data, fixed, 16);
	memcpy(data + 16, "/run/client", 11);
	memset(data + 16 + 108, 'x', 108);
	got = tell(data, sizeof data);
	assert_true(g_str_has_prefix(got, "232 unix:/run/client > unix:xxx"));
	g_free(got);
	memset(data + 16, 0, 108);
	got = tell(data, sizeof data);
	assert_true(g_str_has_prefix(got, "232 unix: > unix:xxx"));
	g_free(got);
}

static void
test_checksum(void **state)
{
	static const char good[] = SIGNATURE "\x21\x11\0\x13" IN4
	    "\3\0\4" CHECKSUM;
	static const char twice[] = SIGNATURE "\x21\x11\0\x1a" IN4
	    "\3\0\4" CHECKSUM "\3\0\4" CHECKSUM;
	char bad[sizeof good];
	char *got = tell(good, sizeof good - 1);

	(void)state;
	assert_string_equal(got, "35 192.0.2.1:1025 > 192.0.2.2:25");
	g_free(got);
	for (size_t i = 16; i < sizeof good - 1; i++) {
		memcpy(bad, good, sizeof good);
		bad[i] ^= 1;
		got = tell(bad, sizeof bad - 1);
		/* The type: then it is something else, of no interest. */
		if (i != 28 && strstr(got, "damaged") == NULL)
			fail_msg("byte %zu: %s", i, got);
		g_free(got);
	}
	got = tell(twice, sizeof twice - 1);
	assert_string_equal(got, "what follows the addresses is damaged");
	g_free(got);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_long_line),
		cmocka_unit_test(test_unix),
		cmocka_unit_test(test_checksum),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
