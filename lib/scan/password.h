#ifndef MS_PASSWORD_H
#define MS_PASSWORD_H

#include "base/budget.h"
#include "base/spool.h"

#include <stddef.h>

/*
 * Words of a message that may be the password of an archive in it: those near
 * words such as "password" first, in a dozen languages. How many there are is
 * bounded, whatever the message says.
 */

/* At most this many words of one message are tried. */
#define MS_PASSWORD_WORDS 100

struct ms_password_input {
	const unsigned char *data;	/* the message */
	size_t size;
	const struct ms_spool_config *spool;
	const struct ms_budget *budget;	/* nothing is charged to it: a copy
					 * bounds the reading */
	const char *const *known;	/* NULL, or passwords that come first,
					 * with NULL behind them */
};

/* The known ones, then the words of all text parts, each once, with NULL
 * behind them; for g_strfreev(). */
char **ms_password_find(const struct ms_password_input *input);

#endif
