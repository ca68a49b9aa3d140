#ifndef MS_KIN_H
#define MS_KIN_H

#include "source/queue.h"

/*
 * What a file is to a mail system: that by which a message is known, or one
 * of the others that belong to it, as content, name and what lies beside it
 * say.
 */

enum ms_kin {
	MS_KIN_NONE,		/* nothing to any */
	MS_KIN_POSTFIX,
	MS_KIN_EXIM,
	MS_KIN_SENDMAIL,
	MS_KIN_QMAIL,
	MS_KIN_CYRUS,
	MS_KIN_DBOX,
	MS_KIN_COMPANION,	/* belongs to another file: *MAIN */
	MS_KIN_EARLY,		/* likewise, but that is not there yet */
	MS_KIN_FOREIGN		/* not what the configuration asks for */
};

/* DATA is the first MS_DETECT_HEAD bytes of the file at PLACE. *MAIN, for
 * COMPANION and EARLY, is for the caller to free. */
enum ms_kin ms_kin_of(const struct ms_queue_config *config,
    const unsigned char *data, size_t size, char **main);

#endif
