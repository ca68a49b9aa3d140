#ifndef MS_LOGIN_H
#define MS_LOGIN_H

#include "smtp/reply.h"

/* The client's side of AUTH (RFC 4954): PLAIN (RFC 4616), or LOGIN where only
 * that is offered. Begins as zeros. */
struct ms_login {
	unsigned stage;		/* lines that were sent */
	bool plain;
};

/*
 * The first line, for a server that answered OFFERS to EHLO, or the next one,
 * for one that answered 334: with its end, for g_free(), which should forget
 * it first. NULL: neither is offered, or there is no next one.
 */
char *ms_login_first(struct ms_login *login, const struct ms_reply *offers,
    const char *user, const char *password);
char *ms_login_next(struct ms_login *login, const char *user,
    const char *password);

#endif
