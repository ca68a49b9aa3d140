#ifndef MS_LOCKED_H
#define MS_LOCKED_H

#include "base/error.h"

#include <stddef.h>

/*
 * Content that nobody can read without a key or a password, and that neither
 * libarchive nor libclamav 1.4 tells of: OpenPGP (RFC 4880 and 9580), Office
 * documents in OLE storage (MS-OFFCRYPTO, MS-DOC, MS-XLS, MS-PPT), and the
 * manifest of an OpenDocument file. S/MIME is for message/cms.h.
 */

/*
 * MS_OK             nothing of that kind is in the SIZE bytes at DATA
 * MS_E_ENCRYPTED    it is: WHAT names it for people
 * MS_E_UNSUPPORTED  it is OpenPGP, not encrypted but packed
 */
enum ms_status ms_locked(const unsigned char *data, size_t size,
    const char **what);

#endif
