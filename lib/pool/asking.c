#include "pool/asking.h"

#include "base/clock.h"
#include "base/quote.h"
#include "engine/clamdline.h"
#include "net/endpoint.h"

#include <string.h>
#include <unistd.h>

/* How long a connection may take, if there is that much time. */
#define CONNECT_MS 5000

/* Between two rounds of all servers. */
#define PAUSE_MS 250

/* How often a content that a server has seen, but not answered, is shown to
 * it: the second time it may have been restarted. */
#define LOST_MAX 2

/* A name is looked up again after its server failed, but not more often. */
#define LOOKUP_MS 10000

struct ms_asking {
	struct ms_asking_servers *list;
	int fd;
	uint64_t size;
	int64_t deadline_ms;
	struct ms_exchange *exchange;	/* NULL: waiting for the next round */
	int64_t round_ms;		/* when that begins */
	int server;			/* whom the exchange is with */
	enum ms_exchange_command command;
	bool refused;			/* it did not take the descriptor */
	uint32_t tried;			/* servers of this round, as bits */
	bool lost, unreachable;		/* one of them was so */
	unsigned rounds_lost;
	struct ms_error why;		/* what failed last */
};

void
ms_asking_servers_free(struct ms_asking_servers *list)
{
	if (!list)
		return;
	for (unsigned i = 0; i < list->count; i++) {
		g_free(list->servers[i].address);
		if (list->servers[i].addresses)
			g_array_unref(list->servers[i].addresses);
	}
	ms_roster_free(list->roster);
	g_free(list);
}

enum ms_status
ms_asking_servers(const char *const *servers, int64_t patience_ms,
    struct ms_asking_servers **result, struct ms_error *err)
{
	struct ms_asking_servers *list = g_new0(struct ms_asking_servers, 1);
	enum ms_status status = MS_OK;

	for (; *servers && status == MS_OK; servers++) {
		struct ms_asking_server *server = &list->servers[list->count];

		if (list->count == MS_ROSTER_MAX) {
			status = ms_error_set(err, MS_E_USAGE,
			    "more than %d servers", MS_ROSTER_MAX);
			break;
		}
		list->count++;
		server->text = *servers;
		server->address = **servers == '/' ?
		    g_strconcat("unix:", *servers, NULL) : g_strdup(*servers);
		server->is_unix = g_str_has_prefix(server->address, "unix:");
		status = ms_endpoint_check(server->address, err);
	}
	if (status == MS_OK && list->count == 0)
		status = ms_error_set(err, MS_E_USAGE, "there is no server");
	if (status != MS_OK) {
		ms_asking_servers_free(list);
		return status;
	}
	list->roster = ms_roster_new(list->count, patience_ms);
	*result = list;
	return MS_OK;
}

enum ms_status
ms_asking_reach(struct ms_asking_servers *list, int number,
    const struct ms_exchange_task *task, struct ms_exchange **exchange,
    struct ms_error *err)
{
	struct ms_asking_server *server = &list->servers[number];
	const int64_t now = ms_clock_ms();
	enum ms_status status = MS_OK;

	if (!server->addresses && server->looked_up_ms > 0 &&
	    now < server->looked_up_ms + LOOKUP_MS)
		return ms_error_set(err, MS_E_PEER, "its name is unknown");
	if (!server->addresses) {
		server->looked_up_ms = now;
		status = ms_endpoint_resolve(server->address, false,
		    &server->addresses, err);
	}
	if (status == MS_OK)
		*exchange = ms_exchange_new(task, server->addresses);
	return status;
}

/* Nobody answers at the addresses of SERVER: its name may have others. */
static void
forget_addresses(struct ms_asking_server *server, int64_t now_ms)
{
	if (!server->addresses || !ms_endpoint_is_name(server->address) ||
	    now_ms < server->looked_up_ms + LOOKUP_MS)
		return;
	g_array_unref(server->addresses);
	server->addresses = NULL;
	server->looked_up_ms = 0;
}

struct ms_asking *
ms_asking_new(struct ms_asking_servers *list, int fd, uint64_t size,
    int64_t deadline_ms)
{
	struct ms_asking *a = g_new0(struct ms_asking, 1);

	a->list = list;
	a->fd = fd;
	a->size = size;
	a->deadline_ms = deadline_ms;
	a->server = -1;
	return a;
}

void
ms_asking_free(struct ms_asking *a)
{
	if (!a)
		return;
	ms_exchange_free(a->exchange);
	(void)close(a->fd);
	g_free(a);
}

struct pollfd
ms_asking_poll(const struct ms_asking *a)
{
	return a->exchange ? ms_exchange_poll(a->exchange) :
	    (struct pollfd){ .fd = -1 };
}

int64_t
ms_asking_wake_ms(const struct ms_asking *a)
{
	return MIN(a->deadline_ms, a->exchange ?
	    ms_exchange_wake_ms(a->exchange) : a->round_ms);
}

/* WHY, with the server's address before it: what failed last. */
static void
note(struct ms_asking *a, const struct ms_error *why)
{
	char *address = ms_quote_string(a->list->servers[a->server].text);

	(void)ms_error_set(&a->why, MS_E_PEER, "%s: %s", address, why->text);
	g_free(address);
	a->list->why = a->why;
}

