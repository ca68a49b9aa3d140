#ifndef MS_BURDEN_H
#define MS_BURDEN_H

#include <stdbool.h>
#include <stddef.h>

/*
 * What a message asks of GMime before it is given to it. GMime reads the
 * fields that hold addresses whether somebody wants to know them or not: in
 * time that grows with the square of a list of bare words, one call deeper
 * for each colon, and seventy times as large as they were. And it keeps what
 * is in the header of each part, of which there may be as much as in the
 * message.
 */
struct ms_burden {
	bool addresses;		/* they must not be read */
	bool headers;		/* there is more in them, all together, than
				 * can be kept */
};

/* Judge the SIZE bytes at DATA, a message. What looks like a field of
 * addresses counts as one, and a header begins behind each line that may be a
 * boundary (RFC 2046, 5.1.1). Linear in SIZE. */
struct ms_burden ms_burden(const unsigned char *data, size_t size);

/* Call the fields of addresses something else, byte for byte in place. */
void ms_burden_hide(unsigned char *data, size_t size);

#endif
