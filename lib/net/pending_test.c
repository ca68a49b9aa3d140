#include "net/pending.h"

#include <glib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* Against a string from which bytes are erased: whatever is put in and taken
 * away, the same is left; and no block without bytes. */
static void
test_random(void **state)
{
	const guint32 seed = 20;
	GRand *rand = g_rand_new_with_seed(seed);
	GString *model = g_string_new(NULL);
	struct ms_pending pending = { NULL, 0, 0, 0 };
	unsigned char block[5000];
	size_t most = 0;

	(void)state;
	(void)printf("seed %u\n", seed);
	for (int round = 0; round < 20000; round++) {
		const size_t max = g_rand_boolean(rand) ? sizeof block : 50;
		const size_t size = (size_t)g_rand_int_range(rand, 0,
		    (gint32)max);
		const size_t much = (size_t)g_rand_int_range(rand, 0, 6000);
		const size_t away = MIN(model->len, much);

		memset(block, g_rand_int_range(rand, 0, 256), size);
		if (g_rand_boolean(rand)) {
			ms_pending_append(&pending, block, size);
		} else if (size > 0) {
			memcpy(ms_pending_reserve(&pending, size + 10), block,
			    size);
			ms_pending_extend(&pending, size);
		}
		g_string_append_len(model, (const char *)block,
		    (gssize)size);
		if (away > 0)
			ms_pending_consume(&pending, away);
		most = MAX(most, MAX(model->len + 10, 256));
		g_string_erase(model, 0, (gssize)away);
		assert_int_equal(model->len, pending.size);
		if (model->len > 0)
			assert_memory_equal(model->str,
			    ms_pending_data(&pending), model->len);
		else
			assert_null(ms_pending_data(&pending));
		/* Twice what had to fit in since it was empty, at most. */
		assert_true(pending.room <= 2 * most);
		if (model->len == 0)
			most = 0;
	}
	ms_pending_clear(&pending);
	assert_null(pending.block);
	g_string_free(model, TRUE);
	g_rand_free(rand);
}

/* What never came takes no room. */
static void
test_settle(void **state)
{
	struct ms_pending pending = { NULL, 0, 0, 0 };

	(void)state;
	assert_non_null(ms_pending_reserve(&pending, 100000));
	ms_pending_settle(&pending);
	assert_null(pending.block);
	ms_pending_append(&pending, "x", 0);
	assert_null(pending.block);
	ms_pending_append(&pending, "x", 1);
	ms_pending_settle(&pending);
	assert_int_equal('x', *ms_pending_data(&pending));
	ms_pending_consume(&pending, 1);
	assert_null(pending.block);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_settle),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
