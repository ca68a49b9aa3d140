#include "smtp/payload_test.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "smtp/dots.h"

static const struct {
	enum ms_payload_kind kind;
	const char *in, *want;
} cases[] = {
	{ MS_PAYLOAD_DATA, ".\r\nQUIT", "|QUIT: raw=3 ended=1" },
	{ MS_PAYLOAD_DATA, "a\r\n.\r\nx",
	    "a\r\n|x: size=3 raw=6 lines=1 longest=3 ended=1" },
	{ MS_PAYLOAD_DATA, "\r\n.\r\n",
	    "\r\n|: size=2 raw=5 lines=1 longest=2 ended=1" },
	{ MS_PAYLOAD_DATA, "..\r\n.\r\n",
	    ".\r\n|: size=3 raw=7 lines=1 longest=3 dots=1 ended=1" },
	{ MS_PAYLOAD_DATA, "...\r\n..a\r\n.b\r\n.\r\n", "..\r\n.a\r\nb\r\n|:"
	    " size=11 raw=17 lines=3 longest=4 dots=3 ended=1" },
	{ MS_PAYLOAD_DATA, ".\t\r\n.\r\n",
	    "\t\r\n|: size=3 raw=7 lines=1 longest=3 dots=1 ended=1" },
	{ MS_PAYLOAD_DATA, "a.\r\n.\r\n",
	    "a.\r\n|: size=4 raw=7 lines=1 longest=4 ended=1" },
	{ MS_PAYLOAD_DATA, "a\r\n", "a\r\n...: size=3 raw=3 lines=1"
	    " longest=3 ended=1" },
	{ MS_PAYLOAD_DATA, "a\r\n.", "a\r\n...: size=3 raw=4 lines=1"
	    " longest=3 dots=1 ended=1" },
	/* What is held when it ends is not lost. */
	{ MS_PAYLOAD_DATA, "a\r\n.\r", "a\r\n\r...: size=4 raw=5 lines=1"
	    " longest=3 dots=1 cr=1 like=1 like at=3 bare at=3" },
	{ MS_PAYLOAD_DATA, "a\r", "a\r...: size=2 raw=2 longest=2 cr=1"
	    " bare at=1" },
	{ MS_PAYLOAD_DATA, "a\rb\nc\r\n.\r\n", "a\rb\nc\r\n|: size=7 raw=10"
	    " lines=1 longest=7 cr=1 lf=1 bare at=1 ended=1" },
	{ MS_PAYLOAD_DATA, "\x80\xff\r\n.\r\n", "\x80\xff\r\n|: size=4 raw=7"
	    " lines=1 longest=4 8bit=2 ended=1" },
	/* That is an end all the same. */
	{ MS_PAYLOAD_DATA, "a\r\r\n.\r\n", "a\r\r\n|: size=4 raw=7 lines=1"
	    " longest=4 cr=1 bare at=1 ended=1" },
	{ MS_PAYLOAD_DATA, "\n.\r\n.\r\n", "\n.\r\n|: size=4 raw=7 lines=1"
	    " longest=4 lf=1 like=1 like at=1 ended=1" },
	{ MS_PAYLOAD_LOOSE, "a\n..b\n.\nx", "a\n.b\n|x: size=5 raw=8 lines=2"
	    " longest=3 dots=1 lf=2 bare at=1 ended=1" },
	{ MS_PAYLOAD_LOOSE, "a\r\n.\nx", "a\r\n|x: size=3 raw=5 lines=1"
	    " longest=3 ended=1" },
	{ MS_PAYLOAD_LOOSE, "a\n.\r\nx", "a\n|x: size=2 raw=5 lines=1"
	    " longest=2 lf=1 bare at=1 ended=1" },
	{ MS_PAYLOAD_CHUNKS, "..\r\n.\r\nx", "..\r\n.\r\nx...: size=8 raw=8"
	    " lines=2 longest=4 like=1 like at=4" },
};

static void
test_contents(void **state)
{
	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		const struct cuts_test test = payload_test(&cases[i].kind);

		cuts_test_assert(&test, cases[i].in, strlen(cases[i].in),
		    cases[i].want);
	}
}

/* Dots and ends at the borders of what is counted 16 bytes at a time, and of
 * blocks that a server reads. */
