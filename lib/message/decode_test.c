#include "message/decode.h"

#include <gmime/gmime.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

static const struct ms_budget_limits roomy = { .part_bytes = 1 << 20,
	.total_bytes = 1 << 20, .parts = 10, .time_ms = 3600 * 1000 };

static enum ms_status
decode(const void *data, size_t size, bool base64,
    const struct ms_budget_limits *limits, struct ms_spool *spool)
{
	struct ms_budget budget;
	const struct ms_decode_input input = { data, size, base64, spool,
		&budget };
	struct ms_error err = { "" };

	ms_budget_init(&budget, limits);
	return ms_decode(&input, &err);
}

static void
test_rows(void **state)
{
	static const struct {
		bool base64;
		const char *in, *out;
		uint64_t max;
		enum ms_status want;
	} rows[] = {
		{ true, "", "", 10, MS_OK },
		{ true, "QUJD\nREVG\n", "ABCDEF", 10, MS_OK },
		{ true, "QUJDRA==", "ABCD", 10, MS_OK },
		{ true, "QUJDRA", "ABCD", 10, MS_OK },
		{ true, " Q-U J\tD\rREV\nG", "ABCDEF", 10, MS_OK },
		{ true, "QUJDREVG", "ABCDEF", 6, MS_OK },
		{ true, "QUJDREVG", "", 5, MS_E_LIMIT },
		{ false, "a=42=\nc", "aBc", 10, MS_OK },
		{ false, "a=42=\nc", "aBc", 3, MS_OK },
	};
	const struct ms_spool_config heap = { .heap_max = 1 << 20 };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		struct ms_spool *spool = ms_spool_new(&heap);
		struct ms_budget_limits limits = roomy;
		const unsigned char *data;

		limits.part_bytes = rows[i].max;
		assert_int_equal(rows[i].want, decode(rows[i].in,
		    strlen(rows[i].in), rows[i].base64, &limits, spool));
		assert_int_equal(MS_OK, ms_spool_map(spool, &data, NULL));
		assert_int_equal(strlen(rows[i].out), ms_spool_size(spool));
		if (*rows[i].out)
			assert_memory_equal(rows[i].out, data,
			    strlen(rows[i].out));
		ms_spool_free(spool);
	}
}

/* Long ones of any sort, on the heap and in a memfd: as GMime alone. */
static void
test_as_gmime(void **state)
{
	static const char likely[] = "QUJDREVGQUJDREVGQUJD\n\n\n\r\n- \x80";
	unsigned seed = (unsigned)time(NULL);

	(void)state;
	print_message("seed %u\n", seed);
	srand(seed);
	for (int round = 0; round < 200; round++) {
		const struct ms_spool_config config = {
			round % 2 ? 1 << 20 : 0, 1 << 20, NULL };
		struct ms_spool *spool = ms_spool_new(&config);
		size_t size = (unsigned)rand() % 100000, want;
		size_t kinds = round % 3 ? 22 : sizeof likely - 1;
		char *in = g_malloc(size + 1), *whole = g_malloc(size + 9);
		const unsigned char *data;
		GMimeEncoding one;

		for (size_t i = 0; i < size; i++)
			in[i] = likely[(unsigned)rand() % kinds];
		g_mime_encoding_init_decode(&one,
		    GMIME_CONTENT_ENCODING_BASE64);
		want = g_mime_encoding_step(&one, in, size, whole);
		want += g_mime_encoding_flush(&one, "==", 2, whole + want);
		assert_int_equal(MS_OK, decode(in, size, true, &roomy,
		    spool));
		assert_int_equal(want, ms_spool_size(spool));
		assert_int_equal(MS_OK, ms_spool_map(spool, &data, NULL));
		assert_memory_equal(whole, data, want);
		ms_spool_free(spool);
		g_free(in);
		g_free(whole);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_as_gmime),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
