#ifndef MS_STRUCTURE_H
#define MS_STRUCTURE_H

#include "message/doubt.h"

#include <glib.h>

#include <stdbool.h>
#include <stddef.h>

/*
 * The values of Content-Type and Content-Disposition (RFC 2045, 5.1; RFC
 * 2183), read as kindly as can be, and what in them other readers may read
 * differently.
 */

struct ms_parameter {
	char *name;		/* lower case, without what RFC 2231 adds */
	char *value;		/* unquoted, not decoded */
	bool pieces;		/* RFC 2231: numbered or encoded */
};

struct ms_structure {
	char *value;		/* "multipart/mixed", lower case, or "" */
	GArray *parameters;	/* struct ms_parameter, in order */
};

/*
 * Read the SIZE bytes at DATA, unfolded, into STRUCTURE, which the caller
 * clears. What is in doubt is told to DOUBTS for LINE. IS_TYPE: a type with
 * a slash is expected.
 */
void ms_structure_read(struct ms_structure *structure,
    const unsigned char *data, size_t size, bool is_type,
    struct ms_doubts *doubts, size_t line);
void ms_structure_clear(struct ms_structure *structure);

/* The value of the first parameter NAME, or NULL. */
const char *ms_structure_get(const struct ms_structure *structure,
    const char *name);

/* "cONTENT-tYPE": are there capitals inside of words, not all of them? */
bool ms_structure_odd_case(const unsigned char *word, size_t size);

#endif
