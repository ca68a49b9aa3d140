#ifndef MS_TLS_H
#define MS_TLS_H

#include "base/error.h"

#include <stdbool.h>

/*
 * What one side of TLS connections has in common: certificate, key, whom it
 * trusts. TLS 1.2 is the least, nobody renegotiates, nothing is compressed.
 */

struct ms_tls;

struct ms_tls_config {
	bool server;
	/* PEM: our certificate and those that lead to the one everybody
	 * knows; and its key. A server needs them, a client may have them. */
	const char *certificate;
	const char *key;	/* NULL: it lies in the file of certificate */
	/* PEM file, or directory with hashed names, of those whom we trust.
	 * Both NULL: the system's. */
	const char *ca_file, *ca_directory;
	/* A client: the server's certificate must be good and carry the name
	 * that the talk was told. A server: clients must have a good one. */
	bool verify;
	const char *ciphers;	/* of TLS 1.2, in OpenSSL's words; or NULL */
	bool only_1_3;		/* TLS 1.3 is the least */
};

/*
 * MS_OK       *TLS is for ms_tls_free(), which may come before the end of
 *             the talks that use it
 * MS_E_USAGE  a server without certificate, or ciphers that nobody knows
 * MS_E_IO, MS_E_FORMAT
 *             a file cannot be read, or is not what it should be (the text
 *             names it); or key and certificate do not belong together
 */
enum ms_status ms_tls_new(const struct ms_tls_config *config,
    struct ms_tls **tls, struct ms_error *err);
void ms_tls_free(struct ms_tls *tls);

/* Read the files again. Streams that are secured from now on use what is in
 * them; if it answers as above, all stays as it was. */
enum ms_status ms_tls_reload(struct ms_tls *tls, struct ms_error *err);

/* For net/talk: a new SSL of OpenSSL. A client asks for NAME (a host, or
 * the text of its address; NULL: no name) and, if it verifies, wants to see
 * it. MS_E_USAGE: it verifies and has no name to look for. */
struct ssl_st;
enum ms_status ms_tls_start(struct ms_tls *tls, const char *name,
    struct ssl_st **ssl, struct ms_error *err);
bool ms_tls_is_server(const struct ms_tls *tls);

/* Why did OpenSSL fail just now? All that it noted, in one line, in ERR;
 * STATUS is answered. NULL is fine for SSL, which may know more. */
enum ms_status ms_tls_fail(struct ms_error *err, enum ms_status status,
    const struct ssl_st *ssl, const char *what);

#endif
