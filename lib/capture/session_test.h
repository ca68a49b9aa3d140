#ifndef MS_SESSION_TEST_H
#define MS_SESSION_TEST_H

/*
 * Sessions of SMTP made at random, and packets made of them as they would
 * arrive: cut anywhere, twice, overlapping, in the wrong order, in fragments,
 * but complete.
 */

#include "capture/packets_test.h"

#include <stdio.h>
#include <stdlib.h>

struct speech {
	bool server;
	GByteArray *bytes;
};

/* What is said, in the order in which it is said. */
struct spoken_session {
	GArray *speeches;	/* struct speech */
	unsigned client;
	uint16_t port;
	bool v6;
	uint32_t isn[2];
};

static uint64_t session_seed;

static uint32_t
session_random(uint32_t below)
{
	session_seed = session_seed * 6364136223846793005u +
	    1442695040888963407u;
	return below == 0 ? 0 : (uint32_t)(session_seed >> 33) % below;
}

static bool
session_chance(uint32_t percent)
{
	return session_random(100) < percent;
}

static void
session_say(struct spoken_session *s, bool server, const void *data,
    size_t size)
{
	struct speech *last = s->speeches->len == 0 ? NULL :
	    &g_array_index(s->speeches, struct speech, s->speeches->len - 1);
	struct speech speech = { server, NULL };

	if (size == 0)
		return;
	if (!last || last->server != server) {
		speech.bytes = g_byte_array_new();
		g_array_append_val(s->speeches, speech);
		last = &speech;
	}
	g_byte_array_append(last->bytes, data, (guint)size);
}

static void
session_text(struct spoken_session *s, bool server, const char *text)
{
	session_say(s, server, text, strlen(text));
}

static void
session_noise(struct spoken_session *s, size_t size)
{
	unsigned char *data = g_malloc(size + 1);

	for (size_t i = 0; i < size; i++)
		data[i] = (unsigned char)session_random(256);
	session_say(s, false, data, size);
	g_free(data);
}

/* One mail: by DATA or BDAT, with errors, in groups or one by one. */
static void
session_mail(struct spoken_session *s)
{
	bool pipelined = session_chance(50), bdat = session_chance(40);
	size_t size = session_chance(10) ? session_random(100000) :
	    session_random(3000);
	char text[100];
	unsigned replies = 0;

	for (unsigned i = 0, n = 1 + session_random(5); i <= n; i++) {
		(void)snprintf(text, sizeof text, i == 0 ?
		    "MAIL FROM:<s%u@example.org>\r\n" :
		    "RCPT TO:<r%u@example.org>\r\n", session_random(1000));
		session_text(s, false, text);
		replies++;
		if (pipelined && i < n)
			continue;
		for (; replies > 0; replies--)
			session_text(s, true, session_chance(80) ?
			    "250 2.1.0 Ok\r\n" : "550 5.1.1 no such\r\n");
	}
	if (session_chance(10)) {
		session_text(s, false, "RSET\r\n");
		session_text(s, true, "250 2.0.0 Ok\r\n");
		return;
	}
	if (bdat) {
		(void)snprintf(text, sizeof text, "BDAT %zu LAST\r\n", size);
		session_text(s, false, text);
		session_noise(s, size);
	} else {
		session_text(s, false, "DATA\r\n");
		session_text(s, true, "354 go on\r\n");
		session_text(s, false, "Subject: x\r\n\r\n");
		session_noise(s, size);
		session_text(s, false, "\r\n.\r\n");
	}
	session_text(s, true, "250 2.0.0 queued\r\n");
}

static struct spoken_session
session_make(unsigned client)
{
	struct spoken_session s = {
		.speeches = g_array_new(FALSE, FALSE, sizeof(struct speech)),
		.client = client, .v6 = session_chance(30),
		.port = session_chance(50) ? 25 : (uint16_t)
		    (1 + session_random(60000)),
	};

	for (int i = 0; i < 2; i++)
		s.isn[i] = session_chance(50) ? session_random(1u << 31) :
		    0xffffffffu - session_random(5000);
	session_text(&s, true, "220 mx.example.org ESMTP\r\n");
	session_text(&s, false, "EHLO client.example.org\r\n");
	session_text(&s, true, "250-mx\r\n250-PIPELINING\r\n250 CHUNKING\r\n");
	for (unsigned i = session_random(4); i > 0; i--)
		session_mail(&s);
	session_text(&s, false, "QUIT\r\n");
	session_text(&s, true, "221 2.0.0 bye\r\n");
	return s;
}

static void
session_clear(struct spoken_session *s)
{
	for (guint i = 0; i < s->speeches->len; i++)
		g_byte_array_unref(g_array_index(s->speeches, struct speech,
		    i).bytes);
	g_array_unref(s->speeches);
}

/* A packet of IP with the place that it gets. */
struct placed {
	uint64_t place;
	bool v6;
	GByteArray *ip;
};

