#include "net/channel.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

/* For errno. */
static bool
must_wait(void)
{
	return errno == EAGAIN || errno == EWOULDBLOCK;
}

/* What an answer of OpenSSL's means. */
static enum ms_channel_answer
judge(struct ms_channel *channel, int answer, struct ms_error *err)
{
	const int saved = errno;

	switch (SSL_get_error(channel->ssl, answer)) {
	case SSL_ERROR_NONE:
		return MS_CHANNEL_DONE;
	case SSL_ERROR_WANT_READ:
		return MS_CHANNEL_WANT_READ;
	case SSL_ERROR_WANT_WRITE:
		return MS_CHANNEL_WANT_WRITE;
	case SSL_ERROR_ZERO_RETURN:
		return MS_CHANNEL_END;
	case SSL_ERROR_SYSCALL:
		(void)ms_error_set(err, MS_E_PEER, "%s",
		    saved ? g_strerror(saved) : "closed amidst TLS");
		ERR_clear_error();
		return MS_CHANNEL_FAILED;
	default:
		(void)ms_tls_fail(err, MS_E_PEER, channel->ssl, "TLS");
		return MS_CHANNEL_FAILED;
	}
}

void
ms_channel_open(struct ms_channel *channel, int fd, bool internet)
{
	const int flags = fcntl(fd, F_GETFL), one = 1;

	*channel = (struct ms_channel){ fd, NULL, NULL };
	if (flags >= 0 && !(flags & O_NONBLOCK))
		(void)fcntl(fd, F_SETFL, flags | O_NONBLOCK);
	if (internet)
		(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one,
		    sizeof one);
}

enum ms_channel_answer
ms_channel_read(struct ms_channel *channel, void *data, size_t size,
    size_t *got, struct ms_error *err)
{
	ssize_t n;

	*got = 0;
	if (channel->ssl) {
		ERR_clear_error();
		errno = 0;
		return judge(channel, SSL_read_ex(channel->ssl, data, size,
		    got), err);
	}
	do
		n = recv(channel->fd, data, size, 0);
	while (n < 0 && errno == EINTR);
	if (n > 0)
		*got = (size_t)n;
	if (n >= 0)
		return n > 0 ? MS_CHANNEL_DONE : MS_CHANNEL_END;
	if (must_wait())
		return MS_CHANNEL_WANT_READ;
	(void)ms_error_set(err, MS_E_PEER, "%s", g_strerror(errno));
	return MS_CHANNEL_FAILED;
}

/* Up to SIZE bytes; DONE: *SENT of them, at least one. */
static enum ms_channel_answer
write_some(struct ms_channel *channel, const void *data, size_t size,
    size_t *sent, struct ms_error *err)
{
	ssize_t n;

	*sent = 0;
	if (channel->ssl) {
		ERR_clear_error();
		errno = 0;
		return judge(channel, SSL_write_ex(channel->ssl, data, size,
		    sent), err);
	}
	do
		n = send(channel->fd, data, size, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	if (n >= 0) {
		*sent = (size_t)n;
		return MS_CHANNEL_DONE;
	}
	if (must_wait())
		return MS_CHANNEL_WANT_WRITE;
	(void)ms_error_set(err, MS_E_PEER, "%s", g_strerror(errno));
	return MS_CHANNEL_FAILED;
}

enum ms_channel_answer
ms_channel_write(struct ms_channel *channel, struct ms_pending *pending,
    size_t *sent, struct ms_error *err)
{
	*sent = 0;
	while (pending->size > 0) {
		size_t n;
		enum ms_channel_answer answer = write_some(channel,
		    ms_pending_data(pending), pending->size, &n, err);

		if (answer != MS_CHANNEL_DONE)
			return answer == MS_CHANNEL_END ? MS_CHANNEL_FAILED :
			    answer;
		ms_pending_consume(pending, n);
		*sent += n;
	}
	return MS_CHANNEL_DONE;
}

bool
ms_channel_has(const struct ms_channel *channel)
{
	return channel->ssl && SSL_has_pending(channel->ssl);
}

enum ms_status
ms_channel_secure(struct ms_channel *channel, struct ms_tls *tls,
    const char *name, struct ms_error *err)
{
	enum ms_status status = ms_tls_start(tls, channel->fd, name,
	    &channel->ssl, err);

	if (status == MS_OK)
		channel->tls = ms_tls_share(tls);
	return status;
}

enum ms_channel_answer
ms_channel_shake(struct ms_channel *channel, struct ms_error *err)
{
	ERR_clear_error();
	errno = 0;
	return judge(channel, SSL_do_handshake(channel->ssl), err);
}

void
ms_channel_finish(struct ms_channel *channel)
{
	if (channel->ssl) {
		ERR_clear_error();
		(void)SSL_shutdown(channel->ssl);
		ERR_clear_error();
	}
	(void)shutdown(channel->fd, SHUT_WR);
}

void
ms_channel_close(struct ms_channel *channel, bool reset)
{
	const struct linger now = { 1, 0 };

	SSL_free(channel->ssl);
	channel->ssl = NULL;
	ms_tls_free(channel->tls);
	channel->tls = NULL;
	if (channel->fd < 0)
		return;
	if (reset)
		(void)setsockopt(channel->fd, SOL_SOCKET, SO_LINGER, &now,
		    sizeof now);
	(void)close(channel->fd);
	channel->fd = -1;
}
