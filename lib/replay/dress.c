#include "replay/dress.h"

#include <arpa/inet.h>
#include <string.h>

#include "replay/chunks.h"
#include "replay/rewrite.h"

#define ATTRIBUTES ": attributes of the client are as in ADDR=192.0.2.1, " \
	"with blanks between"

/* An address and its port, in words of their own. */
struct peer {
	char *host, *port;
	bool v6;
};

static void
clear_peer(struct peer *peer)
{
	g_free(peer->host);
	g_free(peer->port);
}

/* TEXT is "192.0.2.1:25" or "[2001:db8::1]:25"; PEER is to be cleared
 * whatever is answered. */
static bool
read_peer(const char *text, size_t size, struct peer *peer)
{
	const char *colon = memrchr(text, ':', size);
	unsigned char binary[sizeof(struct in6_addr)];
	uint64_t port;

	*peer = (struct peer){ NULL, NULL, false };
	if (!colon || colon == text)
		return false;
	peer->v6 = text[0] == '[' && colon[-1] == ']';
	peer->host = peer->v6 ?
	    g_strndup(text + 1, (size_t)(colon - text) - 2) :
	    g_strndup(text, (size_t)(colon - text));
	peer->port = g_strndup(colon + 1, size - (size_t)(colon + 1 - text));
	return inet_pton(peer->v6 ? AF_INET6 : AF_INET, peer->host, binary) ==
	    1 && g_ascii_string_to_unsigned(peer->port, 10, 0, 65535, &port,
	    NULL);
}

/* The line of the PROXY protocol for TEXT, "SOURCE,DESTINATION"; NULL: that
 * is none. */
static char *
proxy_line(const char *text)
{
	const char *comma = strchr(text, ',');
	struct peer from = { 0 }, to = { 0 };
	char *line = NULL;

	if (comma && read_peer(text, (size_t)(comma - text), &from) &&
	    read_peer(comma + 1, strlen(comma + 1), &to) && from.v6 == to.v6)
		line = g_strdup_printf("PROXY TCP%c %s %s %s %s\r\n",
		    from.v6 ? '6' : '4', from.host, to.host, from.port,
		    to.port);
	clear_peer(&from);
	clear_peer(&to);
	return line;
}

