#ifndef MS_SPOOL_H
#define MS_SPOOL_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A place for bytes whose number is not known beforehand: on the heap while
 * few, then in a memfd, then in an unlinked temporary file. Write first, then
 * read; nothing of it has a name in the file system at any time.
 */

/* Bytes that several spools may keep in memfds together. */
struct ms_spool_purse {
	uint64_t left;
};

struct ms_spool_config {
	size_t heap_max;	/* bytes kept on the heap; 0: none */
	size_t memfd_max;	/* bytes kept in a memfd; 0: none */
	const char *dir;	/* for what is more; NULL: no temporary file,
				 * memory it is */
};

struct ms_spool;

/* CONFIG is copied but for DIR, which must outlive the spool. */
struct ms_spool *ms_spool_new(const struct ms_spool_config *config);
void ms_spool_free(struct ms_spool *spool);

/* What PURSE, which must outlive the spool, does not hold of its memfds goes to
 * the file, if there may be one. To be said before anything is written; NULL:
 * nobody counts. */
void ms_spool_purse(struct ms_spool *spool, struct ms_spool_purse *purse);

/* A spool that has the SIZE bytes of FD, which stays the caller's, without a
 * copy: for a memfd sealed as by ms_spool_seal(), which nobody can change,
 * whoever made it. Nothing may be written to it. NULL: FD is not that, or not
 * of that size. */
struct ms_spool *ms_spool_adopt(int fd, uint64_t size);

/* Append. MS_E_IO: no space, and what the system said. */
enum ms_status ms_spool_write(struct ms_spool *spool, const void *data,
    size_t size, struct ms_error *err);

/* Room for SIZE more bytes, to be written to there before anything else is
 * done with the spool, and then ms_spool_filled() with as many as were. NULL:
 * they would not be on the heap; ms_spool_write() is for all cases. */
unsigned char *ms_spool_room(struct ms_spool *spool, size_t size);
void ms_spool_filled(struct ms_spool *spool, size_t size);

/* Append what is in FD from FROM on up to TO. MS_OK; MS_E_IO: it cannot be
 * read, or as ms_spool_write(); MS_E_PEER: it has less. */
enum ms_status ms_spool_copy(struct ms_spool *spool, int fd, uint64_t from,
    uint64_t to, struct ms_error *err);

uint64_t ms_spool_size(const struct ms_spool *spool);

/* Empty it, keeping the memory for the next content. */
void ms_spool_clear(struct ms_spool *spool);

/* Loan of all bytes, until the next write, clear or free. */
enum ms_status ms_spool_map(struct ms_spool *spool,
    const unsigned char **data, struct ms_error *err);

/* Up to SIZE bytes from OFFSET into DATA; *GOT is less only at the end. */
enum ms_status ms_spool_read(struct ms_spool *spool, uint64_t offset,
    void *data, size_t size, size_t *got, struct ms_error *err);

/*
 * A descriptor for another process, which the caller closes: sealed where the
 * bytes are in a memfd, so that nobody can change or shorten them any more, and
 * else read-only. Map it privately: a sealed one cannot be mapped as shared on
 * every system. Nothing may be written afterwards; another descriptor may be
 * asked for.
 */
enum ms_status ms_spool_seal(struct ms_spool *spool, int *fd,
    struct ms_error *err);

#endif
