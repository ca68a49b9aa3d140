#ifndef MS_BASE64_H
#define MS_BASE64_H

#include <stddef.h>

/* What MS_BASE64_ROOM(SIZE) bytes of base64 take at most, and what is written
 * over behind them. */
#define MS_BASE64_ROOM(size) ((size) / 4 * 3 + 4)

/*
 * Base64 (RFC 2045, 6.8) as encoders write it, at three times the speed of
 * a decoder that has to be ready for anything: groups of four letters, with
 * line ends between groups. Decodes the SIZE bytes at DATA into OUT, up to
 * the first byte that is anything else; *USED is how many bytes that was, and
 * the answer how many there are in OUT.
 */
size_t ms_base64(const unsigned char *data, size_t size, unsigned char *out,
    size_t *used);

#endif
