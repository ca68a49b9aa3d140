#include "capture/inflow.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <glib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

/* A file with the SIZE bytes at DATA, compressed by FILTERS (0 ends them). */
static int
make(const void *data, size_t size, const int filters[])
{
	int fd = memfd_create("inflow", MFD_CLOEXEC);
	struct archive *a = archive_write_new();
	struct archive_entry *entry = archive_entry_new();

	(void)archive_write_set_format_raw(a);
	for (size_t i = 0; filters[i]; i++)
		assert_int_equal(ARCHIVE_OK,
		    archive_write_add_filter(a, filters[i]));
	(void)archive_write_set_bytes_in_last_block(a, 1);
	assert_int_equal(ARCHIVE_OK, archive_write_open_fd(a, fd));
	archive_entry_set_filetype(entry, AE_IFREG);
	assert_int_equal(ARCHIVE_OK, archive_write_header(a, entry));
	assert_int_equal((la_ssize_t)size, archive_write_data(a, data, size));
	archive_entry_free(entry);
	assert_int_equal(ARCHIVE_OK, archive_write_free(a));
	return fd;
}

/* All that can be read of FD in pieces of STEP; the status at the end. */
static enum ms_status
read_all(int fd, size_t step, bool look, GByteArray *into,
    struct ms_error *err)
{
	struct ms_inflow *in = ms_inflow_new(fd);
	unsigned char *block = g_malloc(step);
	const unsigned char *head;
	enum ms_status status = MS_OK;
	size_t got = 0;

	g_byte_array_set_size(into, 0);
	if (look) {
		status = ms_inflow_head(in, &head, &got, err);
		if (status == MS_OK)
			g_byte_array_append(into, head, (guint)got);
	}
	while (status == MS_OK) {
		uint64_t at = ms_inflow_offset(in);

		status = ms_inflow_read(in, block, step, &got, err);
		if (status != MS_OK || got == 0)
			break;
		if (at < into->len && at + got <= into->len)
			assert_memory_equal(into->data + at, block, got);
		else
			g_byte_array_append(into, block, (guint)got);
	}
	/* A failure stays one. */
	if (status != MS_OK)
		assert_int_equal(status, ms_inflow_read(in, block, step, &got,
		    NULL));
	g_free(block);
	ms_inflow_free(in);
	return status;
}

static const struct {
	const char *name;
	int filters[6];
	enum ms_status want;
} cases[] = {
	{ "plain", { 0 }, MS_OK },
	{ "gzip", { ARCHIVE_FILTER_GZIP }, MS_OK },
	{ "bzip2", { ARCHIVE_FILTER_BZIP2 }, MS_OK },
	{ "xz", { ARCHIVE_FILTER_XZ }, MS_OK },
	{ "zstd", { ARCHIVE_FILTER_ZSTD }, MS_OK },
	{ "lz4", { ARCHIVE_FILTER_LZ4 }, MS_OK },
	{ "gzip in xz", { ARCHIVE_FILTER_XZ, ARCHIVE_FILTER_GZIP }, MS_OK },
	{ "too often", { ARCHIVE_FILTER_GZIP, ARCHIVE_FILTER_GZIP,
	  ARCHIVE_FILTER_GZIP, ARCHIVE_FILTER_GZIP }, MS_E_FORMAT },
};

static void
test_filters(void **state)
{
	static const size_t sizes[] = { 1, 65535, 65536, 300000 };
	GByteArray *got = g_byte_array_new();
	unsigned char *data = g_malloc(300000);

	(void)state;
	for (size_t i = 0; i < 300000; i++)
		data[i] = (unsigned char)(i * i >> 7);
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		print_message("  %s\n", cases[i].name);
		for (size_t s = 0; s < G_N_ELEMENTS(sizes); s++) {
			int fd = make(data, sizes[s], cases[i].filters);
			struct ms_error err = { "" };

			assert_int_equal(cases[i].want, read_all(fd, 65536,
			    true, got, &err));
			assert_int_equal(cases[i].want, read_all(fd, 1000,
			    false, got, &err));
			assert_int_equal(cases[i].want == MS_OK ? sizes[s] :
			    0, got->len);
			if (got->len > 0)
				assert_memory_equal(data, got->data,
				    got->len);
			assert_int_equal(0, close(fd));
		}
	}
	g_byte_array_unref(got);
	g_free(data);
}

static void
test_empty(void **state)
{
	int fd = memfd_create("inflow", MFD_CLOEXEC);
	GByteArray *got = g_byte_array_new();

	(void)state;
	assert_int_equal(MS_OK, read_all(fd, 100, true, got, NULL));
	assert_int_equal(0, got->len);
	assert_int_equal(0, close(fd));
	g_byte_array_unref(got);
	ms_inflow_free(NULL);
}

/* Cut short: all before the cut, then why. */
static void
test_cut(void **state)
{
	static const int gzip[] = { ARCHIVE_FILTER_GZIP, 0 };
	GByteArray *got = g_byte_array_new();
	unsigned char *data = g_malloc(300000);
	struct ms_error err = { "" };
	uint32_t seed = 1;
	int fd;

	(void)state;
	for (size_t i = 0; i < 300000; i++)
		data[i] = (unsigned char)((seed = seed * 69069 + 1) >> 24);
	fd = make(data, 300000, gzip);
	assert_int_equal(0, ftruncate(fd, lseek(fd, 0, SEEK_END) / 2));
	assert_int_equal(MS_E_FORMAT, read_all(fd, 777, false, got, &err));
	assert_true(got->len > 1000 && got->len < 300000);
	assert_memory_equal(data, got->data, got->len);
	assert_non_null(strstr(err.text, "compressed, and damaged after "));
	assert_int_equal(0, close(fd));
	g_byte_array_unref(got);
	g_free(data);
}

/* A pipe is read as it comes. */
static void
test_pipe(void **state)
{
	GByteArray *got = g_byte_array_new();
	int ends[2];

	(void)state;
	assert_int_equal(0, pipe(ends));
	assert_int_equal(5, write(ends[1], "C: QU", 5));
	assert_int_equal(0, close(ends[1]));
	assert_int_equal(MS_OK, read_all(ends[0], 2, true, got, NULL));
	assert_int_equal(5, got->len);
	assert_int_equal(0, close(ends[0]));
	g_byte_array_unref(got);
}

/* Somebody else's position in the file is of no interest, and not moved. */
static void
test_position(void **state)
{
	static const int none[] = { 0 };
	GByteArray *got = g_byte_array_new();
	int fd = make("abcdef", 6, none);

	(void)state;
	assert_int_equal(3, lseek(fd, 3, SEEK_SET));
	assert_int_equal(MS_OK, read_all(fd, 100, false, got, NULL));
	assert_int_equal(6, got->len);
	assert_int_equal(3, lseek(fd, 0, SEEK_CUR));
	assert_int_equal(0, close(fd));
	g_byte_array_unref(got);
}

/* A directory cannot be read. */
static void
test_unreadable(void **state)
{
	int fd = open(".", O_RDONLY | O_CLOEXEC);
	GByteArray *got = g_byte_array_new();
	struct ms_error err = { "" };

	(void)state;
	assert_int_equal(MS_E_IO, read_all(fd, 10, true, got, &err));
	assert_string_equal("cannot be read at byte 0: Is a directory",
	    err.text);
	assert_int_equal(0, close(fd));
	g_byte_array_unref(got);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_filters),
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_pipe),
		cmocka_unit_test(test_position),
		cmocka_unit_test(test_unreadable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
