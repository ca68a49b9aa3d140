#include "source/record.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* What is written is what is read. compressed_test.c has the nonsense. */
static void
test_round_trip(void **state)
{
	static const int64_t times[] = { 0, 1, -1, 1795212013 };
	struct ms_record record = { 0 };
	char data[8];
	size_t got;
	int ends[2];

	(void)state;
	assert_int_equal(0, pipe(ends));
	for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
		(void)ms_record_write_member(ends[1], "a/b", times[i]);
		assert_int_equal(MS_OK,
		    ms_record_read(ends[0], &record, NULL));
		assert_int_equal(MS_RECORD_MEMBER, record.type);
		assert_int_equal(times[i], record.mtime);
		assert_string_equal("a/b", record.text);
	}
	(void)ms_record_write(ends[1], MS_RECORD_DATA, "\0\1\2", 3);
	assert_int_equal(MS_OK, ms_record_read(ends[0], &record, NULL));
	assert_int_equal(3, record.left);
	assert_int_equal(MS_OK, ms_record_read_data(ends[0], &record, data,
	    sizeof data, &got, NULL));
	assert_int_equal(3, got);
	assert_memory_equal("\0\1\2", data, 3);
	assert_int_equal(MS_OK, ms_record_read_data(ends[0], &record, data,
	    sizeof data, &got, NULL));
	assert_int_equal(0, got);
	(void)close(ends[1]);
	assert_int_equal(MS_E_PEER, ms_record_read(ends[0], &record, NULL));
	(void)close(ends[0]);
}

/* A writer that neither writes nor ends, at every place where it can stop. */
static void
test_silence(void **state)
{
	static const char bytes[] = "D\0\0\0\2\0\0\0x";

	(void)state;
	for (size_t size = 0; size < sizeof bytes; size++) {
		struct ms_record record = { .wait_ms = 1 };
		enum ms_status status;
		struct ms_error err = { "" };
		char data[8];
		int ends[2];
		size_t got;

		assert_int_equal(0, pipe(ends));
		assert_int_equal(size, write(ends[1], bytes, size));
		status = ms_record_read(ends[0], &record, &err);
		while (status == MS_OK)
			status = ms_record_read_data(ends[0], &record, data,
			    sizeof data, &got, &err);
		assert_int_equal(MS_E_PEER, status);
		assert_string_equal("the reader does not answer",
		    err.text);
		(void)close(ends[0]);
		(void)close(ends[1]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_silence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
