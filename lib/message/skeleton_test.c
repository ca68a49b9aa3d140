#include "message/skeleton.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

static void
append(GByteArray *out, const char *text)
{
	g_byte_array_append(out, (const guint8 *)text,
	    (guint)strlen(text));
}

/* SIZE bytes in lines of WIDTH, and then some. */
static void
append_lines(GByteArray *out, size_t size, size_t width, const char *end)
{
	for (size_t i = 0; i < size; i += width) {
		for (size_t k = 0; k < width; k++)
			g_byte_array_append(out, (const guint8 *)
			    &"QUJDREVGR0hJSktM+/=0"[(i + k) % 20], 1);
		append(out, end);
	}
}

/* Put the skeleton and what was left out together again. */
static void
check(const GByteArray *message, const struct ms_skeleton *skeleton)
{
	size_t last = 0;

	for (size_t at = 0; at <= skeleton->size; at++) {
		size_t offset = ms_skeleton_offset(skeleton, at);

		assert_true(offset >= last);
		/* Whole lines, and nothing that is more than that. */
		if (offset > last + 1) {
			assert_int_equal('\n', message->data[last]);
			assert_int_equal('\n', message->data[offset - 1]);
			for (size_t i = last + 1; i < offset; i++)
				assert_null(memchr(" \t:-", message->data[i],
				    4));
			assert_null(memmem(message->data + last,
			    offset - last, "\n\n", 2));
			assert_null(memmem(message->data + last,
			    offset - last, "\n\r", 2));
		}
		if (at < skeleton->size)
			assert_int_equal(message->data[offset],
			    skeleton->data[at]);
		last = offset;
	}
	assert_int_equal(message->len, last);
}

static void
test_rows(void **state)
{
	static const struct {
		const char *name;
		size_t size, width;
		const char *end;
		bool cut;
	} rows[] = {
		{ "short", 9000, 76, "\n", false },
		{ "lines", 200000, 76, "\n", true },
		{ "CRLF", 200000, 76, "\r\n", true },
		{ "empty lines between", 200000, 76, "\n\n", false },
		{ "likewise", 200000, 76, "\r\n\r\n", false },
		{ "blanks", 200000, 76, " \n", false },
		{ "colons", 200000, 76, ":\n", false },
		{ "hyphens", 200000, 76, "\n--", false },
		{ "8-bit", 200000, 76, "\xe4\n", false },
		{ "one line", 200000, 200000, "\n", false },
		{ "long lines", 200000, 400, "\n", true },
		{ "longer lines", 200000, 1100, "\n", false },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		GByteArray *message = g_byte_array_new();
		struct ms_skeleton skeleton;

		print_message("  %s\n", rows[i].name);
		append(message, "Subject: a\n\n");
		append_lines(message, rows[i].size, rows[i].width,
		    rows[i].end);
		append(message, "\nand text\n");
		ms_skeleton_init(&skeleton, message->data, message->len);
		assert_int_equal(rows[i].cut, skeleton.copy != NULL);
		if (rows[i].cut)
			assert_true(skeleton.size < 16384);
		check(message, &skeleton);
		ms_skeleton_clear(&skeleton);
		g_byte_array_unref(message);
	}
}

/* Stretches anywhere, of any length. */
static void
test_random(void **state)
{
	static const char *const between[] = { "\n", "\n\n", "--b\n",
		"A: b\n", "x y", ":", "\r", "", "\n--b\nA: b\n\n" };
	unsigned seed = (unsigned)time(NULL);

	(void)state;
	print_message("seed %u\n", seed);
	srand(seed);
	for (int round = 0; round < 60; round++) {
		GByteArray *message = g_byte_array_new();
		struct ms_skeleton skeleton;

		for (int i = rand() % 12; i > 0; i--) {
			append(message, between[(unsigned)rand() %
			    G_N_ELEMENTS(between)]);
			append_lines(message, (unsigned)rand() %
			    (rand() % 2 ? 100 : 90000), 1 + (unsigned)rand() %
			    100, rand() % 4 ? "\n" : "\r\n");
		}
		ms_skeleton_init(&skeleton, message->data, message->len);
		check(message, &skeleton);
		ms_skeleton_clear(&skeleton);
		g_byte_array_unref(message);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
