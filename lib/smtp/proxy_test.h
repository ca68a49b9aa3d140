#ifndef MS_PROXY_TEST_H
#define MS_PROXY_TEST_H

#include "smtp/proxy.h"

#include <stdlib.h>
#include <string.h>

/*
 * A proxy between a client, which is bytes, and a next hop that writes down
 * what it gets and normalises nothing: only CR LF ends a line, only CR LF . CR
 * LF the content. For tests and fuzz targets.
 */

/* REPLY (with its CR LF) to lines that begin with LINE; "." is the end of
 * content. "" closes the connection. TIMES: how often; 0: always. */
struct fake_rule {
	const char *line;
	const char *reply;
	unsigned times;
};

struct fake_setup {
	struct ms_proxy_config config;
	const struct fake_rule *rules;	/* NULL ends them */
	const char *greeting;		/* NULL: 220 */
	const char *ehlo;		/* keywords; NULL: the usual ones */
	enum ms_action action;
	const char *address, *text;
	size_t client_cut, hop_cut;	/* bytes at a time; 0: all there are */
	unsigned seed;			/* of random cuts; 0: none */
	enum ms_status spool;		/* what spool() answers */
	enum ms_status fetch;		/* what fetch() answers after a bit */
};

struct fake {
	const struct fake_setup *setup;
	struct ms_proxy *proxy;
	GRand *rand;
	unsigned used[16];		/* of the rules */
	GString *client;		/* all that the client got */
	GString *hop;			/* all that the next hop got */
	GString *commands;		/* lines that it took for commands */
	GPtrArray *mails;		/* GString: contents that it took */
	GString *line;			/* of the next hop */
	GString *mail;
	GString *replies;		/* of it, on their way */
	GString *spooled, *last_spooled;
	size_t fetched;
	uint64_t chunk;			/* bytes of it that are to come */
	bool chunk_last, in_data, in_chunk;
	bool hop_closes, hop_was_told, hop_abort;
	bool client_closed, want_scan;
	bool secure[2];			/* handshakes that are due */
	unsigned scans, ends, notes;
	GString *refused;		/* "RCPT 550 a@b No;", "hop ..." */
	struct ms_proxy_end end;
};

static inline void
fake_say(struct fake *f, const char *line)
{
	static const char usual[] = "250-PIPELINING\r\n250-SIZE 1000000\r\n"
	    "250-8BITMIME\r\n250-SMTPUTF8\r\n250 DSN\r\n";
	const struct fake_rule *r = f->setup->rules;

	for (unsigned i = 0; r && r[i].line; i++) {
		if (strncmp(line, r[i].line, strlen(r[i].line)) != 0 ||
		    (r[i].times > 0 && f->used[i] >= r[i].times))
			continue;
		f->used[i]++;
		f->hop_closes |= r[i].reply[0] == '\0';
		g_string_append(f->replies, r[i].reply);
		return;
	}
	if (strncmp(line, "EHLO", 4) == 0 || strncmp(line, "LHLO", 4) == 0)
		g_string_append_printf(f->replies, "250-hop\r\n%s",
		    f->setup->ehlo ? f->setup->ehlo : usual);
	else if (strncmp(line, "DATA", 4) == 0)
		g_string_append(f->replies, "354 go on\r\n");
	else if (strncmp(line, "QUIT", 4) == 0)
		g_string_append(f->replies, "221 bye\r\n");
	else if (strncmp(line, "XCLIENT", 7) == 0)
		g_string_append(f->replies, "220 again\r\n");
	else
		g_string_append(f->replies, "250 2.0.0 fine\r\n");
}

static inline void
fake_mail(struct fake *f)
{
	g_ptr_array_add(f->mails, f->mail);
	f->mail = g_string_new(NULL);
}

