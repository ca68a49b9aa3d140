#include "serve/circle.h"

#include "net/endpoint_test.h"

#include <string.h>

#include <glib.h>

static void
test_both_ends(void **state)
{
	const struct ms_endpoint a = endpoint("127.0.0.1:40000");
	const struct ms_endpoint b = endpoint("127.0.0.1:40001");
	const struct ms_endpoint here = endpoint("127.0.0.1:25");
	const struct ms_endpoint there = endpoint("127.0.0.2:25");
	struct ms_circle *circle = ms_circle_new();

	(void)state;
	assert_false(ms_circle_add(circle, MS_CIRCLE_WENT, &a, &here));
	assert_false(ms_circle_add(circle, MS_CIRCLE_CAME, &b, &here));
	/* The same port for two that go elsewhere. */
	assert_false(ms_circle_add(circle, MS_CIRCLE_CAME, &a, &there));
	assert_false(ms_circle_add(circle, MS_CIRCLE_WENT, &b, &there));
	assert_true(ms_circle_add(circle, MS_CIRCLE_CAME, &a, &here));
	assert_true(ms_circle_add(circle, MS_CIRCLE_WENT, &b, &here));
	ms_circle_free(circle);
	ms_circle_free(NULL);
}

/* What is over is met no more; what was added twice is there twice. */
static void
test_over(void **state)
{
	const struct ms_endpoint a = endpoint("[::1]:40000");
	const struct ms_endpoint to = endpoint("[::1]:25");
	struct ms_circle *circle = ms_circle_new();

	(void)state;
	assert_false(ms_circle_add(circle, MS_CIRCLE_WENT, &a, &to));
	assert_false(ms_circle_add(circle, MS_CIRCLE_WENT, &a, &to));
	ms_circle_remove(circle, MS_CIRCLE_WENT, &a, &to);
	assert_true(ms_circle_add(circle, MS_CIRCLE_CAME, &a, &to));
	ms_circle_remove(circle, MS_CIRCLE_WENT, &a, &to);
	assert_false(ms_circle_add(circle, MS_CIRCLE_CAME, &a, &to));
	ms_circle_remove(circle, MS_CIRCLE_WENT, &a, &to);
	ms_circle_free(circle);
}

/* All clients of unix sockets look alike. */
static void
test_nothing_said(void **state)
{
	const struct ms_endpoint none[] = { { .size = 0 },
		endpoint("unix:/x"),
		{ .size = 2, .u.any.sa_family = AF_UNIX } };
	const struct ms_endpoint a = endpoint("[::1]:40000");
	struct ms_circle *circle = ms_circle_new();

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(none); i++) {
		const struct ms_endpoint *n = &none[i];

		assert_false(ms_circle_add(circle, MS_CIRCLE_WENT, n, &a));
		assert_false(ms_circle_add(circle, MS_CIRCLE_CAME, n, &a));
		assert_false(ms_circle_add(circle, MS_CIRCLE_WENT, &a, n));
		assert_false(ms_circle_add(circle, MS_CIRCLE_CAME, &a, n));
		ms_circle_remove(circle, MS_CIRCLE_CAME, n, &a);
		ms_circle_remove(circle, MS_CIRCLE_CAME, &a, n);
	}
	ms_circle_free(circle);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_both_ends),
		cmocka_unit_test(test_over),
		cmocka_unit_test(test_nothing_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
