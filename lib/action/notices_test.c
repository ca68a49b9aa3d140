#include "action/notices.h"
#include "action/noticetext.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define HEADER "From: Eve <eve@example.net>\r\nSubject: caf\xc3\xa9\r\n" \
	"Message-ID: <1@example.net>\r\nX-Long: a\r\n b\r\n"

static struct ms_outcome *
outcome_of(const char *sender, const char *virus)
{
	static char source[] = "smtp";
	const struct ms_message message = {
		.origin = { .source = source, .format = "smtp" },
		.size = 1234,
	};
	struct ms_outcome *outcome = ms_outcome_new(&message);

	outcome->envelope = ms_envelope_new(sender);
	ms_envelope_add(outcome->envelope, "bob@example.org");
	ms_envelope_add(outcome->envelope, "\"|sh\"@example.org");
	ms_envelope_add(outcome->envelope, "carol@example.org");
	outcome->envelope->queue_id = g_strdup("v7.1");
	outcome->facts.headers.subject = g_strdup("caf\xc3\xa9\n.\nQUIT");
	outcome->facts.headers.message_id = g_strdup("<1@example.net>");
	if (virus)
		ms_facts_finding(&outcome->facts, "clamav", virus, "2/a.exe");
	outcome->verdict = ms_verdict_of(&outcome->facts);
	ms_outcome_deed(outcome, "reject", MS_DEED_DONE, "550 no");
	return outcome;
}

static GPtrArray *
make(const struct ms_notices_config *config, const char *sender,
    const char *virus, const char *message)
{
	struct ms_outcome *outcome = outcome_of(sender, virus);
	const struct ms_notices_case known = { .outcome = outcome,
		.client = "192.0.2.9", .kept = "20260101/7", .message = message,
		.size = strlen(message), .whole = true, .time = 1000000000 };
	GPtrArray *mails = g_ptr_array_new_with_free_func(
	    (GDestroyNotify)ms_notices_mail_free);
	struct ms_error err = { "" };

	assert_int_equal(ms_notices(config, &known, mails, &err), MS_OK);
	ms_outcome_free(outcome);
	return mails;
}

static const struct ms_notices_config all = {
	.who = MS_NOTICES_POSTMASTER | MS_NOTICES_RECIPIENTS |
	    MS_NOTICES_SENDER,
	.postmaster = "postmaster", .from = "MAILER-DAEMON",
	.host = "mx.example.org", .version = "mailscan 1",
};

static const char *
text_of(const GPtrArray *mails, guint i)
{
	return ((struct ms_notices_mail *)mails->pdata[i])->text->str;
}

static void
test_who(void **state)
{
	GPtrArray *mails = make(&all, "eve@example.net", "Bad.One",
	    HEADER "\r\nx");
	const struct ms_notices_mail *to_recipients = mails->pdata[1];

	(void)state;
	assert_int_equal(mails->len, 3);
	assert_non_null(strstr(text_of(mails, 0), "\nTo: postmaster\n"));
	assert_non_null(strstr(text_of(mails, 0),
	    "\nSubject: Virus intercepted: Bad.One\n"));
	assert_non_null(strstr(text_of(mails, 0),
	    "\nIt has not been accepted for delivery.\n"));
	assert_non_null(strstr(text_of(mails, 0), "2/a.exe"));
	assert_non_null(strstr(text_of(mails, 0), "20260101/7"));
	assert_non_null(strstr(text_of(mails, 0), "Auto-Submitted: auto-"));
	/* One of them could be an option, or worse. */
	assert_string_equal(to_recipients->to[0], "bob@example.org");
	assert_string_equal(to_recipients->to[1], "carol@example.org");
	assert_null(to_recipients->to[2]);
	assert_non_null(strstr(text_of(mails, 1),
	    "\nTo: undisclosed-recipients:;\n"));
	assert_non_null(strstr(text_of(mails, 2), "\nTo: eve@example.net\n"));
	/* A line of the subject's is none of ours. */
	assert_null(strstr(text_of(mails, 0), "\n.\n"));
	g_ptr_array_unref(mails);
	mails = make(&all, "eve@example.net", NULL, HEADER "\r\nx");
	assert_int_equal(mails->len, 0);
	g_ptr_array_unref(mails);
}

