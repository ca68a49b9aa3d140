#include "serve/control.h"

#include "pool/child.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

static void
test_there_and_back(void **state)
{
	(void)state;
	for (int i = MS_CONTROL_PEER; i <= MS_CONTROL_BANNED; i++) {
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
		MS_CONTROL_BANNED + 1, 255 };

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

/* What a socket has: nothing, an order with a descriptor, no order with one,
 * the end. */
static void
test_receive(void **state)
{
	GByteArray *frame = ms_control(MS_CONTROL_SAY, "x");
	enum ms_control order;
	struct ms_error err;
	char *text;
	int pair[2], fd;

	(void)state;
	assert_int_equal(ms_child_pair(pair, &err), MS_OK);
	assert_int_equal(ms_control_receive(pair[0], &order, &text, &fd),
	    MS_E_IO);
	assert_null(text);
	assert_int_equal(fd, -1);
	assert_int_equal(ms_control_send(pair[1], MS_CONTROL_PEER, "store", 0),
	    MS_OK);
	assert_int_equal(ms_control_receive(pair[0], &order, &text, &fd),
	    MS_OK);
	assert_int_equal(order, MS_CONTROL_PEER);
	assert_string_equal(text, "store");
	assert_true(fd > 2);
	assert_int_equal(close(fd), 0);
	g_free(text);
	frame->data[0] = 1;
	assert_int_equal(ms_frame_send(pair[1], frame, 0, &err), MS_OK);
	assert_int_equal(ms_control_receive(pair[0], &order, &text, &fd),
	    MS_E_PEER);
	assert_null(text);
	assert_int_equal(fd, -1);
	(void)close(pair[1]);
	assert_int_equal(ms_control_receive(pair[0], &order, &text, &fd),
	    MS_END);
	(void)close(pair[0]);
	g_byte_array_unref(frame);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_there_and_back),
		cmocka_unit_test(test_no_orders),
		cmocka_unit_test(test_receive),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