/* May TEXT stand behind a command? */
static bool
is_argument(const char *text)
{
	for (const char *p = text; *p; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			return false;
	return text[0] != '\0';
}

enum ms_status
ms_dress_check(const struct ms_dress *dress, struct ms_error *err)
{
	char *line;

	for (const char *const *rule = dress->rewrites; rule && *rule; rule++)
		if (ms_rewrite_check(*rule, err) != MS_OK) {
			ms_error_context(err, "--rewrite");
			return MS_E_USAGE;
		}
	if (dress->xclient && !is_argument(dress->xclient))
		return ms_error_set(err, MS_E_USAGE, "--xclient" ATTRIBUTES);
	if (dress->xforward && !is_argument(dress->xforward))
		return ms_error_set(err, MS_E_USAGE, "--xforward" ATTRIBUTES);
	if (!dress->proxy || strcmp(dress->proxy, MS_DRESS_RECORDED) == 0)
		return MS_OK;
	line = proxy_line(dress->proxy);
	if (!line)
		return ms_error_set(err, MS_E_USAGE, "--proxy: \"%.100s\" is "
		    "not SOURCE:PORT,DESTINATION:PORT, two addresses of one "
		    "family", dress->proxy);
	g_free(line);
	return MS_OK;
}

/* What the recorded client is to XCLIENT and XFORWARD; NULL: unknown. */
static char *
attributes_of(const struct ms_role *role)
{
	struct peer peer = { 0 };
	char *text = NULL;

	if (role->client && read_peer(role->client, strlen(role->client),
	    &peer))
		text = g_strdup_printf("ADDR=%s%s PORT=%s",
		    peer.v6 ? "IPV6:" : "", peer.host, peer.port);
	clear_peer(&peer);
	return text;
}

static bool
is_hello(const struct ms_step *step)
{
	return strcmp(step->verb, "EHLO") == 0 ||
	    strcmp(step->verb, "HELO") == 0 || strcmp(step->verb, "LHLO") == 0;
}

/* The number of the first step from AT on that says hello; 0: none. */
static size_t
find_hello(const struct ms_role *role, size_t at)
{
	for (size_t i = at; i < role->steps->len; i++)
		if (is_hello(ms_role_step(role, i)))
			return i;
	return 0;
}

/* A step of our own with the same name as the one that is HELLO. */
static struct ms_step
hello_again(const struct ms_role *role, const struct ms_step *hello)
{
	char *name = hello->line ? g_strndup(hello->line, hello->line_size) :
	    g_strdup("EHLO localhost");
	const char *blank = strchr(g_strchomp(name), ' ');
	struct ms_step step = ms_role_command(role->lmtp ? "LHLO" : "EHLO",
	    blank ? blank + 1 : "localhost");

	g_free(name);
	return step;
}

static void
to_lmtp(struct ms_role *role)
{
	role->lmtp = true;
	for (size_t i = 0; i < role->steps->len; i++) {
		struct ms_step *step = ms_role_step(role, i);

		if (!is_hello(step) || !step->line)
			continue;
		memcpy(step->line, "LHLO", 4);
		memcpy(step->verb, "LHLO", 4);
	}
}

/* Leave STARTTLS out, and the hello behind it. */
static void
without_tls(struct ms_role *role)
{
	for (size_t i = 1; i + 1 < role->steps->len; i++) {
		if (strcmp(ms_role_step(role, i)->verb, "STARTTLS") != 0)
			continue;
		if (ms_role_step(role, i)->secure &&
		    is_hello(ms_role_step(role, i + 1)))
			ms_role_remove(role, i + 1);
		ms_role_remove(role, i--);
	}
}

/* Put COMMAND and another hello behind the step AT, a hello. */
static size_t
put_in(struct ms_role *role, size_t at, struct ms_step command,
    enum ms_step_own own)
{
	struct ms_step again = hello_again(role, ms_role_step(role, at));

	command.own = again.own = own;
	ms_role_insert(role, at + 1, &command);
	ms_role_insert(role, at + 2, &again);
	return at + 2;
}

/* See to TLS; returns the hello after which all is settled, 0: there is
 * none. */
static size_t
see_to_tls(struct ms_role *role, enum ms_dress_tls tls)
{
	size_t hello = find_hello(role, 1), i;
	struct ms_step command;

	if (tls == MS_DRESS_TLS_OFF || tls == MS_DRESS_TLS_CONNECT)
		without_tls(role);
	if (tls != MS_DRESS_TLS_RECORDED)
		role->tls_first = tls == MS_DRESS_TLS_CONNECT;
	for (i = 1; i < role->steps->len; i++)
		if (ms_role_step(role, i)->secure)
			break;
	if (i < role->steps->len)
		return find_hello(role, i);
	if (hello == 0 || (tls != MS_DRESS_TLS_MAY &&
	    tls != MS_DRESS_TLS_REQUIRE))
		return hello;
	command = ms_role_command("STARTTLS", NULL);
	command.secure = true;
	return put_in(role, hello, command, tls == MS_DRESS_TLS_MAY ?
	    MS_STEP_OFFERED : MS_STEP_WANTED);
}

static enum ms_status
introduce(struct ms_role *role, const struct ms_dress *dress, size_t *hello,
    struct ms_error *err)
{
	char *recorded = attributes_of(role);
	struct ms_step step = { .kind = MS_STEP_LOGIN, .verb = "AUTH",
		.own = MS_STEP_WANTED };
	const char *x[] = { dress->xclient, dress->xforward };

	for (size_t i = 0; i < G_N_ELEMENTS(x); i++)
		if (x[i] && strcmp(x[i], MS_DRESS_RECORDED) == 0)
			x[i] = recorded;
	if ((dress->xclient && !x[0]) || (dress->xforward && !x[1])) {
		g_free(recorded);
		return ms_error_set(err, MS_E_FORMAT, "the capture does not "
		    "say what the client's address was");
	}
	if (x[0])
		*hello = put_in(role, *hello, ms_role_command("XCLIENT",
		    x[0]), MS_STEP_WANTED);
	if (dress->login)
		ms_role_insert(role, ++*hello, &step);
	if (x[1]) {
		step = ms_role_command("XFORWARD", x[1]);
		step.own = MS_STEP_WANTED;
		ms_role_insert(role, *hello + 1, &step);
	}
	g_free(recorded);
	return MS_OK;
}

static enum ms_status
set_preamble(struct ms_role *role, const char *proxy, struct ms_error *err)
{
	char *text;

	if (!proxy)
		return MS_OK;
	if (strcmp(proxy, MS_DRESS_RECORDED) == 0) {
		text = role->client && role->server ?
		    g_strconcat(role->client, ",", role->server, NULL) : NULL;
		role->preamble = text ? proxy_line(text) : NULL;
		g_free(text);
	} else
		role->preamble = proxy_line(proxy);
	return role->preamble ? MS_OK : ms_error_set(err, MS_E_FORMAT,
	    "the capture does not say which addresses were connected");
}

/* Can the answers of the recorded client be given again? In these, the server
 * asks for nothing that differs from time to time. */
static bool
is_repeatable(const struct ms_step *step)
{
	static const char *const names[] = { "PLAIN", "LOGIN", "EXTERNAL",
		"ANONYMOUS", "XOAUTH2", "OAUTHBEARER" };
	const char *name;

	if (!step->line || step->line_size < 6)
		return true;
	name = step->line + 5;
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		const size_t size = strlen(names[i]);

		if (g_ascii_strncasecmp(name, names[i], size) == 0 &&
		    g_ascii_isspace(name[size]))
			return true;
	}
	return false;
}

