#include "base/mark.h"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <string.h>

struct ms_marker {
	EVP_MAC *mac;
	EVP_MAC_CTX *context;
};

struct ms_marker *
ms_mark_start(void)
{
	struct ms_marker *marker = g_new0(struct ms_marker, 1);
	unsigned char key[16];
	char cipher[] = "AES-128-GCM";
	const OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string("cipher", cipher, 0),
		OSSL_PARAM_construct_end(),
	};

	marker->mac = EVP_MAC_fetch(NULL, "GMAC", NULL);
	marker->context = EVP_MAC_CTX_new(marker->mac);
	if (!marker->context || RAND_bytes(key, sizeof key) != 1 ||
	    EVP_MAC_init(marker->context, key, sizeof key, params) != 1)
		g_error("libcrypto offers no GMAC or no random numbers");
	OPENSSL_cleanse(key, sizeof key);
	return marker;
}

void
ms_mark_stop(struct ms_marker *marker)
{
	if (!marker)
		return;
	EVP_MAC_CTX_free(marker->context);
	EVP_MAC_free(marker->mac);
	g_free(marker);
}

/* Can fail only as the start can. */
static void
insist(int done)
{
	if (done != 1)
		g_error("libcrypto cannot compute a GMAC");
}

void
ms_mark_begin(struct ms_marker *marker, uint32_t kind)
{
	unsigned char iv[12] = { 0 };
	const OSSL_PARAM params[] = {
		OSSL_PARAM_construct_octet_string("iv", iv, sizeof iv),
		OSSL_PARAM_construct_end(),
	};

	memcpy(iv, &kind, sizeof kind);
	/* Without a key: that of before, whose schedule takes longer than to
	 * mark a few bytes. */
	insist(EVP_MAC_init(marker->context, NULL, 0, params));
}

void
ms_mark_feed(struct ms_marker *marker, const void *data, size_t size)
{
	insist(EVP_MAC_update(marker->context, data, size));
}

struct ms_mark
ms_mark_end(struct ms_marker *marker)
{
	struct ms_mark mark;
	size_t got;

	insist(EVP_MAC_final(marker->context, (unsigned char *)&mark, &got,
	    sizeof mark));
	insist(got == sizeof mark);
	return mark;
}

struct ms_mark
ms_mark_of(struct ms_marker *marker, uint32_t kind, const void *data,
    size_t size)
{
	ms_mark_begin(marker, kind);
	ms_mark_feed(marker, data, size);
	return ms_mark_end(marker);
}

guint
ms_mark_hash(gconstpointer mark)
{
	const struct ms_mark *m = mark;

	return (guint)m->words[0];
}

gboolean
ms_mark_equal(gconstpointer a, gconstpointer b)
{
	return memcmp(a, b, sizeof(struct ms_mark)) == 0;
}
