#include "net/tls.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <glib.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

struct ms_tls {
	unsigned owners;
	SSL_CTX *context;
	BIO_METHOD *socket;
	struct ms_tls_config config;	/* texts are ours */
};

/*
 * OpenSSL's own way to a socket is write(), which means SIGPIPE. These are
 * the same in send() and recv().
 */

static int
bio_fd(BIO *bio)
{
	return GPOINTER_TO_INT(BIO_get_data(bio));
}

/* How OpenSSL wants to hear of the answer N of the system. */
static int
bio_answer(ssize_t n, size_t *done)
{
	*done = n > 0 ? (size_t)n : 0;
	return n > 0;
}

static bool
is_later(ssize_t n)
{
	return n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK ||
	    errno == EINTR);
}

static int
bio_write(BIO *bio, const char *data, size_t size, size_t *sent)
{
	ssize_t n = send(bio_fd(bio), data, size, MSG_NOSIGNAL);

	BIO_clear_retry_flags(bio);
	if (is_later(n))
		BIO_set_retry_write(bio);
	return bio_answer(n, sent);
}

static int
bio_read(BIO *bio, char *data, size_t size, size_t *got)
{
	ssize_t n = recv(bio_fd(bio), data, size, 0);

	BIO_clear_retry_flags(bio);
	if (is_later(n))
		BIO_set_retry_read(bio);
	else if (n == 0)
		BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
	return bio_answer(n, got);
}

static long
bio_ctrl(BIO *bio, int command, long number, void *pointer)
{
	(void)number;
	(void)pointer;
	if (command == BIO_CTRL_EOF)
		return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0;
	return command == BIO_CTRL_FLUSH || command == BIO_CTRL_DUP;
}

static BIO_METHOD *
new_bio_method(void)
{
	BIO_METHOD *method = BIO_meth_new(BIO_TYPE_SOURCE_SINK,
	    "mailscan socket");

	if (method && BIO_meth_set_write_ex(method, bio_write) == 1 &&
	    BIO_meth_set_read_ex(method, bio_read) == 1 &&
	    BIO_meth_set_ctrl(method, bio_ctrl) == 1)
		return method;
	BIO_meth_free(method);
	return NULL;
}

/* The verdict on a certificate is the better explanation, if anybody acts on
 * it. */
static const char *
certificate_trouble(const SSL *ssl)
{
	const long verdict = ssl && SSL_get_verify_mode(ssl) ?
	    SSL_get_verify_result(ssl) : X509_V_OK;

	return verdict == X509_V_OK ? NULL :
	    X509_verify_cert_error_string(verdict);
}

enum ms_status
ms_tls_fail(struct ms_error *err, enum ms_status status, const SSL *ssl,
    const char *what)
{
	const char *trouble = certificate_trouble(ssl), *data;
	GString *text = g_string_new(what);
	const char *before = NULL;
	unsigned long code;
	int flags;

	while ((code = ERR_get_error_all(NULL, NULL, NULL, &data, &flags)) !=
	    0) {
		const char *reason = ERR_reason_error_string(code);

		/* Layer after layer says the same in its own words. */
		if (!reason || (before && strcmp(before, reason) == 0))
			continue;
		g_string_append_printf(text, ": %s", reason);
		if ((flags & ERR_TXT_STRING) && *data)
			g_string_append_printf(text, " (%s)", data);
		before = reason;
	}
	if (trouble)
		g_string_append_printf(text, ": %s", trouble);
	if (!before && !trouble)
		g_string_append(text, ": failed");
	status = ms_error_set(err, status, "%s", text->str);
	g_string_free(text, TRUE);
	return status;
}

/* A key that is locked would be asked for on the terminal. */
static int
no_password(char *buffer, int size, int writing, void *arg)
{
	(void)buffer;
	(void)size;
	(void)writing;
	(void)arg;
	return 0;
}

/* What OpenSSL cannot even open is the system's error. */
static enum ms_status
check_readable(const char *path, struct ms_error *err)
{
	if (path && access(path, R_OK) != 0)
		return ms_error_errno(err, "%s", path);
	return MS_OK;
}

static enum ms_status
load_certificate(SSL_CTX *context, const struct ms_tls_config *config,
    struct ms_error *err)
{
	const char *key = config->key ? config->key : config->certificate;
	enum ms_status status;

