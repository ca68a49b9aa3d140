/* link: -Wl,--wrap=pwrite */
#include "base/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

/* The disk: bytes that fit on it still, and how many at a time. */
static struct {
	size_t left;
	size_t at_once;
	bool interrupt;
} disk = { SIZE_MAX, SIZE_MAX, false };

ssize_t __real_pwrite(int fd, const void *data, size_t size, off_t at);
ssize_t __wrap_pwrite(int fd, const void *data, size_t size, off_t at);

ssize_t
__wrap_pwrite(int fd, const void *data, size_t size, off_t at)
{
	size = MIN(MIN(size, disk.at_once), disk.left);
	if (disk.interrupt && rand() % 2 == 0) {
		errno = EINTR;
		return -1;
	}
	if (size == 0) {
		errno = ENOSPC;
		return -1;
	}
	disk.left -= size;
	return __real_pwrite(fd, data, size, at);
}

static int
reset_disk(void **state)
{
	(void)state;
	disk.left = disk.at_once = SIZE_MAX;
	disk.interrupt = false;
	return 0;
}

enum place { HEAP, MEMFD, DISK };

static const struct {
	const char *name;
	struct ms_spool_config config;
	size_t size;
	enum place want;
} cases[] = {
	{ "nothing",         { 10, 20, "." }, 0, HEAP },
	{ "heap",            { 10, 20, "." }, 10, HEAP },
	{ "memfd",           { 10, 20, "." }, 11, MEMFD },
	{ "full memfd",      { 10, 20, "." }, 20, MEMFD },
	{ "disk",            { 10, 20, "." }, 21, DISK },
	{ "more",            { 10, 20, "." }, 300000, DISK },
	{ "no heap",         { 0, 20, "." }, 1, MEMFD },
	{ "disk only",       { 0, 0, "." }, 1, DISK },
	{ "heap, disk",      { 10, 0, "." }, 11, DISK },
	{ "no disk",         { 10, 20, NULL }, 300000, MEMFD },
	{ "heap only",       { 10, 0, NULL }, 300000, HEAP },
	{ "nothing allowed", { 0, 0, NULL }, 1000, HEAP },
};

static unsigned char *
content(size_t size)
{
	unsigned char *data = g_malloc(size + 1);

	for (size_t i = 0; i < size; i++)
		data[i] = (unsigned char)(i * 7 + i / 251);
	return data;
}

/* Write in pieces of STEP, growing. */
static enum ms_status
write_steps(struct ms_spool *spool, const unsigned char *data, size_t size,
    size_t step, struct ms_error *err)
{
	for (size_t at = 0; at < size;) {
		size_t n = MIN(step, size - at);
		enum ms_status status = ms_spool_write(spool, data + at, n,
		    err);

		if (status != MS_OK)
			return status;
		at += n;
		assert_int_equal(at, ms_spool_size(spool));
		step += step / 2;
	}
	return MS_OK;
}

static void
check_content(struct ms_spool *spool, const unsigned char *want, size_t size)
{
	static const size_t windows[][2] = { { 0, 1 }, { 0, 1 << 20 },
		{ 9, 3 }, { 19, 4 }, { 65535, 3 }, { 299999, 5 },
		{ 300000, 1 }, { SIZE_MAX, 1 }, { 5, 0 } };
	unsigned char *buffer = g_malloc(1 << 20);
	const unsigned char *data;
	size_t got;

	assert_int_equal(size, ms_spool_size(spool));
	assert_int_equal(MS_OK, ms_spool_map(spool, &data, NULL));
	assert_memory_equal(want, data, size);
	for (size_t i = 0; i < G_N_ELEMENTS(windows); i++) {
		size_t at = windows[i][0], n = windows[i][1];
		size_t left = at < size ? size - at : 0;

		got = 1;
		assert_int_equal(MS_OK, ms_spool_read(spool, at, buffer, n,
		    &got, NULL));
		assert_int_equal(MIN(n, left), got);
		if (got > 0)
			assert_memory_equal(want + at, buffer, got);
	}
	g_free(buffer);
}

