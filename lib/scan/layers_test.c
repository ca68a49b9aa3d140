#include "scan/layers.h"

#include <glib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* The engine comes by LAYER of TEXT. */
static bool
look(struct ms_layers *layers, uint32_t level, const char *text,
    const char *type, const char *name)
{
	const struct ms_engine_layer layer = {
		.data = (const unsigned char *)text,
		.size = strlen(text),
		.type = type,
		.name = name,
		.level = level,
	};

	return ms_layers_look(layers, &layer, true);
}

static enum ms_layers_state
state_of(struct ms_layers *layers, const char *text)
{
	struct ms_mark mark = ms_layers_mark(layers, text, strlen(text));

	return ms_layers_state(layers, text, strlen(text), &mark, true);
}

static void
walked(struct ms_layers *layers, const char *text)
{
	struct ms_mark mark = ms_layers_mark(layers, text, strlen(text));

	ms_layers_walked(layers, &mark);
}

/* Two layers in one message, and whether the second is passed over. */
static void
test_within(void **state)
{
	static const struct {
		const char *name;
		struct { uint32_t level; const char *text, *type, *name; }
		    one, two;
		bool want;
	} cases[] = {
		{ "the same", { 1, "a", "T", "n" }, { 1, "a", "T", "n" },
		  true },
		{ "other bytes", { 1, "a", "T", "n" }, { 1, "b", "T", "n" },
		  false },
		{ "other type", { 1, "a", "T", "n" }, { 1, "a", "U", "n" },
		  false },
		{ "other name", { 1, "a", "T", "n" }, { 1, "a", "T", "m" },
		  false },
		{ "type and name are told apart", { 1, "a", "T", "n" },
		  { 1, "a", "Tn", "" }, false },
		{ "a line end more", { 1, "a", "T", "n" },
		  { 1, "a\n", "T", "n" }, false },
		{ "the outermost", { 0, "a", "T", "n" },
		  { 0, "a", "T", "n" }, false },
		{ "the outermost, inside", { 0, "a", "T", "n" },
		  { 1, "a", "T", "n" }, false },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct ms_layers *layers = ms_layers_new(true);

		print_message("  %s\n", cases[i].name);
		ms_layers_begin(layers);
		assert_false(look(layers, 0, "raw", "MAIL", ""));
		assert_false(look(layers, cases[i].one.level,
		    cases[i].one.text, cases[i].one.type,
		    cases[i].one.name));
		assert_int_equal(cases[i].want, look(layers,
		    cases[i].two.level, cases[i].two.text,
		    cases[i].two.type, cases[i].two.name));
		ms_layers_free(layers);
	}
	ms_layers_free(NULL);
}

/* A message of three layers; then another one, after an end. */
static void
test_across(void **state)
{
	static const struct {
		const char *name;
		bool clean, distrust;
		const char *outer_type;	/* in the second message */
		bool want;
	} cases[] = {
		{ "clean", true, false, "ZIP", true },
		{ "not clean", false, false, "ZIP", false },
		{ "something stopped the engine", true, true, "ZIP",
		  false },
		{ "in another container", true, false, "RAR", false },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct ms_layers *layers = ms_layers_new(true);

		print_message("  %s\n", cases[i].name);
		ms_layers_begin(layers);
		assert_false(look(layers, 0, "raw", "MAIL", ""));
		assert_false(look(layers, 1, "zip", "ZIP", "a.zip"));
		assert_false(look(layers, 2, "exe", "EXE", "x.exe"));
		if (cases[i].distrust)
			ms_layers_distrust(layers);
		ms_layers_end(layers, cases[i].clean);
		ms_layers_begin(layers);
		assert_false(look(layers, 0, "raw two", "MAIL", ""));
		(void)look(layers, 1, "zip two", cases[i].outer_type,
		    "a.zip");
		assert_int_equal(cases[i].want,
		    look(layers, 2, "exe", "EXE", "x.exe"));
		ms_layers_free(layers);
	}
}

/* A signature matched, and a list of what is fine knew something around it:
 * the same content may be found elsewhere, in this message and the next. */
