#ifndef MS_CYRUS_H
#define MS_CYRUS_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Mailboxes of the Cyrus IMAP server: a directory with cyrus.header and
 * others beside messages named "123.".
 */

/* Are the SIZE bytes the beginning of a cyrus.header? */
bool ms_cyrus_is_header(const unsigned char *data, size_t size);

/* Is the directory such a mailbox, as its cyrus.header says? */
bool ms_cyrus_is(int dir);

/* Is NAME that of a message? */
bool ms_cyrus_is_message(const char *name);

#endif
