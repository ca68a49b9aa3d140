#ifndef MS_LISTFILE_H
#define MS_LISTFILE_H

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

/*
 * Files that are lists, line by line.
 */

struct ms_listfile_line {
	char *text;		/* with its line end, and a NUL behind it; to be
				 * written to */
	size_t size;		/* without that NUL */
	uint64_t end;		/* in the file: bytes up to the next line */
	unsigned number;	/* from 1 */
};

/* MS_OK: the next one; else no more is read. */
typedef enum ms_status ms_listfile_take(void *arg,
    const struct ms_listfile_line *line, struct ms_error *err);

/*
 * Let TAKE have each line of the file at PATH.
 *
 * MS_OK
 * MS_E_IO  it cannot be read: ERR has PATH
 * else     what TAKE has returned, which has set ERR
 */
enum ms_status ms_listfile_read(const char *path, ms_listfile_take *take,
    void *arg, struct ms_error *err);

#endif
