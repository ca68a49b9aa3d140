#ifndef MS_OWNED_H
#define MS_OWNED_H

/*
 * Files and folders in somebody's Maildir: what the superuser makes there
 * belongs to whom the Maildir does. All answer as system calls do: -1, and
 * why in errno.
 */

/* Give the file FD to the owner of the directory MAILDIR, if we may. */
int ms_owned_give(int fd, int maildir);

/* Make the Maildir++ folder NAME, which begins with a dot, in the Maildir
 * ROOT, as far as it is not there; on disk. */
int ms_owned_folder(int root, const char *name);

#endif
