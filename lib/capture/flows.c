#include "capture/flows.h"

#include "capture/tcp.h"

#include <stdlib.h>
#include <string.h>

/* Connections that are known: with bytes that are kept, and others. */
#define BUSY_MAX 20000u
#define QUIET_MAX 65536u
#define BROKEN_MAX 256u			/* reset, but perhaps not over */
#define WAITING_MAX ((size_t)32 << 20)	/* bytes that came too early */
#define LINGER_US ((int64_t)2 * 1000000)
#define IDLE_US ((int64_t)30 * 1000000)

/* Where the table lies in memory is nothing that a capture knows: with that
 * as seed it cannot choose keys that collide. */
struct key {
	unsigned char address[2][16];
	uint64_t port[2];
	uint64_t seed;
};

struct flow {
	struct key key;		/* end 0 is the lower one */
	GList link;		/* in busy or quiet: the latest is last */
	GList broken_link;
	struct ms_tcp *tcp;	/* NULL: quiet */
	bool over;		/* nothing more is kept: not SMTP, or ended */
	bool broken;		/* in that queue */
	bool syn[2];		/* seen, with isn */
	uint32_t isn[2];
	int client;		/* by SYN; -1: not known */
	uint64_t first;		/* packet */
	int64_t time_us;	/* of the latest */
	/* A SYN that may begin another connection. */
	bool anew;
	int anew_from;
	uint32_t anew_isn;
	uint64_t anew_first;
	/* It was SMTP, and over: where it would go on. */
	bool spoke, cut;
	bool known[2];
	uint32_t next[2];
};

struct ms_flows {
	GHashTable *table;	/* struct flow, by its key */
	GQueue busy, quiet, broken;
	GQueue done;		/* struct ms_dialogue */
	struct ms_spoken_shared shared;
	struct ms_order_pool pool;
	struct ms_flows_counts counts;
	bool ended;
};

static guint
hash_key(gconstpointer pointer)
{
	uint64_t words[sizeof(struct key) / sizeof(uint64_t)], h = 0;

	memcpy(words, pointer, sizeof words);
	for (size_t i = G_N_ELEMENTS(words); i-- > 0;) {
		h = (h ^ words[i]) * 0x9e3779b97f4a7c15u;
		h ^= h >> 29;
	}
	return (guint)h;
}

static gboolean
equal_keys(gconstpointer a, gconstpointer b)
{
	return memcmp(a, b, sizeof(struct key)) == 0;
}

struct ms_flows *
ms_flows_new(struct ms_stash *stash)
{
	struct ms_flows *flows = g_new0(struct ms_flows, 1);

	flows->table = g_hash_table_new(hash_key, equal_keys);
	flows->shared.stash = stash;
	flows->pool.max = WAITING_MAX;
	return flows;
}

static void
free_flow(struct ms_flows *flows, struct flow *flow)
{
	(void)g_hash_table_remove(flows->table, &flow->key);
	g_queue_unlink(flow->tcp ? &flows->busy : &flows->quiet, &flow->link);
	if (flow->broken)
		g_queue_unlink(&flows->broken, &flow->broken_link);
	ms_tcp_free(flow->tcp);
	g_free(flow);
}

void
ms_flows_free(struct ms_flows *flows)
{
	if (!flows)
		return;
	while (flows->busy.head)
		free_flow(flows, flows->busy.head->data);
	while (flows->quiet.head)
		free_flow(flows, flows->quiet.head->data);
	while (flows->done.head)
		ms_dialogue_free(g_queue_pop_head(&flows->done));
	g_hash_table_unref(flows->table);
	g_free(flows);
}

/* FLOW has bytes from now on, or (TCP is NULL) nothing worth memory. */
static void
set_tcp(struct ms_flows *flows, struct flow *flow, struct ms_tcp *tcp)
{
	g_queue_unlink(flow->tcp ? &flows->busy : &flows->quiet, &flow->link);
	if (flow->broken)
		g_queue_unlink(&flows->broken, &flow->broken_link);
	flow->broken = false;
	ms_tcp_free(flow->tcp);
	flow->tcp = tcp;
	g_queue_push_tail_link(tcp ? &flows->busy : &flows->quiet,
	    &flow->link);
}

/* The connection is over: its dialogue is done, if it is one. */
static enum ms_status
finish(struct ms_flows *flows, struct flow *flow, const char *cut,
    struct ms_error *err)
{
	enum ms_status status = ms_tcp_finish(flow->tcp, err);
	struct ms_dialogue *dialogue;

	if (status == MS_OK && cut)
		status = ms_spoken_cut(flow->tcp->spoken, cut, err);
	if (status != MS_OK)
		return status;
	dialogue = ms_spoken_take(flow->tcp->spoken);
	if (dialogue) {
		g_queue_push_tail(&flows->done, dialogue);
		flows->counts.dialogues++;
	} else {
		flows->counts.others++;
	}
	flow->spoke |= dialogue != NULL;
	flow->cut = cut != NULL;
	for (int i = 0; i < 2; i++) {
		flow->known[i] = flow->tcp->half[i].known;
		flow->next[i] = flow->tcp->half[i].order.next;
	}
	set_tcp(flows, flow, NULL);
	flow->over = true;
	return MS_OK;
}