static bool
dir_is_empty(const char *path)
{
	GDir *dir = g_dir_open(path, 0, NULL);
	bool empty = !g_dir_read_name(dir);

	g_dir_close(dir);
	return empty;
}

/* Where the bytes behind FD are. */
static enum place
place_of(int fd)
{
	return fcntl(fd, F_GET_SEALS) >= 0 ? MEMFD : DISK;
}

static void
test_places(void **state)
{
	(void)state;
	for (size_t i = 0; i < 3 * G_N_ELEMENTS(cases); i++) {
		size_t k = i / 3, size = cases[k].size;
		size_t step = i % 3 == 0 ? size + 1 : i % 3 == 1 ? 1 : 7;
		struct ms_spool *spool = ms_spool_new(&cases[k].config);
		unsigned char *want = content(size);
		struct ms_error err = { "" };
		int fd;

		print_message("  %s, steps of %zu\n", cases[k].name, step);
		disk.at_once = i % 3 == 2 ? 1000 : SIZE_MAX;
		disk.interrupt = i % 3 == 2;
		assert_int_equal(MS_OK,
		    write_steps(spool, want, size, step, &err));
		check_content(spool, want, size);
		assert_true(dir_is_empty("."));
		assert_int_equal(MS_OK, ms_spool_seal(spool, &fd, &err));
		assert_int_equal(cases[k].want == HEAP ? MEMFD :
		    cases[k].want, place_of(fd));
		check_content(spool, want, size);
		assert_int_equal(0, close(fd));
		/* For somebody else. */
		assert_int_equal(MS_OK, ms_spool_seal(spool, &fd, &err));
		assert_int_equal(0, close(fd));
		ms_spool_free(spool);
		g_free(want);
	}
}

/* Nobody can change what is behind a sealed descriptor. */
static void
check_sealed(int fd, size_t size)
{
	char *path = g_strdup_printf("/proc/self/fd/%d", fd);
	struct stat st;
	int again;

	assert_int_equal(0, fstat(fd, &st));
	assert_int_equal(size, st.st_size);
	if (place_of(fd) != MEMFD)
		assert_int_equal(O_RDONLY, fcntl(fd, F_GETFL) & O_ACCMODE);
	assert_int_equal(FD_CLOEXEC, fcntl(fd, F_GETFD));
	assert_int_equal(-1, write(fd, "x", 1));
	assert_int_equal(-1, ftruncate(fd, (off_t)size + 1));
	assert_ptr_equal(MAP_FAILED, mmap(NULL, 1, PROT_READ | PROT_WRITE,
	    MAP_SHARED, fd, 0));
	again = open(path, O_RDWR | O_CLOEXEC);
	if (place_of(fd) == MEMFD && again >= 0) {
		assert_int_equal(-1, __real_pwrite(again, "x", 1, 0));
		assert_int_equal(EPERM, errno);
		assert_int_equal(size > 0 ? -1 : 0, ftruncate(again, 0));
		assert_int_equal(-1, ftruncate(again, (off_t)size + 1));
		assert_int_equal(-1, fcntl(again, F_ADD_SEALS, 0));
	}
	if (again >= 0)
		assert_int_equal(0, close(again));
	g_free(path);
}

static void
test_seal(void **state)
{
	unsigned char buffer[300000];

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct ms_spool *spool = ms_spool_new(&cases[i].config);
		unsigned char *want = content(cases[i].size);
		struct ms_error err = { "" };
		int fd;

		print_message("  %s\n", cases[i].name);
		assert_int_equal(MS_OK, ms_spool_write(spool, want,
		    cases[i].size, NULL));
		assert_int_equal(MS_OK, ms_spool_seal(spool, &fd, &err));
		/* Who writes all the same is refused or goes elsewhere. */
		if (place_of(fd) == MEMFD)
			(void)ms_spool_write(spool, "more", 4, &err);
		check_sealed(fd, cases[i].size);
		/* The descriptor outlives the spool. */
		ms_spool_free(spool);
		assert_int_equal(cases[i].size,
		    pread(fd, buffer, sizeof buffer, 0));
		assert_memory_equal(want, buffer, cases[i].size);
		assert_int_equal(0, close(fd));
		g_free(want);
	}
	ms_spool_free(NULL);
}