static void
place_ip(GArray *all, uint64_t place, bool v6, GByteArray *ip)
{
	const struct placed p = { place, v6, ip };

	g_array_append_val(all, p);
}

/* The packet K at about AT: whole, or as fragments, in any order, that may
 * overlap. */
static void
place_packet(GArray *all, uint64_t at, const struct pack *k)
{
	static unsigned id;
	GByteArray *tcp = pack_tcp(k);
	struct pack_piece piece = { tcp, 0, tcp->len, false, 0, 0 };
	uint64_t late = session_chance(15) ? session_random(12) : 0;

	if (k->flags & F_SYN)
		late = 0;
	if (!session_chance(10) || k->flags & F_SYN) {
		place_ip(all, (at + late) * 100 + 50, k->v6,
		    pack_ip(k, &piece));
		g_byte_array_unref(tcp);
		return;
	}
	id = id % 65000 + 1;
	for (size_t from = 0, to; from < tcp->len; from = to) {
		size_t back = session_chance(20) ? 8 * session_random(4) : 0;

		to = from + 8 * (1 + session_random(100));
		to = MIN(to, tcp->len);
		back = MIN(back, from);
		piece = (struct pack_piece){ tcp, from - back,
		    to - from + back, to < tcp->len, id, 0 };
		place_ip(all, (at + late) * 100 + session_random(100),
		    k->v6, pack_ip(k, &piece));
	}
	g_byte_array_unref(tcp);
}

static int
compare_placed(const void *a, const void *b)
{
	const struct placed *pa = a, *pb = b;

	return pa->place < pb->place ? -1 : pa->place > pb->place;
}

/* Where a session is while it is cut into packets. */
struct cutting {
	GArray *all;
	struct pack k;
	uint64_t at;
	uint32_t said[2];	/* bytes of client and server */
	const uint32_t *isn;
};

static void
cut_flags(struct cutting *c, bool server, unsigned flags)
{
	c->k.server = server;
	c->k.flags = flags;
	c->k.data = NULL;
	c->k.size = 0;
	c->k.seq = c->isn[server] + (flags & F_SYN ? 0 : 1) + c->said[server];
	c->k.ack = flags & F_ACK ? c->isn[!server] + 1 + c->said[!server] : 0;
	place_packet(c->all, c->at += 1 + session_random(3), &c->k);
}

static void
cut_speech(struct cutting *c, const struct speech *speech)
{
	const unsigned char *data = speech->bytes->data;
	size_t size = speech->bytes->len, most = session_chance(20) ? 10 :
	    session_chance(50) ? 1460 : 536;

	if (most == 10 && size > 4000)
		most = 9000;
	for (size_t from = 0, to; from < size; from = to) {
		size_t back = session_chance(10) ? session_random(2000) : 0;
		unsigned times = session_chance(10) ? 2 : 1;

		back = MIN(back, from);
		to = from + 1 + session_random((uint32_t)most);
		to = MIN(to, size);
		c->k.server = speech->server;
		c->k.flags = F_ACK | F_PSH;
		c->k.data = data + from - back;
		c->k.size = to - from + back;
		c->k.seq = c->isn[speech->server] + 1 +
		    c->said[speech->server] + (uint32_t)(from - back);
		c->k.ack = c->isn[!speech->server] + 1 +
		    c->said[!speech->server];
		c->k.options = session_random(4);
		c->k.headers = session_random(3);
		c->at += 1 + session_random(3);
		for (; times > 0; times--)
			place_packet(c->all, c->at + (times > 1 ?
			    session_random(30) : 0), &c->k);
	}
	c->said[speech->server] += (uint32_t)size;
	if (session_chance(70))
		cut_flags(c, !speech->server, F_ACK);
	if (session_chance(5)) {	/* a pause; keep it alive */
		c->at += 50;
		c->k.seq = c->isn[c->k.server] + c->said[c->k.server];
		c->k.data = "?";
		c->k.size = 1;
		place_packet(c->all, c->at, &c->k);
		c->at += 50;
	}
}

/* All packets of S from AT on. */
static void
session_cut(const struct spoken_session *s, uint64_t at, GArray *all)
{
	struct cutting c = {
		.all = all, .at = at, .isn = s->isn,
		.k = { .v6 = s->v6, .client = s->client, .port = s->port },
	};

	cut_flags(&c, false, F_SYN);
	cut_flags(&c, true, F_SYN | F_ACK);
	cut_flags(&c, false, F_ACK);
	for (guint i = 0; i < s->speeches->len; i++)
		cut_speech(&c, &g_array_index(s->speeches, struct speech, i));
	if (session_chance(10))
		return;
	cut_flags(&c, true, F_FIN | F_ACK);
	c.said[1]++;
	cut_flags(&c, false, F_FIN | F_ACK);
}

#endif
