#include "message/binhex.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "message/block_test.h"

static enum ms_status
walk(const void *data, size_t size, const struct ms_budget_limits *limits,
    GString *seen)
{
	GString *text = g_string_new_len(data, (gssize)size);
	enum ms_status status = block_test(ms_binhex_walk, text, limits, seen);

	g_string_free(text, TRUE);
	return status;
}

#define PHRASE "(This file must be converted with BinHex 4.0)\n"

/* Six bits a character, after runs are made short. */
static void
encode(GString *out, const GString *raw)
{
	static const char alphabet[] = "!\"#$%&'()*+,-012345689@ABCDEFGHIJ"
	    "KLMNPQRSTUVXYZ[`abcdefhijklmpqr";
	GString *packed = g_string_new(NULL);
	unsigned bits = 0, have = 0, column = 1;

	for (size_t i = 0, run; i < raw->len; i += run) {
		for (run = 1; i + run < raw->len && run < 255 &&
		    raw->str[i + run] == raw->str[i]; run++)
			continue;
		if ((unsigned char)raw->str[i] == 0x90) {
			g_string_append_len(packed, "\220\0", 2);
			run = 1;
		} else if (run > 3) {
			g_string_append_c(packed, raw->str[i]);
			g_string_append_c(packed, '\220');
			g_string_append_c(packed, (char)run);
		} else {
			g_string_append_c(packed, raw->str[i]);
			run = 1;
		}
	}
	g_string_append_len(packed, "\0\0", 2);
	g_string_append(out, PHRASE "\n:");
	for (size_t i = 0; i + 1 < packed->len || have >= 6;) {
		if (have < 6) {
			bits = bits << 8 | (unsigned char)packed->str[i++];
			have += 8;
		}
		have -= 6;
		g_string_append_c(out, alphabet[bits >> have & 63]);
		if (++column % 64 == 0)
			g_string_append(out, "\r\n");
	}
	g_string_append(out, ":\n");
	g_string_free(packed, TRUE);
}

static void
add_number(GString *raw, size_t n, int bytes)
{
	while (bytes-- > 0)
		g_string_append_c(raw, (char)(n >> 8 * bytes));
}

/* A file with two forks; what the header says of them is SAID more. */
static GString *
file(const char *name, const GString *data, const GString *resource,
    size_t said)
{
	GString *raw = g_string_new(NULL), *text = g_string_new("Hi\n\n");

	g_string_append_c(raw, (char)strlen(name));
	g_string_append(raw, name);
	g_string_append_len(raw, "\0TEXTttxt\0\0", 11);
	add_number(raw, data->len + said, 4);
	add_number(raw, resource->len, 4);
	add_number(raw, 0xabcd, 2);
	g_string_append_len(raw, data->str, (gssize)data->len);
	add_number(raw, 0xabcd, 2);
	g_string_append_len(raw, resource->str, (gssize)resource->len);
	add_number(raw, 0xabcd, 2);
	encode(text, raw);
	g_string_free(raw, TRUE);
	return text;
}

static void
check(const char *text, const char *want)
{
	GString *seen = g_string_new(NULL);

	assert_int_equal(MS_OK, walk(text, strlen(text), &block_roomy, seen));
	assert_string_equal(want, seen->str);
	g_string_free(seen, TRUE);
}

