#ifndef MS_HEAD_H
#define MS_HEAD_H

#include <stddef.h>

/*
 * Where the header of a message is, as mail programs see it, whatever stands
 * in front of it.
 */

/* Headers longer than this are not parsed: no mail needs them, and each byte
 * of an address list costs seventy in memory. */
#define MS_HEAD_MAX (1u << 20)

/* Length of the header at the start of DATA, without the empty line at its
 * end, as far as MAX. */
size_t ms_head_size(const unsigned char *data, size_t size, size_t max);

/* Where the body begins: the empty line belongs to neither. */
size_t ms_head_body(const unsigned char *data, size_t size);

/* The size of the name of the header field (RFC 5322, 3.6.8) at the start of
 * DATA, which a colon follows; 0: there is none. */
size_t ms_head_name(const unsigned char *data, size_t size);

/* How many bytes at the start of DATA are no header: GMime refuses a message
 * whose first line is no field (RFC 5322, 3.6.8), and mail programs do not. 0
 * if there is no field before the first empty line, either. */
size_t ms_head_junk(const unsigned char *data, size_t size);

#endif
