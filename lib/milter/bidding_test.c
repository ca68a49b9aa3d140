#include "milter/bidding.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const struct ms_milter_terms usual = { .service = "unix:/run/s",
	.at_once = 64, .wait_ms = 300000, .answer_ms = 1800000,
	.on_error = MS_ACTION_DEFER, .spool = { 1, 2, "/var/tmp" } };

static const struct ms_milter_terms *
terms_of(int what)
{
	return what == MS_BIDDING_TERMS ? &usual : NULL;
}

static void
test_there_and_back(void **state)
{
	(void)state;
	for (int i = MS_BIDDING_TERMS; i <= MS_BIDDING_END; i++) {
		GByteArray *frame = ms_bidding((enum ms_bidding)i,
		    terms_of(i));
		struct ms_milter_terms terms;
		enum ms_bidding what;

		assert_int_equal(ms_bidding_read(frame->data, frame->len,
		    &what, &terms), MS_OK);
		assert_int_equal(what, i);
		if (i == MS_BIDDING_TERMS) {
			assert_string_equal(terms.service, usual.service);
			assert_int_equal(terms.at_once, usual.at_once);
			assert_int_equal(terms.wait_ms, usual.wait_ms);
			assert_int_equal(terms.answer_ms, usual.answer_ms);
			assert_int_equal(terms.on_error, usual.on_error);
			assert_null(terms.spool.dir);
		}
		ms_bidding_clear(&terms);
		/* Not one byte less, and not one more. */
		for (guint n = 0; n < frame->len; n++)
			assert_int_equal(ms_bidding_read(frame->data, n,
			    &what, &terms), MS_E_PEER);
		g_byte_array_append(frame, (const guint8 *)"", 1);
		assert_int_equal(ms_bidding_read(frame->data, frame->len,
		    &what, &terms), MS_E_PEER);
		assert_null(terms.service);
		g_byte_array_unref(frame);
	}
}

static void
test_none(void **state)
{
	static const unsigned char types[] = { 0, 1, MS_BIDDING_TERMS - 1,
		MS_BIDDING_END + 1, 255 };

	(void)state;
	for (size_t i = 0; i < sizeof types; i++) {
		GByteArray *frame = ms_bidding(MS_BIDDING_END, NULL);
		struct ms_milter_terms terms;
		enum ms_bidding what;

		frame->data[0] = types[i];
		assert_int_equal(ms_bidding_read(frame->data, frame->len,
		    &what, &terms), MS_E_PEER);
		g_byte_array_unref(frame);
	}
}

/* What no configuration says. */
static void
test_nonsense(void **state)
{
	struct ms_milter_terms bad[] = { usual, usual, usual, usual };

	(void)state;
	bad[0].on_error = MS_ACTION_QUARANTINE;
	bad[1].wait_ms = -1;
	bad[2].answer_ms = INT64_MIN;
	bad[3].service = NULL;
	for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
		GByteArray *frame = ms_bidding(MS_BIDDING_TERMS, &bad[i]);
		struct ms_milter_terms terms;
		enum ms_bidding what;

		assert_int_equal(ms_bidding_read(frame->data, frame->len,
		    &what, &terms), MS_E_PEER);
		assert_null(terms.service);
		g_byte_array_unref(frame);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_there_and_back),
		cmocka_unit_test(test_none),
		cmocka_unit_test(test_nonsense),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
