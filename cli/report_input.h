#ifndef REPORT_INPUT_H
#define REPORT_INPUT_H

#include "mailscan.h"
#include "option.h"

/*
 * A report in JSON lines that a command reads, as often as it wants. Lines that
 * are damaged are complained of on stderr, and passed over.
 */
struct report_input {
	const char *name;	/* as on the command line; a loan */
	FILE *stream;
	struct ms_spool *spool;	/* of what cannot be read twice */
	struct ms_readback *readback;
	bool rewound;
	/* as far as it has been read: */
	struct ms_report_totals totals;	/* of the summaries, and of what was
					 * counted after the last one */
	struct ms_report_totals since;	/* only the latter */
	struct ms_readback_item summary; /* the last one, */
	struct ms_readback_item tail;	/* and as report_input_peek() saw
					 * it */
	bool whole;		/* the last line was a summary */
	unsigned damaged;	/* lines */
	bool failed;		/* and what could not be read was said */
};

/* Open NAME ("-": standard input); what is no regular file is copied to TEMPDIR
 * first. False: it has been said on stderr why not. INPUT is for
 * report_input_close() in any case, and begins as zeros. */
bool report_input_open(struct report_input *input, const char *name,
    const char *tempdir);
void report_input_close(struct report_input *input);

/* The next line; the caller clears ITEM. False: there is none. Counts on the
 * way, and says at the end if the report is not whole. */
bool report_input_next(struct report_input *input,
    struct ms_readback_item *item);

/* Begin again, saying nothing twice. Counts stay. */
void report_input_rewind(struct report_input *input);

/* What the last line has to say of the engine, if it is a summary, before all
 * the others are read: into *ENGINE, a loan of the input's. False: nothing. */
bool report_input_peek(struct report_input *input,
    struct ms_report_engine *engine);

/* Was all of it read, and nothing damaged? */
bool report_input_is_fine(const struct report_input *input);

#endif
