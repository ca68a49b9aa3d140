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

/* How a connection is secured: see ms_talk_security(). */
struct ms_tls_facts {
	const char *protocol;	/* "TLSv1.3"; NULL: it is in the clear */
	const char *cipher;	/* "TLS_AES_256_GCM_SHA384" */
	int bits;
	bool verified;		/* the peer has a certificate that we trust */
	const char *problem;	/* why not, when not */
	const char *asked;	/* the name that a client asked a server for, or
				 * NULL; not quoted */
};

/* The rest is for net/channel and net/talk. */

struct ssl_st;

/* A new SSL of OpenSSL that talks over the socket FD, for SSL_free(), before
 * the last ms_tls_free(). A client asks for NAME (a host, or an address in
 * numbers; NULL: for nobody) and, if it verifies, wants to see it. MS_OK or
 * MS_E_USAGE: it verifies and has no name to look for. */
enum ms_status ms_tls_start(struct ms_tls *tls, int fd, const char *name,
    struct ssl_st **ssl, struct ms_error *err);

/* NULL: in the clear. */
void ms_tls_facts(const struct ssl_st *ssl, struct ms_tls_facts *facts);

/* One more owner, for one more ms_tls_free(). */
struct ms_tls *ms_tls_share(struct ms_tls *tls);

/* Why did OpenSSL fail just now, at WHAT? All that it noted goes to ERR in
 * one line; STATUS is answered. SSL may be NULL, or know more. */
enum ms_status ms_tls_fail(struct ms_error *err, enum ms_status status,
    const struct ssl_st *ssl, const char *what);

#endif
