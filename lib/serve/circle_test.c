#include "serve/circle.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <glib.h>

static struct ms_endpoint
endpoint(const char *text)
{
	struct ms_endpoint one;
	struct ms_error err;
	GArray *list;

	assert_int_equal(ms_endpoint_resolve(text, false, &list, &err),
	    MS_OK);
	one = g_array_index(list, struct ms_endpoint, 0);
	g_array_unref(list);
	return one;
}

static void
test_both_ends(void **state)
{
	const struct ms_endpoint a = endpoint("127.0.0.1:40000");
	const struct ms_endpoint b = endpoint("127.0.0.1:40001");
	struct ms_circle *circle = ms_circle_new();

	(void)state;
	assert_false(ms_circle_add(circle, MS_CIRCLE_WENT, &a));
	assert_false(ms_circle_add(circle, MS_CIRCLE_CAME, &b));
	assert_true(ms_circle_add(circle, MS_CIRCLE_CAME, &a));
	assert_true(ms_circle_add(circle, MS_CIRCLE_WENT, &b));
	ms_circle_free(circle);
	ms_circle_free(NULL);
}

/* What is over is met no more; what was added twice is there twice. */
static void
test_over(void **state)
{
	const struct ms_endpoint a = endpoint("[::1]:40000");
	struct ms_circle *circle = ms_circle_new();

	(void)state;
	assert_false(ms_circle_add(circle, MS_CIRCLE_WENT, &a));
	assert_false(ms_circle_add(circle, MS_CIRCLE_WENT, &a));
	ms_circle_remove(circle, MS_CIRCLE_WENT, &a);
	assert_true(ms_circle_add(circle, MS_CIRCLE_CAME, &a));
	ms_circle_remove(circle, MS_CIRCLE_WENT, &a);
	assert_false(ms_circle_add(circle, MS_CIRCLE_CAME, &a));
	ms_circle_remove(circle, MS_CIRCLE_WENT, &a);
	ms_circle_free(circle);
}

/* All clients of unix sockets look alike. */
static void
test_nothing_said(void **state)
{
	const struct ms_endpoint none[] = { { .size = 0 },
		endpoint("unix:/x"),
		{ .size = 2, .u.any.sa_family = AF_UNIX } };
	struct ms_circle *circle = ms_circle_new();

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(none); i++) {
		assert_false(ms_circle_add(circle, MS_CIRCLE_WENT, &none[i]));
		assert_false(ms_circle_add(circle, MS_CIRCLE_CAME, &none[i]));
		ms_circle_remove(circle, MS_CIRCLE_CAME, &none[i]);
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
