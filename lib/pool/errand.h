#ifndef MS_ERRAND_H
#define MS_ERRAND_H

#include "base/hash.h"
#include "message/envelope.h"
#include "policy/decide.h"
#include "pool/frame.h"
#include "scan/verdict.h"

/*
 * What a door and the process that has the engine say to each other about one
 * message: SCAN with the message beside it; then all facts, one by one, and
 * DONE, or REFUSED alone. Datagrams of a SOCK_SEQPACKET socket, as those of
 * pool/frame.h, and sent and received by the same functions. Any number of
 * errands may be on their way; answers come in any order. Either end believes
 * nothing: who sent a SCAN must ask for the verdict of the facts itself.
 */

enum ms_errand_type {
	MS_ERRAND_SCAN = 64,	/* descriptor: the message, from its start */
	MS_ERRAND_FACT,
	MS_ERRAND_DONE,
	MS_ERRAND_REFUSED,
	/* What the local scan socket has besides (serve/scansock.h). */
	MS_ERRAND_ENVELOPE,	/* of the SCAN or GATE that comes next */
	MS_ERRAND_KEPT,		/* between FACT and DONE, if it was asked for */
	MS_ERRAND_RULING,	/* the last of an errand whose envelope named a
				 * door; no DONE before it: it was not scanned.
				 * Descriptor, if that is said: what the
				 * message has become */
	MS_ERRAND_GATE,		/* before there is a message: is somebody
				 * wanted? Behind an ENVELOPE that names a
				 * door */
	MS_ERRAND_GATED,	/* the answer */
	MS_ERRAND_BUNDLE,	/* of FACTs and DONEs, in the house
				 * (pool/bundle.h) */
	MS_ERRAND_RECIPIENTS	/* of the ENVELOPE before it, for which that
				 * had no room */
};

/* Goes with every SCAN: another version of the program is refused. */
#define MS_ERRAND_VERSION 6

/* Datagrams of one envelope: 8 MB, some 200,000 recipients. */
#define MS_ERRAND_ENVELOPE_FRAMES 256

/* Bytes of what a SCAN says of other scanners, with a NUL behind them. */
#define MS_ERRAND_CHECKS 2048

struct ms_errand_scan {
	uint64_t id;		/* the sender's own */
	uint64_t size;
	bool raw;
	bool parts;		/* are wanted as facts, too */
	bool chosen;		/* it is not for all scanners besides the */
	char checks[MS_ERRAND_CHECKS];	/* engine, but for these, as
					 * pipeline/checking writes them */
};

struct ms_errand_done {
	uint64_t id;
	enum ms_verdict verdict;
	uint64_t elapsed_ms;
	uint64_t generation;	/* of the database: counts its changes */
	uint32_t deaths;	/* of workers, over the message */
	struct ms_digest sha256;	/* as found */
	struct ms_digest sha256_canonical;	/* as struct ms_message */
	bool rewritten;		/* the descriptor holds what takes the place of
				 * the message, if it goes on, */
	uint64_t rewritten_size;	/* and so many bytes of it; else 0 */
	char scanner[160];	/* what looked at it: "clamav 1.4.6, database
				 * 27000"; not quoted, cut */
};

/* Strings that are read are not quoted. */
struct ms_errand_envelope {
	uint64_t id;
	bool keep;		/* without a door: if anything is found in the
				 * message, put it into quarantine */
	char *door;		/* that the message came to, "milter": what is
				 * to be done with it is asked, too. NULL: only
				 * what is found in it */
	bool authenticated;	/* the client, or it may relay */
	char *login;		/* as whom; NULL: not known */
	bool gated;		/* the door has asked about all whom it wants
				 * to ask about (GATE). Else a SCAN asks. */
	/* Of it recipients for which there is no room are counted, and what
	 * is not of the one who sends it is left out. */
	struct ms_envelope *envelope;
	unsigned frames;	/* it has come in so many */
};

/* What whoever has the door does with the message. The service has kept it,
 * told of it, counted it. */
struct ms_errand_ruling {
	uint64_t id;
	enum ms_action action;	/* QUARANTINE: as DROP, and it is kept */
	enum ms_verdict verdict;
	char *what, *part;	/* as struct ms_ruling, policy/ruling.h */
	char *reply;		/* of REJECT and DEFER: "550 5.7.1 text"; else
				 * NULL */
	char *address;		/* of REDIRECT; else NULL */
	char *kept;		/* its id in quarantine; NULL: it is not
				 * there */
	char *next;		/* the program that a queue hands it to; NULL:
				 * as configured */
	char *subject;		/* to put before the subject; NULL */
	/* NULL-ended, never NULL: the names of fields that go, then those that
	 * are put in front: "Name: text", folded by "\r\n ". */
	char **names, **fields;
	bool rewritten;		/* the descriptor holds what takes the place of
				 * the message, */
	uint64_t size;		/* and so many bytes of it; else 0 */
};