/* Promise: notices never loop. */
static void
test_never_loop(void **state)
{
	static const struct {
		const char *sender, *message;
		guint mails;
	} cases[] = {
		{ "eve@example.net", HEADER "\r\n", 3 },
		{ "", HEADER "\r\n", 2 },
		{ "MAILER-DAEMON@example.net", HEADER "\r\n", 2 },
		{ "eve@example.net", "Auto-Submitted: auto-replied\r\n\r\n",
		  2 },
		{ "eve@example.net", "Auto-Submitted: no\r\n\r\n", 3 },
		{ "eve@example.net", "auto-submitted:\r\n auto-x\r\n\r\n",
		  2 },
		{ "eve@example.net", "Precedence: bulk\r\n\r\n", 2 },
		{ "eve@example.net", "List-Id: <a.example>\r\n\r\n", 2 },
		{ "eve@example.net", "\r\nList-Id: <a.example>\r\n", 3 },
		{ "not an address", HEADER "\r\n", 2 },
	};
	GPtrArray *mails, *again;

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		print_message("  %zu\n", i);
		mails = make(&all, cases[i].sender, "Bad.One",
		    cases[i].message);
		assert_int_equal(mails->len, cases[i].mails);
		g_ptr_array_unref(mails);
	}
	/* What we have sent is found infected on its way. */
	mails = make(&all, "eve@example.net", "Bad.One", HEADER "\r\n");
	for (guint i = 0; i < mails->len; i++) {
		again = make(&all, "", "Bad.One", text_of(mails, i));
		assert_int_equal(again->len, 0);
		g_ptr_array_unref(again);
	}
	g_ptr_array_unref(mails);
}

/* What we have sent we know again, wherever it has been; what only looks like
 * it keeps nothing from the postmaster. */
static void
test_proofs(void **state)
{
	static const char forged[] = "Message-ID: <mailscan.1@x>\r\n"
	    "Auto-Submitted: auto-generated\r\n\r\nx";
	struct ms_notices_config config[2] = { all, all };
	GPtrArray *mails, *next;
	unsigned sent = 0;

	(void)state;
	config[0].key = "one", config[1].key = "the other";
	mails = make(&config[0], "", "Bad.One", forged);
	assert_int_equal(mails->len, 1);
	assert_non_null(strstr(text_of(mails, 0), "\nTo: postmaster\n"));
	assert_null(strstr(text_of(mails, 0), "\nReferences:"));
	g_ptr_array_unref(mails);
	mails = make(&config[0], "eve@example.net", "Bad.One", HEADER "\r\n");
	assert_int_equal(mails->len, 3);
	/* Whoever is not the postmaster could use a proof for himself. */
	for (guint i = 0; i < mails->len; i++) {
		next = make(&config[0], i == 1 ? "" : "e@x", "Bad.One",
		    text_of(mails, i));
		assert_int_equal(next->len, i == 0 ? 0 : i == 1 ? 1 : 2);
		g_ptr_array_unref(next);
	}
	/* Each postmaster has his mailbox at the other's. */
	for (unsigned at = 1; mails->len > 0; at = !at) {
		GPtrArray *all_next = g_ptr_array_new_with_free_func(
		    (GDestroyNotify)ms_notices_mail_free);

		for (guint i = 0; i < mails->len; i++) {
			next = make(&config[at], "", "Bad.One",
			    text_of(mails, i));
			g_ptr_array_extend_and_steal(all_next, next);
		}
		sent += all_next->len;
		assert_true(sent < 20);
		g_ptr_array_unref(mails);
		mails = all_next;
	}
	/* One of each of the three, and one of those of which two are no
	 * proofs. */
	assert_int_equal(sent, 5);
	g_ptr_array_unref(mails);
}

static void
test_texts(void **state)
{
	struct ms_notices_config config = all;
	GPtrArray *mails;

	(void)state;
	config.who = MS_NOTICES_POSTMASTER;
	config.template = "%v %% \\%v \\$ ${file}\n$mail_addr$ %q\n%h--\n";
	config.fields = "X-A: 1\n 2\nSubject: mine\nX-B: 3\n";
	config.headers = true;
	mails = make(&config, "eve@example.net", "Bad.One", HEADER "\r\nbody");
	assert_non_null(strstr(text_of(mails, 0), "\nSubject: mine\n"));
	assert_non_null(strstr(text_of(mails, 0), "\nX-A: 1\n 2\nX-B: 3\n"));
	assert_non_null(strstr(text_of(mails, 0),
	    "Bad.One % %v $ 2/a.exe\neve@example.net 20260101/7\n"
	    "From: Eve <eve@example.net>\nSubject: caf=C3=A9\n"));
	assert_non_null(strstr(text_of(mails, 0), "X-Long: a\n b\n--\n"));
	assert_null(strstr(text_of(mails, 0), "body"));
	g_ptr_array_unref(mails);
	config.template = NULL;
	mails = make(&config, "eve@example.net", "Bad.One", HEADER "\r\nbody");
	assert_non_null(strstr(text_of(mails, 0), "The header of the message:"
	    "\n\nFrom: Eve"));
	g_ptr_array_unref(mails);
}

static void
test_phishing(void **state)
{
	struct ms_notices_config config = all;
	GPtrArray *mails;

	(void)state;
	config.who = 0;
	config.phishing = "phish@example.com";
	mails = make(&config, "eve@example.net", "Bad.One", HEADER "\r\nb\n");
	assert_int_equal(mails->len, 0);
	g_ptr_array_unref(mails);
	mails = make(&config, "eve@example.net",
	    "Heuristics.Phishing.Email.SpoofedDomain", HEADER "\r\nb\n");
	assert_int_equal(mails->len, 1);
	assert_non_null(strstr(text_of(mails, 0),
	    "Content-Type: message/rfc822\nContent-Transfer-Encoding: 8bit\n"));
	assert_non_null(strstr(text_of(mails, 0), "\n\nFrom: Eve "
	    "<eve@example.net>\nSubject: caf\xc3\xa9\n"));
	assert_non_null(strstr(text_of(mails, 0), "\n b\n\nb\n\n--mailscan."));
	g_ptr_array_unref(mails);
}

