#ifndef MS_SLICE_H
#define MS_SLICE_H

#include "action/mailbox.h"

/* Where a slice of a mailbox is, if it still is what the scan has seen. */
struct ms_slice {
	uint64_t from;		/* its From_ line; = MESSAGE: has none */
	uint64_t message;
	uint64_t end;		/* of the message */
	uint64_t next;		/* of the slice */
	bool crlf;		/* the From_ line ends with "\r\n" */
};

/* Statuses as ms_mailbox_find(). */
enum ms_status ms_slice_find(const struct ms_lock_target *box,
    const struct ms_mailbox_slice *slice, struct ms_slice *found,
    struct ms_error *err);

#endif
