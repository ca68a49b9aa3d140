#include "scan/enforce.h"

#include "base/clock.h"
#include "message/headlines.h"
#include "message/words.h"
#include "scan/namings.h"
#include "scan/readings.h"

#include <string.h>

/* Each rule is told for so many parts of a message, and all for so many. */
#define TOLD_MAX 5
/* Of some parts it may not count: then of more. */
#define TOLD_MAX_WITHIN 20
#define TOTAL_MAX 900

/* So many charsets that are not known are told. */
#define UNKNOWN_MAX 20

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
	if (enforce->book) {
		enforce->told = g_new0(unsigned char,
		    ms_rulebook_count(book));
		enforce->latest = g_new0(unsigned, ms_rulebook_count(book));
	}
}

void
ms_enforce_clear(struct ms_enforce *enforce)
{
	if (enforce->unknown)
		g_hash_table_unref(enforce->unknown);
	g_free(enforce->latest);
	g_free(enforce->told);
}

/* What is looked at from now on is at PATH. */
static void
begin(struct ms_enforce *enforce, const char *path)
{
	enforce->path = path;
	enforce->turn++;
}

bool
ms_enforce_asks_names(const struct ms_enforce *enforce)
{
	return enforce->book && ms_rulebook_looks_at_names(enforce->book);
}

bool
ms_enforce_asks_texts(const struct ms_enforce *enforce)
{
	return enforce->book && ms_rulebook_looks(enforce->book,
	    MS_RULEBOOK_BODY);
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
	}
	if (enforce->told[rule] > max || enforce->full ||
	    enforce->latest[rule] == enforce->turn)
		return;
	enforce->latest[rule] = enforce->turn;
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
	GPtrArray *words = g_ptr_array_new_with_free_func(g_free);

	ms_namings(name, forms);
	/* Some decode them wherever a name is. */
	if (strstr(name, "=?"))
		ms_words(name, words);
	for (guint i = 0; i < words->len; i++)
		ms_namings(words->pdata[i], forms);
	g_ptr_array_unref(words);
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
	begin(enforce, path);
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

/* What CHARSET makes of a text is not known: once for each. */
static void
on_unknown(void *arg, const char *charset)
{
	struct ms_enforce *enforce = ((const struct search *)arg)->enforce;
	char *detail;

	if (!enforce->unknown)
		enforce->unknown = g_hash_table_new_full(g_str_hash,
		    g_str_equal, g_free, NULL);
	if (g_hash_table_size(enforce->unknown) >= UNKNOWN_MAX ||
	    !g_hash_table_add(enforce->unknown, g_strdup(charset)))
		return;
	detail = g_strdup_printf("charset %.100s: texts not searched in it",
	    charset);
	for (char *p = detail; *p != '\0'; p++)
		if (!g_ascii_isprint(*p))
			*p = '?';
	tell_gap(enforce, MS_REASON_UNSUPPORTED, detail);
	g_free(detail);
}

static void
on_many(void *arg)
{
	tell_gap(((const struct search *)arg)->enforce,
	    MS_REASON_LIMIT_COUNT, "more charsets than texts are searched in");
}

static const struct ms_readings_visitor visitor = { on_stretch, on_unknown,
	on_many };

static void
search_field(struct search *search, const char *text)
{
	const struct ms_readings_input input = {
		.data = (const unsigned char *)text,
		.size = strlen(text),
	};

	ms_readings(&input, &visitor, search);
}

static void
on_field(void *arg, const char *name, const char *value)
{
	struct ms_enforce *enforce = arg;
	char *line = g_strdup_printf("%s: %s", name, value);
	struct search one = { enforce, MS_RULEBOOK_HEADER, name };
	struct search any = { enforce, MS_RULEBOOK_LINE, NULL };

	search_field(&one, value);
	search_field(&any, line);
	g_free(line);
}

static void
on_word_charset(void *arg, const char *charset)
{
	struct search header = { arg, MS_RULEBOOK_LINE, NULL };

	if (!ms_readings_knows(charset))
		on_unknown(&header, charset);
}

