#include "report/htmlrow.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct ms_outcome *
outcome_new(const char *source, bool many, uint64_t index)
{
	struct ms_message message = { .origin = {
		.source = (char *)source,
		.many = many,
		.index = index,
	} };

	return ms_outcome_new(&message);
}

static void
expect(const char *want, const struct ms_htmlrow *row)
{
	GString *out = g_string_new("");

	ms_htmlrow_append(out, row);
	assert_string_equal(want, out->str);
	g_string_free(out, TRUE);
}

static void
test_rows(void **state)
{
	struct ms_outcome *outcome = outcome_new("a/<b>", true, 3);
	struct ms_finding finding = { .name = (char *)"N<",
		.part = (char *)"2/x.zip" };
	struct ms_gap gap = { .reason = MS_REASON_ENCRYPTED,
		.part = (char *)"1", .detail = (char *)"\"d\"" };
	struct ms_headers *headers = &outcome->facts.headers;

	(void)state;
	outcome->verdict = MS_VERDICT_INFECTED;
	expect("<tr><td class=\"infected\">infected<td>N&lt;<td>2/<wbr>x.zip"
	    "<td><td><td>a/<wbr>&lt;b&gt; <b>#3</b><td>\n",
	    &(struct ms_htmlrow){ outcome, &finding, NULL });
	headers->subject = g_strdup("s\n");
	headers->from = g_strdup("<f@g>");
	headers->message_id = g_strdup("<1@x>");
	headers->date = g_strdup("2026-01-01T00:30:00+01:00");
	ms_outcome_deed(outcome, "quarantine", MS_DEED_DONE, "20260101/x");
	ms_outcome_deed(outcome, "remove", MS_DEED_PENDING, NULL);
	ms_outcome_deed(outcome, "flag", MS_DEED_WOULD, NULL);
	ms_outcome_deed(outcome, "copy", MS_DEED_FAILED, "no <space>");
	expect("<tr><td class=\"encrypted\">encrypted<td>encrypted<small>"
	    "&quot;d&quot;</small><td>1<td>s\\x0a<small>&lt;f@g&gt;</small>"
	    "<small>&lt;1@x&gt;</small><td>2025-12-31 23:30<td>a/<wbr>&lt;b"
	    "&gt; <b>#3</b><td><p>quarantine<small>20260101/x</small>"
	    "<p>remove (pending)<p>would flag<p><em>copy failed</em><small>"
	    "no &lt;space&gt;</small>\n",
	    &(struct ms_htmlrow){ outcome, NULL, &gap });
	ms_outcome_free(outcome);
}

/* Neither finding nor gap, and dates that are none. */
static void
test_bare(void **state)
{
	static const char *const dates[][2] = {
		{ "yesterday <", "yesterday &lt;" },
		{ "2026-13-45T00:00:00Z", "2026-13-45T00:00:00Z" },
		{ "0001-01-01T00:00:00+14:00", "0001-01-01T00:00:00+14:00" },
		{ "9999-12-31T23:59:59-12:00", "9999-12-31T23:59:59-12:00" },
		{ "", "" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(dates); i++) {
		struct ms_outcome *outcome = outcome_new("m", false, 1);
		char *want = g_strdup_printf("<tr><td class=\"spam\">spam<td>"
		    "<td><td><td>%s<td>m<td>\n", dates[i][1]);

		outcome->verdict = MS_VERDICT_SPAM;
		outcome->facts.headers.date = g_strdup(dates[i][0]);
		expect(want, &(struct ms_htmlrow){ outcome, NULL, NULL });
		g_free(want);
		ms_outcome_free(outcome);
	}
}

/* However long it is what somebody sent, a row is one short line. */
static void
test_long(void **state)
{
	char *text = g_strnfill(65536, '<');
	struct ms_outcome *outcome = outcome_new(text, true, 1);
	struct ms_finding finding = { .name = text, .part = text };
	GString *out = g_string_new("");

	(void)state;
	outcome->facts.headers.subject = g_strdup(text);
	outcome->facts.headers.from = g_strdup(text);
	outcome->facts.headers.message_id = g_strdup(text);
	outcome->facts.headers.date = g_strdup(text);
	ms_htmlrow_append(out, &(struct ms_htmlrow){ outcome, &finding,
	    NULL });
	assert_in_range(out->len, 5000, 20000);
	assert_ptr_equal(out->str + out->len - 1, strchr(out->str, '\n'));
	g_string_free(out, TRUE);
	ms_outcome_free(outcome);
	g_free(text);
}

static void
test_mailboxes(void **state)
{
	static const struct {
		const char *source;
		bool many;
		const char *want;
	} cases[] = {
		{ "a/inbox.mbox", true, "a/inbox.mbox" },
		{ "a.tar/in.mbox", true, "a.tar/in.mbox" },
		{ "Maildir/cur/1:2,S", false, "Maildir" },
		{ "Maildir/.Sent/new/1", false, "Maildir/.Sent" },
		{ "cur/1", false, "." },
		{ "/cur/1", false, "/" },
		{ "mh/12", false, "mh" },
		{ "one.eml", false, "." },
		{ "/one.eml", false, "/" },
		{ "-", false, "-" },
		{ "", false, "." },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		const struct ms_origin origin = {
			.source = (char *)cases[i].source,
			.many = cases[i].many,
		};
		char *got = ms_htmlrow_mailbox(&origin);

		print_message("  %s\n", cases[i].source);
		assert_string_equal(cases[i].want, got);
		g_free(got);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_bare),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_mailboxes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
