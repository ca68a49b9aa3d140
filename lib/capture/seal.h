#ifndef MS_SEAL_H
#define MS_SEAL_H

#include "base/error.h"
#include "capture/dialogue.h"
#include "capture/stray.h"

#include <stdint.h>

/*
 * Does a client speak TLS, and how long? Its bytes may look so, and the server
 * may not have agreed: then it goes on in the clear, and what it says must not
 * be taken for a secret.
 */

struct ms_seal;

/* DIALOGUE is a loan for the life of the seal. */
struct ms_seal *ms_seal_new(const struct ms_dialogue *dialogue);
void ms_seal_free(struct ms_seal *seal);

/*
 * From PLACE on it may be TLS. *END is how much the client has said in all
 * where that is over: as much as at PLACE, if it is none, or if the server
 * answers in digits; where a record cannot be one, or from where the line
 * begins that this is in; where a line is a command; and UINT64_MAX if it goes
 * on to the end, or to where somebody says what was inside. MS_E_IO: the
 * dialogue cannot be read.
 */
enum ms_status ms_seal_end(struct ms_seal *seal,
    const struct ms_stray_place *place, uint64_t *end, struct ms_error *err);

/* "TLS from byte 19 of stream 7", for the caller to free: it began when the
 * client had said START in all, and is over at END as above. */
char *ms_seal_why(uint64_t start, uint64_t end, uint64_t stream);

#endif
