#include "pool/bundle.h"

#include "pool/errand.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static GByteArray *
frame_of(size_t size, unsigned char byte)
{
	GByteArray *frame = g_byte_array_new();

	g_byte_array_set_size(frame, (guint)size);
	if (size > 0)	/* else there is nothing to point to */
		memset(frame->data, byte, size);
	return frame;
}

/* What goes in comes out, in its order. */
static void
test_all(void **state)
{
	static const size_t sizes[] = { 1, 300, 0, 20000 };
	GByteArray *bundle = NULL;
	const unsigned char *frame;
	size_t at = 0, size;

	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(sizes); i++)
		assert_true(ms_bundle_add(&bundle, frame_of(sizes[i],
		    (unsigned char)i)));
	assert_int_equal(MS_ERRAND_BUNDLE, ms_errand_type(bundle->data,
	    bundle->len));
	for (unsigned i = 0; i < G_N_ELEMENTS(sizes); i++) {
		assert_int_equal(MS_OK, ms_bundle_next(bundle->data,
		    bundle->len, &at, &frame, &size));
		assert_int_equal(sizes[i], size);
		for (size_t k = 0; k < size; k++)
			assert_int_equal(i, frame[k]);
	}
	assert_int_equal(MS_END, ms_bundle_next(bundle->data, bundle->len,
	    &at, &frame, &size));
	g_byte_array_unref(bundle);
}

/* No more than a datagram holds; what is too large for that goes alone. */
static void
test_full(void **state)
{
	GByteArray *bundle = NULL, *frame = frame_of(MS_FRAME_MAX - 14, 'x');
	GByteArray *next = frame_of(6, 'y');

	(void)state;
	assert_true(ms_bundle_add(&bundle, frame));
	assert_int_equal(MS_FRAME_MAX - 9, bundle->len);
	assert_false(ms_bundle_add(&bundle, next));
	g_byte_array_set_size(next, 5);
	assert_true(ms_bundle_add(&bundle, next));
	assert_int_equal(MS_FRAME_MAX, bundle->len);
	g_byte_array_unref(bundle);
	bundle = NULL;
	next = frame_of(MS_FRAME_MAX - 4, 'z');
	assert_false(ms_bundle_add(&bundle, next));
	assert_null(bundle);
	g_byte_array_unref(next);
}

/* Cut anywhere it is none, but for between two frames. */
static void
test_cut(void **state)
{
	GByteArray *bundle = NULL;

	(void)state;
	assert_true(ms_bundle_add(&bundle, frame_of(3, 'x')));
	assert_true(ms_bundle_add(&bundle, frame_of(2, 'y')));
	for (size_t size = 0; size <= bundle->len; size++) {
		const bool whole = size == 1 || size == 8 || size == 14;
		const unsigned char *frame;
		enum ms_status status;
		size_t at = 0, got;

		do
			status = ms_bundle_next(bundle->data, size, &at,
			    &frame, &got);
		while (status == MS_OK);
		assert_int_equal(whole ? MS_END : MS_E_PEER, status);
	}
	bundle->data[0] = MS_ERRAND_FACT;
	assert_int_equal(MS_E_PEER, ms_bundle_next(bundle->data, bundle->len,
	    &(size_t){ 0 }, &(const unsigned char *){ NULL },
	    &(size_t){ 0 }));
	g_byte_array_unref(bundle);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all),
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
