#include "action/compact.h"

#include <glib.h>

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

/* Bytes of all kinds, so that none can be mistaken for another's. */
static GString *
make_bytes(size_t size)
{
	GRand *rand = g_rand_new_with_seed(4);
	GString *bytes = g_string_new(NULL);

	while (bytes->len < size)
		g_string_append_c(bytes, (char)g_rand_int(rand));
	g_rand_free(rand);
	return bytes;
}

#define SIZE 1000000
#define HOLES_MAX 3

static const struct {
	struct ms_compact_hole holes[HOLES_MAX];
	size_t count;
} cases[] = {
	{ { { 0, 1 } }, 1 },
	{ { { SIZE - 1, 1 } }, 1 },
	{ { { 0, SIZE } }, 1 },
	{ { { 1, SIZE - 2 } }, 1 },
	{ { { 5, 10 }, { 16, 1 }, { 300000, 400000 } }, 3 },
	{ { { 65536, 65536 }, { 131073, 65536 }, { 999990, 10 } }, 3 },
	{ { { 0, 0 } }, 0 },
};

static void
test_holes(void **state)
{
	GString *old = make_bytes(SIZE);

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct ms_lock_target box = { .name = "box", .path = "box" };
		struct ms_lock_config config = { .count = 0 };
		GString *want = g_string_new_len(old->str,
		    (gssize)old->len);
		struct ms_error err = { "" };
		struct ms_lock *lock;
		gsize size;
		char *text;

		assert_true(g_file_set_contents("box", old->str,
		    (gssize)old->len, NULL));
		box.fd = open("box", O_RDWR | O_CLOEXEC);
		box.dir = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		assert_int_equal(MS_OK, ms_lock_take(&box, &config, &lock,
		    &err));
		if (ms_compact(&box, lock, cases[i].holes, cases[i].count,
		    &err) != MS_OK)
			fail_msg("%zu: %s", i, err.text);
		ms_lock_give(lock);
		for (size_t k = cases[i].count; k > 0; k--)
			g_string_erase(want,
			    (gssize)cases[i].holes[k - 1].offset,
			    (gssize)cases[i].holes[k - 1].length);
		assert_true(g_file_get_contents("box", &text, &size, NULL));
		assert_int_equal(want->len, size);
		assert_memory_equal(want->str, text, size);
		assert_int_equal(-1, access(".box.mailscan-journal", F_OK));
		g_free(text);
		g_string_free(want, TRUE);
		assert_int_equal(0, close(box.fd));
		assert_int_equal(0, close(box.dir));
	}
	g_string_free(old, TRUE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_holes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
