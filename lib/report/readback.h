#ifndef MS_READBACK_H
#define MS_READBACK_H

#include "report/report.h"

#include <glib.h>
#include <stdio.h>

/*
 * A JSONL report read back: one line gives one item, in which all that
 * base/quote quoted is bytes again. What a newer version may add to a line
 * (fields, types of line, reasons, names) is passed over; a newer schema is
 * refused. Lines may come from anybody: what one of them costs is bounded, and
 * nothing in it is believed but that its types are right.
 */

enum ms_readback_kind {
	MS_READBACK_MESSAGE,
	MS_READBACK_NOTICE,	/* "notice" and "error" */
	MS_READBACK_ACTION,
	MS_READBACK_SUMMARY
};

/* All but numbers belongs to the item. Begins as zeros. */
struct ms_readback_item {
	enum ms_readback_kind kind;
	struct ms_outcome *outcome;	/* of a message, its parts included;
					 * may refer to STRINGS */
	bool has_parts;			/* they were listed, and */
	bool has_tree;			/* all that is known of them, and */
	bool has_files;			/* with the names of files */
	enum ms_report_notice notice;	/* of a notice, as ORIGIN and TEXT */
	struct ms_origin origin;
	char *text;			/* NULL: there is none */
	struct ms_report_action action;
	struct ms_report_totals totals;	/* of a summary, as ENGINE */
	struct ms_report_engine engine;
	GPtrArray *strings;
};

void ms_readback_item_clear(struct ms_readback_item *item);

/* Most bytes of a line, and most values (of lists and objects) in it: more
 * than the largest message can give. */
#define MS_READBACK_LINE_MAX ((size_t)64 << 20)
#define MS_READBACK_VALUES_MAX ((size_t)1 << 20)

/*
 * Read the SIZE bytes at LINE, with or without a line feed at the end, into
 * ITEM, which is to be cleared whatever comes of it.
 *
 * MS_OK            ITEM is filled
 * MS_END           a blank line, or one of a type that is not known here
 * MS_E_FORMAT      damaged, or no line of a report
 * MS_E_LIMIT       too large
 * MS_E_UNSUPPORTED written by a newer version
 */
enum ms_status ms_readback_parse(const char *line, size_t size,
    struct ms_readback_item *item, struct ms_error *err);

struct ms_readback;

/* STREAM is a loan; reading begins where it stands. */
struct ms_readback *ms_readback_new(FILE *stream);
void ms_readback_free(struct ms_readback *readback);

/*
 * The next line that says something, as above, but MS_END is the end of the
 * stream, and errors begin with "line N: ". After MS_E_FORMAT and MS_E_LIMIT
 * the next call goes on behind that line. MS_E_IO: the stream cannot be read.
 */
enum ms_status ms_readback_next(struct ms_readback *readback,
    struct ms_readback_item *item, struct ms_error *err);

/* Of the line that was read last, from 1. */
uint64_t ms_readback_line(const struct ms_readback *readback);

#endif