static void
test_suspect(void **state)
{
	struct ms_layers *layers = ms_layers_new(false);

	(void)state;
	ms_layers_begin(layers);
	(void)look(layers, 0, "raw", "MAIL", "");
	assert_false(look(layers, 1, "zip", "ZIP", "a.zip"));
	assert_false(look(layers, 2, "exe", "EXE", "x.exe"));
	ms_layers_suspect(layers);
	assert_int_equal(MS_LAYERS_EXAMINED, state_of(layers, "exe"));
	assert_false(look(layers, 1, "zip two", "ZIP", "b.zip"));
	assert_false(look(layers, 2, "exe", "EXE", "x.exe"));
	assert_false(look(layers, 2, "exe", "EXE", "x.exe"));
	walked(layers, "exe");
	ms_layers_end(layers, true);
	ms_layers_begin(layers);
	(void)look(layers, 0, "raw two", "MAIL", "");
	assert_false(look(layers, 1, "exe", "EXE", "x.exe"));
	assert_int_equal(MS_LAYERS_EXAMINED, state_of(layers, "exe"));
	/* And that was that. */
	assert_true(look(layers, 1, "exe", "EXE", "x.exe"));
	ms_layers_free(layers);
}

/* Where no signature asks for containers, a layer is the same in any. */
static void
test_no_contexts(void **state)
{
	(void)state;
	for (int contexts = 0; contexts < 2; contexts++) {
		struct ms_layers *layers = ms_layers_new(contexts == 1);

		print_message("  %d\n", contexts);
		ms_layers_begin(layers);
		(void)look(layers, 0, "raw", "MAIL", "");
		(void)look(layers, 1, "zip", "ZIP", "a.zip");
		assert_false(look(layers, 2, "exe", "EXE", "x.exe"));
		(void)look(layers, 1, "rar", "RAR", "a.rar");
		assert_int_equal(contexts == 0,
		    look(layers, 2, "exe", "EXE", "x.exe"));
		assert_false(look(layers, 2, "exe", "EXE", "y.exe"));
		ms_layers_free(layers);
	}
}

/* In a scan that looks for where a finding is nothing is passed over. */
static void
test_may_not_skip(void **state)
{
	const struct ms_engine_layer layer = {
		.data = (const unsigned char *)"a", .size = 1, .type = "T",
		.name = "n", .level = 1 };
	struct ms_layers *layers = ms_layers_new(true);

	(void)state;
	ms_layers_begin(layers);
	assert_false(ms_layers_look(layers, &layer, true));
	assert_false(ms_layers_look(layers, &layer, false));
	assert_true(ms_layers_look(layers, &layer, true));
	ms_layers_free(layers);
}

/* What the engine has looked at is examined, whatever ends its lines. */
static void
test_states(void **state)
{
	static const struct {
		const char *name, *text;
		enum ms_layers_state want;
	} cases[] = {
		{ "layer", "layer", MS_LAYERS_EXAMINED },
		{ "with line ends", "layer\r\n\r\n", MS_LAYERS_EXAMINED },
		{ "layer with line ends", "other", MS_LAYERS_EXAMINED },
		{ "a blank more", "layer ", MS_LAYERS_NEW },
		{ "never seen", "new", MS_LAYERS_NEW },
		{ "outermost", "raw", MS_LAYERS_NEW },
	};
	struct ms_layers *layers = ms_layers_new(true);

	(void)state;
	ms_layers_begin(layers);
	(void)look(layers, 0, "raw", "MAIL", "");
	(void)look(layers, 1, "layer", "T", "");
	(void)look(layers, 1, "other\n", "T", "");
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		print_message("  %s\n", cases[i].name);
		assert_int_equal(cases[i].want,
		    state_of(layers, cases[i].text));
	}
	/* Walked counts only when the message has ended well. */
	walked(layers, "layer");
	ms_layers_end(layers, true);
	ms_layers_begin(layers);
	assert_int_equal(MS_LAYERS_NEW, state_of(layers, "layer"));
	(void)look(layers, 1, "layer", "T", "");
	assert_int_equal(MS_LAYERS_KNOWN, state_of(layers, "layer"));
	/* To the byte, as hash signatures see it. */
	assert_int_equal(MS_LAYERS_EXAMINED, state_of(layers, "layer\n"));
	ms_layers_distrust(layers);
	assert_int_equal(MS_LAYERS_NEW, state_of(layers, "layer"));
	ms_layers_free(layers);
}

