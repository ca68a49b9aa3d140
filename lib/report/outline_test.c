#include "report/outline.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct ms_report_engine engine = { .name = "none" };

/* A part as the tests write it down. */
struct sample {
	enum ms_part_kind kind;
	uint32_t level;
	const char *path, *type, *filename, *detected;
	uint64_t size;
};

#define LEAF(level, path, type, filename, detected, size) \
	{ MS_PART_LEAF, level, path, type, filename, detected, size }
#define MEMBER(level, path, detected, size) \
	{ MS_PART_MEMBER, level, path, NULL, NULL, detected, size }
#define MULTI(level, path) \
	{ MS_PART_MULTIPART, level, path, "multipart/mixed", NULL, NULL, 0 }

static struct ms_outcome *
outcome_new(void)
{
	struct ms_message message = { .origin = {
		.source = (char *)"a.eml" }, .size = 9 };

	return ms_outcome_new(&message);
}

static void
add(struct ms_outcome *outcome, const struct sample *sample)
{
	struct ms_part part = {
		.path = (char *)(uintptr_t)sample->path,
		.content_type = (char *)(uintptr_t)sample->type,
		.filename = (char *)(uintptr_t)sample->filename,
		.detected_type = sample->detected,
		.kind = sample->kind,
		.level = sample->level,
		.size = sample->size,
	};

	/* All different, unless the size is, too. */
	part.sha256.bytes[0] = (unsigned char)sample->size;
	ms_facts_part(&outcome->facts, &part);
}

/* What is printed for OUTCOME, which goes with it. */
static char *
draw(struct ms_outcome *outcome, const struct ms_report_options *options)
{
	char *got = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&got, &size);
	struct ms_report *report = ms_report_new("tree", stream, options,
	    &engine);
	struct ms_error err;

	assert_non_null(report);
	assert_int_equal(MS_OK, ms_report_message(report, outcome, &err));
	assert_int_equal(MS_OK, ms_report_summary(report,
	    &(struct ms_report_totals){ 0 }, &err));
	ms_report_free(report);
	fclose(stream);
	ms_outcome_free(outcome);
	return got;
}

static void
expect(const char *want, struct ms_outcome *outcome, bool utf8)
{
	const struct ms_report_options options = { .utf8 = utf8 };
	char *got = draw(outcome, &options);

	assert_string_equal(want, got);
	free(got);
}

static const struct sample nested[] = {
	MULTI(1, ""),
	LEAF(2, "1", "text/plain", NULL, "text/plain", 1),
	MULTI(2, "2"),
	LEAF(3, "2.1/a.zip", "application/zip", "a.zip", "application/zip",
	    2),
	MEMBER(4, "2.1/a.zip/d/x", "text/plain", 3),
	MEMBER(4, "2.1/a.zip/y.eml", "message/rfc822", 4),
	LEAF(5, "2.1/a.zip/y.eml/1", "text/html", NULL, "text/html", 5),
	LEAF(2, "3", "image/png", NULL, "application/zip", 6),
};

static void
test_tree(void **state)
{
	struct ms_outcome *outcome = outcome_new();
	struct ms_outcome *again = outcome_new();

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(nested); i++) {
		add(outcome, &nested[i]);
		add(again, &nested[i]);
	}
	outcome->facts.headers.subject = g_strdup("Hello\n");
	expect("a.eml: 9 bytes\n"
	    "  Subject: Hello\\x0a\n"
	    "`-- multipart/mixed\n"
	    "    |-- 1 text/plain, 1 byte\n"
	    "    |-- 2 multipart/mixed\n"
	    "    |   `-- 2.1 application/zip \"a.zip\", 2 bytes\n"
	    "    |       |-- \"d/x\" text/plain, 3 bytes\n"
	    "    |       `-- \"y.eml\" message/rfc822, 4 bytes\n"
	    "    |           `-- 1 text/html, 5 bytes\n"
	    "    `-- 3 image/png, 6 bytes, looks like application/zip\n",
	    outcome, false);
	expect("a.eml: 9 bytes\n"
	    "└── multipart/mixed\n"
	    "    ├── 1 text/plain, 1 byte\n"
	    "    ├── 2 multipart/mixed\n"
	    "    │   └── 2.1 application/zip \"a.zip\", 2 bytes\n"
	    "    │       ├── \"d/x\" text/plain, 3 bytes\n"
	    "    │       └── \"y.eml\" message/rfc822, 4 bytes\n"
	    "    │           └── 1 text/html, 5 bytes\n"
	    "    └── 3 image/png, 6 bytes, looks like application/zip\n",
	    again, true);
}

