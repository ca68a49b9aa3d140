#ifndef MS_DRESS_H
#define MS_DRESS_H

#include "replay/fault.h"
#include "replay/role.h"

/*
 * What is done to a role before it is played: other addresses, TLS, a login,
 * the words of a trusted proxy, LMTP, BDAT or DATA, faults. All of it
 * changes the role only; nothing is known of the server yet.
 */

enum ms_dress_tls {
	MS_DRESS_TLS_RECORDED,	/* as it was */
	MS_DRESS_TLS_OFF,	/* STARTTLS is left out */
	MS_DRESS_TLS_MAY,	/* STARTTLS where it is offered */
	MS_DRESS_TLS_REQUIRE,	/* STARTTLS */
	MS_DRESS_TLS_CONNECT	/* from the first byte on */
};

enum ms_dress_bdat {
	MS_DRESS_BDAT_RECORDED,
	MS_DRESS_BDAT_ON,	/* messages in one chunk (RFC 3030) */
	MS_DRESS_BDAT_OFF	/* after DATA */
};

/* As the value of xclient, xforward and proxy: the recorded client. */
#define MS_DRESS_RECORDED "recorded"

struct ms_dress {
	bool lmtp;		/* LHLO in place of EHLO and HELO */
	enum ms_dress_tls tls;
	enum ms_dress_bdat bdat;
	bool login;		/* a login of our own, not the recorded one */
	const char *xclient;	/* attributes, as "ADDR=192.0.2.1", or NULL */
	const char *xforward;
	const char *proxy;	/* "SOURCE:PORT,DESTINATION:PORT", or NULL:
				 * line of the PROXY protocol, version 1 */
	const char *const *rewrites;	/* "OLD=NEW", NULL-ended, or NULL */
	enum ms_fault fault;
	struct ms_spool_config spool;
};

/* Is there anything wrong with the values in DRESS? MS_OK or MS_E_USAGE. */
enum ms_status ms_dress_check(const struct ms_dress *dress,
    struct ms_error *err);

/*
 * MS_OK        ROLE is dressed (and cut where it cannot be)
 * MS_E_FORMAT  the recorded client is asked for, and it is not known
 * MS_E_IO      bytes could not be read or stored
 */
enum ms_status ms_dress(struct ms_role *role, const struct ms_dress *dress,
    struct ms_error *err);

#endif
