#include "scan/enforce.h"

#include "base/clock.h"
#include "message/headlines.h"
#include "scan/namings.h"
#include "scan/stretches.h"

#include <string.h>

/* Each rule is told for so many parts of a message, and all for so many. */
#define TOLD_MAX 5
/* Of some parts it may not count: then of more. */
#define TOLD_MAX_WITHIN 20
#define TOTAL_MAX 900

/* Of the time for a message, what expressions in texts may take. */
#define SHARE 4

void
ms_enforce_init(struct ms_enforce *enforce, const struct ms_rulebook *book,
    const struct ms_scan_sink *sink, void *arg, struct ms_budget *budget)
{
	*enforce = (struct ms_enforce){
		.book = sink->blocked ? book : NULL,
		.sink = sink,
		.arg = arg,
		.budget = budget,
		.clean = true,
	};
	if (enforce->book)
		enforce->told = g_new0(unsigned char,
		    ms_rulebook_count(book));
}

void
ms_enforce_clear(struct ms_enforce *enforce)
{
	g_free(enforce->told);
}

static void
tell_gap(struct ms_enforce *enforce, enum ms_reason reason,
    const char *detail)
{
	enforce->clean = false;
	enforce->sink->gap(enforce->arg, reason, enforce->path, detail);
}

/* So many parts that nobody will know of all: the last one that is told is in
 * none, so that it counts wherever this one is. */
static void
tell_last(struct ms_enforce *enforce, const char *name)
{
	enforce->sink->within(enforce->arg, 0);
	enforce->sink->blocked(enforce->arg, name, enforce->path);
	enforce->sink->within(enforce->arg, enforce->within);
}

static void
on_hit(void *arg, size_t rule, bool given_up)
{
	struct ms_enforce *enforce = arg;
	const char *name = ms_rulebook_name(enforce->book, rule);
	const int max = enforce->sink->within ? TOLD_MAX_WITHIN : TOLD_MAX;

	if (given_up) {
		char *detail = g_strdup_printf("%.200s: too many steps",
		    name);

		tell_gap(enforce, MS_REASON_LIMIT_COUNT, detail);
		g_free(detail);
		return;
	}
	if (enforce->told[rule] > max || enforce->full)
		return;
	enforce->clean = false;
	if (enforce->told[rule]++ == max) {
		if (enforce->sink->within)
			tell_last(enforce, name);
		return;
	}
	if (++enforce->total <= TOTAL_MAX) {
		enforce->sink->blocked(enforce->arg, name, enforce->path);
		return;
	}
	/* Not all of them need to apply to this message. */
	enforce->full = true;
	if (enforce->sink->within)
		tell_last(enforce, MS_FACTS_MORE);
	tell_gap(enforce, MS_REASON_LIMIT_COUNT,
	    "too many rules are broken to tell of all");
}

static void
check_name(struct ms_enforce *enforce, const char *name)
{
	GPtrArray *forms = g_ptr_array_new_with_free_func(g_free);

	ms_namings(name, forms);
	for (guint i = 0; i < forms->len; i++)
		ms_rulebook_check_name(enforce->book, forms->pdata[i],
		    on_hit, enforce);
	g_ptr_array_unref(forms);
}

void
ms_enforce_names(struct ms_enforce *enforce, const char *path,
    const char *name, const GPtrArray *names)
{
	struct ms_error err;

	if (!enforce->book)
		return;
	enforce->path = path;
	if (name)
		check_name(enforce, name);
	for (guint i = 0; names && i < names->len; i++) {
		if (i % 256 == 255 &&
		    ms_budget_time(enforce->budget, &err) != MS_OK) {
			tell_gap(enforce, MS_REASON_LIMIT_TIME, err.text);
			return;
		}
		if (g_strcmp0(name, names->pdata[i]) != 0)
			check_name(enforce, names->pdata[i]);
	}
}

/* A text that is being searched. */
struct search {
	struct ms_enforce *enforce;
	enum ms_rulebook_place place;
	const char *field;
};

/* Texts have a share of the time: what takes longer than that is not to keep
 * the engine's findings from being made. */
