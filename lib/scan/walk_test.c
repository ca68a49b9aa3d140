#include "scan/cause.h"
#include "scan/walk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* An engine that looks at every content for a word, and counts. */
static unsigned looked;

static enum ms_status
open_words(const struct ms_engine_config *engine_config, void **state,
    struct ms_error *err)
{
	(void)engine_config;
	(void)err;
	*state = NULL;
	return MS_OK;
}

static void
close_words(void *state)
{
	(void)state;
}

static enum ms_status
scan_words(void *state, const struct ms_engine_input *input,
    const struct ms_engine_sink *sink, void *arg, struct ms_error *err)
{
	(void)state;
	looked++;
	if (memmem(input->data, input->size, "bad", 3))
		sink->found(arg, "Bad");
	if (memmem(input->data, input->size, "large", 5))
		sink->gap(arg, MS_ENGINE_GAP_SIZE, "too large");
	return memmem(input->data, input->size, "broken", 6) ?
	    ms_error_set(err, MS_E_ENGINE, "out of order") : MS_OK;
}

static const struct ms_engine_ops words = { .name = "words",
	.open = open_words, .close = close_words, .scan = scan_words };

static void
on_finding(void *arg, const char *engine, const char *name, const char *part)
{
	(void)engine;
	g_string_append_printf(arg, "%s@%s;", name, part);
}

static void
on_gap(void *arg, enum ms_reason reason, const char *part,
    const char *detail)
{
	(void)detail;
	g_string_append_printf(arg, "%s!%s;", ms_facts_reason_name(reason),
	    part);
}

static void
on_ambiguity(void *arg, const char *reason, const char *part,
    const char *detail)
{
	(void)arg;
	(void)reason;
	(void)part;
	(void)detail;
}

#define MIXED "Content-Type: multipart/mixed; boundary=b\n\n"
#define PART(text) "--b\n\n" text "\n"

static void
test_walk(void **state)
{
	static const struct {
		const char *name, *text;
		bool raw;
		unsigned looked;
		bool clean;
		const char *want;
	} cases[] = {
		{ "one", "A: b\n\nhello", false, 1, true, "" },
		{ "found", "A: b\n\nbad", false, 1, false, "Bad@1;" },
		{ "two", MIXED PART("x") PART("bad") "--b--\n", false, 2,
		  false, "Bad@2;" },
		{ "each content once", MIXED PART("bad") PART("bad")
		  PART("bad") "--b--\n", false, 1, false,
		  "Bad@1;Bad@2;Bad@3;" },
		{ "empty ones never", MIXED "--b\n\n--b\n\n--b--\n", false,
		  0, true, "" },
		{ "gap", "A: b\n\nlarge", false, 1, false, "limit-size!1;" },
		{ "broken", "A: b\n\nbroken", false, 1, false,
		  "engine-failed!1;" },
		{ "a block in a part", "A: b\n\nbegin 644 x\n#8F%D\n`\nend\n",
		  false, 2, false, "Bad@1/x;" },
		{ "raw has no parts", "x\n" MIXED PART("bad") "--b--\n",
		  true, 0, true, "" },
		{ "raw that is mail has", MIXED PART("bad") "--b--\n", true,
		  1, false, "Bad@1;" },
	};
	struct ms_scan_config config = {
		.layers = ms_layers_new(true),
		.limits = { .part_bytes = 1 << 20, .total_bytes = 1 << 20,
			.ratio = 100, .parts = 100, .mime_depth = 9,
			.archive_depth = 9, .time_ms = 60 * 1000 },
		.spool = { .heap_max = 1 << 20 },
	};
	const struct ms_scan_sink sink = { .finding = on_finding,
		.gap = on_gap, .ambiguity = on_ambiguity };
	const struct ms_engine_config nothing = { 0 };

	(void)state;
	ms_scan_start();
	assert_int_equal(MS_OK, ms_engine_open(&words, &nothing,
	    &config.engine, NULL));
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		GString *seen = g_string_new(NULL);
		const struct ms_scan_input input = {
			.data = (const unsigned char *)cases[i].text,
			.size = strlen(cases[i].text),
			.raw = cases[i].raw,
		};
		struct ms_walk walk;

		print_message("  %s\n", cases[i].name);
		looked = 0;
		ms_layers_begin(config.layers);
		ms_walk_init(&walk, &config, &sink, seen, NULL);
		ms_walk_message(&walk, &input, false);
		assert_string_equal(cases[i].want, seen->str);
		assert_int_equal(cases[i].looked, looked);
		assert_int_equal(cases[i].clean, walk.clean);
		ms_walk_clear(&walk);
		g_string_free(seen, TRUE);
	}
	ms_engine_close(config.engine);
	ms_layers_free(config.layers);
}

