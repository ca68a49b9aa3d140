#ifndef MS_HEADER_H
#define MS_HEADER_H

#include <stdbool.h>
#include <stddef.h>

/* What people know a message by, in UTF-8; NULL: absent. */
struct ms_header {
	char *message_id;
	char *subject;
	char *from;
	char *to;
	char *date;		/* RFC 3339 where it could be parsed */
};

/*
 * Read the fields of a header (RFC 5322, 2.2) of SIZE bytes at DATA, which is
 * without the empty line at its end, into HEADER: as GMime has them, which
 * would make an object of each field there is. g_free() frees what is in it.
 *
 * False, and HEADER is empty: there is something else than fields in it, or
 * the type may be message/partial. What becomes of that is for GMime to say.
 */
bool ms_header_read(const unsigned char *data, size_t size,
    struct ms_header *header);

#endif
