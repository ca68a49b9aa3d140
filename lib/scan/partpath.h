#ifndef MS_PARTPATH_H
#define MS_PARTPATH_H

/*
 * Where a part is, as a person can follow it: "2.1/invoice.zip/inner.exe".
 */

/* Longer ones are cut. */
#define MS_PARTPATH_MAX 1024

/* The path of NAME in OUTER ("": the message), for g_free(). */
char *ms_partpath(const char *outer, const char *name);

/* The same for a member that is STORED under that name. What a compressed
 * stream holds has the stream's own name without the suffix. */
char *ms_partpath_member(const char *outer, const char *stored);

#endif
