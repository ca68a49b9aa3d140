#include "report/fields.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Of every kind one; digest is of 64 digits. */
static const char text[] = "{\"s\":\"a\\\\x0ab\",\"nul\":\"\\\\x00\","
	"\"bad\":\"\\\\q\",\"null\":null,\"n\":5,\"neg\":-5,\"f\":1.5,"
	"\"yes\":true,\"no\":false,\"o\":{\"s\":\"in\"},\"a\":[],"
	"\"digest\":\"0123456789abcdefABCDEF0000000000"
	"000000000000000000000000000000ff\","
	"\"nodigest\":\"g123456789abcdef0000000000000000"
	"000000000000000000000000000000ff\"}";

static json_t *object;
static struct ms_error err;
static struct ms_fields fields;

static int
setup(void **state)
{
	(void)state;
	object = json_loads(text, 0, NULL);
	err = (struct ms_error){ "" };
	fields = (struct ms_fields){ .object = object, .err = &err,
		.strings = g_ptr_array_new_with_free_func(g_free) };
	return object ? 0 : -1;
}

static int
teardown(void **state)
{
	(void)state;
	g_ptr_array_unref(fields.strings);
	json_decref(object);
	return 0;
}

/* What is wrong by now, which is then forgotten; NULL: nothing. */
static void
check(const char *wrong)
{
	assert_int_equal(wrong ? MS_E_FORMAT : MS_OK, fields.status);
	assert_string_equal(wrong ? wrong : "", err.text);
	fields.status = MS_OK;
	*err.text = '\0';
}

static void
check_text(const char *key, const char *want, const char *wrong)
{
	char *got = ms_fields_text(&fields, key);

	if (want)
		assert_string_equal(want, got);
	else
		assert_null(got);
	g_free(got);
	check(wrong);
}

static void
test_text(void **state)
{
	char *got;

	(void)state;
	check_text("s", "a\nb", NULL);
	check_text("null", NULL, NULL);
	check_text("absent", NULL, NULL);
	check_text("n", NULL, "\"n\" is no string");
	check_text("nul", "", "\"nul\" is a string with a NUL byte");
	got = ms_fields_text(&fields, "bad");
	check("\"bad\" is not quoted as reports are");
	g_free(got);
	got = ms_fields_need(&fields, "absent");
	assert_string_equal("", got);
	check("\"absent\" is missing");
	g_free(got);
	got = ms_fields_need(&fields, "s");
	assert_string_equal("a\nb", got);
	check(NULL);
	g_free(got);
	assert_string_equal("a\nb", ms_fields_lend(&fields, "s"));
	assert_null(ms_fields_lend(&fields, "null"));
	assert_string_equal("", ms_fields_lend_needed(&fields, "null"));
	check("\"null\" is missing");
	assert_int_equal(2, fields.strings->len);
}

/* All bytes come back as they were. */
static void
test_quoted(void **state)
{
	char all[256];
	json_t *value;
	char *got;

	(void)state;
	for (int i = 0; i < 255; i++)
		all[i] = (char)(i + 1);
	all[255] = '\0';
	value = ms_fields_quoted(all);
	assert_true(json_is_string(value));
	got = ms_fields_unquote(&fields, "x", value);
	assert_string_equal(all, got);
	check(NULL);
	g_free(got);
	json_decref(value);
	value = ms_fields_quoted(NULL);
	assert_true(json_is_null(value));
	json_decref(value);
}

static void
test_number(void **state)
{
	static const struct {
		const char *key;
		int64_t min, want;
		const char *wrong;
	} cases[] = {
		{ "n", 0, 5, NULL }, { "n", 5, 5, NULL },
		{ "n", 6, 5, "\"n\" is too small a number" },
		{ "neg", -5, -5, NULL },
		{ "f", 0, 9, "\"f\" is no integer" },
		{ "s", 0, 9, "\"s\" is no integer" },
		{ "null", 0, 9, NULL }, { "absent", 0, 9, NULL },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		assert_int_equal(cases[i].want, ms_fields_number(&fields,
		    cases[i].key, cases[i].min, 9));
		check(cases[i].wrong);
	}
	assert_int_equal(5, ms_fields_count(&fields, "n"));
	assert_int_equal(0, ms_fields_count(&fields, "absent"));
	check(NULL);
	(void)ms_fields_count(&fields, "neg");
	check("\"neg\" is too small a number");
}