/* The memfd that was made last. */
static int
newest_memfd(void)
{
	char link[64], name[64];
	int found = -1;

	for (int fd = 3; fd < 64; fd++) {
		ssize_t n;

		(void)snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
		n = readlink(link, name, sizeof name);
		if (n > 14 && strncmp(name, "/memfd:mailscan", 14) == 0)
			found = fd;
	}
	return found;
}

/* The kernel does not seal what may be written through a page that somebody
 * has in hand: it is sealed all the same, in others. */
static void
test_busy(void **state)
{
	const struct ms_spool_config memory = { .memfd_max = 1 << 20 };
	struct ms_spool *spool = ms_spool_new(&memory);
	unsigned char *want = content(5000);
	void *hand;
	int fd;

	(void)state;
	assert_int_equal(MS_OK, ms_spool_write(spool, want, 5000, NULL));
	hand = mmap(NULL, 5000, PROT_READ | PROT_WRITE, MAP_SHARED,
	    newest_memfd(), 0);
	assert_true(hand != MAP_FAILED);
	assert_int_equal(MS_OK, ms_spool_seal(spool, &fd, NULL));
	check_sealed(fd, 5000);
	memset(hand, 'x', 5000);
	check_content(spool, want, 5000);
	assert_int_equal(0, munmap(hand, 5000));
	ms_spool_free(spool);
	(void)close(fd);
	g_free(want);
}

/* What is sealed needs no copy; all else may change. */
static void
test_adopt(void **state)
{
	const struct ms_spool_config memory = { .memfd_max = 1 << 20 };
	struct ms_spool *spool = ms_spool_new(&memory), *other;
	const int open_fd = memfd_create("test", MFD_CLOEXEC |
	    MFD_ALLOW_SEALING);
	FILE *file = tmpfile();
	char got[8];
	size_t n;
	int fd;

	(void)state;
	assert_int_equal(MS_OK, ms_spool_write(spool, "sealed", 6, NULL));
	assert_int_equal(MS_OK, ms_spool_seal(spool, &fd, NULL));
	ms_spool_free(spool);
	assert_null(ms_spool_adopt(fd, 5));
	assert_null(ms_spool_adopt(fd, 7));
	other = ms_spool_adopt(fd, 6);
	assert_non_null(other);
	(void)close(fd);
	assert_int_equal(6, ms_spool_size(other));
	assert_int_equal(MS_OK, ms_spool_read(other, 0, got, sizeof got, &n,
	    NULL));
	assert_int_equal(6, n);
	assert_memory_equal("sealed", got, 6);
	assert_int_equal(MS_OK, ms_spool_seal(other, &fd, NULL));
	check_sealed(fd, 6);
	(void)close(fd);
	ms_spool_free(other);
	assert_int_equal(4, pwrite(open_fd, "open", 4, 0));
	assert_null(ms_spool_adopt(open_fd, 4));
	assert_int_equal(0, fcntl(open_fd, F_ADD_SEALS, F_SEAL_SHRINK |
	    F_SEAL_GROW | F_SEAL_SEAL));
	assert_null(ms_spool_adopt(open_fd, 4));
	(void)close(open_fd);
	assert_null(ms_spool_adopt(fileno(file), 0));
	(void)fclose(file);
}

/* One spool for one content after another, small after large, too. */
static void
test_clear(void **state)
{
	static const struct ms_spool_config config = { 10, 20, "." };
	static const size_t sizes[] = { 5, 100000, 3, 15, 0, 25, 10 };
	struct ms_spool *spool = ms_spool_new(&config);

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
		unsigned char *want = content(sizes[i]);

		print_message("  %zu\n", sizes[i]);
		assert_int_equal(MS_OK, write_steps(spool, want, sizes[i], 4,
		    NULL));
		check_content(spool, want, sizes[i]);
		ms_spool_clear(spool);
		check_content(spool, want, 0);
		g_free(want);
	}
	ms_spool_free(spool);
}