/* About whom a door asks. */
enum ms_errand_whom {
	MS_ERRAND_NOBODY,	/* only which of the others to ask about */
	MS_ERRAND_SENDER,	/* that of the envelope, and its client */
	MS_ERRAND_RECIPIENT,	/* the first one of the envelope */
	MS_ERRAND_WHOMS
};

struct ms_errand_gate {
	uint64_t id;		/* that of the envelope */
	enum ms_errand_whom whom;
};

struct ms_errand_gated {
	uint64_t id;
	bool senders, recipients;	/* might be refused, so that asking
					 * makes sense */
	char *reply;		/* "550 5.7.1 text", or 4; NULL: let it be */
};

/* Build one; the caller unrefs it. */
GByteArray *ms_errand_scan(const struct ms_errand_scan *scan);
GByteArray *ms_errand_done(const struct ms_errand_done *done);
GByteArray *ms_errand_refused(uint64_t id, const char *why);

/* With as many recipients as there is room for: *TOLD. */
GByteArray *ms_errand_envelope(const struct ms_errand_envelope *asked,
    uint32_t *told);
/* The same with those behind *TOLD, to which their number is added. */
GByteArray *ms_errand_recipients(const struct ms_errand_envelope *asked,
    uint32_t *told);
GByteArray *ms_errand_ruling(const struct ms_errand_ruling *ruling);
GByteArray *ms_errand_gate(const struct ms_errand_gate *gate);
GByteArray *ms_errand_gated(const struct ms_errand_gated *gated);
/* TEXT: the id it has in quarantine; or, not GOOD, why it has none. */
GByteArray *ms_errand_kept(uint64_t id, bool good, const char *text);

/* FRAME (loan) with the number of its errand in front; its type is one that
 * ms_frame_read_fact() takes. */
GByteArray *ms_errand_fact(uint64_t id, const GByteArray *frame);

/* FACTS as such frames of errand ID, with their parts only if PARTS, in the
 * order in which they are to be added again: each is given to TELL, who unrefs
 * it. */
void ms_errand_tell(uint64_t id, const struct ms_facts *facts, bool parts,
    void (*tell)(void *arg, GByteArray *frame), void *arg);

/* The type of a datagram, 0 if it has none of these. */
enum ms_errand_type ms_errand_type(const unsigned char *data, size_t size);

/* Take one apart. Each: MS_OK, or MS_E_PEER if it is not what its type says,
 * to the last byte. */
enum ms_status ms_errand_read_scan(const unsigned char *data, size_t size,
    struct ms_errand_scan *scan);
enum ms_status ms_errand_read_done(const unsigned char *data, size_t size,
    struct ms_errand_done *done);
enum ms_status ms_errand_read_gate(const unsigned char *data, size_t size,
    struct ms_errand_gate *gate);
/* Its reply is for the caller to g_free(), and not quoted. */
enum ms_status ms_errand_read_gated(const unsigned char *data, size_t size,
    struct ms_errand_gated *gated);

/* These two are for the caller to clear, if they could be read. */
enum ms_status ms_errand_read_envelope(const unsigned char *data, size_t size,
    struct ms_errand_envelope *asked);
enum ms_status ms_errand_read_ruling(const unsigned char *data, size_t size,
    struct ms_errand_ruling *ruling);
/* Add the recipients that follow the envelope ASKED; MS_E_PEER also if they are
 * of another one, or more than it said. */
enum ms_status ms_errand_read_recipients(const unsigned char *data,
    size_t size, struct ms_errand_envelope *asked);
void ms_errand_envelope_clear(struct ms_errand_envelope *asked);
void ms_errand_ruling_clear(struct ms_errand_ruling *ruling);

/* *TEXT is for the caller to g_free(), and not quoted. */
enum ms_status ms_errand_read_kept(const unsigned char *data, size_t size,
    uint64_t *id, bool *good, char **text);

/* *WHY is for the caller to g_free(), and not quoted. */
enum ms_status ms_errand_read_refused(const unsigned char *data, size_t size,
    uint64_t *id, char **why);

/* The number of the errand, and the frame: a loan of DATA, which is still to
 * be read with ms_frame_read_fact(). */
enum ms_status ms_errand_read_fact(const unsigned char *data, size_t size,
    uint64_t *id, const unsigned char **frame, size_t *frame_size);

#endif
