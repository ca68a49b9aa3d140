#include "replay/cue.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* One step of a recording: "MAIL FROM:<a>" and its reply; "" is what comes
 * after DATA. A code of 0: the server said nothing, and closed. */
struct recording {
	const char *line;
	int code;
	const char *text;
};

static struct ms_role *
record(const struct recording *recording, size_t count)
{
	struct ms_role *role = ms_role_new();

	ms_role_answer(role, ms_role_step(role, 0), 220, "mail.example");
	for (size_t i = 0; i < count && recording[i].line; i++) {
		const struct recording *r = &recording[i];
		struct ms_step step = { .kind = MS_STEP_CONTENT };
		char **words = g_strsplit(r->line, " ", 2);

		if (*r->line)
			step = ms_role_command(words[0], words[1]);
		step.silent = r->code == 0;
		step.secure = strcmp(r->line, "STARTTLS") == 0 &&
		    strcmp(r->text, "known") == 0;
		ms_role_insert(role, role->steps->len - 1, &step);
		if (r->code)
			ms_role_answer(role, ms_role_step(role,
			    role->steps->len - 2), r->code, r->text);
		g_strfreev(words);
	}
	return role;
}

static const char *const kinds[] = { "other", "more", "less", "gone" };

/* Surprises in words: "less NOOP", "more VRFY x (503 ..)". */
static char *
words_of(const struct ms_acted *acted)
{
	GString *out = g_string_new(NULL);

	for (guint i = 0; i < acted->surprises->len; i++) {
		const struct ms_surprise *s = &g_array_index(acted->surprises,
		    struct ms_surprise, i);

		g_string_append_printf(out, "%s%s", i ? "; " : "",
		    kinds[s->kind]);
		if (s->recorded)
			g_string_append_printf(out, " -%s", s->recorded);
		if (s->received)
			g_string_append_printf(out, " +%s", s->received);
		if (s->reply)
			g_string_append_printf(out, " =%.3s", s->reply);
	}
	return g_string_free(out, FALSE);
}

/* Say LINES (with "|" between, "." is content) and see what codes come. */
static void
say(struct ms_cue *cue, const char *lines, GString *codes)
{
	char **line = g_strsplit(lines, "|", -1);

	for (size_t i = 0; line[i] && *lines; i++) {
		char **words = g_strsplit(line[i], " ", 2);
		const bool content = strcmp(line[i], ".") == 0;
		struct ms_cue_reply reply;

		ms_cue_said(cue, content ? MS_STEP_CONTENT : MS_STEP_COMMAND,
		    content ? "" : words[0], line[i], strlen(line[i]));
		ms_cue_reply(cue, 0, &reply);
		g_string_append_printf(codes, "%s%d", i ? " " : "",
		    reply.code);
		g_free(reply.text);
		g_strfreev(words);
	}
	g_strfreev(line);
}

#define SESSION { "EHLO a", 250, "x" }, { "MAIL FROM:<a>", 251, "x" }, \
	{ "RCPT TO:<b>", 252, "x" }, { "RCPT TO:<c>", 550, "x" }, \
	{ "DATA", 354, "x" }, { "", 253, "x" }, { "RSET", 254, "x" }, \
	{ "MAIL FROM:<d>", 255, "x" }, { "RCPT TO:<e>", 256, "x" }, \
	{ "DATA", 354, "x" }, { "", 554, "x" }, { "QUIT", 221, "x" }

