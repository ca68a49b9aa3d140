#ifndef MS_STUBTEXT_H
#define MS_STUBTEXT_H

#include "scan/outcome.h"

#include <stdint.h>

/*
 * What stands in a mailbox where a message was: for those who will look for
 * it.
 */

#define MS_STUBTEXT_SUBJECT "[a message was removed by mailscan]"

/*
 * Header lines, "", lines of text, NULL: for g_strfreev(), the most important
 * ones first. ID is where it is in the quarantine; NULL: nowhere. TIME is in
 * seconds since 1970. What comes from the message is quoted, and cut where it
 * is long.
 */
char **ms_stubtext_lines(const struct ms_outcome *outcome, const char *id,
    int64_t time);

#endif
