#include "replay/glimpse.h"

#include "replay/role_test.h"

static void
test_glimpses(void **state)
{
	static const struct {
		const char *dialogue;
		bool lmtp, tls;
	} rows[] = {
		{ "S 220 a|\nC LHLO b|\nC EHLO b|", true, false },
		{ "C lhlo b|", true, false },
		{ "S LHLO b|\nC EHLO b|\nC LHLO b|", false, false },
		{ "G\nC LHLO b|", true, false },
		{ "C LHL\nS 220 a|\nC O b|", false, false },
		{ "C \026\003\001", false, true },
		{ "C \026\001\003", false, false },
		{ "C \026", false, false },
		{ "S \026\003\001", false, false },
		{ "", false, false },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		struct ms_stash *stash = role_stash();
		struct ms_dialogue *dialogue = role_dialogue(stash,
		    rows[i].dialogue);
		struct ms_role *role;

		print_message("  %zu\n", i);
		assert_int_equal(rows[i].lmtp, ms_glimpse_lmtp(dialogue));
		assert_int_equal(MS_OK, ms_learn(dialogue, &role, NULL));
		assert_int_equal(rows[i].tls, ms_glimpse_tls(role));
		ms_role_free(role);
		ms_stash_free(stash);
	}
}

/* Of "EHLO b" and what follows it, however it was cut. */
static void
test_dot(void **state)
{
	static const struct {
		const char *dialogue;
		uint64_t start, end;
		bool dot;
	} rows[] = {
		{ "C EHLO b|.|", 0, 11, true },
		{ "C EHLO b|.|", 0, 10, true },	/* CR alone */
		{ "C EHLO b|.|", 0, 9, false },	/* no end of the line */
		{ "C EHLO b|.|", 8, 11, true },
		{ "C EHLO b|.|", 9, 11, false },
		{ "C EHLO b|\nS 250 a|\nC .\nS 250 b|\nC |", 0, 11, true },
		{ "C EHLO b|..|", 0, 12, false },
		{ "C EHLO b.|", 0, 9, false },
		{ "C EHLO b|", 0, 8, false },
		{ "C EHLO b||.||", 0, 15, false },	/* too far back */
		{ "C EHLO b|.|", 11, 11, false },
		{ "C EHLO b|.|", 0, 20, false },	/* past its end */
		{ "", 0, 0, false },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		struct ms_stash *stash = role_stash();
		struct ms_role *role;

		print_message("  %zu\n", i);
		assert_int_equal(MS_OK, ms_learn(role_dialogue(stash,
		    rows[i].dialogue), &role, NULL));
		assert_int_equal(rows[i].dot, ms_glimpse_dot(role,
		    rows[i].start, rows[i].end));
		ms_role_free(role);
		ms_stash_free(stash);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_glimpses),
		cmocka_unit_test(test_dot),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
