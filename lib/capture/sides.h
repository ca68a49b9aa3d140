#ifndef MS_SIDES_H
#define MS_SIDES_H

#include "capture/form.h"

/*
 * Transcripts as RFCs and people write them: "C: EHLO a" and "S: 250 b", what
 * is said as it stands, prose around it. A backslash is a backslash.
 */
extern const struct ms_form ms_sides;

#endif
