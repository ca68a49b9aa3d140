#include "pool/broker.h"

#include "base/clock.h"
#include "engine/clamdline.h"
#include "net/endpoint.h"
#include "pool/asking.h"
#include "pool/child.h"
#include "pool/courier.h"
#include "pool/frame.h"
#include "pool/sandbox.h"
#include "pool/sealed.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* How long the first answer may take: clamd may be loading its database. */
#define START_MS 30000
#define START_CONNECT_MS 5000

/* How long the others have when one has answered. */
#define START_MORE_MS 2000

/* Memory of the process, beyond what it starts with. */
#define MEMORY ((uint64_t)256 << 20)

struct ms_broker {
	struct ms_broker_config config;
	int control;
	int pid;
	struct ms_frame_ready ready;
};

/* The process's own. */
struct desk {
	const struct ms_broker_config *config;
	int control;
	struct ms_asking_servers *servers;
	GPtrArray *askers;		/* of struct asker */
	unsigned char data[MS_FRAME_MAX];
};

/* One who asks, one thing at a time. */
struct asker {
	int fd;
	struct ms_asking *asking;	/* NULL: nothing now */
};

static void
free_asker(gpointer data)
{
	struct asker *asker = data;

	ms_asking_free(asker->asking);
	(void)close(asker->fd);
	g_free(asker);
}

static void
send_control(const struct desk *desk, GByteArray *frame)
{
	(void)ms_frame_send(desk->control, frame, -1, NULL);
	g_byte_array_unref(frame);
}

/* What the servers said of themselves when they were first asked. */
struct census {
	struct ms_exchange *exchanges[MS_ROSTER_MAX];
	struct ms_clamdline_version versions[MS_ROSTER_MAX];
	bool answered[MS_ROSTER_MAX];
	unsigned count;
	GString *why;			/* of those that did not answer */
};

static void
note_failure(struct desk *desk, struct census *census, unsigned i,
    const char *why)
{
	const char *text = desk->servers->servers[i].text;

	g_string_append_printf(census->why, "%s%s: %s",
	    census->why->len > 0 ? "; " : "", text, why);
	ms_roster_bad(desk->servers->roster, (int)i, ms_clock_ms());
}

/* Ask all servers for their version. */
static void
begin_census(struct desk *desk, struct census *census, int64_t until_ms)
{
	const int64_t now = ms_clock_ms();
	const struct ms_exchange_task task = {
		.command = MS_EXCHANGE_VERSION,
		.fd = -1,
		.connected_ms = MIN(now + START_CONNECT_MS, until_ms),
		.answered_ms = until_ms,
	};

	census->count = desk->servers->count;
	for (unsigned i = 0; i < census->count; i++) {
		struct ms_error why = { "" };

		if (ms_asking_reach(desk->servers, (int)i, &task,
		    &census->exchanges[i], &why) != MS_OK)
			note_failure(desk, census, i, why.text);
	}
}

/* Go on with server I. Returns whether it has answered, and well. */
static bool
go_on(struct desk *desk, struct census *census, unsigned i)
{
	struct ms_error why = { "" };
	const enum ms_exchange_state state = ms_exchange_go(
	    census->exchanges[i], ms_clock_ms(), &why);
	const unsigned char *line;
	size_t size;

	if (state == MS_EXCHANGE_GOING)
		return false;
	if (state == MS_EXCHANGE_ANSWERED) {
		line = ms_exchange_answer(census->exchanges[i], &size);
		census->answered[i] = ms_clamdline_version(line, size,
		    &census->versions[i]);
		(void)ms_error_set(&why, MS_E_PEER,
		    "it says what clamd does not say");
	}
	if (!census->answered[i])
		note_failure(desk, census, i, why.text);
	ms_exchange_free(census->exchanges[i]);
	census->exchanges[i] = NULL;
	return census->answered[i];
}

