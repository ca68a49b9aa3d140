#ifndef MS_OFFER_H
#define MS_OFFER_H

#include "smtp/reply.h"
#include "smtp/session.h"

/*
 * Extensions (RFC 5321, 4.1.1.1): what a server offers in its reply to EHLO,
 * and what of it a proxy before it offers in turn. A table says which keywords
 * are passed on, which are the proxy's own business and which are hidden,
 * because nobody there would understand what the client would then send.
 * For smtp/proxy.
 */

struct ms_offer {
	bool extended;		/* EHLO or LHLO was accepted */
	bool pipelining, chunking, binarymime, starttls, xforward;
	char *xclient;		/* its attributes; NULL: not offered */
	uint64_t size;		/* 0: no limit was told */
};

/* What the proxy adds of its own. */
struct ms_offer_own {
	const char *hostname;
	uint64_t size_max;	/* 0: none */
	bool starttls, xclient, xforward;
	bool pass_unknown;
	const char *const *hide;	/* ended by NULL, or NULL */
	unsigned refuse;	/* bits 1 << MS_VERB_VRFY and so on */
};

void ms_offer_clear(struct ms_offer *offer);

/* REPLY is the positive one to EHLO, LHLO or (EXTENDED is false) HELO.
 * CHUNKING and BINARYMIME that OWN hides are as if they were not offered. */
void ms_offer_read(struct ms_offer *offer, const struct ms_reply *reply,
    bool extended, const struct ms_offer_own *own);

/* The smaller one of two limits, where 0 is none. */
uint64_t ms_offer_size(const struct ms_offer *offer, uint64_t own);

/* The lines of the proxy's reply, with line feeds between them. */
void ms_offer_compose(const struct ms_offer *offer,
    const struct ms_reply *reply, const struct ms_offer_own *own,
    GString *out);

/* Append "XCLIENT NAME=value ..." of those attributes that OFFER names, as
 * KEYWORDS (struct ms_keyword; a value of NULL or "": not known) has them. */
void ms_offer_xclient(const struct ms_offer *offer,
    const struct ms_keyword *keywords, size_t count, GString *out);

#endif
