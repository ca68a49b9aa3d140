#include "message/union.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

static const struct ms_budget_limits roomy = {
	.part_bytes = 64 << 20,
	.total_bytes = 1 << 30,
	.ratio = 1000,
	.parts = 10000,
	.time_ms = 3600 * 1000,
};

struct seen {
	GPtrArray *readings;	/* of GBytes */
	unsigned stop_after;
	enum ms_status stop_with;
	bool small;
};

static enum ms_status
see(void *arg, const struct ms_union_reading *reading, struct ms_error *err)
{
	struct seen *seen = arg;

	assert_true(g_ascii_isdigit(reading->name[0]));
	assert_true(reading->size >= (seen->small ? 3 : 16));
	g_ptr_array_add(seen->readings,
	    g_bytes_new(reading->data, reading->size));
	if (seen->readings->len != seen->stop_after)
		return MS_OK;
	return seen->stop_with < 0 ? ms_error_set(err, seen->stop_with,
	    "visitor") : seen->stop_with;
}

static enum ms_status
walk(const void *text, size_t size, const struct ms_budget_limits *limits,
    struct seen *seen)
{
	const struct ms_spool_config config = { .heap_max = 1 << 20,
		.memfd_max = 1 << 30 };
	struct ms_budget budget;
	struct ms_union_input input = { text, size, ms_spool_new(&config),
		&budget, seen->small };
	struct ms_error err = { "" };
	enum ms_status status;

	seen->readings = g_ptr_array_new_with_free_func(
	    (GDestroyNotify)g_bytes_unref);
	ms_budget_init(&budget, limits);
	status = ms_union_walk(&input, see, seen, &err);
	ms_spool_free(input.spool);
	return status;
}

static bool
has(const struct seen *seen, const void *data, size_t size)
{
	GBytes *want = g_bytes_new(data, size);
	bool found = false;

	for (guint i = 0; i < seen->readings->len; i++)
		found |= g_bytes_equal(want, seen->readings->pdata[i]);
	g_bytes_unref(want);
	return found;
}

#define PAYLOAD "This is the payload, 47 bytes; =20 it is exact."
#define BASE64 "VGhpcyBpcyB0aGUgcGF5bG9hZCwgNDcgYnl0ZXM7ID0yMCBpdCBpcyBl" \
	"eGFjdC4="
#define QP "This is the payload, 47 bytes; =3D20 it is exact."
#define TOP "Subject: x\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
#define FIELDS "Content-Type: x/y\r\nContent-Transfer-Encoding: base64\r\n"
#define PART "--b\r\n" FIELDS

