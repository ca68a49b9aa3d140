#ifndef MS_HANDED_H
#define MS_HANDED_H

#include "base/error.h"
#include "message/envelope.h"

#include <glib.h>

/*
 * The envelope that programs in place of qmail-queue(8) get: "F" and the
 * sender, "T" and each recipient, each with a NUL behind it, and one more NUL
 * at the end of all. Who hands in a message and thinks better of it leaves that
 * one out, or sends something else: then nothing may be delivered.
 */

/*
 * MS_OK       *ENVELOPE is for ms_envelope_free()
 * MS_E_IO     there is none, or not all of it
 * MS_E_FORMAT it is no envelope, or has no recipient
 */
enum ms_status ms_handed_read(const void *data, size_t size,
    struct ms_envelope **envelope, struct ms_error *err);

/* The other way: append one with SENDER and RECIPIENTS (NULL-ended). */
void ms_handed_write(const char *sender, const char *const *recipients,
    GByteArray *out);

#endif
