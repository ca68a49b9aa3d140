#include "message/block.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct ms_block_text
text_of(const char *string)
{
	return (struct ms_block_text){ (const unsigned char *)string,
		strlen(string) };
}

static void
test_lines(void **state)
{
	struct ms_block_text rest = text_of("a\n\nb\r\n\rc\r"), line;
	static const char *const want[] = { "a", "", "b", "\rc" };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(want); i++) {
		assert_true(ms_block_line(&rest, &line));
		assert_int_equal(strlen(want[i]), line.size);
		assert_memory_equal(want[i], line.data, line.size);
	}
	assert_false(ms_block_line(&rest, &line));
}

static void
test_seek(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "begin 1", "begin 1" },
		{ "x\nbegin 1\n", "begin 1\n" },
		{ "x\nBegin 1\n", NULL },
		{ "x begin\r\nbegi\nbegin", "begin" },
		{ "x begin", NULL },
		{ "begi", NULL },
		{ "", NULL },
		{ "\n\n\n", NULL },
	};

	struct ms_block_text longer = text_of("\n(a longer prefix tha\n"
	    "(a longer prefix than sixteen bytes) x");

	(void)state;
	assert_true(ms_block_seek(&longer,
	    "(a longer prefix than sixteen bytes)"));
	assert_int_equal(38, longer.size);
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct ms_block_text rest = text_of(cases[i].text);

		print_message("  %s\n", cases[i].text);
		assert_int_equal(cases[i].want != NULL,
		    ms_block_seek(&rest, "begin"));
		if (!cases[i].want)
			continue;
		assert_int_equal(strlen(cases[i].want), rest.size);
		assert_memory_equal(cases[i].want, rest.data, rest.size);
	}
}

static void
test_names(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "a.exe", "a.exe" },
		{ " \"a b.exe\"\t\r", "a b.exe" },
		{ "", "unnamed" },
		{ " \"\" ", "unnamed" },
	};
	char name[MS_BLOCK_NAME_MAX + 1], longest[400];

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		ms_block_name(cases[i].text, strlen(cases[i].text), name);
		assert_string_equal(cases[i].want, name);
	}
	ms_block_name("a\0b", 3, name);
	assert_string_equal("a", name);
	memset(longest, 'x', sizeof longest);
	ms_block_name(longest, sizeof longest, name);
	assert_int_equal(MS_BLOCK_NAME_MAX, strlen(name));
	memcpy(longest + sizeof longest - 4, ".exe", 4);
	ms_block_name(longest, sizeof longest, name);
	assert_int_equal(MS_BLOCK_NAME_MAX, strlen(name));
	assert_string_equal(".exe", name + MS_BLOCK_NAME_MAX - 4);
}

struct seen {
	GString *text;
	bool told;
};

static enum ms_status
see(void *arg, const struct ms_block *block, struct ms_error *err)
{
	struct seen *seen = arg;

	(void)err;
	g_string_append_printf(seen->text, "%s=%.*s;", block->name,
	    (int)block->size, (const char *)block->data);
	return MS_OK;
}

static void
see_trouble(void *arg, const char *name, enum ms_status status,
    const struct ms_error *why)
{
	struct seen *seen = arg;

	assert_string_equal("a", name);
	assert_int_equal(MS_E_LIMIT, status);
	assert_true(*why->text != '\0');
	seen->told = true;
}

/* What was kept before a limit is visited, and the limit is told, unless
 * nothing more can follow. */
static void
test_done(void **state)
{
	static const struct {
		const char *name;
		uint64_t part, total;
		enum ms_status want;
		const char *text;
		bool told;
	} cases[] = {
		{ "fits", 6, 6, MS_OK, "a=CatDog;", false },
		{ "part", 5, 1 << 20, MS_OK, "a=Cat;", true },
		{ "total", 6, 5, MS_E_LIMIT, "", false },
		{ "part, and little left", 5, 6, MS_E_LIMIT, "", false },
	};
	const struct ms_spool_config config = { .heap_max = 1 << 20 };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		const struct ms_budget_limits limits = {
			.part_bytes = cases[i].part,
			.total_bytes = cases[i].total,
			.parts = 10,
			.time_ms = 3600 * 1000,
		};
		const struct ms_block_visitor visitor = { see, see_trouble,
			NULL };
		struct seen seen = { g_string_new(NULL), false };
		struct ms_spool *spool = ms_spool_new(&config);
		struct ms_budget budget;
		struct ms_block_input input = { NULL, 0, spool, &budget };
		struct ms_block_walk walk = { &input, &visitor, &seen };
		struct ms_error err = { "" };
		enum ms_status status;

		print_message("  %s\n", cases[i].name);
		ms_budget_init(&budget, &limits);
		status = ms_block_keep(&input, "Cat", 3, &err);
		if (status == MS_OK)
			status = ms_block_keep(&input, "Dog", 3, &err);
		assert_int_equal(cases[i].want, ms_block_done(&walk, "a",
		    status, &err));
		assert_string_equal(cases[i].text, seen.text->str);
		assert_int_equal(cases[i].told, seen.told);
		g_string_free(seen.text, TRUE);
		ms_spool_free(spool);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_seek),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_done),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
