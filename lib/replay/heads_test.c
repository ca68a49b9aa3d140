#include "replay/heads.h"

#include <glib.h>

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* A header; its envelope as "sender: recipient recipient". */
static const struct row {
	const char *header, *envelope;
} rows[] = {
	{ "From: a@b\nTo: c@d\n", "a@b: c@d" },
	{ "From: \"A, B\" <a@b>\r\nTo: c@d, (x, y@z) E <e@f>\r\n\t, g@h\r\n",
	  "a@b: c@d e@f g@h" },
	{ "From: a@b\nSender: s@t\nReturn-Path: <r@p>\nTo: c@d\nCc: e@f\n"
	  "Bcc: g@h\nDelivered-To: x@y\n", "r@p: x@y" },
	{ "Return-Path: <>\nTo: c@d\n", ": c@d" },
	{ "X-Envelope-From: <a@b>\nReturn-Path: <r@p>\n"
	  "X-Envelope-To: <c@d>, <e@f>\nDelivered-To: x@y\n", "a@b: c@d e@f" },
	{ "TO: undisclosed recipients: ;\nCc: list: a@b, c@d;\n",
	  "?: a@b c@d" },
	{ "To: \"odd one\"@b, <\"a\\\"b\"@c>, <@r,@s:t@u>\n",
	  "?: \"odd one\"@b \"a\\\"b\"@c t@u" },
	{ "To: a b <c d>, postmaster, <>\n", "?: postmaster" },
	{ "To-Do: a@b\nTo: c@d\n", "?: c@d" },
	{ "From nobody\nFrom: a@b\nTo: c@d\n", "a@b: c@d" },
	{ "", "?:" },
	{ "To: (((((\nCc: \"\n", "?:" },
	{ "To: a@b\x01" "c, d@e\n", "?: d@e" },
};

static void
test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		struct ms_envelope *envelope = ms_envelope_new(NULL);
		GString *text = g_string_new(NULL);

		ms_heads((const unsigned char *)rows[i].header,
		    strlen(rows[i].header), envelope);
		g_string_printf(text, "%s:",
		    envelope->sender ? envelope->sender : "?");
		for (char **r = envelope->recipients; r && *r; r++)
			g_string_append_printf(text, " %s", *r);
		assert_string_equal(rows[i].envelope, text->str);
		g_string_free(text, TRUE);
		ms_envelope_free(envelope);
	}
}

/* What was known before stays. */
static void
test_known(void **state)
{
	static const char header[] = "From: a@b\nTo: c@d\n";
	struct ms_envelope *envelope = ms_envelope_new("x@y");

	(void)state;
	ms_envelope_add(envelope, "z@z");
	ms_heads((const unsigned char *)header, sizeof header - 1, envelope);
	assert_string_equal("x@y", envelope->sender);
	assert_int_equal(1, envelope->count);
	ms_envelope_free(envelope);
}

static void
test_many(void **state)
{
	GString *header = g_string_new("To: ");
	struct ms_envelope *envelope = ms_envelope_new(NULL);

	(void)state;
	for (int i = 0; i < 100000; i++)
		g_string_append(header, "a@b,");
	ms_heads((const unsigned char *)header->str, header->len, envelope);
	assert_int_equal(MS_HEADS_RECIPIENTS_MAX, envelope->count);
	ms_envelope_free(envelope);
	g_string_free(header, TRUE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_known),
		cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
