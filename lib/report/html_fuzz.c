#include "report/html.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

/* The input, a NUL between texts, and nothing forever after its end. */
struct input {
	const unsigned char *data;
	size_t size;
};

/* The next text, for the caller to g_free(). */
static char *
next(struct input *input)
{
	const unsigned char *end = input->size > 0 ?
	    memchr(input->data, '\0', input->size) : NULL;
	size_t length = end ? (size_t)(end - input->data) : input->size;
	char *text = g_strndup((const char *)input->data, length);

	length += end ? 1 : 0;
	input->data += length;
	input->size -= length;
	return text;
}

static void
report_one(struct ms_report *report, struct input *input)
{
	char *source = next(input), *name = next(input), *part = next(input);
	struct ms_message message = { .origin = {
		.source = source,
		.many = input->size % 2 == 0,
		.index = input->size,
	} };
	struct ms_outcome *outcome = ms_outcome_new(&message);
	struct ms_headers *headers = &outcome->facts.headers;
	struct ms_error err;

	headers->subject = next(input);
	headers->from = next(input);
	headers->date = next(input);
	headers->message_id = next(input);
	if (*name)
		ms_facts_finding(&outcome->facts, "clamav", name, part);
	if (*part)
		ms_facts_gap(&outcome->facts,
		    (enum ms_reason)(input->size % MS_REASONS), name, part);
	if (*source == 'd')
		ms_outcome_deed(outcome, "copy",
		    (enum ms_deed_state)(input->size % MS_DEED_STATES), part);
	outcome->verdict = ms_verdict_of(&outcome->facts);
	if (ms_report_message(report, outcome, &err) != MS_OK ||
	    ms_report_notice(report, MS_REPORT_FAILED, &message.origin, part,
	    &err) != MS_OK)
		abort();
	ms_outcome_free(outcome);
	g_free(part);
	g_free(name);
	g_free(source);
}

/* Is TEXT, up to the next space or bracket, an element that we write below the
 * head of the page? */
static bool
is_ours(const char *text)
{
	static const char *const elements[] = { "body", "a", "header", "div",
		"p", "span", "time", "nav", "h1", "h2", "h3", "main",
		"section", "ul", "li", "dl", "dt", "dd", "figure",
		"figcaption", "svg", "g", "title", "desc", "rect", "text",
		"tspan", "line", "details", "summary", "table", "caption",
		"thead", "tbody", "tr", "th", "td", "small", "strong", "b",
		"em", "code", "wbr", "footer", "html" };
	size_t length;

	text += *text == '/';
	length = strcspn(text, " />");
	for (size_t i = 0; i < G_N_ELEMENTS(elements); i++)
		if (strlen(elements[i]) == length &&
		    memcmp(elements[i], text, length) == 0)
			return true;
	return false;
}

/* Whatever the mail was: valid UTF-8 in which nothing but line feeds moves
 * anything, and no markup but ours. */
static void
check(const char *page, size_t size)
{
	const char *body = strstr(page, "<body>");

	if (!body || !g_utf8_validate(page, (gssize)size, NULL) ||
	    strlen(page) != size)
		abort();
	for (const char *p = body; *p != '\0'; p++) {
		if ((unsigned char)*p < ' ' && *p != '\n')
			abort();
		if (*p == '<' && !is_ours(p + 1))
			abort();
	}
	if (strstr(body, "<script") || strstr(body, " on"))
		for (const char *p = body; (p = strchr(p, '<')); p++) {
			size_t length = strcspn(p, ">");
			char *tag = g_strndup(p, length);

			if (strstr(tag, " on"))
				abort();
			g_free(tag);
		}
}

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	const struct ms_report_options options = { 0 };
	const struct ms_report_engine engine = { .name = "clamav" };
	const struct ms_report_totals totals = { .messages = size,
		.verdicts = { size, 0, size / 2 }, .failed = size,
		.finished = (int64_t)size * 100000 };
	struct input input = { data, size };
	char *page = NULL;
	size_t length = 0;
	FILE *stream = open_memstream(&page, &length);
	struct ms_report *report = ms_report_new("html", stream, &options,
	    &engine);
	struct ms_error err;

	for (int i = 0; i < 4; i++)
		report_one(report, &input);
	if (ms_report_summary(report, &totals, &err) != MS_OK)
		abort();
	ms_report_free(report);
	fclose(stream);
	check(page, length);
	free(page);
	return 0;
}