/* A line, with its CR LF, in LINE. */
static inline void
fake_line(struct fake *f)
{
	GString *l = f->line;

	if (f->in_data) {
		if (strcmp(l->str, ".\r\n") == 0 && l->len == 3) {
			f->in_data = false;
			fake_mail(f);
			fake_say(f, ".");
		} else {
			const size_t dot = l->str[0] == '.' ? 1 : 0;

			g_string_append_len(f->mail, l->str + dot,
			    (gssize)(l->len - dot));
		}
	} else {
		const size_t before = f->replies->len;

		g_string_append_len(f->commands, l->str, (gssize)l->len);
		/* Chunks of what was given up are no part of the next. */
		if (strncmp(l->str, "RSET", 4) == 0)
			g_string_truncate(f->mail, 0);
		if (strncmp(l->str, "BDAT ", 5) == 0) {
			f->in_chunk = true;
			f->chunk = strtoull(l->str + 5, NULL, 10);
			f->chunk_last = strstr(l->str, "LAST") != NULL;
			g_string_truncate(l, 0);
			return;
		}
		fake_say(f, l->str);
		f->in_data = strncmp(l->str, "DATA", 4) == 0 &&
		    strncmp(f->replies->str + before, "354", 3) == 0;
	}
	g_string_truncate(l, 0);
}

static inline void
fake_chunk_over(struct fake *f)
{
	if (!f->in_chunk || f->chunk > 0)
		return;
	f->in_chunk = false;
	if (f->chunk_last)
		fake_mail(f);
	fake_say(f, f->chunk_last ? "." : "BDAT");
}

static inline void
fake_hop(struct fake *f, const char *data, size_t size)
{
	g_string_append_len(f->hop, data, (gssize)size);
	for (size_t i = 0; i < size; i++) {
		if (f->in_chunk) {
			g_string_append_c(f->mail, data[i]);
			f->chunk--;
			fake_chunk_over(f);
			continue;
		}
		g_string_append_c(f->line, data[i]);
		if (f->line->len >= 2 && data[i] == '\n' &&
		    f->line->str[f->line->len - 2] == '\r')
			fake_line(f);
		fake_chunk_over(f);
	}
}

static inline void
fake_write(void *arg, enum ms_proxy_side side, const void *data, size_t size)
{
	struct fake *f = arg;

	if (side == MS_PROXY_HOP)
		fake_hop(f, data, size);
	else
		g_string_append_len(f->client, data, (gssize)size);
}

static inline void
fake_close(void *arg, enum ms_proxy_side side, bool abort)
{
	struct fake *f = arg;

	if (side == MS_PROXY_HOP) {
		f->hop_was_told = true;
		f->hop_abort = abort;
	} else {
		f->client_closed = true;
	}
}

static inline void
fake_secure(void *arg, enum ms_proxy_side side)
{
	((struct fake *)arg)->secure[side] = true;
}

static inline enum ms_status
fake_spool(void *arg, const void *data, size_t size)
{
	struct fake *f = arg;

	g_string_append_len(f->spooled, data, (gssize)size);
	return f->setup->spool;
}

static inline void
fake_scan(void *arg)
{
	struct fake *f = arg;

	f->want_scan = true;
	f->scans++;
	f->fetched = 0;
}

static inline enum ms_status
fake_fetch(void *arg, const unsigned char **data, size_t *size)
{
	struct fake *f = arg;
	const size_t n = MIN(f->spooled->len - f->fetched, 700);

	if (f->setup->fetch != MS_OK && f->fetched > 0)
		return f->setup->fetch;
	if (n == 0)
		return MS_END;
	*data = (const unsigned char *)f->spooled->str + f->fetched;
	*size = n;
	f->fetched += n;
	return MS_OK;
}

static inline void
fake_end(void *arg, const struct ms_proxy_end *end)
{
	struct fake *f = arg;

	f->ends++;
	f->end = *end;
	f->end.text = NULL;
	f->want_scan = false;
	g_string_assign(f->last_spooled, "");
	g_string_append_len(f->last_spooled, f->spooled->str,
	    (gssize)f->spooled->len);
	g_string_truncate(f->spooled, 0);
}

static inline void
fake_note(void *arg, const char *text)
{
	((struct fake *)arg)->notes += text != NULL;
}

/* Nobody is to send as or to "no". */
static inline char *
fake_object(void *arg, const struct ms_request *request)
{
	(void)arg;
	return g_strcmp0(request->address.text, "no@x.test") == 0 ?
	    g_strdup("550 5.7.1 Not that one") : NULL;
}

