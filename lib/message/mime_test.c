#include "message/mime.h"

#include "message/head.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct ms_budget_limits roomy = {
	.part_bytes = 1 << 20,
	.total_bytes = 1 << 20,
	.ratio = 1000,
	.parts = 100,
	.mime_depth = 10,
	.archive_depth = 10,
	.time_ms = 3600 * 1000,
};

struct seen {
	GString *text;		/* "path type[name]=content;" and
				 * "path!limit;" for what was told */
	unsigned stop_after;
	enum ms_status stop_with;
	unsigned count;
	const struct ms_budget *budget;
	struct ms_error why;	/* the last told */
};

static int
start(void **state)
{
	(void)state;
	ms_mime_start();
	ms_mime_start();
	return 0;
}

static enum ms_status
see(void *arg, const struct ms_mime_leaf *leaf, struct ms_error *err)
{
	struct seen *seen = arg;

	g_string_append_printf(seen->text, "%s %s", leaf->path,
	    leaf->content_type);
	if (leaf->filename)
		g_string_append_printf(seen->text, "[%s]", leaf->filename);
	g_string_append_c(seen->text, '=');
	g_string_append_len(seen->text, (const char *)leaf->data,
	    (gssize)leaf->size);
	g_string_append_c(seen->text, ';');
	if (++seen->count != seen->stop_after)
		return MS_OK;
	return seen->stop_with < 0 ? ms_error_set(err, seen->stop_with,
	    "visitor") : seen->stop_with;
}

static void
hear(void *arg, const char *path, enum ms_status status,
    const struct ms_error *why)
{
	static const char *const limits[] = {
		[MS_BUDGET_NONE] = "none", [MS_BUDGET_SIZE] = "size",
		[MS_BUDGET_TIME] = "time", [MS_BUDGET_DEPTH] = "depth",
		[MS_BUDGET_COUNT] = "count", [MS_BUDGET_RATIO] = "ratio",
	};
	struct seen *seen = arg;

	assert_true(status == MS_E_LIMIT || status == MS_E_FORMAT);
	assert_true(*why->text != '\0');
	seen->why = *why;
	g_string_append_printf(seen->text, "%s!%s;", path,
	    limits[seen->budget->hit]);
}

static enum ms_status
walk(const char *text, size_t size, const struct ms_budget_limits *limits,
    struct seen *seen)
{
	static const struct ms_mime_visitor visitor = { .leaf = see,
		.trouble = hear };
	const struct ms_spool_config config = { .heap_max = 1 << 20 };
	struct ms_budget budget;
	struct ms_mime_input input = {
		.data = g_memdup2(text, size),
		.size = size,
		.spool = ms_spool_new(&config),
		.budget = &budget,
	};
	struct ms_error err = { "" };
	enum ms_status status;

	ms_budget_init(&budget, limits);
	seen->budget = &budget;
	status = ms_mime_walk(&input, &visitor, seen, &err);
	ms_spool_free(input.spool);
	g_free((unsigned char *)(uintptr_t)input.data);
	return status;
}

#define MIXED(b) "Content-Type: multipart/mixed; boundary=\"" b "\"\n\n"
#define B64 "Content-Transfer-Encoding: base64\n"

