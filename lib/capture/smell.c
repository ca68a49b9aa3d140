#include "capture/smell.h"

#include <glib.h>
#include <string.h>

/* Commands that no other protocol has, up to where they are unmistakable. */
static const char *const strong[] = {
	"EHLO ", "HELO ", "LHLO ", "EHLO\r", "HELO\r", "LHLO\r", "EHLO\n",
	"HELO\n", "MAIL FROM:", "RCPT TO:", "BDAT ", "STARTTLS\r",
	"STARTTLS\n", "XCLIENT ", "XFORWARD ", "ETRN ", "VRFY ", "EXPN ",
	"RSET\r", "RSET\n",
};

/* Those of others that greet with 220, FTP for example. */
static const char *const foreign[] = {
	"USER ", "FEAT", "SYST", "OPTS ", "HOST ", "PASS ", "AUTH TLS",
	"AUTH SSL", "GET ", "POST ", "SSH-",
};

/* One side's bytes. */
struct bytes {
	const unsigned char *data;
	size_t size;
};

static bool
is_port(uint16_t port)
{
	static const uint16_t ports[] = { 25, 465, 587, 24, 2525, 2465 };

	for (size_t i = 0; i < G_N_ELEMENTS(ports); i++)
		if (ports[i] == port)
			return true;
	return false;
}

static bool
begins(const struct bytes *b, const char *word)
{
	size_t size = strlen(word);

	return b->size >= size && g_ascii_strncasecmp((const char *)b->data,
	    word, size) == 0;
}

static bool
begins_any(const struct bytes *b, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (begins(b, words[i]))
			return true;
	return false;
}

/* To the next line; false if there is none. */
static bool
next_line(struct bytes *b)
{
	const unsigned char *lf = b->size == 0 ? NULL :
	    memchr(b->data, '\n', b->size);

	if (!lf)
		return false;
	b->size -= (size_t)(lf + 1 - b->data);
	b->data = lf + 1;
	return true;
}

/* What proxies put in front of a client's first bytes: the PROXY protocol of
 * HAProxy, versions 1 and 2. */
static void
skip_preamble(struct bytes *b)
{
	static const unsigned char magic[] = "\r\n\r\n\0\r\nQUIT\n";
	size_t size;

	if (begins(b, "PROXY ")) {
		(void)next_line(b);
	} else if (b->size >= 16 &&
	    memcmp(b->data, magic, sizeof magic - 1) == 0) {
		size = 16 + ((size_t)b->data[14] << 8 | b->data[15]);
		size = MIN(size, b->size);
		b->data += size;
		b->size -= size;
	}
}

/* Does a client of SMTP talk here, at once or (ANYWHERE) on a later line? */
static bool
is_client(struct bytes b, bool anywhere)
{
	skip_preamble(&b);
	do {
		if (begins_any(&b, strong, G_N_ELEMENTS(strong)))
			return true;
	} while (anywhere && next_line(&b));
	return false;
}

/* "220 " and the like: a reply (RFC 5321 4.2). */
static bool
is_reply(const struct bytes *b)
{
	return b->size >= 4 && b->data[0] >= '2' && b->data[0] <= '5' &&
	    b->data[1] >= '0' && b->data[1] <= '5' &&
	    g_ascii_isdigit(b->data[2]) &&
	    (b->data[3] == ' ' || b->data[3] == '-' || b->data[3] == '\r');
}

/* Less than is needed to say that it is no reply. */
static bool
may_reply(const struct bytes *b)
{
	return b->size < 4 ? b->size == 0 || g_ascii_isdigit(b->data[0]) :
	    is_reply(b);
}

/* A greeting that names the protocol. */
static bool
is_greeting(const struct bytes *b)
{
	const unsigned char *lf;
	size_t size;

	if (b->size < 4 || memcmp(b->data, "220", 3) != 0)
		return false;
	lf = memchr(b->data, '\n', b->size);
	size = lf ? (size_t)(lf - b->data) : b->size;
	for (size_t i = 4; i + 4 <= size; i++)
		if (g_ascii_strncasecmp((const char *)b->data + i + 1, "MTP",
		    3) == 0 && strchr("SsLl", b->data[i]))
			return true;
	return false;
}

/* A handshake record of TLS with a hello of TYPE (RFC 8446 4, 5.1). */
static bool
is_hello(const struct bytes *b, unsigned char type)
{
	return b->size >= 6 && b->data[0] == 22 && b->data[1] == 3 &&
	    b->data[5] == type;
}

static int
find_client(const struct ms_smell_case *c, const struct bytes side[2])
{
	bool asks[2], answers[2], port[2];

	if (c->client >= 0)
		return c->client;
	for (int i = 0; i < 2; i++) {
		asks[i] = is_client(side[i], !c->begun) ||
		    is_hello(&side[i], 1);
		answers[i] = is_reply(&side[i]) || is_hello(&side[i], 2);
		port[i] = is_port(c->port[i]);
	}
	if (asks[0] != asks[1])
		return asks[0] ? 0 : 1;
	if (answers[0] != answers[1])
		return answers[0] ? 1 : 0;
	if (port[0] != port[1])
		return port[0] ? 1 : 0;
	return c->port[0] < c->port[1] ? 1 : 0;
}

/* Was what the client began with welcome? What an SMTP server rejects may be
 * in front of commands. */
static bool
is_welcome(struct bytes server)
{
	do {
		if (!begins(&server, "220"))
			return server.size > 0 && server.data[0] < '4';
	} while (next_line(&server));
	return false;
}

/* Could CLIENT and SERVER still turn out to be SMTP, on another port? */
static bool
is_open(const struct ms_smell_case *c, const struct bytes *client,
    const struct bytes *server)
{
	bool full = client->size >= MS_SMELL_HEAD ||
	    server->size >= MS_SMELL_HEAD;

	if (c->over || full ||
	    (begins_any(client, foreign, G_N_ELEMENTS(foreign)) &&
	    is_welcome(*server)))
		return false;
	return !c->begun || server->size == 0 || may_reply(server);
}

enum ms_smell
ms_smell(const struct ms_smell_case *c, int *client)
{
	const struct bytes side[2] = {
		{ c->data[0], c->size[0] }, { c->data[1], c->size[1] },
	};
	bool port = is_port(c->port[0]) || is_port(c->port[1]);
	const struct bytes *asks, *answers;
	int k = find_client(c, side);
	bool anywhere;

	*client = k;
	asks = &side[k];
	answers = &side[1 - k];
	anywhere = !c->begun || is_reply(answers) || (answers->size == 0 &&
	    !begins_any(asks, foreign, G_N_ELEMENTS(foreign)));
	if (asks->size + answers->size == 0)
		return c->over ? MS_SMELL_OTHER : MS_SMELL_UNSURE;
	if (is_hello(asks, 1) || is_hello(answers, 2))
		return port ? MS_SMELL_TLS : MS_SMELL_OTHER;
	/* A record that is cut in its first bytes. */
	if (port && !c->over && asks->size < 6 && asks->size > 0 &&
	    asks->data[0] == 22)
		return MS_SMELL_UNSURE;
	if (port || is_greeting(answers) ||
	    is_client(*asks, anywhere))
		return MS_SMELL_SMTP;
	return is_open(c, asks, answers) ? MS_SMELL_UNSURE : MS_SMELL_OTHER;
}
