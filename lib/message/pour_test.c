#include "message/pour.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* What is poured is there, and what would be too much is told at the end. */
static void
test_limits(void **state)
{
	static const struct {
		size_t size;
		uint64_t part, total;
		enum ms_status want;
	} cases[] = {
		{ 0, 0, 0, MS_OK },
		{ 1, 1, 1, MS_OK },
		{ 100000, 100000, 100000, MS_OK },
		{ 100000, 99999, 100000, MS_E_LIMIT },
		{ 100000, 100000, 99999, MS_E_LIMIT },
	};
	const struct ms_spool_config config = { .heap_max = 1 << 20 };
	struct ms_spool *spool = ms_spool_new(&config);
	struct ms_pour *pour = g_new(struct ms_pour, 1);

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		const struct ms_budget_limits limits = {
			.part_bytes = cases[i].part,
			.total_bytes = cases[i].total,
			.time_ms = 3600 * 1000,
		};
		const unsigned char *data = NULL;
		struct ms_error err = { "" };
		struct ms_budget budget;
		size_t size = 0;

		print_message("  %zu\n", i);
		ms_budget_init(&budget, &limits);
		ms_pour_start(pour, spool, &budget, &err);
		for (size_t k = 0; k < cases[i].size; k++)
			ms_pour_byte(pour, (unsigned char)(k * 7));
		assert_int_equal(cases[i].want,
		    ms_pour_end(pour, &data, &size));
		if (cases[i].want != MS_OK) {
			assert_string_not_equal("", err.text);
			continue;
		}
		assert_int_equal(cases[i].size, size);
		for (size_t k = 0; k < size; k++)
			if (data[k] != (unsigned char)(k * 7))
				fail_msg("byte %zu", k);
	}
	g_free(pour);
	ms_spool_free(spool);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
