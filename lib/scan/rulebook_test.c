#include "scan/rulebook.h"

#include "scan/namings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

struct told {
	const struct ms_rulebook *book;
	GString *text;
};

static void
on_hit(void *arg, size_t rule, bool given_up)
{
	const struct told *told = arg;

	g_string_append_printf(told->text, "%s%s;", given_up ? "?" : "",
	    ms_rulebook_name(told->book, rule));
}

static struct ms_rulebook *
book_of(const struct ms_rulebook_config *config)
{
	struct ms_rulebook *book;
	struct ms_error err = { "" };

	if (ms_rulebook_new(config, &book, &err) != MS_OK)
		fail_msg("%s", err.text);
	assert_non_null(book);
	return book;
}

static void
test_names(void **state)
{
	static const char *const names[] = { ".exe", "Invoice.pdf", "*.do?",
		".EXE", "a*b*c", "re:^x[0-9]+$", ".\357\274\245\357\274\270",
		NULL };
	static const struct {
		const char *name, *want;
	} rows[] = {
		{ "a.exe", "name:.exe;" },
		{ "A.EXE", "name:.exe;" },
		{ "exe", "" },
		{ "my invoice.PDF", "name:invoice.pdf;" },
		{ "a.doc", "name:*.do?;" },
		{ "a.do\303\244", "name:*.do?;" },
		{ "a.docx", "" },
		{ "axbxc", "name:a*b*c;" },
		{ "axcxb", "" },
		{ "abbbcc", "name:a*b*c;" },
		{ "X12", "name:re:^x[0-9]+$;" },
		{ "xx12", "" },
		{ "file.ex", "name:.ex;" },
		{ "", "" },
	};
	const struct ms_rulebook_config config = { .names = names };
	struct ms_rulebook *book = book_of(&config);

	(void)state;
	/* Two of them are one. */
	assert_int_equal(ms_rulebook_count(book), 6);
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		struct told told = { book, g_string_new(NULL) };
		char *form = ms_namings_fold(rows[i].name);

		ms_rulebook_check_name(book, form, on_hit, &told);
		if (strcmp(told.text->str, rows[i].want) != 0)
			fail_msg("%s: %s", form, told.text->str);
		g_free(form);
		(void)g_string_free(told.text, TRUE);
	}
	ms_rulebook_free(book);
}

static void
test_double(void **state)
{
	const struct ms_rulebook_config config = { .double_extension = true };
	struct ms_rulebook *book = book_of(&config);
	struct told told = { book, g_string_new(NULL) };

	(void)state;
	ms_rulebook_check_name(book, "a.exe", on_hit, &told);
	ms_rulebook_check_name(book, "a.pdf.exe", on_hit, &told);
	assert_string_equal(told.text->str, "double-extension;");
	(void)g_string_free(told.text, TRUE);
	ms_rulebook_free(book);
}

static void
test_types(void **state)
{
	static const char *const types[] = { "executable", "Image/*", NULL };
	const struct ms_rulebook_config config = { .types = types };
	struct ms_rulebook *book = book_of(&config);
	struct told told = { book, g_string_new(NULL) };
	const struct ms_rulebook_content elf = { "application/x-elf",
		(const unsigned char *)"\177ELF", 4, false };
	const struct ms_rulebook_content png = { "image/png",
		(const unsigned char *)"", 0, false };
	const struct ms_rulebook_content text = { "text/plain",
		(const unsigned char *)"x", 1, true };

	(void)state;
	ms_rulebook_check_type(book, &elf, on_hit, &told);
	ms_rulebook_check_type(book, &png, on_hit, &told);
	ms_rulebook_check_type(book, &text, on_hit, &told);
	assert_string_equal(told.text->str, "type:executable;type:Image/*;");
	(void)g_string_free(told.text, TRUE);
	ms_rulebook_free(book);
}