static void
test_reasons(void **state)
{
	static const struct {
		enum ms_budget_limit limit;
		enum ms_reason want;
	} limits[] = {
		{ MS_BUDGET_SIZE, MS_REASON_LIMIT_SIZE },
		{ MS_BUDGET_TIME, MS_REASON_LIMIT_TIME },
		{ MS_BUDGET_MEMORY, MS_REASON_LIMIT_MEMORY },
		{ MS_BUDGET_DEPTH, MS_REASON_LIMIT_DEPTH },
		{ MS_BUDGET_COUNT, MS_REASON_LIMIT_COUNT },
		{ MS_BUDGET_RATIO, MS_REASON_LIMIT_RATIO },
	};
	static const struct {
		enum ms_engine_gap gap;
		enum ms_reason want;
	} gaps[] = {
		{ MS_ENGINE_GAP_SIZE, MS_REASON_LIMIT_SIZE },
		{ MS_ENGINE_GAP_TIME, MS_REASON_LIMIT_TIME },
		{ MS_ENGINE_GAP_MEMORY, MS_REASON_LIMIT_MEMORY },
		{ MS_ENGINE_GAP_DEPTH, MS_REASON_LIMIT_DEPTH },
		{ MS_ENGINE_GAP_COUNT, MS_REASON_LIMIT_COUNT },
		{ MS_ENGINE_GAP_ENCRYPTED, MS_REASON_ENCRYPTED },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(limits); i++) {
		struct ms_budget budget = { .hit = limits[i].limit };

		print_message("  %s\n", ms_facts_reason_name(
		    limits[i].want));
		assert_int_equal(limits[i].want, ms_cause_limit(&budget));
		assert_int_equal(gaps[i].want,
		    ms_cause_engine(gaps[i].gap));
	}
}

/* Temporary storage is full while an attached mailbox is split: what could
 * not be kept was not looked at, and that is told. */
static void
test_full(void **state)
{
	static const char mailbox[] = "From a\nSubject: x\n\n"
	    "more bytes than the spool may keep, and bad ones among them\n";
	struct ms_scan_config config = {
		.layers = ms_layers_new(true),
		.limits = { .part_bytes = 1 << 20, .total_bytes = 1 << 20,
		    .ratio = 100, .parts = 100, .mime_depth = 9,
		    .archive_depth = 9, .time_ms = 60 * 1000 },
		.spool = { .heap_max = 16, .dir = "/nonexistent" },
	};
	const struct ms_scan_sink sink = { .finding = on_finding,
		.gap = on_gap, .ambiguity = on_ambiguity };
	const struct ms_scan_input input = {
		.data = (const unsigned char *)mailbox,
		.size = sizeof mailbox - 1,
		.raw = true,
	};
	const struct ms_engine_config nothing = { 0 };
	GString *seen = g_string_new(NULL);
	struct ms_walk walk;

	(void)state;
	ms_scan_start();
	assert_int_equal(MS_OK, ms_engine_open(&words, &nothing,
	    &config.engine, NULL));
	ms_layers_begin(config.layers);
	ms_walk_init(&walk, &config, &sink, seen, NULL);
	ms_walk_message(&walk, &input, false);
	assert_string_equal("engine-failed!;", seen->str);
	assert_false(walk.clean);
	ms_walk_clear(&walk);
	ms_engine_close(config.engine);
	ms_layers_free(config.layers);
	g_string_free(seen, TRUE);
}

