#ifndef MS_CARRY_H
#define MS_CARRY_H

#include "milter/letter.h"
#include "pool/counter.h"

/*
 * Carrying out, by libmilter, what is to be done with a message that is at its
 * end. Each function but the first answers what the callback is to answer,
 * which is never that the message goes on if anything failed.
 */

struct smfi_str;		/* libmilter's, of one connection */

/* REPLY, "451 4.3.0 text", is what the client is told. */
void ms_carry_reply(struct smfi_str *context, const char *reply);

/* Refuse somebody or something, for good or for now, as REPLY begins. */
int ms_carry_refuse(struct smfi_str *context, const char *reply);

/* Defer, and tell the client REPLY. */
int ms_carry_defer(struct smfi_str *context, const char *reply);

/* What a server lets its filter do, to the message of that connection. */
struct ms_carry_leave {
	struct smfi_str *context;
	unsigned long actions;	/* SMFIF_ADDHDRS and so on */
	bool blanks;		/* values of fields have the white space behind
				 * the colon */
};

/* What the service said of LETTER, which is sealed. What failed is in ERR, else
 * that is empty. */
int ms_carry_ruling(const struct ms_carry_leave *leave,
    struct ms_letter *letter, const struct ms_counter_reply *reply,
    struct ms_error *err);

/* Deliver what nobody has scanned, marked so. */
int ms_carry_unscanned(const struct ms_carry_leave *leave,
    struct ms_letter *letter, struct ms_error *err);

#endif
