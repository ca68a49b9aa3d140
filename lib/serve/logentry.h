#ifndef MS_LOGENTRY_H
#define MS_LOGENTRY_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * One entry of a service's log: words with names, or a text, that are written
 * as a line of text, as a line of JSON, or as fields of the journal. Whatever
 * is put in is quoted (base/quote.h) and cut where it is long, so that nobody
 * outside writes words, lines, or much, into a log.
 */

/* As "mailscan serve --debug" counts them. */
enum ms_logentry_level {
	MS_LOGENTRY_ERROR,	/* the service does not do what it should */
	MS_LOGENTRY_WARNING,
	MS_LOGENTRY_NOTICE,
	MS_LOGENTRY_INFO,	/* every message */
	MS_LOGENTRY_DEBUG,	/* every command and reply */
	MS_LOGENTRY_LEVELS
};

/* "error", ... */
const char *ms_logentry_level_name(enum ms_logentry_level level);

struct ms_logentry;

/* EVENT, "message" or "note", is static; so are all names of words below.
 * ID, NULL if there is none, is copied. */
struct ms_logentry *ms_logentry_new(enum ms_logentry_level level,
    const char *event, const char *id);
void ms_logentry_free(struct ms_logentry *entry);

enum ms_logentry_level ms_logentry_level(const struct ms_logentry *entry);

/* What the entry says in words of people. */
void ms_logentry_text(struct ms_logentry *entry, const char *text);

/* A word NAME; nothing if VALUE is NULL. Names have hyphens: other forms write
 * them as they must. */
void ms_logentry_word(struct ms_logentry *entry, const char *name,
    const char *value);
/* The same, of a closed set of words of our own: no quotation marks. */
void ms_logentry_plain(struct ms_logentry *entry, const char *name,
    const char *value);
/* One of several words with that name, one after the other. */
void ms_logentry_item(struct ms_logentry *entry, const char *name,
    const char *value);
void ms_logentry_number(struct ms_logentry *entry, const char *name,
    int64_t number);

/* Append to OUT, without a line end: ID: client="192.0.2.1" size=17 */
void ms_logentry_as_text(const struct ms_logentry *entry, GString *out);

/* {"time":"...","level":"info","event":"message","client":"192.0.2.1",...}.
 * TIME_US since 1970. */
void ms_logentry_as_json(const struct ms_logentry *entry, int64_t time_us,
    GString *out);

/* Lines NAME=VALUE as systemd's journal takes them, with MESSAGE as said. */
void ms_logentry_as_journal(const struct ms_logentry *entry,
    const char *message, GString *out);

#endif
