#ifndef MS_RELEASE_H
#define MS_RELEASE_H

#include "action/holding.h"

/*
 * Giving a message back, in an order that survives a kill at any moment: what
 * is going to be done is in the record before it is done, and that it was
 * done, afterwards. Who finds a try of which nobody knows how it ended looks
 * whether the message has arrived, where one can look; where one cannot, it
 * is sent again, because twice is better than never.
 */

/* A message on its way. */
struct ms_release_message {
	const struct ms_custody *custody;
	int fd;			/* from its start, of SIZE bytes */
	uint64_t size;
};

/* A way to give it back. One for a mailbox is action/putback.h. */
struct ms_release_way {
	const char *to;		/* where to, for the record; the same text is
				 * the same place */
	bool unquoted;		/* without mbox quoting */
	void *arg;
	/* Get ready. *MARK is kept in the record, to find the message there
	 * later by. May be NULL. */
	enum ms_status (*prepare)(void *arg,
	    const struct ms_custody *custody, int64_t *mark,
	    struct ms_error *err);
	/* Did MESSAGE arrive in the try with MARK? MS_OK: yes; MS_END: no.
	 * NULL: nobody can tell. */
	enum ms_status (*look)(void *arg,
	    const struct ms_release_message *message, int64_t mark,
	    struct ms_error *err);
	/* Deliver it. *ANSWER (g_free) may be set to what is to be said of
	 * it. *UNCERTAIN is set if it failed and may have arrived. */
	enum ms_status (*deliver)(void *arg,
	    const struct ms_release_message *message, char **answer,
	    bool *uncertain, struct ms_error *err);
};

enum ms_release_result {
	MS_RELEASE_DONE,
	MS_RELEASE_BEFORE,	/* it was, at an earlier time */
	MS_RELEASE_FOUND,	/* an earlier try had done it, and was
				 * interrupted before it could say so */
	MS_RELEASE_REPEATED	/* done, and perhaps by an earlier try, too */
};

/*
 * Release what HOLDING, which is open with its lock, holds, unless it was
 * released to the same place before; AGAIN: even then.
 *
 * MS_OK        *RESULT is set; the record says so, on disk
 * MS_E_FORMAT  message or record is damaged: nothing was done
 * MS_E_IO      among others: it arrived, but the record could not be written
 * other        what the way said
 */
enum ms_status ms_release(struct ms_holding *holding,
    const struct ms_release_way *way, bool again,
    enum ms_release_result *result, struct ms_error *err);

#endif
