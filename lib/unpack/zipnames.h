#ifndef MS_ZIPNAMES_H
#define MS_ZIPNAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * All names that a zip gives its members: a member has one in the directory,
 * one in the header in front of it, and perhaps one more at each place, in
 * Unicode (APPNOTE.TXT 4.3, 4.6.9). Each is the one by which some program shows
 * and saves it.
 */

/* Names are on loan, and may have any bytes. */
typedef void ms_zipnames_visit(void *arg, const char *name, size_t size);

/*
 * Visit the names in the zip of SIZE bytes at DATA, some more than once: those
 * in each directory that ends near the end or follows the headers, and in
 * headers that follow each other from the start. What is in a member that is a
 * zip and not compressed is its own. Of a zip in which each member has one
 * name, and all are listed, none is visited. false: there are more than MAX
 * entries, and not all were visited.
 */
bool ms_zipnames(const unsigned char *data, size_t size, uint64_t max,
    ms_zipnames_visit *visit, void *arg);

#endif