/* Be rid of what is over, or too much. */
static enum ms_status
sweep(struct ms_flows *flows, int64_t now_us, struct ms_error *err)
{
	enum ms_status status = MS_OK;

	while (flows->broken.head && status == MS_OK) {
		struct flow *flow = flows->broken.head->data;

		if (flows->broken.length <= BROKEN_MAX &&
		    now_us - flow->tcp->reset_us <= LINGER_US)
			break;
		status = finish(flows, flow, NULL, err);
	}
	while (flows->quiet.length > QUIET_MAX)
		free_flow(flows, flows->quiet.head->data);
	while (flows->busy.length > BUSY_MAX && status == MS_OK)
		status = finish(flows, flows->busy.head->data,
		    "too many connections at a time: the rest of this one "
		    "is left out", err);
	return status;
}

/* The key of SEGMENT's connection; which end sent it. */
static int
make_key(const struct ms_flows *flows, const struct ms_packet_segment *s,
    struct key *key)
{
	int order = memcmp(s->from, s->to, sizeof s->from);
	int from = order != 0 ? order > 0 : s->from_port > s->to_port;

	memcpy(key->address[from], s->from, sizeof s->from);
	memcpy(key->address[1 - from], s->to, sizeof s->to);
	key->port[from] = s->from_port;
	key->port[1 - from] = s->to_port;
	key->seed = (uint64_t)(uintptr_t)flows->table;
	return from;
}

static struct flow *
add_flow(struct ms_flows *flows, const struct key *key)
{
	struct flow *flow = g_new0(struct flow, 1);

	flow->key = *key;
	flow->link.data = flow->broken_link.data = flow;
	flow->client = -1;
	(void)g_hash_table_add(flows->table, &flow->key);
	g_queue_push_tail_link(&flows->quiet, &flow->link);
	return flow;
}

static void
begin(struct flow *flow, int from, uint32_t isn, bool answers)
{
	flow->syn[from] = true;
	flow->isn[from] = isn;
	if (flow->client < 0)
		flow->client = answers ? 1 - from : from;
}

/* The old connection is over, the SYN of the next one was there: from the end
 * FROM, in the packet FIRST. */
static enum ms_status
restart(struct ms_flows *flows, struct flow *flow, uint64_t first,
    struct ms_error *err)
{
	enum ms_status status = MS_OK;

	if (flow->tcp)
		status = finish(flows, flow, NULL, err);
	flow->over = flow->anew = false;
	flow->syn[0] = flow->syn[1] = false;
	flow->client = -1;
	flow->first = first;
	return status;
}

/* FLOW is over, if its end was not made up: does S go on with it? */
static bool
goes_on(const struct flow *flow, int from, const struct ms_packet_segment *s)
{
	uint32_t end = s->seq + (uint32_t)s->size + s->missing;

	return flow->over && flow->spoke && !flow->cut &&
	    s->size + s->missing > 0 &&
	    !(s->flags & (MS_PACKET_SYN | MS_PACKET_RST)) &&
	    (!flow->known[from] || (int32_t)(end - flow->next[from]) > 0);
}

static bool
is_over(const struct flow *flow, int64_t now_us)
{
	return ms_tcp_is_done(flow->tcp) || flow->tcp->reset ||
	    now_us - flow->time_us > IDLE_US;
}

static enum ms_status
take_syn(struct ms_flows *flows, struct flow *flow, int from,
    const struct ms_packet_segment *s, struct ms_error *err)
{
	bool answers = s->flags & MS_PACKET_ACK;
	enum ms_status status = MS_OK;

	if (flow->syn[from] && flow->isn[from] == s->seq)
		return MS_OK;
	if (flow->tcp && !flow->syn[from] &&
	    ms_tcp_fits(flow->tcp, from, s->seq)) {
		begin(flow, from, s->seq, answers);
		ms_tcp_begin(flow->tcp, from, s->seq);
		ms_spoken_begin(flow->tcp->spoken, flow->client);
		return MS_OK;
	}
	if (flow->tcp && !is_over(flow, s->time_us)) {
		/* Anybody can send this: wait for the other side. */
		flow->anew = true;
		flow->anew_from = from;
		flow->anew_isn = s->seq;
		flow->anew_first = s->packet;
		return MS_OK;
	}
	if (flow->tcp || flow->over || (flow->syn[from] && !answers))
		status = restart(flows, flow, s->packet, err);
	begin(flow, from, s->seq, answers);
	return status;
}

