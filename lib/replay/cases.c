#include "replay/cases.h"

#include <inttypes.h>

#include "base/quote.h"
#include "base/spool.h"
#include "report/line.h"

#define BLOCK 65536
#define HEAP_MAX ((size_t)1 << 20)

struct ms_cases {
	struct ms_spool *spool;	/* the cases as they will be written */
	uint64_t tests, failures, errors, skipped;
};

struct ms_cases *
ms_cases_new(void)
{
	const struct ms_spool_config spool = { .heap_max = HEAP_MAX };
	struct ms_cases *cases = g_new0(struct ms_cases, 1);

	cases->spool = ms_spool_new(&spool);
	return cases;
}

void
ms_cases_free(struct ms_cases *cases)
{
	if (!cases)
		return;
	ms_spool_free(cases->spool);
	g_free(cases);
}

static void
append_element(GString *out, const char *element, const char *message,
    const char *text)
{
	char *escaped = g_markup_escape_text(text, -1);
	char *attribute = g_markup_escape_text(message, -1);

	g_string_append_printf(out, "      <%s message=\"%s\">%s</%s>\n",
	    element, attribute, escaped, element);
	g_free(attribute);
	g_free(escaped);
}

/* Nothing for NULL. */
static void
append_quoted(GString *out, const char *element, const char *text)
{
	char *quoted = ms_quote_string(text);

	if (quoted)
		append_element(out, element, quoted, quoted);
	g_free(quoted);
}

enum ms_status
ms_cases_add(struct ms_cases *cases, const struct ms_case *test,
    struct ms_error *err)
{
	GString *out = g_string_new(NULL);
	char *name = g_markup_escape_text(test->name, -1);
	const bool well = !test->failure && !test->error && !test->skipped;
	enum ms_status status;

	cases->tests++;
	cases->failures += test->failure != NULL;
	cases->errors += test->error != NULL;
	cases->skipped += test->skipped != NULL;
	g_string_printf(out, "    <testcase classname=\"replay\" name=\"%s\" "
	    "time=\"%" PRId64 ".%03d\"%s>\n", name, test->elapsed_ms / 1000,
	    (int)(test->elapsed_ms % 1000), well ? "/" : "");
	if (test->failure)
		append_element(out, "failure", test->summary, test->failure);
	append_quoted(out, "error", test->error);
	append_quoted(out, "skipped", test->skipped);
	if (!well)
		g_string_append(out, "    </testcase>\n");
	status = ms_spool_write(cases->spool, out->str, out->len, err);
	g_free(name);
	g_string_free(out, TRUE);
	return status;
}

enum ms_status
ms_cases_write(struct ms_cases *cases, FILE *stream, int64_t elapsed_ms,
    struct ms_error *err)
{
	GString *out = g_string_new(NULL);
	enum ms_status status;
	uint64_t at = 0;
	size_t got = 1;

	g_string_printf(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	    "<testsuites>\n  <testsuite name=\"mailscan replay\" tests=\"%"
	    PRIu64 "\" failures=\"%" PRIu64 "\" errors=\"%" PRIu64
	    "\" skipped=\"%" PRIu64 "\" time=\"%" PRId64 ".%03d\">\n",
	    cases->tests, cases->failures, cases->errors, cases->skipped,
	    elapsed_ms / 1000, (int)(elapsed_ms % 1000));
	status = ms_line_write(stream, out, err);
	while (status == MS_OK && got > 0) {
		g_string_set_size(out, BLOCK);
		status = ms_spool_read(cases->spool, at, out->str, BLOCK,
		    &got, err);
		g_string_truncate(out, status == MS_OK ? got : 0);
		at += got;
		if (status == MS_OK)
			status = ms_line_write(stream, out, err);
	}
	g_string_assign(out, "  </testsuite>\n</testsuites>\n");
	if (status == MS_OK)
		status = ms_line_write(stream, out, err);
	g_string_free(out, TRUE);
	return status;
}
