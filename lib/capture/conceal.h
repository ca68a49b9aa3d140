#ifndef MS_CONCEAL_H
#define MS_CONCEAL_H

#include "capture/disguise.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * The content of messages without what it says, line by line and in place:
 * it stays as long as it is, with the same lines, header fields, MIME
 * structure and transfer encodings, so that it is parsed as before. Addresses
 * and hosts' names become pseudonyms (disguise.h), all other text is blanked,
 * base64 decodes to zeros.
 */

struct ms_conceal;

struct ms_conceal *ms_conceal_new(struct ms_disguise *disguise);
void ms_conceal_free(struct ms_conceal *conceal);

/* A new message begins. */
void ms_conceal_begin(struct ms_conceal *conceal);

/* Replace the line of SIZE bytes at LINE, which has its end unless there is
 * none or it is too long to be given at once. CONTINUED: it is such a rest. */
void ms_conceal_line(struct ms_conceal *conceal, unsigned char *line,
    size_t size, bool continued);

/* Bytes are missing: what follows could be anything. */
void ms_conceal_gap(struct ms_conceal *conceal);

#endif
