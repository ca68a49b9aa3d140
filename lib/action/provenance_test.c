#include "action/provenance.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define NOW 1700000000

static const char key[] = "a secret", other[] = "another one";

/* A whole ID that was made with SECRET, for g_string_free(). */
static GString *
make(const char *secret, int64_t now, uint64_t number)
{
	const uint64_t random[] = { 5, number };
	GString *id = g_string_new(NULL);

	ms_provenance_id(secret, now, random, id);
	return g_string_append(id, "@mx.example.org>");
}

static bool
is_ours(const char *secret, const char *text)
{
	return ms_provenance_is_ours(secret, NOW, text, strlen(text));
}

/* Nobody has a proof but who has the key, for a while, and for nothing else. */
static void
test_proof(void **state)
{
	GString *id = make(key, NOW, 1), *none = make(NULL, NOW, 1);
	char *text = g_strdup_printf("X-Old-Message-ID:\r\n %s\r\n", id->str);

	(void)state;
	assert_true(is_ours(key, id->str));
	assert_true(is_ours(key, text));
	assert_false(is_ours(other, text));
	assert_false(is_ours(key, none->str));
	assert_true(g_str_has_prefix(id->str, "<mailscan.6553f100"));
	assert_true(g_str_has_prefix(none->str, "<mailscan.6553f100"));
	assert_true(ms_provenance_is_ours(key, NOW + MS_PROVENANCE_SECONDS - 1,
	    id->str, id->len));
	assert_false(ms_provenance_is_ours(key, NOW + MS_PROVENANCE_SECONDS,
	    id->str, id->len));
	for (size_t i = 0; i < strlen(id->str) - strlen("mx.example.org>");
	    i++) {
		const char was = id->str[i];

		id->str[i] = was == '1' ? '2' : '1';
		assert_false(is_ours(key, id->str));
		id->str[i] = was;
	}
	for (size_t i = 0; i < id->len; i++)
		assert_false(ms_provenance_is_ours(key, NOW, id->str, i));
	assert_true(is_ours(key, id->str));
	(void)g_string_free(id, TRUE);
	(void)g_string_free(none, TRUE);
	g_free(text);
}

/* What others prove goes on, the newest of it, and nothing that could make a
 * field of its own. */
static void
test_references(void **state)
{
	GString *header = g_string_new("Subject: <mailscan.1@x>\r\n"
	    "References: "), *field = g_string_new(NULL), *id;

	(void)state;
	ms_provenance_references(header->str, header->len, field);
	assert_string_equal(field->str, "");
	for (uint64_t i = 0; i < MS_PROVENANCE_IDS_MAX + 5; i++) {
		id = make(i == 5 ? key : other, NOW, i);
		g_string_append_printf(header, "%s\r\n ", id->str);
		(void)g_string_free(id, TRUE);
	}
	ms_provenance_references(header->str, header->len, field);
	assert_true(g_str_has_prefix(field->str, "References: <mailscan."));
	assert_true(g_str_has_suffix(field->str, "@mx.example.org>\n"));
	assert_true(is_ours(key, field->str));
	assert_false(is_ours("third", field->str));
	id = make(other, NOW, 4);
	assert_null(strstr(field->str, id->str));
	(void)g_string_free(id, TRUE);
	g_string_truncate(field, 0);
	id = make(key, NOW, 1);
	g_string_insert(id, (gssize)id->len - 5, "\r\nX: ");
	ms_provenance_references(id->str, id->len, field);
	assert_string_equal(field->str, "");
	(void)g_string_free(id, TRUE);
	(void)g_string_free(field, TRUE);
	(void)g_string_free(header, TRUE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_proof),
		cmocka_unit_test(test_references),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
