#ifndef MS_AMBIGUITY_H
#define MS_AMBIGUITY_H

#include "message/doubt.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * Can a message be read in several ways? One pass over its raw bytes as they
 * came, through the headers of the message and of every part, and through
 * the bodies by lines: whatever mail programs are known to disagree about is
 * told. What is only sloppy and harmless (8-bit text in a header, a closing
 * delimiter that is missing, a preamble of prose, a list's footer behind the
 * last part) is not.
 */

/*
 * Tell each reason why the message of SIZE bytes at DATA is ambiguous once,
 * with the first place where it shows. True if there was any. Linear in
 * SIZE. *FOOTER: something stands behind the end of base64 that most read as
 * the footer of a list, and some as more of it.
 */
bool ms_ambiguity_find(const unsigned char *data, size_t size,
    ms_doubt_tell *tell, void *arg, bool *footer);

#endif
