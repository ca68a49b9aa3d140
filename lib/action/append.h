#ifndef MS_APPEND_H
#define MS_APPEND_H

#include "action/mailbox.h"

/* The bytes of a message at the end of the mailbox FD, which is locked:
 * ms_mailbox_append(). MS_E_IO or MS_E_PEER (the message is shorter than was
 * said): nothing was appended. */
enum ms_status ms_append(int fd, const char *path,
    const struct ms_mailbox_message *message, struct ms_error *err);

#endif
