#include "base/clock.h"
#include "net/loop.h"
#include "net/talk.h"
#include "net/tls.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

/* What a connection costs that says nothing, and what one does that does: in
 * the clear and under TLS, both ends in this process. */

enum { IDLE = 1000, ROUNDS = 200000, BULK_MB = 512, PIECE = 64 << 10 };

struct end {
	struct ms_loop *loop;
	struct ms_talk *talk, *other;
	size_t left;		/* rounds, or bytes */
	unsigned *secured;
};

static void
check(bool good)
{
	if (!good)
		abort();
}

static void
quit(void *arg, enum ms_talk_end end, const char *why)
{
	(void)arg;
	(void)end;
	(void)fprintf(stderr, "closed: %s\n", why);
	_exit(1);
}

static void
count_secured(void *arg)
{
	struct end *end = arg;

	if (--*end->secured == 0)
		ms_loop_stop(end->loop);
}

/* A line there, a line back. */
static void
answer(void *arg)
{
	struct end *end = arg;
	size_t size;

	(void)ms_talk_peek(end->talk, &size);
	ms_talk_consume(end->talk, size);
	if (end->left > 0 && --end->left == 0)
		ms_loop_stop(end->loop);
	else
		ms_talk_write(end->talk, "250 2.1.5 Ok\r\n", 14);
}

static void
swallow(void *arg)
{
	struct end *end = arg;
	size_t size;

	(void)ms_talk_peek(end->talk, &size);
	ms_talk_consume(end->talk, size);
	end->left -= MIN(end->left, size);
	if (end->left == 0)
		ms_loop_stop(end->loop);
}

static void
send_more(void *arg)
{
	static unsigned char piece[PIECE];
	struct end *end = arg;

	ms_talk_write(end->talk, piece, sizeof piece);
}

static const struct ms_talk_events events = { .secured = count_secured,
	.closed = quit };
static const struct ms_talk_events rounds = { .data = answer,
	.closed = quit };
static const struct ms_talk_events bulk_in = { .data = swallow,
	.closed = quit };
static const struct ms_talk_events bulk_out = { .drained = send_more,
	.closed = quit };

static void
run(struct ms_loop *loop)
{
	struct ms_error err;

	check(MS_OK == ms_loop_run(loop, &err));
}

static void
connect_all(struct ms_loop *loop, struct end *ends, struct ms_tls *tls[2],
    unsigned *secured)
{
	for (size_t i = 0; i < 2 * IDLE; i += 2) {
		int fds[2];

		check(0 == socketpair(AF_UNIX, SOCK_STREAM |
		    SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds));
		for (size_t k = 0; k < 2; k++) {
			struct end *end = &ends[i + k];
			const struct ms_talk_config config = {
				.events = &events, .arg = end };

			end->loop = loop;
			end->secured = secured;
			end->talk = ms_talk_accept(loop, fds[k], NULL,
			    &config);
			ms_talk_patience(end->talk, 300000);
			if (tls[k])
				check(MS_OK == ms_talk_secure(
				    end->talk, tls[k], NULL, NULL));
		}
	}
	*secured = 2 * IDLE;
	if (tls[0])
		run(loop);
}

static double
seconds_since(int64_t *cpu)
{
	const int64_t now = ms_clock_cpu_ms(), spent = now - *cpu;

	*cpu = now;
	return (double)MAX(spent, 1) / 1000;
}

static void
measure(const char *name, struct ms_tls *tls[2])
{
	struct end *ends = g_new0(struct end, 2 * IDLE);
	unsigned secured;
	struct ms_loop *loop;
	size_t before;
	int64_t cpu = ms_clock_cpu_ms();
	double bytes, shake, round, bulk;

	check(MS_OK == ms_loop_new(&loop, NULL));
	before = mallinfo2().uordblks;
	connect_all(loop, ends, tls, &secured);
	shake = seconds_since(&cpu);
	bytes = (double)(mallinfo2().uordblks - before) / (2 * IDLE);
	ends[0].left = ROUNDS;
	ms_talk_hand(ends[0].talk, &rounds, &ends[0]);
	ms_talk_hand(ends[1].talk, &rounds, &ends[1]);
	ms_talk_write(ends[1].talk, "x", 1);
	run(loop);
	round = seconds_since(&cpu);
	ends[2].left = (size_t)BULK_MB << 20;
	ms_talk_hand(ends[2].talk, &bulk_in, &ends[2]);
	ms_talk_hand(ends[3].talk, &bulk_out, &ends[3]);
	send_more(&ends[3]);
	run(loop);
	bulk = seconds_since(&cpu);
	(void)printf("%-6s %6.0f bytes each idle, %6.0f us a connection, "
	    "%5.2f us a message, %5.0f MB/s (both ends)\n", name, bytes,
	    shake / IDLE * 1e6, round / (2 * ROUNDS) * 1e6, BULK_MB / bulk);
	for (size_t i = 0; i < 2 * IDLE; i++)
		ms_talk_free(ends[i].talk);
	ms_loop_free(loop);
	g_free(ends);
}

int
main(void)
{
	const struct ms_tls_config server = { .server = true,
		.certificate = "talk_bench.pem", .key = "talk_bench.key" };
	const struct ms_tls_config client = { .ca_file = "talk_bench.pem" };
	struct ms_tls *none[2] = { NULL, NULL }, *tls[2];
	struct rlimit limit;

	(void)getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
	check(g_spawn_command_line_sync("openssl req -x509 -nodes -days 2 "
	    "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -subj /CN=x "
	    "-out talk_bench.pem -keyout talk_bench.key", NULL, NULL, NULL,
	    NULL));
	check(MS_OK == ms_tls_new(&client, &tls[0], NULL));
	check(MS_OK == ms_tls_new(&server, &tls[1], NULL));
	measure("clear", none);
	measure("TLS", tls);
	ms_tls_free(tls[0]);
	ms_tls_free(tls[1]);
	(void)unlink("talk_bench.pem");
	(void)unlink("talk_bench.key");
	return 0;
}