static bool
has_lines(struct ms_layers *layers, const char *text, const char *type)
{
	const struct ms_engine_layer layer = {
		.data = (const unsigned char *)text,
		.size = strlen(text),
		.type = type,
		.name = "",
	};

	return ms_layers_lines(layers, &layer);
}

/* Lines are the same in transport and as a parser hands them on, but only those
 * of plain text. */
static void
test_lines(void **state)
{
	static const struct {
		const char *name, *layer, *layer_type, *text, *type;
		bool want;
	} cases[] = {
		{ "in transport", "one\n\ntwo\n", "CL_TYPE_TEXT_ASCII",
		  "one\r\n\r\ntwo\r\n", "CL_TYPE_TEXT_ASCII", true },
		{ "no last line end", "one\n\ntwo\n", "CL_TYPE_TEXT_UTF8",
		  "one\r\n\r\ntwo", "CL_TYPE_TEXT_UTF8", true },
		{ "the same", "one\ntwo", "CL_TYPE_TEXT_ASCII",
		  "one\ntwo", "CL_TYPE_TEXT_ASCII", true },
		{ "mixed", "one\n\ntwo\n", "CL_TYPE_TEXT_ASCII",
		  "one\r\n\ntwo", "CL_TYPE_TEXT_ASCII", true },
		{ "a CR more", "one\ntwo", "CL_TYPE_TEXT_ASCII",
		  "one\r\r\ntwo", "CL_TYPE_TEXT_ASCII", false },
		{ "CR alone", "one\ntwo", "CL_TYPE_TEXT_ASCII",
		  "one\rtwo", "CL_TYPE_TEXT_ASCII", false },
		{ "no line between", "one\n\ntwo", "CL_TYPE_TEXT_ASCII",
		  "one\r\ntwo", "CL_TYPE_TEXT_ASCII", false },
		/* The engine takes one of them for something else. */
		{ "an archive with LF", "one\ntwo", "CL_TYPE_POSIX_TAR",
		  "one\r\ntwo", "CL_TYPE_TEXT_ASCII", false },
		{ "an archive with CRLF", "one\ntwo", "CL_TYPE_TEXT_ASCII",
		  "one\r\ntwo", "CL_TYPE_POSIX_TAR", false },
		{ "HTML", "one\ntwo", "CL_TYPE_HTML",
		  "one\r\ntwo", "CL_TYPE_HTML", false },
	};
	struct ms_layers *layers = ms_layers_new(true);

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		print_message("  %s\n", cases[i].name);
		ms_layers_begin(layers);
		(void)look(layers, 1, cases[i].layer, cases[i].layer_type,
		    "");
		assert_int_equal(cases[i].want, has_lines(layers,
		    cases[i].text, cases[i].type));
		ms_layers_suspect(layers);
		assert_false(has_lines(layers, cases[i].text,
		    cases[i].type));
	}
	ms_layers_begin(layers);
	assert_false(has_lines(layers, "one\r\ntwo", "CL_TYPE_TEXT_ASCII"));
	(void)look(layers, 1, "one\ntwo", "CL_TYPE_TEXT_ASCII", "");
	ms_layers_distrust(layers);
	assert_false(has_lines(layers, "one\r\ntwo", "CL_TYPE_TEXT_ASCII"));
	ms_layers_free(layers);
}

/* Wherever line ends lie in a long text. */
static void
test_long_lines(void **state)
{
	struct ms_layers *layers = ms_layers_new(true);

	(void)state;
	for (size_t first = 8180; first < 8200; first++) {
		GString *lines = g_string_new(NULL), *wire;

		g_string_set_size(lines, first);
		memset(lines->str, 'x', first);
		for (int i = 0; i < 500; i++)
			g_string_append_printf(lines, "\n%0*d", i, i);
		wire = g_string_new(lines->str);
		(void)g_string_replace(wire, "\n", "\r\n", 0);
		ms_layers_begin(layers);
		(void)look(layers, 1, lines->str, "CL_TYPE_TEXT_ASCII", "");
		assert_true(has_lines(layers, wire->str,
		    "CL_TYPE_TEXT_ASCII"));
		wire->str[wire->len - 1] = 'x';
		assert_false(has_lines(layers, wire->str,
		    "CL_TYPE_TEXT_ASCII"));
		g_string_free(lines, TRUE);
		g_string_free(wire, TRUE);
	}
	ms_layers_free(layers);
}

