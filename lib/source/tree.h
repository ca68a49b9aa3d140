#ifndef MS_TREE_H
#define MS_TREE_H

#include "source/queue.h"
#include "source/source.h"

/*
 * One operand and all that lies below it: a file, or a directory with
 * Maildirs, MH folders and plain files in any mixture. Opens the files that
 * are to be read, one at a time, and says of everything else why not.
 */

struct ms_tree_file {
	int fd;			/* of a regular file, the caller's to close;
				 * -1: there is an item instead */
	uint64_t size;
	struct ms_origin origin;	/* the caller's to clear. Its format
					 * "maildir", "mh", "qmail" or "cyrus":
					 * holds one message; NULL: look into
					 * it */
	struct ms_queue_place place;	/* on loan until the next file */
};

struct ms_tree;

/* CONFIG is borrowed. */
struct ms_tree *ms_tree_new(const struct ms_source_config *config,
    const char *path);
void ms_tree_free(struct ms_tree *tree);

/* MS_OK: FILE has a descriptor, or ITEM is filled. MS_END: that was all.
 * Other: temporary storage is full. */
enum ms_status ms_tree_next(struct ms_tree *tree, struct ms_tree_file *file,
    struct ms_source_item *item, struct ms_error *err);

#endif
