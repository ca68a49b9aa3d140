#include "source/magic.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* detect_test.c has those that stand at the very start. */
static void
test_frames(void **state)
{
#define FRAME(size) "\x53\x2a\x4d\x18" size "\0\0\0"
#define CASE(want, at, text) { MS_MAGIC_##want, at, text, sizeof text - 1 }
	static const struct {
		enum ms_magic want;
		uint64_t at;
		const char *text;
		size_t size;
	} cases[] = {
		CASE(NONE, 0, ""), CASE(NONE, 0, "text"),
		CASE(STREAM, 0, "\x28\xb5\x2f\xfd"),
		CASE(ZIP, 0, "PK\3\4"),
		CASE(NONE, 0, "\x53\x2a\x4d\x18\0\0\0"),
		CASE(NONE, 8, FRAME("\0")), CASE(NONE, 9, FRAME("\1")),
		CASE(NONE, 9, FRAME("\1") "xtext"),
		CASE(STREAM, 9, FRAME("\1") "x\x28\xb5\x2f\xfd"),
		CASE(STREAM, 9, FRAME("\1") "x\x04\x22\x4d\x18"),
		CASE(STREAM, 19, FRAME("\1") "x" FRAME("\2")
		    "xy\x28\xb5\x2f\xfd"),
		CASE(NONE, 9, FRAME("\1") "xPK\3\4"),
		CASE(NONE, 0x100000007, "\x53\x2a\x4d\x18\xff\xff\xff\xff"),
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		/* Not a byte more than there is. */
		unsigned char *copy = malloc(cases[i].size + 1);
		uint64_t at;

		memcpy(copy + 1, cases[i].text, cases[i].size);
		print_message("  %zu\n", i);
		assert_int_equal(cases[i].want,
		    ms_magic(copy + 1, cases[i].size, &at));
		assert_int_equal(cases[i].at, at);
		free(copy);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_frames),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
