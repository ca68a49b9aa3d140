#ifndef MS_CLAMLOG_H
#define MS_CLAMLOG_H

#include "capture/form.h"

/*
 * What clamsmtpd says with -d 4: "clamsmtpd: 100000: CLIENT < EHLO a". What
 * it said to the server behind it is not a dialogue here, because it is the
 * same mail once more. Lines are cut after 79 bytes, and mail is left out.
 */
extern const struct ms_form ms_clamlog;

#endif
