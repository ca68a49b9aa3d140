#include "scan/password.h"

#include "message/mime.h"

#include <glib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct ms_budget_limits roomy = {
	.part_bytes = 1 << 20,
	.total_bytes = 1 << 20,
	.ratio = 1000,
	.parts = 100,
	.mime_depth = 10,
	.archive_depth = 10,
	.time_ms = 3600 * 1000,
};

/* All candidates with blanks between. */
static char *
find(const char *message, const char *const *known)
{
	const struct ms_spool_config config = { .heap_max = 1 << 20 };
	struct ms_budget budget;
	struct ms_password_input input = {
		.data = (const unsigned char *)message,
		.size = strlen(message),
		.spool = &config,
		.budget = &budget,
		.known = known,
	};
	char **list, *text;

	ms_budget_init(&budget, &roomy);
	list = ms_password_find(&input);
	text = g_strjoinv(" ", list);
	g_strfreev(list);
	return text;
}

#define PLAIN "Content-Type: text/plain; charset=utf-8\n\n"
#define HTML "Content-Type: text/html; charset=utf-8\n\n"

/* What comes first is what counts. */
static void
test_order(void **state)
{
	static const struct {
		const char *name, *message, *want;
	} cases[] = {
		{ "behind", PLAIN "See this. The password is \"s3cret\".\n",
		  "is s3cret \"s3cret\"." },
		{ "next", PLAIN "Password: s3cret\n", "s3cret" },
		{ "no blank", PLAIN "Passwort:s3cret, bye\n", "s3cret s3cret,"
		  " bye" },
		{ "equals", PLAIN "pw=a b", "a b" },
		{ "before", PLAIN "a b c d e f g s3cret is the password\n",
		  "e f g s3cret is the" },
		{ "Spanish", PLAIN "La contrase\303\261a: s3cret\n", "s3cret" },
		{ "French", PLAIN "mot de passe\302\240: s3cret\n",
		  "s3cret" },
		{ "Russian", PLAIN "\320\237\320\260\321\200\320\276\320\273"
		  "\321\214: s3cret\n", "s3cret" },
		{ "Chinese", PLAIN "\345\257\206\347\240\201\357\274\232"
		  "s3cret\n", "s3cret" },
		{ "no word for it", PLAIN "one two\n", "one two" },
		{ "each once", PLAIN "x x x y x\n", "x y" },
		{ "HTML", HTML "<p>Password: <b>a&amp;b&lt;</b></p>\n",
		  "a&b a&b<" },
		{ "base64", "Content-Type: text/plain\n"
		  "Content-Transfer-Encoding: base64\n\n"
		  "UGFzc3dvcmQ6IHMzY3JldAo=\n", "s3cret" },
		{ "no text", "Content-Type: image/png\n\nPassword: s3cret\n",
		  "" },
		{ "nothing", "", "" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		char *text = find(cases[i].message, NULL);

		print_message("  %s: %s\n", cases[i].name, text);
		assert_true(g_str_has_prefix(text, cases[i].want));
		if (*cases[i].want == '\0')
			assert_string_equal("", text);
		g_free(text);
	}
}

static void
test_known(void **state)
{
	static const char *const known[] = { "infected", "a b", NULL };
	char *text = find(PLAIN "one infected\n", known);

	(void)state;
	assert_string_equal("infected a b one infected", text);
	g_free(text);
}

/* However much there is to read. */
static void
test_bounds(void **state)
{
	GString *message = g_string_new(PLAIN);
	char *text, **words;

	(void)state;
	for (int i = 0; i < 100000; i++)
		g_string_append_printf(message, "word%d ", i);
	text = find(message->str, NULL);
	words = g_strsplit(text, " ", -1);
	assert_int_equal(MS_PASSWORD_WORDS, g_strv_length(words));
	g_strfreev(words);
	g_free(text);
	g_string_assign(message, PLAIN "x ");
	for (int i = 0; i < 1000; i++)
		g_string_append_c(message, 'y');
	text = find(message->str, NULL);
	assert_string_equal("x", text);
	g_free(text);
	g_string_free(message, TRUE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_known),
		cmocka_unit_test(test_bounds),
	};

	ms_mime_start();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
