#include "capture/order.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#define SPACE 300u

static uint32_t
below(uint32_t n)
{
	return (uint32_t)rand() % n;
}

/* Pieces at random, against an array in which the first byte stays. */
static void
one_run(uint32_t start)
{
	struct ms_order_pool pool = { 0, SIZE_MAX };
	struct ms_order order = { .next = start, .pool = &pool };
	int model[SPACE];
	const struct ms_order_chunk *c;

	memset(model, -1, sizeof model);
	for (int i = 0; i < 30; i++) {
		unsigned char data[60];
		uint32_t at = below(SPACE - 60), size = below(60);
		struct ms_order_piece piece = { .seq = start + at,
			.data = data, .size = size, .fin = below(5) == 0 };
		bool differs = false;

		for (uint32_t k = 0; k < size; k++) {
			data[k] = (unsigned char)(below(20) == 0 ? 'x' :
			    at + k);
			differs |= model[at + k] >= 0 &&
			    model[at + k] != data[k];
			if (model[at + k] < 0)
				model[at + k] = data[k];
		}
		assert_int_equal(differs, ms_order_put(&order, &piece));
	}
	while ((c = ms_order_front(&order))) {
		uint32_t at = c->seq - start;

		for (uint32_t k = 0; k < c->size; k++) {
			assert_int_equal(model[at + k], c->data[k]);
			model[at + k] = -1;
		}
		assert_true(ms_order_behind(&order, c->seq) == 0);
		ms_order_pop(&order);
	}
	for (uint32_t k = 0; k < SPACE; k++)
		assert_int_equal(-1, model[k]);
	assert_int_equal(0, pool.bytes);
	assert_int_equal(0, order.bytes);
	ms_order_clear(&order);
}

static void
test_random(void **state)
{
	(void)state;
	print_message("seed 1\n");
	srand(1);
	for (int i = 0; i < 2000; i++)
		one_run(i % 2 ? 0xffffff80u : (uint32_t)i);
}

/* What nobody has counts as there. */
static void
test_missing(void **state)
{
	struct ms_order_pool pool = { 0, SIZE_MAX };
	struct ms_order order = { .next = 10, .pool = &pool };
	struct ms_order_piece a = { .seq = 20,
		.data = (const unsigned char *)"ab", .size = 2,
		.missing = 8 };
	struct ms_order_piece b = { .seq = 15,
		.data = (const unsigned char *)"0123456789012345678",
		.size = 19 };
	const struct ms_order_chunk *c;

	(void)state;
	assert_false(ms_order_put(&order, &a));
	assert_true(ms_order_put(&order, &b));
	c = ms_order_front(&order);
	assert_int_equal(15, c->seq);
	assert_int_equal(5, c->size);
	assert_int_equal(0, c->missing);
	ms_order_pop(&order);
	c = ms_order_front(&order);
	assert_int_equal(2, c->size);
	assert_int_equal(8, c->missing);
	ms_order_pop(&order);
	c = ms_order_front(&order);
	assert_int_equal(30, c->seq);
	assert_int_equal(4, c->size);
	ms_order_clear(&order);
	assert_int_equal(0, pool.bytes);
}

static void
test_full(void **state)
{
	struct ms_order_pool pool = { 0, 100000 };
	struct ms_order order = { .next = 0, .pool = &pool };
	struct ms_order_piece a = { .data = (const unsigned char *)"a",
		.size = 1 };

	(void)state;
	assert_false(ms_order_is_full(&order));
	for (uint32_t i = 0; i < 5000; i++) {
		a.seq = 2 * i + 1;
		(void)ms_order_put(&order, &a);
		if (i == 600)
			assert_false(ms_order_is_full(&order));
	}
	assert_true(ms_order_is_full(&order));
	pool.max = SIZE_MAX;
	assert_true(ms_order_is_full(&order));
	ms_order_clear(&order);
	assert_false(ms_order_is_full(&order));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_missing),
		cmocka_unit_test(test_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
