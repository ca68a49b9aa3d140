#ifndef MS_OCCUR_H
#define MS_OCCUR_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Which of many words are somewhere in a text, both of whoever likes to see us
 * busy.
 */

/* Longer words are not looked for. */
#define MS_OCCUR_MAX 256

struct ms_occur_word {
	const unsigned char *data;	/* SIZE bytes, on loan */
	size_t size;
	bool found;
};

/*
 * Set FOUND of each of the COUNT words at WORDS: is it in the SIZE bytes at
 * TEXT? An empty one is not. Takes the time for reading the text once for each
 * length that there is among the words, and the words once, whatever they are:
 * the hash that is used for that begins with a number that nobody knows.
 */
void ms_occur(const unsigned char *text, size_t size,
    struct ms_occur_word *words, unsigned count);

#endif
