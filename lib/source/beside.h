#ifndef MS_BESIDE_H
#define MS_BESIDE_H

#include "source/cursor.h"
#include "source/queue.h"

/*
 * Files that lie beside another one and are named after it.
 */

struct ms_beside {
	int fd;
	struct ms_cursor *cursor;	/* NULL: there is no file */
};

/*
 * Open NAME, seen from the directory of PLACE, if it is a regular file and no
 * link.
 *
 * MS_OK
 * MS_END    there is none; FILE is empty
 * MS_E_IO   it cannot be read, or is none to be read
 */
enum ms_status ms_beside_open(const struct ms_queue_place *place,
    const char *name, struct ms_beside *file, struct ms_error *err);
void ms_beside_close(struct ms_beside *file);

/* Up to SIZE first bytes of it; 0 if there is none. */
size_t ms_beside_head(const struct ms_queue_place *place, const char *name,
    unsigned char *data, size_t size);

/* The last name of the place. */
const char *ms_beside_name(const struct ms_queue_place *place);

/* Is the file itself gone? */
bool ms_beside_gone(const struct ms_queue_place *place);

#endif
