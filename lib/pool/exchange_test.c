#include "pool/exchange.h"

#include "base/clock.h"
#include "net/endpoint.h"
#include "pool/sealed.h"

#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

/* A server on loopback, in this process, and one exchange with it. */
struct play {
	int server, client;
	GArray *addresses;
	struct ms_exchange *exchange;
	struct ms_error err;
};

static void
listen_at(struct play *play, const struct sockaddr *address, socklen_t size)
{
	struct ms_endpoint endpoint = { .size = sizeof endpoint.u };

	play->server = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC,
	    0);
	assert_return_code(bind(play->server, address, size), 0);
	assert_return_code(listen(play->server, 5), 0);
	assert_return_code(getsockname(play->server, &endpoint.u.any,
	    &endpoint.size), 0);
	play->addresses = g_array_new(FALSE, FALSE, sizeof endpoint);
	g_array_append_val(play->addresses, endpoint);
}

static void
listen_tcp(struct play *play)
{
	struct sockaddr_in in = { .sin_family = AF_INET };

	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	listen_at(play, (const struct sockaddr *)&in, sizeof in);
}

static void
begin(struct play *play, enum ms_exchange_command command, int fd,
    uint64_t size)
{
	const int64_t now = ms_clock_ms();
	const struct ms_exchange_task task = { command, fd, size, now + 5000,
		now + 10000 };

	play->exchange = ms_exchange_new(&task, play->addresses);
	assert_int_equal(ms_exchange_go(play->exchange, now, &play->err),
	    MS_EXCHANGE_GOING);
	play->client = accept(play->server, NULL, NULL);
	assert_true(play->client >= 0);
}

/* Until it has ended, or waits for us. */
static enum ms_exchange_state
go(struct play *play, int timeout_ms)
{
	enum ms_exchange_state state;
	struct pollfd pfd;

	do {
		state = ms_exchange_go(play->exchange, ms_clock_ms(),
		    &play->err);
		pfd = ms_exchange_poll(play->exchange);
	} while (state == MS_EXCHANGE_GOING &&
	    poll(&pfd, 1, timeout_ms) > 0);
	return state;
}

static void
end(struct play *play)
{
	ms_exchange_free(play->exchange);
	g_array_unref(play->addresses);
	if (play->client >= 0)
		assert_return_code(close(play->client), 0);
	assert_return_code(close(play->server), 0);
}

static void
hear(struct play *play, const char *what, size_t size)
{
	char data[256];

	assert_int_equal(recv(play->client, data, size, MSG_WAITALL), size);
	assert_memory_equal(data, what, size);
}

static void
say(struct play *play, const char *what, size_t size)
{
	assert_int_equal(send(play->client, what, size, 0), size);
}

static void
test_version(void **state)
{
	struct play play = { .client = -1 };
	size_t size;

	(void)state;
	listen_tcp(&play);
	begin(&play, MS_EXCHANGE_VERSION, -1, 0);
	assert_int_equal(go(&play, 20), MS_EXCHANGE_GOING);
	hear(&play, "zVERSION", 9);
	say(&play, "Clam", 4);
	assert_int_equal(go(&play, 20), MS_EXCHANGE_GOING);
	/* What follows the end is nobody's. */
	say(&play, "AV 1\0more", 9);
	assert_int_equal(go(&play, 1000), MS_EXCHANGE_ANSWERED);
	assert_memory_equal(ms_exchange_answer(play.exchange, &size),
	    "ClamAV 1", 8);
	assert_int_equal(size, 8);
	end(&play);
}

static void
test_stream(void **state)
{
	struct play play = { .client = -1 };
	struct ms_error err;
	int fd;

	(void)state;
	assert_int_equal(ms_sealed_make("0123456789", 10, &fd, &err), MS_OK);
	listen_tcp(&play);
	begin(&play, MS_EXCHANGE_INSTREAM, fd, 10);
	assert_int_equal(go(&play, 20), MS_EXCHANGE_GOING);
	hear(&play, "zINSTREAM", 10);
	hear(&play, "\0\0\0\n" "0123456789" "\0\0\0", 18);
	say(&play, "stream: OK", 11);
	assert_int_equal(go(&play, 1000), MS_EXCHANGE_ANSWERED);
	end(&play);
	assert_return_code(close(fd), 0);
}

/* It stops in the middle, because the server has said enough. */
static void
test_early_answer(void **state)
{
	static const char large[] = "INSTREAM size limit exceeded. ERROR";
	struct play play = { .client = -1 };
	char *data = g_malloc0(8 << 20);
	struct ms_error err;
	size_t size;
	int fd;

	(void)state;
	assert_int_equal(ms_sealed_make(data, 8 << 20, &fd, &err), MS_OK);
	g_free(data);
	listen_tcp(&play);
	begin(&play, MS_EXCHANGE_INSTREAM, fd, 8 << 20);
	assert_int_equal(go(&play, 50), MS_EXCHANGE_GOING);
	hear(&play, "zINSTREAM", 10);
	say(&play, large, sizeof large);
	assert_int_equal(go(&play, 1000), MS_EXCHANGE_ANSWERED);
	assert_string_equal((const char *)ms_exchange_answer(play.exchange,
	    &size), large);
	end(&play);
	assert_return_code(close(fd), 0);
}