/* The payload comes out to the byte, whatever is around it. */
static void
test_exact(void **state)
{
	static const struct {
		const char *name, *text;
	} cases[] = {
		{ "base64", TOP PART "\r\n" BASE64 "\r\n--b--\r\n" },
		{ "alone", BASE64 },
		{ "LF", "--b\n\n" BASE64 "\n--b--\n" },
		{ "CR", "--b\r\r" BASE64 "\r--b--\r" },
		{ "no separator", TOP PART BASE64 "\r\n--b--\r\n" },
		{ "after a word", "x\n\nword\n" BASE64 "\n" },
		{ "in lines", "VGhpcyBpcyB0aGUgcGF5bG9hZCwg\n"
		  "NDcgYnl0ZXM7ID0yMCBpdCBpcyBl\neGFjdC4=\n" },
		{ "with empty lines", "VGhpcyBpcyB0aGUgcGF5bG9hZCwg\r\n\r\n"
		  "NDcgYnl0ZXM7ID0yMCBpdCBpcyBl\r\n\r\neGFjdC4=\r\n" },
		{ "with pads inside", "VGhpcyBpcyB0aGUgcGF=5bG9hZCwgNDcgYnl0Z"
		  "XM7ID0y=MCBpdCBpcyBleGFjdC4=\n" },
		{ "in pieces", "VGhpcyBpcyB0aGUgcGE=\neWxvYWQsIDQ3IGJ5dGVz\n"
		  "OyA9MjAgaXQgaXMgZXhhY3Qu\n" },
		{ "in pieces without pads", "VGhpcyBpcyB0aGUgcGE\n"
		  "eWxvYWQsIDQ3IGJ5dGVz\nOyA9MjAgaXQgaXMgZXhhY3Qu\n" },
		{ "with junk", TOP PART "\r\nVGhpcyBpcyB0a!GUgcGF5bG9hZ#CwgN"
		  "DcgYnl0ZXM7ID0yMCBpdCBpcyBleGFjdC4=\r\n--b--\r\n" },
		{ "a letter too many", "x\n\nAVGhpcyBpcyB0aGUgcGF5bG9hZCwgNDcg"
		  "Ynl0ZXM7ID0yMCBpdCBpcyBleGFjdC4=\n" },
		{ "qp", TOP PART "\r\n" QP "\r\n--b--\r\n" },
		{ "qp, the header goes on", TOP "--b\r\nX: y\r\n \r\n" FIELDS
		  "\r\n" QP "\r\n--b--\r\n" },
		{ "qp, no separator", TOP PART "x\r\n" QP "\r\n--b--\r\n" },
		{ "qp, soft", TOP PART "\r\nThis is the pay= \r\nload, 47 by"
		  "=\ntes; =3D20 it is exact.\r\n--b--\r\n" },
		{ "qp, broken", TOP PART "\r\nThis is= @the payload, 47 bytes;"
		  " =3D20 it is exact.\r\n--b--\r\n" },
		{ "qp, at the end", "x\r\n--b\r\n\r\n" QP "   \r\n\r\n\r\n" },
		{ "plain", TOP "--b\r\n\r\n" PAYLOAD "\r\n--b--\r\n" },
		{ "in the preamble", TOP PAYLOAD "\r\n--b\r\n\r\nx\r\n" },
		{ "in the epilogue", TOP "--b--\r\n" FIELDS "\r\n" BASE64 },
		{ "with other delimiters", "boundary=cc\r\n\r\n--cc\r\n\r\n"
		  PAYLOAD "\r\n--not one\r\n--cc--\r\n" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct seen seen = { 0 };

		print_message("  %s\n", cases[i].name);
		assert_int_equal(MS_OK, walk(cases[i].text,
		    strlen(cases[i].text), &roomy, &seen));
		if (strcmp(cases[i].name, "qp, broken") == 0)
			assert_true(has(&seen, "This isthe payload, 47 bytes;"
			    " =20 it is exact.", 46) ||
			    has(&seen, "This is @the payload, 47 bytes; "
			    "=20 it is exact.", 48));
		else
			assert_true(has(&seen, PAYLOAD, 47));
		for (guint k = 1; k < seen.readings->len; k++)
			assert_false(g_bytes_equal(seen.readings->pdata[k - 1],
			    seen.readings->pdata[k]));
		g_ptr_array_unref(seen.readings);
	}
}

/* A boundary whose part has lines in it that could be delimiters. */
static void
test_group(void **state)
{
	static const char text[] = "x: boundary=cc\n\n--cc\n\n" PAYLOAD
	    "\n--not one\nmore\n--cc--\n";
	struct seen seen = { 0 };

	(void)state;
	assert_int_equal(MS_OK, walk(text, strlen(text), &roomy, &seen));
	assert_true(has(&seen, PAYLOAD "\n--not one\nmore", 47 + 15));
	g_ptr_array_unref(seen.readings);
}

/* UTF-16, and a message that was sent with CRs for line ends. */
static void
test_plainer(void **state)
{
	GString *wide = g_string_new(NULL);
	struct seen seen = { 0 };

	(void)state;
	for (const char *p = "Subject: x\n\n" PAYLOAD "\n"; *p != '\0'; p++) {
		g_string_append_c(wide, *p);
		g_string_append_c(wide, '\0');
	}
	assert_int_equal(MS_OK, walk(wide->str, wide->len, &roomy, &seen));
	assert_true(has(&seen, "Subject: x\n\n" PAYLOAD "\n", 60));
	g_ptr_array_unref(seen.readings);
	assert_int_equal(MS_OK, walk("A: x\r\rthe text of it\n\ry\r\r\nz", 27,
	    &roomy, &seen));
	assert_true(has(&seen, "A: x\n\nthe text of it\ny\nz", 24));
	g_ptr_array_unref(seen.readings);
	g_string_free(wide, TRUE);
}

static void
test_limits(void **state)
{
	static const char text[] = TOP PART "\r\n" BASE64 "\r\n--b--\r\n";
	static const struct {
		const char *name;
		uint64_t part, total, parts;
		enum ms_status want;
	} cases[] = {
		{ "roomy", 1000, 10000, 100, MS_OK },
		{ "part", 20, 10000, 100, MS_E_LIMIT },
		{ "total", 1000, 50, 100, MS_E_LIMIT },
		{ "parts", 1000, 10000, 1, MS_E_LIMIT },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct ms_budget_limits limits = roomy;
		struct seen seen = { 0 };

		print_message("  %s\n", cases[i].name);
		limits.part_bytes = cases[i].part;
		limits.total_bytes = cases[i].total;
		limits.parts = cases[i].parts;
		assert_int_equal(cases[i].want,
		    walk(text, strlen(text), &limits, &seen));
		g_ptr_array_unref(seen.readings);
	}
}

/* What takes much for its size is cut off, and says so. */
static void
test_bounded(void **state)
{
	static const char *const units[] = { "--b\n\n= @x \n", "=\r\r\r\n",
		"--\n", "a\n\nContent-X:\n\n", "QUJD=\n", "boundary=--b\n--b\n",
		"=0x \t\001\r", "--b\nX:\n \n\nContent-A:\n" };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(units); i++) {
		GString *text = g_string_new(NULL);
		struct ms_budget_limits limits = roomy;
		struct seen seen = { 0 };
		enum ms_status status;
		clock_t start = clock();

		while (text->len < 300000)
			g_string_append(text, units[i]);
		limits.parts = 1000;
		status = walk(text->str, text->len, &limits, &seen);
		assert_true(status == MS_OK || status == MS_E_LIMIT);
		assert_true(clock() - start < 5 * CLOCKS_PER_SEC);
		g_ptr_array_unref(seen.readings);
		g_string_free(text, TRUE);
	}
}

