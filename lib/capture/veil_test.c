#include "capture/veil.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* A line of SIDE comes out as WANT, in which "*" is a pseudonym's. */
static void
check(struct ms_veil *veil, enum ms_side side, const char *line,
    const char *want)
{
	char *copy = g_strdup(line);
	size_t size = strlen(line);

	ms_veil_line(veil, side, (unsigned char *)copy, size,
	    size > 0 && line[size - 1] == '\n');
	for (size_t i = 0; i < size; i++)
		if (want[i] == '*' && g_ascii_isalnum(copy[i]))
			copy[i] = '*';
	assert_string_equal(want, copy);
	g_free(copy);
}

/* A chunk is as long as it was said to be, and a command follows it. */
static void
test_chunk(void **state)
{
	struct ms_veil *veil = ms_veil_new();

	(void)state;
	ms_veil_begin(veil, true);
	assert_true(ms_veil_room(veil, MS_SIDE_CLIENT) == SIZE_MAX);
	check(veil, MS_SIDE_CLIENT, "BDAT 13\r\n", "BDAT 13\r\n");
	assert_int_equal(13, ms_veil_room(veil, MS_SIDE_CLIENT));
	assert_true(ms_veil_room(veil, MS_SIDE_SERVER) == SIZE_MAX);
	assert_false(ms_veil_is_between(veil, MS_SIDE_CLIENT));
	assert_true(ms_veil_is_between(veil, MS_SIDE_SERVER));
	check(veil, MS_SIDE_CLIENT, "To: a\r\n", "To: x\r\n");
	assert_int_equal(6, ms_veil_room(veil, MS_SIDE_CLIENT));
	check(veil, MS_SIDE_CLIENT, "Cc: bb", "Cc: xx");
	assert_true(ms_veil_is_between(veil, MS_SIDE_CLIENT));
	check(veil, MS_SIDE_CLIENT, "BDAT 0 LAST\r\n", "BDAT 0 LAST\r\n");
	check(veil, MS_SIDE_CLIENT, "BDAT 99999999999999999999999\r\n",
	    "BDAT 99999999999999999999999\r\n");
	assert_true(ms_veil_room(veil, MS_SIDE_CLIENT) > 1 << 30);
	ms_veil_gap(veil, MS_SIDE_CLIENT, 0);
	assert_true(ms_veil_room(veil, MS_SIDE_CLIENT) == SIZE_MAX);
	ms_veil_free(veil);
	ms_veil_free(NULL);
}

/* Lines that are too long are masked to their ends. */
static void
test_long(void **state)
{
	struct ms_veil *veil = ms_veil_new();

	(void)state;
	ms_veil_begin(veil, true);
	check(veil, MS_SIDE_CLIENT, "AUTH PLAIN c2Vj", "AUTH PLAIN AAAA");
	assert_false(ms_veil_is_between(veil, MS_SIDE_CLIENT));
	check(veil, MS_SIDE_CLIENT, "cmV0=\r\n", "AAAA=\r\n");
	check(veil, MS_SIDE_SERVER, "250 Hello jo", "250 Hello **");
	check(veil, MS_SIDE_SERVER, "e!\r\n", "x!\r\n");
	check(veil, MS_SIDE_SERVER, "250 ok\r\n", "250 ok\r\n");
	ms_veil_free(veil);
}

/* Which replies begin a message. */
static void
test_data(void **state)
{
	struct ms_veil *veil = ms_veil_new();

	(void)state;
	ms_veil_begin(veil, true);
	check(veil, MS_SIDE_CLIENT, "NOOP\r\n", "NOOP\r\n");
	check(veil, MS_SIDE_CLIENT, "DATA\r\n", "DATA\r\n");
	check(veil, MS_SIDE_SERVER, "250 ok\r\n", "250 ok\r\n");
	/* That was the reply to NOOP. */
	check(veil, MS_SIDE_SERVER, "354-first\r\n", "354-first\r\n");
	assert_true(ms_veil_is_between(veil, MS_SIDE_CLIENT));
	check(veil, MS_SIDE_SERVER, "354 go\r\n", "354 go\r\n");
	assert_false(ms_veil_is_between(veil, MS_SIDE_CLIENT));
	check(veil, MS_SIDE_CLIENT, "From: joe\r\n", "From: xxx\r\n");
	check(veil, MS_SIDE_CLIENT, "..\r\n", "..\r\n");
	check(veil, MS_SIDE_CLIENT, ".\n", ".\n");
	check(veil, MS_SIDE_CLIENT, ".\r\n", ".\r\n");
	/* The dot above stood behind a bare LF. */
	assert_false(ms_veil_is_between(veil, MS_SIDE_CLIENT));
	check(veil, MS_SIDE_CLIENT, ".\r\n", ".\r\n");
	assert_true(ms_veil_is_between(veil, MS_SIDE_CLIENT));
	check(veil, MS_SIDE_CLIENT, "MAIL FROM:<joe@to>\r\n",
	    "MAIL FROM:<***@**>\r\n");
	ms_veil_free(veil);
}

/* Structure stays, whatever it looks like. */
static void
test_words(void **state)
{
	struct ms_veil *veil = ms_veil_new();

	(void)state;
	ms_veil_begin(veil, true);
	check(veil, MS_SIDE_SERVER, "250-XCLIENT NAME ADDR PROTO HELO "
	    "REVERSE_NAME PORT LOGIN DESTADDR DESTPORT\r\n", "250-XCLIENT NAME "
	    "ADDR PROTO HELO REVERSE_NAME PORT LOGIN DESTADDR DESTPORT\r\n");
	check(veil, MS_SIDE_SERVER, "250 XFORWARD IDENT SOURCE\r\n",
	    "250 XFORWARD IDENT SOURCE\r\n");
	check(veil, MS_SIDE_CLIENT, "XCLIENT NAME=joe REVERSE_NAME=joe\r\n",
	    "XCLIENT NAME=*** REVERSE_NAME=***\r\n");
	check(veil, MS_SIDE_SERVER, "354 End data with <CR><LF>.<CR><LF>\r\n",
	    "354 End data with <CR><LF>.<CR><LF>\r\n");
	check(veil, MS_SIDE_SERVER, "550 <CRLF> <CRLF <lf@to> <joe> <ok>\r\n",
	    "550 <CRLF> <**** <**@**> <***> <**>\r\n");
	check(veil, MS_SIDE_SERVER, "550 reverse_joe joe_name\r\n",
	    "550 *******_*** ***_****\r\n");
	ms_veil_free(veil);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_chunk),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_data),
		cmocka_unit_test(test_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