/* A loan is of all bytes, also of those written since the last one. */
static void
test_map_after_write(void **state)
{
	static const struct ms_spool_config config = { 0, 0, "." };
	struct ms_spool *spool = ms_spool_new(&config);
	unsigned char *want = content(10000);

	(void)state;
	for (size_t at = 0; at < 10000; at += 2500) {
		assert_int_equal(MS_OK, ms_spool_write(spool, want + at,
		    2500, NULL));
		check_content(spool, want, at + 2500);
	}
	g_free(want);
	ms_spool_free(spool);
}

/* Where a written spool is. */
static enum place
place_after(struct ms_spool *spool, size_t size)
{
	unsigned char *data = content(size);
	enum place place;
	int fd;

	assert_int_equal(MS_OK, write_steps(spool, data, size, 7, NULL));
	check_content(spool, data, size);
	assert_int_equal(MS_OK, ms_spool_seal(spool, &fd, NULL));
	place = place_of(fd);
	assert_int_equal(0, close(fd));
	g_free(data);
	return place;
}

/* Several share what there is. */
static void
test_purse(void **state)
{
	const struct ms_spool_config config = { 10, 1000, "." }, memory = {
		10, 1000, NULL };
	struct ms_spool_purse purse = { 1500 };
	struct ms_spool *one = ms_spool_new(&config),
	    *two = ms_spool_new(&config), *three = ms_spool_new(&memory);

	(void)state;
	ms_spool_purse(one, &purse);
	ms_spool_purse(two, &purse);
	ms_spool_purse(three, &purse);
	assert_int_equal(MEMFD, place_after(one, 900));
	assert_int_equal(600, purse.left);
	assert_int_equal(DISK, place_after(two, 700));
	assert_int_equal(600, purse.left);
	ms_spool_clear(one);
	assert_int_equal(1500, purse.left);
	ms_spool_clear(two);
	assert_int_equal(MEMFD, place_after(two, 700));
	assert_int_equal(800, purse.left);
	ms_spool_clear(two);
	/* More than one may have: it is given back. */
	assert_int_equal(DISK, place_after(two, 1001));
	assert_int_equal(1500, purse.left);
	assert_int_equal(MEMFD, place_after(one, 800));
	/* There is no other place. */
	assert_int_equal(MEMFD, place_after(three, 900));
	ms_spool_free(one);
	ms_spool_free(two);
	ms_spool_free(three);
	assert_int_equal(1500, purse.left);
}

static void
test_no_dir(void **state)
{
	static const struct ms_spool_config config = { 4, 0, "./not/there" };
	struct ms_spool *spool = ms_spool_new(&config);
	struct ms_error err = { "" };

	(void)state;
	assert_int_equal(MS_OK, ms_spool_write(spool, "1234", 4, &err));
	assert_int_equal(MS_E_IO, ms_spool_write(spool, "5", 1, &err));
	assert_non_null(strstr(err.text, "./not/there"));
	/* What was there before is there still. */
	check_content(spool, (const unsigned char *)"1234", 4);
	ms_spool_free(spool);
}

/* The disk fills up at any byte; what was written before stays, and when
 * there is room again it goes on as if nothing had been. */
static void
test_no_space(void **state)
{
	static const struct ms_spool_config config = { 10, 20, "." };
	unsigned char *want = content(100);

	(void)state;
	for (size_t left = 0; left < 120; left++) {
		struct ms_spool *spool = ms_spool_new(&config);
		struct ms_error err = { "" };
		size_t kept;

		disk.left = left;
		disk.at_once = 5;
		if (write_steps(spool, want, 100, 6, &err) == MS_E_IO)
			assert_string_equal("temporary storage: "
			    "No space left on device", err.text);
		kept = (size_t)ms_spool_size(spool);
		if (kept < 100)
			assert_int_not_equal('\0', *err.text);
		check_content(spool, want, kept);
		disk.left = SIZE_MAX;
		assert_int_equal(MS_OK, ms_spool_write(spool, want + kept,
		    100 - kept, &err));
		check_content(spool, want, 100);
		ms_spool_free(spool);
	}
	g_free(want);
}

