#ifndef PAYLOAD_TEST_H
#define PAYLOAD_TEST_H

#include "smtp/payload.h"

#include "smtp/cuts_test.h"

/*
 * A content and its facts, as text. What is behind its end is, too.
 */

struct payload_test {
	struct ms_payload payload;
	GString *out;
	GString *rest;
	bool over;
};

/* SETUP points to the kind. */
static inline void *
payload_test_start(const void *setup)
{
	struct payload_test *test = g_new0(struct payload_test, 1);

	ms_payload_init(&test->payload,
	    *(const enum ms_payload_kind *)setup);
	test->out = g_string_new(NULL);
	test->rest = g_string_new(NULL);
	return test;
}

static inline void
payload_test_take(void *arg, const void *data, size_t size)
{
	struct payload_test *test = arg;
	const unsigned char *p = data, *bytes;
	size_t used, n;

	while (size > 0 && !test->over) {
		test->over = ms_payload_feed(&test->payload, p, size, &used,
		    &bytes, &n) == MS_OK;
		g_string_append_len(test->out, (const char *)bytes,
		    (gssize)n);
		p += used;
		size -= used;
	}
	g_string_append_len(test->rest, (const char *)p, (gssize)size);
}

/* What is not 0 of the facts. */
static inline void
payload_test_facts(const struct ms_payload_facts *f, GString *out)
{
	const struct {
		const char *name;
		uint64_t value;
	} rows[] = {
		{ "size", f->size }, { "raw", f->raw_size },
		{ "lines", f->lines }, { "longest", f->longest },
		{ "dots", f->dots }, { "cr", f->bare_cr },
		{ "lf", f->bare_lf }, { "nul", f->nul },
		{ "8bit", f->eight_bit }, { "like", f->like_end },
		{ "like at", f->first_like_end },
		{ "bare at", f->first_bare }, { "ended", f->ended_line },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
		if (rows[i].value)
			g_string_append_printf(out, " %s=%" G_GUINT64_FORMAT,
			    rows[i].name, (guint64)rows[i].value);
}

static inline GString *
payload_test_end(void *arg)
{
	struct payload_test *test = arg;
	const unsigned char *bytes;
	GString *all;
	size_t n;

	ms_payload_end(&test->payload, &bytes, &n);
	if (n > 0)
		g_string_append_len(test->out, (const char *)bytes,
		    (gssize)n);
	all = g_string_new(NULL);
	g_string_append_len(all, test->out->str, (gssize)test->out->len);
	g_string_append(all, test->over ? "|" : "...");
	g_string_append_len(all, test->rest->str, (gssize)test->rest->len);
	g_string_append_c(all, ':');
	payload_test_facts(&test->payload.facts, all);
	g_string_free(test->out, TRUE);
	g_string_free(test->rest, TRUE);
	g_free(test);
	return all;
}

static inline struct cuts_test
payload_test(const enum ms_payload_kind *kind)
{
	return (struct cuts_test){ payload_test_start, payload_test_take,
		payload_test_end, kind };
}

#endif
