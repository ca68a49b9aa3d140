#include "smtp/gather.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "smtp/cuts_test.h"

struct gather_test {
	struct ms_gather gather;
	GString *log;
	uint64_t offset;
};

static void *
start(const void *setup)
{
	struct gather_test *test = g_new0(struct gather_test, 1);

	(void)setup;
	ms_gather_init(&test->gather);
	test->log = g_string_new(NULL);
	return test;
}

static void
take(void *arg, const void *data, size_t size)
{
	struct gather_test *test = arg;
	const struct ms_gather *gather = &test->gather;
	const char *p = data;

	while (size > 0) {
		size_t used;
		const enum ms_status status = ms_gather_feed(&test->gather, p,
		    size, 8, test->offset, &used);

		p += used;
		size -= used;
		test->offset += used;
		if (status == MS_OK)
			g_string_append_printf(test->log, "%.*s|%u @%d+%zu\n",
			    (int)gather->data_size, gather->data,
			    gather->flaws, (int)gather->offset, gather->size);
		else
			assert_int_equal(0, size);
	}
}

static GString *
end(void *arg)
{
	struct gather_test *test = arg;
	GString *log = test->log;

	ms_gather_clear(&test->gather);
	g_free(test);
	return log;
}

static const struct cuts_test gathered = { start, take, end, NULL };

static void
test_lines(void **state)
{
	static const struct {
		const char *in, *want;
	} cases[] = {
		{ "", "" },
		{ "a", "" },
		{ "a\r\n", "a|0 @0+3\n" },
		{ "a\nb\r\n", "a|8 @0+2\nb|0 @2+3\n" },
		{ "\r\n\n", "|0 @0+2\n|8 @2+1\n" },
		{ "a\r\r\n", "a\r|4 @0+4\n" },
		{ "a\rb\n", "a\rb|12 @0+4\n" },
		/* Eight bytes are the limit here. */
		{ "123456\r\nx\r\n", "123456|0 @0+8\nx|0 @8+3\n" },
		{ "1234567\r\nx\r\n", "1234567\r|1 @0+8\nx|0 @9+3\n" },
		{ "12345678\nx\r\n", "12345678|1 @0+8\nx|0 @9+3\n" },
		{ "12345678", "" },
		{ "123456789", "12345678|1 @0+8\n" },
		{ "12345678901234567890\r\nx\n", "12345678|1 @0+8\n"
		    "x|8 @22+2\n" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
		cuts_test_assert(&gathered, cases[i].in, strlen(cases[i].in),
		    cases[i].want);
}

static void
test_nul(void **state)
{
	GString *log = cuts_test_all(&gathered, "a\0b\r\n", 5, 1, NULL);

	(void)state;
	assert_non_null(log);
	assert_string_equal("a|2 @0+5\n", log->str);
	g_string_free(log, TRUE);
}

static void
test_skip(void **state)
{
	struct gather_test *test = start(NULL);
	GString *log;

	(void)state;
	/* Between lines nothing is left out, and in one its rest. */
	take(test, "a\r\n", 3);
	ms_gather_skip(&test->gather);
	take(test, "b\r\nc", 4);
	ms_gather_skip(&test->gather);
	take(test, "d\r\ne\r\nf", 7);
	ms_gather_reset(&test->gather);
	take(test, "g\r\n", 3);
	log = end(test);
	assert_string_equal("a|0 @0+3\nb|0 @3+3\ne|0 @10+3\ng|0 @14+3\n",
	    log->str);
	g_string_free(log, TRUE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_nul),
		cmocka_unit_test(test_skip),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
