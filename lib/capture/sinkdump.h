#ifndef MS_SINKDUMP_H
#define MS_SINKDUMP_H

#include "capture/form.h"

/*
 * Mail as Postfix's smtp-sink -d and -D keep it: the envelope in X-Client-,
 * X-Helo-, X-Mail- and X-Rcpt- fields, a Received field of three lines, the
 * message, an empty line. The client's side is made of it; the server's, and
 * the Received field, are not part of what was sent.
 */
extern const struct ms_form ms_sinkdump;

#endif
