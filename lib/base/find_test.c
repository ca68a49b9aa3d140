#include "base/find.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

static const char *const words[] = {
	"\n-", "\n--", "\nFrom ", ">From ", "\nbegin ", "aaaa", "abab",
	"0123456789abcdef",
};
#define WORDS (sizeof words / sizeof *words)

/* The same as memmem(), of bytes that are likely to make half a word, in
 * memory that ends where it says. */
static void
test_as_memmem(void **state)
{
	static const char likely[] = "\n-From >begin ab0123456789cdef";
	unsigned seed = (unsigned)time(NULL);

	(void)state;
	print_message("seed %u\n", seed);
	srand(seed);
	for (int round = 0; round < 20000; round++) {
		const char *what = words[(unsigned)rand() % WORDS];
		size_t length = strlen(what), size = (unsigned)rand() % 200;
		unsigned kinds = 2 + (unsigned)rand() % (sizeof likely - 2);
		unsigned char *data = malloc(size + 1);

		assert_non_null(data);
		for (size_t i = 0; i < size; i++)
			data[i] = (unsigned char)likely[(unsigned)rand() %
			    kinds];
		if (size > length && rand() % 2)
			memcpy(data + (unsigned)rand() % (size - length),
			    what, length);
		data = realloc(data, size > 0 ? size : 1);
		assert_ptr_equal(memmem(data, size, what, length),
		    ms_find(data, size, what, length));
		free(data);
	}
}

/* At every place of a long stretch, and just over its end. */
static void
test_every_place(void **state)
{
	unsigned char data[200];

	(void)state;
	for (size_t w = 0; w < WORDS; w++) {
		size_t length = strlen(words[w]);

		for (size_t at = 0; at + length <= sizeof data; at++) {
			memset(data, 'x', sizeof data);
			memcpy(data + at, words[w], length);
			assert_ptr_equal(data + at, ms_find(data,
			    sizeof data, words[w], length));
			assert_null(ms_find(data, at + length - 1, words[w],
			    length));
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_as_memmem),
		cmocka_unit_test(test_every_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
