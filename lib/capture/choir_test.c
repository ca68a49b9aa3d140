#include "capture/choir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "capture/transcript_test.h"

/* A greeting of a server, as LAST or more to come. */
static enum ms_status
greet(struct ms_choir *choir, const char *name, const char *text, bool last)
{
	const struct ms_piece piece = {
		.data = (const unsigned char *)text, .size = strlen(text),
		.first = true, .last = last, .ending = MS_TEXTLINES_LF,
	};
	const struct ms_said said = {
		.side = MS_SIDE_SERVER, .time_us = -1, .data = piece.data,
		.size = piece.size, .piece = &piece,
	};

	return ms_choir_say(choir, name, &said, NULL);
}

static size_t
size_of_next(struct ms_desk *desk)
{
	struct ms_dialogue *dialogue = ms_desk_take(desk);
	size_t size;

	if (!dialogue)
		return 0;
	size = (size_t)ms_dialogue_turn(dialogue, 0)->size;
	ms_dialogue_free(dialogue);
	return size;
}

static void
test_names(void **state)
{
	static const struct ms_piece more = {
		.data = (const unsigned char *)"c", .size = 1, .last = true,
	};
	struct ms_stash *stash = text_stash(1 << 20);
	struct ms_desk *desk = ms_desk_new(stash);
	struct ms_choir *choir = ms_choir_new(desk);

	(void)state;
	assert_int_equal(MS_OK, ms_choir_more(choir, &more, NULL));
	assert_int_equal(MS_OK, ms_choir_done(choir, "a", NULL));
	assert_int_equal(MS_OK, greet(choir, "a", "220", true));
	assert_int_equal(MS_OK, greet(choir, "b", "220 b", false));
	assert_int_equal(MS_OK, ms_choir_more(choir, &more, NULL));
	assert_int_equal(MS_OK, ms_choir_more(choir, &more, NULL));
	assert_null(ms_choir_find(choir, "c"));
	assert_non_null(ms_choir_find(choir, "b"));
	/* Another greeting is another dialogue of that name. */
	assert_int_equal(MS_OK, greet(choir, "b", "220 bb", true));
	assert_int_equal(8, size_of_next(desk));
	assert_int_equal(0, size_of_next(desk));
	/* One that ends while a line of it goes on. */
	assert_int_equal(MS_OK, greet(choir, "d", "220 d", false));
	assert_int_equal(MS_OK, ms_choir_done(choir, "d", NULL));
	assert_int_equal(MS_OK, ms_choir_more(choir, &more, NULL));
	assert_int_equal(5, size_of_next(desk));
	assert_int_equal(MS_OK, ms_choir_all_done(choir, NULL, NULL));
	assert_int_equal(5, size_of_next(desk));
	assert_int_equal(8, size_of_next(desk));
	assert_int_equal(0, size_of_next(desk));
	assert_int_equal(MS_OK, greet(choir, "e", "220 e", true));
	ms_choir_free(choir);
	ms_desk_free(desk);
	ms_stash_free(stash);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
