#ifndef MS_BENEATH_H
#define MS_BENEATH_H

#include "base/error.h"

#include <stdbool.h>
#include <sys/types.h>

/*
 * Directories that are ours alone, and files in them. Whoever else may write
 * to such a directory could put a symbolic link under any name, and whoever
 * may read it could take mail from it: so neither is accepted, and no link
 * is ever followed.
 */

/*
 * Open the directory PATH, which belongs to us and to which nobody else has
 * any access, and no symbolic link, whatever slashes are behind it. If there
 * is none and MAKE, it is made, and so its name is on disk.
 *
 * MS_OK       *FD is the caller's to close
 * MS_E_USAGE  it is not such a directory: the text says what to do
 * MS_E_IO     it is not there, or could not be made or opened
 */
enum ms_status ms_beneath_root(const char *path, bool make, int *fd,
    struct ms_error *err);

/* Likewise the directory NAME, which is one name, in the directory DIR; but
 * MS_END: it is not there, or not any more. */
enum ms_status ms_beneath_directory(int dir, const char *name, bool make,
    int *fd, struct ms_error *err);

/* Open the file NAME, which is one name, in the directory DIR: as openat(),
 * but never through a link and never out of DIR. FLAGS get O_CLOEXEC; MODE
 * counts with O_CREAT. -1: errno says why. */
int ms_beneath_open(int dir, const char *name, int flags, mode_t mode);

/* Likewise for reading, a regular file only; a FIFO does not make it wait.
 * MS_END: it is not there. */
enum ms_status ms_beneath_read(int dir, const char *name, int *fd,
    struct ms_error *err);

#endif
