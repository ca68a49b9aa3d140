#include "message/base64.h"

#include <gmime/gmime.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

static void
test_rows(void **state)
{
	static const struct {
		const char *in;
		size_t used;
		const char *out;
	} rows[] = {
		{ "", 0, "" },
		{ "QUJD", 4, "ABC" },
		{ "QUJDREVG", 8, "ABCDEF" },
		{ "QUJD\nREVG\n", 10, "ABCDEF" },
		{ "QUJD\r\n\r\nREVG\r\n", 14, "ABCDEF" },
		{ "QUJDRA==", 4, "ABC" },	/* the end is not ours */
		{ "QUJDRE", 4, "ABC" },
		{ "QUJD\rREVG", 4, "ABC" },	/* nor is what is unusual */
		{ "QUJD REVG", 4, "ABC" },
		{ "QUJDR\nEVG", 4, "ABC" },
		{ "=QUJD", 0, "" },
		{ "QUJ\xff", 0, "" },
		{ "QUJ\x80QUJD", 0, "" },
		{ "////+++0", 8, "\xff\xff\xff\xfb\xef\xb4" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		size_t size = strlen(rows[i].in), used = 99;
		unsigned char *in = g_memdup2(rows[i].in, size);
		unsigned char *out = g_malloc(MS_BASE64_ROOM(size));
		size_t got = ms_base64(in, size, out, &used);

		assert_int_equal(rows[i].used, used);
		assert_int_equal(strlen(rows[i].out), got);
		assert_memory_equal(rows[i].out, out, got);
		g_free(in);
		g_free(out);
	}
}

/* What it decodes, GMime decodes to the same, and goes on from there as if it
 * had been asked from the start. */
static void
test_as_gmime(void **state)
{
	static const char likely[] = "QUJDREVGQUJDREVGQUJD\n\n\n\r\n= -\x80";
	unsigned seed = (unsigned)time(NULL);

	(void)state;
	print_message("seed %u\n", seed);
	srand(seed);
	for (int round = 0; round < 20000; round++) {
		size_t size = (unsigned)rand() % 300, used, got, want;
		size_t kinds = (unsigned)rand() % 2 ? 22 : sizeof likely - 1;
		char in[300], whole[400];
		unsigned char out[400];
		GMimeEncoding one, two;

		for (size_t i = 0; i < size; i++)
			in[i] = likely[(unsigned)rand() % kinds];
		g_mime_encoding_init_decode(&one,
		    GMIME_CONTENT_ENCODING_BASE64);
		two = one;
		want = g_mime_encoding_step(&one, in, size, whole);
		got = ms_base64((unsigned char *)in, size, out, &used);
		got += g_mime_encoding_step(&two, in + used, size - used,
		    (char *)out + got);
		assert_int_equal(want, got);
		assert_memory_equal(whole, out, got);
		assert_int_equal(one.state, two.state);
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
