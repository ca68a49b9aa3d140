#ifndef MS_DISGUISE_H
#define MS_DISGUISE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Text in which nobody is recognised any more, and which is as long as it
 * was. Words become pseudonyms: the same word always the same one, of the same
 * length, letters for letters and digits for digits, so that an address is
 * still an address, and the same one wherever it stands. Which word became
 * which depends on a random key of which nobody knows.
 */

struct ms_disguise;

/* With a new key. Never NULL. */
struct ms_disguise *ms_disguise_new(void);
void ms_disguise_free(struct ms_disguise *disguise);

/*
 * Replace in the SIZE bytes at TEXT every IP address and every other word,
 * except those of KEEP (in lower case, NULL ends them; NULL: none) that stand
 * alone: as no part of an address or a host's name.
 */
void ms_disguise_words(struct ms_disguise *disguise, unsigned char *text,
    size_t size, const char *const keep[]);

/* Likewise, but only what looks like an address, a host's name or an IP
 * address becomes pseudonyms; all the rest is blanked. */
void ms_disguise_addresses(struct ms_disguise *disguise, unsigned char *text,
    size_t size, const char *const keep[]);

/* Letters become x, digits 0, other characters of UTF-8 one of their length,
 * bytes that are none and control characters always the same. Line ends,
 * tabs, NUL and punctuation stay. */
void ms_disguise_blank(unsigned char *text, size_t size);

/* The word of SIZE bytes at TEXT is one of WORDS. */
bool ms_disguise_known(const unsigned char *text, size_t size,
    const char *const words[]);

#endif
