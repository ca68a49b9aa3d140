#include "message/yenc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "message/block_test.h"

static enum ms_status
walk(const void *data, size_t size, const struct ms_budget_limits *limits,
    GString *seen)
{
	GString *text = g_string_new_len(data, (gssize)size);
	enum ms_status status = block_test(ms_yenc_walk, text, limits, seen);

	g_string_free(text, TRUE);
	return status;
}

/* "Cat" is m\213\236 in yEnc; with a number to tell them apart. */
#define CAT "m\213\236"
#define HEAD(name) "=ybegin line=128 size=3 name=" name "\n"
#define PIECE(n, of) \
	"=ybegin part=" n " total=" of " line=128 size=9 name=a\n" \
	"=ypart begin=1 end=3\n" CAT "[\n=yend size=3 part=" n "\n"

static void
test_cases(void **state)
{
	static const struct {
		const char *name, *text, *want;
	} cases[] = {
		{ "nothing", "", "" },
		{ "prose", "A line that says =ybegin line=1 size=2\n"
		  "=ybegin is how it begins\n", "" },
		{ "one", HEAD("a.exe") CAT "\n=yend size=3\n", "a.exe=Cat;" },
		{ "in text", "Hello\n\n" HEAD("a") CAT "\n=yend\nbye\n",
		  "a=Cat;" },
		{ "CRLF", "=ybegin line=1 size=2 name=a\r\n" CAT "\r\n" CAT
		  "\r\n=yend\r\n", "a=CatCat;" },
		{ "no end", HEAD("a") CAT "\n", "a=Cat;" },
		{ "no line end", HEAD("a") CAT, "a=Cat;" },
		{ "the next one ends it", HEAD("a") CAT "\n" HEAD("b") CAT
		  "\n=yend\n", "a=Cat;b=Cat;" },
		{ "escapes", HEAD("a") "=\255=\313\236\n=yend\n", "a=Cat;" },
		{ "an escape over a line end", HEAD("a") "=\n\255" "\213\236"
		  "\n=yend\n", "a=Cat;" },
		{ "no name", "=ybegin line=128 size=3\n" CAT "\n=yend\n",
		  "unnamed=Cat;" },
		{ "words in the name", "=ybegin line=128 size=3 name=part=1 of "
		  "\"it\" \n" CAT "\n=yend\n", "part=1 of \"it=Cat;" },
		{ "stop", HEAD("stop") CAT "\n=yend\n" HEAD("b") CAT
		  "\n=yend\n", "stop=Cat;" },
		{ "pieces", PIECE("1", "2") PIECE("2", "2"),
		  "a=Cat1;a=Cat1;a=Cat1Cat1;" },
		{ "out of order", PIECE("3", "3") "\n" PIECE("1", "3")
		  PIECE("2", "3"),
		  "a=Cat1;a=Cat1;a=Cat1;a=Cat1Cat1Cat1;" },
		{ "one twice", PIECE("1", "2") PIECE("1", "2") PIECE("2", "2"),
		  "a=Cat1;a=Cat1;a=Cat1;a=Cat1Cat1;" },
		{ "one missing", PIECE("1", "3") PIECE("3", "3"),
		  "a=Cat1;a=Cat1;"
		  "a!-5 part 2 of 3 of this yEnc file is not here;" },
		{ "the last missing", PIECE("1", "2"), "a=Cat1;"
		  "a!-5 part 2 of 2 of this yEnc file is not here;" },
		{ "alone", PIECE("1", "1"), "a=Cat1;" },
		{ "no total", "=ybegin part=1 line=128 size=9 name=a\n" CAT
		  "\n=yend\n=ybegin part=2 line=128 size=9 name=a\n" CAT
		  "\n=yend\n", "a=Cat;a=Cat;a=CatCat;" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		GString *seen = g_string_new(NULL);

		print_message("  %s\n", cases[i].name);
		assert_int_equal(MS_OK, walk(cases[i].text,
		    strlen(cases[i].text), &block_roomy, seen));
		assert_string_equal(cases[i].want, seen->str);
		g_string_free(seen, TRUE);
	}
}

static void
test_round_trip(void **state)
{
	unsigned seed = (unsigned)time(NULL);

	(void)state;
	print_message("seed %u\n", seed);
	srand(seed);
	for (int round = 0; round < 100; round++) {
		unsigned char data[9000];
		size_t size = (size_t)rand() % sizeof data;
		size_t width = 1 + (size_t)rand() % 6000;
		GString *text = g_string_new(HEAD("data"));
		GString *seen = g_string_new(NULL);

		for (size_t i = 0; i < size; i++) {
			unsigned char c = (unsigned char)rand();
			unsigned char coded = (unsigned char)(c + 42);

			data[i] = c;
			if (memchr("\0\n\r=.", coded, 5)) {
				g_string_append_c(text, '=');
				coded = (unsigned char)(coded + 64);
			}
			g_string_append_c(text, (char)coded);
			if (i % width == 0)
				g_string_append(text, "\r\n");
		}
		g_string_append(text, "\r\n=yend size=1\r\n");
		assert_int_equal(MS_OK, walk(text->str, text->len, &block_roomy,
		    seen));
		assert_int_equal(5 + size + 1, seen->len);
		assert_memory_equal("data=", seen->str, 5);
		assert_memory_equal(data, seen->str + 5, size);
		g_string_free(seen, TRUE);
		g_string_free(text, TRUE);
	}
}

#define TWO HEAD("a") CAT "\n=yend\n" HEAD("b") CAT "\n=yend\n"

static void
test_limits(void **state)
{
	static const struct {
		const char *name;
		uint64_t part, total, parts;
		enum ms_status want;
		const char *seen;
	} cases[] = {
		{ "roomy", 3, 6, 2, MS_OK, "a=Cat;b=Cat;" },
		{ "part", 2, 1 << 20, 2, MS_OK, "a!-3 larger than 2 bytes "
		  "(max-filesize);a=;b!-3 larger than 2 bytes "
		  "(max-filesize);b=;" },
		{ "total", 3, 5, 2, MS_E_LIMIT, "a=Cat;" },
		{ "parts", 3, 6, 1, MS_E_LIMIT, "a=Cat;" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct ms_budget_limits limits = block_roomy;
		GString *seen = g_string_new(NULL);

		print_message("  %s\n", cases[i].name);
		limits.part_bytes = cases[i].part;
		limits.total_bytes = cases[i].total;
		limits.parts = cases[i].parts;
		assert_int_equal(cases[i].want, walk(TWO, strlen(TWO),
		    &limits, seen));
		assert_string_equal(cases[i].seen, seen->str);
		g_string_free(seen, TRUE);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
