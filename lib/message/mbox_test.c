#include "message/mbox.h"

#include <glib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

struct text {
	const char *data;
	size_t size, at;
	size_t cut;		/* pieces of up to this many bytes */
	bool deaf;		/* no peek */
};

static enum ms_status
fill(void *arg, void *data, size_t size, size_t *got, struct ms_error *err)
{
	struct text *t = arg;
	size_t n = t->cut <= 1 ? t->cut : 1 + (size_t)rand() % t->cut;

	(void)err;
	n = n == 0 ? size : MIN(n, size);
	*got = MIN(n, t->size - t->at);
	memcpy(data, t->data + t->at, *got);
	t->at += *got;
	return MS_OK;
}

static enum ms_status
peek(void *arg, uint64_t offset, void *data, size_t size, size_t *got,
    struct ms_error *err)
{
	struct text *t = arg;

	(void)err;
	*got = offset < t->size ? MIN(size, t->size - (size_t)offset) : 0;
	if (*got > 0)
		memcpy(data, t->data + offset, *got);
	return MS_OK;
}

/* "INDEX@OFFSET+LENGTH[body]" of every slice, and check that they add up. */
static char *
split(struct text *t, bool content_length)
{
	struct ms_mbox_config config = { .fill = fill,
		.peek = t->deaf ? NULL : peek, .arg = t,
		.content_length = content_length };
	struct ms_mbox *m = ms_mbox_new(&config);
	GString *out = g_string_new(NULL);
	struct ms_mbox_slice slice;
	const unsigned char *data;
	uint64_t sum = 0;
	size_t size;

	t->at = 0;
	while (ms_mbox_next(m, &slice, NULL) == MS_OK) {
		assert_int_equal(sum, slice.offset);
		g_string_append_printf(out, "%d@%d[", (int)slice.index,
		    (int)slice.offset);
		while (ms_mbox_read(m, &data, &size, NULL) == MS_OK &&
		    size > 0)
			g_string_append_len(out, (const char *)data,
			    (gssize)size);
		sum = ms_mbox_offset(m);
		g_string_append(out, "]");
	}
	if (out->len > 0)
		assert_int_equal(t->size, sum);
	ms_mbox_free(m);
	return g_string_free(out, FALSE);
}

static void
check(const char *text, const char *want, bool content_length)
{
	static const size_t cuts[] = { 0, 1, 2, 3, 7 };

	for (size_t i = 0; i < 2 * G_N_ELEMENTS(cuts); i++) {
		struct text t = { text, strlen(text), 0, cuts[i / 2],
		    i % 2 != 0 };
		char *got = split(&t, content_length);

		assert_string_equal(want, got);
		g_free(got);
	}
}

static void
test_from_rule(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "", "" },
		{ "\n\r\n\n", "" },
		{ "From a", "1@0[]" },
		{ "From a\n", "1@0[]" },
		{ "From a\n\n", "1@0[]" },
		{ "From a\r\n\r\n", "1@0[]" },
		{ "From a\n\n\n", "1@0[\n]" },
		{ "From a\nx", "1@0[x]" },
		{ "From a\nx\n\n", "1@0[x\n]" },
		{ "From a\nx\n\nFrom b\ny\n", "1@0[x\n]2@10[y\n]" },
		{ "From a\nx\nFrom b\ny\n", "1@0[x\nFrom b\ny\n]" },
		{ "From a\nFrom b\n\nFrom c\n", "1@0[From b\n]2@15[]" },
		{ "From a\n\nFrom b\n\nFrom c", "1@0[]2@8[]3@16[]" },
		{ "From a\r\nx\r\n\r\nFrom b\r\ny\r\n\r\n",
		    "1@0[x\r\n]2@13[y\r\n]" },
		{ "From a\nx\n \nFrom b\n", "1@0[x\n \nFrom b\n]" },
		{ "From a\nx\n\n\nFrom b\n", "1@0[x\n\n]2@11[]" },
		{ "From a\nx\n\n>From b\n", "1@0[x\n\n>From b\n]" },
		{ "From a\nx\n\r\nFrom b\n", "1@0[x\n\r\n]2@11[]" },
		{ "From a\nx\r\nFrom b\n", "1@0[x\r\nFrom b\n]" },
		{ "\n\nFrom a\nx\n", "1@0[x\n]" },
		{ "\r\nFrom a\nx\n", "1@0[x\n]" },
		{ "junk\n\nFrom a\nx\n", "0@0[junk\n]1@6[x\n]" },
		{ "\njunk\nFrom a\nx\n\n", "0@0[\njunk\nFrom a\nx\n\n]" },
		{ "junk\n\n", "0@0[junk\n\n]" },
		{ "\r\rFrom a\n", "0@0[\r\rFrom a\n]" },
		{ "From a\nx\n\nFrom", "1@0[x\n\nFrom]" },
		{ "From a\nx\n\nFrom ", "1@0[x\n]2@10[]" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		print_message("  %zu %s\n", i, cases[i].want);
		check(cases[i].text, cases[i].want, false);
		/* No Content-Length: the same rule. */
		check(cases[i].text, cases[i].want, true);
	}
}

