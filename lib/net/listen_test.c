#include "net/listen.h"

#include "net/talk_test.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/un.h>

struct door {
	struct ms_loop *loop;
	GArray *fds;			/* that listen */
	struct ms_listen *listen;
	int accepted[100];
	unsigned count, failed;
	unsigned stop_at;		/* so many accepted */
	bool free_at_once;
	char *peer;
};

static void
on_accepted(void *arg, int fd, const struct ms_endpoint *peer)
{
	struct door *door = arg;

	assert_true(door->count < G_N_ELEMENTS(door->accepted));
	assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	door->accepted[door->count++] = fd;
	g_free(door->peer);
	door->peer = ms_endpoint_print(peer);
	if (door->free_at_once) {
		ms_listen_free(door->listen);
		door->listen = NULL;
	}
	if (door->count == door->stop_at)
		ms_loop_stop(door->loop);
}

static void
on_failed(void *arg, const char *why)
{
	struct door *door = arg;

	assert_string_equal("Too many open files", why);
	door->failed++;
}

static const struct ms_listen_events events = { on_accepted, on_failed };

static void
door_open(struct door *door, const char *address)
{
	const struct ms_listen_config config = { .address = address };
	struct ms_error err = { "" };

	*door = (struct door){ .fds = g_array_new(FALSE, FALSE,
	    sizeof(int)) };
	assert_int_equal(MS_OK, ms_loop_new(&door->loop, &err));
	if (ms_listen_open(&config, door->fds, &err) != MS_OK)
		fail_msg("%s", err.text);
	door->listen = ms_listen_new(door->loop,
	    g_array_index(door->fds, int, 0), &events, door);
}

static void
door_close(struct door *door)
{
	ms_listen_free(door->listen);
	for (unsigned i = 0; i < door->count; i++)
		(void)close(door->accepted[i]);
	for (guint i = 0; i < door->fds->len; i++)
		assert_int_equal(0, close(g_array_index(door->fds, int, i)));
	g_array_unref(door->fds);
	ms_loop_free(door->loop);
	g_free(door->peer);
}

/* A socket that is connected, or about to be, to where DOOR listens. */
static int
knock(const struct door *door)
{
	struct sockaddr_storage any;
	socklen_t size = sizeof any;
	int fd;

	assert_int_equal(0, getsockname(g_array_index(door->fds, int, 0),
	    (struct sockaddr *)&any, &size));
	fd = socket(any.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(fd >= 0);
	assert_int_equal(0, connect(fd, (struct sockaddr *)&any, size));
	return fd;
}

static void
test_accept(void **state)
{
	static const char *const addresses[] = { "127.0.0.1:0", "[::1]:0",
		"unix:door", "unix:door" };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(addresses); i++) {
		struct door door;
		struct ms_endpoint here;
		int fds[80];
		char *want;

		door_open(&door, addresses[i]);
		assert_int_equal(MS_OK, ms_listen_check(
		    g_array_index(door.fds, int, 0), NULL));
		for (size_t n = 0; n < G_N_ELEMENTS(fds); n++)
			fds[n] = knock(&door);
		ms_endpoint_ask(&here, fds[79], false);
		want = ms_endpoint_print(&here);
		door.stop_at = G_N_ELEMENTS(fds);
		run(door.loop);
		assert_int_equal(G_N_ELEMENTS(fds), door.count);
		assert_string_equal(want, door.peer);
		for (size_t n = 0; n < G_N_ELEMENTS(fds); n++)
			(void)close(fds[n]);
		g_free(want);
		/* The path stays behind, and is in nobody's way. */
		door_close(&door);
	}
	ms_listen_remove("unix:door");
	assert_int_not_equal(0, access("door", F_OK));
}

static void
test_pause(void **state)
{
	struct door door;
	int first, second;

	(void)state;
	door_open(&door, "127.0.0.1:0");
	first = knock(&door);
	ms_listen_pause(door.listen);
	settle(door.loop);
	assert_int_equal(0, door.count);
	ms_listen_resume(door.listen);
	/* It goes with the first, and the second waits in vain. */
	second = knock(&door);
	door.free_at_once = true;
	settle(door.loop);
	assert_int_equal(1, door.count);
	(void)close(first);
	(void)close(second);
	door_close(&door);
}

