#include "serve/control.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static void
test_there_and_back(void **state)
{
	(void)state;
	for (int i = MS_CONTROL_PEER; i <= MS_CONTROL_SAY; i++) {
		GByteArray *frame = ms_control((enum ms_control)i,
		    i == MS_CONTROL_DRAIN ? NULL : "a text");
		enum ms_control order;
		char *text;

		assert_int_equal(ms_control_read(frame->data, frame->len,
		    &order, &text), MS_OK);
		assert_int_equal(order, i);
		assert_string_equal(text, i == MS_CONTROL_DRAIN ? "" :
		    "a text");
		g_free(text);
		/* Not one byte less, and not one more. */
		for (guint n = 0; n < frame->len; n++)
			assert_int_equal(ms_control_read(frame->data, n,
			    &order, &text), MS_E_PEER);
		g_byte_array_append(frame, (const guint8 *)"", 1);
		assert_int_equal(ms_control_read(frame->data, frame->len,
		    &order, &text), MS_E_PEER);
		assert_null(text);
		g_byte_array_unref(frame);
	}
}

static void
test_no_orders(void **state)
{
	static const unsigned char types[] = { 0, 1, 64, MS_CONTROL_PEER - 1,
		MS_CONTROL_SAY + 1, 255 };

	(void)state;
	for (size_t i = 0; i < sizeof types; i++) {
		GByteArray *frame = ms_control(MS_CONTROL_SAY, "x");
		enum ms_control order;
		char *text;

		frame->data[0] = types[i];
		assert_int_equal(ms_control_read(frame->data, frame->len,
		    &order, &text), MS_E_PEER);
		g_byte_array_unref(frame);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_there_and_back),
		cmocka_unit_test(test_no_orders),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
