#include "policy/digests.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/hash.h"

#define ONE "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define TWO "ff112233445566778899AABBCCDDEEFF00112233445566778899aabbccddeeff"

static enum ms_status
read_text(const char *text, GHashTable **digests, struct ms_error *err)
{
	char path[] = "/tmp/mailscan-digests-XXXXXX";
	const int fd = mkstemp(path);
	enum ms_status status;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)),
	    (ssize_t)strlen(text));
	assert_int_equal(close(fd), 0);
	status = ms_digests(path, digests, err);
	assert_int_equal(unlink(path), 0);
	return status;
}

static void
test_good(void **state)
{
	struct ms_digest digest = { { 0xff, 0x11, 0x22 } };
	GHashTable *digests = NULL;
	struct ms_error err;

	(void)state;
	assert_int_equal(read_text("# comment\n\n  " ONE "  a file\n" TWO
	    "\n" ONE, &digests, &err), MS_OK);
	assert_int_equal(g_hash_table_size(digests), 2);
	assert_false(g_hash_table_contains(digests, &digest));
	for (int i = 0; i < MS_HASH_SIZE; i++)
		digest.bytes[i] = (unsigned char)(i % 16 * 0x11);
	assert_true(g_hash_table_contains(digests, &digest));
	g_hash_table_unref(digests);
	assert_int_equal(read_text("", &digests, &err), MS_OK);
	assert_int_equal(g_hash_table_size(digests), 0);
	g_hash_table_unref(digests);
}

static void
test_bad(void **state)
{
	static const char *const texts[] = { "x\n", ONE "0\n",
		"0" ONE "\n", "00112233\n", "md5 " ONE "\n" };
	GHashTable *digests;
	struct ms_error err;

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
		char *text = g_strconcat(ONE "\n", texts[i], NULL);

		assert_int_equal(read_text(text, &digests, &err),
		    MS_E_FORMAT);
		assert_non_null(strstr(err.text, ":2: "));
		g_free(text);
	}
	assert_int_equal(ms_digests("/nowhere/at/all", &digests, &err),
	    MS_E_IO);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_bad),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
