#include "message/head.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void
test_rows(void **state)
{
	static const struct {
		const char *text;
		size_t size, body, junk;
	} rows[] = {
		{ "", 0, 0, 0 },
		{ "A: b", 4, 4, 0 },
		{ "A: b\n\nc", 5, 6, 0 },
		{ "A: b\r\n\r\nc", 6, 8, 0 },
		{ "\nA: b", 0, 1, 0 },
		{ "\r\nA: b", 0, 2, 0 },
		{ "junk\nA: b\n\nc", 10, 11, 5 },
		{ "junk\nmore\n\nA: b", 10, 11, 0 },
		{ " A: b\nC: d\n\n", 11, 12, 6 },
		{ "junk", 4, 4, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const unsigned char *data =
		    (const unsigned char *)rows[i].text;
		size_t size = strlen(rows[i].text);

		print_message("  %zu\n", i);
		assert_int_equal(rows[i].size, ms_head_size(data, size,
		    SIZE_MAX));
		assert_int_equal(rows[i].body, ms_head_body(data, size));
		assert_int_equal(rows[i].junk, ms_head_junk(data, size));
	}
	assert_int_equal(3, ms_head_size((const unsigned char *)"A: b\n\n", 6,
	    3));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
