#include "source/item.h"

#include <glib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void
test_copies(void **state)
{
	char source[] = "a", flags[] = "S";
	struct ms_origin origin = {
		.source = source, .flags = flags, .index = 3
	};
	struct ms_source_item item;

	(void)state;
	assert_int_equal(MS_OK, ms_item_set(&item, MS_SOURCE_GONE, &origin,
	    "why"));
	source[0] = flags[0] = 'x';
	assert_int_equal(MS_SOURCE_GONE, item.kind);
	assert_string_equal("a", item.origin.source);
	assert_string_equal("S", item.origin.flags);
	assert_string_equal("why", item.text);
	assert_int_equal(3, item.origin.index);
	ms_source_item_clear(&item);
	assert_int_equal(MS_OK, ms_item_set_path(&item, MS_SOURCE_EMPTY, "p",
	    NULL));
	assert_string_equal("p", item.origin.source);
	assert_null(item.text);
	assert_int_equal(-1, item.origin.delivered);
	ms_source_item_clear(&item);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_copies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