/* Wait for all answers, or until UNTIL_MS; not as long for the last ones. */
static bool
take_census(struct desk *desk, struct census *census, int64_t until_ms)
{
	struct pollfd polls[MS_ROSTER_MAX];
	bool any = false;

	begin_census(desk, census, until_ms);
	for (;;) {
		int64_t wake = until_ms;
		unsigned going = 0;

		for (unsigned i = 0; i < census->count; i++) {
			if (census->exchanges[i] && go_on(desk, census, i)) {
				any = true;
				until_ms = MIN(until_ms,
				    ms_clock_ms() + START_MORE_MS);
			}
			polls[i].fd = -1;
			if (!census->exchanges[i])
				continue;
			going++;
			polls[i] = ms_exchange_poll(census->exchanges[i]);
			wake = MIN(wake,
			    ms_exchange_wake_ms(census->exchanges[i]));
		}
		if (going == 0 || (any && ms_clock_ms() >= until_ms))
			return any;
		(void)poll(polls, census->count,
		    (int)CLAMP(MIN(wake, until_ms) - ms_clock_ms(), 1, 1000));
	}
}

/* Append TEXT unless it is there already. */
static void
add_once(GString *list, const char *text)
{
	if (*text == '\0' || strstr(list->str, text))
		return;
	g_string_append_printf(list, "%s%s", list->len > 0 ? ", " : "", text);
}

/* All versions that there are: what was scanned with one need not be with
 * another. */
static GByteArray *
describe(const struct census *census)
{
	GString *version = g_string_new(NULL), *database = g_string_new(NULL);
	struct ms_frame_ready ready = { .database_time = -1 };
	GByteArray *frame;

	for (unsigned i = 0; i < census->count; i++) {
		const struct ms_clamdline_version *v = &census->versions[i];

		if (!census->answered[i])
			continue;
		add_once(version, v->version);
		add_once(database, v->database);
		/* The oldest counts. */
		if (ready.database_time < 0 || (v->database_time >= 0 &&
		    v->database_time < ready.database_time))
			ready.database_time = v->database_time;
	}
	ready.engine = (char[]){ "clamd" };
	ready.version = version->str;
	ready.database = database->str;
	frame = ms_frame_ready(&ready);
	g_string_free(version, TRUE);
	g_string_free(database, TRUE);
	return frame;
}

/* MS_OK: a server is there, and whoever started us knows. */
static enum ms_status
start(struct desk *desk)
{
	struct census census = { .why = g_string_new(NULL) };
	const int64_t ms = MIN(desk->config->patience_ms, START_MS);
	const bool any = take_census(desk, &census, ms_clock_ms() + ms);
	struct ms_error err;

	for (unsigned i = 0; i < census.count; i++)
		ms_exchange_free(census.exchanges[i]);
	if (any) {
		send_control(desk, describe(&census));
	} else {
		(void)ms_error_set(&err, MS_E_ENGINE, "no clamd answers (%s); "
		    "is it running, and are these the LocalSocket or "
		    "TCPSocket of its clamd.conf? --clamd names others",
		    census.why->str);
		send_control(desk, ms_frame_failed(err.text));
	}
	g_string_free(census.why, TRUE);
	return any ? MS_OK : MS_E_ENGINE;
}

/* Somebody new who will ask; false: whoever started us is gone. */
static bool
hear_control(struct desk *desk)
{
	enum ms_status status;
	struct asker *asker;
	size_t size;
	int fd;

	status = ms_frame_receive(desk->control, desk->data,
	    sizeof desk->data, &size, &fd);
	if (status == MS_E_IO && (errno == EAGAIN || errno == EINTR))
		return true;
	if (status != MS_OK ||
	    ms_frame_type(desk->data, size) != MS_FRAME_SPAWN || fd < 0)
		return false;
	asker = g_new0(struct asker, 1);
	asker->fd = fd;
	g_ptr_array_add(desk->askers, asker);
	return true;
}

static bool
send_answer(const struct asker *asker, const struct ms_engine_answer *answer)
{
	GByteArray *frame = ms_courier_answer(answer);
	const enum ms_status status = ms_frame_send(asker->fd, frame, -1,
	    NULL);

	g_byte_array_unref(frame);
	return status == MS_OK;
}

