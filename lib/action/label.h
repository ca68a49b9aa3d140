#ifndef MS_LABEL_H
#define MS_LABEL_H

#include <glib.h>

#include <stdbool.h>
#include <stddef.h>

/*
 * The edits of a header that a scanner makes while a message passes: fields of
 * its own stand on top (where trace fields stand: RFC 5321, 4.4), those that
 * somebody else has put there under their names are gone, with their folded
 * lines. All other bytes stay as they are, whatever they are. Lines end with
 * LF, with or without a CR. A message without a header gets one, with the blank
 * line that ends it; a From_ line stays the first.
 */

struct ms_label_config {
	const char *const *remove;	/* names of fields, NULL-ended; one
					 * with "*" at its end stands for all
					 * that begin so; NULL: none */
	const char *fields;	/* whole ones, with their line ends; "": none,
				 * and no header is made */
	const char *line_end;	/* of the blank line: "\r\n" or "\n" */
	const char *subject;	/* stands before what each Subject says,
				 * which stays as X-Original-Subject if it is
				 * not longer than MS_LABEL_SUBJECT_MAX; if
				 * there is none, it is one. NULL: none */
};

#define MS_LABEL_SUBJECT_MAX ((size_t)8 << 10)

struct ms_label;

/* CONFIG is copied; what it points to must outlive the label. */
struct ms_label *ms_label_new(const struct ms_label_config *config);
void ms_label_free(struct ms_label *label);

/* Append what becomes of SIZE bytes at DATA to OUT; some may be held back
 * until more is known. */
void ms_label_feed(struct ms_label *label, const void *data, size_t size,
    GString *out);

/* The message is at its end. */
void ms_label_end(struct ms_label *label, GString *out);

/* Fields that were left out so far. */
unsigned ms_label_removed(const struct ms_label *label);

/* The header is over: what is fed from now on is not changed. */
bool ms_label_is_past(const struct ms_label *label);

#endif
