#ifndef MS_RECEIPT_H
#define MS_RECEIPT_H

#include <stddef.h>

/*
 * What was done with a message in quarantine, as a line of JSON for programs.
 */
struct ms_receipt {
	const char *id;
	const char *action;	/* "release", "verify", ... */
	const char *state;	/* "done", "would", "unchanged", "failed" */
	const char *to;		/* where to, from outside; NULL: nowhere */
	const char *detail;	/* NULL: nothing to say */
};

/* The line without a line feed, for the caller to g_free(). NULL: no
 * memory. */
char *ms_receipt_line(const struct ms_receipt *receipt);

#endif
