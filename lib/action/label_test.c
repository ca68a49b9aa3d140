#include "action/label.h"

#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#define OURS "X-Virus-Status: Clean\r\n"

static const char *const removed[] = { "X-Virus-*", "X-Spam", NULL };

static const struct {
	const char *name, *in, *out;
	unsigned removed;
} cases[] = {
	{ "ordinary", "A: 1\r\nB: 2\r\n\r\nbody\r\n",
	  OURS "A: 1\r\nB: 2\r\n\r\nbody\r\n", 0 },
	{ "forged", "A: 1\r\nX-Virus-Status: Clean\r\nB: 2\r\n\r\nbody",
	  OURS "A: 1\r\nB: 2\r\n\r\nbody", 1 },
	{ "forged, folded", "x-virus-status:\r\n Clean\r\n\tvery\r\nB: 2\r\n"
	  "\r\nX-Virus-Status: body\r\n",
	  OURS "B: 2\r\n\r\nX-Virus-Status: body\r\n", 1 },
	{ "forged, with blanks before the colon",
	  "X-VIRUS-Scanned \t: x\r\n\r\n", OURS "\r\n", 1 },
	{ "forged, twice", "X-Spam: 1\nX-Spam: 2\nX-Spammer: 3\n\nx\n",
	  OURS "X-Spammer: 3\n\nx\n", 2 },
	{ "the end of the header is missing", "A: 1\r\nX-Spam: 2",
	  OURS "A: 1\r\n", 1 },
	{ "a name alone", "A: 1\r\nX-Spam", OURS "A: 1\r\nX-Spam", 0 },
	{ "nothing", "", OURS "\r\n", 0 },
	{ "an empty line", "\r\nbody\r\n", OURS "\r\nbody\r\n", 0 },
	{ "no header", "hello world: this\r\nX-Spam: 2\r\n",
	  OURS "\r\nhello world: this\r\nX-Spam: 2\r\n", 0 },
	{ "no header and no line end", "hello", OURS "\r\nhello", 0 },
	{ "garbage in the header", "A: 1\r\ngarbage\r\n folded\r\nX-Spam: 2\r\n"
	  "\r\nx", OURS "A: 1\r\ngarbage\r\n folded\r\n\r\nx", 1 },
	{ "what is folded behind garbage stays",
	  "A: 1\r\nX-Spam: 1\r\ngarbage\r\n folded\r\n\r\n",
	  OURS "A: 1\r\ngarbage\r\n folded\r\n\r\n", 1 },
	{ "From_", "From a@b Thu Jan  1 00:00:00 1970\nX-Spam: 1\nA: 1\n\nx",
	  "From a@b Thu Jan  1 00:00:00 1970\n" OURS "A: 1\n\nx", 1 },
	{ "quoted From_", ">From a@b\r\nA: 1\r\n\r\nx",
	  ">From a@b\r\n" OURS "A: 1\r\n\r\nx", 0 },
	{ "begins folded", " x\r\nA: 1\r\n\r\n",
	  OURS "\r\n x\r\nA: 1\r\n\r\n", 0 },
	{ "From_ folded", "From x\r\n x\r\nX-Spam: 1\r\n\r\n",
	  "From x\r\n" OURS "\r\n x\r\nX-Spam: 1\r\n\r\n", 0 },
	{ "a CR alone ends nothing", "A: 1\rX-Spam: 1\r\nB: 2\r\n\r\n",
	  OURS "A: 1\rX-Spam: 1\r\nB: 2\r\n\r\n", 0 },
	{ "an empty name", "A: 1\r\n: 2\r\n\r\n",
	  OURS "A: 1\r\n: 2\r\n\r\n", 0 },
};

/* Feed the text in pieces of STEP bytes; 0: at random. */
static char *
labelled(const struct ms_label_config *config, const char *text, size_t step,
    unsigned *count)
{
	struct ms_label *label = ms_label_new(config);
	GString *out = g_string_new(NULL);
	size_t size = strlen(text);

	for (size_t at = 0, n; at < size; at += n) {
		n = step > 0 ? step : 1 + (size_t)rand() % 7;
		n = MIN(n, size - at);
		ms_label_feed(label, text + at, n, out);
	}
	ms_label_end(label, out);
	*count = ms_label_removed(label);
	ms_label_free(label);
	return g_string_free(out, FALSE);
}

static void
test_cases(void **state)
{
	static const size_t steps[] = { 100000, 1, 0, 0, 0 };
	const struct ms_label_config config = { removed, OURS, "\r\n", NULL };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		print_message("  %s\n", cases[i].name);
		for (size_t k = 0; k < G_N_ELEMENTS(steps); k++) {
			unsigned count;
			char *out = labelled(&config, cases[i].in, steps[k],
			    &count);

			assert_string_equal(cases[i].out, out);
			assert_int_equal(cases[i].removed, count);
			g_free(out);
		}
	}
}

/* Nothing to add: what is not removed stays as it is, also no header. */
static void
test_nothing_to_add(void **state)
{
	static const char *const texts[] = { "", "\r\n", "hello", "A: 1\r\n",
	    " x\n", "From x\nA: 1\n\n" };
	const struct ms_label_config config = { NULL, "", "\r\n", NULL };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
		unsigned count;
		char *out = labelled(&config, texts[i], 1, &count);

		assert_string_equal(texts[i], out);
		g_free(out);
	}
}

