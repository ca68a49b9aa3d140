#ifndef MS_SMELL_H
#define MS_SMELL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Is a connection SMTP (or LMTP), on whatever port, and who is its client?
 * Seen from the first bytes of both sides. On the ports of SMTP everything is
 * taken for it; elsewhere a client's commands decide, because other protocols
 * greet with 220, too.
 */

enum ms_smell {
	MS_SMELL_UNSURE,	/* more bytes may tell */
	MS_SMELL_SMTP,
	MS_SMELL_TLS,		/* on a port of SMTP, from the first byte */
	MS_SMELL_OTHER
};

/* As many first bytes of a side are looked at. */
#define MS_SMELL_HEAD 1024

/* The two sides are 0 and 1. */
struct ms_smell_case {
	const unsigned char *data[2];
	size_t size[2];
	uint16_t port[2];
	int client;		/* side that began it, or -1 */
	bool begun;		/* these are the first bytes there were */
	bool over;		/* and there will not be more */
};

/* *CLIENT is the side that is the client, a guess if need be. */
enum ms_smell ms_smell(const struct ms_smell_case *c, int *client);

#endif
