#include "scan/manner.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void
test_manner(void **state)
{
	struct ms_textform one, other;
	struct ms_content content = { .is_leaf = true,
		.data = (const unsigned char *)"x", .size = 1,
		.encoding = "X-UUencode" };
	uint64_t first;

	(void)state;
	ms_textform_init(&one);
	ms_textform_init(&other);
	ms_textform_charset(&one, "utf-7");
	ms_textform_charset(&other, "utf-8");
	/* Nobody asks. */
	assert_true(ms_manner_is_uu(&content));
	assert_int_equal(ms_manner(&content), 0);
	content.form = &one;
	first = ms_manner(&content);
	assert_int_not_equal(first, 0);
	assert_int_equal(first % 2, 0);
	content.form = &other;
	assert_int_not_equal(ms_manner(&content), 0);
	assert_int_not_equal(ms_manner(&content), first);
	content.encoding = "base64";
	assert_false(ms_manner_is_uu(&content));
	assert_int_equal(ms_manner(&content), 0);
	content.is_reading = true;
	assert_int_not_equal(ms_manner(&content), 0);
	content.encoding = NULL;
	content.is_reading = content.is_leaf = false;
	assert_int_equal(ms_manner(&content), 0);
	content.content_type = "message/rfc822";
	assert_int_equal(ms_manner(&content), 1);
	ms_textform_clear(&other);
	ms_textform_clear(&one);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_manner),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
