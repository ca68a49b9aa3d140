#ifndef MS_ROLE_H
#define MS_ROLE_H

#include "base/spool.h"
#include "capture/dialogue.h"

#include <glib.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The client of a dialogue as a role: what it said, as steps that can be played
 * to another server, and what was answered to each. A plain value, which any
 * number of connections may play at the same time. Bytes of messages stay
 * where they are: in the dialogue, or in a spool of the role.
 */

enum ms_step_kind {
	MS_STEP_GREETING,	/* the server speaks first: nothing is sent */
	MS_STEP_COMMAND,	/* a line that wants a reply; BDAT with its
				 * chunk, too */
	MS_STEP_CONTENT,	/* after DATA, with the line of the dot */
	MS_STEP_RESPONSE,	/* a line in AUTH; is secret */
	MS_STEP_LOGIN,		/* AUTH of our own, as the server wants it */
	MS_STEP_CLOSE		/* the client's end; always there, the last */
};

/* A reply as it was recorded. */
struct ms_recorded {
	int code;		/* of a made one only its first digit counts */
	char *text;		/* as struct ms_reply has it; NULL: any */
};

/* How an own step comes to be, which nobody recorded. */
enum ms_step_own {
	MS_STEP_RECORDED,
	MS_STEP_WANTED,		/* of our own, and it must be accepted */
	MS_STEP_OFFERED		/* the same, but it is left out, with the next
				 * step, where STARTTLS is not offered */
};

struct ms_step {
	enum ms_step_kind kind;
	enum ms_step_own own;
	char verb[12];		/* "MAIL", in capitals; "": none */
	char *line;		/* what is sent, with its end; NULL: nothing */
	size_t line_size;
	bool spooled;		/* where the bytes behind it are: */
	uint64_t offset, size;	/* in the spool, or in all of the client's */
	size_t after;		/* it is sent when all steps before this one
				 * are answered; at most its own index */
	size_t first, count;	/* its replies in RECORDED */
	bool silent;		/* the recorded server is known to have
				 * answered nothing, and closed */
	bool secure;		/* STARTTLS, after which TLS began; or an own
				 * one */
	bool reset;		/* CLOSE: broken off */
	int64_t pause_us;	/* between what was said before it and it; 0:
				 * none, or unknown */
	int64_t answer_us;	/* likewise, of its first reply */
};

/* A turn of the client. */
struct ms_role_piece {
	size_t turn;		/* in the dialogue */
	uint64_t offset;	/* of its first byte in all of the client's */
};

struct ms_role {
	/* Where it comes from, for people. */
	uint64_t number;
	char *client, *server;	/* as in struct ms_dialogue */
	char *source;		/* the path of the capture or mailbox */
	char *origin;		/* "packet 17" in it, or NULL; not quoted */
	GArray *steps;		/* of struct ms_step: GREETING first, CLOSE
				 * last */
	GArray *recorded;	/* of struct ms_recorded */
	bool made;		/* of a message: replies are only supposed */
	bool lmtp;
	bool tls_first;		/* TLS before the greeting */
	char *preamble;		/* a line that is sent before all, with its
				 * end, or NULL */
	char *cut;		/* what is behind the last step cannot be
				 * played, or not be compared: why. NULL: it
				 * is whole */
	size_t unasked;		/* replies that were no answer to anything */
	/* Where the bytes are. */
	struct ms_dialogue *dialogue;	/* its own, or NULL */
	GArray *pieces;		/* of struct ms_role_piece, in their order */
	struct ms_spool *spool;	/* or NULL */
};

/* Most steps of a role, and most bytes of lines and replies in it. */
#define MS_ROLE_STEPS_MAX 200000
#define MS_ROLE_TEXT_MAX ((size_t)64 << 20)

/* One with nothing but a greeting that is not compared, and the end. */
struct ms_role *ms_role_new(void);
void ms_role_free(struct ms_role *role);

/* The same of the bytes that STEP has behind its line. */
enum ms_status ms_role_read(const struct ms_role *role,
    const struct ms_step *step, uint64_t offset, void *data, size_t *size,
    struct ms_error *err);

/* Let STEP have the reply CODE and TEXT (copied;
 * may be NULL) behind those that it has. Replies are added in the order of
 * their steps. */
void ms_role_answer(struct ms_role *role, struct ms_step *step, int code,
    const char *text);

/* The bytes of the client from OFFSET on, at most *SIZE into DATA; *SIZE is
 * then how many there were, 0 only at their end. */
enum ms_status ms_role_client(const struct ms_role *role, uint64_t offset,
    void *data, size_t *size, struct ms_error *err);

struct ms_step *ms_role_step(const struct ms_role *role, size_t i);

/* The recorded reply number I to STEP; NULL: there is none. Of a step with
 * fewer replies than are wanted, the last. */
const struct ms_recorded *ms_role_recorded(const struct ms_role *role,
    const struct ms_step *step, size_t i);

/* Insert STEP, whose line becomes the role's, before the step number AT. Steps
 * behind it are sent when it is answered. */
void ms_role_insert(struct ms_role *role, size_t at,
    const struct ms_step *step);
/* Remove the step number AT. */
void ms_role_remove(struct ms_role *role, size_t at);

/* A command of our own: VERB with its ARGUMENT (NULL: none). */
struct ms_step ms_role_command(const char *verb, const char *argument);

/* Does STEP go without a reply, for the recorded server gave none? */
bool ms_role_is_silent(const struct ms_step *step);

/* Is STEP the end of a message: content, or the last chunk? */
bool ms_role_ends_message(const struct ms_step *step);

/* The command of STEP for people, without its end and secrets: not quoted,
 * for g_free(). */
char *ms_role_label(const struct ms_step *step);

#endif
