#include "message/uu.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "message/block_test.h"

struct seen {
	GString *text;		/* "name=content;" for each block */
	unsigned stop_after;
	enum ms_status stop_with;
	unsigned count;
};

static enum ms_status
see(void *arg, const struct ms_block *block, struct ms_error *err)
{
	struct seen *seen = arg;

	g_string_append_printf(seen->text, "%s=", block->name);
	g_string_append_len(seen->text, (const char *)block->data,
	    (gssize)block->size);
	g_string_append_c(seen->text, ';');
	if (++seen->count != seen->stop_after)
		return MS_OK;
	return seen->stop_with < 0 ? ms_error_set(err, seen->stop_with,
	    "visitor") : seen->stop_with;
}

static enum ms_status
walk(const GString *text, const struct ms_budget_limits *limits,
    struct seen *seen)
{
	const struct ms_spool_config config = { .heap_max = 1 << 20 };
	struct ms_budget budget;
	const struct ms_block_visitor visitor = { see, NULL, NULL };
	struct ms_block_input input = {
		.data = (const unsigned char *)text->str,
		.size = text->len,
		.spool = ms_spool_new(&config),
		.budget = &budget,
	};
	struct ms_error err = { "" };
	enum ms_status status;

	ms_budget_init(&budget, limits);
	status = ms_uu_walk(&input, &visitor, seen, &err);
	ms_spool_free(input.spool);
	return status;
}

#define CAT "#0V%T\n`\n"	/* "Cat", then the last line */

struct text_case {
	const char *name, *text, *want;
};

static void
check(const struct text_case *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		GString *text = g_string_new(cases[i].text);
		struct seen seen = { .text = g_string_new(NULL) };

		print_message("  %s\n", cases[i].name);
		assert_int_equal(MS_OK, walk(text, &block_roomy, &seen));
		assert_string_equal(cases[i].want, seen.text->str);
		g_string_free(seen.text, TRUE);
		g_string_free(text, TRUE);
	}
}

static void
test_cases(void **state)
{
	static const struct text_case cases[] = {
		{ "nothing", "", "" },
		{ "prose", "We begin 644 times\nbeginning\n", "" },
		{ "one", "begin 644 a.exe\n" CAT "end\n", "a.exe=Cat;" },
		{ "in text", "Hello,\n\nbegin 644 a.exe\n" CAT "end\nbye\n",
		  "a.exe=Cat;" },
		{ "CRLF", "x\r\nbegin 755 a.exe\r\n#0V%T\r\n`\r\nend\r\n",
		  "a.exe=Cat;" },
		{ "two", "begin 644 a\n" CAT "end\nbegin 644 b\n" CAT
		  "end\n", "a=Cat;b=Cat;" },
		{ "no end", "begin 644 a\n#0V%T\n", "a=Cat;" },
		{ "no line end", "begin 644 a\n#0V%T", "a=Cat;" },
		{ "end only", "begin 644 a\n#0V%T\nend\n", "a=Cat;" },
		{ "blank for `", "begin 644 a\n#0V%T\n \nend\n", "a=Cat;" },
		{ "an empty line ends", "begin 644 a\n#0V%T\n\nBye!\n",
		  "a=Cat;" },
		{ "stripped blanks", "begin 644 a\n#    \n#\n`\nend\n",
		  "a=" },	/* and six NULs */
		{ "a partial group", "begin 644 a\n\"0V$\n`\nend\n", "a=Ca;" },
		{ "four digits", "begin 0644 a\n" CAT, "a=Cat;" },
		{ "not at line start", " begin 644 a\n" CAT, "" },
		{ "blanks in name", "begin 644  a b.exe \n" CAT,
		  "a b.exe=Cat;" },
		{ "path in name", "begin 644 ../../etc/passwd\n" CAT,
		  "../../etc/passwd=Cat;" },
		{ "empty", "begin 644 a\n`\nend\n", "a=;" },
		{ "a false start before", "begin 644 joke\nbegin 644 a\n"
		  CAT "end\n", "joke=;a=Cat;" },
		{ "no end before", "begin 644 a\n#0V%T\nbegin 644 b\n"
		  CAT "end\n", "a=Cat;b=Cat;" },
	};

	(void)state;
	check(cases, G_N_ELEMENTS(cases));
}

