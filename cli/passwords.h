#ifndef PASSWORDS_H
#define PASSWORDS_H

#include "mailscan.h"

/* More lines than this in a file of passwords are an error. */
#define PASSWORDS_MAX 1000

/*
 * Read the passwords of FILE, one a line, in UTF-8 or whatever the archives
 * use; empty lines are passed over, blanks count. *LIST is for
 * passwords_free().
 *
 * MS_E_IO      it cannot be read
 * MS_E_FORMAT  no password in it, too many, or one that is none: ERR names
 *              file and line
 */
enum ms_status passwords_read(const char *file, char ***list,
    struct ms_error *err);
void passwords_free(char **list);

#endif
