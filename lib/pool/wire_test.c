#include "pool/wire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define TYPE 7

static void
test_round_trip(void **state)
{
	GByteArray *frame = ms_wire_new(TYPE);
	unsigned char flag = 1;
	struct ms_wire wire;
	char *text, *none, *empty;

	(void)state;
	ms_wire_put_u64(frame, UINT64_MAX - 1);
	ms_wire_put_u32(frame, 0xdeadbeef);
	ms_wire_put(frame, &flag, 1);
	ms_wire_put_string(frame, "text");
	ms_wire_put_string(frame, NULL);
	ms_wire_put_string(frame, "");
	wire = ms_wire_open(frame->data, frame->len, TYPE);
	assert_true(ms_wire_u64(&wire) == UINT64_MAX - 1);
	assert_int_equal(0xdeadbeef, ms_wire_u32(&wire));
	assert_true(ms_wire_flag(&wire));
	text = ms_wire_text(&wire);
	none = ms_wire_string(&wire);
	assert_int_equal(MS_E_PEER, ms_wire_close(&wire));
	empty = ms_wire_string(&wire);
	assert_string_equal("text", text);
	assert_null(none);
	assert_string_equal("", empty);
	assert_int_equal(MS_OK, ms_wire_close(&wire));
	/* Nothing is left, and what was wrong stays so. */
	assert_int_equal(0, ms_wire_u32(&wire));
	assert_int_equal(MS_E_PEER, ms_wire_close(&wire));
	g_free(text);
	g_free(empty);
	g_byte_array_unref(frame);
}

static void
test_other_type(void **state)
{
	static const unsigned char frame[] = { TYPE };
	struct ms_wire wire = ms_wire_open(frame, 1, TYPE + 1);

	(void)state;
	assert_int_equal(MS_E_PEER, ms_wire_close(&wire));
	wire = ms_wire_open(frame, 0, TYPE);
	assert_int_equal(MS_E_PEER, ms_wire_close(&wire));
	wire = ms_wire_open(frame, 1, TYPE);
	assert_int_equal(MS_OK, ms_wire_close(&wire));
}

static void
test_flag_is_one_bit(void **state)
{
	static const unsigned char frame[] = { TYPE, 2 };
	struct ms_wire wire = ms_wire_open(frame, sizeof frame, TYPE);

	(void)state;
	assert_false(ms_wire_flag(&wire));
	assert_int_equal(MS_E_PEER, ms_wire_close(&wire));
}

/* SIZE is what a string's length field says, of 4 bytes that follow. */
static enum ms_status
read_string(uint32_t size, const char *bytes)
{
	GByteArray *frame = ms_wire_new(TYPE);
	enum ms_status status;
	struct ms_wire wire;
	char *text;

	ms_wire_put_u32(frame, size);
	ms_wire_put(frame, bytes, 4);
	wire = ms_wire_open(frame->data, frame->len, TYPE);
	text = ms_wire_string(&wire);
	status = ms_wire_close(&wire);
	assert_true((status == MS_OK) == (text != NULL));
	g_free(text);
	g_byte_array_unref(frame);
	return status;
}

static void
test_strings_lie(void **state)
{
	(void)state;
	assert_int_equal(MS_OK, read_string(4, "abcd"));
	assert_int_equal(MS_E_PEER, read_string(5, "abcd"));
	assert_int_equal(MS_E_PEER, read_string(UINT32_MAX - 1, "abcd"));
	assert_int_equal(MS_E_PEER, read_string(4, "ab\0d"));
}

static void
test_string_is_cut(void **state)
{
	GByteArray *frame = ms_wire_new(TYPE);
	char *text = g_strnfill(MS_WIRE_STRING_MAX + 1, 'x');
	struct ms_wire wire;
	char *read;

	(void)state;
	ms_wire_put_string(frame, text);
	wire = ms_wire_open(frame->data, frame->len, TYPE);
	read = ms_wire_text(&wire);
	assert_int_equal(MS_WIRE_STRING_MAX, strlen(read));
	assert_int_equal(MS_OK, ms_wire_close(&wire));
	g_free(read);
	g_free(text);
	g_byte_array_unref(frame);
}

static void
test_text_is_not_null(void **state)
{
	GByteArray *frame = ms_wire_new(TYPE);
	struct ms_wire wire;
	char *read;

	(void)state;
	ms_wire_put_string(frame, NULL);
	wire = ms_wire_open(frame->data, frame->len, TYPE);
	read = ms_wire_text(&wire);
	assert_string_equal("", read);
	assert_int_equal(MS_E_PEER, ms_wire_close(&wire));
	g_free(read);
	g_byte_array_unref(frame);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_other_type),
		cmocka_unit_test(test_flag_is_one_bit),
		cmocka_unit_test(test_strings_lie),
		cmocka_unit_test(test_string_is_cut),
		cmocka_unit_test(test_text_is_not_null),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
