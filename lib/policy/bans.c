#include "policy/bans.h"

#include "base/quote.h"
#include "policy/articles.h"

#include <glib.h>

#include <string.h>

struct ban {
	char *client;		/* as name_of() has it */
	int64_t last_ms;	/* when its time began */
	int64_t told_ms;	/* when others were told that; -1: never */
	GList link;		/* in the order of last_ms */
};

struct ms_bans {
	GHashTable *by_client;
	GQueue order;		/* the first is over first */
	int64_t time_ms;
	ms_bans_told *told;	/* NULL: nobody is */
	void *arg;
};

/* An address is not longer. */
#define CLIENT_MAX 255

/* Bytes of an IPv6 address that are one sender's. */
#define NETWORK_BYTES 8

/* Others are told again that a time has begun again after this part of it. */
#define TELL_PART 8

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
	struct ms_bans *bans = g_new0(struct ms_bans, 1);

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

void
ms_bans_set_time(struct ms_bans *bans, int64_t time_ms)
{
	bans->time_ms = time_ms;
}

bool
ms_bans_are_on(const struct ms_bans *bans)
{
	return bans && bans->time_ms > 0;
}

void
ms_bans_tell(struct ms_bans *bans, ms_bans_told *told, void *arg)
{
	bans->told = told;
	bans->arg = arg;
}

/* By which CLIENT is known, however it is written, for g_free(). What is no
 * address is a network already, or nothing that we know. */
static char *
name_of(const char *client)
{
	struct ms_subnet address;

	if (!ms_articles_address(client, &address))
		return g_strdup(client);
	if (address.bits > 32) {
		memset(address.bytes + NETWORK_BYTES, 0,
		    sizeof address.bytes - NETWORK_BYTES);
		address.bits = 8 * NETWORK_BYTES;
	}
	return ms_subnet_print(&address);
}

static bool
is_over(const struct ms_bans *bans, const struct ban *ban, int64_t now_ms)
{
	return ban->last_ms + bans->time_ms <= now_ms;
}

static void
begin_again(struct ms_bans *bans, struct ban *ban, int64_t now_ms)
{
	ban->last_ms = now_ms;
	g_queue_unlink(&bans->order, &ban->link);
	g_queue_push_tail_link(&bans->order, &ban->link);
}

/* The time of BAN has begun. */
static void
tell(const struct ms_bans *bans, struct ban *ban, int64_t now_ms)
{
	if (!bans->told || (ban->told_ms >= 0 &&
	    now_ms - ban->told_ms < bans->time_ms / TELL_PART))
		return;
	ban->told_ms = now_ms;
	bans->told(bans->arg, ban->client);
}

static struct ban *
add(struct ms_bans *bans, const char *client, int64_t now_ms)
{
	char *name = name_of(client);
	struct ban *ban = g_hash_table_lookup(bans->by_client, name);
	GList *first = g_queue_peek_head_link(&bans->order);

	if (ban) {
		g_free(name);
		begin_again(bans, ban, now_ms);
		return ban;
	}
	if (first && (is_over(bans, first->data, now_ms) ||
	    bans->order.length >= MS_BANS_MAX))
		drop(bans, first->data);
	ban = g_new0(struct ban, 1);
	ban->client = name;
	ban->last_ms = now_ms;
	ban->told_ms = -1;
	ban->link.data = ban;
	g_queue_push_tail_link(&bans->order, &ban->link);
	(void)g_hash_table_insert(bans->by_client, ban->client, ban);
	return ban;
}

void
ms_bans_add(struct ms_bans *bans, const char *client, int64_t now_ms)
{
	if (bans->time_ms > 0)
		tell(bans, add(bans, client, now_ms), now_ms);
}

enum ms_status
ms_bans_learn(struct ms_bans *bans, const char *text, int64_t now_ms)
{
	if (*text == '\0' || strlen(text) > CLIENT_MAX)
		return MS_E_PEER;
	(void)add(bans, text, now_ms);
	return MS_OK;
}

bool
ms_bans_has(struct ms_bans *bans, const char *client, int64_t now_ms)
{
	char *name = name_of(client);
	struct ban *ban = g_hash_table_lookup(bans->by_client, name);

	g_free(name);
	if (!ban)
		return false;
	if (is_over(bans, ban, now_ms)) {
		drop(bans, ban);
		return false;
	}
	begin_again(bans, ban, now_ms);
	tell(bans, ban, now_ms);
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
