#ifndef MS_FILE_H
#define MS_FILE_H

#include "base/error.h"

#include <stdbool.h>
#include <sys/stat.h>

/*
 * How this program touches the file system: it looks before it opens, opens
 * only regular files and directories, for reading only, and checks that what
 * it has opened is what it had looked at.
 */

enum ms_file_type {
	MS_FILE_REGULAR,
	MS_FILE_DIRECTORY,
	MS_FILE_OTHER,		/* a FIFO, a device, a socket */
	MS_FILE_DANGLING,	/* a link to nothing */
	MS_FILE_GONE,		/* there is no such file */
	MS_FILE_FAILED		/* ERR says why one cannot even look */
};

struct ms_file {
	enum ms_file_type type;
	bool link;		/* reached through a symbolic link; the rest
				 * is about what it leads to */
	struct stat st;
};

/* Look at NAME in the directory DIR (or AT_FDCWD). */
struct ms_file ms_file_look(int dir, const char *name, struct ms_error *err);

/* Open what was looked at into *FD, which the caller closes. MS_END: it
 * vanished. MS_E_IO: no; or somebody has put something else in its place. */
enum ms_status ms_file_open(int dir, const char *name,
    const struct ms_file *file, int *fd, struct ms_error *err);

/* "a FIFO", for people. */
const char *ms_file_what(const struct ms_file *file);

#endif