/* How long this server has for its answer, so that the others that are left
 * have as long. */
static int64_t
share_ms(const struct ms_asking *a, int64_t now_ms)
{
	unsigned left = 1;

	for (unsigned i = 0; i < a->list->count; i++)
		left += !(a->tried & (1u << i));
	return now_ms + MAX((a->deadline_ms - now_ms) / (int64_t)left, 1);
}

/* Show the content to the server by COMMAND. */
static void
show(struct ms_asking *a, enum ms_exchange_command command, int64_t now_ms)
{
	const struct ms_exchange_task task = {
		.command = command,
		.fd = a->fd,
		.size = a->size,
		.connected_ms = MIN(now_ms + CONNECT_MS, share_ms(a, now_ms)),
		.answered_ms = share_ms(a, now_ms),
	};
	struct ms_error why = { "" };

	a->command = command;
	if (ms_asking_reach(a->list, a->server, &task, &a->exchange, &why) ==
	    MS_OK)
		return;
	a->unreachable = true;
	ms_roster_bad(a->list->roster, a->server, now_ms);
	note(a, &why);
}

static bool
fail(const struct ms_asking *a, struct ms_engine_answer *answer)
{
	const char *why = *a->why.text != '\0' ? a->why.text :
	    a->list->why.text;

	*answer = (struct ms_engine_answer){ .kind = MS_ENGINE_FAILED };
	(void)g_strlcpy(answer->text, *why != '\0' ? why :
	    "no time left to ask clamd", sizeof answer->text);
	return true;
}

/* All have been asked, or none is to be. Returns whether that is the end. */
static bool
end_round(struct ms_asking *a, int64_t now_ms)
{
	const bool first_of_all = a->tried == 0;

	a->rounds_lost += a->lost;
	if (first_of_all || (!a->lost && !a->unreachable) ||
	    a->rounds_lost >= LOST_MAX ||
	    ms_roster_is_hopeless(a->list->roster, now_ms))
		return true;
	a->tried = 0;
	a->lost = a->unreachable = false;
	a->round_ms = now_ms + PAUSE_MS;
	return false;
}

/* Ask the next one, or wait for the next round. False: there is no use. */
static bool
ask_next(struct ms_asking *a, int64_t now_ms)
{
	while (!a->exchange && a->round_ms <= now_ms) {
		a->server = ms_roster_pick(a->list->roster, a->tried, now_ms);
		if (a->server < 0) {
			if (end_round(a, now_ms))
				return false;
			continue;
		}
		a->tried |= 1u << a->server;
		a->refused = false;
		show(a, a->list->servers[a->server].is_unix &&
		    !a->list->servers[a->server].streams ?
		    MS_EXCHANGE_FILDES : MS_EXCHANGE_INSTREAM, now_ms);
	}
	return true;
}

/* The server has answered. Returns whether that is it. */
static bool
hear(struct ms_asking *a, int64_t now_ms, struct ms_engine_answer *answer)
{
	struct ms_asking_server *server = &a->list->servers[a->server];
	struct ms_error why;
	size_t size;
	const unsigned char *line = ms_exchange_answer(a->exchange, &size);
	const bool known = ms_clamdline_scan(line, size, answer);

	ms_exchange_free(a->exchange);
	a->exchange = NULL;
	if (known)
		ms_roster_good(a->list->roster, a->server);
	else
		ms_roster_bad(a->list->roster, a->server, now_ms);
	if (answer->kind != MS_ENGINE_FAILED) {
		*a->list->why.text = '\0';
		/* What failed by one command works by the other. */
		server->streams |= a->refused;
		return true;
	}
	(void)ms_error_set(&why, MS_E_PEER, "%s", answer->text);
	note(a, &why);
	if (known && a->command == MS_EXCHANGE_FILDES) {
		a->refused = true;
		show(a, MS_EXCHANGE_INSTREAM, now_ms);
	}
	return false;
}

/* The exchange ended in STATE without an answer, because of WHY. */
static void
suffer(struct ms_asking *a, enum ms_exchange_state state, int64_t now_ms,
    const struct ms_error *why)
{
	ms_exchange_free(a->exchange);
	a->exchange = NULL;
	ms_roster_bad(a->list->roster, a->server, now_ms);
	if (state == MS_EXCHANGE_LOST)
		a->lost = true;
	else
		a->unreachable = true;
	forget_addresses(&a->list->servers[a->server], now_ms);
	note(a, why);
}

bool
ms_asking_go(struct ms_asking *a, int64_t now_ms,
    struct ms_engine_answer *answer)
{
	struct ms_error why = { "" };
	enum ms_exchange_state state = MS_EXCHANGE_GOING;

	for (;;) {
		if (now_ms >= a->deadline_ms && !a->exchange)
			return fail(a, answer);
		if (!ask_next(a, now_ms))
			return fail(a, answer);
		if (!a->exchange)
			return false;
		state = ms_exchange_go(a->exchange, now_ms, &why);
		if (state == MS_EXCHANGE_GOING)
			return false;
		if (state == MS_EXCHANGE_ANSWERED) {
			if (hear(a, now_ms, answer))
				return true;
		} else {
			suffer(a, state, now_ms, &why);
		}
	}
}