static void
on_part(void *arg, const struct ms_part *part)
{
	g_string_append_printf(arg, "%u:%s;", part->level, part->path);
}

/* "<BYTES>" for what is picked. */
static void
on_blob(void *arg, const struct ms_part *part, const unsigned char *data)
{
	const struct ms_digest digest = ms_hash_of(data, part->size);

	assert_true(ms_hash_equal(&digest, &part->sha256));
	g_string_append_printf(arg, "<%.*s>", (int)part->size,
	    (const char *)data);
}

/* Each content is picked once, by the first part of a type that is wanted,
 * and with what is found by what has it itself. */
static void
test_pick(void **state)
{
	static const char *const html[] = { "text/html", NULL };
	static const struct {
		const char *name, *text;
		bool tree;
		struct ms_pick pick;
		const char *want;
	} cases[] = {
		{ "no bytes", "\nx", false, { false, false, NULL }, "1:1;" },
		{ "bytes", "\nx", false, { true, false, NULL }, "1:1;<x>" },
		{ "none of nothing", "Subject: s\n\n", false,
		  { true, false, NULL }, "1:1;" },
		{ "a tree", MIXED PART("x") "--b--\n", true,
		  { true, false, NULL }, "1:;2:1;<x>" },
		{ "once", MIXED PART("x") PART("x") PART("y") "--b--\n",
		  false, { true, false, NULL }, "2:1;<x>2:2;2:3;<y>" },
		{ "of a type", MIXED PART("x") "--b\n"
		  "Content-Type: Text/HTML\n\nx\n" PART("y") "--b--\n",
		  false, { true, false, html }, "2:1;2:2;<x>2:3;" },
		{ "found", MIXED PART("x") PART("bad") PART("bad")
		  "--b--\n", false, { true, true, NULL },
		  "2:1;2:2;Bad@2;<bad>2:3;Bad@3;" },
		{ "found inside", "\nbegin 644 x\n#8F%D\n`\nend\n", false,
		  { true, true, NULL }, "1:1;2:1/x;Bad@1/x;<bad>" },
		{ "too large", "Content-Type: multipart/x; boundary=b\n\n"
		  "0123456789", false, { true, false, NULL },
		  "2:1;limit-size!1;" },
	};
	const struct ms_scan_sink sink = { .finding = on_finding,
		.gap = on_gap, .part = on_part, .blob = on_blob,
		.ambiguity = on_ambiguity };
	const struct ms_engine_config nothing = { 0 };

	(void)state;
	ms_scan_start();
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct ms_scan_config config = {
			.layers = ms_layers_new(true),
			.limits = { .part_bytes = 1 << 20,
				.total_bytes = i + 1 ==
				    G_N_ELEMENTS(cases) ? 9 : 1 << 20,
				.ratio = 100, .parts = 100, .mime_depth = 9,
				.archive_depth = 9, .time_ms = 60 * 1000 },
			.spool = { .heap_max = 1 << 20 },
			.tree = cases[i].tree,
			.pick = cases[i].pick,
		};
		const struct ms_scan_input input = {
			.data = (const unsigned char *)cases[i].text,
			.size = strlen(cases[i].text),
		};
		GString *seen = g_string_new(NULL);
		struct ms_walk walk;

		print_message("  %s\n", cases[i].name);
		assert_int_equal(MS_OK, ms_engine_open(&words, &nothing,
		    &config.engine, NULL));
		ms_layers_begin(config.layers);
		ms_walk_init(&walk, &config, &sink, seen, NULL);
		ms_walk_message(&walk, &input, false);
		assert_string_equal(cases[i].want, seen->str);
		ms_walk_clear(&walk);
		ms_engine_close(config.engine);
		ms_layers_free(config.layers);
		g_string_free(seen, TRUE);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pick),
		cmocka_unit_test(test_walk),
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_reasons),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
