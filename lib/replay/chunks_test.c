#include "replay/chunks.h"

#include "replay/role_test.h"

static const struct ms_spool_config spool = { .heap_max = 1 << 20 };

/* What a role becomes; chunks are made, or undone. */
static const struct row {
	const char *name;
	bool make;
	const char *dialogue, *role;
} rows[] = {
	{ "two messages", true,
	  "S 220 a|\nC DATA|\nS 354 go|\nC ..a|b|.|\nS 250 one|\nC DATA|\n"
	  "S 354 go|\nC .|\nS 550 two|\nC QUIT|\nS 221 x|\nE",
	  "0 220; 1 [BDAT 7 LAST|.a|b|] 250; 2 [BDAT 0 LAST|] 550; "
	  "3 [QUIT|] 221; 4 end" },
	{ "refused DATA", true,
	  "S 220 a|\nC DATA|\nS 503 no|\nC QUIT|\nS 221 x|\nE",
	  "0 220; 1 [DATA|] 503; 2 [QUIT|] 221; 3 end" },
	{ "a message that was cut", true,
	  "S 220 a|\nC DATA|\nS 354 go|\nC ..half",
	  "0 220; 1 [DATA|] 354; 2 [..half]; 2 end" },
	{ "chunks already", true,
	  "S 220 a|\nC BDAT 1 LAST|x\nS 250 ok|\nE",
	  "0 220; 1 [BDAT 1 LAST|x] 250; 2 end" },
	{ "chunks of two messages, one in three", false,
	  "S 220 a|\nC BDAT 3|.|\nS 250 a|\nC BDAT 2|x\r\nS 250 b|\n"
	  "C BDAT 0 LAST|\nS 250 c|\nC BDAT 3 LAST|..a\nS 250 d|\n"
	  "C QUIT|\nS 221 x|\nE",
	  "0 220; 1 [DATA|]; 2 [..|x|.|] 250; 3 [DATA|]; 4 [...a|.|] 250; "
	  "5 [QUIT|] 221; 6 end" },
	{ "chunks without a last", false,
	  "S 220 a|\nC BDAT 1|x\nS 250 a|\nC RSET|\nS 250 b|\n"
	  "C BDAT 1 LAST|y\nS 250 c|\nE",
	  "0 220; 1 [BDAT 1|x] 250; 2 [RSET|] 250; 3 [DATA|]; "
	  "4 [y|.|] 250; 5 end" },
};

static char *
described(const struct row *row)
{
	struct ms_stash *stash = role_stash();
	struct ms_role *role;
	char *text;

	assert_int_equal(MS_OK, ms_learn(role_dialogue(stash, row->dialogue),
	    &role, NULL));
	assert_int_equal(MS_OK, (row->make ? ms_chunks_make :
	    ms_chunks_undo)(role, &spool, NULL));
	text = role_describe(role);
	ms_role_free(role);
	ms_stash_free(stash);
	return text;
}

static void
test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		char *text = described(&rows[i]);

		print_message("  %s\n", rows[i].name);
		assert_string_equal(rows[i].role, text);
		g_free(text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
