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

/* The same of messages. What does not hold together is nonsense. */
static void
test_messages(void **state)
{
	static const struct ms_record_place places[] = {
		{ MS_RECORD_MAIL, 1, 1, -1 },
		{ MS_RECORD_STRAY, (uint64_t)1 << 40, 99, 1795212013 },
		{ MS_RECORD_SEALED, 3, (uint64_t)1 << 47, 0 },
	};
	static const struct ms_record_place wrong[] = {
		{ MS_RECORD_MAIL, 0, 1, -1 },
		{ MS_RECORD_MAIL, 1, 0, -1 },
		{ MS_RECORD_MAIL, (uint64_t)1 << 48, 1, -1 },
		{ (enum ms_record_kind)'x', 1, 1, -1 },
		{ (enum ms_record_kind)0, 1, 1, -1 },
	};
	struct ms_record record = { 0 };
	int ends[2];

	(void)state;
	assert_int_equal(0, pipe(ends));
	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		(void)ms_record_write_message(ends[1], &places[i]);
		assert_int_equal(MS_OK,
		    ms_record_read(ends[0], &record, NULL));
		assert_int_equal(MS_RECORD_MESSAGE, record.type);
		assert_int_equal(places[i].kind, record.place.kind);
		assert_int_equal(places[i].stream, record.place.stream);
		assert_int_equal(places[i].number, record.place.number);
		assert_int_equal(places[i].time, record.place.time);
	}
	(void)ms_record_write_field(ends[1], MS_RECORD_SENDER, "a@b");
	assert_int_equal(MS_OK, ms_record_read(ends[0], &record, NULL));
	assert_int_equal(MS_RECORD_FIELD, record.type);
	assert_int_equal(MS_RECORD_SENDER, record.field);
	assert_string_equal("a@b", record.text);
	(void)ms_record_write_field(ends[1], MS_RECORD_HELO, "");
	assert_int_equal(MS_OK, ms_record_read(ends[0], &record, NULL));
	assert_string_equal("", record.text);
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		(void)ms_record_write_message(ends[1], &wrong[i]);
		assert_int_equal(MS_E_PEER,
		    ms_record_read(ends[0], &record, NULL));
	}
	(void)ms_record_write(ends[1], MS_RECORD_FIELD, "", 0);
	assert_int_equal(MS_E_PEER, ms_record_read(ends[0], &record, NULL));
	(void)ms_record_write(ends[1], MS_RECORD_FIELD, "q", 1);
	assert_int_equal(MS_E_PEER, ms_record_read(ends[0], &record, NULL));
	(void)close(ends[0]);
	(void)close(ends[1]);
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
		cmocka_unit_test(test_messages),
		cmocka_unit_test(test_silence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