static void
test_random(void **state)
{
	const char *given = getenv("SPOOL_SEED");
	unsigned seed = given ? (unsigned)strtoul(given, NULL, 10) :
	    (unsigned)time(NULL);

	(void)state;
	print_message("seed %u\n", seed);
	srand(seed);
	for (int round = 0; round < 200; round++) {
		struct ms_spool_config config = { (size_t)rand() % 3000,
			(size_t)rand() % 6000, rand() % 3 ? "." : NULL };
		struct ms_spool *spool = ms_spool_new(&config);
		size_t size = (size_t)rand() % 9000, at = 0;
		unsigned char *want = content(size);

		while (at < size) {
			size_t n = (size_t)rand() % 2000;
			unsigned char *room;

			n = MIN(n, size - at);
			room = rand() % 2 ? ms_spool_room(spool, n +
			    (size_t)rand() % 500) : NULL;
			if (room) {
				/* Where there is no other place it is the
				 * heap. */
				assert_true(at + n <= config.heap_max ||
				    (config.memfd_max == 0 && !config.dir));
				memcpy(room, want + at, n);
				ms_spool_filled(spool, n);
			} else {
				assert_int_equal(MS_OK, ms_spool_write(spool,
				    want + at, n, NULL));
			}
			at += n;
			if (rand() % 4 == 0)
				check_content(spool, want, at);
		}
		check_content(spool, want, size);
		ms_spool_free(spool);
		g_free(want);
	}
}

static void
test_copy(void **state)
{
	const size_t size = 150000;
	unsigned char *want = content(size);
	struct ms_spool_config large = { 0, 1 << 20, NULL };
	struct ms_spool *from = ms_spool_new(&large);
	struct ms_spool *to = ms_spool_new(&large);
	struct ms_error err;
	int fd;

	(void)state;
	assert_int_equal(MS_OK, ms_spool_write(from, want, size, NULL));
	assert_int_equal(MS_OK, ms_spool_seal(from, &fd, NULL));
	assert_int_equal(MS_OK, ms_spool_copy(to, fd, 0, 70000, &err));
	assert_int_equal(MS_OK, ms_spool_copy(to, fd, 70000, 70000, &err));
	assert_int_equal(MS_OK, ms_spool_copy(to, fd, 70000, size, &err));
	check_content(to, want, size);
	assert_int_equal(MS_E_PEER, ms_spool_copy(to, fd, 0, size + 1, &err));
	assert_string_equal(err.text, "the message is shorter than was said");
	assert_int_equal(MS_E_IO, ms_spool_copy(to, -1, 0, 1, &err));
	ms_spool_free(to);
	/* There is no room for so much. */
	to = ms_spool_new(&large);
	disk.left = 1000;
	assert_int_equal(MS_E_IO, ms_spool_copy(to, fd, 0, size, &err));
	ms_spool_free(to);
	ms_spool_free(from);
	(void)close(fd);
	g_free(want);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_places, reset_disk),
		cmocka_unit_test_setup(test_seal, reset_disk),
		cmocka_unit_test_setup(test_busy, reset_disk),
		cmocka_unit_test_setup(test_copy, reset_disk),
		cmocka_unit_test_setup(test_adopt, reset_disk),
		cmocka_unit_test_setup(test_clear, reset_disk),
		cmocka_unit_test_setup(test_map_after_write, reset_disk),
		cmocka_unit_test_setup(test_purse, reset_disk),
		cmocka_unit_test_setup(test_no_dir, reset_disk),
		cmocka_unit_test_setup(test_no_space, reset_disk),
		cmocka_unit_test_setup(test_random, reset_disk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