static void
test_order(void **state)
{
	static const struct recording session[] = { SESSION };
	static const struct {
		const char *said, *codes, *surprises;
		enum ms_expect expect;
	} cases[] = {
		{ "EHLO a|MAIL FROM:<a>|RCPT TO:<b>|RCPT TO:<c>|DATA|.|RSET|"
		    "MAIL FROM:<d>|RCPT TO:<e>|DATA|.|QUIT",
		    "250 251 252 550 354 253 254 255 256 354 554 221", "",
		    MS_EXPECT_EXACT },
		/* Other names are the same verbs. */
		{ "EHLO z|MAIL FROM:<z>|RCPT TO:<y>|RCPT TO:<x>|DATA|.|RSET|"
		    "MAIL FROM:<d>|RCPT TO:<e>|DATA|.|QUIT",
		    "250 251 252 550 354 253 254 255 256 354 554 221", "",
		    MS_EXPECT_CODES },
		{ "EHLO z|MAIL FROM:<a>|RCPT TO:<y>|RCPT TO:<c>|DATA|.|RSET|"
		    "MAIL FROM:<d>|RCPT TO:<e>|DATA|.|QUIT",
		    "250 251 252 550 354 253 254 255 256 354 554 221",
		    "other -EHLO a +EHLO z; other -RCPT TO:<b> +RCPT TO:<y>",
		    MS_EXPECT_EXACT },
		/* What is left out is passed over. */
		{ "MAIL FROM:<a>|RCPT TO:<b>|DATA|.|MAIL FROM:<d>|RCPT TO:<e>|"
		    "DATA|.|QUIT", "251 252 354 253 255 256 354 554 221",
		    "less -EHLO a; less -RCPT TO:<c>; less -RSET",
		    MS_EXPECT_CODES },
		/* A transaction is not left for what comes in the next. */
		{ "EHLO a|MAIL FROM:<a>|RCPT TO:<b>|RCPT TO:<c>|RCPT TO:<f>|"
		    "DATA|.|DATA", "250 251 252 550 550 354 253 503",
		    "more +RCPT TO:<f> =550; more +DATA =503; gone -RSET, "
		    "and 5 more", MS_EXPECT_CODES },
		/* A hello too many, and what nobody asked for. */
		{ "EHLO a|EHLO b|NOOP|RSET|VRFY x|XYZ|MAIL FROM:<a>",
		    "250 250 250 250 252 503 251", "more +EHLO b =250; "
		    "more +NOOP =250; more +RSET =250; more +VRFY x =252; "
		    "more +XYZ =503; gone -RCPT TO:<b>, and 9 more",
		    MS_EXPECT_CODES },
		{ "", "", "gone -EHLO a, and 11 more", MS_EXPECT_CODES },
		{ "EHLO a|QUIT|MAIL FROM:<z>", "250 221 503", "",
		    MS_EXPECT_NONE },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct ms_role *role = record(session, G_N_ELEMENTS(session));
		struct ms_acted *acted = ms_acted_new(role, 1, "test");
		struct ms_cue *cue = ms_cue_new(role, false, cases[i].expect,
		    acted);
		GString *codes = g_string_new(NULL);
		char *words;

		say(cue, cases[i].said, codes);
		ms_cue_end(cue);
		words = words_of(acted);
		assert_string_equal(cases[i].codes, codes->str);
		assert_string_equal(cases[i].surprises, words);
		g_free(words);
		g_string_free(codes, TRUE);
		ms_cue_free(cue);
		ms_acted_free(acted);
		ms_role_free(role);
	}
}

