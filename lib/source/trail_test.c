#include "source/trail.h"

#include <glib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#define SIZE ((size_t)3 << 20)

static unsigned char data[SIZE];

static int
setup(void **state)
{
	GRand *random = g_rand_new_with_seed(7);

	(void)state;
	for (size_t i = 0; i < SIZE; i++)
		data[i] = (unsigned char)g_rand_int(random);
	g_rand_free(random);
	return 0;
}

/* Feed pieces of any size, mark places within reach. */
static void
test_marks(void **state)
{
	(void)state;
	for (unsigned seed = 1; seed <= 20; seed++) {
		GRand *random = g_rand_new_with_seed(seed);
		struct ms_trail *trail = ms_trail_new();
		size_t fed = 0, marked = 0;
		struct ms_memory_end end;
		struct ms_digest want;
		uint64_t index = 0;

		print_message("  seed %u\n", seed);
		while (fed < SIZE) {
			size_t size = (size_t)g_rand_int_range(random, 1,
			    200000);
			size_t least;

			size = MIN(SIZE - fed, size);
			ms_trail_feed(trail, data + fed, size);
			fed += size;
			least = MAX(marked, fed > MS_TRAIL_AHEAD ?
			    fed - MS_TRAIL_AHEAD : 0);
			marked = least + (size_t)g_rand_int_range(random, 0,
			    (gint)(fed - least) + 1);
			ms_trail_mark(trail, marked, ++index);
		}
		end = ms_trail_end(trail);
		want = ms_hash_of(data, marked);
		assert_int_equal(marked, end.offset);
		assert_int_equal(index, end.index);
		assert_true(ms_hash_equal(&want, &end.before));
		ms_trail_free(trail);
		g_rand_free(random);
	}
}

/* What begins at 0 has nothing before it; nor has what nobody marked. */
static void
test_nothing(void **state)
{
	struct ms_trail *trail = ms_trail_new();

	(void)state;
	assert_int_equal(0, ms_trail_end(trail).offset);
	ms_trail_feed(trail, data, 100);
	ms_trail_mark(trail, 0, 1);
	assert_int_equal(0, ms_trail_end(trail).offset);
	ms_trail_mark(trail, 101, 2);
	assert_int_equal(0, ms_trail_end(trail).offset);
	ms_trail_free(trail);
}

static void
check_follow(size_t size, size_t offset, size_t changed,
    enum ms_status want)
{
	static const struct ms_source_config config;
	struct ms_memory_end end = { .offset = offset, .index = 3,
		.before = ms_hash_of(data, offset) };
	struct ms_trail *trail = ms_trail_new();
	int fd = memfd_create("trail", MFD_CLOEXEC);
	struct ms_input *input;
	unsigned char byte;
	size_t got;

	data[changed] ^= 1;
	assert_int_equal(size, write(fd, data, size));
	data[changed] ^= 1;
	input = ms_input_file(fd, size);
	assert_int_equal(want, ms_trail_follow(trail, input, &end, &config,
	    NULL));
	if (want == MS_OK) {
		assert_int_equal(MS_OK, ms_input_read(input, &byte, 1, &got,
		    NULL));
		assert_int_equal(size > offset, got);
		if (got == 1 && offset != changed)
			assert_int_equal(data[offset], byte);
	}
	ms_input_free(input);
	ms_trail_free(trail);
}

static void
test_follow(void **state)
{
	(void)state;
	check_follow(300000, 200000, 250000, MS_OK);
	check_follow(300000, 200000, 200000, MS_OK);
	check_follow(300000, 200000, 199999, MS_END);
	check_follow(300000, 200000, 0, MS_END);
	check_follow(200000, 200000, SIZE - 1, MS_OK);
	check_follow(100000, 200000, SIZE - 1, MS_END);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_marks),
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_follow),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
