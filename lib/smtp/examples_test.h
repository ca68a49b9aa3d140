#ifndef MS_EXAMPLES_TEST_H
#define MS_EXAMPLES_TEST_H

#include "smtp/proxy_test.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* Sessions through a proxy as tables, for the tests of its parts. */

#define HELLO "EHLO client.test\r\n"
#define ENVELOPE "MAIL FROM:<a@x.test>\r\nRCPT TO:<b@y.test>\r\n"
#define MESSAGE "Subject: one\r\n\r\nbody\r\n"
#define CHUNKS "250-CHUNKING\r\n250-BINARYMIME\r\n250 8BITMIME\r\n"

#define NOTHING { .rules = NULL }

/* The codes of the replies in TEXT, as "220 250". */
static inline char *
codes_of(const char *text)
{
	GString *codes = g_string_new(NULL);

	while (*text) {
		const size_t n = strcspn(text, "\n");

		assert_true(n > 3 && text[n] == '\n' && text[n - 1] == '\r');
		if (text[3] == ' ')
			g_string_append_printf(codes, "%s%.3s",
			    codes->len ? " " : "", text);
		text += n + 1;
	}
	return g_string_free(codes, FALSE);
}

/* Nothing stands alone in what the next hop got. */
static inline void
assert_clean(const GString *bytes)
{
	for (size_t i = 0; i < bytes->len; i++) {
		if (bytes->str[i] == '\n')
			assert_true(i > 0 && bytes->str[i - 1] == '\r');
		if (bytes->str[i] == '\r')
			assert_true(bytes->str[i + 1] == '\n');
		assert_true(bytes->str[i] != '\0');
	}
}

struct example {
	const char *id;
	const char *client;
	const char *codes;
	const char *commands;	/* that the next hop got; NULL: any */
	unsigned mails;
	struct fake_setup setup;
	size_t size;		/* of CLIENT; 0: it is a string */
};

/* Is TEXT what the next hop got, of which EXAMPLE names the verbs? */
static inline void
check_verbs(const char *commands, const char *want)
{
	char **lines = g_strsplit(commands, "\r\n", -1);
	GString *verbs = g_string_new(NULL);

	for (char **l = lines; *l; l++)
		if (**l)
			g_string_append_printf(verbs, "%s%.4s",
			    verbs->len ? " " : "", *l);
	assert_string_equal(verbs->str, want);
	g_string_free(verbs, TRUE);
	g_strfreev(lines);
}

static inline void
check(const struct example *e, const struct fake_setup *setup)
{
	const size_t size = e->size ? e->size : strlen(e->client);
	struct fake f;
	char *codes;

	fake_open(&f, setup);
	(void)fake_client(&f, e->client, size);
	codes = codes_of(f.client->str);
	if (strcmp(codes, e->codes) != 0 || f.mails->len != e->mails)
		print_message("%s, cut %zu, %zu, seed %u:\n%s\n%s", e->id,
		    setup->client_cut, setup->hop_cut, setup->seed,
		    f.client->str, f.commands->str);
	assert_string_equal(codes, e->codes);
	assert_int_equal(f.mails->len, e->mails);
	if (e->commands)
		check_verbs(f.commands->str, e->commands);
	if (!setup->ehlo || !strstr(setup->ehlo, "BINARYMIME"))
		assert_clean(f.hop);
	assert_null(strstr(f.commands->str, "smug"));
	fake_free(&f);
	g_free(codes);
}

/* Whole, byte by byte from each side, and in random pieces. */
static inline void
check_cuts(const struct example *e)
{
	static const size_t cuts[][2] = { { 0, 0 }, { 1, 0 }, { 0, 1 },
		{ 1, 1 }, { 2, 3 }, { 7, 0 } };

	for (size_t i = 0; i < G_N_ELEMENTS(cuts); i++) {
		struct fake_setup setup = e->setup;

		setup.client_cut = cuts[i][0];
		setup.hop_cut = cuts[i][1];
		check(e, &setup);
	}
	for (unsigned seed = 1; seed <= 20; seed++) {
		struct fake_setup setup = e->setup;

		setup.seed = seed;
		check(e, &setup);
	}
}

static inline void
check_all(const struct example *examples, size_t count)
{
	for (size_t i = 0; i < count; i++)
		check_cuts(&examples[i]);
}

#endif
