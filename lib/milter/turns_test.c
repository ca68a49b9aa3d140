#include "milter/turns.h"

#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>
#include <glib.h>

/* Long enough for a busy machine. */
#define LONG_MS 20000

static const struct ms_turns_wish at_once = { .at_once = 2 };

static void
test_limit(void **state)
{
	const struct ms_turns_wish any = { .at_once = 0 };
	struct ms_turns *turns = ms_turns_new();

	(void)state;
	assert_int_equal(ms_turns_take(turns, &at_once), MS_OK);
	assert_int_equal(ms_turns_take(turns, &at_once), MS_OK);
	assert_int_equal(ms_turns_take(turns, &at_once), MS_E_LIMIT);
	assert_int_equal(ms_turns_take(turns, &any), MS_OK);
	ms_turns_give(turns);
	ms_turns_give(turns);
	assert_int_equal(ms_turns_take(turns, &at_once), MS_OK);
	ms_turns_free(turns);
}

static bool
count(void *arg)
{
	return ++*(int *)arg < 3;
}

static void
test_idle(void **state)
{
	struct ms_turns *turns = ms_turns_new();
	int called = 0;
	const struct ms_turns_wish wish = { 2, LONG_MS, count, &called, 1,
		false };
	const struct ms_turns_wish brief = { .at_once = 2, .wait_ms = 20 };
	const struct ms_turns_wish anyway = { .at_once = 2, .wait_ms = 20,
		.anyway = true };

	(void)state;
	assert_int_equal(ms_turns_take(turns, &wish), MS_OK);
	assert_int_equal(ms_turns_take(turns, &wish), MS_OK);
	assert_int_equal(called, 0);
	assert_int_equal(ms_turns_take(turns, &wish), MS_END);
	assert_int_equal(called, 3);
	assert_int_equal(ms_turns_take(turns, &brief), MS_E_LIMIT);
	/* Of three, two have to give theirs back. */
	assert_int_equal(ms_turns_take(turns, &anyway), MS_OK);
	ms_turns_give(turns);
	assert_int_equal(ms_turns_take(turns, &brief), MS_E_LIMIT);
	ms_turns_give(turns);
	assert_int_equal(ms_turns_take(turns, &brief), MS_OK);
	ms_turns_free(turns);
}

struct crowd {
	struct ms_turns *turns;
	gint inside, most, done;
};

static gpointer
visit(gpointer data)
{
	const struct ms_turns_wish wish = { .at_once = 2,
		.wait_ms = LONG_MS };
	struct crowd *crowd = data;

	for (int i = 0; i < 50; i++) {
		if (ms_turns_take(crowd->turns, &wish) != MS_OK)
			return NULL;
		if (g_atomic_int_add(&crowd->inside, 1) >= 2)
			g_atomic_int_set(&crowd->most, 3);
		g_thread_yield();
		g_atomic_int_add(&crowd->inside, -1);
		ms_turns_give(crowd->turns);
		g_atomic_int_inc(&crowd->done);
	}
	return NULL;
}

/* Never more than two, and nobody is forgotten. */
static void
test_crowd(void **state)
{
	struct crowd crowd = { ms_turns_new(), 0, 0, 0 };
	GThread *threads[8];

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
		threads[i] = g_thread_new("visit", visit, &crowd);
	for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
		(void)g_thread_join(threads[i]);
	assert_int_equal(crowd.most, 0);
	assert_int_equal(crowd.done, 400);
	ms_turns_free(crowd.turns);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_limit),
		cmocka_unit_test(test_idle),
		cmocka_unit_test(test_crowd),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