	if (!config->certificate)
		return MS_OK;
	status = check_readable(config->certificate, err);
	if (status == MS_OK)
		status = check_readable(key, err);
	if (status != MS_OK)
		return status;
	ERR_clear_error();
	if (SSL_CTX_use_certificate_chain_file(context,
	    config->certificate) != 1)
		return ms_tls_fail(err, MS_E_FORMAT, NULL,
		    config->certificate);
	if (SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) != 1 &&
	    !config->key)
		return ms_error_set(err, MS_E_FORMAT, "%s: the certificate's "
		    "key is not in it (name its file with --tls-key)", key);
	if (SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) != 1
	    || SSL_CTX_check_private_key(context) != 1)
		return ms_tls_fail(err, MS_E_FORMAT, NULL, key);
	return MS_OK;
}

static enum ms_status
load_trust(SSL_CTX *context, const struct ms_tls_config *config,
    struct ms_error *err)
{
	const char *file = config->ca_file, *dir = config->ca_directory;
	enum ms_status status = check_readable(file, err);

	if (status == MS_OK)
		status = check_readable(dir, err);
	if (status != MS_OK)
		return status;
	ERR_clear_error();
	if (file && SSL_CTX_load_verify_file(context, file) != 1)
		return ms_tls_fail(err, MS_E_FORMAT, NULL, file);
	if (dir && SSL_CTX_load_verify_dir(context, dir) != 1)
		return ms_tls_fail(err, MS_E_FORMAT, NULL, dir);
	if (!file && !dir && SSL_CTX_set_default_verify_paths(context) != 1)
		return ms_tls_fail(err, MS_E_IO, NULL,
		    "the system's certificates");
	return MS_OK;
}

static void
set_verification(SSL_CTX *context, const struct ms_tls_config *config)
{
	int mode = SSL_VERIFY_NONE;

	if (config->verify)
		mode = SSL_VERIFY_PEER |
		    (config->server ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0);
	SSL_CTX_set_verify(context, mode, NULL);
	if (config->server && config->verify && config->ca_file)
		SSL_CTX_set_client_CA_list(context,
		    SSL_load_client_CA_file(config->ca_file));
}

/* What needs no file. Sessions are kept in the tickets that clients hold, and
 * not by us; buffers are given back while nothing is said. */
static enum ms_status
set_up(SSL_CTX *context, const struct ms_tls_config *config,
    struct ms_error *err)
{
	SSL_CTX_set_default_passwd_cb(context, no_password);
	(void)SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION |
	    SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE |
	    SSL_OP_IGNORE_UNEXPECTED_EOF);
	(void)SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS |
	    SSL_MODE_ENABLE_PARTIAL_WRITE |
	    SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	(void)SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
	if (config->server && SSL_CTX_set_session_id_context(context,
	    (const unsigned char *)"mailscan", 8) != 1)
		return ms_tls_fail(err, MS_E_UNSUPPORTED, NULL, "TLS");
	if (SSL_CTX_set_min_proto_version(context,
	    config->only_1_3 ? TLS1_3_VERSION : TLS1_2_VERSION) != 1)
		return ms_tls_fail(err, MS_E_UNSUPPORTED, NULL, "TLS");
	if (config->ciphers &&
	    SSL_CTX_set_cipher_list(context, config->ciphers) != 1)
		return ms_tls_fail(err, MS_E_USAGE, NULL, config->ciphers);
	set_verification(context, config);
	return MS_OK;
}

/* A context as CONFIG wants it, or *CONTEXT is NULL. */
static enum ms_status
new_context(const struct ms_tls_config *config, SSL_CTX **context,
    struct ms_error *err)
{
	enum ms_status status = MS_OK;

	ERR_clear_error();
	*context = SSL_CTX_new(config->server ? TLS_server_method() :
	    TLS_client_method());
	if (!*context)
		return ms_tls_fail(err, MS_E_UNSUPPORTED, NULL, "TLS");
	status = set_up(*context, config, err);
	if (status == MS_OK)
		status = load_certificate(*context, config, err);
	if (status == MS_OK && (!config->server || config->verify))
		status = load_trust(*context, config, err);
	if (status != MS_OK) {
		SSL_CTX_free(*context);
		*context = NULL;
	}
	return status;
}

enum ms_status
ms_tls_new(const struct ms_tls_config *config, struct ms_tls **tls,
    struct ms_error *err)
{
	struct ms_tls *t;
	SSL_CTX *context;
	enum ms_status status;