/* The recorded logins go, if there is another, or can be played, or the role
 * ends there. */
static void
see_to_logins(struct ms_role *role, bool login)
{
	for (size_t i = 1; i + 1 < role->steps->len; i++) {
		const struct ms_step *step = ms_role_step(role, i);
		const bool auth = strcmp(step->verb, "AUTH") == 0;

		if (login && (auth || step->kind == MS_STEP_RESPONSE)) {
			ms_role_remove(role, i--);
		} else if (!login && auth && !is_repeatable(step)) {
			while (role->steps->len > i + 1)
				ms_role_remove(role, i);
			ms_role_step(role, i)->after = i;
			g_free(role->cut);
			role->cut = g_strdup("the client answered a "
			    "challenge there, which is another one today "
			    "(--auth-user logs in)");
			return;
		}
	}
}

enum ms_status
ms_dress(struct ms_role *role, const struct ms_dress *dress,
    struct ms_error *err)
{
	enum ms_status status = MS_OK;
	size_t hello;

	if (dress->lmtp)
		to_lmtp(role);
	see_to_logins(role, dress->login);
	hello = see_to_tls(role, dress->tls);
	if (hello > 0)
		status = introduce(role, dress, &hello, err);
	if (status == MS_OK)
		status = set_preamble(role, dress->proxy, err);
	if (dress->rewrites)
		ms_rewrite(role, dress->rewrites);
	if (status == MS_OK && dress->bdat == MS_DRESS_BDAT_ON)
		status = ms_chunks_make(role, &dress->spool, err);
	else if (status == MS_OK && dress->bdat == MS_DRESS_BDAT_OFF)
		status = ms_chunks_undo(role, &dress->spool, err);
	if (status == MS_OK)
		status = ms_fault(role, dress->fault, &dress->spool, err);
	return status;
}
