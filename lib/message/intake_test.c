#include "message/intake.h"

#include <glib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

static const struct ms_intake_config roomy = {
	.spool = { .heap_max = 1 << 20 },
	.max_bytes = UINT64_MAX,
};

/* What intake.c does, in the plainest way. */
static GString *
unquoted(const GString *in, enum ms_intake_quoting quoting)
{
	GString *out = g_string_new(NULL);

	for (size_t i = 0; i < in->len; i++) {
		size_t q = i;
		bool first = i == 0 || in->str[i - 1] == '\n';

		while (q < in->len && in->str[q] == '>')
			q++;
		if (first && q > i && quoting != MS_INTAKE_AS_IS &&
		    (q == i + 1 || quoting == MS_INTAKE_UNQUOTE_ALL) &&
		    in->len - q >= 5 && memcmp(in->str + q, "From ", 5) == 0)
			continue;
		g_string_append_c(out, in->str[i]);
	}
	return out;
}

static GString *
without_cr(const GString *in)
{
	GString *out = g_string_new(NULL);

	for (size_t i = 0; i < in->len; i++)
		if (in->str[i] != '\r' || i + 1 == in->len ||
		    in->str[i + 1] != '\n')
			g_string_append_c(out, in->str[i]);
	return out;
}

static void
check_message(struct ms_message *m, const GString *in,
    enum ms_intake_quoting quoting)
{
	GString *body = unquoted(in, quoting);
	GString *canonical = without_cr(body);
	struct ms_digest found = ms_hash_of(in->str, in->len);
	struct ms_digest lf = ms_hash_of(canonical->str, canonical->len);
	const unsigned char *data;

	assert_int_equal(in->len, m->size);
	assert_int_equal(0, m->omitted);
	assert_int_equal(MS_OK, ms_spool_map(m->body, &data, NULL));
	assert_int_equal(body->len, ms_spool_size(m->body));
	assert_memory_equal(body->str, data, body->len);
	assert_true(ms_hash_equal(&found, &m->sha256));
	assert_true(ms_hash_equal(&lf, &m->sha256_canonical));
	g_string_free(body, TRUE);
	g_string_free(canonical, TRUE);
	ms_message_free(m);
}

/* CUT 0: whole; 1: bytes; more: pieces of up to CUT bytes. */
static void
check(struct ms_intake *intake, const GString *in,
    enum ms_intake_quoting quoting, size_t cut)
{
	struct ms_message *m;

	ms_intake_begin(intake, quoting);
	for (size_t at = 0; at < in->len;) {
		size_t n = cut == 0 ? in->len : cut == 1 ? 1 :
		    1 + (size_t)rand() % cut;

		n = MIN(n, in->len - at);
		assert_int_equal(MS_OK, ms_intake_feed(intake,
		    in->str + at, n, NULL));
		at += n;
	}
	assert_int_equal(MS_OK, ms_intake_end(intake, &m, NULL));
	check_message(m, in, quoting);
}

static void
check_all_ways(const GString *in)
{
	struct ms_intake *intake = ms_intake_new(&roomy);

	for (int q = MS_INTAKE_AS_IS; q <= MS_INTAKE_UNQUOTE_ALL; q++) {
		check(intake, in, (enum ms_intake_quoting)q, 0);
		check(intake, in, (enum ms_intake_quoting)q, 1);
		check(intake, in, (enum ms_intake_quoting)q, 9);
	}
	ms_intake_free(intake);
}

static void
test_cases(void **state)
{
	static const char *const cases[] = {
		"", "a", "\n", "\r", "\r\n", "\r\r\n", "\n\r\n\r", "a\r\nb\r",
		">From x\n", ">>From x\n", ">>>From", ">From ", ">Fro",
		"From >From x\n", "a\n>From b\r\n>>From c\n>>", "\r>From x",
		"\r\n>From x\r\n\r\n>From\r\n", "a\n>>>>Frm From \n>\n>>\n",
		"a\r\n>From >From \n>From \n\n>From \r\n", ">>F>From x\n",
		"a\n\r>From x\n", "Subject: x\n\n> quoted\n>From here\n",
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		GString *in = g_string_new(cases[i]);

		print_message("  %zu\n", i);
		check_all_ways(in);
		g_string_free(in, TRUE);
	}
}

/* Random text from the few bytes that mean something. */
static void
test_random(void **state)
{
	static const char *const atoms[] = {
		"\n", "\r", "\r\n", ">", ">>", "From ", "From", "F", "x",
		"\n>From ", "\n>>From ", "some longer text with blanks", " "
	};
	unsigned seed = (unsigned)time(NULL);

	(void)state;
	print_message("seed %u\n", seed);
	srand(seed);
	for (int round = 0; round < 400; round++) {
		GString *in = g_string_new(NULL);
		int n = rand() % 60;

		while (n-- > 0)
			g_string_append(in,
			    atoms[(size_t)rand() % G_N_ELEMENTS(atoms)]);
		check_all_ways(in);
		g_string_free(in, TRUE);
	}
}

