#include "capture/textlines.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "capture/transcript_test.h"

/* Read TEXT in steps of STEP: "number:bytes" and how it ends, for each piece;
 * many bytes are written as their number. */
static GString *
pieces(const char *text, size_t size, size_t step)
{
	static const char *const ends[] = { "|", "$", "^$" };
	struct text_input input = { .text = text, .size = size,
		.step = step };
	struct ms_textlines *lines = ms_textlines_new(text_read, &input);
	GString *out = g_string_new(NULL);
	struct ms_piece piece;
	enum ms_status status;

	while ((status = ms_textlines_next(lines, &piece, NULL)) == MS_OK) {
		g_string_append_printf(out, "%s%llu:", piece.first ? "" : "+",
		    (unsigned long long)piece.number);
		if (piece.size > 100)
			g_string_append_printf(out, "<%zu>", piece.size);
		else
			g_string_append_len(out, (const char *)piece.data,
			    (gssize)piece.size);
		g_string_append(out, piece.last ? ends[piece.ending] : "~");
	}
	assert_int_equal(MS_END, status);
	assert_int_equal(MS_END, ms_textlines_next(lines, &piece, NULL));
	ms_textlines_free(lines);
	return out;
}

static void
test_short(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "", "" },
		{ "a", "1:a|" },
		{ "a\n", "1:a$" },
		{ "a\r\nb\n\n\r\n", "1:a^$2:b$3:$4:^$" },
		{ "a\r", "1:a\r|" },
		{ "a\r\r\nb", "1:a\r^$2:b|" },
		{ "\n\nx\n", "1:$2:$3:x$" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
		for (size_t step = 0; step < 4; step++) {
			GString *got = pieces(cases[i].text,
			    strlen(cases[i].text), step);

			assert_string_equal(cases[i].want, got->str);
			g_string_free(got, TRUE);
		}
}

/* Lines as long as a piece, give or take; none ends between CR and LF. */
static void
test_long(void **state)
{
	static const struct {
		size_t size;		/* of x */
		const char *rest, *want;
	} cases[] = {
		{ 65535, "\nb", "1:<65535>$2:b|" },
		{ 65536, "\nb", "1:<65536>$2:b|" },
		{ 65536, "\r\nb", "1:<65536>^$2:b|" },
		{ 65536, "", "1:<65536>|" },
		{ 65537, "", "1:<65536>~+1:x|" },
		{ 65537, "\r\n", "1:<65536>~+1:x^$" },
		{ 65535, "\r\r\r\r\r\n", "1:<65535>~+1:\r\r\r\r^$" },
		{ 200000, "\nb\n", "1:<65536>~+1:<65536>~+1:<65536>~"
		  "+1:<3392>$2:b$" },
	};

	(void)state;
	for (size_t i = 0; i < 3 * G_N_ELEMENTS(cases); i++) {
		static const size_t steps[] = { 0, 4096, 1 };
		GString *text = g_string_new(NULL), *got;

		for (size_t n = cases[i / 3].size; n > 0; n--)
			g_string_append_c(text, 'x');
		g_string_append(text, cases[i / 3].rest);
		got = pieces(text->str, text->len, steps[i % 3]);
		assert_string_equal(cases[i / 3].want, got->str);
		g_string_free(got, TRUE);
		g_string_free(text, TRUE);
	}
}

/* Nothing but carriage returns is a line, too. */
static void
test_returns(void **state)
{
	char *text = g_strnfill(200000, '\r');
	GString *got = pieces(text, 200000, 0);

	(void)state;
	assert_true(g_str_has_prefix(got->str, "1:<65535>~+1:<65535>~"));
	g_string_free(got, TRUE);
	g_free(text);
}

static void
test_head(void **state)
{
	struct text_input input = { .text = "a\nb", .size = 3, .step = 1 };
	struct ms_textlines *lines = ms_textlines_new(text_read, &input);
	const unsigned char *data;
	struct ms_piece line;
	size_t size;

	(void)state;
	for (int i = 0; i < 2; i++) {
		assert_int_equal(MS_OK, ms_textlines_head(lines, &data, &size,
		    NULL));
		assert_int_equal(3, size);
		assert_memory_equal("a\nb", data, 3);
	}
	assert_true(ms_textlines_cut(&data, &size, &line));
	assert_true(ms_textlines_starts(&line, "a"));
	assert_false(ms_textlines_starts(&line, "ab"));
	assert_false(ms_textlines_is_blank(&line));
	ms_textlines_drop(&line, 1);
	assert_true(ms_textlines_is_blank(&line));
	assert_true(ms_textlines_cut(&data, &size, &line));
	assert_int_equal(MS_TEXTLINES_NONE, line.ending);
	assert_false(ms_textlines_cut(&data, &size, &line));
	assert_int_equal(MS_OK, ms_textlines_next(lines, &line, NULL));
	assert_int_equal(1, line.number);
	ms_textlines_free(lines);
}

static enum ms_status
broken(void *arg, void *data, size_t size, size_t *got, struct ms_error *err)
{
	int *left = arg;

	if ((*left)-- <= 0)
		return ms_error_set(err, MS_E_IO, "gone");
	*got = MIN(size, 3);
	memcpy(data, "a\nb", *got);
	return MS_OK;
}

static void
test_failure(void **state)
{
	int left = 0;
	struct ms_textlines *lines = ms_textlines_new(broken, &left);
	struct ms_piece piece;
	struct ms_error err = { "" };

	(void)state;
	assert_int_equal(MS_E_IO, ms_textlines_next(lines, &piece, &err));
	assert_string_equal("gone", err.text);
	ms_textlines_free(lines);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_short),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_returns),
		cmocka_unit_test(test_head),
		cmocka_unit_test(test_failure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
