#ifndef MS_DIALOGUE_H
#define MS_DIALOGUE_H

#include "base/error.h"
#include "capture/stash.h"

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What client and server of one connection said, as turns in the order of
 * time. Readers of captures make dialogues, everything else takes them: it
 * does not matter any more whether it was packets or lines of text.
 */

enum ms_side { MS_SIDE_CLIENT, MS_SIDE_SERVER };

enum ms_turn_kind {
	MS_TURN_BYTES,
	MS_TURN_GAP,		/* size bytes were not captured; 0: nobody
				 * knows how many */
	MS_TURN_END,		/* the side says no more (FIN) */
	MS_TURN_RESET,		/* the side broke the connection off */
	MS_TURN_NOTE,		/* the bytes are a text for people */
	MS_TURN_SECURE		/* TLS begins for both sides; bytes that
				 * follow are what was said inside */
};

/* Number of kinds, and of sides. */
#define MS_TURN_KINDS 6
#define MS_SIDES 2

struct ms_turn {
	enum ms_turn_kind kind;
	enum ms_side side;
	int64_t time_us;	/* since 1970; -1: unknown */
	uint64_t offset;	/* of its bytes in the dialogue */
	uint64_t size;		/* of its bytes; of a gap, what is missing */
};

struct ms_dialogue {
	uint64_t number;	/* in its capture, from 1 */
	char *client, *server;	/* "192.0.2.1:1025", "[2001:db8::1]:25";
				 * NULL: unknown */
	uint64_t position;	/* where in its capture it begins: */
	const char *unit;	/* "packet" 17, "line" 12; never freed */
	bool begun;		/* its first bytes are there */
	bool heard[MS_SIDES];	/* false: that side was not captured */
	GArray *turns;		/* struct ms_turn, in the order of time */
	struct ms_stash_chain *bytes;
	struct ms_stash *stash;	/* where they are; on loan */
};

/* Turns with a time of their own that a dialogue keeps: then all that a side
 * says without a break is one. */
#define MS_DIALOGUE_FINE 65536

/* Empty: all unknown, neither begun nor heard. It is freed before STASH. */
struct ms_dialogue *ms_dialogue_new(struct ms_stash *stash);
void ms_dialogue_free(struct ms_dialogue *dialogue);

/*
 * Append what a side said, to the last turn if that is the same side's at the
 * same time, else as a turn of its own; the side counts as heard. No bytes
 * are no turn.
 *
 * MS_OK       done
 * MS_E_LIMIT  the stash is full: the dialogue is as it was, and may still be
 *             used; who goes on listening says the gap, which may fail, too
 * MS_E_IO     as ms_stash_chain_append()
 */
enum ms_status ms_dialogue_say(struct ms_dialogue *dialogue,
    enum ms_side side, int64_t time_us, const void *data, size_t size,
    struct ms_error *err);

/* SIZE bytes of a side are missing here; gaps side by side become one.
 * MS_E_LIMIT as above. */
enum ms_status ms_dialogue_gap(struct ms_dialogue *dialogue,
    enum ms_side side, int64_t time_us, uint64_t size, struct ms_error *err);

/* The side ended, or broke off. MS_E_LIMIT as above. */
enum ms_status ms_dialogue_end(struct ms_dialogue *dialogue,
    enum ms_side side, int64_t time_us, bool reset, struct ms_error *err);

/* TEXT is for people: a remark about what follows, as of SIDE. Failures as
 * ms_dialogue_say(). */
enum ms_status ms_dialogue_note(struct ms_dialogue *dialogue,
    enum ms_side side, int64_t time_us, const char *text,
    struct ms_error *err);

/* TLS begins. MS_E_LIMIT as above. */
enum ms_status ms_dialogue_secure(struct ms_dialogue *dialogue,
    int64_t time_us, struct ms_error *err);

const struct ms_turn *ms_dialogue_turn(const struct ms_dialogue *dialogue,
    size_t i);

/* Up to *SIZE bytes from OFFSET of turn I (of BYTES or a NOTE; others have
 * none) into DATA; *SIZE becomes how many, less only at the turn's end.
 * MS_E_IO: the stash could not be read. */
enum ms_status ms_dialogue_read(const struct ms_dialogue *dialogue, size_t i,
    uint64_t offset, void *data, size_t *size, struct ms_error *err);

#endif
