#ifndef MS_PROVENANCE_H
#define MS_PROVENANCE_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Which mail is a notice of ours (action/notices.h), or was made because of
 * one, so that nobody answers himself, through however many hands it comes
 * back; and no sender can say so of his mail. A Message-ID of ours has a number
 * in it, and what a secret key makes of that: the proof, for some days. A
 * notice about mail that has such IDs in its header, whoever made them, has
 * them all in its References.
 */

/* A proof is good for so long; a queue does not keep mail as long. */
#define MS_PROVENANCE_SECONDS (10 * 86400)

/* IDs of References: the newest, one of whom is ours unless so many others
 * take part. */
#define MS_PROVENANCE_IDS_MAX 20

/* Append the ID of a notice that is made NOW (seconds since 1970), up to its
 * "@": "<mailscan.NUMBER", with RANDOM in it; and ".PROOF", unless KEY, a
 * string, is NULL. */
void ms_provenance_id(const char *key, int64_t now, const uint64_t random[2],
    GString *out);

/* Has the header of SIZE bytes at TEXT an ID in it that KEY has proved? */
bool ms_provenance_is_ours(const char *key, int64_t now, const char *text,
    size_t size);

/* Append the field References of a notice about a message that has that
 * header, with its line ends; nothing if there is none to name. */
void ms_provenance_references(const char *text, size_t size, GString *out);

#endif
