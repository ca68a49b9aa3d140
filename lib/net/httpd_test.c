#include "net/httpd.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "net/talk_test.h"

static const struct {
	const char *request;
	int status;
	const char *path;
	bool head;
} cases[] = {
	{ "GET /metrics HTTP/1.1\r\n\r\n", 200, "/metrics", false },
	{ "GET / HTTP/1.0\n\n", 200, "/", false },
	{ "HEAD /healthz?x=/y HTTP/1.1\r\nHost: a\r\n\r\n", 200, "/healthz",
	    true },
	{ "GET /metrics HTTP/1.1\r\nHost: a\r\n", 0, "", false },
	{ "", 0, "", false },
	{ "\r\n\r\n", 400, "", false },
	{ "GET\r\n\r\n", 400, "", false },
	{ "GET /\r\n\r\n", 400, "", false },
	{ "GET / HTTP/1.1 \r\n\r\n", 400, "", false },
	{ "GET  / HTTP/1.1\r\n\r\n", 400, "", false },
	{ "GET metrics HTTP/1.1\r\n\r\n", 400, "", false },
	{ "GET /\x01 HTTP/1.1\r\n\r\n", 400, "", false },
	{ "GET http://a/ HTTP/1.1\r\n\r\n", 400, "", false },
	{ "GET / HTTP/2.0\r\n\r\n", 505, "", false },
	{ "POST / HTTP/1.1\r\n\r\n", 405, "", false },
	{ "get / HTTP/1.1\r\n\r\n", 405, "", false },
	{ "MAIL FROM:<a@b> HTTP/1.1\r\n\r\n", 405, "", false },
};

static void
test_parse(void **state)
{
	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		const char *text = cases[i].request;
		const size_t size = strlen(text);
		struct ms_httpd_request request;

		assert_int_equal(ms_httpd_parse((const unsigned char *)text,
		    size, &request), cases[i].status);
		if (cases[i].status == 200) {
			assert_string_equal(request.path, cases[i].path);
			assert_int_equal(request.head, cases[i].head);
		}
		/* However little of it is there, nothing is said too soon. */
		for (size_t n = 0; n + 2 < size; n++)
			if (cases[i].status == 200)
				assert_int_equal(ms_httpd_parse(
				    (const unsigned char *)text, n, &request),
				    0);
	}
}

static void
test_long(void **state)
{
	char *much = g_strnfill(MS_HTTPD_HEAD_MAX, 'a');
	char *target = g_strdup_printf("GET /%.*s HTTP/1.1\r\n\r\n",
	    MS_HTTPD_PATH_MAX, much);
	struct ms_httpd_request request;

	(void)state;
	assert_int_equal(ms_httpd_parse((unsigned char *)much,
	    MS_HTTPD_HEAD_MAX - 1, &request), 0);
	assert_int_equal(ms_httpd_parse((unsigned char *)much,
	    MS_HTTPD_HEAD_MAX, &request), 431);
	assert_int_equal(ms_httpd_parse((unsigned char *)target,
	    strlen(target), &request), 414);
	g_free(target);
	g_free(much);
}

/* A server, and clients of it. */
struct world {
	struct ms_loop *loop;
	GArray *fds;
	struct ms_httpd *httpd;
	struct side client;
	unsigned asked;
};

static int
answer(void *arg, const char *path, GString *body)
{
	struct world *world = arg;

	world->asked++;
	if (strcmp(path, "/much") == 0)
		for (int i = 0; i < 100000; i++)
			g_string_append(body, "0123456789");
	else if (strcmp(path, "/") == 0)
		g_string_append(body, "here\n");
	else
		return 404;
	return 200;
}

static void
open_world(struct world *world)
{
	const struct ms_listen_config config = { .address = "127.0.0.1:0" };
	struct ms_error err;

	*world = (struct world){ .fds = g_array_new(FALSE, FALSE,
	    sizeof(int)) };
	assert_int_equal(ms_loop_new(&world->loop, &err), MS_OK);
	assert_int_equal(ms_listen_open(&config, world->fds, &err), MS_OK);
	world->httpd = ms_httpd_new(world->loop,
	    g_array_index(world->fds, int, 0), answer, world);
	side_init(&world->client, world->loop);
}

static void
call(struct world *world, struct side *side)
{
	const struct ms_talk_config config = { .events = &no_end,
		.arg = side };
	struct ms_endpoint endpoint;

	ms_endpoint_ask(&endpoint, g_array_index(world->fds, int, 0), false);
	side->talk = ms_talk_connect(world->loop, &endpoint, 1, &config);
}

static void
close_world(struct world *world)
{
	side_clear(&world->client);
	ms_httpd_free(world->httpd);
	(void)close(g_array_index(world->fds, int, 0));
	g_array_unref(world->fds);
	ms_loop_free(world->loop);
}

static void
test_answers(void **state)
{
	static const struct {
		const char *request, *first, *last;
		size_t size;	/* of the body */
	} asked[] = {
		{ "GET / HTTP/1.1\r\n\r\n", "HTTP/1.1 200 OK\r\n",
		    "\r\n\r\nhere\n", 5 },
		{ "HEAD / HTTP/1.1\r\n\r\n", "HTTP/1.1 200 OK\r\n",
		    "Content-Length: 5\r\nCache-Control: no-store\r\n"
		    "Connection: close\r\n\r\n", 5 },
		{ "GET /x HTTP/1.1\r\n\r\n", "HTTP/1.1 404 Not Found\r\n",
		    "\r\n\r\nNot Found\n", 10 },
		{ "POST / HTTP/1.1\r\n\r\n",
		    "HTTP/1.1 405 Method Not Allowed\r\n",
		    "\r\n\r\nMethod Not Allowed\n", 19 },
		{ "GET /much HTTP/1.1\r\n\r\n", "HTTP/1.1 200 OK\r\n",
		    "0123456789", 1000000 },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(asked); i++) {
		struct world world;
		char *length = g_strdup_printf("\r\nContent-Length: %zu\r\n",
		    asked[i].size);

		open_world(&world);
		call(&world, &world.client);
		side_say(&world.client, asked[i].request);
		run_until(&world.client, CLOSED);
		assert_int_equal(world.client.end, MS_TALK_ENDED);
		assert_true(g_str_has_prefix(world.client.heard->str,
		    asked[i].first));
		assert_true(g_str_has_suffix(world.client.heard->str,
		    asked[i].last));
		assert_non_null(strstr(world.client.heard->str, length));
		g_free(length);
		close_world(&world);
	}
}

/* Who comes when there are enough is turned away, and those who are there
 * keep their place. */
static void
test_many(void **state)
{
	struct world world;
	struct side sides[40];
	unsigned turned_away = 0;

	(void)state;
	open_world(&world);
	for (size_t i = 0; i < G_N_ELEMENTS(sides); i++) {
		side_init(&sides[i], world.loop);
		call(&world, &sides[i]);
		settle(world.loop);
	}
	for (size_t i = 0; i < G_N_ELEMENTS(sides); i++)
		turned_away += sides[i].count[CLOSED];
	assert_int_equal(turned_away, 24);
	side_say(&sides[0], "GET / HTTP/1.1\r\n\r\n");
	run_until(&sides[0], CLOSED);
	assert_int_equal(world.asked, 1);
	for (size_t i = 0; i < G_N_ELEMENTS(sides); i++)
		side_clear(&sides[i]);
	close_world(&world);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