/* More empty lines than are kept in front of the first message. */
static void
test_empty_lines(void **state)
{
	static const struct {
		size_t size;
		const char *line, *text, *want;
	} cases[] = {
		{ 400000, "\n", "", "" },
		{ 400000, "\r\n", "", "" },
		{ 400000, "\n", "From a\nx\n", "1@0[x\n]" },
		{ 400000, "\r\n", "From a\nx\n", "1@0[x\n]" },
		{ 400000, "\n", "Subject: x\n\ny\n\n",
		    "0@0[Subject: x\n\ny\n\n]" },
		{ 400000, "\n", "\r", "0@0[\r]" },
		{ 400000, "\n", "x\n\nFrom a\ny\n", "0@0[x\n]1@400003[y\n]" },
		/* Around the size of the buffer. */
		{ 262141, "\n", "From a\nx\n", "1@0[x\n]" },
		{ 262142, "\r\n", "From a\nx\n", "1@0[x\n]" },
		{ 262144, "\n", "From a\nx\n", "1@0[x\n]" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		GString *text = g_string_new(NULL);

		while (text->len < cases[i].size)
			g_string_append(text, cases[i].line);
		g_string_append(text, cases[i].text);
		print_message("  %zu\n", i);
		check(text->str, cases[i].want, false);
		g_string_free(text, TRUE);
	}
}

static void
test_content_length(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		/* on a From_ line after an empty line, and directly */
		{ "From a\nContent-Length: 9\n\nx\n\nFrom y\nFrom b\nz\n",
		    "1@0[Content-Length: 9\n\nx\n\nFrom y]2@36[z\n]" },
		{ "From a\nContent-Length: 10\n\nx\n\nFrom y\n\nFrom b\nz\n",
		    "1@0[Content-Length: 10\n\nx\n\nFrom y\n]2@38[z\n]" },
		{ "From a\nContent-Length: 10\n\nx\n\nFrom y\nFrom b\nz\n",
		    "1@0[Content-Length: 10\n\nx\n\nFrom y\n]2@37[z\n]" },
		/* on the end */
		{ "From a\ncontent-length:8\n\nx\n\nFrom ",
		    "1@0[content-length:8\n\nx\n\nFrom ]" },
		{ "From a\ncontent-length:9\n\nx\n\nFrom \n\n",
		    "1@0[content-length:9\n\nx\n\nFrom \n]" },
		/* a lie: too long, too short, no number */
		{ "From a\nContent-Length: 99\n\nx\n\nFrom y\n",
		    "1@0[Content-Length: 99\n\nx\n]2@30[]" },
		{ "From a\nContent-Length: 1\n\nxx\n\nFrom y\n",
		    "1@0[Content-Length: 1\n\nxx\n]2@30[]" },
		{ "From a\nContent-Length: 0\n\nxx\n\nFrom y\n",
		    "1@0[Content-Length: 0\n\nxx\n]2@30[]" },
		{ "From a\nContent-Length: -1\n\nx\n\nFrom y\n",
		    "1@0[Content-Length: -1\n\nx\n]2@30[]" },
		{ "From a\nContent-Length: 99999999999999999999\n\nx\n",
		    "1@0[Content-Length: 99999999999999999999\n\nx\n]" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		print_message("  %zu\n", i);
		check(cases[i].text, cases[i].want, true);
	}
}

/* Boundaries where the buffer is refilled, with a printed seed. */
static void
test_large(void **state)
{
	unsigned seed = (unsigned)time(NULL);
	GString *text = g_string_new(NULL), *want = g_string_new(NULL);
	struct text t;
	char *got;

	(void)state;
	print_message("seed %u\n", seed);
	srand(seed);
	for (int i = 1; i <= 3000; i++) {
		int lines = rand() % 12;

		g_string_append_printf(want, "%d@%d[", i, (int)text->len);
		g_string_append(text, "From a@b.example\n");
		while (lines-- > 0) {
			const char *line = rand() % 4 == 0 ?
			    "From nowhere\n" : "Some text of some length\n";

			if (rand() % 2)
				continue;
			g_string_append(text, line);
			g_string_append(want, line);
		}
		g_string_append(text, "\n");
		g_string_append(want, "]");
	}
	for (size_t cut = 0; cut < 100000; cut = cut * 9 + 2) {
		t = (struct text){ text->str, text->len, 0, cut, false };
		got = split(&t, false);
		assert_true(strcmp(want->str, got) == 0);
		g_free(got);
	}
	g_string_free(text, TRUE);
	g_string_free(want, TRUE);
}

static void
test_long_lines(void **state)
{
	GString *text = g_string_new("From ");
	struct text t;
	char *got;

	(void)state;
	while (text->len < 700000)
		g_string_append(text, "long line ");
	g_string_append(text, "\nx\n\nFrom b\ny\n");
	t = (struct text){ text->str, text->len, 0, 5000, false };
	got = split(&t, false);
	assert_string_equal("1@0[x\n]2@700009[y\n]", got);
	g_free(got);
	got = split(&t, true);
	assert_string_equal("1@0[x\n]2@700009[y\n]", got);
	g_free(got);
	g_string_free(text, TRUE);
}

static enum ms_status
fill_badly(void *arg, void *data, size_t size, size_t *got,
    struct ms_error *err)
{
	static const char text[] = "From a\nx\n\nFrom b\n0123456789abcdefghi";
	int *calls = arg;

	(void)size;
	if ((*calls)++ > 0)
		return ms_error_set(err, MS_E_IO, "cable cut");
	memcpy(data, text, sizeof text - 1);
	*got = sizeof text - 1;
	return MS_OK;
}

/* What came before the failure is there, and then the failure. */
static void
test_failure(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		int calls = 0;
		struct ms_mbox_config config = { .fill = fill_badly,
			.arg = &calls, .content_length = i == 1 };
		struct ms_mbox *m = ms_mbox_new(&config);
		struct ms_mbox_slice slice;
		const unsigned char *data;
		struct ms_error err;
		size_t size;

		assert_int_equal(MS_OK, ms_mbox_next(m, &slice, &err));
		assert_int_equal(MS_OK, ms_mbox_read(m, &data, &size, &err));
		assert_int_equal(2, size);
		assert_int_equal(MS_OK, ms_mbox_next(m, &slice, &err));
		assert_int_equal(2, slice.index);
		assert_int_equal(MS_OK, ms_mbox_read(m, &data, &size, &err));
		assert_int_equal(MS_E_IO,
		    ms_mbox_read(m, &data, &size, &err));
		assert_string_equal("cable cut", err.text);
		ms_mbox_free(m);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_from_rule),
		cmocka_unit_test(test_empty_lines),
		cmocka_unit_test(test_content_length),
		cmocka_unit_test(test_large),
		cmocka_unit_test(test_long_lines),
		cmocka_unit_test(test_failure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
