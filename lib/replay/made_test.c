#include "replay/made.h"

#include "replay/role_test.h"

/* A message, who is said to send it, and what is said. */
static const struct row {
	const char *message, *sender;
	const char *recipients[3];
	const char *known;		/* recipient in the mail queue */
	const char *role;		/* NULL: it cannot be sent */
} rows[] = {
	{ "From: a@b\nTo: c@d\n\n.\nx\ry", NULL, { NULL }, NULL,
	  "0 220; 1 [EHLO h|] 250; 2 [MAIL FROM:<a@b>|] 250; "
	  "3 [RCPT TO:<c@d>|] 250; 4 [DATA|] 354; "
	  "5 [From: a@b|To: c@d||..|x|y|.|] 250; 6 [QUIT|] 221; 7 end" },
	{ "x", "", { "a@b", "\xc3\xa4@b", NULL }, "no@body",
	  "0 220; 1 [EHLO h|] 250; 2 [MAIL FROM:<> SMTPUTF8|] 250; "
	  "3 [RCPT TO:<a@b>|] 250; 4 [RCPT TO:<\xc3\xa4@b>|] 250; "
	  "5 [DATA|] 354; 6 [x|.|] 250; 7 [QUIT|] 221; 8 end" },
	{ "From: a@b\nTo: c@d\n\n", NULL, { NULL }, "q@q",
	  "0 220; 1 [EHLO h|] 250; 2 [MAIL FROM:<a@b>|] 250; "
	  "3 [RCPT TO:<q@q>|] 250; 4 [DATA|] 354; "
	  "5 [From: a@b|To: c@d||.|] 250; 6 [QUIT|] 221; 7 end" },
	{ "x\n", NULL, { NULL }, NULL, NULL },
	{ "x\n", "a@b", { "c>d@e", NULL }, NULL, NULL },
	{ "x\n", "a\n@b", { "c@d", NULL }, NULL, NULL },
};

static void
test_rows(void **state)
{
	const struct ms_spool_config spool = { .heap_max = 1 << 16 };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		const struct row *row = &rows[i];
		const struct ms_made made = { "h", row->sender,
			row->recipients[0] ? row->recipients : NULL, spool };
		struct ms_message message = { .body = ms_spool_new(&spool) };
		struct ms_role *role;
		struct ms_error err = { "" };
		char *text;

		assert_int_equal(MS_OK, ms_spool_write(message.body,
		    row->message, strlen(row->message), NULL));
		if (row->known) {
			message.envelope = ms_envelope_new(NULL);
			ms_envelope_add(message.envelope, row->known);
		}
		if ((ms_made(&made, &message, &role, &err) == MS_OK) !=
		    (row->role != NULL))
			fail_msg("row %zu: %s", i, err.text);
		if (role) {
			text = role_describe(role);
			assert_string_equal(row->role, text);
			g_free(text);
		}
		ms_role_free(role);
		ms_envelope_free(message.envelope);
		ms_spool_free(message.body);
	}
}

/* What is not all there is not sent. */
static void
test_not_whole(void **state)
{
	const struct ms_made made = { .helo = "h" };
	const struct ms_message cut = { .cut = true }, large = {
		.omitted = 1 };
	struct ms_role *role;
	struct ms_error err;

	(void)state;
	assert_int_equal(MS_E_FORMAT, ms_made(&made, &cut, &role, &err));
	assert_int_equal(MS_E_FORMAT, ms_made(&made, &large, &role, &err));
	assert_null(role);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_not_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