static void
test_files(void **state)
{
	static const struct {
		const char *name, *file, *data, *resource;
		size_t said;
		const char *want;
	} cases[] = {
		{ "both", "a.exe", "Cat", "icon", 0,
		  "a.exe=Cat;a.exe.rsrc=icon;" },
		{ "data only", "a", "Cat", "", 0, "a=Cat;" },
		{ "resource only", "a", "", "icon", 0, "a.rsrc=icon;" },
		{ "runs", "a", "Caaaaaaaaaaaaaaat", "", 0,
		  "a=Caaaaaaaaaaaaaaat;" },
		{ "the mark itself", "a", "C\220t\220\220\220", "", 0,
		  "a=C\220t\220\220\220;" },
		{ "no name", "", "Cat", "", 0, "unnamed=Cat;" },
		{ "said to be longer", "a", "Cat", "", 100,
		  "a!-2 Truncated BinHex: 7 bytes of 103;"
		  "a=Cat\253\315\253\315;" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		GString *data = g_string_new(cases[i].data);
		GString *resource = g_string_new(cases[i].resource);
		GString *text = file(cases[i].file, data, resource,
		    cases[i].said);

		print_message("  %s\n", cases[i].name);
		check(text->str, cases[i].want);
		g_string_free(text, TRUE);
		g_string_free(resource, TRUE);
		g_string_free(data, TRUE);
	}
}

static void
test_text(void **state)
{
	static const struct {
		const char *name, *text, *want;
	} cases[] = {
		{ "nothing", "", "" },
		{ "no data", PHRASE "\n", "" },
		{ "prose", PHRASE ": is what it says.\n", "" },
		{ "only in prose", "What is " PHRASE ":!!!", "" },
		{ "a name that is too long", PHRASE ":r!!!!!!!!!!!!!!!!!!!!!"
		  "!!!!!!!!!!!!!!!!!", NULL },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		GString *seen = g_string_new(NULL);

		print_message("  %s\n", cases[i].name);
		assert_int_equal(MS_OK, walk(cases[i].text,
		    strlen(cases[i].text), &block_roomy, seen));
		if (cases[i].want)
			assert_string_equal(cases[i].want, seen->str);
		else
			assert_true(g_str_has_prefix(seen->str,
			    "-!-2 Truncated BinHex: no whole header;"));
		g_string_free(seen, TRUE);
	}
}

static void
test_round_trip(void **state)
{
	unsigned seed = (unsigned)time(NULL);

	(void)state;
	print_message("seed %u\n", seed);
	srand(seed);
	for (int round = 0; round < 100; round++) {
		GString *data = g_string_new(NULL), *none = g_string_new(NULL);
		GString *seen = g_string_new(NULL), *text;
		size_t size = (size_t)rand() % 9000;

		for (size_t i = 0; i < size; i++)
			g_string_append_c(data, (char)(rand() % 3 ? 0x90 :
			    rand()));
		text = file("data", data, none, 0);
		assert_int_equal(MS_OK, walk(text->str, text->len, &block_roomy,
		    seen));
		assert_int_equal(size > 0 ? 5 + size + 1 : 0, seen->len);
		if (size > 0)
			assert_memory_equal(data->str, seen->str + 5, size);
		g_string_free(seen, TRUE);
		g_string_free(text, TRUE);
		g_string_free(none, TRUE);
		g_string_free(data, TRUE);
	}
}

/* A run of a byte for two: what is larger than it may be ends, is told, and
 * does not keep the next file from being looked at. */
static void
test_limits(void **state)
{
	struct ms_budget_limits limits = block_roomy;
	GString *data = g_string_new(NULL), *none = g_string_new(NULL);
	GString *cat = g_string_new("Cat"), *seen = g_string_new(NULL);
	GString *text, *next;

	(void)state;
	limits.part_bytes = 10000;
	for (int i = 0; i < 20000; i++)
		g_string_append_c(data, 'x');
	text = file("big", data, none, 0);
	next = file("next", cat, none, 0);
	g_string_append_len(text, next->str, (gssize)next->len);
	assert_int_equal(MS_OK, walk(text->str, text->len, &limits, seen));
	assert_true(g_str_has_prefix(seen->str, "-!-3 larger than 10000 "
	    "bytes (max-filesize);big!-2 Truncated BinHex: "));
	assert_non_null(strstr(seen->str, ";big=xxx"));
	assert_true(g_str_has_suffix(seen->str, "x;next=Cat;"));
	limits = block_roomy;
	limits.total_bytes = 10000;
	assert_int_equal(MS_E_LIMIT, walk(text->str, text->len, &limits,
	    seen));
	limits = block_roomy;
	limits.parts = 1;
	assert_int_equal(MS_E_LIMIT, walk(text->str, text->len, &limits,
	    seen));
	g_string_free(next, TRUE);
	g_string_free(text, TRUE);
	g_string_free(seen, TRUE);
	g_string_free(cat, TRUE);
	g_string_free(none, TRUE);
	g_string_free(data, TRUE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