void
ms_enforce_message(struct ms_enforce *enforce,
    const struct ms_scan_input *input, const char *path)
{
	struct search raw = { enforce, MS_RULEBOOK_RAW, NULL };

	if (!enforce->book)
		return;
	begin(enforce, path);
	if (!input->raw && !input->joined &&
	    (ms_rulebook_looks(enforce->book, MS_RULEBOOK_HEADER) ||
	    ms_rulebook_looks(enforce->book, MS_RULEBOOK_LINE)))
		ms_headlines(input->data, input->size, &(const struct
		    ms_headlines_visitor){ on_field, on_word_charset },
		    enforce);
	if (ms_rulebook_looks(enforce->book, MS_RULEBOOK_RAW))
		(void)ms_stretches(input->data, input->size, NULL, 0,
		    on_stretch, &raw);
}

/* Is text of TYPE shown without its tags? */
static bool
is_marked_up(const char *type)
{
	static const char *const words[] = { "html", "xml", "enriched",
		"richtext" };

	for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
		if (strstr(type, words[i]))
			return true;
	return false;
}

/* Are lines of TYPE folded as those of headers? */
static bool
is_folded(const char *type)
{
	return strstr(type, "calendar") || strstr(type, "vcard") ||
	    strstr(type, "directory");
}

/* Is TYPE, as declared, one that is not shown as text? What is no type at all
 * is text (RFC 2045, 5.2). */
static bool
is_other(const char *type)
{
	static const char *const others[] = { "application/", "audio/",
		"chemical/", "font/", "image/", "message/", "model/",
		"multipart/", "video/" };
	bool other = false;

	for (size_t i = 0; i < G_N_ELEMENTS(others) && !other; i++)
		other = g_str_has_prefix(type, others[i]);
	return other && !is_marked_up(type);
}

/* Is CONTENT what a mail program shows as the text of a message? */
static bool
is_shown(const struct ms_content *content, const struct ms_sniff_type *type)
{
	if (!content->is_leaf && !content->is_text &&
	    !(content->is_reading && content->form))
		return false;
	return type->kind == MS_SNIFF_TEXT ||
	    type->kind == MS_SNIFF_MESSAGE || content->is_text ||
	    (content->content_type && !is_other(content->content_type));
}

/* What one compressed stream holds is called as that is, less the last
 * extension, or what gunzip takes for one ("-gz", "_z"). */
static void
check_inner(struct ms_enforce *enforce, const char *name)
{
	static const char marks[] = ".-_";

	for (const char *mark = marks; name && *mark; mark++) {
		const char *end = strrchr(name, *mark);
		char *inner = end ? g_strndup(name, (gsize)(end - name)) :
		    NULL;

		if (inner)
			check_name(enforce, inner);
		g_free(inner);
	}
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

/* In every way in which mail programs may show it. Readings that look like no
 * text could be some in another charset. */
static void
search_body(struct ms_enforce *enforce, const struct ms_content *content,
    const struct ms_sniff_type *type)
{
	struct search body = { enforce, MS_RULEBOOK_BODY, NULL };
	const bool shown = is_shown(content, type);
	const char *declared = content->content_type;
	const struct ms_readings_input input = {
		.data = content->data,
		.size = content->size,
		.charset = content->charset,
		.form = content->form,
		.html = !content->is_leaf || is_marked_up(type->name) ||
		    (declared && is_marked_up(declared)),
		.folded = declared && is_folded(declared),
		.opaque = !shown,
	};

	if (shown || (content->is_reading && content->form &&
	    type->kind == MS_SNIFF_OPAQUE))
		ms_readings(&input, &visitor, &body);
}

void
ms_enforce_content(struct ms_enforce *enforce,
    const struct ms_content *content, const struct ms_sniff_type *type)
{
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
	if (ms_rulebook_looks(enforce->book, MS_RULEBOOK_BODY))
		search_body(enforce, content, type);
}