/* Who collects what may be none. */
static void
test_false_phishing(void **state)
{
	static const char name[] = "Html.Phishing.Bank-1";
	static const char known[] = "Authentication-Results: mx.test; spf=pass"
	    " smtp.mailfrom=eve@example.net\r\n" HEADER "\r\nb\n";
	struct ms_notices_config config = all;
	GPtrArray *mails;

	(void)state;
	config.who = 0;
	config.false_phishing = "maybe@example.com";
	config.trusted = "mx.test";
	mails = make(&config, "eve@example.net", name, HEADER "\r\nb\n");
	assert_int_equal(mails->len, 0);
	g_ptr_array_unref(mails);
	config.phishing = "phish@example.com";
	mails = make(&config, "eve@example.net", name, HEADER "\r\nb\n");
	assert_int_equal(mails->len, 1);
	assert_non_null(strstr(text_of(mails, 0), "To: phish@example.com\n"));
	g_ptr_array_unref(mails);
	mails = make(&config, "eve@example.net", name, known);
	assert_int_equal(mails->len, 1);
	assert_non_null(strstr(text_of(mails, 0), "To: maybe@example.com\n"));
	g_ptr_array_unref(mails);
	config.trusted = "other.test";
	mails = make(&config, "eve@example.net", name, known);
	assert_non_null(strstr(text_of(mails, 0), "To: phish@example.com\n"));
	g_ptr_array_unref(mails);
}

static void
test_wrong_texts(void **state)
{
	static const struct {
		const char *text, *place;
	} templates[] = {
		{ "ok\n%z", "line 2: \"%z\"" },
		{ "\n\n${nobody} x", "line 3: \"${nobody}\"" },
		{ "$virus", "line 1: \"$virus\"" },
		{ "%", "line 1: \"%\"" },
		{ "\xff", "UTF-8" },
	}, fields[] = {
		{ "X-A: 1\nno field\n", "line 2: \"no field\"" },
		{ " X: 1\n", "line 1" },
		{ "X: 1\nTo: x\n", "every notice" },
		{ "Content-Type: text/plain; charset=koi8-r\n", "UTF-8" },
		{ "X: \xc3\xa9\n", "ASCII" },
		{ "X: 1\n\nbody", "line 2" },
	};
	struct ms_error err;

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(templates); i++) {
		assert_int_equal(ms_noticetext_check(templates[i].text, &err),
		    MS_E_USAGE);
		assert_non_null(strstr(err.text, templates[i].place));
	}
	for (size_t i = 0; i < G_N_ELEMENTS(fields); i++) {
		assert_int_equal(ms_notices_check_fields(fields[i].text, &err),
		    MS_E_USAGE);
		assert_non_null(strstr(err.text, fields[i].place));
	}
	assert_int_equal(ms_notices_check_fields("X: 1\n 2\nSubject: a", &err),
	    MS_OK);
	for (size_t i = 0; i < ms_noticetext_names(); i++) {
		char *text = g_strdup_printf("${%s}$%s$",
		    ms_noticetext_name(i), ms_noticetext_name(i));

		assert_int_equal(ms_noticetext_check(text, &err), MS_OK);
		g_free(text);
	}
}

/* Every name has a value, and a long one is cut. */
static void
test_values(void **state)
{
	struct ms_notices_config config = all;
	GString *text = g_string_new(NULL);
	GPtrArray *mails;
	char *long_value;

	(void)state;
	for (size_t i = 0; i < ms_noticetext_names(); i++)
		g_string_append_printf(text, "${%s}\n", ms_noticetext_name(i));
	config.who = MS_NOTICES_POSTMASTER;
	config.template = text->str;
	mails = make(&config, "eve@example.net", "Bad.One", HEADER "\r\n");
	assert_non_null(strstr(text_of(mails, 0), "\nv7.1\nmx.example.org\n"));
	assert_non_null(strstr(text_of(mails, 0), "\n1234\n"));
	g_ptr_array_unref(mails);
	g_string_truncate(text, 0);
	long_value = g_strnfill(10000, 'x');
	ms_noticetext_value(long_value, text);
	assert_in_range(text->len, 1000, 3000);
	assert_true(g_str_has_suffix(text->str, "x..."));
	g_free(long_value);
	(void)g_string_free(text, TRUE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_who),
		cmocka_unit_test(test_never_loop),
		cmocka_unit_test(test_proofs),
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_phishing),
		cmocka_unit_test(test_false_phishing),
		cmocka_unit_test(test_wrong_texts),
		cmocka_unit_test(test_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