/* STARTTLS is offered to those who can have it. */
static void
test_tls(void **state)
{
	static const struct recording known[] = {
		{ "EHLO a", 250, "first\nSTARTTLS\nSIZE 1" },
		{ "STARTTLS", 220, "known" },
		{ "EHLO a", 250, "second\nSIZE 2" }, { "QUIT", 221, "x" },
	}, unknown[] = {
		{ "EHLO a", 250, "first\nSIZE 1\nStartTLS" },
		{ "STARTTLS", 220, "unknown" },
	}, refused[] = {
		{ "EHLO a", 250, "first\nSTARTTLS" },
		{ "STARTTLS", 454, "refused" },
	};
	static const struct {
		const struct recording *recording;
		size_t count;
		bool can;
		const char *said, *first, *codes, *surprises;
	} cases[] = {
		{ known, 4, true, "EHLO a|STARTTLS|EHLO a|QUIT",
		    "250-first\r\n250-STARTTLS\r\n250 SIZE 1\r\n",
		    "250 220 250 221", "" },
		{ known, 4, false, "EHLO a|QUIT",
		    "250-second\r\n250 SIZE 2\r\n", "250 221", "" },
		{ known, 4, false, "EHLO a|STARTTLS|QUIT",
		    "250-second\r\n250 SIZE 2\r\n", "250 454 221",
		    "more +STARTTLS =454" },
		{ unknown, 2, true, "EHLO a|MAIL FROM:<a>",
		    "250-first\r\n250 SIZE 1\r\n", "250 503",
		    "more +MAIL FROM:<a> =503" },
		{ refused, 2, true, "EHLO a|STARTTLS", "250 first\r\n",
		    "250 454", "" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct ms_role *role = record(cases[i].recording,
		    cases[i].count);
		struct ms_acted *acted = ms_acted_new(role, 1, "test");
		struct ms_cue *cue = ms_cue_new(role, cases[i].can,
		    MS_EXPECT_CODES, acted);
		GString *codes = g_string_new(NULL);
		struct ms_cue_reply reply;
		char *words, *lines;

		say(cue, "EHLO a", codes);
		ms_cue_reply(cue, 0, &reply);
		lines = ms_cue_lines(&reply);
		assert_string_equal(cases[i].first, lines);
		g_free(lines);
		g_free(reply.text);
		g_string_append_c(codes, ' ');
		say(cue, cases[i].said + strlen("EHLO a|"), codes);
		ms_cue_end(cue);
		words = words_of(acted);
		assert_string_equal(cases[i].codes, codes->str);
		assert_string_equal(cases[i].surprises, words);
		g_free(words);
		g_string_free(codes, TRUE);
		ms_cue_free(cue);
		ms_acted_free(acted);
		ms_role_free(role);
	}
}

/* What the server is known not to have answered, and what nobody heard. */
static void
test_silent(void **state)
{
	static const struct recording session[] = { { "EHLO a", 0, "" } };
	struct ms_role *role = record(session, 1);
	struct ms_acted *acted = ms_acted_new(role, 1, "test");
	struct ms_cue *cue = ms_cue_new(role, false, MS_EXPECT_CODES, acted);
	struct ms_cue_reply reply;
	char *lines;

	(void)state;
	ms_cue_greet(cue, &reply);
	lines = ms_cue_lines(&reply);
	assert_string_equal("220 mail.example\r\n", lines);
	g_free(lines);
	g_free(reply.text);
	ms_cue_said(cue, MS_STEP_COMMAND, "EHLO", "EHLO a", 6);
	ms_cue_reply(cue, 0, &reply);
	assert_int_equal(0, reply.code);
	lines = ms_cue_lines(&reply);
	assert_string_equal("", lines);
	g_free(lines);
	ms_role_step(role, 1)->silent = false;
	assert_true(ms_cue_is_last(cue));
	ms_cue_reply(cue, 0, &reply);
	assert_int_equal(250, reply.code);
	g_free(reply.text);
	ms_cue_free(cue);
	ms_acted_free(acted);
	ms_role_free(role);
}

/* Who only heard the client knows of an exchange that it went on. */
static void
test_login(void **state)
{
	const struct ms_step response = { .kind = MS_STEP_RESPONSE };
	struct ms_role *role = ms_role_new();
	struct ms_acted *acted = ms_acted_new(role, 1, "test");
	struct ms_step step = ms_role_command("AUTH", "LOGIN");
	struct ms_cue_reply reply;
	struct ms_cue *cue;

	(void)state;
	ms_role_insert(role, 1, &step);
	ms_role_insert(role, 2, &response);
	ms_role_insert(role, 3, &response);
	cue = ms_cue_new(role, false, MS_EXPECT_CODES, acted);
	for (size_t i = 0; i < 3; i++) {
		ms_cue_said(cue, i ? MS_STEP_RESPONSE : MS_STEP_COMMAND,
		    i ? "" : "AUTH", "x", 1);
		ms_cue_reply(cue, 0, &reply);
		assert_int_equal(i < 2 ? 334 : 235, reply.code);
		g_free(reply.text);
	}
	assert_int_equal(0, acted->count);
	ms_cue_free(cue);
	ms_acted_free(acted);
	ms_role_free(role);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_tls),
		cmocka_unit_test(test_silent),
		cmocka_unit_test(test_login),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
