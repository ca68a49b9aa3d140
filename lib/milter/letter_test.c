#include "milter/letter.h"

#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>
#include <unistd.h>

static const struct ms_spool_config usual = { 64, 1 << 20, NULL };

static char *
sealed(struct ms_letter *letter)
{
	struct ms_error err;
	uint64_t size;
	char *text;
	int fd;

	assert_int_equal(ms_letter_seal(letter, &fd, &size, &err), MS_OK);
	text = g_malloc(size + 1);
	assert_int_equal(pread(fd, text, size, 0), size);
	text[size] = '\0';
	(void)close(fd);
	return text;
}

static void
same(struct ms_letter *letter, const char *expected)
{
	char *text = sealed(letter);

	assert_string_equal(text, expected);
	g_free(text);
}

static void
test_bytes(void **state)
{
	struct ms_letter *letter = ms_letter_new(&usual);
	struct ms_letter_bytes bytes;
	struct ms_error err;

	(void)state;
	for (int i = 0; i < 2; i++) {
		ms_letter_blanks(letter, true);
		ms_letter_begin(letter, "<a@b>");
		ms_letter_field(letter, "Subject", "\t hi\n there\r\n\tyou");
		ms_letter_field(letter, "To", "");
		ms_letter_blank_line(letter);
		ms_letter_body(letter, "one\r\nt", 6);
		ms_letter_body(letter, "wo\r\n", 4);
		same(letter, "Subject:\t hi\r\n there\r\n\tyou\r\nTo:\r\n\r\n"
		    "one\r\ntwo\r\n");
	}
	assert_int_equal(ms_letter_map(letter, &bytes, &err), MS_OK);
	assert_int_equal(bytes.header, 35);
	assert_int_equal(bytes.size, 45);
	assert_memory_equal(bytes.data + bytes.header, "one", 3);
	ms_letter_blanks(letter, false);
	ms_letter_begin(letter, "");
	ms_letter_field(letter, "Subject", "hi");
	same(letter, "Subject: hi\r\n");
	ms_letter_free(letter);
}

static void
test_envelope(void **state)
{
	struct ms_letter *letter = ms_letter_new(&usual);
	const GPtrArray *said;
	struct ms_envelope *asked;

	(void)state;
	ms_letter_recipient(letter, "<nobody@b>");
	assert_false(ms_letter_is_open(letter));
	assert_null(ms_letter_envelope(letter));
	ms_letter_begin(letter, "<>");
	ms_letter_recipient(letter, "<a@b>");
	ms_letter_recipient(letter, "c@d");
	ms_letter_recipient(letter, "<");
	assert_string_equal(ms_letter_envelope(letter)->sender, "");
	assert_int_equal(ms_letter_envelope(letter)->count, 3);
	assert_string_equal(ms_letter_envelope(letter)->recipients[0], "a@b");
	assert_string_equal(ms_letter_envelope(letter)->recipients[2], "<");
	said = ms_letter_recipients(letter);
	assert_string_equal(said->pdata[0], "<a@b>");
	asked = ms_letter_ask(letter, NULL);
	assert_string_equal(asked->sender, "");
	assert_int_equal(asked->count, 0);
	ms_envelope_free(asked);
	asked = ms_letter_ask(letter, "<x@y>");
	assert_int_equal(asked->count, 1);
	assert_string_equal(asked->recipients[0], "x@y");
	assert_int_equal(ms_letter_envelope(letter)->count, 3);
	ms_envelope_free(asked);
	ms_letter_begin(letter, "x@y");
	assert_int_equal(ms_letter_recipients(letter)->len, 0);
	assert_string_equal(ms_letter_envelope(letter)->sender, "x@y");
	ms_letter_clear(letter);
	assert_false(ms_letter_is_open(letter));
	ms_letter_free(letter);
}

/* What goes wrong is not forgotten until the next one. */
static void
test_failures(void **state)
{
	const struct ms_spool_config nowhere = { 4, 8, "/nonexistent" };
	struct ms_letter *letter = ms_letter_new(&nowhere);
	struct ms_error err;
	uint64_t size;
	int fd;

	(void)state;
	assert_int_equal(ms_letter_seal(letter, &fd, &size, &err), MS_E_IO);
	ms_letter_begin(letter, "a@b");
	ms_letter_body(letter, "too large for it", 16);
	ms_letter_body(letter, "x", 1);
	assert_int_equal(ms_letter_seal(letter, &fd, &size, &err), MS_E_IO);
	assert_non_null(strstr(err.text, "/nonexistent"));
	ms_letter_begin(letter, "a@b");
	ms_letter_body(letter, "x", 1);
	same(letter, "x");
	ms_letter_begin(letter, "a@b");
	for (int i = 0; i < 50001; i++)
		ms_letter_recipient(letter, "<a@b>");
	assert_int_equal(ms_letter_seal(letter, &fd, &size, &err), MS_E_IO);
	assert_non_null(strstr(err.text, "recipients"));
	ms_letter_free(letter);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_envelope),
		cmocka_unit_test(test_failures),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