/* Without descriptors nobody spins, and it goes on once there are some. */
static void
test_too_many(void **state)
{
	struct rlimit limit, none;
	struct door door;
	int fd;

	(void)state;
	door_open(&door, "127.0.0.1:0");
	fd = knock(&door);
	assert_int_equal(0, getrlimit(RLIMIT_NOFILE, &limit));
	none = limit;
	none.rlim_cur = (rlim_t)fd + 1;
	assert_int_equal(0, setrlimit(RLIMIT_NOFILE, &none));
	settle(door.loop);
	assert_int_equal(1, door.failed);
	assert_int_equal(0, door.count);
	settle(door.loop);
	assert_int_equal(1, door.failed);
	assert_int_equal(0, setrlimit(RLIMIT_NOFILE, &limit));
	door.stop_at = 1;
	run(door.loop);
	assert_int_equal(1, door.count);
	(void)close(fd);
	door_close(&door);
}

/* A unix socket has the mode that was asked for from its first moment, and
 * what is no stale socket is not touched. */
static void
test_unix(void **state)
{
	static const struct {
		unsigned mode;
		mode_t mask, want;
	} cases[] = {
		{ 0, 022, 0600 }, { 0660, 077, 0660 }, { 0666, 0, 0666 },
	};
	struct ms_listen_config config = { .address = "unix:mode" };
	struct ms_error err;
	struct stat st;
	GArray *fds = g_array_new(FALSE, FALSE, sizeof(int));

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		const mode_t before = umask(cases[i].mask);

		config.mode = cases[i].mode;
		assert_int_equal(MS_OK, ms_listen_open(&config, fds, &err));
		(void)umask(before);
		assert_int_equal(0, lstat("mode", &st));
		assert_int_equal(cases[i].want, st.st_mode & 07777);
		/* Somebody is there. */
		assert_int_equal(MS_E_IO, ms_listen_open(&config, fds, &err));
		assert_string_equal("cannot listen on unix:mode: Address "
		    "already in use: another program has it (ss -lxp shows "
		    "which)", err.text);
		ms_listen_remove("unix:mode");
		assert_int_equal(0, access("mode", F_OK));
		assert_int_equal(1, fds->len);
		assert_int_equal(0, close(g_array_index(fds, int, 0)));
		g_array_set_size(fds, 0);
	}
	ms_listen_remove("unix:mode");
	assert_true(g_file_set_contents("mode", "a file", -1, NULL));
	assert_int_equal(MS_E_IO, ms_listen_open(&config, fds, &err));
	assert_string_equal("cannot listen on unix:mode: what is there is no "
	    "socket", err.text);
	ms_listen_remove("unix:mode");
	assert_int_equal(0, access("mode", F_OK));
	g_array_unref(fds);
}

/* Whoever is told that an address is taken is told how to see by whom. */
static void
test_taken(void **state)
{
	static const char *const addresses[] = { "127.0.0.1:0", "[::1]:0" };
	GArray *fds = g_array_new(FALSE, FALSE, sizeof(int));
	struct ms_error err;

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(addresses); i++) {
		struct ms_listen_config config = { .address = addresses[i] };
		char *name, *wanted;

		/* Not each machine has both families. */
		if (ms_listen_open(&config, fds, &err) != MS_OK)
			continue;
		name = ms_listen_name(g_array_index(fds, int, 0));
		config.address = name;
		assert_int_equal(MS_E_IO, ms_listen_open(&config, fds, &err));
		wanted = g_strdup_printf("cannot listen on %s: Address already "
		    "in use: another program has it, perhaps an old clamsmtpd "
		    "or mailscan (ss -ltnp 'sport = %s' shows which)", name,
		    strrchr(name, ':'));
		assert_string_equal(wanted, err.text);
		g_free(wanted);
		g_free(name);
		assert_int_equal(0, close(g_array_index(fds, int, 0)));
		g_array_set_size(fds, 0);
	}
	g_array_unref(fds);
}

static void
test_check(void **state)
{
	const struct ms_listen_config config = { .address = "no address" };
	struct ms_error err;
	int fds[2];
	GArray *none = g_array_new(FALSE, FALSE, sizeof(int));

	(void)state;
	assert_int_equal(0, socketpair(AF_UNIX, SOCK_STREAM, 0, fds));
	assert_int_equal(MS_E_USAGE, ms_listen_check(fds[0], &err));
	assert_int_equal(0, close(fds[0]));
	assert_int_equal(0, close(fds[1]));
	assert_int_equal(MS_E_USAGE, ms_listen_check(fds[0], &err));
	assert_int_equal(MS_E_USAGE, ms_listen_open(&config, none, &err));
	g_array_unref(none);
	ms_listen_remove("no address");
	ms_listen_remove("127.0.0.1:1");
	ms_listen_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_accept),
		cmocka_unit_test(test_pause),
		cmocka_unit_test(test_too_many),
		cmocka_unit_test(test_unix),
		cmocka_unit_test(test_taken),
		cmocka_unit_test(test_check),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
