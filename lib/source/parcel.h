#ifndef MS_PARCEL_H
#define MS_PARCEL_H

#include "message/intake.h"
#include "source/source.h"

/*
 * An archive full of mail: every member is a message, or a mailbox, or is
 * handed out as it is. An archive without mail in its first members is none,
 * and left to whoever scans files.
 */

struct ms_parcel_config {
	const struct ms_source_config *source;
	struct ms_intake *intake;
	int fd;				/* of the archive; stays the caller's,
					 * and open as long as the parcel */
	const struct ms_origin *origin;	/* of the archive: copied */
	bool forced;			/* do not ask whether it is mail */
};

struct ms_parcel;

/* MS_OK: *PARCEL is there. MS_END: it is no archive of mail. Other: no reader
 * can be started. *CAPTURE: it is a compressed capture, or looks like it. */
enum ms_status ms_parcel_open(const struct ms_parcel_config *config,
    struct ms_parcel **parcel, enum ms_source_capture *capture,
    struct ms_error *err);
void ms_parcel_free(struct ms_parcel *parcel);

/* The next item. MS_END: no more. Other: temporary storage is full. */
enum ms_status ms_parcel_next(struct ms_parcel *parcel,
    struct ms_source_item *item, struct ms_error *err);

#endif
