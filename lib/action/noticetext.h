#ifndef MS_NOTICETEXT_H
#define MS_NOTICETEXT_H

#include "base/error.h"

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

/*
 * The administrator's text of a notice, as the classic milter had it: %v is
 * what was found, %h the message's header, %q its id in quarantine, %% and \%
 * a percent sign, \$ a dollar, \\ a backslash; ${NAME} or $NAME$ is the value
 * of that name. UTF-8.
 */
struct ms_noticetext_value {
	const char *name;	/* "virus" */
	const char *value;	/* NULL: "unknown" */
};

/* How many of the names there are: ms_noticetext_name() of each. */
size_t ms_noticetext_names(void);
const char *ms_noticetext_name(size_t index);

/* MS_OK, or MS_E_USAGE: ERR names the line, and what there is. */
enum ms_status ms_noticetext_check(const char *text, struct ms_error *err);

/* Does TEXT name the header? */
bool ms_noticetext_has_header(const char *text);

/*
 * Append TEXT, which passed the check, to OUT, with VALUES, ended by one
 * without a name, in its places: made printable, and short. HEADER stands for
 * %h, as it is.
 */
void ms_noticetext_expand(const char *text,
    const struct ms_noticetext_value *values, const char *header,
    GString *out);

/* Append VALUE as it stands in such a place. */
void ms_noticetext_value(const char *value, GString *out);

#endif