/* Take a question; false: the asker is gone, or breaks the protocol. */
static bool
hear_asker(struct desk *desk, struct asker *asker)
{
	struct ms_courier_question question;
	size_t size;
	int fd;
	const enum ms_status status = ms_frame_receive(asker->fd, desk->data,
	    sizeof desk->data, &size, &fd);

	if (status == MS_E_IO && (errno == EAGAIN || errno == EINTR))
		return true;
	if (status != MS_OK || fd < 0 || asker->asking ||
	    ms_courier_read_question(desk->data, size, &question) != MS_OK ||
	    ms_sealed_check(fd, question.size) != MS_OK) {
		if (fd >= 0)
			(void)close(fd);
		return false;
	}
	asker->asking = ms_asking_new(desk->servers, fd, question.size,
	    ms_clock_ms() + (int64_t)question.left_ms);
	return true;
}

/* Go on with what ASKER has asked; false: it is gone. */
static bool
serve(struct asker *asker)
{
	struct ms_engine_answer answer;

	if (!asker->asking ||
	    !ms_asking_go(asker->asking, ms_clock_ms(), &answer))
		return true;
	ms_asking_free(asker->asking);
	asker->asking = NULL;
	return send_answer(asker, &answer);
}

/* What is to be waited for, two for each asker and one for control; returns
 * when to wake up in any case. */
static int64_t
list_fds(const struct desk *desk, GArray *fds)
{
	struct pollfd control = { .fd = desk->control, .events = POLLIN };
	int64_t wake = ms_clock_ms() + 3600000;

	g_array_set_size(fds, 0);
	for (guint i = 0; i < desk->askers->len; i++) {
		const struct asker *asker = desk->askers->pdata[i];
		struct pollfd pair[2] = {
			{ .fd = asker->fd, .events = POLLIN },
			{ .fd = -1 },
		};

		if (asker->asking) {
			pair[1] = ms_asking_poll(asker->asking);
			wake = MIN(wake, ms_asking_wake_ms(asker->asking));
		}
		g_array_append_vals(fds, pair, 2);
	}
	g_array_append_val(fds, control);
	return wake;
}

static void
work(struct desk *desk)
{
	GArray *list = g_array_new(FALSE, FALSE, sizeof(struct pollfd));
	bool over = false;

	while (!over) {
		const int64_t wake = list_fds(desk, list);
		struct pollfd *fds = (struct pollfd *)(void *)list->data;

		/* A broken poll is no reason to spin. */
		if (poll(fds, list->len, (int)CLAMP(wake - ms_clock_ms(), 0,
		    3600000)) < 0 && errno != EINTR)
			break;
		for (guint i = desk->askers->len; i-- > 0; ) {
			struct asker *asker = desk->askers->pdata[i];
			bool there = true;

			if (fds[2 * i].revents)
				there = hear_asker(desk, asker);
			if (!there || !serve(asker))
				g_ptr_array_remove_index(desk->askers, i);
		}
		if (fds[list->len - 1].revents)
			over = !hear_control(desk);
	}
	g_array_unref(list);
}

/* What this process may do from now on. */
static enum ms_status
enter_box(const struct desk *desk)
{
	struct ms_sandbox_profile profile = { .memory = MEMORY,
		.network = true };
	struct ms_error err;

	for (unsigned i = 0; i < desk->servers->count; i++)
		if (ms_endpoint_is_name(desk->servers->servers[i].address))
			profile.names = true;
	if (ms_sandbox_enter(&profile, &err) == MS_OK)
		return MS_OK;
	send_control(desk, ms_frame_failed(err.text));
	return MS_E_IO;
}

/* The body of the process; AGAIN: the one before it has died, so that nobody
 * waits for its first word. */
static int
run(const struct ms_broker_config *config, int control, bool again)
{
	struct desk *desk = g_new0(struct desk, 1);
	struct ms_error err = { "" };
	bool good;

	desk->config = config;
	desk->control = control;
	desk->askers = g_ptr_array_new_with_free_func(free_asker);
	good = ms_asking_servers(config->servers, config->patience_ms,
	    &desk->servers, &err) == MS_OK;
	if (!good)
		send_control(desk, ms_frame_failed(err.text));
	good = good && enter_box(desk) == MS_OK &&
	    (again || start(desk) == MS_OK);
	if (good)
		work(desk);
	g_ptr_array_unref(desk->askers);
	ms_asking_servers_free(desk->servers);
	g_free(desk);
	return good ? 0 : 1;
}

