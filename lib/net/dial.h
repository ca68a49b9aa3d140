#ifndef MS_DIAL_H
#define MS_DIAL_H

#include "base/error.h"
#include "net/endpoint.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Connections that somebody waits for, never beyond a deadline, which is a
 * time of base/clock's ms_clock_ms(). Addresses are HOST:PORT, [IPV6]:PORT or
 * unix:PATH.
 */

struct ms_dial;

/* Is TEXT an address? MS_OK or MS_E_USAGE. */
enum ms_status ms_dial_check(const char *text, struct ms_error *err);

/*
 * Connect to ADDRESS, or to one after the other of what its name stands for.
 * (Looking up a name takes as long as the system's resolver lets it.)
 *
 * MS_OK       *DIAL is for ms_dial_close()
 * MS_E_USAGE  that is no address
 * MS_E_PEER   nobody answers there
 */
enum ms_status ms_dial_open(const char *address, int64_t deadline_ms,
    struct ms_dial **dial, struct ms_error *err);
void ms_dial_close(struct ms_dial *dial);

/* Up to SIZE bytes into DATA, at least one. MS_END: the peer has closed.
 * MS_E_PEER: too late, or the connection is lost. */
enum ms_status ms_dial_read(struct ms_dial *dial, void *data, size_t size,
    int64_t deadline_ms, size_t *got, struct ms_error *err);

/* All SIZE bytes. MS_E_PEER as above; some may have been sent. */
enum ms_status ms_dial_write(struct ms_dial *dial, const void *data,
    size_t size, int64_t deadline_ms, struct ms_error *err);

/* Connect to ADDRESS, a unix socket of datagrams in order (SOCK_SEQPACKET).
 * MS_OK: *FD, which does not block, is the caller's. Else as
 * ms_dial_open(). */
enum ms_status ms_dial_packets(const char *address, int64_t deadline_ms,
    int *fd, struct ms_error *err);

/* Wait until FD can be read, or written if WRITE. MS_E_PEER: too late. */
enum ms_status ms_dial_wait(int fd, bool write, int64_t deadline_ms,
    struct ms_error *err);

/*
 * The same for those who wait for many: begin to connect to ADDRESS.
 *
 * MS_OK      *FD, which does not block, is the caller's; when it can be
 *            written to, ms_dial_begun() says what came of it
 * MS_END     too many wait there: try again soon
 * MS_E_PEER  nobody answers there
 */
enum ms_status ms_dial_begin(const struct ms_endpoint *address, int *fd,
    struct ms_error *err);

/* MS_OK: FD is connected. MS_END: not yet. MS_E_PEER: it will not be. */
enum ms_status ms_dial_begun(int fd, struct ms_error *err);

#endif