/* Differences on either side of the block that the code works in. */
static void
test_blocks(void **state)
{
	static const char *const marks[] = {
		"\r\n", "\n>From x\n", "\n>>>From x\r\n"
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(marks); i++) {
		for (size_t at = 65536 - 14; at < 65536 + 4; at++) {
			struct ms_intake *intake = ms_intake_new(&roomy);
			GString *in = g_string_new(NULL);

			while (in->len < at)
				g_string_append_c(in, 'x');
			g_string_append(in, marks[i]);
			while (in->len < 200000)
				g_string_append_c(in, 'y');
			check(intake, in, MS_INTAKE_UNQUOTE_ALL, 0);
			check(intake, in, MS_INTAKE_AS_IS, 70000);
			g_string_free(in, TRUE);
			ms_intake_free(intake);
		}
	}
}

/* A line of nothing but '>' is not kept in memory to see how it ends. */
static void
test_long_quote(void **state)
{
	GString *in = g_string_new("a\n");

	(void)state;
	while (in->len < 9000)
		g_string_append_c(in, '>');
	g_string_append(in, "From x\r\n");
	check_all_ways(in);
	g_string_append(in, "\n>>>>>>");
	check_all_ways(in);
	g_string_free(in, TRUE);
}

static void
test_limit(void **state)
{
	struct ms_intake_config config = roomy;
	struct ms_digest whole = ms_hash_of("0123456789", 10);
	struct ms_intake *intake;
	struct ms_message *m;

	(void)state;
	config.max_bytes = 7;
	intake = ms_intake_new(&config);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(MS_OK,
		    ms_intake_feed(intake, "01234", 5, NULL));
		assert_int_equal(MS_OK,
		    ms_intake_feed(intake, "56789", 5, NULL));
		assert_int_equal(MS_OK, ms_intake_end(intake, &m, NULL));
		assert_int_equal(10, m->size);
		assert_int_equal(3, m->omitted);
		assert_int_equal(7, ms_spool_size(m->body));
		assert_true(ms_hash_equal(&whole, &m->sha256));
		assert_true(ms_hash_equal(&whole, &m->sha256_canonical));
		ms_message_free(m);
	}
	ms_intake_free(intake);
}

/* A body that is there already is not written once more. */
static void
test_has_body(void **state)
{
	struct ms_intake *intake = ms_intake_new(&roomy);
	const struct ms_digest found = ms_hash_of("0123\r\n", 6);
	const struct ms_digest canonical = ms_hash_of("0123\n", 5);
	struct ms_spool *body = ms_spool_new(&roomy.spool);
	struct ms_message *m;

	(void)state;
	assert_int_equal(MS_OK, ms_spool_write(body, "0123\r\n", 6, NULL));
	ms_intake_begin(intake, MS_INTAKE_AS_IS);
	ms_intake_has(intake, body);
	assert_int_equal(MS_OK, ms_intake_feed(intake, "0123\r", 5, NULL));
	assert_int_equal(MS_OK, ms_intake_feed(intake, "\n", 1, NULL));
	assert_int_equal(MS_OK, ms_intake_end(intake, &m, NULL));
	assert_ptr_equal(body, m->body);
	assert_int_equal(6, ms_spool_size(m->body));
	assert_int_equal(6, m->size);
	assert_int_equal(0, m->omitted);
	assert_true(ms_hash_equal(&found, &m->sha256));
	assert_true(ms_hash_equal(&canonical, &m->sha256_canonical));
	ms_message_free(m);
	/* The next one has none. */
	assert_int_equal(MS_OK, ms_intake_feed(intake, "ab", 2, NULL));
	assert_int_equal(MS_OK, ms_intake_end(intake, &m, NULL));
	assert_int_equal(2, ms_spool_size(m->body));
	ms_message_free(m);
	ms_intake_free(intake);
}

static void
test_begin_drops(void **state)
{
	struct ms_intake *intake = ms_intake_new(&roomy);
	GString *in = g_string_new("other\n");

	(void)state;
	ms_intake_begin(intake, MS_INTAKE_UNQUOTE_ALL);
	assert_int_equal(MS_OK,
	    ms_intake_feed(intake, "half\r\n>>Fro", 11, NULL));
	check(intake, in, MS_INTAKE_UNQUOTE_ALL, 0);
	g_string_free(in, TRUE);
	ms_intake_free(intake);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_blocks),
		cmocka_unit_test(test_long_quote),
		cmocka_unit_test(test_limit),
		cmocka_unit_test(test_has_body),
		cmocka_unit_test(test_begin_drops),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
