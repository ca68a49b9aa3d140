#ifndef MS_FAULT_H
#define MS_FAULT_H

#include "replay/role.h"

/*
 * Messages with something wrong on the wire, to see what a server makes of
 * it: what is sent after DATA is not what was recorded. Line ends that are
 * none (RFC 5321, 2.3.8), ends of messages that are none (4.1.1.4: what a
 * lenient server behind a strict one takes for one, so that commands can be
 * smuggled), NUL, lines over every limit, dots that were not doubled (4.5.2).
 */

enum ms_fault {
	MS_FAULT_NONE,
	MS_FAULT_BARE_LF,	/* lines end with a line feed */
	MS_FAULT_BARE_CR,	/* lines end with a carriage return */
	MS_FAULT_NUL,		/* the body begins with a line with a NUL */
	MS_FAULT_LONG_LINE,	/* or with one of MS_FAULT_LONG bytes */
	MS_FAULT_NO_DOT_STUFFING,
	MS_FAULT_LF_DOT_LF,	/* or with such a line of a dot, */
	MS_FAULT_LF_DOT_CRLF,
	MS_FAULT_CRLF_DOT_LF,
	MS_FAULT_CR_DOT_CR,
	MS_FAULT_LF_COMMANDS	/* commands end with a line feed */
};

#define MS_FAULT_LONG 100000

/*
 * Put FAULT into ROLE, into every message that is sent after DATA (or into
 * every command). SPOOL is how a spool is made if one is needed.
 *
 * MS_OK, or MS_E_IO: bytes could not be read or stored
 */
enum ms_status ms_fault(struct ms_role *role, enum ms_fault fault,
    const struct ms_spool_config *spool, struct ms_error *err);

#endif
