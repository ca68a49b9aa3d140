#include "pool/reader.h"

#include "pool/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* What the reader does with its two descriptors. */

static void
copy(const struct ms_reader_place *place)
{
	char block[1000];
	ssize_t n;

	while ((n = read(place->in, block, sizeof block)) > 0)
		if (write(place->out, block, (size_t)n) != n)
			return;
}

/* The descriptors that are open, and whether a file can be. */
static void
look_around(const struct ms_reader_place *place)
{
	GString *text = g_string_new(NULL);

	for (int fd = 3; fd < 64; fd++)
		if (fcntl(fd, F_GETFD) >= 0)
			g_string_append_printf(text, "%d ", fd);
	g_string_append_printf(text, "%s", open("/etc/passwd", O_RDONLY |
	    O_CLOEXEC) < 0 && errno == EACCES ? "boxed" : "free");
	(void)!write(place->out, text->str, text->len);
	g_string_free(text, TRUE);
}

static void
say_and_crash(const struct ms_reader_place *place)
{
	(void)!write(place->out, "last words", 10);
	(void)signal(SIGSEGV, SIG_DFL);
	(void)raise(SIGSEGV);
}

static void
open_socket(const struct ms_reader_place *place)
{
	if (socket(AF_INET, SOCK_STREAM, 0) >= 0)
		(void)!write(place->out, "a socket", 8);
}

/* What waits in the temporary file comes out again. */
static void
put_aside(const struct ms_reader_place *place)
{
	char text[9] = "";

	if (pwrite(place->tmp, "1234", 4, 4) == 4 &&
	    pwrite(place->tmp, "what", 4, 0) == 4 &&
	    pread(place->tmp, text, 8, 0) == 8 && place->what == 7)
		(void)!write(place->out, text, 8);
}

/* It is bounded: behind its end nothing is written. */
static void
fill_up(const struct ms_reader_place *place)
{
	(void)signal(SIGXFSZ, SIG_IGN);
	if (pwrite(place->tmp, "x", 1, (off_t)MS_READER_FILE - 1) == 1 &&
	    pwrite(place->tmp, "x", 1, (off_t)MS_READER_FILE) == -1 &&
	    errno == EFBIG)
		(void)!write(place->out, "full", 4);
}

static void
write_forever(const struct ms_reader_place *place)
{
	static const char block[65536];

	for (;;)
		(void)!write(place->out, block, sizeof block);
}

/* All that BODY writes when it reads TEXT. */
static char *
run(ms_reader_body *body, const char *text)
{
	GString *out = g_string_new(NULL);
	struct ms_error err = { "" };
	char block[1000];
	int fd = open("input", O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	int tmp = body == put_aside || body == fill_up ?
	    memfd_create("aside", MFD_CLOEXEC) : -1;
	const struct ms_reader_place from = { .in = fd, .tmp = tmp,
		.what = 7 };
	int stream, pid;
	ssize_t n;

	assert_int_equal(strlen(text), write(fd, text, strlen(text)));
	assert_int_equal(0, lseek(fd, 0, SEEK_SET));
	assert_int_equal(MS_OK, ms_reader_start(body, &from, &stream, &pid,
	    &err));
	assert_int_equal(FD_CLOEXEC, fcntl(stream, F_GETFD));
	while ((n = read(stream, block, sizeof block)) > 0)
		g_string_append_len(out, block, n);
	assert_int_equal(0, n);
	assert_int_equal(0, close(stream));
	assert_int_equal(0, close(fd));
	if (tmp >= 0)
		assert_int_equal(0, close(tmp));
	assert_int_equal(pid, waitpid(pid, NULL, 0));
	return g_string_free(out, FALSE);
}

static void
test_bodies(void **state)
{
	char *longer = g_strnfill(200000, 'x');
	const struct {
		const char *name;
		ms_reader_body *body;
		const char *text, *want;
		bool needs_box;
	} cases[] = {
		{ "copy", copy, "hello", "hello", false },
		{ "copy nothing", copy, "", "", false },
		{ "copy much", copy, longer, longer, false },
		{ "temporary file", put_aside, "", "what1234", false },
		{ "full temporary file", fill_up, "", "full", true },
		{ "crash", say_and_crash, "", "last words", false },
		{ "look around", look_around, "", "3 4 boxed", true },
		{ "socket", open_socket, "", "", true },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		char *got;

		print_message("  %s\n", cases[i].name);
		if (cases[i].needs_box && !ms_sandbox_is_complete()) {
			print_message("  no box here\n");
			continue;
		}
		got = run(cases[i].body, cases[i].text);
		assert_string_equal(cases[i].want, got);
		g_free(got);
	}
	g_free(longer);
}

/* Whoever closes the stream ends the reader. */
static void
test_close(void **state)
{
	struct ms_error err = { "" };
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	const struct ms_reader_place from = { .in = fd, .tmp = -1 };
	int stream, pid, status;
	char byte;

	(void)state;
	assert_int_equal(MS_OK, ms_reader_start(write_forever, &from,
	    &stream, &pid, &err));
	assert_int_equal(1, read(stream, &byte, 1));
	assert_int_equal(0, close(stream));
	assert_int_equal(pid, waitpid(pid, &status, 0));
	assert_true(WIFSIGNALED(status));
	assert_int_equal(SIGPIPE, WTERMSIG(status));
	assert_int_equal(0, close(fd));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bodies),
		cmocka_unit_test(test_close),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
