#include "engine/scanf.h"

#include <dlfcn.h>
#include <glib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static const char *const texts[] = {
	"0", "7", "12&3", "00012", "4294967295", "4294967296", "999999999",
	"9999999999", "99999999999999999999999", "12,34", "12,", "12,x", ",3",
	" 5", "\t\n5", "+5", "-5", "- 5", "", " ", "x", "(1", "5x", "0x10",
	"1)>2,3", "\v8",
};

static int __attribute__((format(scanf, 2, 3)))
by_libc(const char *text, const char *format, ...)
{
	va_list list;
	int got;

	va_start(list, format);
	got = vsscanf(text, format, list);
	va_end(list);
	return got;
}

static void
test_reads_as_libc_does(void **state)
{
	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
		unsigned a[3] = { 77, 78, 79 }, b[3] = { 77, 78, 79 };

		assert_int_equal(ms_scanf_gnu(texts[i], "%u", &a[0]),
		    by_libc(texts[i], "%u", &b[0]));
		assert_int_equal(ms_scanf_gnu(texts[i], "%u,%u", &a[1],
		    &a[2]), by_libc(texts[i], "%u,%u", &b[1], &b[2]));
		assert_memory_equal(a, b, sizeof a);
		a[0] = b[0] = 77;
		assert_int_equal(ms_scanf_c99(texts[i], "%u", &a[0]),
		    by_libc(texts[i], "%u", &b[0]));
		assert_int_equal(a[0], b[0]);
	}
}

static void
test_other_formats_are_libcs(void **state)
{
	char word[8] = "";
	int number = 0;

	(void)state;
	assert_int_equal(ms_scanf_c99("12 ab", "%d %7s", &number, word), 2);
	assert_int_equal(number, 12);
	assert_string_equal(word, "ab");
	assert_int_equal(ms_scanf_gnu("-3 cd", "%d %7s", &number, word), 2);
	assert_int_equal(number, -3);
	assert_string_equal(word, "cd");
}

/* What other libraries in this process get. */
static void
test_libraries_are_led_here(void **state)
{
	(void)state;
	assert_ptr_equal(dlsym(RTLD_DEFAULT, "__isoc99_sscanf"),
	    (void *)(uintptr_t)ms_scanf_c99);
	assert_ptr_equal(dlsym(RTLD_DEFAULT, "sscanf"),
	    (void *)(uintptr_t)ms_scanf_gnu);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reads_as_libc_does),
		cmocka_unit_test(test_other_formats_are_libcs),
		cmocka_unit_test(test_libraries_are_led_here),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