static const struct {
	const char *name, *text, *want;
} cases[] = {
	{ "nothing", "", "" },
	{ "plain", "Subject: x\n\nhello\n", "1 text/plain=hello\n;" },
	{ "CRLF", "Subject: x\r\n\r\nhello\r\n", "1 text/plain=hello\r\n;" },
	{ "header only", "Subject: x\n", "1 text/plain=;" },
	{ "typed", "Content-Type: TEXT/HTML; charset=x\n\n<p>",
	  "1 text/html=<p>;" },
	{ "base64", B64 "\naGVs\nbG8=\n", "1 text/plain=hello;" },
	{ "base64, upper case", "CONTENT-TRANSFER-ENCODING: BASE64\n\n"
	  "aGVsbG8=\n", "1 text/plain=hello;" },
	{ "base64 with rubbish", B64 "\naG*Vs\n!bG8=\n",
	  "1 text/plain=hello;" },
	{ "base64 without padding", B64 "\naGVsbG8",
	  "1 text/plain=hello;" },
	{ "base64 with half of it", B64 "\naGVsbA=\n",
	  "1 text/plain=hell;" },
	{ "quoted-printable", "Content-Transfer-Encoding: quoted-printable\n"
	  "\na=3Db=\nc=zz", "1 text/plain=a=bc=zz;" },
	{ "uuencode", "Content-Transfer-Encoding: x-uuencode\n\n"
	  "begin 644 a\n#0V%T\n`\nend\n",
	  "1 text/plain=begin 644 a\n#0V%T\n`\nend\n;" },
	{ "unknown encoding", "Content-Transfer-Encoding: rot13\n\nuryyb\n",
	  "1 text/plain=uryyb\n;" },
	{ "two parts", MIXED("b") "--b\n\none\n--b\n\ntwo\n--b--\n",
	  "1 text/plain=one;2 text/plain=two;" },
	{ "no last boundary", MIXED("b") "--b\n\none\n--b\n\ntwo\n",
	  "1 text/plain=one;2 text/plain=two\n;" },
	{ "no boundary at all", MIXED("b") "text\n", "1 text/plain=text\n;"
	},
	{ "nested", MIXED("a") "--a\n" MIXED("b") "--b\n\none\n--b--\n"
	  "--a\n\ntwo\n--a--\n", "1.1 text/plain=one;2 text/plain=two;" },
	{ "file name", "Content-Type: application/zip; name=\"a b.zip\"\n\n"
	  "PK", "1 application/zip[a b.zip]=PK;" },
	{ "disposition before name", "Content-Type: application/zip; "
	  "name=x\nContent-Disposition: attachment; filename=y\n\nPK",
	  "1 application/zip[y]=PK;" },
	{ "RFC 2231", "Content-Disposition: attachment; "
	  "filename*0*=utf-8''%c3%bc; filename*1=\"b.exe\"\n\nMZ",
	  "1 text/plain[\xc3\xbc" "b.exe]=MZ;" },
	{ "RFC 2047", "Content-Disposition: attachment; "
	  "filename=\"=?iso-8859-1?Q?=FC.exe?=\"\n\nMZ",
	  "1 text/plain[\xc3\xbc.exe]=MZ;" },
	{ "a mail in a mail", MIXED("a") "--a\nContent-Type: message/rfc822"
	  "\n\nSubject: inner\n\nhello\n--a--\n",
	  "1.1 text/plain=hello;" },
	{ "parts of a mail in a mail", MIXED("a") "--a\nContent-Type: "
	  "message/rfc822\n\n" MIXED("b") "--b\n" B64 "\naGVsbG8=\n--b\n\n"
	  "two\n--b--\n--a--\n",
	  "1.1 text/plain=hello;1.2 text/plain=two;" },
	{ "a line that is no field first", "junk\n" B64 "\naGVsbG8=\n",
	  "1 text/plain=hello;" },
	{ "a blank line with a space first", " x\n" B64 "\naGVsbG8=\n",
	  "1 text/plain=hello;" },
	{ "no field at all", "junk\nmore\n",
	  "1 text/plain=junk\nmore\n;" },
};

static void
test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct seen seen = { .text = g_string_new(NULL) };

		print_message("  %s\n", cases[i].name);
		assert_int_equal(MS_OK, walk(cases[i].text,
		    strlen(cases[i].text), &roomy, &seen));
		assert_string_equal(cases[i].want, seen.text->str);
		g_string_free(seen.text, TRUE);
	}
}

/* A message cut at any byte is read to the cut and no further. */
static void
test_cut(void **state)
{
	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
		for (size_t n = 0; n <= strlen(cases[i].text); n++) {
			struct seen seen = { .text = g_string_new(NULL) };

			assert_int_equal(MS_OK,
			    walk(cases[i].text, n, &roomy, &seen));
			g_string_free(seen.text, TRUE);
		}
}

#define DEEP MIXED("a") "--a\n" MIXED("b") "--b\n" MIXED("c") \
	"--c\n\ndeep\n--c--\n--b--\n--a\n\ntwo\n--a--\n"
#define TWO MIXED("b") "--b\n" B64 "\naGVsbG8=\n--b\n" B64 \
	"\naGVsbG8=\n--b--\n"

/* Stretches of encoded lines so long that GMime does not see all of them:
 * contents are whole all the same, wherever they are. */
