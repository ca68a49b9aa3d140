/* link: -Wl,--wrap=pwrite */
#include "capture/stash.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define BLOCK MS_STASH_BLOCK

/* The disk: may it be written, and how much at a time? */
static struct {
	bool full;
	size_t at_once;
} disk = { false, SIZE_MAX };

ssize_t __real_pwrite(int fd, const void *data, size_t size, off_t at);
ssize_t __wrap_pwrite(int fd, const void *data, size_t size, off_t at);

ssize_t
__wrap_pwrite(int fd, const void *data, size_t size, off_t at)
{
	if (disk.full) {
		errno = ENOSPC;
		return -1;
	}
	return __real_pwrite(fd, data, MIN(size, disk.at_once), at);
}

static int
new_file(void)
{
	int fd = memfd_create("stash", MFD_CLOEXEC);

	assert_true(fd >= 0);
	return fd;
}

static uint64_t
file_size(int fd)
{
	struct stat st;

	assert_int_equal(0, fstat(fd, &st));
	return (uint64_t)st.st_size;
}

/* What the chain that has this NUMBER says at OFFSET. */
static unsigned char
byte_at(unsigned number, uint64_t offset)
{
	return (unsigned char)(offset * 31 + offset / 255 + number * 7);
}

static enum ms_status
append(struct ms_stash_chain *chain, unsigned number, size_t size)
{
	unsigned char *data = g_malloc(size + 1);
	struct ms_error err = { "" };
	uint64_t from = ms_stash_chain_size(chain);
	enum ms_status status;

	for (size_t i = 0; i < size; i++)
		data[i] = byte_at(number, from + i);
	status = ms_stash_chain_append(chain, data, size, &err);
	assert_true((status == MS_OK) == (*err.text == '\0'));
	g_free(data);
	return status;
}

/* Is all of it there, from wherever and in whatever pieces it is read? */
static void
check(const struct ms_stash_chain *chain, unsigned number, size_t size)
{
	unsigned char *data = g_malloc(size + 10);
	const size_t pieces[] = { 1, 7, BLOCK - 1, BLOCK, 3 * BLOCK + 1,
		size + 10 };
	size_t got;

	assert_int_equal(size, ms_stash_chain_size(chain));
	for (size_t p = 0; p < G_N_ELEMENTS(pieces); p++) {
		size_t step = MAX(pieces[p] * 13, 1);

		for (size_t at = 0; at <= size + 1; at += step) {
			assert_int_equal(MS_OK, ms_stash_chain_read(chain, at,
			    data, pieces[p], &got, NULL));
			assert_int_equal(at >= size ? 0 :
			    MIN(pieces[p], size - at), got);
			for (size_t i = 0; i < got; i++)
				assert_int_equal(byte_at(number, at + i),
				    data[i]);
		}
	}
	g_free(data);
}

static const struct {
	const char *name;
	size_t memory_max;
	uint64_t file_max;	/* 0: no file */
	size_t appends, size;
	size_t file_size;	/* at the end */
	enum ms_status last;	/* what the last append says */
} cases[] = {
	{ "nothing", 10 * BLOCK, 0, 1, 0, 0, MS_OK },
	{ "a byte", 10 * BLOCK, 0, 1, 1, 0, MS_OK },
	{ "small ones", 10 * BLOCK, 0, 100, 17, 0, MS_OK },
	{ "all of the memory", 10 * BLOCK, 0, 10, BLOCK, 0, MS_OK },
	{ "too much", 10 * BLOCK, 0, 1, 10 * BLOCK + 1, 0, MS_E_LIMIT },
	{ "the last is too much", BLOCK, 0, 2, BLOCK - 1, 0, MS_E_LIMIT },
	{ "memory and file", 2 * BLOCK, 100 * BLOCK, 5, BLOCK, 3 * BLOCK,
	  MS_OK },
	{ "in one", 2 * BLOCK, 100 * BLOCK, 1, 50 * BLOCK + 1,
	  48 * BLOCK + 1, MS_OK },
	{ "file only", 0, 100 * BLOCK, 100, 1000, 100000, MS_OK },
	{ "file too small", 0, 2 * BLOCK, 3, BLOCK, 2 * BLOCK, MS_E_LIMIT },
	{ "many slabs", 1000 * BLOCK, 0, 100, 10 * BLOCK, 0, MS_OK },
	{ "less than a block", BLOCK - 1, BLOCK - 1, 1, 1, 0, MS_E_LIMIT },
};

static void
test_chain(void **state)
{
	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct ms_stash_config config = {
			.memory_max = cases[i].memory_max,
			.fd = cases[i].file_max > 0 ? new_file() : -1,
			.file_max = cases[i].file_max,
		};
		struct ms_stash *stash = ms_stash_new(&config);
		struct ms_stash_chain *chain = ms_stash_chain_new(stash);
		size_t kept = 0;

		print_message("  %s\n", cases[i].name);
		for (size_t n = 1; n <= cases[i].appends; n++) {
			enum ms_status status = append(chain, 1,
			    cases[i].size);

			assert_int_equal(n == cases[i].appends ?
			    cases[i].last : MS_OK, status);
			kept += status == MS_OK ? cases[i].size : 0;
			assert_int_equal(kept, ms_stash_chain_size(chain));
		}
		check(chain, 1, kept);
		ms_stash_chain_free(chain);
		ms_stash_free(stash);
		if (config.fd >= 0) {
			assert_int_equal(cases[i].file_size,
			    file_size(config.fd));
			assert_int_equal(0, close(config.fd));
		}
	}
	ms_stash_chain_free(NULL);
	ms_stash_free(NULL);
}

