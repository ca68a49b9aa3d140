#include "policy/bans.h"

#include "base/quote.h"

#include <glib.h>

struct ban {
	char *client;
	int64_t until_ms;
	GList link;		/* in the order of until_ms */
};

struct ms_bans {
	GHashTable *by_client;
	GQueue order;		/* the first is over first */
	int64_t time_ms;
};

static void
free_ban(void *arg)
{
	struct ban *ban = arg;

	g_free(ban->client);
	g_free(ban);
}

struct ms_bans *
ms_bans_new(int64_t time_ms)
{
	struct ms_bans *bans = g_new(struct ms_bans, 1);

	bans->by_client = g_hash_table_new_full(g_str_hash, g_str_equal, NULL,
	    free_ban);
	g_queue_init(&bans->order);
	bans->time_ms = time_ms;
	return bans;
}

void
ms_bans_free(struct ms_bans *bans)
{
	if (!bans)
		return;
	g_hash_table_unref(bans->by_client);
	g_free(bans);
}

static void
drop(struct ms_bans *bans, struct ban *ban)
{
	g_queue_unlink(&bans->order, &ban->link);
	(void)g_hash_table_remove(bans->by_client, ban->client);
}

static void
begin_again(struct ms_bans *bans, struct ban *ban, int64_t now_ms)
{
	ban->until_ms = now_ms + bans->time_ms;
	g_queue_unlink(&bans->order, &ban->link);
	g_queue_push_tail_link(&bans->order, &ban->link);
}

void
ms_bans_add(struct ms_bans *bans, const char *client, int64_t now_ms)
{
	struct ban *ban = g_hash_table_lookup(bans->by_client, client);
	GList *first = g_queue_peek_head_link(&bans->order);

	if (ban) {
		begin_again(bans, ban, now_ms);
		return;
	}
	if (first && (((struct ban *)first->data)->until_ms <= now_ms ||
	    bans->order.length >= MS_BANS_MAX))
		drop(bans, first->data);
	ban = g_new0(struct ban, 1);
	ban->client = g_strdup(client);
	ban->until_ms = now_ms + bans->time_ms;
	ban->link.data = ban;
	g_queue_push_tail_link(&bans->order, &ban->link);
	(void)g_hash_table_insert(bans->by_client, ban->client, ban);
}

bool
ms_bans_has(struct ms_bans *bans, const char *client, int64_t now_ms)
{
	struct ban *ban = g_hash_table_lookup(bans->by_client, client);

	if (!ban)
		return false;
	if (ban->until_ms <= now_ms) {
		drop(bans, ban);
		return false;
	}
	begin_again(bans, ban, now_ms);
	return true;
}

char *
ms_bans_reply(const char *client)
{
	char *quoted = ms_quote_string(client);
	char *reply = g_strdup_printf("550 5.7.1 %s is blacklisted because "
	    "your machine is infected with a virus", quoted);

	g_free(quoted);
	return reply;
}

unsigned
ms_bans_count(const struct ms_bans *bans)
{
	return bans->order.length;
}
