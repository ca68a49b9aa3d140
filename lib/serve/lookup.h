#ifndef MS_LOOKUP_H
#define MS_LOOKUP_H

#include "net/endpoint.h"

#include <glib.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The process of a service that looks up names of next hops, again and again:
 * the system's resolver takes as long as it likes, and reads what the network
 * says. Every front that it is introduced to (serve/control.h) is told what a
 * name means, and whenever that changes.
 */

struct ms_lookup_config {
	char **names;		/* "mx.example.org:25", ended by NULL */
	int64_t every_ms;
};

/* The body of a child (pool/child.h); ARG is a struct ms_lookup_config. READY
 * comes when the names were looked up once, or that takes too long. 0: it was
 * told to end; 1: it cannot go on. */
int ms_lookup_run(void *arg, int control);

/* What a front is told: one frame. An empty LIST of struct ms_endpoint, or
 * NULL: nothing was found, which is WHY (or NULL). */
GByteArray *ms_lookup_frame(const char *name, const GArray *list,
    const char *why);

/* MS_OK: *NAME is for g_free(), *LIST for g_array_unref(); *WHY may be NULL.
 * MS_E_PEER: that is none. */
enum ms_status ms_lookup_read(const unsigned char *data, size_t size,
    char **name, GArray **list, char **why);

#endif