/* A SYN came within another connection: does S show that it was meant? */
static enum ms_status
take_anew(struct ms_flows *flows, struct flow *flow, int from,
    const struct ms_packet_segment *s, struct ms_error *err)
{
	bool same = from == flow->anew_from, syn = s->flags & MS_PACKET_SYN;
	enum ms_status status;

	if (same && (syn || s->seq != flow->anew_isn + 1))
		return MS_OK;
	if (!same && (!syn || !(s->flags & MS_PACKET_ACK) ||
	    s->ack != flow->anew_isn + 1))
		return MS_OK;
	status = restart(flows, flow, flow->anew_first, err);
	begin(flow, flow->anew_from, flow->anew_isn, false);
	return status;
}

/* The first bytes of a connection. */
static void
begin_bytes(struct ms_flows *flows, struct flow *flow)
{
	struct ms_spoken *spoken = ms_spoken_new(&flows->shared, flow->first);

	for (int i = 0; i < 2; i++) {
		memcpy(spoken->end[i].address, flow->key.address[i], 16);
		spoken->end[i].port = (uint16_t)flow->key.port[i];
	}
	spoken->again = flow->spoke;
	set_tcp(flows, flow, ms_tcp_new(spoken, &flows->pool));
	if (flow->client >= 0)
		ms_spoken_begin(spoken, flow->client);
	for (int i = 0; i < 2; i++) {
		if (!flow->syn[i])
			continue;
		ms_tcp_begin(flow->tcp, i, flow->isn[i]);
		spoken->seen[i] = true;
	}
}

static enum ms_status
feed(struct ms_flows *flows, struct flow *flow, int from,
    const struct ms_packet_segment *s, struct ms_error *err)
{
	struct ms_tcp *tcp = flow->tcp;
	enum ms_status status = ms_tcp_feed(tcp, from, s, err);

	if (status != MS_OK)
		return status;
	if (tcp->spoken->smell == MS_SMELL_OTHER || ms_tcp_is_done(tcp))
		return finish(flows, flow, NULL, err);
	if (tcp->reset && !flow->broken) {
		g_queue_push_tail_link(&flows->broken, &flow->broken_link);
		flow->broken = true;
	}
	return MS_OK;
}

enum ms_status
ms_flows_feed(struct ms_flows *flows, const struct ms_packet_segment *s,
    struct ms_error *err)
{
	bool bytes = s->size > 0 || s->missing > 0;
	enum ms_status status = sweep(flows, s->time_us, err);
	struct flow *flow;
	GQueue *queue;
	struct key key;
	int from;

	if (status != MS_OK)
		return status;
	flows->counts.segments++;
	from = make_key(flows, s, &key);
	flow = g_hash_table_lookup(flows->table, &key);
	if (!flow && !bytes && !(s->flags & MS_PACKET_SYN))
		return MS_OK;
	if (!flow) {
		flow = add_flow(flows, &key);
		flow->first = s->packet;
	}
	if (flow->anew)
		status = take_anew(flows, flow, from, s, err);
	if (status == MS_OK && (s->flags & MS_PACKET_SYN))
		status = take_syn(flows, flow, from, s, err);
	if (status == MS_OK && goes_on(flow, from, s))
		status = restart(flows, flow, s->packet, err);
	flow->time_us = s->time_us;
	queue = flow->tcp ? &flows->busy : &flows->quiet;
	g_queue_unlink(queue, &flow->link);
	g_queue_push_tail_link(queue, &flow->link);
	if (status != MS_OK || flow->over || (!flow->tcp && !bytes))
		return status;
	if (!flow->tcp)
		begin_bytes(flows, flow);
	return feed(flows, flow, from, s, err);
}

static gint
compare_begin(gconstpointer a, gconstpointer b, gpointer arg)
{
	const struct flow *fa = a, *fb = b;

	(void)arg;
	return fa->first < fb->first ? -1 : fa->first > fb->first;
}

void
ms_flows_end(struct ms_flows *flows)
{
	flows->ended = true;
	g_queue_sort(&flows->busy, compare_begin, NULL);
}

enum ms_status
ms_flows_take(struct ms_flows *flows, struct ms_dialogue **dialogue,
    struct ms_error *err)
{
	enum ms_status status = MS_OK;

	while (flows->ended && !flows->done.head && flows->busy.head &&
	    status == MS_OK)
		status = finish(flows, flows->busy.head->data, NULL, err);
	if (status != MS_OK)
		return status;
	*dialogue = g_queue_pop_head(&flows->done);
	if (*dialogue)
		return MS_OK;
	if (flows->ended && flows->shared.unsaid) {
		flows->shared.unsaid = false;
		return ms_error_set(err, MS_E_LIMIT, "so much was said at "
		    "the same time that some of it is left out, without a "
		    "trace in the dialogues");
	}
	return MS_END;
}

const struct ms_flows_counts *
ms_flows_counts(const struct ms_flows *flows)
{
	return &flows->counts;
}
