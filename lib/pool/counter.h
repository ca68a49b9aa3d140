#ifndef MS_COUNTER_H
#define MS_COUNTER_H

#include "base/error.h"
#include "pool/errand.h"
#include "scan/facts.h"

/*
 * The side of a door that brings one message after the other to the local scan
 * socket of a service (serve/scansock.h), and waits for what is to be done with
 * it. Several threads may each have a counter of their own.
 */

/* Where that socket is unless something else was said. */
#define MS_COUNTER_USUAL "unix:/run/mailscan/scan.sock"

struct ms_counter;

/* Times are those of base/clock's ms_clock_ms(). MS_OK: *COUNTER is for
 * ms_counter_close(). MS_E_USAGE: ADDRESS is none. MS_E_PEER: nobody is
 * there. */
enum ms_status ms_counter_open(const char *address, int64_t deadline_ms,
    struct ms_counter **counter, struct ms_error *err);
void ms_counter_close(struct ms_counter *counter);

/* All of it is on loan. */
struct ms_counter_question {
	int fd;			/* the message: a file, or best a sealed memfd,
				 * from its start */
	uint64_t size;
	const char *door;	/* "filter"; never NULL */
	bool authenticated, gated;	/* as struct ms_errand_envelope */
	const char *login;	/* likewise */
	bool parts;		/* are to be in the facts */
	const struct ms_envelope *envelope;
	int64_t deadline_ms;	/* for all of it */
	/* Called each time so long nothing has come, unless it is NULL: false
	 * means that nobody wants the answer any more, MS_E_PEER. */
	bool (*idle)(void *arg);
	void *arg;
	int64_t idle_ms;
};

struct ms_counter_reply {
	struct ms_errand_ruling ruling;
	bool scanned;		/* else facts and done are empty: it was
				 * skipped, or the scan failed */
	struct ms_facts facts;	/* as policy left them */
	struct ms_errand_done done;
	int rewritten;		/* what takes the message's place, from its
				 * start; -1: nothing does */
};

/*
 * Ask, and wait.
 *
 * MS_OK      *REPLY is known, for ms_counter_reply_clear()
 * MS_E_PEER  it is not, which says nothing about the message: nobody is there
 *            any more, it took too long, the message was refused, or the
 *            answer is nonsense. COUNTER is of no more use.
 */
enum ms_status ms_counter_ask(struct ms_counter *counter,
    const struct ms_counter_question *question,
    struct ms_counter_reply *reply, struct ms_error *err);

/* The same for one message, over a connection of its own; if the service goes
 * away (another takes over from it), or lets nobody in for a moment, it is
 * tried again some times. */
enum ms_status ms_counter_once(const char *address,
    const struct ms_counter_question *question,
    struct ms_counter_reply *reply, struct ms_error *err);

/* Before there is a message: is WHOM of the envelope wanted? FD, SIZE and PARTS
 * are not looked at, and IDLE is not called. MS_OK: *GATED is known, its reply
 * for g_free(). MS_E_PEER: it is not, which says nothing about anybody. */
enum ms_status ms_counter_gate(const char *address,
    const struct ms_counter_question *question, enum ms_errand_whom whom,
    struct ms_errand_gated *gated, struct ms_error *err);

void ms_counter_reply_clear(struct ms_counter_reply *reply);

#endif
