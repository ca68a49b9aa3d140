#ifndef MS_CERTIFICATES_TEST_H
#define MS_CERTIFICATES_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>
#include <glib.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

/* Certificates for one run of a test, in files of its own directory. */

static inline void
certificate_extend(X509 *certificate, int nid, const char *value)
{
	X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, nid,
	    value);

	assert_non_null(extension);
	assert_int_equal(1, X509_add_ext(certificate, extension, -1));
	X509_EXTENSION_free(extension);
}

static inline void
certificate_save(const char *stem, X509 *certificate, EVP_PKEY *key)
{
	char *name = g_strconcat(stem, ".pem", NULL);
	char *key_name = g_strconcat(stem, ".key", NULL);
	FILE *file = fopen(name, "w");

	assert_non_null(file);
	assert_int_equal(1, PEM_write_X509(file, certificate));
	assert_int_equal(0, fclose(file));
	file = fopen(key_name, "w");
	assert_non_null(file);
	assert_int_equal(1, PEM_write_PrivateKey(file, key, NULL, NULL, 0,
	    NULL, NULL));
	assert_int_equal(0, fclose(file));
	g_free(name);
	g_free(key_name);
}

/* STEM.pem and STEM.key of one who says of himself that he is NAMES (as in
 * "DNS:a.example,IP:127.0.0.1"). */
static inline void
certificate_make(const char *stem, const char *names)
{
	X509 *certificate = X509_new();
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509_NAME *subject = X509_get_subject_name(certificate);

	assert_non_null(key);
	assert_int_equal(1, X509_set_version(certificate, X509_VERSION_3));
	assert_int_equal(1, ASN1_INTEGER_set(
	    X509_get_serialNumber(certificate), 1));
	assert_non_null(X509_gmtime_adj(X509_getm_notBefore(certificate),
	    -3600));
	assert_non_null(X509_gmtime_adj(X509_getm_notAfter(certificate),
	    86400));
	assert_int_equal(1, X509_NAME_add_entry_by_txt(subject, "CN",
	    MBSTRING_ASC, (const unsigned char *)stem, -1, -1, 0));
	assert_int_equal(1, X509_set_issuer_name(certificate, subject));
	assert_int_equal(1, X509_set_pubkey(certificate, key));
	certificate_extend(certificate, NID_basic_constraints, "CA:TRUE");
	certificate_extend(certificate, NID_subject_alt_name, names);
	assert_true(X509_sign(certificate, key, EVP_sha256()) > 0);
	certificate_save(stem, certificate, key);
	X509_free(certificate);
	EVP_PKEY_free(key);
}

#endif