static inline void
fake_refused(void *arg, const struct ms_proxy_refusal *refusal)
{
	const struct fake *f = arg;

	g_string_append_printf(f->refused, "%s%s %d %s %s;", refusal->hop ?
	    "hop " : "", ms_request_verb(refusal->verb), refusal->code,
	    refusal->address, refusal->text);
}

static inline void
fake_open(struct fake *f, const struct fake_setup *setup)
{
	struct ms_proxy_config config = setup->config;
	const struct ms_proxy_owner owner = { f, fake_write, fake_close,
		fake_secure, fake_spool, fake_scan, fake_fetch, fake_end,
		fake_note, fake_object, fake_refused };

	*f = (struct fake){ .setup = setup };
	config.hostname = config.hostname ? config.hostname : "proxy.test";
	f->rand = g_rand_new_with_seed(setup->seed);
	f->client = g_string_new(NULL);
	f->hop = g_string_new(NULL);
	f->commands = g_string_new(NULL);
	f->refused = g_string_new(NULL);
	f->mails = g_ptr_array_new();
	f->line = g_string_new(NULL);
	f->mail = g_string_new(NULL);
	f->replies = g_string_new(setup->greeting ? setup->greeting :
	    "220 hop ready\r\n");
	f->spooled = g_string_new(NULL);
	f->last_spooled = g_string_new(NULL);
	f->proxy = ms_proxy_new(&config, &owner);
}

static inline void
fake_free(struct fake *f)
{
	ms_proxy_free(f->proxy);
	g_rand_free(f->rand);
	for (guint i = 0; i < f->mails->len; i++)
		g_string_free(f->mails->pdata[i], TRUE);
	g_ptr_array_free(f->mails, TRUE);
	g_string_free(f->client, TRUE);
	g_string_free(f->hop, TRUE);
	g_string_free(f->commands, TRUE);
	g_string_free(f->refused, TRUE);
	g_string_free(f->line, TRUE);
	g_string_free(f->mail, TRUE);
	g_string_free(f->replies, TRUE);
	g_string_free(f->spooled, TRUE);
	g_string_free(f->last_spooled, TRUE);
}

static inline size_t
fake_cut(struct fake *f, size_t cut, size_t size)
{
	if (f->setup->seed > 0 && size > 1)
		return (size_t)g_rand_int_range(f->rand, 1,
		    (gint32)MIN(size, 40) + 1);
	return cut > 0 ? MIN(cut, size) : size;
}

/* What the proxy waits for, but for the client. Was there something? */
static inline bool
fake_pump(struct fake *f)
{
	if (f->replies->len > 0 && !f->hop_was_told) {
		const size_t n = fake_cut(f, f->setup->hop_cut,
		    f->replies->len);
		char *piece = g_strndup(f->replies->str, n);

		g_string_erase(f->replies, 0, (gssize)n);
		ms_proxy_hop(f->proxy, piece, n);
		g_free(piece);
		return true;
	}
	if (f->hop_closes && !f->hop_was_told) {
		f->hop_was_told = true;
		ms_proxy_gone(f->proxy, MS_PROXY_HOP, "closed");
		return true;
	}
	if (f->secure[MS_PROXY_HOP]) {
		f->secure[MS_PROXY_HOP] = false;
		ms_proxy_secured(f->proxy, MS_PROXY_HOP);
		return true;
	}
	if (f->want_scan) {
		f->want_scan = false;
		ms_proxy_decide(f->proxy, f->setup->action,
		    f->setup->address, f->setup->text);
		return true;
	}
	if (ms_proxy_is_sending(f->proxy)) {
		ms_proxy_drained(f->proxy);
		return true;
	}
	return false;
}

/* The client says SIZE bytes at DATA, in pieces; those that are not taken at
 * the end are lost. How many were taken is returned. */
static inline size_t
fake_client(struct fake *f, const void *data, size_t size)
{
	const char *p = data;
	size_t at = 0, there = 0;

	while (fake_pump(f))
		;
	for (;;) {
		const size_t n = ms_proxy_client(f->proxy, p + at,
		    there - at);
		bool more = false;

		at += n;
		while (fake_pump(f))
			more = true;
		if (n > 0 || more)
			continue;
		if (there == size)
			return at;
		there += fake_cut(f, f->setup->client_cut, size - there);
	}
}

#endif
