#include "capture/disguise.h"

#include <arpa/inet.h>
#include <glib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const char *const keep[] = { "keep", "two-words", NULL };

/* In "want", "a" is any other letter or digit in small letters, "A" a capital
 * one, "0" another digit; the rest is to be as it is. */
static void
check(const char *text, const char *want, const char *got)
{
	bool ok = strlen(want) == strlen(got);

	for (size_t i = 0; ok && want[i]; i++) {
		if (want[i] == 'a')
			ok = g_ascii_islower(got[i]);
		else if (want[i] == 'A')
			ok = g_ascii_isupper(got[i]);
		else if (want[i] == '0')
			ok = g_ascii_isdigit(got[i]);
		else
			ok = want[i] == got[i];
	}
	if (!ok)
		print_message("%s: want %s, got %s\n", text, want, got);
	assert_true(ok);
}

static const struct {
	const char *text, *words, *addresses;
} cases[] = {
	{ "", "", "" },
	{ "word", "aaaa", "xxxx" },
	{ "Word 77", "Aaaa 00", "xxxx 00" },
	{ "keep it", "keep aa", "keep xx" },
	{ "KEEP it.", "KEEP aa.", "KEEP xx." },
	{ "keep@it", "aaaa@aa", "aaaa@aa" },
	{ "<keep>", "<aaaa>", "<keep>" },
	{ "it.keep", "aa.aaaa", "aa.aaaa" },
	{ "two-words two-word", "two-words aaa-aaaa", "two-words xxx-xxxx" },
	{ "joe@example.org, joe", "aaa@aaaaaaa.aaa, aaa",
	  "aaa@aaaaaaa.aaa, xxx" },
	{ "..", "..", ".." },
	{ "gr\xc3\xbc\xc3\x9f", "aaaaaa", "xx\xc3\xa4\xc3\xa4" },
};

static void
test_words(void **state)
{
	struct ms_disguise *disguise = ms_disguise_new();

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		char *text = g_strdup(cases[i].text);

		print_message("  %s\n", text);
		ms_disguise_words(disguise, (unsigned char *)text,
		    strlen(text), keep);
		check(cases[i].text, cases[i].words, text);
		g_free(text);
		text = g_strdup(cases[i].text);
		ms_disguise_addresses(disguise, (unsigned char *)text,
		    strlen(text), keep);
		check(cases[i].text, cases[i].addresses, text);
		g_free(text);
	}
	ms_disguise_free(disguise);
	ms_disguise_free(NULL);
}

/* Addresses become others of the same kind and length. */
static void
test_ip(void **state)
{
	static const struct {
		const char *text;
		int family;
	} ips[] = {
		{ "192.0.2.17", AF_INET }, { "1.1.1.1", AF_INET },
		{ "255.255.255.255", AF_INET }, { "10.20.30.40", AF_INET },
		{ "2001:db8::17", AF_INET6 }, { "::1", AF_INET6 },
		{ "fe80::AB:1", AF_INET6 }, { "1:2:3:4:5:6:7:8", AF_INET6 },
		{ "::ffff:192.0.2.17", AF_INET6 },
	};

	(void)state;
	for (int round = 0; round < 200; round++) {
		struct ms_disguise *disguise = ms_disguise_new();

		for (size_t i = 0; i < G_N_ELEMENTS(ips); i++) {
			char *a = g_strdup(ips[i].text);
			char *b = g_strdup_printf("[%s], ", ips[i].text);
			unsigned char parsed[sizeof(struct in6_addr)];

			ms_disguise_words(disguise, (unsigned char *)a,
			    strlen(a), NULL);
			assert_string_not_equal(ips[i].text, a);
			assert_int_equal(strlen(ips[i].text), strlen(a));
			assert_int_equal(1, inet_pton(ips[i].family, a,
			    parsed));
			ms_disguise_addresses(disguise, (unsigned char *)b,
			    strlen(b), NULL);
			assert_memory_equal(a, b + 1, strlen(a));
			assert_string_equal("], ", b + 1 + strlen(a));
			g_free(a);
			g_free(b);
		}
		ms_disguise_free(disguise);
	}
}

/* No two words become the same as long as there is room for all, and none
 * stays. */
static void
test_distinct(void **state)
{
	struct ms_disguise *disguise = ms_disguise_new();
	GHashTable *seen = g_hash_table_new_full(g_str_hash, g_str_equal,
	    g_free, NULL);

	(void)state;
	for (unsigned i = 0; i < 2000; i++) {
		char *word = g_strdup_printf("%c%c%c", 'a' + i % 26,
		    'a' + i / 26 % 26, 'a' + i / 676 % 26);
		char *copy = g_strdup(word);

		ms_disguise_words(disguise, (unsigned char *)copy, 3, NULL);
		assert_string_not_equal(word, copy);
		assert_true(g_hash_table_add(seen, copy));
		g_free(word);
	}
	g_hash_table_unref(seen);
	ms_disguise_free(disguise);
}

/* However long a word is, all of it is replaced. */
static void
test_long(void **state)
{
	struct ms_disguise *disguise = ms_disguise_new();
	char *word = g_strnfill(100000, 'q');
	size_t same = 0;

	(void)state;
	ms_disguise_words(disguise, (unsigned char *)word, 100000, NULL);
	for (size_t i = 0; i < 100000; i++) {
		assert_true(g_ascii_islower(word[i]));
		same += word[i] == 'q';
	}
	assert_in_range(same, 0, 20000);
	g_free(word);
	ms_disguise_free(disguise);
}

static void
test_blank(void **state)
{
	char text[] = "Ab 9\r\n\t\x02.\0\x7f\xc3\xbc\xe2\x80\xa6"
	    "\xf0\x9f\xa4\xa0\xff\xc3";
	static const char want[] = "xx 0\r\n\t\x01.\0\x7f\xc3\xa4\xe2\x82\xac"
	    "\xf0\x9f\x98\x80\xe9\xe9";

	(void)state;
	ms_disguise_blank((unsigned char *)text, sizeof text - 1);
	assert_memory_equal(want, text, sizeof want);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_ip),
		cmocka_unit_test(test_distinct),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_blank),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