static void
test_borders(void **state)
{
	static const size_t sizes[] = { 13, 14, 15, 16, 17, 4094, 4095, 4096,
		4097, 4098, 65534, 65535, 65536, 65537 };
	const enum ms_payload_kind kind = MS_PAYLOAD_DATA;
	const struct cuts_test test = payload_test(&kind);

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
		char *line = g_strnfill(sizes[i], 'x');
		char *in = g_strdup_printf("%s\r\n..\r\n.\r\n", line);
		char *want = g_strdup_printf("%s\r\n.\r\n|: size=%zu raw=%zu "
		    "lines=2 longest=%zu dots=1 ended=1", line, sizes[i] + 5,
		    sizes[i] + 9, sizes[i] + 2);

		for (size_t step = 4094; step < 4099; step++) {
			GString *got = cuts_test_run(&test, in, strlen(in),
			    step, NULL);

			assert_string_equal(want, got->str);
			g_string_free(got, TRUE);
		}
		cuts_test_assert(&test, in, strlen(in), want);
		g_free(line);
		g_free(in);
		g_free(want);
	}
}

static void
test_nul(void **state)
{
	static const char in[] = "a\0b\r\n\0.\r\n.\0\r\n\r\n.\r\n";
	const enum ms_payload_kind kind = MS_PAYLOAD_DATA;
	const struct cuts_test test = payload_test(&kind);
	GString *got = cuts_test_all(&test, in, sizeof in - 1, 1, NULL);

	(void)state;
	assert_non_null(got);
	assert_memory_equal("a\0b\r\n\0.\r\n\0\r\n\r\n|:", got->str, 16);
	assert_string_equal(": size=14 raw=18 lines=4 longest=5 dots=1 nul=3"
	    " like=2 like at=6 ended=1", got->str + 15);
	g_string_free(got, TRUE);
}

/* After bytes that were lost, what follows continues some line. */
static void
test_skip(void **state)
{
	const unsigned char *bytes;
	struct ms_payload payload;
	size_t used, n;

	(void)state;
	ms_payload_init(&payload, MS_PAYLOAD_DATA);
	assert_int_equal(MS_END, ms_payload_feed(&payload, "a\r\n.\r", 5,
	    &used, &bytes, &n));
	ms_payload_skip(&payload);
	assert_int_equal(MS_END, ms_payload_feed(&payload, "\n.b\r\n", 5,
	    &used, &bytes, &n));
	assert_int_equal(5, used);
	assert_int_equal(5, n);
	assert_int_equal(MS_OK, ms_payload_feed(&payload, ".\r\n", 3, &used,
	    &bytes, &n));
	assert_int_equal(0, n);
}

/* Any bytes as smtp/dots sends them: what comes out is what it meant, line
 * ends are in order, and nothing looks like an end. */
static void
test_dots(void **state)
{
	static const char alphabet[] = "..\r\r\n\nab\x80";
	const enum ms_payload_kind kind = MS_PAYLOAD_DATA;
	const struct cuts_test test = payload_test(&kind);
	GRand *random = g_rand_new_with_seed(2821);

	(void)state;
	for (int round = 0; round < 3000; round++) {
		const int size = g_rand_int_range(random, 0, 40);
		GString *in = g_string_new(NULL), *sent = g_string_new(NULL);
		GString *got, *again = g_string_new(NULL);
		struct ms_dots dots = { 0 }, twice = { 0 };
		char *want;

		for (int i = 0; i < size; i++)
			g_string_append_c(in, alphabet[g_rand_int_range(
			    random, 0, sizeof alphabet - 1)]);
		ms_dots_feed(&dots, in->str, in->len, sent);
		ms_dots_end(&dots, sent);
		got = cuts_test_all(&test, sent->str, sent->len, 7, NULL);
		assert_non_null(got);
		want = g_strdup_printf("|: size=%" G_GUINT64_FORMAT " ",
		    (guint64)dots.size);
		assert_true(dots.size == 0 || strstr(got->str, want));
		for (size_t i = 0; i < 3; i++)
			assert_null(strstr(got->str, ((const char *[]){
			    " cr=", " lf=", " like=" })[i]));
		/* Sent again, it is what it was. */
		ms_dots_feed(&twice, got->str, dots.size, again);
		ms_dots_end(&twice, again);
		assert_string_equal(sent->str, again->str);
		g_string_free(in, TRUE);
		g_string_free(sent, TRUE);
		g_string_free(got, TRUE);
		g_string_free(again, TRUE);
		g_free(want);
	}
	g_rand_free(random);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_contents),
		cmocka_unit_test(test_borders),
		cmocka_unit_test(test_nul),
		cmocka_unit_test(test_skip),
		cmocka_unit_test(test_dots),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
