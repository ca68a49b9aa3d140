#include "message/message.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* A copy has the same to say and strings of its own; absent stays absent. */
static void
test_copy(void **state)
{
	static const struct ms_origin cases[] = {
		{ .source = (char *)"a/b.mbox", .format = "mbox",
		  .many = true, .index = 3, .offset = 81920, .length = 77,
		  .flags = (char *)"FS", .delivered = 1000000000 },
		{ .source = (char *)"-", .delivered = -1 },
		{ .flags = (char *)"" },
		{ 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct ms_origin *from = &cases[i];
		struct ms_origin to;

		print_message("  %zu\n", i);
		memset(&to, 0xff, sizeof to);
		ms_message_origin_copy(&to, from);
		assert_int_equal(from->many, to.many);
		assert_int_equal(from->index, to.index);
		assert_int_equal(from->offset, to.offset);
		assert_int_equal(from->length, to.length);
		assert_int_equal(from->delivered, to.delivered);
		assert_ptr_equal(from->format, to.format);
		assert_int_equal(from->source == NULL, to.source == NULL);
		assert_int_equal(from->flags == NULL, to.flags == NULL);
		if (from->source) {
			assert_string_equal(from->source, to.source);
			assert_ptr_not_equal(from->source, to.source);
		}
		if (from->flags) {
			assert_string_equal(from->flags, to.flags);
			assert_ptr_not_equal(from->flags, to.flags);
		}
		ms_message_origin_clear(&to);
		assert_null(to.source);
		assert_null(to.flags);
		ms_message_origin_clear(&to);
	}
}

/* All that a message owns goes with it: the sanitizer looks. */
static void
test_frees_all(void **state)
{
	const struct ms_spool_config config = { .heap_max = 100 };
	struct ms_message *message = g_new0(struct ms_message, 1);

	(void)state;
	message->origin.source = g_strdup("x");
	message->origin.flags = g_strdup("F");
	message->body = ms_spool_new(&config);
	assert_int_equal(MS_OK,
	    ms_spool_write(message->body, "x", 1, NULL));
	ms_message_free(message);
	ms_message_free(g_new0(struct ms_message, 1));
	ms_message_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_copy),
		cmocka_unit_test(test_frees_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
