#ifndef MS_CASE_H
#define MS_CASE_H

#include "net/loop.h"
#include "policy/bans.h"
#include "policy/ruling.h"
#include "serve/chronicle.h"
#include "serve/dispatch.h"
#include "serve/hole.h"
#include "serve/holes.h"
#include "serve/inquiry.h"
#include "serve/metrics.h"
#include "serve/poison.h"
#include "serve/signing.h"

/*
 * A message at any door of a service: it is given to the scanner, ruled about,
 * kept by the store if that is wanted, and told of, to the log, the metrics and
 * a program, when it is over. What the door does between these is the door's
 * (serve/cargo.h, serve/scansock.h).
 */

struct ms_case;

struct ms_case_config {
	struct ms_loop *loop;
	struct ms_inquiry *inquiry;
	struct ms_dispatch *store;	/* NULL: there is no quarantine */
	struct ms_dispatch *runner;	/* NULL: nobody is told */
	struct ms_holes *holes;	/* asked about recipients; NULL: nobody is */
	struct ms_hole_config hole;	/* the same without a runner */
	bool runner_body;	/* it wants the message, too */
	struct ms_poison *poison;
	struct ms_ruling_config ruling;
	struct ms_signing_config signing;
	const struct ms_policy *policy;	/* NULL: RULING's rules hold for all */
	struct ms_bans *bans;	/* of clients, if there is a policy; NULL: there
				 * are none */
	struct ms_metrics *metrics;	/* to count in; NULL: nowhere */
};

/* What is to be done with the message is known; RULING is there until its
 * end. Comes from the loop, never from within a function of this file. */
typedef void ms_case_ruled(void *arg, const struct ms_ruling *ruling);

/* A message has begun. ID, by which the log knows it, is copied; CONFIG
 * outlives the case. */
struct ms_case *ms_case_new(const struct ms_case_config *config,
    const char *id, ms_case_ruled *ruled, void *arg);
/* Without an end nothing is told. */
void ms_case_free(struct ms_case *c);

/* The whole message. */
struct ms_case_question {
	const char *door;	/* static: "smtp" */
	const char *client;	/* its address; NULL: unknown */
	const char *server;	/* the next hop's; likewise */
	bool authenticated;	/* the client, or it may relay */
	const char *login;	/* as whom; NULL: not known; a loan */
	bool parts;		/* are wanted among the facts */
	/* These are then the case's. */
	struct ms_envelope *envelope;
	struct ms_task_words words;
	char *refusal;		/* the reply with which it is refused unseen
				 * (serve/gate.h); NULL: it is not */
	int fd;			/* it, from its start; -1: it could not be
				 * stored */
	uint64_t size;
};
void ms_case_ask(struct ms_case *c, const struct ms_case_question *question);

/* Once it is ruled about; on loan for the life of the case. What the scanner
 * said (its facts as policy left them), and the id in quarantine, or NULL. */
const struct ms_answer *ms_case_answer(const struct ms_case *c);
const char *ms_case_kept(const struct ms_case *c);
/* What takes the message's place if it goes on; NULL: it stays as it is. */
const struct ms_body *ms_case_rewritten(const struct ms_case *c);

/* It is over, at whatever stage. MESSAGE is what the door knows of it; what the
 * case knows is filled in. */
void ms_case_end(struct ms_case *c, struct ms_chronicle_message *message);

#endif
