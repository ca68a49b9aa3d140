#ifndef MS_LOGINS_H
#define MS_LOGINS_H

#include "base/error.h"

#include <stdbool.h>

/*
 * Which clients that have authenticated are meant, by the names as which they
 * have; the same in upper and lower case:
 *
 *	yes, no			all of them, none: alone in its list
 *	tom, *-robot, re:^b	as policy/whom has addresses
 *	posix:^(tom|dick)$	an extended expression of POSIX that is found in
 *				the name
 *	file:/etc/names		the names in a file, one a line, as they are;
 *				lines of less than two bytes, and those that
 *				begin with # ! or :, are none
 *
 * Somebody whose name is not known is in no list.
 */

struct ms_logins;

/*
 * LIST ends with NULL, or is that: none are meant.
 *
 * MS_OK        *LOGINS is for ms_logins_free()
 * MS_E_IO      a file cannot be read
 * MS_E_FORMAT  an element is none, or a file is not one of names
 */
enum ms_status ms_logins_new(const char *const *list,
    struct ms_logins **logins, struct ms_error *err);
void ms_logins_free(struct ms_logins *logins);

/* Can ELEMENT stand in a list? MS_OK, or MS_E_FORMAT. No file is looked at. */
enum ms_status ms_logins_check(const char *element, struct ms_error *err);

/* The path of the file that ELEMENT names, a loan of it; NULL: it names
 * none. */
const char *ms_logins_path(const char *element);

/* Is a client meant that is AUTHENTICATED or not, and has NAME (NULL: it is
 * not known)? */
bool ms_logins_has(const struct ms_logins *logins, bool authenticated,
    const char *name);

#endif
