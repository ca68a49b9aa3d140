#ifndef MS_SPOKEN_H
#define MS_SPOKEN_H

#include "base/error.h"
#include "capture/dialogue.h"
#include "capture/smell.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What a connection says, in order, on its way to be a dialogue: until it is
 * known to be SMTP, and who is the client, and what of it was said twice in
 * different words. Its two ends are 0 and 1.
 */

/* What all connections of a capture share. */
struct ms_spoken_shared {
	struct ms_stash *stash;
	uint64_t dialogues;	/* numbered so far */
	bool unsaid;		/* the stash was so full that a dialogue
				 * misses something without a word of it */
};

struct ms_spoken_end {
	unsigned char address[16];	/* IPv4 as ::ffff:192.0.2.1 */
	uint16_t port;
};

struct ms_spoken {
	struct ms_spoken_shared *shared;
	struct ms_spoken_end end[2];
	struct ms_dialogue *dialogue;
	enum ms_smell smell;
	int client;		/* the end that began, or -1 */
	bool begun;		/* that was seen */
	bool seen[2];		/* packets of that end */
	unsigned looks;		/* at the heads */
	GByteArray *head[2];	/* first bytes, until it is decided */
	uint64_t lost[2];	/* not said yet that they are missing */
	int64_t last_us;
	unsigned notes;
	bool again;		/* these ends spoke SMTP before */
	uint32_t next[2];	/* behind what was said */
};

/* FIRST is the packet that it begins with. */
struct ms_spoken *ms_spoken_new(struct ms_spoken_shared *shared,
    uint64_t first);
void ms_spoken_free(struct ms_spoken *spoken);

/* A SYN was seen: the end CLIENT began it, and all its bytes follow. */
void ms_spoken_begin(struct ms_spoken *spoken, int client);

/*
 * The end FROM says something, misses something, ends (FIN) or breaks off.
 * After OTHER has been decided nothing is kept any more. MS_OK, or MS_E_IO of
 * the stash; a full one makes a gap.
 */
struct ms_spoken_words {
	int from;
	int64_t time_us;
	uint32_t seq;
	const unsigned char *data;
	size_t size;
};
enum ms_status ms_spoken_say(struct ms_spoken *spoken,
    const struct ms_spoken_words *words, struct ms_error *err);
enum ms_status ms_spoken_gap(struct ms_spoken *spoken, int from,
    int64_t time_us, uint64_t size, struct ms_error *err);
enum ms_status ms_spoken_end(struct ms_spoken *spoken, int from,
    int64_t time_us, bool reset, struct ms_error *err);

/* Both sides may go on, but nobody listens any more: WHY. */
enum ms_status ms_spoken_cut(struct ms_spoken *spoken, const char *why,
    struct ms_error *err);

/* For people, if there are not too many notes already. */
enum ms_status ms_spoken_note(struct ms_spoken *spoken, int from,
    int64_t time_us, const char *text, struct ms_error *err);

/* *SAME is false if WORDS, sent again, are not what was said at its place;
 * what was said long ago is not looked at. */
enum ms_status ms_spoken_compare(struct ms_spoken *spoken,
    const struct ms_spoken_words *words, bool *same, struct ms_error *err);

/* That was all: the dialogue, which is the caller's, or NULL if it is none.
 * SPOKEN is to be freed. */
struct ms_dialogue *ms_spoken_take(struct ms_spoken *spoken);

#endif
