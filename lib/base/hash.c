#include "base/hash.h"

#include <openssl/evp.h>

#include <glib.h>
#include <string.h>

struct ms_hash {
	EVP_MD_CTX *context;
};

/* Begin with the digest TYPE, or with that of before: NULL spares libcrypto
 * the search for it, which takes longer than to digest a few bytes. */
static void
start(EVP_MD_CTX *context, const EVP_MD *type)
{
	/* Fails only without memory or without SHA-256 in libcrypto. */
	if (EVP_DigestInit_ex(context, type, NULL) != 1)
		g_error("libcrypto offers no SHA-256");
}

struct ms_hash *
ms_hash_new(void)
{
	struct ms_hash *hash = g_new0(struct ms_hash, 1);

	hash->context = EVP_MD_CTX_new();
	if (!hash->context)
		g_error("out of memory");
	start(hash->context, EVP_sha256());
	return hash;
}

struct ms_hash *
ms_hash_copy(const struct ms_hash *hash)
{
	struct ms_hash *copy = ms_hash_new();

	if (EVP_MD_CTX_copy_ex(copy->context, hash->context) != 1)
		g_error("out of memory");
	return copy;
}

void
ms_hash_free(struct ms_hash *hash)
{
	if (!hash)
		return;
	EVP_MD_CTX_free(hash->context);
	g_free(hash);
}

void
ms_hash_feed(struct ms_hash *hash, const void *data, size_t size)
{
	/* A digest in memory cannot fail to take more bytes. */
	(void)EVP_DigestUpdate(hash->context, data, size);
}

struct ms_digest
ms_hash_end(struct ms_hash *hash)
{
	struct ms_digest digest;

	(void)EVP_DigestFinal_ex(hash->context, digest.bytes, NULL);
	start(hash->context, NULL);
	return digest;
}

struct ms_digest
ms_hash_of(const void *data, size_t size)
{
	struct ms_hash *hash = ms_hash_new();
	struct ms_digest digest;

	ms_hash_feed(hash, data, size);
	digest = ms_hash_end(hash);
	ms_hash_free(hash);
	return digest;
}

void
ms_hash_hex(const struct ms_digest *digest, char hex[MS_HASH_HEX])
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < MS_HASH_SIZE; i++) {
		hex[2 * i] = digits[digest->bytes[i] >> 4];
		hex[2 * i + 1] = digits[digest->bytes[i] & 15];
	}
	hex[MS_HASH_HEX - 1] = '\0';
}

bool
ms_hash_read(const char *hex, struct ms_digest *digest)
{
	for (size_t i = 0; i < MS_HASH_SIZE; i++) {
		const int high = g_ascii_xdigit_value(hex[2 * i]);
		const int low = high < 0 ? -1 :
		    g_ascii_xdigit_value(hex[2 * i + 1]);

		if (low < 0)
			return false;
		digest->bytes[i] = (unsigned char)(high << 4 | low);
	}
	return true;
}

bool
ms_hash_equal(const struct ms_digest *a, const struct ms_digest *b)
{
	return memcmp(a->bytes, b->bytes, MS_HASH_SIZE) == 0;
}

unsigned
ms_hash_key(const void *digest)
{
	unsigned key;

	/* Any piece of a digest is as good a hash as there is. */
	memcpy(&key, digest, sizeof key);
	return key;
}

int
ms_hash_key_equal(const void *a, const void *b)
{
	return ms_hash_equal(a, b);
}
