#ifndef MS_LINKS_H
#define MS_LINKS_H

#include "net/loop.h"
#include "pool/frame.h"

#include <stdbool.h>

/*
 * The front's side of its connections to one other process of the service,
 * which dies or is replaced while it has work: there is the current one, which
 * gets what is new, and older ones, which still owe answers. They talk in
 * frames (pool/frame.h).
 */

struct ms_links;
struct ms_link;

struct ms_links_events {
	/* LINK says the SIZE bytes at DATA, a loan. *FD, -1 if there is none,
	 * is the hearer's if it puts -1 there; what nobody takes is nonsense.
	 * Anything but MS_OK: the frame was nonsense. */
	enum ms_status (*hear)(void *arg, struct ms_link *link,
	    const unsigned char *data, size_t size, int *fd);
	/* LINK will answer nothing any more: it died, or talked nonsense. It
	 * is not the current one now, and gone after this. NULL: nobody is
	 * told. */
	void (*lost)(void *arg, struct ms_link *link, bool died);
	/* Something was heard or lost, there is a new current one, or it may
	 * have become able to take what it did not: send what waits. NULL:
	 * nothing ever does. */
	void (*turn)(void *arg);
};

/* No connection yet. EVENTS is static; its functions may do all but free the
 * links. */
struct ms_links *ms_links_new(struct ms_loop *loop,
    const struct ms_links_events *events, void *arg);
/* Nobody is told anything. NULL is fine. */
void ms_links_free(struct ms_links *links);

/* SOCKET, now the links', leads to a new process. The one before is told that
 * nothing more will come, and is kept while it owes answers. */
void ms_links_peer(struct ms_links *links, int socket);

/* Who gets what is new; NULL: nobody is there. */
struct ms_link *ms_links_current(const struct ms_links *links);

/* Send FRAME, which is gone in any case, and FD (-1: none), which stays the
 * caller's, to the current one. False: there is none, or it takes nothing now:
 * there will be a turn. */
bool ms_links_send(struct ms_links *links, GByteArray *frame, int fd);

/* LINK owes one more answer; one less. */
void ms_links_owe(struct ms_link *link);
void ms_links_settle(struct ms_link *link);

/* How many? */
unsigned ms_links_owed(const struct ms_link *link);

#endif