static void
test_descriptor(void **state)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX,
		.sun_path = "exchange.socket" };
	struct play play = { .client = -1 };
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control;
	char byte, data[5];
	struct iovec part = { &byte, 1 };
	struct msghdr msg = { .msg_iov = &part, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof control };
	struct ms_error err;
	int fd, got;

	(void)state;
	assert_int_equal(ms_sealed_make("bytes", 5, &fd, &err), MS_OK);
	(void)unlink(un.sun_path);
	listen_at(&play, (const struct sockaddr *)&un, sizeof un);
	begin(&play, MS_EXCHANGE_FILDES, fd, 5);
	assert_int_equal(go(&play, 20), MS_EXCHANGE_GOING);
	hear(&play, "zFILDES", 8);
	assert_int_equal(recvmsg(play.client, &msg, MSG_CMSG_CLOEXEC), 1);
	assert_int_equal(byte, 0);
	memcpy(&got, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof got);
	assert_int_equal(pread(got, data, 5, 0), 5);
	assert_memory_equal(data, "bytes", 5);
	say(&play, "fd[5]: OK", 10);
	assert_int_equal(go(&play, 1000), MS_EXCHANGE_ANSWERED);
	end(&play);
	assert_return_code(close(got), 0);
	assert_return_code(close(fd), 0);
	assert_return_code(unlink(un.sun_path), 0);
}

/* What a server may do instead of answering. */
static void
test_lost(void **state)
{
	char *endless = g_strnfill(1 << 20, 'x');
	const struct {
		const char *said;
		size_t size;
		const char *why;
	} rows[] = {
		{ "", 0, "without an answer" },
		{ "stream: ", 8, "in its answer" },
		{ endless, 5000, "does not end its answer" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		struct play play = { .client = -1 };

		listen_tcp(&play);
		begin(&play, MS_EXCHANGE_VERSION, -1, 0);
		assert_int_equal(go(&play, 20), MS_EXCHANGE_GOING);
		hear(&play, "zVERSION", 9);
		say(&play, rows[i].said, rows[i].size);
		assert_return_code(shutdown(play.client, SHUT_WR), 0);
		assert_int_equal(go(&play, 1000), MS_EXCHANGE_LOST);
		assert_non_null(strstr(play.err.text, rows[i].why));
		end(&play);
	}
	g_free(endless);
}

static void
test_late(void **state)
{
	struct play play = { .client = -1 };
	const int64_t now = ms_clock_ms();

	(void)state;
	listen_tcp(&play);
	begin(&play, MS_EXCHANGE_VERSION, -1, 0);
	assert_int_equal(go(&play, 20), MS_EXCHANGE_GOING);
	assert_true(ms_exchange_wake_ms(play.exchange) <= now + 11000);
	assert_int_equal(ms_exchange_go(play.exchange, now + 11000,
	    &play.err), MS_EXCHANGE_LOST);
	assert_non_null(strstr(play.err.text, "in time"));
	end(&play);
}

static void
test_unreachable(void **state)
{
	const int64_t now = ms_clock_ms();
	const struct ms_exchange_task task = { .fd = -1,
		.connected_ms = now + 5000, .answered_ms = now + 5000 };
	struct play play = { .client = -1 };
	struct ms_endpoint second;
	enum ms_exchange_state got;

	(void)state;
	listen_tcp(&play);
	second = g_array_index(play.addresses, struct ms_endpoint, 0);
	assert_return_code(close(play.server), 0);
	play.exchange = ms_exchange_new(&task, play.addresses);
	assert_int_equal(go(&play, 1000), MS_EXCHANGE_UNREACHABLE);
	assert_non_null(strstr(play.err.text, "refused"));
	ms_exchange_free(play.exchange);
	g_array_unref(play.addresses);
	/* But the second address of two is as good as the first. */
	listen_tcp(&play);
	g_array_prepend_val(play.addresses, second);
	play.exchange = ms_exchange_new(&task, play.addresses);
	do
		got = go(&play, 20);
	while (got == MS_EXCHANGE_GOING &&
	    (play.client = accept(play.server, NULL, NULL)) < 0);
	assert_int_equal(got, MS_EXCHANGE_GOING);
	hear(&play, "zVERSION", 9);
	end(&play);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_version),
		cmocka_unit_test(test_stream),
		cmocka_unit_test(test_early_answer),
		cmocka_unit_test(test_descriptor),
		cmocka_unit_test(test_lost),
		cmocka_unit_test(test_late),
		cmocka_unit_test(test_unreachable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