	if (config->server && !config->certificate)
		return ms_error_set(err, MS_E_USAGE,
		    "a server needs a certificate for TLS");
	status = new_context(config, &context, err);
	if (status != MS_OK)
		return status;
	t = g_new0(struct ms_tls, 1);
	t->owners = 1;
	t->context = context;
	t->config = *config;
	t->config.certificate = g_strdup(config->certificate);
	t->config.key = g_strdup(config->key);
	t->config.ca_file = g_strdup(config->ca_file);
	t->config.ca_directory = g_strdup(config->ca_directory);
	t->config.ciphers = g_strdup(config->ciphers);
	t->socket = new_bio_method();
	if (!t->socket) {
		ms_tls_free(t);
		return ms_tls_fail(err, MS_E_UNSUPPORTED, NULL, "TLS");
	}
	*tls = t;
	return MS_OK;
}

void
ms_tls_free(struct ms_tls *tls)
{
	if (!tls || --tls->owners > 0)
		return;
	SSL_CTX_free(tls->context);
	BIO_meth_free(tls->socket);
	/* They were copied. */
	g_free((char *)tls->config.certificate);
	g_free((char *)tls->config.key);
	g_free((char *)tls->config.ca_file);
	g_free((char *)tls->config.ca_directory);
	g_free((char *)tls->config.ciphers);
	g_free(tls);
}

enum ms_status
ms_tls_reload(struct ms_tls *tls, struct ms_error *err)
{
	SSL_CTX *context;
	enum ms_status status = new_context(&tls->config, &context, err);

	if (status == MS_OK) {
		SSL_CTX_free(tls->context);
		tls->context = context;
	}
	return status;
}

/* An address is not for the name that a client sends (RFC 6066 3), and is
 * compared in another way. */
static bool
set_name(SSL *ssl, const char *name)
{
	X509_VERIFY_PARAM *param = SSL_get0_param(ssl);
	unsigned char bytes[sizeof(struct in6_addr)];

	if (inet_pton(AF_INET, name, bytes) == 1 ||
	    inet_pton(AF_INET6, name, bytes) == 1)
		return X509_VERIFY_PARAM_set1_ip_asc(param, name) == 1;
	X509_VERIFY_PARAM_set_hostflags(param,
	    X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	return SSL_set_tlsext_host_name(ssl, name) == 1 &&
	    SSL_set1_host(ssl, name) == 1;
}

enum ms_status
ms_tls_start(struct ms_tls *tls, int fd, const char *name, SSL **ssl,
    struct ms_error *err)
{
	const bool client = !tls->config.server;
	BIO *bio;

	if (client && tls->config.verify && (!name || !*name))
		return ms_error_set(err, MS_E_USAGE,
		    "no name that the certificate should have");
	ERR_clear_error();
	*ssl = SSL_new(tls->context);
	bio = BIO_new(tls->socket);
	if (!*ssl || !bio || (client && name && *name &&
	    !set_name(*ssl, name))) {
		enum ms_status status = ms_tls_fail(err, MS_E_USAGE, NULL,
		    "cannot begin TLS");

		SSL_free(*ssl);
		(void)BIO_free(bio);
		*ssl = NULL;
		return status;
	}
	BIO_set_data(bio, GINT_TO_POINTER(fd));
	BIO_set_init(bio, 1);
	SSL_set_bio(*ssl, bio, bio);
	if (client)
		SSL_set_connect_state(*ssl);
	else
		SSL_set_accept_state(*ssl);
	return MS_OK;
}

void
ms_tls_facts(const SSL *ssl, struct ms_tls_facts *facts)
{
	long verdict;

	*facts = (struct ms_tls_facts){ .protocol = NULL };
	if (!ssl || !SSL_is_init_finished(ssl))
		return;
	verdict = SSL_get_verify_result(ssl);
	facts->protocol = SSL_get_version(ssl);
	facts->cipher = SSL_get_cipher_name(ssl);
	facts->bits = SSL_get_cipher_bits(ssl, NULL);
	if (!SSL_get0_peer_certificate(ssl))
		facts->problem = "it has no certificate";
	else if (verdict != X509_V_OK)
		facts->problem = X509_verify_cert_error_string(verdict);
	facts->verified = facts->problem == NULL;
	if (SSL_is_server(ssl))
		facts->asked = SSL_get_servername(ssl,
		    TLSEXT_NAMETYPE_host_name);
}

struct ms_tls *
ms_tls_share(struct ms_tls *tls)
{
	tls->owners++;
	return tls;
}
