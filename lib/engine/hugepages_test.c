#include "engine/hugepages.h"

#include <dlfcn.h>
#include <glib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/mman.h>

#include <cmocka.h>

#define KIB ((size_t)1024)

static unsigned char *
map(size_t size)
{
	return ms_hugepages_map(NULL, size, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

/* Pieces are there, empty, apart from one another, and go one by one. */
static void
test_pieces(void **state)
{
	static const size_t sizes[] = { 256 * KIB, 4 * KIB, 2048 * KIB,
		5000 * KIB, 256 * KIB, 1900 * KIB };
	unsigned char *pieces[60];

	(void)state;
	ms_hugepages_begin();
	for (size_t i = 0; i < G_N_ELEMENTS(pieces); i++) {
		size_t size = sizes[i % G_N_ELEMENTS(sizes)];

		pieces[i] = map(size);
		assert_ptr_not_equal(MAP_FAILED, pieces[i]);
		for (size_t at = 0; at < size; at += 512)
			assert_int_equal(0, pieces[i][at]);
		memset(pieces[i], (int)i + 1, size);
		if (i == 30)
			ms_hugepages_end();
	}
	ms_hugepages_begin();
	ms_hugepages_end();
	for (size_t i = 0; i < G_N_ELEMENTS(pieces); i++) {
		size_t size = sizes[i % G_N_ELEMENTS(sizes)];

		assert_int_equal(i + 1, pieces[i][0]);
		assert_int_equal(i + 1, pieces[i][size / 2]);
		assert_int_equal(i + 1, pieces[i][size - 1]);
		assert_int_equal(0, munmap(pieces[i], size));
	}
}

/* What asks for more than memory is mmap()'s. */
static void
test_others(void **state)
{
	unsigned char *none;

	(void)state;
	ms_hugepages_begin();
	none = ms_hugepages_map(NULL, 8 * KIB, PROT_NONE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(MAP_FAILED, none);
	assert_int_equal(0, mprotect(none, 8 * KIB, PROT_READ));
	assert_int_equal(0, none[0]);
	assert_int_equal(0, munmap(none, 8 * KIB));
	assert_ptr_equal(MAP_FAILED, map(0));
	assert_ptr_equal(MAP_FAILED, ms_hugepages_map(NULL, 4 * KIB,
	    PROT_READ, MAP_PRIVATE, -1, 0));
	ms_hugepages_end();
}

static void
test_libraries_are_led_here(void **state)
{
	(void)state;
	assert_ptr_equal(dlsym(RTLD_DEFAULT, "mmap64"),
	    (void *)(uintptr_t)ms_hugepages_map);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pieces),
		cmocka_unit_test(test_others),
		cmocka_unit_test(test_libraries_are_led_here),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