static void
test_stretches(void **state)
{
	static const struct {
		const char *name, *before, *after, *want_before, *want_after;
	} rows[] = {
		{ "content", "Content-Type: x/y\n\n", "z\n", "1 x/y=",
		  "z\n;" },
		{ "second part", "Content-Type: multipart/mixed; boundary=b\n"
		  "\n--b\n\na\n--b\n\n", "z\n--b--\n",
		  "1 text/plain=a;2 text/plain=", "z;" },
		{ "message in it", "Content-Type: message/rfc822\n\n"
		  "Content-Type: x/y\n\n", "\n", "1.1 x/y=", "\n;" },
		{ "in a header", "Content-Type: x/y\n",
		  "X: y\nContent-Disposition: inline; filename=n\n\nz",
		  NULL, "1 x/y[n]=z;" },
		{ "no boundary", "Content-Type: multipart/mixed; boundary=b\n"
		  "\n--b\nContent-Type: multipart/mixed; boundary=c\n\n",
		  "z\n--b--\n", "1 text/plain=", "z;" },
	};
	GString *stretch = g_string_new(NULL);

	(void)state;
	for (int i = 0; i < 4000; i++)
		g_string_append(stretch, "QUJDREVGR0hJSktMTU5PUFFSU1RVVldY\n");
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		struct seen seen = { .text = g_string_new(NULL) };
		char *text = g_strconcat(rows[i].before, stretch->str,
		    rows[i].after, NULL);
		char *want = rows[i].want_before ?
		    g_strconcat(rows[i].want_before, stretch->str,
		    rows[i].want_after, NULL) :
		    g_strdup(rows[i].want_after);

		print_message("  %s\n", rows[i].name);
		assert_int_equal(MS_OK, walk(text, strlen(text), &roomy,
		    &seen));
		assert_string_equal(want, seen.text->str);
		g_string_free(seen.text, TRUE);
		g_free(text);
		g_free(want);
	}
	g_string_free(stretch, TRUE);
}

