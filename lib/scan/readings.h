#ifndef MS_READINGS_H
#define MS_READINGS_H

#include "message/textform.h"
#include "scan/stretches.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * A text in every way in which a mail program may show it: in each charset
 * that is named for it, besides what its bytes look like; as it is, and as
 * people see it (scan/seen.h).
 */

/* Charsets are tried one after the other; no more of them for one text. */
#define MS_READINGS_CHARSETS 8

struct ms_readings_input {
	const unsigned char *data;
	size_t size;
	const char *charset;	/* NULL, or one that is named for it */
	const struct ms_textform *form;	/* NULL, or all that are */
	bool html;		/* it may be that */
	bool folded;		/* it may be a calendar, or the like */
	bool opaque;		/* these bytes are no text, unless they are in
				 * a charset in which letters are not those of
				 * ASCII */
};

struct ms_readings_visitor {
	ms_stretches_visit *stretch;	/* of one reading after the other */
	/* What CHARSET makes of it is not known here. */
	void (*unknown)(void *arg, const char *charset);
	/* More charsets than are tried may make a difference. */
	void (*many)(void *arg);
};

/* Visit the readings, each once if they are easily known to be the same. */
void ms_readings(const struct ms_readings_input *input,
    const struct ms_readings_visitor *visitor, void *arg);

/* Is there a table of CHARSET, whoever gave it that name? A box keeps from
 * opening those that were not open. */
bool ms_readings_knows(const char *charset);

/* Open tables of charsets that hardly any mail is in, before a box closes:
 * they are there until ms_readings_close(). */
struct ms_readings_tables;
struct ms_readings_tables *ms_readings_open(void);
void ms_readings_close(struct ms_readings_tables *tables);

#endif
