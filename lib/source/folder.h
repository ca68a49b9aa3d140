#ifndef MS_FOLDER_H
#define MS_FOLDER_H

#include "source/file.h"
#include "source/names.h"
#include "source/source.h"
#include "source/depot.h"

/*
 * One open directory of a tree: what kind it is, and the names in it. A
 * Maildir has three lists, new before cur, so that a message that is moved
 * from one to the other while we read is in one of them.
 */

enum ms_folder_kind {
	MS_FOLDER_PLAIN,
	MS_FOLDER_MAILDIR,
	MS_FOLDER_PART,		/* cur or new of a Maildir, by itself */
	MS_FOLDER_MH
};

struct ms_folder_list {
	const char *sub;	/* "new/", "cur/" or "" */
	int fd;			/* -1: cannot be read, or given back */
	struct ms_names *names;
	char *why;		/* there are no names; NULL: said already */
	uint64_t ticket;	/* of the memory, if there is one */
	enum ms_memory_answer answer;	/* unless READ, there are no names */
	bool partial;		/* not all of it was handed out */
	bool elsewhere;		/* names in it lead to what changes without
				 * the list: directories, symbolic links */
};

#define MS_FOLDER_LISTS 3

struct ms_folder {
	enum ms_folder_kind kind;
	enum ms_depot depot;	/* of a plain one */
	dev_t dev;
	ino_t ino;
	bool link;		/* entered through a symbolic link */
	size_t path_size;	/* of the tree's path up to here */
	struct ms_folder_list lists[MS_FOLDER_LISTS];
	size_t count, current;	/* lists */
	GHashTable *moved;	/* unique parts of messages that were read
				 * under another name than they were listed */
};

/* The directory FD, which now belongs to the folder, as looked at in FILE, at
 * PATH. Never fails: what cannot be read says so. */
struct ms_folder *ms_folder_new(const struct ms_source_config *config,
    int fd, const struct ms_file *file, const char *path);
void ms_folder_free(struct ms_folder *folder);

/* The directory's own descriptor. */
int ms_folder_fd(const struct ms_folder *folder);

/* The format of the regular file NAME in the current list: "maildir", "mh",
 * one of source/depot's, or NULL. */
const char *ms_folder_format(const struct ms_folder *folder,
    const char *name);

/* Is NAME of the current list something that mail programs keep for
 * themselves, or what another list holds? */
bool ms_folder_ignores(const struct ms_folder *folder, const char *name);

/* Was this message of a Maildir handed out already? */
bool ms_folder_has_moved(const struct ms_folder *folder, const char *name);

/* Where NAME of a Maildir's current list is now: *LIST and the new name, for
 * the caller to free. NULL: gone; or it comes, or came, under that name. */
char *ms_folder_find(struct ms_folder *folder, const char *name,
    size_t *list, bool *gone);

/* Give back the descriptor of a plain folder while it waits for one that
 * lies deep below it; take it again from its subfolder CHILD. */
void ms_folder_suspend(struct ms_folder *folder);
bool ms_folder_resume(struct ms_folder *folder,
    const struct ms_folder *child);

#endif
