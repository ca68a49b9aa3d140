#ifndef MS_POUR_TEST_H
#define MS_POUR_TEST_H

#include "message/pour.h"

/*
 * What a decoder pours, as text: for its tests and its fuzz target.
 */
struct pour_test {
	struct ms_pour pour;
	struct ms_budget budget;
	struct ms_error err;
};

/* Ready to be poured into; pour_test_end() frees it. */
static inline struct pour_test *
pour_test_start(void)
{
	static const struct ms_budget_limits roomy = {
		.part_bytes = 1 << 20,
		.total_bytes = 1 << 20,
		.ratio = 1000,
		.parts = 100,
		.time_ms = 3600 * 1000,
	};
	static const struct ms_spool_config config = { .heap_max = 1 << 20 };
	struct pour_test *test = g_new0(struct pour_test, 1);

	ms_budget_init(&test->budget, &roomy);
	ms_pour_start(&test->pour, ms_spool_new(&config), &test->budget,
	    &test->err);
	return test;
}

/* What was poured, for the caller to free; NULL if anything failed. */
static inline GString *
pour_test_end(struct pour_test *test)
{
	const unsigned char *data = NULL;
	GString *out = NULL;
	size_t size = 0;

	if (ms_pour_end(&test->pour, &data, &size) == MS_OK)
		out = g_string_new_len((const char *)data, (gssize)size);
	ms_spool_free(test->pour.spool);
	g_free(test);
	return out;
}

#endif
