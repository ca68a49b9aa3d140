#ifndef CUTS_TEST_H
#define CUTS_TEST_H

#include <glib.h>

#include <string.h>

/*
 * For tests and fuzz targets of what takes bytes in pieces of any size: the
 * same bytes whole, one by one and in pieces of random sizes have to give the
 * same. Each piece is a block of its own, and gone after it was taken, so that
 * the sanitizers see who reads beyond or keeps what is on loan.
 */

struct cuts_test {
	void *(*start)(const void *setup);
	void (*take)(void *arg, const void *data, size_t size);
	GString *(*end)(void *arg);	/* what came of it */
	const void *setup;
};

/* Pieces of at most STEP bytes, of random sizes if there is RANDOM. */
static inline GString *
cuts_test_run(const struct cuts_test *test, const void *data, size_t size,
    size_t step, GRand *random)
{
	void *arg = test->start(test->setup);
	size_t at = 0;

	while (at < size) {
		size_t n = random ? (size_t)g_rand_int_range(random, 1,
		    (int)step + 1) : step;
		char *piece;

		n = MIN(n, size - at);
		piece = g_malloc(n);
		memcpy(piece, (const char *)data + at, n);
		test->take(arg, piece, n);
		g_free(piece);
		at += n;
	}
	return test->end(arg);
}

/* What comes of it whole, for the caller to free, or NULL: it was something
 * else in pieces, which *OTHER is then (NULL: not asked for). */
static inline GString *
cuts_test_all(const struct cuts_test *test, const void *data, size_t size,
    guint32 seed, GString **other)
{
	static const size_t steps[] = { 1, 2, 3, 0, 0, 0, 0, 0, 0 };
	GRand *random = g_rand_new_with_seed(seed);
	GString *whole = cuts_test_run(test, data, size, size ? size : 1,
	    NULL);

	for (size_t i = 0; i < G_N_ELEMENTS(steps) && whole; i++) {
		GString *cut = steps[i] ? cuts_test_run(test, data, size,
		    steps[i], NULL) : cuts_test_run(test, data, size, 3 + 4 * i,
		    random);

		if (g_string_equal(whole, cut)) {
			g_string_free(cut, TRUE);
			continue;
		}
		g_string_free(whole, TRUE);
		whole = NULL;
		if (other)
			*other = cut;
		else
			g_string_free(cut, TRUE);
	}
	g_rand_free(random);
	return whole;
}

/* In a test: what comes of DATA, however it is cut, is WANT. */
#define cuts_test_assert(test, data, size, want)			\
	do {								\
		GString *other_ = NULL;					\
		GString *got_ = cuts_test_all(test, data, size, 5321,	\
		    &other_);						\
									\
		assert_string_equal(want, (got_ ? got_ : other_)->str);	\
		assert_non_null(got_);					\
		g_string_free(got_, TRUE);				\
	} while (0)

#endif
