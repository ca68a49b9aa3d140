#ifndef MS_ZIPDIR_H
#define MS_ZIPDIR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What the bytes of a zip say of its members without being taken apart
 * (APPNOTE.TXT 4.3). */

/* Headers in front of members. Stored archives in it have some of their own. */
uint64_t ms_zipdir_headers(const unsigned char *data, size_t size);

/* Members by the record at the end; 0 if there is none, or if it refers to
 * another one. */
uint64_t ms_zipdir_stated(const unsigned char *data, size_t size);

/* Bytes of the largest member, unpacked, by all entries of directories in
 * DATA, which need be no zip; zip64 counts as 4 GiB. */
uint64_t ms_zipdir_largest(const unsigned char *data, size_t size);

/* Is there a directory with a record at the end, whatever stands before it? */
bool ms_zipdir_ends(const unsigned char *data, size_t size);

#endif
