#include "base/hash.h"

#include <glib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* FIPS 180-4 examples, and what everyone knows of nothing. */
static const struct {
	const char *name, *input;
	const char *want;
} cases[] = {
	{ "nothing", "",
	  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
	},
	{ "abc", "abc",
	  "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
	},
	{ "two blocks",
	  "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
	  "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
	},
};

static void
check(const char *want, struct ms_digest digest)
{
	char hex[MS_HASH_HEX];

	memset(hex, 'x', sizeof hex);
	ms_hash_hex(&digest, hex);
	assert_string_equal(want, hex);
}

/* At once, byte by byte, and with one hash for all. */
static void
test_vectors(void **state)
{
	struct ms_hash *hash = ms_hash_new();

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		const char *input = cases[i].input;

		print_message("  %s\n", cases[i].name);
		check(cases[i].want, ms_hash_of(input, strlen(input)));
		for (const char *p = input; *p != '\0'; p++)
			ms_hash_feed(hash, p, 1);
		check(cases[i].want, ms_hash_end(hash));
	}
	ms_hash_free(hash);
	ms_hash_free(NULL);
}

static void
test_million(void **state)
{
	struct ms_hash *hash = ms_hash_new();
	char block[1000];

	(void)state;
	memset(block, 'a', sizeof block);
	for (int i = 0; i < 1000; i++)
		ms_hash_feed(hash, block, sizeof block);
	check("cdc76e5c9914fb9281a1c7e284d73e67"
	    "f1809a48a497200e046d39ccc7112cd0", ms_hash_end(hash));
	ms_hash_free(hash);
}

static void
test_read(void **state)
{
	const struct ms_digest digest = ms_hash_of("x", 1);
	char hex[MS_HASH_HEX];
	struct ms_digest read;

	(void)state;
	ms_hash_hex(&digest, hex);
	assert_true(ms_hash_read(hex, &read));
	assert_true(ms_hash_equal(&read, &digest));
	hex[63] = 'g';
	assert_false(ms_hash_read(hex, &read));
	hex[63] = '\0';
	assert_false(ms_hash_read(hex, &read));
	assert_false(ms_hash_read("", &read));
}

/* A copy goes its own way from where it was made. */
static void
test_copy(void **state)
{
	struct ms_hash *hash = ms_hash_new(), *copy;

	(void)state;
	ms_hash_feed(hash, "ab", 2);
	copy = ms_hash_copy(hash);
	ms_hash_feed(hash, "X", 1);
	ms_hash_feed(copy, "c", 1);
	check(cases[1].want, ms_hash_end(copy));
	check(cases[0].want, ms_hash_end(copy));
	ms_hash_free(copy);
	ms_hash_free(hash);
}

static void
test_equal(void **state)
{
	struct ms_digest a = ms_hash_of("a", 1);

	(void)state;
	for (size_t i = 0; i < MS_HASH_SIZE; i++) {
		struct ms_digest b = ms_hash_of("a", 1);

		assert_true(ms_hash_equal(&a, &b));
		b.bytes[i] ^= 1;
		assert_false(ms_hash_equal(&a, &b));
	}
}

static void
test_keys(void **state)
{
	GHashTable *set = g_hash_table_new_full(ms_hash_key,
	    ms_hash_key_equal, g_free, NULL);
	struct ms_digest digest;

	(void)state;
	for (int i = 0; i < 100; i++) {
		digest = ms_hash_of(&i, sizeof i);
		assert_false(g_hash_table_contains(set, &digest));
		g_hash_table_add(set, g_memdup2(&digest, sizeof digest));
		assert_true(g_hash_table_contains(set, &digest));
		/* The same beginning is not enough. */
		digest.bytes[MS_HASH_SIZE - 1] ^= 1;
		assert_false(g_hash_table_contains(set, &digest));
	}
	assert_int_equal(100, g_hash_table_size(set));
	g_hash_table_unref(set);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_vectors),
		cmocka_unit_test(test_million),
		cmocka_unit_test(test_read),
		cmocka_unit_test(test_copy),
		cmocka_unit_test(test_equal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
