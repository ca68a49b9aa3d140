#ifndef MS_SPAMC_H
#define MS_SPAMC_H

#include "base/error.h"

#include <glib.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What spamd is asked and what it answers, as its PROTOCOL (1.5) has it.
 * Whoever answers need not be spamd: what is none of its answers is a failure.
 */

enum ms_spamc_command {
	MS_SPAMC_SYMBOLS,	/* is it spam? */
	MS_SPAMC_HEADERS,	/* and what header does it get? */
	MS_SPAMC_PROCESS	/* and what becomes of it? */
};

/* What goes before a message of SIZE bytes; USER (or NULL) is whose settings
 * hold: one that could be more than a name is left out. For
 * g_string_free(). */
GString *ms_spamc_request(enum ms_spamc_command command, uint64_t size,
    const char *user);

/* Can USER be told to it? */
bool ms_spamc_is_user(const char *user);

struct ms_spamc_answer {
	bool spam;
	double score, threshold;
	size_t at, size;	/* what follows the header of the answer */
};

/*
 * Read the whole answer, SIZE bytes at DATA.
 *
 * MS_OK      *ANSWER is what it says
 * MS_E_PEER  it has failed, or that is no answer of spamd's; ERR says what
 */
enum ms_status ms_spamc_read(const void *data, size_t size,
    struct ms_spamc_answer *answer, struct ms_error *err);

#endif
