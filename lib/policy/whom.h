#ifndef MS_WHOM_H
#define MS_WHOM_H

#include "base/error.h"

#include <stdbool.h>

/*
 * Lists of addresses, by what they look like, the same in upper and lower
 * case:
 *
 *	user@example.com	that one
 *	example.com		all of that domain (also @example.com), or that
 *				local name without one
 *	*@*.example.com		with * for anything, ? for any one byte
 *	re:^lists-.*@		an expression (PCRE) that is found in it
 *	<>			the null sender
 */

struct ms_whom;

struct ms_whom *ms_whom_new(void);
void ms_whom_free(struct ms_whom *whom);

/* MS_OK, or MS_E_FORMAT: PATTERN is none. */
enum ms_status ms_whom_add(struct ms_whom *whom, const char *pattern,
    struct ms_error *err);

/* Add all of the NULL-ended LIST, or none if that is NULL. */
enum ms_status ms_whom_add_all(struct ms_whom *whom, const char *const *list,
    struct ms_error *err);

/*
 * Read the file at PATH, in which an old milter looked who is not scanned. A
 * line is "From:" or "To:" (which is meant if there is neither) and either
 * <an address>, as the classic one has it, or a basic regular expression of
 * POSIX for the address with < and > around it, as the modern one does. Lines
 * that begin with # ! : or / are comments.
 *
 * With "classic:" before the path all are addresses, which need no < and > if
 * they are recipients; with "modern:" all are expressions, and / begins no
 * comment. What those programs took no notice of is passed over, too.
 *
 * MS_OK
 * MS_E_IO      it cannot be read
 * MS_E_FORMAT  ERR has the line
 */
enum ms_status ms_whom_read(const char *path, struct ms_whom *from,
    struct ms_whom *to, struct ms_error *err);

/* NAME, as above, without what says whose list it is; a loan of it. */
const char *ms_whom_path(const char *name);

/* Is ADDRESS, which is without < and >, one of them? "" is the null sender. */
bool ms_whom_has(const struct ms_whom *whom, const char *address);

bool ms_whom_is_empty(const struct ms_whom *whom);

#endif