/* Chains that come and go, grown in turns, use no more than the most that
 * there was at a time. */
static void
test_many(void **state)
{
	enum { CHAINS = 50, MAX_SIZE = 20000, STEPS = 4000 };
	const unsigned seed = 5;
	struct ms_stash_config config = { .memory_max = 100 * BLOCK,
		.fd = new_file(), .file_max = 10000 * BLOCK };
	struct ms_stash *stash = ms_stash_new(&config);
	struct ms_stash_chain *chains[CHAINS] = { NULL };
	size_t sizes[CHAINS] = { 0 };

	(void)state;
	print_message("  seed %u\n", seed);
	srand(seed);
	for (int step = 0; step < STEPS; step++) {
		unsigned i = (unsigned)rand() % CHAINS;
		size_t more = (size_t)rand() % 1500;

		if (!chains[i])
			chains[i] = ms_stash_chain_new(stash);
		assert_int_equal(MS_OK, append(chains[i], i, more));
		sizes[i] += more;
		if (sizes[i] < MAX_SIZE)
			continue;
		check(chains[i], i, sizes[i]);
		ms_stash_chain_free(chains[i]);
		chains[i] = NULL;
		sizes[i] = 0;
	}
	for (unsigned i = 0; i < CHAINS; i++) {
		if (chains[i])
			check(chains[i], i, sizes[i]);
		ms_stash_chain_free(chains[i]);
	}
	assert_in_range(file_size(config.fd), BLOCK,
	    CHAINS * (MAX_SIZE + 1500 + BLOCK));
	ms_stash_free(stash);
	assert_int_equal(0, close(config.fd));
}

/* What could not be written is no part of the chain, and its blocks are not
 * lost. */
static void
test_disk_full(void **state)
{
	struct ms_stash_config config = { .memory_max = BLOCK,
		.fd = new_file(), .file_max = 10 * BLOCK };
	struct ms_stash *stash = ms_stash_new(&config);
	struct ms_stash_chain *chain = ms_stash_chain_new(stash);

	(void)state;
	assert_int_equal(MS_OK, append(chain, 3, BLOCK / 2));
	disk.full = true;
	for (int i = 0; i < 100; i++)
		assert_int_equal(MS_E_IO, append(chain, 3, 5 * BLOCK));
	check(chain, 3, BLOCK / 2);
	disk.full = false;
	disk.at_once = 100;
	assert_int_equal(MS_OK, append(chain, 3, 10 * BLOCK));
	check(chain, 3, 10 * BLOCK + BLOCK / 2);
	disk.at_once = SIZE_MAX;
	ms_stash_chain_free(chain);
	ms_stash_free(stash);
	assert_int_equal(0, close(config.fd));
}

/* A file that somebody shortens is an error, not an endless loop. */
static void
test_shortened(void **state)
{
	struct ms_stash_config config = { .fd = new_file(),
		.file_max = 10 * BLOCK };
	struct ms_stash *stash = ms_stash_new(&config);
	struct ms_stash_chain *chain = ms_stash_chain_new(stash);
	struct ms_error err = { "" };
	char data[10];
	size_t got;

	(void)state;
	assert_int_equal(MS_OK, append(chain, 1, 3 * BLOCK));
	assert_int_equal(0, ftruncate(config.fd, BLOCK));
	assert_int_equal(MS_E_IO, ms_stash_chain_read(chain, BLOCK - 5, data,
	    sizeof data, &got, &err));
	assert_string_equal("temporary storage has become shorter", err.text);
	ms_stash_chain_free(chain);
	ms_stash_free(stash);
	assert_int_equal(0, close(config.fd));
}

static void
test_hold(void **state)
{
	struct ms_stash_config config = { .memory_max = 100, .fd = -1 };
	struct ms_stash *stash = ms_stash_new(&config);
	struct ms_error err = { "" };

	(void)state;
	assert_int_equal(MS_OK, ms_stash_hold(stash, 60, &err));
	assert_int_equal(MS_E_LIMIT, ms_stash_hold(stash, 41, &err));
	assert_int_equal(MS_E_LIMIT, ms_stash_hold(stash, SIZE_MAX, &err));
	assert_int_equal(MS_OK, ms_stash_hold(stash, 40, &err));
	ms_stash_release(stash, 60);
	assert_int_equal(MS_OK, ms_stash_hold(stash, 60, &err));
	ms_stash_free(stash);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_chain),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_disk_full),
		cmocka_unit_test(test_shortened),
		cmocka_unit_test(test_hold),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