static void
test_visitor_stops(void **state)
{
	static const char text[] = TOP PART "\r\n" BASE64 "\r\n--b--\r\n";
	static const struct {
		enum ms_status stop, want;
	} cases[] = { { MS_END, MS_OK }, { MS_E_IO, MS_E_IO } };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct seen seen = { .stop_after = 1,
			.stop_with = cases[i].stop };

		assert_int_equal(cases[i].want,
		    walk(text, strlen(text), &roomy, &seen));
		assert_int_equal(1, seen.readings->len);
		g_ptr_array_unref(seen.readings);
	}
}

/* A word is read if that is asked. */
static void
test_small(void **state)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
		{ "\"base64\"\r\n\r\ndmlydXM=\r\n", "virus" },
		{ "quoted_printable\r\n\r\nv=69rus", "virus" },
		{ "x\r\n\r\nvirus", "virus" },
		{ "base64\r\n\r\nc28gbG9u\r\n=\r\n"
		  "ZyBhIHZpcnVzISEh\r\n=", "so long a virus!!!" },
	};

	(void)state;
	for (size_t i = 0; i < 2 * G_N_ELEMENTS(rows); i++) {
		struct seen seen = { .small = i % 2 };
		char *text = g_strconcat("Content-Transfer-Encoding: ",
		    rows[i / 2].text, NULL);

		assert_int_equal(walk(text, strlen(text), &roomy, &seen),
		    MS_OK);
		assert_int_equal(has(&seen, rows[i / 2].want,
		    strlen(rows[i / 2].want)), seen.small);
		g_ptr_array_unref(seen.readings);
		g_free(text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_exact),
		cmocka_unit_test(test_group),
		cmocka_unit_test(test_plainer),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_bounded),
		cmocka_unit_test(test_visitor_stops),
		cmocka_unit_test(test_small),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