/* What concerns a part stands below it, by its path or its position; what
 * concerns none that is listed comes last. */
static void
test_notes(void **state)
{
	struct ms_outcome *outcome = outcome_new();
	struct ms_facts *facts = &outcome->facts;

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(nested); i++)
		add(outcome, &nested[i]);
	ms_facts_ambiguity(facts, "duplicate-content-type", "", "two");
	ms_facts_ambiguity(facts, "bare-cr", "2.1/a.zip/y.eml", "");
	ms_facts_gap(facts, MS_REASON_LIMIT_SIZE, "2.1", "too large");
	ms_facts_gap(facts, MS_REASON_MALFORMED, "3", "no\033[1m");
	ms_facts_gap(facts, MS_REASON_ENCRYPTED, "2.1/a.zip/z", "locked");
	ms_facts_gap(facts, MS_REASON_ENCRYPTED, "2.1/a.zip/q/r", "locked");
	ms_facts_gap(facts, MS_REASON_ENCRYPTED, "9.9", "locked");
	ms_facts_finding(facts, "clamav", "Eicar", "2.1/a.zip/d/x");
	facts->parts_omitted = 3;
	expect("a.eml: 9 bytes\n"
	    "  ! \"9.9\" encrypted: locked\n"
	    "  ~ ambiguous: duplicate-content-type: two\n"
	    "`-- multipart/mixed\n"
	    "    |-- 1 text/plain, 1 byte\n"
	    "    |-- 2 multipart/mixed\n"
	    "    |   `-- 2.1 application/zip \"a.zip\", 2 bytes\n"
	    "    |       |   ! limit-size: too large\n"
	    "    |       |   ! \"z\" encrypted: locked\n"
	    "    |       |   ! \"q/r\" encrypted: locked\n"
	    "    |       |-- \"d/x\" text/plain, 3 bytes\n"
	    "    |       |       ! found: Eicar\n"
	    "    |       `-- \"y.eml\" message/rfc822, 4 bytes\n"
	    "    |           |   ~ ambiguous: bare-cr\n"
	    "    |           `-- 1 text/html, 5 bytes\n"
	    "    `-- 3 image/png, 6 bytes, looks like application/zip\n"
	    "            ! malformed: no\\x1b[1m\n"
	    "! 3 more parts\n", outcome, false);
}

/* Levels may be anything, and so may names. */
static void
test_hostile(void **state)
{
	static const struct sample samples[] = {
		LEAF(UINT32_MAX, "1/\",\n\033", "text/plain\n", "\",\n\033",
		    "text/plain", 1),
		MEMBER(0, "", "text/plain", 2),
		MEMBER(900, "../../x", "text/plain", 3),
		LEAF(2, "1/a", "t", "b/a", "text/plain", 4),
		LEAF(1, "/", "", "", "application/octet-stream", 0),
	};
	struct ms_outcome *outcome = outcome_new();

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(samples); i++)
		add(outcome, &samples[i]);
	expect("a.eml: 9 bytes\n"
	    "|-- 1 \"text/plain\\x0a\" \"\\x22,\\x0a\\x1b\", 1 byte\n"
	    "|-- \"\" text/plain, 2 bytes\n"
	    "|   |-- \"../../x\" text/plain, 3 bytes\n"
	    "|   `-- 1 t \"b/a\", 4 bytes, looks like text/plain\n"
	    "`-- \"\" \"\", 0 bytes\n", outcome, false);
}

