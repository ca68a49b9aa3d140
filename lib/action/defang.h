#ifndef MS_DEFANG_H
#define MS_DEFANG_H

#include "base/error.h"
#include "base/hash.h"

#include <stddef.h>
#include <stdint.h>

/*
 * Messages in a form that other scanners leave alone: a zip with one member,
 * encrypted with the password by which people who exchange malware all go.
 * The old encryption of PKWARE's, because every unzip knows it and because
 * nothing is to be kept secret here.
 */

#define MS_DEFANG_PASSWORD "infected"
#define MS_DEFANG_MEMBER "message.eml"

/* Takes SIZE more bytes of what was in a zip. */
typedef enum ms_status ms_defang_take(void *arg, const void *data,
    size_t size, struct ms_error *err);

/*
 * Write the SIZE bytes from OFFSET of the file FROM as a zip to the file TO,
 * which is empty. *SHA256 is the digest of the bytes that were read.
 *
 * MS_OK      they are in the zip
 * MS_E_PEER  FROM has fewer
 * MS_E_IO    it could not be read or written, as on a full disk
 */
enum ms_status ms_defang_write(int from, uint64_t offset, uint64_t size,
    int to, struct ms_digest *sha256, struct ms_error *err);

/*
 * Give the bytes of the message in the zip FD, which is read from its start,
 * to TAKE, of which there may be MAX.
 *
 * MS_OK        all of them were taken
 * MS_E_FORMAT  it is no such zip, is damaged, or holds more
 * other        what TAKE said
 */
enum ms_status ms_defang_read(int fd, uint64_t max, ms_defang_take *take,
    void *arg, struct ms_error *err);

#endif
