#include "source/cursor.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

/* SIZE bytes: 'a' to 'z' again and again, with an LF at every LF_AT. */
static int
make_file(size_t size, size_t lf_at)
{
	int fd = memfd_create("test", MFD_CLOEXEC);
	char *text = g_malloc(size + 1);

	for (size_t i = 0; i < size; i++)
		text[i] = lf_at > 0 && (i + 1) % lf_at == 0 ? '\n' :
		    (char)('a' + i % 26);
	assert_int_equal(size, write(fd, text, size));
	g_free(text);
	return fd;
}

/* All bytes, in pieces that are not larger than asked for. */
static void
test_pieces(void **state)
{
	const size_t sizes[] = { 0, 1, 65535, 65536, 65537, 200000 };
	const uint64_t wants[] = { 1000, 65536, 1 << 20 };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
		int fd = make_file(sizes[i], 0);

		for (size_t j = 0; j < G_N_ELEMENTS(wants); j++) {
			struct ms_cursor *c = ms_cursor_new(fd, sizes[i]);
			const unsigned char *data;
			size_t size = 1, all = 0;

			while (size > 0) {
				assert_int_equal(MS_OK, ms_cursor_piece(c,
				    wants[j], &data, &size, NULL));
				assert_true(size <= wants[j]);
				for (size_t n = 0; n < size; n++)
					assert_int_equal('a' +
					    (all + n) % 26, data[n]);
				all += size;
			}
			assert_int_equal(sizes[i], all);
			ms_cursor_free(c);
		}
		(void)close(fd);
	}
}

/* Forth and back, over the borders of what is in memory. */
static void
test_take(void **state)
{
	const struct {
		uint64_t from;
		size_t want;
		enum ms_status status;
	} cases[] = {
		{ 0, 10, MS_OK }, { 65530, 10, MS_OK }, { 65530, 65536, MS_OK },
		{ 150000, 50000, MS_OK }, { 150000, 50001, MS_END },
		{ 5, 0, MS_OK }, { 0, 65537, MS_END }, { 200000, 1, MS_END },
		{ 1 << 30, 1, MS_END }, { 1 << 30, 0, MS_OK }, { 3, 4, MS_OK },
	};
	int fd = make_file(200000, 0);
	struct ms_cursor *c = ms_cursor_new(fd, 200000);

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		const unsigned char *data;

		ms_cursor_seek(c, cases[i].from);
		assert_int_equal(cases[i].status, ms_cursor_take(c,
		    cases[i].want, &data, NULL));
		for (size_t n = 0; cases[i].status == MS_OK &&
		    n < cases[i].want; n++)
			assert_int_equal('a' + (cases[i].from + n) % 26,
			    data[n]);
		assert_int_equal(MIN(cases[i].from, 200000) +
		    (cases[i].status == MS_OK ? cases[i].want : 0),
		    ms_cursor_at(c));
	}
	ms_cursor_free(c);
	(void)close(fd);
}

static void
test_lines(void **state)
{
	int fd = make_file(150000, 70000);
	struct ms_cursor *c = ms_cursor_new(fd, 150000);
	const struct {
		size_t size;
		bool whole;
	} want[] = {
		{ 65536, false }, { 4463, true }, { 65536, false },
		{ 4463, true }, { 10000, true },
	};
	const unsigned char *data;
	size_t size;
	bool whole;

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(want); i++) {
		assert_int_equal(MS_OK, ms_cursor_line(c, &data, &size,
		    &whole, NULL));
		assert_int_equal(want[i].size, size);
		assert_int_equal(want[i].whole, whole);
	}
	assert_int_equal(MS_END, ms_cursor_line(c, &data, &size, &whole,
	    NULL));
	ms_cursor_free(c);
	(void)close(fd);
}

static void
test_shortened(void **state)
{
	int fd = make_file(100, 0);
	struct ms_cursor *c = ms_cursor_new(fd, 200);
	const unsigned char *data;
	struct ms_error err;
	size_t size;

	(void)state;
	assert_int_equal(MS_E_FORMAT, ms_cursor_piece(c, 200, &data, &size,
	    &err));
	assert_string_equal("shortened while it was read: ends at byte 100 "
	    "of 200; scan it again", err.text);
	ms_cursor_free(c);
	c = ms_cursor_new(-1, 1);
	assert_int_equal(MS_E_IO, ms_cursor_take(c, 1, &data, &err));
	ms_cursor_free(c);
	(void)close(fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pieces),
		cmocka_unit_test(test_take),
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_shortened),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
