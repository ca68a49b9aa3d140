#ifndef MS_TASK_H
#define MS_TASK_H

#include "pool/frame.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * What the front of a service asks its store and its runner to do, and what
 * they answer: datagrams for ms_frame_send() and ms_frame_receive(). A task is
 * BODY, if the message itself is wanted, and NOTE, which completes it; the
 * answer is DONE. The note is what is known of the message, as a line of a
 * report (report/jsonl.h).
 */

enum ms_task_type {
	MS_TASK_BODY = 112,	/* descriptor: the message */
	MS_TASK_NOTE,		/* descriptor: the note */
	MS_TASK_DONE
};

/* Of the note, most bytes. */
#define MS_TASK_NOTE_MAX ((uint64_t)16 << 20)

/* What a program is told that no report has. NULL: unknown. Not quoted. */
struct ms_task_words {
	char *client;		/* address of whoever connected */
	char *server;		/* the next hop's address */
	char *remote, *remote_helo;	/* as XFORWARD has them */
	char *kept;		/* its id in quarantine */
	char *recipient;	/* then nothing is told: is it a black hole?
				 * (serve/hole.h) The note says nothing */
};

struct ms_task {
	uint64_t id;
	int body;		/* -1: none */
	uint64_t body_size;
	int note;		/* -1: none yet */
	uint64_t note_size;
	struct ms_task_words words;
};

/* Build one; the caller unrefs it. TEXT: of quarantine the id, or why it
 * failed. */
GByteArray *ms_task_body(uint64_t id, uint64_t size);
GByteArray *ms_task_note(uint64_t id, uint64_t size,
    const struct ms_task_words *words);
GByteArray *ms_task_done(uint64_t id, bool good, const char *text);

/*
 * Add a frame of SIZE bytes at DATA, and FD, which is then the task's, to
 * TASK, which begins as ms_task_init() has it.
 *
 * MS_OK      the task is complete
 * MS_END     there is more to come
 * MS_E_PEER  that is no part of a task, or not of this one
 */
enum ms_status ms_task_read(const unsigned char *data, size_t size, int fd,
    struct ms_task *task);

void ms_task_init(struct ms_task *task);

/* Close and free what is in it; it is as after _init then. */
void ms_task_clear(struct ms_task *task);

/* MS_OK: *TEXT, never NULL, is for g_free(), and not quoted. Else
 * MS_E_PEER. */
enum ms_status ms_task_read_done(const unsigned char *data, size_t size,
    uint64_t *id, bool *good, char **text);

/* A copy for ms_task_words_clear(). */
void ms_task_words_copy(struct ms_task_words *to,
    const struct ms_task_words *from);
void ms_task_words_clear(struct ms_task_words *words);

#endif
