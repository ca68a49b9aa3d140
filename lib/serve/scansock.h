#ifndef MS_SCANSOCK_H
#define MS_SCANSOCK_H

#include "serve/case.h"

/*
 * The local scan socket of a service: programs on this machine that may open
 * it hand over messages, and get what the scanner finds, as errands have it
 * (pool/errand.h), over a SOCK_SEQPACKET socket. So others use the engine that
 * is loaded here, and its quarantine: an ENVELOPE before a SCAN can ask for
 * that. One that names a door makes the message a case (serve/case.h), as one
 * that came by SMTP is, and a RULING says what the door does with it; before
 * that it may ask whether senders and recipients are wanted at all. Nothing
 * of what they send is read here but the frames; no more than some of them are
 * let in, each with a few messages at a time.
 */

struct ms_scansock;

/* Accept from FD, which stays the caller's, as all that is in CONFIG does. */
struct ms_scansock *ms_scansock_new(const struct ms_case_config *config,
    int fd);

/*
 * Let nobody in any more, and take no more from those that are there, who see
 * that when they send and may come to whoever is next. What they sent before is
 * answered, and then they are let go. GONE is called back each time that there
 * is nobody; it does not free the socket.
 */
void ms_scansock_retire(struct ms_scansock *sock, ms_loop_callback *gone,
    void *arg);

/* Is nobody there? */
bool ms_scansock_is_empty(const struct ms_scansock *sock);

/* What was asked is not answered any more. */
void ms_scansock_free(struct ms_scansock *sock);

/* Can what is in FD be read at any time, so that nobody has to wait for it: a
 * file of SIZE bytes at least, of this machine? NULL: yes; else why not. */
const char *ms_scansock_objection(int fd, uint64_t size);

#endif
