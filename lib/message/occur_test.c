#include "message/occur.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <glib.h>

static void
test_words(void **state)
{
	static const struct {
		const char *text, *word;
		bool found;
	} cases[] = {
		{ "", "a", false }, { "a", "", false }, { "a", "a", true },
		{ "ab", "b", true }, { "ab", "ab", true },
		{ "ab", "abc", false }, { "ab", "ba", false },
		{ "aab", "ab", true }, { "one\ntwo\n", "two", true },
		{ "one\ntwo\n", "three", false },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct ms_occur_word word = {
			.data = (const unsigned char *)cases[i].word,
			.size = strlen(cases[i].word),
			.found = !cases[i].found,
		};

		ms_occur((const unsigned char *)cases[i].text,
		    strlen(cases[i].text), &word, 1);
		assert_int_equal(word.found, cases[i].found);
	}
}

/* SIZE bytes of LETTERS different ones, a NUL among them. */
static unsigned char *
noise(GRand *rand, size_t size, int letters)
{
	unsigned char *data = g_malloc(size);

	for (size_t i = 0; i < size; i++)
		data[i] = (unsigned char)(g_rand_int_range(rand, 0, letters) *
		    7);
	return data;
}

/* As if each was searched for by itself. */
static void
compare(const unsigned char *text, size_t size, struct ms_occur_word *words,
    unsigned count)
{
	ms_occur(text, size, words, count);
	for (unsigned i = 0; i < count; i++)
		assert_int_equal(words[i].found, words[i].size > 0 &&
		    words[i].size <= MS_OCCUR_MAX && memmem(text, size,
		    words[i].data, words[i].size) != NULL);
}

#define COUNT 3000

/* Half of the words are cut out of the text, and some come twice. */
static void
test_many(void **state)
{
	static const int letters[] = { 1, 2, 3, 30 };
	GRand *rand = g_rand_new_with_seed(12);

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(letters); i++) {
		const size_t size = 20000;
		unsigned char *text = noise(rand, size, letters[i]);
		unsigned char *other = noise(rand, size, letters[i]);
		struct ms_occur_word *words = g_new(struct ms_occur_word,
		    COUNT);

		for (unsigned k = 0; k < COUNT; k++)
			words[k] = (struct ms_occur_word){
				.data = (k % 2 ? text : other) +
				    g_rand_int_range(rand, 0, 19000),
				.size = (size_t)g_rand_int_range(rand, 0,
				    k % 3 ? 8 : 300),
			};
		for (unsigned k = 10; k < 20; k++)
			words[k] = words[0];
		compare(text, size, words, COUNT);
		g_free(words);
		g_free(other);
		g_free(text);
	}
	g_rand_free(rand);
}

/* The same word again and again, there and not there; and a text that is
 * shorter than they are. */
static void
test_the_same(void **state)
{
	unsigned char *text = g_malloc0(1 << 18);
	struct ms_occur_word *words = g_new0(struct ms_occur_word, 50000);

	(void)state;
	memset(text + 1000, 'b', 200);
	for (unsigned i = 0; i < 50000; i++)
		words[i] = (struct ms_occur_word){ .data = text + 1000 - i %
		    2 * 100, .size = 201 - i % 3 };
	ms_occur(text, 1 << 18, words, 50000);
	for (unsigned i = 0; i < 50000; i++)
		assert_true(words[i].found);
	ms_occur(text + 1050, (1 << 18) - 1050, words, 50000);
	for (unsigned i = 0; i < 50000; i++)
		assert_false(words[i].found);
	ms_occur(text, 190, words, 50000);
	for (unsigned i = 0; i < 50000; i++)
		assert_false(words[i].found);
	g_free(words);
	g_free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