/* What was put together from pieces has its positions, too. */
static void
test_joined(void **state)
{
	static const struct sample samples[] = {
		LEAF(1, "1", "message/partial", NULL, "text/plain", 1),
		MULTI(1, "joined"),
		LEAF(2, "joined/1", "text/plain", NULL, "text/plain", 2),
		LEAF(2, "joined/2/a.zip", "application/zip", "a.zip",
		    "application/zip", 3),
		MEMBER(3, "joined/2/a.zip/x", "text/plain", 4),
	};
	struct ms_outcome *outcome = outcome_new();

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(samples); i++)
		add(outcome, &samples[i]);
	ms_facts_gap(&outcome->facts, MS_REASON_ENCRYPTED, "joined/2",
	    "locked");
	expect("a.eml: 9 bytes\n"
	    "|-- 1 message/partial, 1 byte, looks like text/plain\n"
	    "`-- joined multipart/mixed\n"
	    "    |-- joined/1 text/plain, 2 bytes\n"
	    "    `-- joined/2 application/zip \"a.zip\", 3 bytes\n"
	    "        |   ! encrypted: locked\n"
	    "        `-- \"x\" text/plain, 4 bytes\n", outcome, false);
}

static void
test_declared(void **state)
{
	struct ms_part part = {
		.path = (char *)"1",
		.content_type = (char *)"text/plain",
		.encoding = (char *)"7bit, 12 bytes",
		.charset = (char *)"utf-8",
		.detected_type = "text/plain",
		.kind = MS_PART_LEAF,
		.level = 2,
		.size = 1,
	};
	const struct ms_part multipart = {
		.path = (char *)"",
		.content_type = (char *)"multipart/mixed",
		.boundary = (char *)"=\"_",
		.kind = MS_PART_MULTIPART,
		.level = 1,
	};
	const struct ms_report_options options = { .digests = true };
	struct ms_outcome *outcome = outcome_new();
	char *got;

	(void)state;
	memset(part.sha256.bytes, 0xab, MS_HASH_SIZE);
	ms_facts_part(&outcome->facts, &multipart);
	ms_facts_part(&outcome->facts, &part);
	part.path = (char *)"2";
	ms_facts_part(&outcome->facts, &part);
	got = draw(outcome, &options);
	assert_string_equal("a.eml: 9 bytes\n"
	    "`-- multipart/mixed, boundary \"=\\x22_\"\n"
	    "    |-- 1 text/plain, charset utf-8, \"7bit, 12 bytes\", "
	    "1 byte, sha256 abababababababab\n"
	    "    `-- 2 text/plain, charset utf-8, \"7bit, 12 bytes\", "
	    "1 byte, sha256 abababababababab, the same as 1\n", got);
	free(got);
}

/* Half a million of levels, which only a worker that lies can tell of, are
 * not drawn as such; and a deep tree is not kept in memory as text. */
static void
test_deep(void **state)
{
	struct ms_outcome *outcome = outcome_new();
	const struct ms_report_options options = { 0 };
	char *got;

	(void)state;
	for (uint32_t i = 0; i < 600; i++)
		add(outcome, &(struct sample)MULTI(i + 1, ""));
	for (int i = 0; i < 600; i++)
		add(outcome, &(struct sample)LEAF(600, "1", "text/plain",
		    NULL, "text/plain", 0));
	got = draw(outcome, &options);
	assert_in_range(strlen(got), 2000 * 1000, 4000 * 1000);
	free(got);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tree),
		cmocka_unit_test(test_notes),
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_joined),
		cmocka_unit_test(test_declared),
		cmocka_unit_test(test_deep),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
