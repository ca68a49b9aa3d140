#include "state/secret.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const unsigned char key[MS_SECRET_SIZE] = "one", other[MS_SECRET_SIZE] =
	"two";

static void
test_name(void **state)
{
	struct ms_secret *one = ms_secret_new(key), *two = ms_secret_new(other);
	int64_t mark = ms_secret_name(one, "1.a:2,S", 3);

	(void)state;
	assert_true(mark >= 0);
	assert_true(mark == ms_secret_name(one, "1.a:2,RS", 3));
	assert_true(mark != ms_secret_name(one, "1.a:2,S", 4));
	assert_true(mark != ms_secret_name(two, "1.a:2,S", 3));
	ms_secret_free(two);
	ms_secret_free(one);
}

/* What changes a file's print, also if the file may be moved. */
static void
test_print(void **state)
{
	const struct stat was = { .st_ino = 1, .st_size = 2, .st_dev = 9,
		.st_mtim = { 3, 4 }, .st_ctim = { 5, 6 } };
	struct { struct stat st; bool changed, moved; } cases[] = {
		{ was, false, false }, { was, true, true },
		{ was, true, true }, { was, true, true }, { was, true, true },
		{ was, true, false }, { was, true, false },
		{ was, false, false },
	};
	struct ms_secret *secret = ms_secret_new(key);
	int64_t print = ms_secret_print(secret, &was, false);
	int64_t may_move = ms_secret_print(secret, &was, true);

	(void)state;
	assert_true(print > 0 && may_move > 0 && print != may_move);
	cases[1].st.st_ino++;
	cases[2].st.st_size++;
	cases[3].st.st_mtim.tv_sec++;
	cases[4].st.st_mtim.tv_nsec++;
	cases[5].st.st_ctim.tv_sec++;
	cases[6].st.st_ctim.tv_nsec++;
	cases[7].st.st_atim.tv_sec++;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		assert_true(cases[i].changed == (print !=
		    ms_secret_print(secret, &cases[i].st, false)));
		assert_true(cases[i].moved == (may_move !=
		    ms_secret_print(secret, &cases[i].st, true)));
	}
	ms_secret_free(secret);
}

/* Each part of what makes a message counts. */
static void
test_mark(void **state)
{
	const struct ms_digest a = { { 1 } }, b = { { 2 } };
	const struct ms_secret_message cases[] = {
		{ &a, &b, 1, false }, { &b, &a, 1, false },
		{ &a, &a, 1, false }, { &a, &b, 2, false },
		{ &a, &b, 1, true },
	};
	enum { N = sizeof cases / sizeof *cases };
	unsigned char marks[N][MS_SECRET_MARK], again[MS_SECRET_MARK];
	struct ms_secret *secret = ms_secret_new(key);

	(void)state;
	for (size_t i = 0; i < N; i++) {
		ms_secret_mark(secret, &cases[i], marks[i]);
		ms_secret_mark(secret, &cases[i], again);
		assert_memory_equal(marks[i], again, sizeof again);
		for (size_t j = 0; j < i; j++)
			assert_memory_not_equal(marks[i], marks[j],
			    sizeof again);
	}
	ms_secret_free(secret);
}

static void
test_make(void **state)
{
	unsigned char a[MS_SECRET_SIZE] = { 0 }, b[MS_SECRET_SIZE] = { 0 };

	(void)state;
	ms_secret_make(a);
	ms_secret_make(b);
	assert_memory_not_equal(a, b, sizeof a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_name),
		cmocka_unit_test(test_print),
		cmocka_unit_test(test_mark),
		cmocka_unit_test(test_make),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
