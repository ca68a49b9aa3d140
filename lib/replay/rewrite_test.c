#include "replay/rewrite.h"

#include "replay/role_test.h"

static void
test_check(void **state)
{
	static const struct {
		const char *rule;
		bool good;
	} rows[] = {
		{ "a@b=c@d", true }, { "b=d", true }, { "@b=d", true },
		{ "b=@d", true }, { "@b=@d", true },
		{ "a=x@b=c@d", true },	/* of the local part */
		{ "a@b=c=x@d", true },
		{ "a@b=d", false }, { "b=c@d", false }, { "a@b", false },
		{ "=d", false }, { "b=", false }, { "", false }, { "=", false },
		{ "b=d d", false }, { "a@b=c@d>", false }, { "a@b=@", false },
	};
	struct ms_error err;

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		print_message("  %s\n", rows[i].rule);
		assert_int_equal(rows[i].good ? MS_OK : MS_E_USAGE,
		    ms_rewrite_check(rows[i].rule, &err));
	}
}

/* What a line becomes, by these rules. */
static void
test_lines(void **state)
{
	static const char *const rules[] = { "A@b.example=x@y.example",
		"b.example=z.example", "@c.example=@d.example",
		"a=1@e.example=f@g.example", NULL };
	static const struct {
		const char *line, *want;
	} rows[] = {
		{ "MAIL FROM:<a@B.Example> SIZE=3",
		  "MAIL FROM:<x@y.example> SIZE=3" },
		{ "rcpt to:<o@b.EXAMPLE> NOTIFY=NEVER",
		  "rcpt to:<o@z.example> NOTIFY=NEVER" },
		{ "RCPT TO:<o@c.example>", "RCPT TO:<o@d.example>" },
		{ "RCPT TO:<a=1@e.example>", "RCPT TO:<f@g.example>" },
		{ "RCPT TO:<o@xb.example>", "RCPT TO:<o@xb.example>" },
		{ "RCPT TO:<o@b.example.org>", "RCPT TO:<o@b.example.org>" },
		{ "RCPT TO:<b.example@o>", "RCPT TO:<b.example@o>" },
		{ "MAIL FROM:<>", "MAIL FROM:<>" },
		{ "RCPT TO:<postmaster>", "RCPT TO:<postmaster>" },
		/* The address, and not what is like it in a parameter. */
		{ "RCPT TO:<o@b.example> ORCPT=rfc822;o@b.example",
		  "RCPT TO:<o@z.example> ORCPT=rfc822;o@b.example" },
		{ "VRFY a@b.example", "VRFY a@b.example" },
		{ "RCPT nonsense", "RCPT nonsense" },
		{ "RCPT", "RCPT" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		struct ms_stash *stash = role_stash();
		char *dialogue = g_strdup_printf("S 220 a|\nC %s|",
		    rows[i].line);
		char *want = g_strconcat(rows[i].want, "\r\n", NULL);
		struct ms_role *role;
		const struct ms_step *step;

		assert_int_equal(MS_OK, ms_learn(role_dialogue(stash,
		    dialogue), &role, NULL));
		ms_rewrite(role, rules);
		step = ms_role_step(role, 1);
		assert_string_equal(want, step->line);
		assert_int_equal(strlen(want), step->line_size);
		ms_role_free(role);
		ms_stash_free(stash);
		g_free(want);
		g_free(dialogue);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_check),
		cmocka_unit_test(test_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
