#include "policy/settings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static char *
again(const struct ms_settings *settings)
{
	GString *text = g_string_new(NULL);

	ms_settings_print(settings, text);
	return g_string_free(text, FALSE);
}

static void
test_parse(void **state)
{
	static const struct {
		const char *text, *printed;
	} rows[] = {
		{ "", "" },
		{ " , ,", "" },
		{ "clam=yes,spam=no,attach=.txt:.com",
		  "clam=yes,spam=no,attach=.txt:.com" },
		{ "CLAM=Yes , Spam = NO trophie=1 spam-passthru=off",
		  "clam=yes,spam=no,trophie=yes,spam_passthru=no" },
		{ "sophie=yes,spam_hits=6.50", "trophie=yes,spam_hits=6.5" },
		{ "attach=.EXE::.Scr:", "attach=.exe:.scr" },
		{ "attach=", "attach=" },
		{ "attach=\"a b.exe:c,d\"", "attach=\"a b.exe:c,d\"" },
		{ "regex='^Subject\\: x'", "regex=\"raw\\:/^Subject\\: x/m\"" },
		{ "regex=http\\://x", "regex=raw\\:/http\\:\\/\\/x/m" },
		{ "regex=NAME=body\\:/x/i", "regex=NAME=body\\:/x/i" },
		{ "spamuser=Rcpt,qmailqueue=/bin/true",
		  "spamuser=Rcpt,qmailqueue=/bin/true" },
		{ "next=/bin/true", "qmailqueue=/bin/true" },
		{ "on_infected=quarantine+drop,on-spam=redirect:a@b",
		  "on_infected=quarantine+drop,on_spam=redirect:a@b" },
	};
	static const char *const wrong[] = { "clam", "clam=", "clam=maybe",
		"=yes", "what=yes", "clam=yes,clam=no", "spam_hits=x",
		"spam_hits=-1", "spam_hits=inf", "attach=\"a", "next=true",
		"on_infected=eat", "on_what=drop", "clam yes",
		"spamuser=../x", "spamuser='a b'" };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		struct ms_settings settings;
		struct ms_error err = { "" };
		char *text;

		if (ms_settings_parse(rows[i].text, &settings, &err) != MS_OK)
			fail_msg("%s: %s", rows[i].text, err.text);
		text = again(&settings);
		if (strcmp(text, rows[i].printed) != 0)
			fail_msg("%s: %s", rows[i].text, text);
		g_free(text);
		ms_settings_clear(&settings);
	}
	for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++) {
		struct ms_settings settings;
		struct ms_error err = { "" };

		if (ms_settings_parse(wrong[i], &settings, &err) !=
		    MS_E_FORMAT)
			fail_msg("%s", wrong[i]);
		assert_true(*err.text != '\0');
	}
}

static void
parse(const char *text, struct ms_settings *settings)
{
	struct ms_error err = { "" };

	if (ms_settings_parse(text, settings, &err) != MS_OK)
		fail_msg("%s: %s", text, err.text);
}

static void
test_over(void **state)
{
	struct ms_settings a, b;
	char *text;

	(void)state;
	parse("clam=yes,spam=yes,attach=.a,spamuser=x,on_spam=drop", &a);
	parse("spam=no,attach=.b:.c,on_spam=redirect:x@y", &b);
	assert_false(ms_settings_equal(&a, &b));
	ms_settings_over(&a, &b);
	text = again(&a);
	assert_string_equal(text, "clam=yes,spam=no,spamuser=x,attach=.b:.c,"
	    "on_spam=redirect:x@y");
	g_free(text);
	ms_settings_clear(&a);
	ms_settings_copy(&a, &b);
	assert_true(ms_settings_equal(&a, &b));
	ms_settings_clear(&a);
	ms_settings_clear(&b);
}

/* What the stricter of two is does not depend on which comes first. */
static void
test_strictest(void **state)
{
	static const struct {
		const char *a, *b, *both;
	} rows[] = {
		{ "clam=no,spam=no", "clam=yes,spam=no", "clam=yes,spam=no" },
		{ "spam=yes,spam_hits=5", "spam=yes,spam_hits=4",
		  "spam=yes,spam_hits=4" },
		{ "spam=no,spam_hits=1", "spam=yes,spam_hits=4",
		  "spam=yes,spam_hits=4" },
		{ "spam=yes,spam_passthru=yes", "spam=yes,spam_passthru=no",
		  "spam=yes,spam_passthru=no" },
		{ "attach=.a", "attach=.a", "attach=.a" },
		{ "spamuser=a", "spamuser=b", "spamuser=" },
		{ "next=/a", "next=/a", "qmailqueue=/a" },
		{ "on_spam=drop", "on_spam=reject", "on_spam=reject" },
		{ "on_spam=quarantine+tag", "on_spam=reject",
		  "on_spam=quarantine+reject" },
	};

	(void)state;
	for (size_t i = 0; i < 2 * G_N_ELEMENTS(rows); i++) {
		const bool turned = i % 2;
		struct ms_settings a, b;
		char *text, *on;

		parse(turned ? rows[i / 2].b : rows[i / 2].a, &a);
		parse(turned ? rows[i / 2].a : rows[i / 2].b, &b);
		ms_settings_strictest(&a, &b);
		text = again(&a);
		on = strstr(rows[i / 2].a, "on_") ? NULL :
		    strstr(text, ",on_");
		if (on)
			*on = '\0';
		if (strcmp(text, rows[i / 2].both) != 0)
			fail_msg("%zu: %s", i, text);
		g_free(text);
		ms_settings_clear(&a);
		ms_settings_clear(&b);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_over),
		cmocka_unit_test(test_strictest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
