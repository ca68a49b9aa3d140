#ifndef MS_LOOSE64_H
#define MS_LOOSE64_H

#include "message/pour.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * base64 (RFC 2045, 6.8; RFC 4648, 5 for the alphabet of URLs) as mail
 * programs read it where it is not as it should be. They differ in what an
 * equals sign means that is not the end, and in what is skipped.
 */

enum ms_loose64_pad {
	MS_LOOSE64_PAD_RESTART,	/* ends a group; what follows is a new one */
	MS_LOOSE64_PAD_STOP,	/* ends everything */
	MS_LOOSE64_PAD_SKIP,	/* is nothing, like other junk */
	MS_LOOSE64_PAD_LINE	/* and each line starts a new group */
};

struct ms_loose64_how {
	enum ms_loose64_pad pad;
	bool url;		/* '-' and '_' are 62 and 63, not junk */
	unsigned skip;		/* so many letters at the start are junk */
};

/* What the SIZE bytes at DATA look like. */
struct ms_loose64_survey {
	size_t letters;		/* of the usual alphabet */
	size_t url_letters;	/* '-' and '_' */
	size_t pads;
	size_t blanks;		/* inside lines */
	size_t junk;		/* and what else is no line end */
	bool pad_inside;	/* letters after an equals sign */
	bool uneven;		/* lines that are no whole groups, before
				 * the last */
};

void ms_loose64_survey(const unsigned char *data, size_t size,
    struct ms_loose64_survey *survey);

/* Decode the SIZE bytes at DATA. Nothing is an error; bits that make no
 * whole byte at the end are dropped. */
void ms_loose64_decode(const unsigned char *data, size_t size,
    const struct ms_loose64_how *how, struct ms_pour *pour);

/* Is the line of SIZE bytes at DATA, without its end, one of base64 and
 * nothing else but blanks and NULs around it? */
bool ms_loose64_is_line(const unsigned char *data, size_t size);

/* Is all of it one text in base64, large enough to be no word, and nothing
 * else? Most text is refused after a few bytes. */
bool ms_loose64_is_whole(const unsigned char *data, size_t size);

/* How many bytes at the start of DATA are letters of the usual alphabet. */
size_t ms_loose64_letters(const unsigned char *data, size_t size);

#endif
