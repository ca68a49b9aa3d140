#ifndef MS_RECORD_H
#define MS_RECORD_H

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

/*
 * What a boxed reader sends down its pipe, record by record: a type byte,
 * three zero bytes, the size (32 bits, little-endian), then the content. The
 * receiver believes nothing: types, sizes, order and contents are checked.
 *
 *	members = *( MEMBER *DATA ( DONE / BAD ) ) ( END / FAILED )
 *	messages = *( MESSAGE *( DATA / FIELD ) ( DONE / BAD ) )
 *	    ( END / FAILED )
 *	and FAILED instead of anything else
 */

enum ms_record_type {
	MS_RECORD_MEMBER = 'M',	/* mtime (64 bits, little-endian; -1:
				 * unknown), then the name */
	MS_RECORD_MESSAGE = 'S',	/* heard in a capture: see below */
	MS_RECORD_FIELD = 'f',	/* of its envelope: a byte of enum
				 * ms_record_field, then a text */
	MS_RECORD_DATA = 'D',	/* 1 to MS_RECORD_MAX bytes of it */
	MS_RECORD_DONE = 'd',	/* the member is whole */
	MS_RECORD_BAD = 'B',	/* the member is damaged, or the message
				 * incomplete: why. Others may follow */
	MS_RECORD_END = 'E',	/* all members are sent */
	MS_RECORD_FAILED = 'F'	/* nothing more can be read: why */
};

enum ms_record_field {
	MS_RECORD_SENDER = 's',
	MS_RECORD_RECIPIENT = 'r',
	MS_RECORD_REFUSED = 'x',	/* a recipient, */
	MS_RECORD_REFUSAL = 'y',	/* and the reply to the one before */
	MS_RECORD_HELO = 'h',
	MS_RECORD_CLIENT = 'c',
	MS_RECORD_SERVER = 'v',
	MS_RECORD_PROTOCOL = 'p',
	MS_RECORD_REPLY = 'l',
	MS_RECORD_OMITTED = 'o',	/* a decimal number */
	MS_RECORD_WHY = 'w'		/* not of the envelope: a SEALED one
					 * is */
};

/* What a MESSAGE is. */
enum ms_record_kind {
	MS_RECORD_MAIL = 'm',
	MS_RECORD_STRAY = 't',	/* bytes that belong to no message */
	MS_RECORD_SEALED = 'e'	/* encrypted */
};

/* Of a MESSAGE: kind, then these, of 64 bits each, little-endian. */
struct ms_record_place {
	enum ms_record_kind kind;
	uint64_t stream;	/* from 1 */
	uint64_t number;	/* in it, from 1 */
	int64_t time;		/* seconds since 1970; -1: unknown */
};

#define MS_RECORD_MAX 65536
#define MS_RECORD_NAME 4096	/* names and reasons are cut to this */

/* Write one record to FD. MS_E_IO: nobody listens any more. */
enum ms_status ms_record_write(int fd, enum ms_record_type type,
    const void *data, size_t size);
enum ms_status ms_record_write_member(int fd, const char *name,
    int64_t mtime);
enum ms_status ms_record_write_message(int fd,
    const struct ms_record_place *place);
enum ms_status ms_record_write_field(int fd, enum ms_record_field field,
    const char *text);

struct ms_record {
	enum ms_record_type type;
	int wait_ms;		/* set by the caller: how long to wait for any
				 * bytes; 0: for ever */
	size_t left;		/* of DATA: bytes still to be read */
	int64_t mtime;		/* of MEMBER */
	struct ms_record_place place;	/* of MESSAGE */
	enum ms_record_field field;	/* of FIELD, which also has TEXT */
	char text[MS_RECORD_NAME + 1];	/* name or reason: never holds NUL
					 * before its end */
};

/* Read one record from FD, but for the bytes of DATA. MS_E_PEER: the other
 * side died, or it is none, or it says nothing. */
enum ms_status ms_record_read(int fd, struct ms_record *record,
    struct ms_error *err);

/* Up to SIZE bytes of a DATA record; *GOT is 0 only if none are left. */
enum ms_status ms_record_read_data(int fd, struct ms_record *record,
    void *data, size_t size, size_t *got, struct ms_error *err);

#endif
