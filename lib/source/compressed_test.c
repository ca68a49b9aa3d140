#include "source/compressed.h"

#include "source/record.h"

#include <glib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* The reading end of a pipe that holds these bytes, and no more. */
static int
pipe_of(const void *data, size_t size)
{
	int ends[2];

	assert_int_equal(0, pipe(ends));
	assert_int_equal(size, write(ends[1], data, size));
	(void)close(ends[1]);
	return ends[0];
}

static void
test_records(void **state)
{
	struct ms_compressed *c;
	const char *name;
	struct ms_error err;
	char data[16];
	int64_t mtime;
	int ends[2];
	size_t got;

	(void)state;
	assert_int_equal(0, pipe(ends));
	(void)ms_record_write_member(ends[1], "one", 12);
	(void)ms_record_write(ends[1], MS_RECORD_DATA, "abcdef", 6);
	(void)ms_record_write(ends[1], MS_RECORD_DONE, "", 0);
	(void)ms_record_write_member(ends[1], "two", -1);
	(void)ms_record_write(ends[1], MS_RECORD_BAD, "no good", 7);
	(void)ms_record_write_member(ends[1], "", -5);
	(void)ms_record_write(ends[1], MS_RECORD_DATA, "skipped", 7);
	(void)ms_record_write(ends[1], MS_RECORD_DONE, "", 0);
	(void)ms_record_write(ends[1], MS_RECORD_FAILED, "cut", 3);
	(void)close(ends[1]);
	c = ms_compressed_new(ends[0]);
	assert_int_equal(MS_OK, ms_compressed_next(c, &name, &mtime, &err));
	assert_string_equal("one", name);
	assert_int_equal(12, mtime);
	assert_int_equal(MS_OK, ms_compressed_read(c, data, 4, &got, &err));
	assert_int_equal(4, got);
	assert_int_equal(MS_OK, ms_compressed_read(c, data, 16, &got, &err));
	assert_int_equal(2, got);
	assert_memory_equal("ef", data, 2);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(MS_OK,
		    ms_compressed_read(c, data, 16, &got, &err));
		assert_int_equal(0, got);
	}
	assert_int_equal(MS_OK, ms_compressed_next(c, &name, &mtime, &err));
	assert_int_equal(-1, mtime);
	assert_int_equal(MS_E_FORMAT,
	    ms_compressed_read(c, data, 16, &got, &err));
	assert_string_equal("no good", err.text);
	assert_int_equal(MS_OK, ms_compressed_next(c, &name, &mtime, &err));
	assert_int_equal(-1, mtime);
	assert_int_equal(MS_E_FORMAT,
	    ms_compressed_next(c, &name, &mtime, &err));
	assert_string_equal("cut", err.text);
	assert_int_equal(MS_END, ms_compressed_next(c, &name, &mtime, &err));
	ms_compressed_free(c);
	(void)close(ends[0]);
}

/* Whatever the other side sends, it is refused or taken, and it ends. */
static void
test_nonsense(void **state)
{
#define CASE(bytes) { bytes, sizeof bytes - 1 }
#define MEMBER "M\0\0\0\x09\0\0\0\0\0\0\0\0\0\0\0n"
	static const struct {
		const char *bytes;
		size_t size;
	} cases[] = {
		CASE(""), CASE("M"), CASE("M\0\0\0\x08\0\0\0"),
		CASE("M\0\0\0\x07\0\0\0\0\0\0\0\0\0\0\0"),
		CASE("M\0\0\0\xff\xff\xff\xff"),
		CASE("M\0\0\x01\x08\0\0\0\0\0\0\0\0\0\0\0"),
		CASE("M\0\0\0\x09\0\0\0\0\0\0\0\0\0\0\0\0"),
		CASE("D\0\0\0\x01\0\0\0x"), CASE("d\0\0\0\0\0\0\0"),
		CASE("E\0\0\0\x01\0\0\0x"), CASE("Z\0\0\0\0\0\0\0"),
		CASE("F\0\0\0\0\0\x02\0"), CASE("\0\0\0\0\0\0\0\0"),
		CASE(MEMBER), CASE(MEMBER "D\0\0\0\0\0\0\0"),
		CASE(MEMBER "D\0\0\0\x01\0\x01\0x"),
		CASE(MEMBER "D\0\0\0\x02\0\0\0x"), CASE(MEMBER MEMBER),
		CASE(MEMBER "E\0\0\0\0\0\0\0"),
		CASE(MEMBER "d\0\0\0\0\0\0\0" "D\0\0\0\x01\0\0\0x"),
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		int fd = pipe_of(cases[i].bytes, cases[i].size);
		struct ms_compressed *c = ms_compressed_new(fd);
		enum ms_status status = MS_OK;
		struct ms_error err;
		const char *name;
		int64_t mtime;

		print_message("  %zu\n", i);
		while (status == MS_OK)
			status = ms_compressed_next(c, &name, &mtime, &err);
		assert_int_equal(MS_E_PEER, status);
		assert_int_equal(MS_END,
		    ms_compressed_next(c, &name, &mtime, &err));
		ms_compressed_free(c);
		(void)close(fd);
	}
}

/* Names and reasons are cut, not refused. */
static void
test_long_name(void **state)
{
	char *longest = g_strnfill(5000, 'n');
	struct ms_record record;
	int ends[2];

	(void)state;
	assert_int_equal(0, pipe(ends));
	(void)ms_record_write_member(ends[1], longest, 1);
	(void)ms_record_write(ends[1], MS_RECORD_BAD, longest, 5000);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(MS_OK,
		    ms_record_read(ends[0], &record, NULL));
		assert_int_equal(MS_RECORD_NAME, strlen(record.text));
	}
	(void)close(ends[0]);
	(void)close(ends[1]);
	g_free(longest);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_records),
		cmocka_unit_test(test_nonsense),
		cmocka_unit_test(test_long_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
