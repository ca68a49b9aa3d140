#include "capture/desk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "capture/transcript_test.h"

static void
test_order(void **state)
{
	struct ms_stash *stash = text_stash(1 << 20);
	struct ms_desk *desk = ms_desk_new(stash);
	struct ms_dialogue *a, *b, *c, *taken;

	(void)state;
	a = ms_desk_begin(desk);
	assert_int_equal(1, a->position);
	ms_desk_at(desk, 7);
	assert_int_equal(7, ms_desk_line(desk));
	b = ms_desk_begin(desk);
	c = ms_desk_begin(desk);
	assert_int_equal(7, b->position);
	assert_string_equal("line", b->unit);
	assert_true(b->begun);
	assert_int_equal(MS_OK, ms_dialogue_say(b, MS_SIDE_CLIENT, -1, "b", 1,
	    NULL));
	assert_int_equal(MS_OK, ms_dialogue_say(c, MS_SIDE_CLIENT, -1, "c", 1,
	    NULL));
	assert_null(ms_desk_take(desk));
	ms_desk_finish(desk, b);
	ms_desk_finish(desk, a);	/* nothing was said in it */
	ms_desk_finish(desk, c);
	taken = ms_desk_take(desk);
	assert_ptr_equal(b, taken);
	assert_int_equal(1, taken->number);
	ms_dialogue_free(taken);
	/* The other is left for it to free. */
	ms_desk_free(desk);
	ms_stash_free(stash);
}

static void
test_verdict(void **state)
{
	struct ms_stash *stash = text_stash(1 << 20);
	struct ms_desk *desk = ms_desk_new(stash);
	struct ms_error err = { "" };

	(void)state;
	assert_int_equal(MS_OK, ms_desk_verdict(desk, &err));
	ms_desk_at(desk, 3);
	ms_desk_complain(desk, "no %s", "sense");
	assert_int_equal(MS_E_FORMAT, ms_desk_verdict(desk, &err));
	assert_string_equal("line 3: no sense", err.text);
	assert_int_equal(MS_OK, ms_desk_verdict(desk, &err));
	ms_desk_complain(desk, "a");
	ms_desk_at(desk, 5);
	ms_desk_complain(desk, "b");
	ms_desk_full(desk, "full");
	assert_int_equal(MS_E_LIMIT, ms_desk_verdict(desk, &err));
	assert_string_equal("line 3: a; and 2 more lines like it", err.text);
	ms_desk_free(desk);
	ms_stash_free(stash);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_verdict),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
