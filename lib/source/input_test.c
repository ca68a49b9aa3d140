#include "source/input.h"

#include "source/detect.h"

#include <fcntl.h>
#include <glib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

/* SIZE bytes that tell where they are. */
static int
file_of(size_t size)
{
	int fd = memfd_create("input", MFD_CLOEXEC);
	unsigned char *data = g_malloc(size + 1);

	for (size_t i = 0; i < size; i++)
		data[i] = (unsigned char)(i * 7 + i / 251);
	assert_int_equal(size, write(fd, data, size));
	assert_int_equal(0, lseek(fd, 0, SEEK_SET));
	g_free(data);
	return fd;
}

static void
check(struct ms_input *in, size_t size, bool head)
{
	size_t got = 1, at = 0, want = MIN(size, MS_DETECT_HEAD);
	unsigned char block[1000];
	const unsigned char *data;

	for (int i = 0; head && i < 2; i++) {
		assert_int_equal(MS_OK, ms_input_head(in, &data, &got, NULL));
		assert_int_equal(want, got);
		if (got > 1)
			assert_int_equal(7, data[1]);
	}
	for (got = 1; got > 0; at += got) {
		assert_int_equal(MS_OK,
		    ms_input_read(in, block, sizeof block, &got, NULL));
		for (size_t i = 0; i < got; i++)
			assert_true(block[i] == (unsigned char)((at + i) * 7 +
			    (at + i) / 251));
	}
	assert_int_equal(size, at);
	assert_int_equal(size, ms_input_taken(in));
	ms_input_free(in);
}

static void
test_plain_and_stream(void **state)
{
	static const size_t sizes[] = { 0, 1, 999, 65535, 65536, 65537,
		200000 };

	(void)state;
	for (size_t i = 0; i < 2 * G_N_ELEMENTS(sizes); i++) {
		size_t size = sizes[i / 2];
		int fd = file_of(size);

		print_message("  %zu\n", size);
		check(ms_input_stream(fd, NULL, NULL), size, i % 2);
		check(ms_input_file(fd, size), size, i % 2);
	}
}

static void
test_shrunk_and_grown(void **state)
{
	struct ms_input *in = ms_input_file(file_of(100), 150);
	const unsigned char *data;
	struct ms_error err;
	char block[200];
	size_t got;

	(void)state;
	assert_int_equal(MS_OK, ms_input_head(in, &data, &got, &err));
	assert_int_equal(100, got);
	assert_int_equal(MS_OK, ms_input_read(in, block, 200, &got, &err));
	assert_int_equal(100, got);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(MS_E_FORMAT,
		    ms_input_read(in, block, 200, &got, &err));
		assert_string_equal("shortened while it was read: ends at "
		    "byte 100 of 150; scan it again", err.text);
	}
	ms_input_free(in);
	check(ms_input_file(file_of(5000), 3000), 3000, true);
}

static void
test_peek(void **state)
{
	struct ms_input *in = ms_input_file(file_of(300), 300);
	unsigned char block[8];
	size_t got;

	(void)state;
	assert_true(ms_input_is_file(in));
	assert_int_equal(MS_OK, ms_input_peek(in, 2, block, 8, &got, NULL));
	assert_int_equal(8, got);
	assert_int_equal(14, block[0]);
	assert_int_equal(MS_OK, ms_input_peek(in, 297, block, 8, &got, NULL));
	assert_int_equal(3, got);
	assert_int_equal(MS_OK, ms_input_peek(in, 999, block, 8, &got, NULL));
	assert_int_equal(0, got);
	ms_input_free(in);
	in = ms_input_stream(0, NULL, NULL);
	assert_int_equal(-1, ms_input_fd(in));
	assert_int_equal(MS_E_USAGE,
	    ms_input_peek(in, 0, block, 8, &got, NULL));
	ms_input_free(in);
}

static void
test_no_descriptor(void **state)
{
	struct ms_input *in = ms_input_stream(-1, NULL, NULL);
	const unsigned char *data;
	struct ms_error err;
	size_t got;

	(void)state;
	for (int i = 0; i < 2; i++) {
		assert_int_equal(MS_E_IO,
		    ms_input_read(in, &err, 1, &got, &err));
		assert_string_equal("cannot be read at byte 0: "
		    "Bad file descriptor", err.text);
	}
	assert_int_equal(MS_E_IO, ms_input_head(in, &data, &got, NULL));
	ms_input_free(in);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain_and_stream),
		cmocka_unit_test(test_shrunk_and_grown),
		cmocka_unit_test(test_peek),
		cmocka_unit_test(test_no_descriptor),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
