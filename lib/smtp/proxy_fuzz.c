#include "smtp/proxy_test.h"
#include "smtp/reply.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

/*
 * Both sides are hostile. DATA begins with what is configured and decided, then
 * pieces: a byte that says whose they are (and what else happens), one with
 * their size, and their bytes; of the client's, pieces that stand for whole
 * commands, so that something comes of it.
 */

static const char *const words[] = { "EHLO x\r\n", "LHLO x\r\n",
	"MAIL FROM:<a@b>\r\n", "RCPT TO:<c@d>\r\n", "RCPT TO:<e@f>\r\n",
	"DATA\r\n", "BDAT 4\r\n", "BDAT 3 LAST\r\n", "\r\n.\r\n", "RSET\r\n",
	"NOOP\r\n", "QUIT\r\n", "STARTTLS\r\n", "AUTH PLAIN x\r\n",
	"XCLIENT NAME=x\r\n", "MAIL FROM:<a@b> BODY=BINARYMIME\r\n" };
static const char *const replies[] = { "220 x\r\n", "250 ok\r\n",
	"354 go\r\n", "550 no\r\n", "451 later\r\n", "421 bye\r\n",
	"334 x\r\n", ("250-x\r\n250-PIPELINING\r\n250-CHUNKING\r\n"
	"250-STARTTLS\r\n250-XCLIENT NAME\r\n250 BINARYMIME\r\n") };

struct hostile {
	struct fake fake;
	struct fake_setup setup;
	struct ms_reply reply;	/* of the next hop, as it knows itself */
};

static void
end(void *arg, const struct ms_proxy_end *end)
{
	struct fake *f = arg;
	const bool good = end->code / 100 == 2;

	if (good && !(end->decided && (end->action == MS_ACTION_DROP ||
	    end->action == MS_ACTION_QUARANTINE)) && !end->delivered)
		abort();
	if (end->delivered) {
		const GString *mail = f->mails->len > 0 ?
		    f->mails->pdata[f->mails->len - 1] : NULL;

		/* What it took is what was spooled, with a line end. */
		if (!mail || mail->len < f->spooled->len ||
		    mail->len > f->spooled->len + 2 ||
		    memcmp(mail->str, f->spooled->str, f->spooled->len) != 0)
			abort();
	}
	fake_end(arg, end);
}

static void
open_hostile(struct hostile *h, const unsigned char *data)
{
	struct fake *f = &h->fake;
	struct ms_proxy_config *c = &h->setup.config;
	const struct ms_proxy_owner owner = { f, fake_write, fake_close,
		fake_secure, fake_spool, fake_scan, fake_fetch, end,
		fake_note, fake_object, fake_refused };

	c->hostname = "proxy.test";
	c->lmtp = data[0] & 1;
	c->newlines = data[0] & 2 ? MS_PROXY_NORMALISE : MS_PROXY_REJECT;
	c->client_tls = (data[0] >> 2) % 3;
	c->hop_tls = (data[0] >> 4) % 3;
	c->xclient = data[1] & 1;
	c->client_secure = data[0] & 64;
	c->trusts_xclient = data[1] & 2;
	c->trusts_xforward = data[1] & 4;
	c->pass_unknown = data[1] & 8;
	c->size_max = data[1] & 16 ? 20 : 0;
	h->setup.action = (data[1] >> 5) % MS_ACTIONS;
	h->setup.address = "q@z";
	fake_open(f, &h->setup);
	ms_proxy_free(f->proxy);
	f->ends = 0;
	f->proxy = ms_proxy_new(c, &owner);
	g_string_truncate(f->replies, 0);
}

/* What is not told by the next hop's side of DATA. */
static void
others(struct hostile *h)
{
	struct fake *f = &h->fake;

	for (int i = 0; i < 2; i++)
		if (f->secure[i]) {
			f->secure[i] = false;
			ms_proxy_secured(f->proxy, i);
		}
	if (f->want_scan) {
		f->want_scan = false;
		ms_proxy_decide(f->proxy, h->setup.action,
		    h->setup.address, NULL);
	}
	for (int i = 0; i < 100 && ms_proxy_is_sending(f->proxy); i++)
		ms_proxy_drained(f->proxy);
	g_string_truncate(f->replies, 0);
}

static void
assert_clean(const struct fake *f)
{
	const GString *bytes = f->hop;

	if (strstr(bytes->str, "BINARYMIME"))
		return;
	for (size_t i = 0; i < bytes->len; i++)
		if (bytes->str[i] == '\0' || (bytes->str[i] == '\n' &&
		    (i == 0 || bytes->str[i - 1] != '\r')) ||
		    (bytes->str[i] == '\r' && bytes->str[i + 1] != '\n'))
			abort();
}

/* The next hop says SIZE bytes at DATA. It takes content only if it has really
 * said so. */
static void
hop_says(struct hostile *h, const void *data, size_t size)
{
	const char *p = data;
	size_t used;

	for (size_t i = 0; i < size; i++) {
		struct fake *f = &h->fake;

		if (ms_reply_feed(&h->reply, p + i, 1, &used, NULL) == MS_OK &&
		    h->reply.code != 354 &&
		    g_str_has_suffix(f->hop->str, "DATA\r\n"))
			f->in_data = false;
		ms_proxy_hop(f->proxy, p + i, 1);
	}
}

/* Nobody waits for ever: somebody has to do something, who can be late. */
static void
assert_owed(const struct ms_proxy *p)
{
	if (!ms_proxy_is_over(p) &&
	    ms_proxy_due(p, MS_PROXY_CLIENT) == MS_PROXY_DUE_NOTHING &&
	    ms_proxy_due(p, MS_PROXY_HOP) == MS_PROXY_DUE_NOTHING)
		abort();
}

static size_t
step(struct hostile *h, GString *client, const unsigned char *data,
    size_t size)
{
	struct ms_proxy *p = h->fake.proxy;
	const unsigned what = data[0] % 16, n = data[1];
	const char *reply = replies[n % G_N_ELEMENTS(replies)];
	const size_t raw = MIN(size - 2, n);
	size_t used = 2;

	if (what < 5) {
		g_string_append(client, words[n % G_N_ELEMENTS(words)]);
	} else if (what < 7) {
		g_string_append_len(client, (const char *)data + 2,
		    (gssize)raw);
		used += raw;
	} else if (what < 12) {
		hop_says(h, reply, strlen(reply));
	} else if (what < 13) {
		hop_says(h, data + 2, raw);
		used += raw;
	} else if (what == 13) {
		ms_proxy_keep_alive(p);
	} else if (n < 2) {
		ms_proxy_gone(p, n, "gone");
	} else if (n == 2) {
		ms_proxy_stop(p, "4.3.2 x");
	}
	g_string_erase(client, 0, (gssize)ms_proxy_client(p, client->str,
	    client->len));
	others(h);
	g_string_erase(client, 0, (gssize)ms_proxy_client(p, client->str,
	    client->len));
	others(h);
	assert_owed(p);
	return used;
}

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	struct hostile h = { .setup.action = MS_ACTION_PASS };
	GString *client;
	size_t at = 2;

	if (size < 4)
		return 0;
	client = g_string_new(NULL);
	ms_reply_init(&h.reply);
	open_hostile(&h, data);
	while (at + 2 <= size)
		at += step(&h, client, data + at, size - at);
	assert_clean(&h.fake);
	fake_free(&h.fake);
	ms_reply_clear(&h.reply);
	g_string_free(client, TRUE);
	return 0;
}
