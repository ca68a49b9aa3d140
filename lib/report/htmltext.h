#ifndef MS_HTMLTEXT_H
#define MS_HTMLTEXT_H

#include <glib.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Text and figures on their way into an HTML page. Text from outside goes
 * through base/quote first, so that it is one line of valid UTF-8 that turns
 * no writing direction, and then loses what HTML takes for markup: it is safe
 * as content and as the value of a quoted attribute, and ours stands only in
 * the former.
 */

/* Append TEXT, cut after MAX characters, never inside an escape; "..." shows
 * the cut. Nothing for NULL. */
void ms_htmltext_append(GString *out, const char *text, size_t max);

/* The same; the line may be broken after the first of those characters that
 * are AFTER, such as the slashes of a path. */
void ms_htmltext_breakable(GString *out, const char *text, char after,
    size_t max);

/* The same, but what is kept is the end, as of a path. */
void ms_htmltext_tail(GString *out, const char *text, size_t max);

/* "12,408", whatever the locale. */
void ms_htmltext_number(GString *out, uint64_t number);

/* "1 message", "12,408 messages". */
void ms_htmltext_counted(GString *out, uint64_t number, const char *one,
    const char *many);

/* PART of WHOLE with two decimals, "12.50%", rounded down. No part of nothing
 * is 0. */
void ms_htmltext_percent(GString *out, uint64_t part, uint64_t whole);

/* "612 bytes", "129 KB" (of 1024 bytes), "1.23 MB", "9.70 GB". */
void ms_htmltext_size(GString *out, uint64_t bytes);

/* "512 ms", "12.3 s", "4 min 5 s", "2 h 13 min". */
void ms_htmltext_duration(GString *out, int64_t milliseconds);

#endif
