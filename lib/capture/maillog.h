#ifndef MS_MAILLOG_H
#define MS_MAILLOG_H

#include "capture/form.h"

/*
 * What Postfix's smtpd, smtp and lmtp log with -v: "< host[addr]: EHLO a" is
 * what was read, "> host[addr]: 250 b" what was written. The mail itself is
 * never logged.
 */
extern const struct ms_form ms_maillog;

#endif