static void
test_texts(void **state)
{
	static const char *const regexes[] = { "raw:/a\\xffb/",
		"one=body:/\303\204pfel/i", "header:Subject:/^x.y$/s",
		"header:/^to: z/i", "evil=body:/^(a+)+$/", "raw:/p\\/q/",
		NULL };
	static const struct {
		enum ms_rulebook_place place;
		const char *field, *text, *want;
	} rows[] = {
		{ MS_RULEBOOK_RAW, NULL, "xa\377b", "regex:raw:/a\\xffb/;" },
		{ MS_RULEBOOK_RAW, NULL, "p/q", "regex:raw:/p\\/q/;" },
		{ MS_RULEBOOK_BODY, NULL, "ein \303\244PFEL", "regex:one;" },
		{ MS_RULEBOOK_HEADER, "SUBJECT", "x\ny",
		  "regex:header:Subject:/^x.y$/s;" },
		{ MS_RULEBOOK_HEADER, "To", "xzy", "" },
		{ MS_RULEBOOK_LINE, NULL, "To: z",
		  "regex:header:/^to: z/i;" },
		{ MS_RULEBOOK_BODY, NULL,
		  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab",
		  "?regex:evil;" },
	};
	const struct ms_rulebook_config config = { .regexes = regexes };
	struct ms_rulebook *book = book_of(&config);

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		struct told told = { book, g_string_new(NULL) };
		const struct ms_rulebook_text text = { .data = rows[i].text,
			.size = strlen(rows[i].text),
			.field = rows[i].field };

		ms_rulebook_check_text(book, rows[i].place, &text, on_hit,
		    &told);
		if (strcmp(told.text->str, rows[i].want) != 0)
			fail_msg("%s: %s", rows[i].text, told.text->str);
		(void)g_string_free(told.text, TRUE);
	}
	ms_rulebook_free(book);
}

static void
test_wrong(void **state)
{
	static const struct {
		const char *name, *type, *regex, *error;
	} rows[] = {
		{ "re:(", NULL, NULL, "missing" },
		{ "re:\377\254`r\255", NULL, NULL, "UTF-8" },
		{ NULL, NULL, "body:/\377\254r/", "UTF-8" },
		{ "", NULL, NULL, "no name" },
		{ NULL, "exe", NULL, "office-macro" },
		{ NULL, NULL, "body:x", "/EXPRESSION/" },
		{ NULL, NULL, "body:/", "/EXPRESSION/" },
		{ NULL, NULL, "body:/x/q", "/EXPRESSION/" },
		{ NULL, NULL, "body:/(/", "missing" },
		{ NULL, NULL, "/x/", "none of raw:" },
		{ NULL, NULL, "header:x", "/EXPRESSION/" },
		{ NULL, NULL, "header:To:", "/EXPRESSION/" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		const char *const names[] = { rows[i].name, NULL };
		const char *const types[] = { rows[i].type, NULL };
		const char *const regexes[] = { rows[i].regex, NULL };
		const struct ms_rulebook_config config = { names, types,
			regexes, false };
		struct ms_rulebook *book;
		struct ms_error err = { "" };

		assert_int_equal(ms_rulebook_new(&config, &book, &err),
		    MS_E_USAGE);
		assert_null(book);
		if (!strstr(err.text, rows[i].error))
			fail_msg("%zu: %s", i, err.text);
	}
}

/* No rules are no book; other rules are another one. */
static void
test_books(void **state)
{
	static const char *const one[] = { "x=body:/a/", NULL };
	static const char *const other[] = { "x=body:/b/", NULL };
	struct ms_rulebook_config config = { .regexes = one };
	struct ms_rulebook *a = book_of(&config), *b, *none;
	struct ms_digest first = ms_rulebook_digest(a), second;

	(void)state;
	config.regexes = other;
	b = book_of(&config);
	second = ms_rulebook_digest(b);
	assert_false(ms_hash_equal(&first, &second));
	assert_true(ms_rulebook_looks(a, MS_RULEBOOK_BODY));
	assert_false(ms_rulebook_looks(a, MS_RULEBOOK_RAW));
	config.regexes = NULL;
	assert_int_equal(ms_rulebook_new(&config, &none, NULL), MS_OK);
	assert_null(none);
	assert_int_equal(ms_rulebook_count(none), 0);
	ms_rulebook_free(a);
	ms_rulebook_free(b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_double),
		cmocka_unit_test(test_types),
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_wrong),
		cmocka_unit_test(test_books),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
