#ifndef MS_VEIL_H
#define MS_VEIL_H

#include "capture/dialogue.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Lines of SMTP that can be shown to others, in place and as long as they
 * were: verbs, parameters, codes and the usual words of replies stay, all else
 * becomes pseudonyms (disguise.h), what AUTH says is masked, messages are
 * blanked (conceal.h). Which bytes are messages is only a guess where the
 * server is not heard or something is missing; whatever it says, nothing stays
 * that is not known to be harmless.
 */

struct ms_veil;

struct ms_veil *ms_veil_new(void);
void ms_veil_free(struct ms_veil *veil);

/* A dialogue begins; or TLS in one. HEARD: the server's side is there. */
void ms_veil_begin(struct ms_veil *veil, bool heard);

/* A new line of SIDE may have so many bytes, because then the chunk ends
 * that the client has announced (BDAT). */
size_t ms_veil_room(const struct ms_veil *veil, enum ms_side side);

/* Can TLS begin here, or is it in the middle of something? */
bool ms_veil_is_between(const struct ms_veil *veil, enum ms_side side);

/* The line of SIZE bytes at LINE, with its end. Not ENDED: it is too long, and
 * its rest comes in the next call, or the end of a chunk, or bytes are missing
 * behind it. */
void ms_veil_line(struct ms_veil *veil, enum ms_side side,
    unsigned char *line, size_t size, bool ended);

/* SIZE bytes of SIDE are missing; 0: nobody knows how many. */
void ms_veil_gap(struct ms_veil *veil, enum ms_side side, uint64_t size);

/* The name or address of a host. */
void ms_veil_name(struct ms_veil *veil, char *name, size_t size);

#endif
