#include "milter/alter.h"

#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#define STATUS "X-Virus-Status: Clean"

static const char *const names[] = { "X-Virus-*", "X-Spam", NULL };
static const char *const fields[] = { "X-Virus-Scanned: us\r\n now", STATUS,
	NULL };

static const struct {
	const char *name, *header, *rewritten, *subject;
	const char *edits;	/* "-Name#1", "=Name#1: value", "+Name: value"
				 * with "|" behind each */
} cases[] = {
	{ "nothing there", "", NULL, NULL,
	  "+X-Virus-Status: Clean|+X-Virus-Scanned: us\n now|" },
	{ "forged ones go, the last first",
	  "A: 1\r\nx-virus-status: Clean\r\nX-SPAM: 1\r\nB: 2\r\n"
	  "X-Virus-Status:\r\n Clean\r\n\r\nX-Spam: body\r\n", NULL, NULL,
	  "-x-virus-status#2|-X-SPAM#1|-x-virus-status#1|"
	  "+X-Virus-Status: Clean|+X-Virus-Scanned: us\n now|" },
	{ "blanks before the colon, and a name that only begins so",
	  "X-Spam \t: 1\r\nX-Spammer: 2\r\n", NULL, NULL,
	  "-X-Spam#1|+X-Virus-Status: Clean|+X-Virus-Scanned: us\n now|" },
	{ "what is folded behind garbage is no field",
	  "garbage\r\n X-Spam: 1\r\n: 2\r\nA: 1",
	  "\rB: 1\r\nA: 1\r\n", NULL,
	  "+X-Virus-Status: Clean|+X-Virus-Scanned: us\n now|" },
	{ "a subject", "SUBJECT: hi\r\n you\r\nSubject: two\r\n", NULL,
	  "[Virus]",
	  "=Subject#1: [Virus] hi\n you|=Subject#2: [Virus] two|"
	  "+X-Original-Subject: two|+X-Original-Subject: hi\n you|"
	  "+X-Virus-Status: Clean|+X-Virus-Scanned: us\n now|" },
	{ "an empty subject", "Subject:\r\n", NULL, "[Virus]",
	  "=Subject#1: [Virus] |+X-Original-Subject:|"
	  "+X-Virus-Status: Clean|+X-Virus-Scanned: us\n now|" },
	{ "no subject", "A: 1\r\n", NULL, "[Virus]",
	  "+Subject: [Virus]|+X-Virus-Status: Clean|"
	  "+X-Virus-Scanned: us\n now|" },
	{ "rewritten", "A: 1\r\nB: 1\r\nB: 2\r\nC: 3\r\nX-Spam: 9\r\n\r\n",
	  "X-Spam-Flag: YES\r\nA: 1\r\nb: 1\r\nC: 4\r\nC: 5\r\nX-Spam: 8\r\n"
	  "\r\nbody", NULL,
	  "-X-Spam#1|-B#2|=C#1: 4|+C: 5|+X-Spam-Flag: YES|"
	  "+X-Virus-Status: Clean|+X-Virus-Scanned: us\n now|" },
	{ "rewritten, and a subject", "Subject: hi\r\n", "Subject: ho\r\n",
	  "[V]",
	  "=Subject#1: ho|=Subject#1: [V] ho|+X-Original-Subject: ho|"
	  "+X-Virus-Status: Clean|+X-Virus-Scanned: us\n now|" },
};

static char *
print(const GPtrArray *edits)
{
	GString *out = g_string_new(NULL);

	for (guint i = 0; i < edits->len; i++) {
		const struct ms_alter_edit *e = edits->pdata[i];

		g_string_append_printf(out, "%c%s", "-=+"[e->kind], e->name);
		if (e->number > 0)
			g_string_append_printf(out, "#%u", e->number);
		if (e->value)
			g_string_append_printf(out, ":%s", e->value);
		g_string_append_c(out, '|');
	}
	return g_string_free(out, FALSE);
}

static void
test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct ms_alter_config config = {
			.header = (const unsigned char *)cases[i].header,
			.size = strlen(cases[i].header),
			.rewritten = (const unsigned char *)
			    cases[i].rewritten,
			.names = names,
			.fields = fields,
			.subject = cases[i].subject,
		};
		GPtrArray *edits;
		char *text;

		if (cases[i].rewritten)
			config.rewritten_size = strlen(cases[i].rewritten);
		edits = ms_alter(&config);
		assert_non_null(edits);
		text = print(edits);
		if (strcmp(text, cases[i].edits) != 0)
			fail_msg("%s:\n%s\nand not\n%s", cases[i].name, text,
			    cases[i].edits);
		g_free(text);
		g_ptr_array_unref(edits);
	}
}

/* Nothing is to be done where nothing is wanted. */
static void
test_nothing(void **state)
{
	static const unsigned char header[] = "A: 1\r\n\r\n";
	const struct ms_alter_config config = { .header = header,
		.size = sizeof header - 1, .rewritten = header,
		.rewritten_size = sizeof header - 1 };
	GPtrArray *edits = ms_alter(&config);

	(void)state;
	assert_int_equal(edits->len, 0);
	g_ptr_array_unref(edits);
}

/* Many fields are a matter of their number, and there is an end to what is
 * compared. */
static void
test_many(void **state)
{
	GString *header = g_string_new(NULL);
	struct ms_alter_config config = { .names = names };
	GPtrArray *edits;

	(void)state;
	for (int i = 0; i < 200000; i++)
		g_string_append(header, "X-Virus-Status: Clean\r\nA: 1\r\n");
	config.header = (const unsigned char *)header->str;
	config.size = header->len;
	edits = ms_alter(&config);
	assert_int_equal(edits->len, 200000);
	assert_int_equal(((struct ms_alter_edit *)edits->pdata[0])->number,
	    200000);
	g_ptr_array_unref(edits);
	config.rewritten = config.header;
	config.rewritten_size = config.size;
	assert_null(ms_alter(&config));
	(void)g_string_free(header, TRUE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
