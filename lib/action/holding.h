#ifndef MS_HOLDING_H
#define MS_HOLDING_H

#include "action/custody.h"
#include "action/quarantine.h"

/*
 * A message that lies in a quarantine (action/quarantine.h): read it, verify
 * it, write its record anew, remove it.
 */

/* One message, or what is left of it. */
struct ms_holding {
	struct ms_quarantine *q;
	int day;		/* its directory */
	int fd;			/* the message, as stored; -1: is missing */
	char id[MS_QUARANTINE_ID_MAX];
	bool zip;
	struct ms_custody *custody;	/* NULL: missing or damaged, and */
	struct ms_error trouble;	/* why */
};

/*
 * Open what there is under ID; LOCK: for as long as it is open, nobody else
 * gets it so.
 *
 * MS_OK       *HOLDING is for ms_holding_close()
 * MS_END      there is nothing
 * MS_E_USAGE  that is no id
 * MS_E_PEER   another process is at work on it
 * MS_E_IO     it cannot be opened
 */
enum ms_status ms_holding_open(struct ms_quarantine *q, const char *id,
    bool lock, struct ms_holding **holding, struct ms_error *err);
void ms_holding_close(struct ms_holding *holding);

/*
 * Is all well with it?
 *
 * MS_OK        message and record are there, and the message is the one of
 *              the record, byte for byte
 * MS_E_FORMAT  no; ERR says what is wrong
 * MS_E_IO      it cannot be read
 */
enum ms_status ms_holding_verify(struct ms_holding *holding,
    struct ms_error *err);

/*
 * The bytes of the message, verified as above (without a record: as far as
 * its name tells), from the start of *FD, which the caller closes. UNQUOTED:
 * without the quoting of the mbox that it was in, if it is known which that
 * was. Statuses as ms_holding_verify().
 */
enum ms_status ms_holding_message(struct ms_holding *holding, bool unquoted,
    int *fd, uint64_t *size, struct ms_error *err);

/* Have the record on disk as it is now. */
enum ms_status ms_holding_save(struct ms_holding *holding,
    struct ms_error *err);

/* Remove message and record. After a power failure they may be there again,
 * unless ms_quarantine_sync() was called. */
enum ms_status ms_holding_delete(struct ms_holding *holding,
    struct ms_error *err);

#endif
