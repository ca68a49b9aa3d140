#include "net/httpd.h"

#include "net/listen.h"
#include "net/talk.h"

#include <string.h>
#include <unistd.h>

enum {
	CONNECTIONS_MAX = 16,
	DEADLINE_MS = 10000,
	LINGER_MS = 2000
};

struct connection {
	struct ms_httpd *httpd;
	struct ms_talk *talk;
};

struct ms_httpd {
	struct ms_loop *loop;
	struct ms_listen *listen;
	ms_httpd_answer *answer;
	void *arg;
	GPtrArray *connections;	/* of struct connection */
};

static const struct {
	int status;
	const char *text;
} reasons[] = {
	{ 200, "OK" },
	{ 400, "Bad Request" },
	{ 404, "Not Found" },
	{ 405, "Method Not Allowed" },
	{ 414, "URI Too Long" },
	{ 431, "Request Header Fields Too Large" },
	{ 503, "Service Unavailable" },
	{ 505, "HTTP Version Not Supported" },
};

static const char *
reason(int status)
{
	for (size_t i = 0; i < G_N_ELEMENTS(reasons); i++)
		if (reasons[i].status == status)
			return reasons[i].text;
	return "Unknown";
}

/* Is the whole header there? Lines may end in LF alone (RFC 9112, 2.2). */
static bool
is_whole(const unsigned char *data, size_t size)
{
	const unsigned char *end = data + size, *lf = data;

	while ((lf = memchr(lf, '\n', (size_t)(end - lf)))) {
		lf++;
		if ((lf < end && *lf == '\n') ||
		    (end - lf >= 2 && lf[0] == '\r' && lf[1] == '\n'))
			return true;
	}
	return false;
}

/* The path of TARGET into REQUEST; the status. */
static int
take_target(const char *target, size_t size,
    struct ms_httpd_request *request)
{
	const char *query = memchr(target, '?', size);

	if (size == 0 || *target != '/')
		return 400;
	if (query)
		size = (size_t)(query - target);
	if (size >= sizeof request->path)
		return 414;
	for (size_t i = 0; i < size; i++)
		if (target[i] <= ' ' || target[i] == 0x7f)
			return 400;
	memcpy(request->path, target, size);
	request->path[size] = '\0';
	return 200;
}

int
ms_httpd_parse(const unsigned char *data, size_t size,
    struct ms_httpd_request *request)
{
	const char *line = (const char *)data, *end, *target, *version;

	*request = (struct ms_httpd_request){ .head = false };
	if (!is_whole(data, size))
		return size >= MS_HTTPD_HEAD_MAX ? 431 : 0;
	end = memchr(line, '\n', size);
	if (end > line && end[-1] == '\r')
		end--;
	target = memchr(line, ' ', (size_t)(end - line));
	version = target ? memchr(target + 1, ' ',
	    (size_t)(end - target - 1)) : NULL;
	if (!version || end - version != 9 ||
	    memcmp(version + 1, "HTTP/", 5) != 0)
		return 400;
	if (version[6] != '1' || version[7] != '.')
		return 505;
	request->head = target - line == 4 && memcmp(line, "HEAD", 4) == 0;
	if (!request->head &&
	    (target - line != 3 || memcmp(line, "GET", 3) != 0))
		return 405;
	return take_target(target + 1, (size_t)(version - target - 1),
	    request);
}

static void
free_connection(gpointer data)
{
	struct connection *c = data;

	ms_talk_free(c->talk);
	g_free(c);
}

static void
reply(struct connection *c, int status, const GString *body, bool head)
{
	GString *out = g_string_new(NULL);
	struct ms_talk *talk = c->talk;

	g_string_append_printf(out, "HTTP/1.1 %d %s\r\n"
	    "Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n"
	    "Content-Length: %zu\r\nCache-Control: no-store\r\n"
	    "%sConnection: close\r\n\r\n", status, reason(status), body->len,
	    status == 405 ? "Allow: GET, HEAD\r\n" : "");
	if (!head)
		g_string_append_len(out, body->str, (gssize)body->len);
	ms_talk_write(talk, out->str, out->len);
	(void)g_string_free(out, TRUE);
	c->talk = NULL;
	(void)g_ptr_array_remove(c->httpd->connections, c);
	ms_talk_close(talk, LINGER_MS);
}

static void
on_data(void *arg)
{
	struct connection *c = arg;
	struct ms_httpd *httpd = c->httpd;
	struct ms_httpd_request request;
	size_t size;
	const unsigned char *data = ms_talk_peek(c->talk, &size);
	int status = data ? ms_httpd_parse(data, size, &request) : 0;
	GString *body;

	if (status == 0)
		return;
	body = g_string_new(NULL);
	if (status == 200)
		status = httpd->answer(httpd->arg, request.path, body);
	if (status != 200 && body->len == 0)
		g_string_append_printf(body, "%s\n", reason(status));
	reply(c, status, body, request.head);
	(void)g_string_free(body, TRUE);
}

static void
on_closed(void *arg, enum ms_talk_end end, const char *why)
{
	struct connection *c = arg;

	(void)end;
	(void)why;
	(void)g_ptr_array_remove(c->httpd->connections, c);
}

static void
on_accepted(void *arg, int fd, const struct ms_endpoint *peer)
{
	static const struct ms_talk_events events = { .data = on_data,
		.closed = on_closed };
	struct ms_httpd *httpd = arg;
	struct connection *c;
	struct ms_talk_config config = { .events = &events,
		.input_max = MS_HTTPD_HEAD_MAX };

	/* Monitors come again. */
	if (httpd->connections->len >= CONNECTIONS_MAX) {
		(void)close(fd);
		return;
	}
	c = g_new0(struct connection, 1);
	config.arg = c;
	c->httpd = httpd;
	c->talk = ms_talk_accept(httpd->loop, fd, peer, &config);
	g_ptr_array_add(httpd->connections, c);
	ms_talk_deadline(c->talk, DEADLINE_MS);
}

struct ms_httpd *
ms_httpd_new(struct ms_loop *loop, int fd, ms_httpd_answer *answer, void *arg)
{
	static const struct ms_listen_events events = {
		.accepted = on_accepted };
	struct ms_httpd *httpd = g_new0(struct ms_httpd, 1);

	httpd->loop = loop;
	httpd->answer = answer;
	httpd->arg = arg;
	httpd->connections = g_ptr_array_new_with_free_func(free_connection);
	httpd->listen = ms_listen_new(loop, fd, &events, httpd);
	return httpd;
}

void
ms_httpd_free(struct ms_httpd *httpd)
{
	if (!httpd)
		return;
	ms_listen_free(httpd->listen);
	g_ptr_array_unref(httpd->connections);
	g_free(httpd);
}