/* What some decoder takes, and prose that it should not be taken for. */
static void
test_spellings(void **state)
{
	static const struct text_case cases[] = {
		{ "two digits", "begin 64 a\n" CAT, "a=Cat;" },
		{ "six digits", "begin 100644 a\n" CAT, "a=Cat;" },
		{ "no octal", "begin 684 a\n" CAT, "a=Cat;" },
		{ "upper case", "Begin 644 a\n" CAT, "" },
		{ "two blanks", "begin  644 a\n" CAT, "a=Cat;" },
		{ "a tab", "begin\t644\ta\n" CAT, "a=Cat;" },
		{ "no name", "begin 644\n" CAT, "unnamed=Cat;" },
		{ "no mode", "begin a\n" CAT, "" },
		{ "prose after an odd one", "begin 64 a\nIt was night.\n",
		  "" },
		{ "shouting after it", "begin 64 a\nIT WAS A DARK NIGHT\n",
		  "" },
		{ "nothing after it", "begin 64 a\n", "" },
		{ "checksums", "begin 9 a\n#0V%TX\n#0V%TXY\n`\n",
		  "a=CatCat;" },
		{ "more than checksums", "begin 9 a\n#0V%TXYZ\n`\n", "" },
		{ "a blank line within", "begin 644 a\n#0V%T\n\n#0V%T\n`\n"
		  "end\n", "a=CatCat;" },
		{ "a blank line at the end", "begin 644 a\n#0V%T\n\nend\n"
		  "#0V%T\n", "a=Cat;" },
		{ "base64", "begin-base64 644 a\nQ2F0\n====\nabc\n",
		  "a=Cat;" },
		{ "base64, odd mode", "begin-base64 9 a\nQ2F0\nQ2F0\n====\n",
		  "a=CatCat;" },
		{ "base64 in prose", "begin-base64 9 is how\nit begins\n", "" },
		{ "base64 without end", "begin-base64 644 a\nQ2F0\nNo more.\n",
		  "a=Cat;" },
		{ "base64, padded", "begin-base64 644 a\nQ2E=\n====\n",
		  "a=Ca;" },
		{ "encoded name", "begin-base64-encoded 644 YS5leGU=\nQ2F0\n"
		  "====\n", "a.exe=Cat;" },
		{ "uu with encoded name", "begin-encoded 644 YS5leGU=\n" CAT,
		  "a.exe=Cat;" },
	};

	(void)state;
	check(cases, G_N_ELEMENTS(cases));
}

/* As uuencode(1p) writes it, in one of its two dialects. */
static void
encode(GString *out, const unsigned char *data, size_t size, char zero)
{
	g_string_append(out, "begin 644 data\n");
	for (size_t at = 0; at < size; at += 45) {
		size_t n = MIN(size - at, (size_t)45);

		g_string_append_c(out, (char)(32 + n));
		for (size_t i = 0; i < n; i += 3) {
			unsigned group = 0;

			for (size_t k = 0; k < 3; k++)
				group = group << 8 |
				    (i + k < n ? data[at + i + k] : 0);
			for (int shift = 18; shift >= 0; shift -= 6) {
				unsigned six = group >> shift & 63;

				g_string_append_c(out, six == 0 ? zero :
				    (char)(32 + six));
			}
		}
		g_string_append_c(out, '\n');
	}
	g_string_append_printf(out, "%c\nend\n", zero);
}

static void
test_round_trip(void **state)
{
	unsigned seed = (unsigned)time(NULL);

	(void)state;
	print_message("seed %u\n", seed);
	srand(seed);
	for (int round = 0; round < 200; round++) {
		unsigned char data[500];
		size_t size = (size_t)rand() % sizeof data;
		GString *text = g_string_new("hello\n");
		struct seen seen = { .text = g_string_new(NULL) };

		for (size_t i = 0; i < size; i++)
			data[i] = (unsigned char)(rand() % 3 ? rand() : 0);
		encode(text, data, size, round % 2 ? '`' : ' ');
		assert_int_equal(MS_OK, walk(text, &block_roomy, &seen));
		assert_int_equal(5 + size + 1, seen.text->len);
		assert_memory_equal("data=", seen.text->str, 5);
		assert_memory_equal(data, seen.text->str + 5, size);
		g_string_free(seen.text, TRUE);
		g_string_free(text, TRUE);
	}
}

static void
test_limits(void **state)
{
	static const struct {
		const char *name;
		uint64_t part, total, parts;
		enum ms_status want;
		const char *seen;
	} cases[] = {
		{ "roomy",      3, 6, 2, MS_OK, "a=Cat;b=Cat;" },
		{ "part",       2, 1 << 20, 2, MS_OK, "a=;b=;" },
		{ "part, tight", 2, 6, 2, MS_E_LIMIT, "" },
		{ "total",      3, 5, 2, MS_E_LIMIT, "a=Cat;" },
		{ "parts",      3, 6, 1, MS_E_LIMIT, "a=Cat;" },
		{ "none",       3, 6, 0, MS_E_LIMIT, "" },
	};
	GString *text = g_string_new("begin 644 a\n" CAT "end\n"
	    "begin 644 b\n" CAT "end\n");

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct ms_budget_limits limits = block_roomy;
		struct seen seen = { .text = g_string_new(NULL) };

		print_message("  %s\n", cases[i].name);
		limits.part_bytes = cases[i].part;
		limits.total_bytes = cases[i].total;
		limits.parts = cases[i].parts;
		assert_int_equal(cases[i].want, walk(text, &limits, &seen));
		assert_string_equal(cases[i].seen, seen.text->str);
		g_string_free(seen.text, TRUE);
	}
	g_string_free(text, TRUE);
}

static void
test_visitor_stops(void **state)
{
	static const struct {
		const char *name;
		enum ms_status stop, want;
	} cases[] = {
		{ "enough", MS_END, MS_OK },
		{ "full", MS_E_IO, MS_E_IO },
	};
	GString *text = g_string_new("begin 644 a\n" CAT "end\n"
	    "begin 644 b\n" CAT "end\n");

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct seen seen = { g_string_new(NULL), 1, cases[i].stop,
			0 };

		print_message("  %s\n", cases[i].name);
		assert_int_equal(cases[i].want, walk(text,
		    &block_roomy, &seen));
		assert_int_equal(1, seen.count);
		g_string_free(seen.text, TRUE);
	}
	g_string_free(text, TRUE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_spellings),
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_visitor_stops),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