static void
test_walked_but_not_clean(void **state)
{
	struct ms_layers *layers = ms_layers_new(true);

	(void)state;
	ms_layers_begin(layers);
	(void)look(layers, 1, "layer", "T", "");
	walked(layers, "layer");
	ms_layers_end(layers, false);
	ms_layers_begin(layers);
	(void)look(layers, 1, "layer", "T", "");
	assert_int_equal(MS_LAYERS_EXAMINED, state_of(layers, "layer"));
	ms_layers_free(layers);
}

/* A message once distrusted stays so, whatever the engine shows later. */
static void
test_distrust_lasts(void **state)
{
	struct ms_layers *layers = ms_layers_new(true);

	(void)state;
	ms_layers_begin(layers);
	ms_layers_distrust(layers);
	(void)look(layers, 1, "layer", "T", "");
	assert_int_equal(MS_LAYERS_NEW, state_of(layers, "layer"));
	walked(layers, "layer");
	ms_layers_end(layers, true);
	ms_layers_begin(layers);
	assert_false(look(layers, 1, "layer", "T", ""));
	assert_int_equal(MS_LAYERS_EXAMINED, state_of(layers, "layer"));
	ms_layers_free(layers);
}

/* A container that the engine has shown something in. */
static void
test_opened(void **state)
{
	struct ms_layers *layers = ms_layers_new(true);

	(void)state;
	ms_layers_begin(layers);
	(void)look(layers, 0, "raw", "MAIL", "");
	(void)look(layers, 1, "cab", "CAB", "");
	assert_true(ms_layers_opened(layers, "raw", 3));
	assert_false(ms_layers_opened(layers, "cab", 3));
	(void)look(layers, 2, "exe", "EXE", "");
	assert_true(ms_layers_opened(layers, "cab", 3));
	assert_false(ms_layers_opened(layers, "exe", 3));
	ms_layers_begin(layers);
	assert_false(ms_layers_opened(layers, "cab", 3));
	ms_layers_free(layers);
}

/* Levels beyond those told apart are never passed over. */
static void
test_deep(void **state)
{
	struct ms_layers *layers = ms_layers_new(true);

	(void)state;
	ms_layers_begin(layers);
	for (int round = 0; round < 2; round++)
		for (uint32_t level = 0; level < 100; level++) {
			bool skipped = look(layers, level, "x", "T", "");

			assert_false(skipped && (level == 0 ||
			    level > 32 || round == 0));
		}
	ms_layers_free(layers);
}

/* Memory is bounded: what is remembered is forgotten at some time, and it
 * still works. */
static void
test_bounded(void **state)
{
	struct ms_layers *layers = ms_layers_new(true);

	(void)state;
	for (int i = 0; i < 60000; i += 100) {
		ms_layers_begin(layers);
		(void)look(layers, 0, "raw", "MAIL", "");
		for (int k = i; k < i + 100; k++) {
			char *text = g_strdup_printf("%d", k);

			assert_false(look(layers, 1, text, "T", ""));
			g_free(text);
		}
		ms_layers_end(layers, true);
	}
	ms_layers_begin(layers);
	(void)look(layers, 0, "raw", "MAIL", "");
	assert_false(look(layers, 1, "0", "T", ""));
	assert_true(look(layers, 1, "59999", "T", ""));
	ms_layers_free(layers);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_within),
		cmocka_unit_test(test_across),
		cmocka_unit_test(test_suspect),
		cmocka_unit_test(test_no_contexts),
		cmocka_unit_test(test_may_not_skip),
		cmocka_unit_test(test_states),
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_long_lines),
		cmocka_unit_test(test_walked_but_not_clean),
		cmocka_unit_test(test_distrust_lasts),
		cmocka_unit_test(test_opened),
		cmocka_unit_test(test_deep),
		cmocka_unit_test(test_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
