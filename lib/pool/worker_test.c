#include "pool/worker.h"

#include "base/spool.h"
#include "pool/frame.h"
#include "pool/sealed.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* An engine that finds one word. */
static enum ms_status
open_words(const struct ms_engine_config *config, void **state,
    struct ms_error *err)
{
	(void)config;
	(void)err;
	*state = NULL;
	return MS_OK;
}

static void
close_words(void *state)
{
	(void)state;
}

static enum ms_status
scan_words(void *state, const struct ms_engine_input *input,
    const struct ms_engine_sink *sink, void *arg, struct ms_error *err)
{
	(void)state;
	(void)err;
	if (memmem(input->data, input->size, "bad-word", 8))
		sink->found(arg, "Bad");
	return MS_OK;
}

static const struct ms_engine_ops words = { .name = "words",
	.open = open_words, .close = close_words, .scan = scan_words };

/* A worker in a process of its own, and our end of its socket. */
static pid_t
start_worker(bool parts, bool pick, int *socket)
{
	static const struct ms_engine_config nothing;
	struct ms_worker_config config = {
		.scan = {
			.limits = { .part_bytes = 1 << 20,
				.total_bytes = 1 << 20, .ratio = 100,
				.parts = 100, .mime_depth = 9,
				.archive_depth = 9, .time_ms = 60 * 1000 },
			.spool = { .heap_max = 1 << 20 },
			.pick = { .any = pick },
		},
		.parts = parts,
		.sandbox = { .dir = "box", .memory = 64 << 20,
			.file_size = 1 << 20, .memfds = pick },
	};
	int pair[2];
	pid_t pid;

	(void)mkdir("box", 0700);
	assert_int_equal(0, socketpair(AF_UNIX,
	    SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair));
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		(void)close(pair[0]);
		ms_scan_start();
		ms_sandbox_prepare();
		config.scan.layers = ms_layers_new(true);
		if (ms_engine_open(&words, &nothing, &config.scan.engine,
		    NULL) != MS_OK)
			_exit(99);
		_exit(ms_worker_run(pair[1], &config));
	}
	(void)close(pair[1]);
	*socket = pair[0];
	return pid;
}

static int
end_of(pid_t pid)
{
	int status;

	assert_int_equal(pid, waitpid(pid, &status, 0));
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static enum ms_frame_type
hear(int socket, struct ms_facts *facts, uint64_t *id)
{
	unsigned char data[MS_FRAME_MAX];
	enum ms_frame_type type;
	size_t size;
	int fd;

	assert_int_equal(MS_OK, ms_frame_receive(socket, data, sizeof data,
	    &size, &fd));
	assert_int_equal(-1, fd);
	type = ms_frame_type(data, size);
	if (type == MS_FRAME_END)
		assert_int_equal(MS_OK, ms_frame_read_end(data, size, id));
	else if (type != MS_FRAME_STARTED)
		assert_int_equal(MS_OK, ms_frame_read_fact(data, size,
		    facts));
	return type;
}

static void
ask(int socket, uint64_t id, const char *text, bool raw, bool reduced)
{
	static const struct ms_spool_config config = { .memfd_max = 1 << 20 };
	struct ms_spool *spool = ms_spool_new(&config);
	const struct ms_frame_scan scan = { .id = id, .size = strlen(text),
		.raw = raw, .reduced = reduced };
	GByteArray *frame = ms_frame_scan(&scan);
	int fd = -1;

	assert_int_equal(MS_OK, ms_spool_write(spool, text, strlen(text),
	    NULL));
	if (*text != '\0')
		assert_int_equal(MS_OK, ms_spool_seal(spool, &fd, NULL));
	assert_int_equal(MS_OK, ms_frame_send(socket, frame, fd, NULL));
	if (fd >= 0)
		assert_int_equal(0, close(fd));
	ms_spool_free(spool);
	g_byte_array_unref(frame);
}

/* Requests one after another, each answered by facts and its own end. */
static void
test_requests(void **state)
{
	static const struct {
		const char *name, *text;
		bool raw, reduced;
		guint findings, parts;
		const char *subject;
	} cases[] = {
		{ "clean", "Subject: s\n\nhello\n", false, false, 0, 1, "s" },
		{ "bad", "Subject: s\n\nbad-word\n", false, false, 2, 1,
		  "s" },
		{ "raw", "bad-word", true, false, 1, 0, NULL },
		{ "reduced", "Subject: s\n\nbad-word\n", false, true, 1, 0,
		  NULL },
		{ "empty", "", false, false, 0, 0, NULL },
		{ "clean again", "Subject: t\n\nhello\n", false, false, 0, 1,
		  "t" },
	};

	(void)state;
	for (int parts = 0; parts < 2; parts++) {
		int socket;
		pid_t pid = start_worker(parts == 1, false, &socket);

		assert_int_equal(MS_FRAME_STARTED, hear(socket, NULL, NULL));
		for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
			struct ms_facts facts;
			uint64_t id = 0;

			print_message("  %s\n", cases[i].name);
			ms_facts_init(&facts);
			ask(socket, 77 + i, cases[i].text, cases[i].raw,
			    cases[i].reduced);
			while (hear(socket, &facts, &id) != MS_FRAME_END)
				continue;
			assert_int_equal(77 + i, id);
			assert_int_equal(cases[i].findings,
			    facts.findings->len);
			assert_int_equal(parts ? cases[i].parts : 0,
			    facts.parts->len);
			assert_int_equal(0, facts.gaps->len);
			assert_int_equal(0, g_strcmp0(cases[i].subject,
			    facts.headers.subject));
			ms_facts_clear(&facts);
		}
		assert_int_equal(0, close(socket));
		assert_int_equal(0, end_of(pid));
	}
}

