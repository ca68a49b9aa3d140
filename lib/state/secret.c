#include "state/secret.h"

#include <glib.h>
#include <string.h>
#include <sys/random.h>

struct ms_secret {
	unsigned char bytes[MS_SECRET_SIZE];
	struct ms_hash *hash;
};

struct ms_secret *
ms_secret_new(const unsigned char *bytes)
{
	struct ms_secret *secret = g_new0(struct ms_secret, 1);

	memcpy(secret->bytes, bytes, sizeof secret->bytes);
	secret->hash = ms_hash_new();
	return secret;
}

void
ms_secret_free(struct ms_secret *secret)
{
	if (!secret)
		return;
	ms_hash_free(secret->hash);
	g_free(secret);
}

void
ms_secret_make(unsigned char secret[MS_SECRET_SIZE])
{
	size_t got = 0;

	/* So few bytes come at once, if not before the system has any. */
	while (got < MS_SECRET_SIZE) {
		ssize_t n = getrandom(secret + got, MS_SECRET_SIZE - got, 0);

		got += n > 0 ? (size_t)n : 0;
	}
}

/* The digest of the secret, KIND, and SIZE bytes at DATA. */
static struct ms_digest
digest(struct ms_secret *secret, char kind, const void *data, size_t size)
{
	ms_hash_feed(secret->hash, secret->bytes, sizeof secret->bytes);
	ms_hash_feed(secret->hash, &kind, 1);
	ms_hash_feed(secret->hash, data, size);
	return ms_hash_end(secret->hash);
}

static int64_t
number(const struct ms_digest *sha256)
{
	uint64_t bits;

	memcpy(&bits, sha256->bytes, sizeof bits);
	return (int64_t)(bits >> 1);
}

int64_t
ms_secret_name(struct ms_secret *secret, const char *name, size_t size)
{
	struct ms_digest sha256 = digest(secret, 'n', name, size);

	return number(&sha256);
}

int64_t
ms_secret_print(struct ms_secret *secret, const struct stat *st,
    bool may_move)
{
	const int64_t values[] = {
		(int64_t)st->st_ino, st->st_size, st->st_mtim.tv_sec,
		st->st_mtim.tv_nsec, may_move ? 0 : st->st_ctim.tv_sec,
		may_move ? -1 : st->st_ctim.tv_nsec,
	};
	struct ms_digest sha256 = digest(secret, 'p', values, sizeof values);

	return number(&sha256) | 1;
}

void
ms_secret_mark(struct ms_secret *secret,
    const struct ms_secret_message *message,
    unsigned char mark[MS_SECRET_MARK])
{
	const struct {
		struct ms_digest sha256, canonical;
		uint64_t size, raw;
	} key = {
		*message->sha256, *message->sha256_canonical, message->size,
		message->raw,
	};
	struct ms_digest sha256 = digest(secret, 'm', &key, sizeof key);

	memcpy(mark, sha256.bytes, MS_SECRET_MARK);
}
