#ifndef MS_DETECT_H
#define MS_DETECT_H

#include <stddef.h>

/*
 * What a file is, by its first bytes: names say nothing. Lenient with what
 * mail programs store: empty lines or a byte order mark in front, a quoted
 * From_ line or some other line of theirs before the header. What could be the
 * start of mail as far as it can be seen is taken for mail.
 */

/* As many first bytes as are worth looking at. */
#define MS_DETECT_HEAD 65536

enum ms_detect_kind {
	MS_DETECT_EMPTY,
	MS_DETECT_EML,		/* one message */
	MS_DETECT_MBOX,
	MS_DETECT_ARCHIVE,	/* compressed_is(): mail may be in it */
	MS_DETECT_RAW		/* anything else */
};

/* DATA is the first MS_DETECT_HEAD bytes, or all there are. */
enum ms_detect_kind ms_detect(const unsigned char *data, size_t size);

#endif
