#include "source/members.h"

#include "source/record.h"

#include <glib.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
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

static struct ms_members *
members_of(int stream)
{
	const struct ms_members_config config = { .stream = stream };

	return ms_members_new(&config);
}

static void
test_records(void **state)
{
	struct ms_members *c;
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
	c = members_of(ends[0]);
	assert_int_equal(MS_OK, ms_members_next(c, &name, &mtime, &err));
	assert_string_equal("one", name);
	assert_int_equal(12, mtime);
	assert_int_equal(MS_OK, ms_members_read(c, data, 4, &got, &err));
	assert_int_equal(4, got);
	assert_int_equal(MS_OK, ms_members_read(c, data, 16, &got, &err));
	assert_int_equal(2, got);
	assert_memory_equal("ef", data, 2);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(MS_OK,
		    ms_members_read(c, data, 16, &got, &err));
		assert_int_equal(0, got);
	}
	assert_int_equal(MS_OK, ms_members_next(c, &name, &mtime, &err));
	assert_int_equal(-1, mtime);
	assert_int_equal(MS_E_FORMAT,
	    ms_members_read(c, data, 16, &got, &err));
	assert_string_equal("no good", err.text);
	assert_int_equal(MS_OK, ms_members_next(c, &name, &mtime, &err));
	assert_int_equal(-1, mtime);
	assert_int_equal(MS_E_FORMAT,
	    ms_members_next(c, &name, &mtime, &err));
	assert_string_equal("cut", err.text);
	assert_int_equal(MS_END, ms_members_next(c, &name, &mtime, &err));
	ms_members_free(c);
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
		struct ms_members *c = members_of(fd);
		enum ms_status status = MS_OK;
		struct ms_error err;
		const char *name;
		int64_t mtime;

		print_message("  %zu\n", i);
		while (status == MS_OK)
			status = ms_members_next(c, &name, &mtime, &err);
		assert_int_equal(MS_E_PEER, status);
		assert_int_equal(MS_END,
		    ms_members_next(c, &name, &mtime, &err));
		ms_members_free(c);
		(void)close(fd);
	}
}

/* Names and reasons are cut, not refused. */
static void
test_long_name(void **state)
{
	char *longest = g_strnfill(5000, 'n');
	struct ms_record record = { 0 };
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

struct endless {
	int fd;
	bool empty;
};

/* Bytes without end, or members, until nobody listens. */
static gpointer
send_endlessly(gpointer arg)
{
	struct endless *e = arg;
	char *block = g_malloc0(MS_RECORD_MAX);
	enum ms_status status = ms_record_write_member(e->fd, "x", 0);

	while (status == MS_OK && !e->empty)
		status = ms_record_write(e->fd, MS_RECORD_DATA, block,
		    MS_RECORD_MAX);
	while (status == MS_OK) {
		(void)ms_record_write(e->fd, MS_RECORD_DONE, "", 0);
		status = ms_record_write_member(e->fd, "x", 0);
	}
	g_free(block);
	(void)close(e->fd);
	return NULL;
}

/* A member that goes on is skipped, and empty ones are passed over, but not
 * for ever. */
static void
test_no_use(void **state)
{
	(void)state;
	for (int empty = 0; empty < 2; empty++) {
		enum ms_status status = MS_OK;
		struct ms_members *m;
		struct endless e;
		struct ms_error err;
		const char *name;
		GThread *thread;
		int64_t mtime;
		int ends[2], n = 0;

		assert_int_equal(0, pipe(ends));
		e = (struct endless){ ends[1], empty != 0 };
		thread = g_thread_new("sender", send_endlessly, &e);
		m = members_of(ends[0]);
		for (; status == MS_OK; n++)
			status = ms_members_next(m, &name, &mtime, &err);
		assert_int_equal(MS_E_LIMIT, status);
		assert_string_equal("unpacks to more than 64 MB of no use: "
		    "the rest is not read", err.text);
		assert_int_equal(empty ? (64 << 20) / 512 + 1 : 2, n);
		assert_int_equal(MS_END,
		    ms_members_next(m, &name, &mtime, &err));
		ms_members_free(m);
		(void)close(ends[0]);
		(void)g_thread_join(thread);
	}
}

static void
test_charge(void **state)
{
	static const struct {
		uint64_t size;
		unsigned ratio;
		uint64_t spare;
	} cases[] = {
		{ 0, 0, MS_MEMBERS_SPARE },
		{ 1000, 250, MS_MEMBERS_SPARE },
		{ 1 << 20, 250, 250 << 20 },
		{ UINT64_MAX / 2, 250, UINT64_MAX },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct ms_members_config config = { -1, cases[i].size,
			cases[i].ratio };
		struct ms_members *m = ms_members_new(&config);

		assert_int_equal(MS_OK,
		    ms_members_charge(m, cases[i].spare, NULL));
		assert_int_equal(MS_E_LIMIT, ms_members_charge(m, 1, NULL));
		ms_members_free(m);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_records),
		cmocka_unit_test(test_nonsense),
		cmocka_unit_test(test_long_name),
		cmocka_unit_test(test_no_use),
		cmocka_unit_test(test_charge),
	};

	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
