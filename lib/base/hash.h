#ifndef MS_HASH_H
#define MS_HASH_H

#include <stdbool.h>
#include <stddef.h>

/* SHA-256 (FIPS 180-4) through libcrypto. */

#define MS_HASH_SIZE 32
#define MS_HASH_HEX (2 * MS_HASH_SIZE + 1)

struct ms_digest {
	unsigned char bytes[MS_HASH_SIZE];
};

struct ms_hash;

/* A running digest. Never NULL: running out of memory ends the process. */
struct ms_hash *ms_hash_new(void);
struct ms_hash *ms_hash_copy(const struct ms_hash *hash);
void ms_hash_free(struct ms_hash *hash);
void ms_hash_feed(struct ms_hash *hash, const void *data, size_t size);

/* The digest of all that was fed; HASH then starts anew. */
struct ms_digest ms_hash_end(struct ms_hash *hash);

/* The digest of one piece of memory. */
struct ms_digest ms_hash_of(const void *data, size_t size);

/* Lower-case hexadecimal with a final NUL. */
void ms_hash_hex(const struct ms_digest *digest, char hex[MS_HASH_HEX]);

/* The digest that the first MS_HASH_HEX - 1 characters of HEX are, in either
 * case. False: they are none. */
bool ms_hash_read(const char *hex, struct ms_digest *digest);

bool ms_hash_equal(const struct ms_digest *a, const struct ms_digest *b);

/* For a GHashTable whose keys are struct ms_digest *. */
unsigned ms_hash_key(const void *digest);
int ms_hash_key_equal(const void *a, const void *b);

#endif
