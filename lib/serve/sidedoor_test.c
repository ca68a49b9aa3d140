#include "serve/sidedoor.h"

#include "net/listen.h"
#include "serve/links_test.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* A side door with a monitor and a scan socket, and a scanner, which is the
 * test itself. */
struct bench {
	struct other scanner;
	struct ms_case_config cases;
	struct ms_sidedoor *sidedoor;
	char dir[64], address[100];
	GArray *fds;		/* the monitor's, and the scan socket's */
	unsigned gone;
};

static void
set_up(struct bench *b)
{
	const struct ms_inquiry_config asking = {
		.at_once = 10, .wait_ms = 10000, .scan_ms = 10000 };
	struct ms_listen_config listen = { .address = "127.0.0.1:0" };
	struct ms_sidedoor_config config = { .monitor_count = 1,
		.door_count = 1 };
	struct ms_error err;

	*b = (struct bench){ .fds = g_array_new(FALSE, FALSE, sizeof(int)),
		.dir = "/tmp/mailscan-sidedoor-XXXXXX" };
	other_begin(&b->scanner);
	assert_non_null(mkdtemp(b->dir));
	assert_int_equal(ms_listen_open(&listen, b->fds, &err), MS_OK);
	(void)g_snprintf(b->address, sizeof b->address, "unix:%s/s", b->dir);
	listen = (struct ms_listen_config){ .address = b->address,
		.mode = 0660, .packets = true };
	assert_int_equal(ms_listen_open(&listen, b->fds, &err), MS_OK);
	b->cases.loop = b->scanner.loop;
	b->cases.inquiry = ms_inquiry_new(b->scanner.loop, &asking);
	assert_int_equal(ms_metrics_new(&b->cases.metrics, &err), MS_OK);
	config.metrics = b->cases.metrics;
	config.monitors = &g_array_index(b->fds, int, 0);
	config.doors = &g_array_index(b->fds, int, 1);
	b->sidedoor = ms_sidedoor_new(&b->cases, &config);
}

static void
tear_down(struct bench *b)
{
	ms_sidedoor_free(b->sidedoor);
	ms_inquiry_free(b->cases.inquiry);
	ms_metrics_free(b->cases.metrics);
	other_end(&b->scanner);
	for (guint i = 0; i < b->fds->len; i++)
		(void)close(g_array_index(b->fds, int, i));
	g_array_unref(b->fds);
	ms_listen_remove(b->address);
	assert_int_equal(rmdir(b->dir), 0);
}

static int
come(const struct bench *b, guint door, int type)
{
	struct ms_endpoint there;
	int fd;

	ms_endpoint_ask(&there, g_array_index(b->fds, int, door), false);
	fd = socket(there.u.any.sa_family, type | SOCK_NONBLOCK, 0);
	assert_true(fd >= 0);
	(void)connect(fd, &there.u.any, there.size);
	return fd;
}

/* What a monitor gets that asks for PATH is WORDS, somewhere. */
static void
check(struct bench *b, const char *path, const char *words)
{
	const int fd = come(b, 0, SOCK_STREAM);
	char *request = g_strdup_printf("GET %s HTTP/1.0\r\n\r\n", path);
	char got[65536] = "";
	size_t size = 0;
	ssize_t n;

	other_run(&b->scanner, 10);
	assert_int_equal(write(fd, request, strlen(request)),
	    strlen(request));
	other_run(&b->scanner, 30);
	while (size < sizeof got - 1 && (n = read(fd, got + size,
	    sizeof got - 1 - size)) > 0)
		size += (size_t)n;
	if (!strstr(got, words))
		fail_msg("%s: no \"%s\" in:\n%s", path, words, got);
	g_free(request);
	(void)close(fd);
}

static void
test_monitors(void **state)
{
	struct bench b;

	(void)state;
	set_up(&b);
	check(&b, "/healthz", "no scanner\n");
	check(&b, "/healthz", " 503 ");
	check(&b, "/metrics", "scanner_ready 0\n");
	check(&b, "/", " 404 ");
	ms_inquiry_peer(b.cases.inquiry, other_new(&b.scanner));
	check(&b, "/healthz", "ok\n");
	check(&b, "/healthz", " 200 ");
	check(&b, "/metrics", "scanner_ready 1\n");
	tear_down(&b);
}

static void
on_gone(void *arg)
{
	struct bench *b = arg;

	b->gone++;
}

/* At the end it says so; clients that owe nothing go. */
static void
test_end(void **state)
{
	struct bench b;
	char got;
	int fd;

	(void)state;
	set_up(&b);
	ms_inquiry_peer(b.cases.inquiry, other_new(&b.scanner));
	fd = come(&b, 1, SOCK_SEQPACKET);
	other_run(&b.scanner, 20);
	assert_false(ms_sidedoor_is_empty(b.sidedoor));
	ms_sidedoor_retire(b.sidedoor, true, on_gone, &b);
	other_run(&b.scanner, 20);
	assert_int_equal(read(fd, &got, 1), 0);
	assert_int_equal(b.gone, 1);
	assert_true(ms_sidedoor_is_empty(b.sidedoor));
	check(&b, "/healthz", "ending\n");
	(void)close(fd);
	tear_down(&b);
	assert_true(ms_sidedoor_is_empty(NULL));
	ms_sidedoor_cut(NULL);
	ms_sidedoor_free(NULL);
}

/* If there is another one, that one says how things are. Nobody waits for ever
 * for clients. */
static void
test_succession(void **state)
{
	struct bench b;
	char got;
	int fd, monitor;

	(void)state;
	set_up(&b);
	fd = come(&b, 1, SOCK_SEQPACKET);
	other_run(&b.scanner, 20);
	ms_sidedoor_retire(b.sidedoor, false, on_gone, &b);
	ms_sidedoor_cut(b.sidedoor);
	assert_true(ms_sidedoor_is_empty(b.sidedoor));
	assert_int_equal(read(fd, &got, 1), 0);
	monitor = come(&b, 0, SOCK_STREAM);
	other_run(&b.scanner, 20);
	assert_int_equal(write(monitor, "GET / HTTP/1.0\r\n\r\n", 18), 18);
	other_run(&b.scanner, 20);
	assert_int_equal(read(monitor, &got, 1), -1);
	(void)close(monitor);
	(void)close(fd);
	tear_down(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_monitors),
		cmocka_unit_test(test_end),
		cmocka_unit_test(test_succession),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
