#ifndef MS_FORM_H
#define MS_FORM_H

#include "base/error.h"
#include "capture/desk.h"
#include "capture/textlines.h"

#include <stdbool.h>
#include <stddef.h>

/* A form of text that holds dialogues, as transcript.c uses it: one static
 * table for each. */

struct ms_form {
	/* Is a file of this form that begins so? Strict. */
	bool (*detect)(const unsigned char *head, size_t size);

	/* What is kept from one line to the next. */
	void *(*begin)(struct ms_desk *desk);

	/* A piece of a line. Dialogues that end are given to the desk, and
	 * what is not understood is told to it; a failure is one of the
	 * stash. */
	enum ms_status (*line)(void *state, const struct ms_piece *piece,
	    struct ms_error *err);

	/* The file is at its end, or, if CUT is not NULL, could not be read
	 * further for that reason: what has begun is handed over. */
	enum ms_status (*finish)(void *state, const char *cut,
	    struct ms_error *err);

	void (*free)(void *state);
};

#endif
