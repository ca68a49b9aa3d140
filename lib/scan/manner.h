#ifndef MS_MANNER_H
#define MS_MANNER_H

#include "scan/open.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * That the same bytes are not always taken apart in one way: what is said of a
 * content counts, too, and all the more where somebody asks how texts may be
 * read.
 */

/* Is CONTENT a leaf of which somebody says that it is uuencoded? It is left so
 * until its blocks are looked for, and then these are the text. */
bool ms_manner_is_uu(const struct ms_content *content);

/* A number for what is said of CONTENT: two that differ are two ways to take it
 * apart. 0: its bytes alone count. */
uint64_t ms_manner(const struct ms_content *content);

#endif