static void
test_flag(void **state)
{
	(void)state;
	assert_true(ms_fields_flag(&fields, "yes"));
	assert_false(ms_fields_flag(&fields, "no"));
	assert_false(ms_fields_flag(&fields, "null"));
	assert_false(ms_fields_flag(&fields, "absent"));
	check(NULL);
	assert_false(ms_fields_flag(&fields, "n"));
	check("\"n\" is neither true nor false");
}

static void
test_digest(void **state)
{
	const struct ms_digest none = { { 0 } }, want = { {
		0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef, 0xab, 0xcd,
		0xef, [31] = 0xff } };
	struct ms_digest got = ms_fields_digest(&fields, "digest", true);

	(void)state;
	assert_memory_equal(&want, &got, sizeof got);
	got = ms_fields_digest(&fields, "absent", false);
	assert_memory_equal(&none, &got, sizeof got);
	check(NULL);
	(void)ms_fields_digest(&fields, "null", true);
	check("\"null\" is missing");
	(void)ms_fields_digest(&fields, "nodigest", false);
	check("\"nodigest\" is no digest");
	(void)ms_fields_digest(&fields, "s", false);
	check("\"s\" is no digest");
	(void)ms_fields_digest(&fields, "n", false);
	check("\"n\" is no digest");
}

/* The first thing that is wrong stays, also inside; what is not there has
 * nothing inside. */
static void
test_inside(void **state)
{
	struct ms_fields inner = ms_fields_inside(&fields, "o");

	(void)state;
	assert_string_equal("in", ms_fields_lend(&inner, "s"));
	(void)ms_fields_lend_needed(&inner, "n");
	(void)ms_fields_count(&inner, "s");
	assert_int_equal(MS_E_FORMAT, inner.status);
	assert_string_equal("\"n\" is missing", err.text);
	assert_int_equal(MS_OK, fields.status);
	*err.text = '\0';
	inner = ms_fields_inside(&fields, "absent");
	assert_null(ms_fields_lend(&inner, "s"));
	check(NULL);
	inner = ms_fields_inside(&fields, "a");
	assert_null(ms_fields_lend(&inner, "s"));
	check("\"a\" is no object");
}

/* One line each; what is no object, or cannot be written, is said. */
static void
test_write(void **state)
{
	char *lines = NULL;
	size_t size;
	FILE *stream = open_memstream(&lines, &size);

	(void)state;
	assert_int_equal(MS_OK, ms_fields_write(stream, json_pack("{s:o,s:o}",
	    "a", ms_fields_quoted("x\ny"), "b", ms_fields_quoted(NULL)),
	    &err));
	assert_int_equal(MS_OK, ms_fields_write(stream, json_pack("{}"),
	    &err));
	assert_int_equal(MS_E_IO, ms_fields_write(stream, NULL, &err));
	assert_string_equal("no memory for a line", err.text);
	*err.text = '\0';
	assert_int_equal(0, fclose(stream));
	assert_string_equal("{\"a\":\"x\\\\x0ay\",\"b\":null}\n{}\n",
	    lines);
	free(lines);
	stream = fopen("/dev/full", "w");
	(void)setvbuf(stream, NULL, _IONBF, 0);
	assert_int_equal(MS_E_IO, ms_fields_write(stream, json_pack("{}"),
	    &err));
	*err.text = '\0';
	(void)fclose(stream);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_text, setup, teardown),
		cmocka_unit_test_setup_teardown(test_quoted, setup, teardown),
		cmocka_unit_test_setup_teardown(test_number, setup, teardown),
		cmocka_unit_test_setup_teardown(test_flag, setup, teardown),
		cmocka_unit_test_setup_teardown(test_digest, setup, teardown),
		cmocka_unit_test_setup_teardown(test_inside, setup, teardown),
		cmocka_unit_test_setup_teardown(test_write, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