static int
run_first(void *arg, int control)
{
	return run(arg, control, false);
}

static int
run_again(void *arg, int control)
{
	return run(arg, control, true);
}

static enum ms_status
start_process(struct ms_broker *broker,
    int (*body)(void *arg, int control), struct ms_error *err)
{
	const struct ms_child child = { .body = body, .arg = &broker->config,
		.log = -1 };

	if (ms_child_start(&child, &broker->control, &broker->pid, err) !=
	    MS_OK)
		return MS_E_IO;
	/* Many may be introduced at once. */
	(void)fcntl(broker->control, F_SETFL, 0);
	return MS_OK;
}

static void
end_process(struct ms_broker *broker)
{
	if (broker->control >= 0)
		(void)close(broker->control);
	broker->control = -1;
	/* It has nothing to lose. Somebody else may have waited for it: then
	 * there is no such child. */
	if (broker->pid > 0 && waitpid(broker->pid, NULL, WNOHANG) == 0)
		(void)kill(broker->pid, SIGKILL);
	while (broker->pid > 0 && waitpid(broker->pid, NULL, 0) < 0 &&
	    errno == EINTR)
		continue;
	broker->pid = 0;
}

/* Its first word. */
static enum ms_status
wait_ready(struct ms_broker *broker, struct ms_error *err)
{
	unsigned char data[MS_FRAME_MAX];
	enum ms_status status;
	size_t size;
	int fd;

	do
		status = ms_frame_receive(broker->control, data, sizeof data,
		    &size, &fd);
	while (status == MS_E_IO && errno == EINTR);
	if (fd >= 0)
		(void)close(fd);
	if (status == MS_OK && ms_frame_type(data, size) == MS_FRAME_FAILED &&
	    ms_frame_read_failed(data, size, err) == MS_OK)
		return MS_E_ENGINE;
	if (status == MS_OK &&
	    ms_frame_read_ready(data, size, &broker->ready) == MS_OK)
		return MS_OK;
	return ms_error_set(err, MS_E_ENGINE,
	    "the process that talks to clamd died");
}

enum ms_status
ms_broker_open(const struct ms_broker_config *config,
    struct ms_broker **result, struct ms_error *err)
{
	struct ms_broker *broker = g_new0(struct ms_broker, 1);
	enum ms_status status;

	broker->config = *config;
	broker->control = -1;
	status = start_process(broker, run_first, err);
	if (status == MS_OK)
		status = wait_ready(broker, err);
	if (status != MS_OK) {
		ms_broker_close(broker);
		return status;
	}
	*result = broker;
	return MS_OK;
}

void
ms_broker_close(struct ms_broker *broker)
{
	if (!broker)
		return;
	end_process(broker);
	ms_frame_ready_clear(&broker->ready);
	g_free(broker);
}

void
ms_broker_describe(const struct ms_broker *broker,
    struct ms_engine_delegate *delegate)
{
	delegate->version = broker->ready.version;
	delegate->database = broker->ready.database;
	delegate->database_time = broker->ready.database_time;
}

bool
ms_broker_was(const struct ms_broker *broker, int pid)
{
	return broker && broker->pid == pid;
}

enum ms_status
ms_broker_connect(struct ms_broker *broker, int *sock, struct ms_error *err)
{
	GByteArray *frame = ms_frame_slot(MS_FRAME_SPAWN, 0, 0);
	enum ms_status status;
	int pair[2];

	status = ms_child_pair(pair, err);
	if (status != MS_OK) {
		g_byte_array_unref(frame);
		return status;
	}
	status = ms_frame_send(broker->control, frame, pair[1], err);
	if (status == MS_E_PEER) {
		end_process(broker);
		status = start_process(broker, run_again, err);
		if (status == MS_OK)
			status = ms_frame_send(broker->control, frame,
			    pair[1], err);
	}
	g_byte_array_unref(frame);
	(void)close(pair[1]);
	if (status != MS_OK) {
		(void)close(pair[0]);
		return status;
	}
	/* Who asks waits for the answer. */
	(void)fcntl(pair[0], F_SETFL, 0);
	*sock = pair[0];
	return MS_OK;
}