static bool
has_time(struct ms_enforce *enforce)
{
	const struct ms_budget *budget = enforce->budget;

	if (enforce->late)
		return false;
	if (ms_clock_ms() <= budget->deadline_ms -
	    budget->limits.time_ms * (SHARE - 1) / SHARE)
		return true;
	enforce->late = true;
	tell_gap(enforce, MS_REASON_LIMIT_TIME,
	    "no time left to search texts for what is blocked");
	return false;
}

static bool
on_stretch(void *arg, const char *data, size_t size, size_t from, bool more)
{
	const struct search *search = arg;
	const struct ms_rulebook_text text = { data, size, from, more,
		search->field };

	if (!has_time(search->enforce))
		return false;
	ms_rulebook_check_text(search->enforce->book, search->place, &text,
	    on_hit, search->enforce);
	return true;
}

static void
on_field(void *arg, const char *name, const char *value)
{
	struct ms_enforce *enforce = arg;
	char *line = g_strdup_printf("%s: %s", name, value);
	struct search one = { enforce, MS_RULEBOOK_HEADER, name };
	struct search any = { enforce, MS_RULEBOOK_LINE, NULL };

	ms_stretches((const unsigned char *)value, strlen(value), "utf-8",
	    on_stretch, &one);
	ms_stretches((const unsigned char *)line, strlen(line), "utf-8",
	    on_stretch, &any);
	g_free(line);
}

void
ms_enforce_message(struct ms_enforce *enforce,
    const struct ms_scan_input *input, const char *path)
{
	struct search raw = { enforce, MS_RULEBOOK_RAW, NULL };

	if (!enforce->book)
		return;
	enforce->path = path;
	if (!input->raw && !input->joined &&
	    (ms_rulebook_looks(enforce->book, MS_RULEBOOK_HEADER) ||
	    ms_rulebook_looks(enforce->book, MS_RULEBOOK_LINE)))
		ms_headlines(input->data, input->size, on_field, enforce);
	if (ms_rulebook_looks(enforce->book, MS_RULEBOOK_RAW))
		ms_stretches(input->data, input->size, NULL, on_stretch,
		    &raw);
}

/* Is CONTENT what a mail program shows as the text of a message? */
static bool
is_shown(const struct ms_content *content, const struct ms_sniff_type *type)
{
	if (!content->is_leaf && !content->is_reading)
		return false;
	return type->kind == MS_SNIFF_TEXT ||
	    (content->content_type &&
	    g_str_has_prefix(content->content_type, "text/"));
}

/* What one compressed stream holds is called as that is, less the last
 * extension. */
static void
check_inner(struct ms_enforce *enforce, const char *name)
{
	const char *dot = name ? strrchr(name, '.') : NULL;
	char *inner;

	if (!dot)
		return;
	inner = g_strndup(name, (gsize)(dot - name));
	check_name(enforce, inner);
	g_free(inner);
}

static void
check_stream(struct ms_enforce *enforce, const struct ms_content *content,
    const struct ms_sniff_type *type)
{
	if (type->kind != MS_SNIFF_ARCHIVE || type->format < MS_SNIFF_BZIP2)
		return;
	check_inner(enforce, content->name);
	for (guint i = 0; content->names && i < content->names->len; i++)
		check_inner(enforce, content->names->pdata[i]);
}

void
ms_enforce_content(struct ms_enforce *enforce,
    const struct ms_content *content, const struct ms_sniff_type *type)
{
	struct search body = { enforce, MS_RULEBOOK_BODY, NULL };
	const struct ms_rulebook_content bytes = {
		.type = type->name,
		.data = content->data,
		.size = content->size,
		.is_text = content->is_leaf && !content->name &&
		    is_shown(content, type),
	};

	if (!enforce->book)
		return;
	ms_enforce_names(enforce, content->path, content->name,
	    content->names);
	check_stream(enforce, content, type);
	ms_rulebook_check_type(enforce->book, &bytes, on_hit, enforce);
	if (ms_rulebook_looks(enforce->book, MS_RULEBOOK_BODY) &&
	    is_shown(content, type))
		ms_stretches(content->data, content->size, content->charset ?
		    content->charset : "utf-8", on_stretch, &body);
}
