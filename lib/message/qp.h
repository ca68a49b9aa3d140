#ifndef MS_QP_H
#define MS_QP_H

#include "message/pour.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * quoted-printable (RFC 2045, 6.7) as mail programs read it where it is not
 * as it should be.
 */

/* What becomes of an equals sign that is followed neither by two hexadecimal
 * digits nor by a line end. */
enum ms_qp_bad {
	MS_QP_BAD_KEEP,		/* it stands for itself */
	MS_QP_BAD_SIGN,		/* it is dropped, */
	MS_QP_BAD_ONE,		/* with one octet after it, */
	MS_QP_BAD_TWO,		/* with two, */
	MS_QP_BAD_BLANKS,	/* with the blanks after it, and if digits
				 * follow these they count */
	MS_QP_BAD_PREFIX,	/* likewise with the 0x of C after it */
	MS_QP_BAD_SPLIT,	/* a soft line end may part its digits */
	MS_QP_BAD_COUNT
};

/* What becomes of a line end that is no soft one. */
enum ms_qp_ends {
	MS_QP_ENDS_KEEP,
	MS_QP_ENDS_LF,
	MS_QP_ENDS_CRLF,
	MS_QP_ENDS_NO_CR	/* CRs are dropped wherever they are */
};

struct ms_qp_how {
	enum ms_qp_bad bad;
	enum ms_qp_ends ends;
	bool keep_blanks;	/* before a line end; and with a blank after
				 * it, an equals sign ends no line */
	bool printable;		/* octets that are not are dropped */
};

/* What of this makes a difference for the SIZE bytes at DATA? */
struct ms_qp_survey {
	bool coded;		/* an equals sign is there */
	bool bad;
	bool prefix;		/* =0x or =x */
	bool blanks;		/* before a line end */
	bool octets;		/* control characters, 8-bit */
	bool ends;		/* a line end */
	bool bare_cr;
};
void ms_qp_survey(const unsigned char *data, size_t size,
    struct ms_qp_survey *survey);

/* Decode the SIZE bytes at DATA. Nothing is an error. */
void ms_qp_decode(const unsigned char *data, size_t size,
    const struct ms_qp_how *how, struct ms_pour *pour);

#endif
