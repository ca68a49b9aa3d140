#ifndef MS_NOTICE_H
#define MS_NOTICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The text that takes the place of a message in an mbox: of any size that is
 * wanted, printable ASCII, one message for every program that reads it.
 */

struct ms_notice_config {
	uint64_t size;
	bool crlf;		/* lines end with "\r\n", not "\n" */
	bool empty_end;		/* the last line is to be an empty one, as a
				 * From_ line follows */
	const char *subject;
	const char *const *lines;	/* header lines, "", lines of text;
					 * ends with NULL */
	const unsigned char *old;	/* how the message begins: what mail
					 * programs keep in its header is
					 * kept */
	size_t old_size;
};

struct ms_notice;

/* Never NULL. CONFIG is no longer needed then. */
struct ms_notice *ms_notice_new(const struct ms_notice_config *config);
void ms_notice_free(struct ms_notice *notice);

/* SIZE bytes of it from OFFSET into DATA; they must be within its size. */
void ms_notice_read(const struct ms_notice *notice, uint64_t offset,
    unsigned char *data, size_t size);

#endif
