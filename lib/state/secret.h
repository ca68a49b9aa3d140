#ifndef MS_SECRET_H
#define MS_SECRET_H

#include "message/message.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

/*
 * Short marks of long things, by SHA-256 with a random secret in front that
 * never leaves the state: who does not know it cannot make two things with
 * the same mark, however short marks are.
 */

#define MS_SECRET_SIZE 32
#define MS_SECRET_MARK 16

struct ms_secret;

/* From the MS_SECRET_SIZE bytes at SECRET, which are copied. */
struct ms_secret *ms_secret_new(const unsigned char *secret);
void ms_secret_free(struct ms_secret *secret);

/* New random bytes for one. */
void ms_secret_make(unsigned char secret[MS_SECRET_SIZE]);

/* Of a name; never negative. */
int64_t ms_secret_name(struct ms_secret *secret, const char *name,
    size_t size);

/* Of what tells whether a file was changed: inode, size, mtime and, unless
 * it MAY_MOVE (which changes that), ctime. Never 0, nor negative. */
int64_t ms_secret_print(struct ms_secret *secret, const struct stat *st,
    bool may_move);

/* A message is the same if its digests, as found and canonical, and its size
 * are, and it is scanned in the same way: as mail, or RAW. */
struct ms_secret_message {
	const struct ms_digest *sha256, *sha256_canonical;
	uint64_t size;
	bool raw;
};
void ms_secret_mark(struct ms_secret *secret,
    const struct ms_secret_message *message,
    unsigned char mark[MS_SECRET_MARK]);

#endif