static void
test_limits(void **state)
{
	static const struct {
		const char *name, *text;
		uint64_t part, total, parts;
		unsigned depth;
		enum ms_status want;
		const char *seen;
	} rows[] = {
		{ "deep enough", DEEP, 99, 99, 99, 4, MS_OK,
		  "1.1.1 text/plain=deep;2 text/plain=two;" },
		{ "too deep", DEEP, 99, 99, 99, 3, MS_OK,
		  "1.1.1!depth;2 text/plain=two;" },
		{ "much too deep", DEEP, 99, 99, 99, 2, MS_OK,
		  "1.1!depth;2 text/plain=two;" },
		{ "part", TWO, 4, 99, 99, 9, MS_OK,
		  "1!size;1 text/plain=;2!size;2 text/plain=;" },
		{ "exactly", TWO, 5, 10, 4, 9, MS_OK,
		  "1 text/plain=hello;2 text/plain=hello;" },
		{ "total", TWO, 5, 9, 99, 9, MS_OK,
		  "1 text/plain=hello;2!size;2 text/plain=;" },
		{ "total, not encoded", "\nhello", 9, 4, 9, 9, MS_E_LIMIT,
		  "" },
		{ "count", TWO, 5, 10, 2, 9, MS_E_LIMIT,
		  "1 text/plain=hello;" },
		{ "count, before parsing", MIXED("b") "--b\n\n1\n--b\n\n2\n"
		  "--b\n\n3\n--b\n\n4\n--b--\n", 9, 99, 3, 9, MS_E_LIMIT,
		  "1 text/plain=1;2 text/plain=2;" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		struct ms_budget_limits limits = roomy;
		struct seen seen = { .text = g_string_new(NULL) };

		print_message("  %s\n", rows[i].name);
		limits.part_bytes = rows[i].part;
		limits.total_bytes = rows[i].total;
		limits.parts = rows[i].parts;
		limits.mime_depth = rows[i].depth;
		assert_int_equal(rows[i].want, walk(rows[i].text,
		    strlen(rows[i].text), &limits, &seen));
		assert_string_equal(rows[i].seen, seen.text->str);
		g_string_free(seen.text, TRUE);
	}
}

/* Parts that the guard before the parser leaves out are told. */
static void
test_prefix_told(void **state)
{
	GString *text = g_string_new(MIXED("b"));
	struct ms_budget_limits limits = roomy;
	struct seen seen = { .text = g_string_new(NULL) };

	(void)state;
	/* Those in a part of another type count for the guard alone. */
	g_string_append(text, "--b\nContent-Type: text/x\n\n");
	for (int i = 0; i < 50; i++)
		g_string_append(text, "--other\n");
	g_string_append(text, "boundary=other\n--b--\n");
	limits.parts = 10;
	assert_int_equal(MS_OK, walk(text->str, text->len, &limits, &seen));
	assert_true(g_str_has_prefix(seen.text->str, "1 text/x=--other\n"));
	assert_true(g_str_has_suffix(seen.text->str, ";!count;"));
	g_string_free(text, TRUE);
	g_string_free(seen.text, TRUE);
}

static void
test_header_too_long(void **state)
{
	GString *text = g_string_new("Subject: x\n");
	struct seen seen = { .text = g_string_new(NULL) };

	(void)state;
	while (text->len < MS_HEAD_MAX)
		g_string_append(text, "To: somebody@example.org\n");
	g_string_append(text, "\nbody\n");
	assert_int_equal(MS_OK, walk(text->str, text->len, &roomy, &seen));
	assert_string_equal("!size;", seen.text->str);
	assert_non_null(strstr(seen.why.text, "header"));
	g_string_free(text, TRUE);
	g_string_free(seen.text, TRUE);
}

static void
test_headers_too_large(void **state)
{
	GString *text = g_string_new(MIXED("b") "--b\n");
	struct seen seen = { .text = g_string_new(NULL) };

	(void)state;
	for (int i = 0; i < 300000; i++)
		g_string_append(text, "a:\n");
	g_string_append(text, "\nx\n--b--\n");
	assert_int_equal(MS_OK, walk(text->str, text->len, &roomy, &seen));
	assert_string_equal("!size;", seen.text->str);
	g_string_free(text, TRUE);
	g_string_free(seen.text, TRUE);
}

/* GMime takes minutes for such a list of addresses, or dies of it: it does not
 * see it, in whose message ever it is, and all else is as it was. */
static void
test_addresses(void **state)
{
	static const char *const again[] = { "a,", "\"a\",", "a:" };
	static const char *const heads[] = { "",
		"Content-Type: message/rfc822\n\n" };

	(void)state;
	for (size_t i = 0; i < 6; i++) {
		struct seen seen = { .text = g_string_new(NULL) };
		GString *text = g_string_new(heads[i / 3]);

		g_string_append(text, "Content-Type: multipart/mixed; "
		    "boundary=b\nFrom: ");
		for (int k = 0; k < 200000; k++)
			g_string_append(text, again[i % 3]);
		g_string_append(text, "\n\n--b\n\nFrom: one\n--b\n\ntwo");
		assert_int_equal(MS_OK, walk(text->str, text->len, &roomy,
		    &seen));
		assert_string_equal(seen.text->str, i / 3 ?
		    "1.1 text/plain=From: one;1.2 text/plain=two;" :
		    "1 text/plain=From: one;2 text/plain=two;");
		g_string_free(text, TRUE);
		g_string_free(seen.text, TRUE);
	}
}

static void
test_visitor_stops(void **state)
{
	static const struct {
		const char *name;
		enum ms_status stop, want;
	} rows[] = {
		{ "enough", MS_END, MS_OK },
		{ "full", MS_E_IO, MS_E_IO },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		struct seen seen = { .text = g_string_new(NULL),
			.stop_after = 1, .stop_with = rows[i].stop };

		print_message("  %s\n", rows[i].name);
		assert_int_equal(rows[i].want,
		    walk(TWO, strlen(TWO), &roomy, &seen));
		assert_int_equal(1, seen.count);
		g_string_free(seen.text, TRUE);
	}
}

static void
test_fields(void **state)
{
	static const struct {
		const char *name, *text;
		const char *id, *subject, *from, *date;
	} rows[] = {
		{ "none", "X: y\n\nSubject: no\n", NULL, NULL, NULL, NULL },
		{ "nothing", "", NULL, NULL, NULL, NULL },
		{ "all", "Message-ID: <a@b>\nsubject:  hello \nFrom: x <x@y>"
		  "\nDate: Sun, 09 Sep 2001 01:46:40 +0200\n\n", "<a@b>",
		  "hello", "x <x@y>", "2001-09-09T01:46:40+02:00" },
		{ "encoded", "Subject: =?utf-8?B?w7w=?= =?utf-8?Q?=C3=9F?=\n"
		  "\n", NULL, "\xc3\xbc\xc3\x9f", NULL, NULL },
		{ "folded", "Subject: a\n b\n\n", NULL, "a b", NULL, NULL },
		{ "CRLF", "Subject: a\r\nFrom: b\r\n\r\n", NULL, "a", "b",
		  NULL },
		{ "no body", "Subject: a", NULL, "a", NULL, NULL },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		struct ms_mime_fields fields;

		print_message("  %s\n", rows[i].name);
		ms_mime_fields((const unsigned char *)rows[i].text,
		    strlen(rows[i].text), &fields);
		assert_int_equal(0, g_strcmp0(rows[i].id,
		    fields.message_id));
		assert_int_equal(0, g_strcmp0(rows[i].subject,
		    fields.subject));
		assert_int_equal(0, g_strcmp0(rows[i].from, fields.from));
		assert_int_equal(0, g_strcmp0(rows[i].date, fields.date));
		ms_mime_fields_clear(&fields);
		assert_null(fields.subject);
	}
}

/* message/partial (RFC 2046, 5.2.2). */
static void
test_piece(void **state)
{
	static const struct {
		const char *name, *text, *id;
		unsigned number, total;
		size_t body;
	} rows[] = {
		{ "none", "Subject: a\n\nb", NULL, 0, 0, 12 },
		{ "first", "Content-Type: message/partial; id=\"a/b\";\r\n"
		  " number=1; total=3\r\n\r\nSubject: x\r\n", "a/b", 1, 3,
		  64 },
		{ "no total", "Content-type: MESSAGE/Partial; number=2; id=q"
		  "\n\n", "q", 2, 0, 47 },
		{ "nothing said", "Content-Type: message/partial\n\n", "", 0,
		  0, 31 },
		{ "negative", "Content-Type: message/partial; number=-1; "
		  "total=99999999999; id=q\n\n", "q", 0, 0, 67 },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		struct ms_mime_fields fields;

		print_message("  %s\n", rows[i].name);
		ms_mime_fields((const unsigned char *)rows[i].text,
		    strlen(rows[i].text), &fields);
		assert_int_equal(0, g_strcmp0(rows[i].id, fields.piece_of));
		assert_int_equal(rows[i].number, fields.piece_number);
		if (i != 4)
			assert_int_equal(rows[i].total, fields.piece_total);
		assert_int_equal(rows[i].body, fields.body);
		ms_mime_fields_clear(&fields);
	}
}

/* "path type boundary encoding level" of each node, and "path level charset"
 * of each leaf. */
static void
see_node(void *arg, const struct ms_mime_node *node)
{
	g_string_append_printf(arg, "%s %s %s %s %u%s;", node->path,
	    node->content_type, node->boundary ? node->boundary : "-",
	    node->encoding ? node->encoding : "-", node->level,
	    node->is_message ? " message" : "");
}

static enum ms_status
see_place(void *arg, const struct ms_mime_leaf *leaf, struct ms_error *err)
{
	(void)err;
	g_string_append_printf(arg, "%s %s %s %u;", leaf->path,
	    leaf->charset ? leaf->charset : "-",
	    leaf->encoding ? leaf->encoding : "-", leaf->level);
	return MS_OK;
}

static void
see_no_trouble(void *arg, const char *path, enum ms_status status,
    const struct ms_error *why)
{
	(void)arg;
	(void)status;
	fail_msg("%s: %s", path, why->text);
}

static void
test_tree(void **state)
{
	static const struct {
		const char *message, *want;
	} rows[] = {
		{ "Subject: s\n\nx", "1 - - 1;" },
		{ "Content-Type: text/plain; charset=x-c\n"
		  "Content-Transfer-Encoding: 8bit (really)\n\nx",
		  "1 x-c 8bit (really) 1;" },
		{ "Content-Type: multipart/mixed; boundary=b\n"
		  "Content-Transfer-Encoding: base64\n\n"
		  "--b\n\nx\n--b\nContent-Type: message/rfc822\n\n"
		  "Content-Type: multipart/alternative; boundary=c\n\n"
		  "--c\n\ny\n--c--\n"
		  "--b\nContent-Type: message/rfc822\n\nSubject: s\n\nz\n"
		  "--b--\n",
		  " multipart/mixed b base64 1;1 - - 2;"
		  "2 message/rfc822 - - 2 message;"
		  "2 multipart/alternative c - 3;2.1 - - 4;"
		  "3 message/rfc822 - - 2 message;3.1 - - 3;" },
		{ "Content-Type: multipart/mixed; boundary=b\n\nx",
		  " multipart/mixed b - 1;1 - - 2;" },
	};
	static const struct ms_mime_visitor visitor = { see_place,
		see_no_trouble, see_node };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		GString *text = g_string_new(NULL);
		struct ms_budget budget;
		const struct ms_mime_input input = {
			.data = (const unsigned char *)rows[i].message,
			.size = strlen(rows[i].message),
			.spool = ms_spool_new(&(struct ms_spool_config){
			    .heap_max = 1 << 20 }),
			.budget = &budget,
		};

		ms_budget_init(&budget, &roomy);
		assert_int_equal(MS_OK, ms_mime_walk(&input, &visitor, text,
		    NULL));
		assert_string_equal(rows[i].want, text->str);
		ms_spool_free(input.spool);
		g_string_free(text, TRUE);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_stretches),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_prefix_told),
		cmocka_unit_test(test_header_too_long),
		cmocka_unit_test(test_headers_too_large),
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_visitor_stops),
		cmocka_unit_test(test_tree),
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_piece),
	};

	return cmocka_run_group_tests(tests, start, NULL);
}
