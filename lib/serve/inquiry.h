#ifndef MS_INQUIRY_H
#define MS_INQUIRY_H

#include "net/loop.h"
#include "scan/outcome.h"
#include "scan/verdict.h"

#include <stdint.h>

/*
 * Asking the scanner of a service (serve/scanner.h): some messages at once,
 * the others wait here for their turn. Every question is answered, by facts or
 * by a failure: no scanner, a scanner that died, that does not answer, that
 * answers nonsense, no turn in time.
 */

struct ms_inquiry_config {
	unsigned at_once;	/* messages that the scanner has */
	int64_t wait_ms;	/* for a turn */
	int64_t scan_ms;	/* for the answer, from then on */
	bool parts;		/* are wanted among the facts */
};

struct ms_answer {
	const char *failure;	/* NULL: the rest is known. Not quoted. */
	enum ms_verdict verdict;	/* of FACTS */
	struct ms_facts *facts;	/* on loan; what is in it may be taken out */
	unsigned deaths;	/* of workers, over the message */
	struct ms_digest sha256;	/* of the message */
	struct ms_digest sha256_canonical;	/* as struct ms_message */
	int64_t elapsed_ms;	/* from the question */
	const struct ms_body *rewritten;	/* what takes its place; NULL:
						 * it stays as it is */
	const char *scanner;	/* what looked at it, as struct
				 * ms_errand_done */
};

/* Comes from the loop, never from within a function of this file. It may ask
 * again and forget others. */
typedef void ms_inquiry_answered(void *arg, const struct ms_answer *answer);

struct ms_inquiry;

/* Without a scanner, for which questions wait. */
struct ms_inquiry *ms_inquiry_new(struct ms_loop *loop,
    const struct ms_inquiry_config *config);
/* What is still unanswered stays so. */
void ms_inquiry_free(struct ms_inquiry *inquiry);

/* SOCKET, now the inquiry's, leads to a new scanner. What the old one was
 * asked it may still answer, over its own; where that ends, the rest of it
 * fails. From the loop. */
void ms_inquiry_peer(struct ms_inquiry *inquiry, int socket);

/* Is there a scanner that can be asked? */
bool ms_inquiry_is_answered(const struct ms_inquiry *inquiry);

/* Ask for the message of SIZE bytes in FD, which is then the inquiry's. What
 * is returned, never 0, is the number of the question. */
uint64_t ms_inquiry_ask(struct ms_inquiry *inquiry, int fd, uint64_t size,
    ms_inquiry_answered *answered, void *arg);

/* The same, for those scanners besides the engine that CHECKS names (as
 * pipeline/checking writes them; NULL: for all). */
uint64_t ms_inquiry_ask_for(struct ms_inquiry *inquiry, int fd,
    uint64_t size, const char *checks, ms_inquiry_answered *answered,
    void *arg);

/* Nobody wants the answer to NUMBER any more; any other number is fine. */
void ms_inquiry_forget(struct ms_inquiry *inquiry, uint64_t number);

#endif
