#ifndef MS_ENTITIES_H
#define MS_ENTITIES_H

#include <stddef.h>

/* Room for what an entity stands for. */
#define MS_ENTITIES_TEXT 8

/* What the entity of HTML called NAME, of SIZE bytes, without & and semicolon,
 * stands for, in UTF-8, to TEXT; returns its size. 0: it is none that stands
 * for a letter of Latin, for ASCII, or for something invisible. Letters with
 * marks are a letter and a mark, and those of mathematics plain ones. */
size_t ms_entities(const char *name, size_t size,
    char text[MS_ENTITIES_TEXT]);

#endif
