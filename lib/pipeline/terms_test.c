#include "pipeline/terms.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const char *const one_password[] = { "secret", NULL };
static const char *const two_passwords[] = { "secret", "s", NULL };

/* A change in either configuration changes the digest; SAME says that this one
 * must not. */
static const struct {
	struct ms_pipeline_config pipeline;
	struct ms_source_config source;
	bool same;
} cases[] = {
	{ .same = true },
	{ .pipeline = { .workers = 3, .parts = true, .tree = true,
		.keep_found = true, .keep_gaps = true }, .same = true },
	{ .source = { .recurse = true, .since = 1, .until = 2,
		.cross_fs = true }, .same = true },
	{ .pipeline = { .engine = { .official_only = true } } },
	{ .pipeline = { .engine = { .detect_pua = true } } },
	{ .pipeline = { .engine = { .alerts = 1 } } },
	{ .pipeline = { .engine = { .max_filesize = 1 } } },
	{ .pipeline = { .engine = { .max_scansize = 1 } } },
	{ .pipeline = { .engine = { .max_files = 1 } } },
	{ .pipeline = { .engine = { .max_recursion = 1 } } },
	{ .pipeline = { .engine = { .max_scantime_ms = 1 } } },
	{ .pipeline = { .limits = { .part_bytes = 1 } } },
	{ .pipeline = { .limits = { .total_bytes = 1 } } },
	{ .pipeline = { .limits = { .ratio = 1 } } },
	{ .pipeline = { .limits = { .parts = 1 } } },
	{ .pipeline = { .limits = { .mime_depth = 1 } } },
	{ .pipeline = { .limits = { .archive_depth = 1 } } },
	{ .pipeline = { .limits = { .time_ms = 1 } } },
	{ .pipeline = { .parts_only = true } },
	{ .pipeline = { .all_matches = true } },
	{ .pipeline = { .doubt = true } },
	{ .pipeline = { .join = true } },
	{ .pipeline = { .passwords = one_password } },
	{ .pipeline = { .passwords = two_passwords } },
	{ .pipeline = { .passwords_from_body = true } },
	{ .pipeline = { .worker_memory = 1 } },
	{ .source = { .format = MS_SOURCE_MBOX } },
	{ .source = { .variant = MS_SOURCE_MBOXCL2 } },
	{ .source = { .message_max = 1 } },
	{ .source = { .start_reader = ms_pipeline_start_reader } },
};

#define CASES (sizeof cases / sizeof *cases)

static void
test_options(void **state)
{
	struct ms_digest digests[CASES];

	(void)state;
	for (size_t i = 0; i < CASES; i++) {
		digests[i] = ms_terms_options(&cases[i].pipeline,
		    &cases[i].source);
		for (size_t j = 0; j < i; j++)
			assert_int_equal(cases[i].same && cases[j].same,
			    ms_hash_equal(&digests[i], &digests[j]));
	}
}

static void
test_database(void **state)
{
	const struct ms_digest one = { { 1 } }, two = { { 2 } };
	const struct ms_digest digests[] = {
		ms_terms_database(&one, &one, "1.4"),
		ms_terms_database(&two, &two, "1.4"),
		ms_terms_database(&one, &two, "1.4"),
		ms_terms_database(&one, &one, "1.5"),
		ms_terms_database(&one, &one, NULL),
	};
	const struct ms_digest again = ms_terms_database(&one, &one, "1.4");

	(void)state;
	assert_true(ms_hash_equal(&again, &digests[0]));
	for (size_t i = 0; i < sizeof digests / sizeof *digests; i++)
		for (size_t j = 0; j < i; j++)
			assert_false(ms_hash_equal(&digests[i],
			    &digests[j]));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_options),
		cmocka_unit_test(test_database),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