/* Names without end are no names, and cost nothing. */
static void
test_long(void **state)
{
	const struct ms_label_config config = { removed, OURS, "\r\n", NULL };
	char *name = g_strnfill(100000, 'x'), *in, *want, *out;
	unsigned count;

	(void)state;
	in = g_strconcat("A: 1\r\nX-Virus-", name, ": 1\r\nX-Spam: ", name,
	    "\r\n\r\n", name, NULL);
	want = g_strconcat(OURS "A: 1\r\nX-Virus-", name, ": 1\r\n\r\n", name,
	    NULL);
	out = labelled(&config, in, 0, &count);
	assert_string_equal(want, out);
	assert_int_equal(1, count);
	g_free(out);
	g_free(want);
	g_free(in);
	g_free(name);
}

/* However many blanks there are before the colon. */
static void
test_blanks(void **state)
{
	static const char *const kinds[] = { " ", "\t" };
	const struct ms_label_config config = { removed, OURS, "\r\n", NULL };

	(void)state;
	for (unsigned n = 200; n < 1000; n += 7) {
		GString *in = g_string_new("A: 1\r\nX-Virus-Status");
		unsigned count;
		char *out;

		for (unsigned i = 0; i < n; i++)
			g_string_append(in, kinds[n % 2]);
		g_string_append(in, ": Clean\r\n folded\r\nB: 2\r\n\r\n");
		out = labelled(&config, in->str, 0, &count);
		assert_string_equal(OURS "A: 1\r\nB: 2\r\n\r\n", out);
		assert_int_equal(1, count);
		g_free(out);
		g_string_free(in, TRUE);
	}
}

static void
test_past(void **state)
{
	const struct ms_label_config config = { removed, OURS, "\r\n", NULL };
	struct ms_label *label = ms_label_new(&config);
	GString *out = g_string_new(NULL);

	(void)state;
	ms_label_feed(label, "A: 1\r\n\r", 7, out);
	assert_false(ms_label_is_past(label));
	ms_label_feed(label, "\n", 1, out);
	assert_true(ms_label_is_past(label));
	ms_label_free(label);
	g_string_free(out, TRUE);
}

/* With a tag before the subject; what it was is kept. */
static void
test_subject(void **state)
{
	static const struct {
		const char *in, *out;
	} rows[] = {
		{ "A: 1\r\nSubject: hi\r\nB: 2\r\n\r\nx",
		  OURS "A: 1\r\nSubject: [V] hi\r\nX-Original-Subject: hi"
		  "\r\nB: 2\r\n\r\nx" },
		{ "subject:hi\r\n there\r\n\tyou\r\n\r\n",
		  OURS "Subject: [V] hi\r\n there\r\n\tyou\r\n"
		  "X-Original-Subject:hi\r\n there\r\n\tyou\r\n\r\n" },
		{ "A: 1\r\n\r\nSubject: body\r\n",
		  OURS "A: 1\r\nSubject: [V]\r\n\r\nSubject: body\r\n" },
		{ "Subject: a\r\nSubject: b\r\n\r\n",
		  OURS "Subject: [V] a\r\nX-Original-Subject: a\r\n"
		  "Subject: [V] b\r\nX-Original-Subject: b\r\n\r\n" },
		{ "Subject: a\r\nX: 1\r\nsubject \t: b", OURS "Subject: [V] a"
		  "\r\nX-Original-Subject: a\r\nX: 1\r\nSubject: [V] b\r\n"
		  "X-Original-Subject: b\r\n" },
		{ "Subject: a", OURS "Subject: [V] a\r\nX-Original-Subject: a"
		  "\r\n" },
		{ "Subject:\r\n\r\n", OURS "Subject: [V]\r\n"
		  "X-Original-Subject:\r\n\r\n" },
		{ "text\r\n", OURS "Subject: [V]\r\n\r\ntext\r\n" },
		{ "", OURS "Subject: [V]\r\n\r\n" },
		{ "A: 1\r\n", OURS "A: 1\r\nSubject: [V]\r\n" },
	};
	const struct ms_label_config config = { removed, OURS, "\r\n",
		"[V]" };
	char *longest = g_strnfill(MS_LABEL_SUBJECT_MAX + 10, 's');
	char *text = g_strdup_printf("Subject: %s\r\nB: 2\r\n\r\n",
	    longest), *out;
	unsigned count;

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
		for (size_t step = 0; step < 9; step++) {
			out = labelled(&config, rows[i].in, step, &count);
			assert_string_equal(out, rows[i].out);
			g_free(out);
		}
	out = labelled(&config, text, 100, &count);
	assert_null(strstr(out, "X-Original-Subject"));
	assert_true(g_str_has_suffix(out, "s\r\nB: 2\r\n\r\n"));
	g_free(out);
	g_free(text);
	g_free(longest);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_nothing_to_add),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_blanks),
		cmocka_unit_test(test_past),
		cmocka_unit_test(test_subject),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
