#include "serve/logentry.h"

#include "base/quote.h"
#include "capture/stamp.h"
#include "report/line.h"

#include <string.h>

/* Characters of one value; what is longer ends in "...". */
#define VALUE_MAX ((size_t)1024)

/* syslog's severities go on where ours begin: 3 is an error. */
#define SEVERITY 3

enum kind { WORD, PLAIN, ITEM, NUMBER };

struct word {
	const char *name;
	enum kind kind;
	char *value;		/* quoted; NULL: a number */
	int64_t number;
};

struct ms_logentry {
	enum ms_logentry_level level;
	const char *event;
	char *id, *text;	/* quoted, or NULL */
	GArray *words;		/* of struct word */
};

const char *
ms_logentry_level_name(enum ms_logentry_level level)
{
	static const char *const names[MS_LOGENTRY_LEVELS] = { "error",
		"warning", "notice", "info", "debug" };

	return names[level];
}

static char *
quote(const char *value)
{
	GString *out = g_string_new(NULL);

	ms_line_quoted_max(out, value, VALUE_MAX);
	return g_string_free(out, FALSE);
}

static void
clear_word(gpointer word)
{
	g_free(((struct word *)word)->value);
}

struct ms_logentry *
ms_logentry_new(enum ms_logentry_level level, const char *event,
    const char *id)
{
	struct ms_logentry *entry = g_new0(struct ms_logentry, 1);

	entry->level = level;
	entry->event = event;
	entry->id = id ? quote(id) : NULL;
	entry->words = g_array_new(FALSE, FALSE, sizeof(struct word));
	g_array_set_clear_func(entry->words, clear_word);
	return entry;
}

void
ms_logentry_free(struct ms_logentry *entry)
{
	if (!entry)
		return;
	g_array_unref(entry->words);
	g_free(entry->id);
	g_free(entry->text);
	g_free(entry);
}

enum ms_logentry_level
ms_logentry_level(const struct ms_logentry *entry)
{
	return entry->level;
}

void
ms_logentry_text(struct ms_logentry *entry, const char *text)
{
	g_free(entry->text);
	entry->text = quote(text);
}

static void
add(struct ms_logentry *entry, const char *name, enum kind kind,
    const char *value)
{
	const struct word word = { name, kind, value ? quote(value) : NULL,
		0 };

	if (value)
		g_array_append_val(entry->words, word);
}

void
ms_logentry_word(struct ms_logentry *entry, const char *name,
    const char *value)
{
	add(entry, name, WORD, value);
}

void
ms_logentry_plain(struct ms_logentry *entry, const char *name,
    const char *value)
{
	add(entry, name, PLAIN, value);
}

void
ms_logentry_item(struct ms_logentry *entry, const char *name,
    const char *value)
{
	add(entry, name, ITEM, value);
}

void
ms_logentry_number(struct ms_logentry *entry, const char *name,
    int64_t number)
{
	const struct word word = { name, NUMBER, NULL, number };

	g_array_append_val(entry->words, word);
}

static void
append_number(GString *out, int64_t number)
{
	g_string_append_printf(out, "%" G_GINT64_FORMAT, number);
}

/* VALUE, which is quoted, between quotation marks. */
static void
append_marked(GString *out, const char *value)
{
	g_string_append_c(out, '"');
	for (const char *p = value; *p; p++) {
		if (*p == '"')
			g_string_append(out, "\\x22");
		else
			g_string_append_c(out, *p);
	}
	g_string_append_c(out, '"');
}

void
ms_logentry_as_text(const struct ms_logentry *entry, GString *out)
{
	if (entry->id)
		g_string_append_printf(out, "%s:%s", entry->id,
		    entry->text ? " " : "");
	if (entry->text)
		g_string_append(out, entry->text);
	for (guint i = 0; i < entry->words->len; i++) {
		const struct word *word = &g_array_index(entry->words,
		    struct word, i);

		g_string_append_printf(out, " %s=", word->name);
		if (word->kind == NUMBER)
			append_number(out, word->number);
		else if (word->kind == PLAIN)
			g_string_append(out, word->value);
		else
			append_marked(out, word->value);
	}
}

/* VALUE, which is valid UTF-8 without control characters, as JSON has it. */
static void
append_string(GString *out, const char *value)
{
	g_string_append_c(out, '"');
	for (const char *p = value; *p; p++) {
		if (*p == '"' || *p == '\\')
			g_string_append_c(out, '\\');
		g_string_append_c(out, *p);
	}
	g_string_append_c(out, '"');
}

static void
append_pair(GString *out, const char *name, const char *value)
{
	if (!value)
		return;
	g_string_append_printf(out, ",\"%s\":", name);
	append_string(out, value);
}

/* Is WORD I the second or a later one of a list? */
static bool
goes_on(const struct ms_logentry *entry, guint i)
{
	const struct word *words = (const struct word *)(const void *)
	    entry->words->data;

	return i > 0 && i < entry->words->len && words[i].kind == ITEM &&
	    words[i - 1].kind == ITEM &&
	    strcmp(words[i].name, words[i - 1].name) == 0;
}

static void
append_name(GString *out, const char *name)
{
	g_string_append(out, ",\"");
	for (; *name; name++)
		g_string_append_c(out, *name == '-' ? '_' : *name);
	g_string_append(out, "\":");
}

void
ms_logentry_as_json(const struct ms_logentry *entry, int64_t time_us,
    GString *out)
{
	char time[MS_STAMP_SIZE];

	ms_stamp_format(time_us, time);
	g_string_append_printf(out, "{\"time\":\"%s\",\"level\":\"%s\","
	    "\"event\":\"%s\"", time, ms_logentry_level_name(entry->level),
	    entry->event);
	append_pair(out, "id", entry->id);
	append_pair(out, "text", entry->text);
	for (guint i = 0; i < entry->words->len; i++) {
		const struct word *word = &g_array_index(entry->words,
		    struct word, i);

		if (goes_on(entry, i))
			g_string_append_c(out, ',');
		else
			append_name(out, word->name);
		if (word->kind == ITEM && !goes_on(entry, i))
			g_string_append_c(out, '[');
		if (word->kind == NUMBER)
			append_number(out, word->number);
		else
			append_string(out, word->value);
		if (word->kind == ITEM && !goes_on(entry, i + 1))
			g_string_append_c(out, ']');
	}
	g_string_append_c(out, '}');
}

static void
append_field(GString *out, const char *name, const struct word *word)
{
	g_string_append(out, "MAILSCAN_");
	for (; *name; name++)
		g_string_append_c(out, *name == '-' ? '_' :
		    g_ascii_toupper(*name));
	g_string_append_c(out, '=');
	if (word->kind == NUMBER)
		append_number(out, word->number);
	else
		g_string_append(out, word->value);
	g_string_append_c(out, '\n');
}

void
ms_logentry_as_journal(const struct ms_logentry *entry, const char *message,
    GString *out)
{
	const struct word id = { "id", WORD, entry->id, 0 };

	g_string_append_printf(out, "MESSAGE=%s\nPRIORITY=%d\n"
	    "SYSLOG_FACILITY=2\nSYSLOG_IDENTIFIER=mailscan\n"
	    "MAILSCAN_EVENT=%s\n", message, (int)entry->level + SEVERITY,
	    entry->event);
	if (entry->id)
		append_field(out, id.name, &id);
	for (guint i = 0; i < entry->words->len; i++) {
		const struct word *word = &g_array_index(entry->words,
		    struct word, i);

		append_field(out, word->name, word);
	}
}