/* Wait for a blob and give its bytes. */
static char *
hear_blob(int socket)
{
	struct ms_blob blob = { .size = 0 };
	unsigned char data[MS_FRAME_MAX];
	char *text = NULL;
	size_t size;
	int fd;

	while (!text) {
		assert_int_equal(MS_OK, ms_frame_receive(socket, data,
		    sizeof data, &size, &fd));
		if (ms_frame_type(data, size) != MS_FRAME_BLOB)
			continue;
		assert_int_equal(MS_OK, ms_frame_read_blob(data, size,
		    &blob));
		assert_int_equal(MS_OK, ms_sealed_check(fd, blob.size));
		text = g_malloc0(blob.size + 1);
		assert_int_equal(blob.size, pread(fd, text, blob.size, 0));
		assert_int_equal(0, close(fd));
	}
	return text;
}

/* Bytes come one at a time: nothing follows before they are taken. */
static void
test_blobs(void **state)
{
	GByteArray *taken = ms_frame_taken();
	struct ms_facts facts;
	uint64_t id;
	int socket;
	pid_t pid = start_worker(true, true, &socket);

	(void)state;
	ms_facts_init(&facts);
	ask(socket, 1, "Content-Type: multipart/mixed; boundary=b\n\n"
	    "--b\n\none\n--b\n\ntwo\n--b--\n", false, false);
	for (int i = 0; i < 2; i++) {
		struct pollfd more = { .fd = socket, .events = POLLIN };
		char *text = hear_blob(socket);

		assert_string_equal(i == 0 ? "one" : "two", text);
		assert_int_equal(0, poll(&more, 1, 50));
		assert_int_equal(MS_OK, ms_frame_send(socket, taken, -1,
		    NULL));
		g_free(text);
	}
	while (hear(socket, &facts, &id) != MS_FRAME_END)
		continue;
	/* Another answer than that ends the worker. */
	ask(socket, 2, "Subject: s\n\nthree", false, false);
	g_free(hear_blob(socket));
	ask(socket, 3, "", false, false);
	assert_int_equal(1, end_of(pid));
	assert_int_equal(0, close(socket));
	ms_facts_clear(&facts);
	g_byte_array_unref(taken);
}

/* Requests that no supervisor sends end the worker. */
static void
test_broken_requests(void **state)
{
	static const struct ms_frame_scan no_bytes = { .size = 5 };
	static const struct ms_frame_scan empty = { .size = 0 };
	const struct {
		const char *name;
		GByteArray *frame;
	} cases[] = {
		{ "bytes without a descriptor", ms_frame_scan(&no_bytes) },
		{ "another type", ms_frame_end(1) },
		{ "a byte too many", g_byte_array_append(ms_frame_scan(
		  &empty), (const guint8 *)"x", 1) },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		int socket;
		pid_t pid = start_worker(false, false, &socket);

		print_message("  %s\n", cases[i].name);
		assert_int_equal(MS_FRAME_STARTED, hear(socket, NULL, NULL));
		assert_int_equal(MS_OK, ms_frame_send(socket,
		    cases[i].frame, -1, NULL));
		assert_int_equal(1, end_of(pid));
		assert_int_equal(0, close(socket));
		g_byte_array_unref(cases[i].frame);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_requests),
		cmocka_unit_test(test_blobs),
		cmocka_unit_test(test_broken_requests),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
