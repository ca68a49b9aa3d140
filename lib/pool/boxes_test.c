/* The larger boxes of pool/sandbox.h: of who keeps files, of who looks up
 * names, and of who has threads. */

#include "pool/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <glib.h>

static char dir[] = "/tmp/mailscan-boxes-XXXXXX";

/* In the box; 0 if it went well, else errno. */

static int
keep_file(void)
{
	const int fd = open("box/a", O_RDWR | O_CREAT | O_EXCL, 0600);

	if (fd < 0 || write(fd, "x", 1) != 1 || fsync(fd) != 0 ||
	    mkdirat(AT_FDCWD, "box/d", 0700) != 0 ||
	    renameat(AT_FDCWD, "box/a", AT_FDCWD, "box/d/b") != 0 ||
	    unlink("box/d/b") != 0 || rmdir("box/d") != 0)
		return errno;
	return 0;
}

static int
read_outside(void)
{
	return open("outside", O_RDONLY) < 0 ? errno : 0;
}

static int
write_outside(void)
{
	return open("outside", O_WRONLY) < 0 ? errno : 0;
}

static int
read_system(void)
{
	return open("/etc/passwd", O_RDONLY) < 0 ? errno : 0;
}

static int
write_system(void)
{
	return open("/etc/mailscan-boxes-test", O_WRONLY | O_CREAT, 0600) < 0 ?
	    errno : 0;
}

static int
make_socket(void)
{
	return socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0) < 0 ? errno : 0;
}

static int
make_packet_socket(void)
{
	return socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0) < 0 ? errno : 0;
}

static int
run_program(void)
{
	char name[] = "/bin/true";
	char *const argv[] = { name, NULL };

	(void)execve(name, argv, argv + 1);
	return errno;
}

static int
start_process(void)
{
	int status;
	const pid_t pid = fork();

	if (pid < 0)
		return errno;
	if (pid == 0)
		_exit(0);
	return waitpid(pid, &status, 0) == pid && status == 0 ? 0 : errno;
}

static int
signal_parent(void)
{
	return kill(getppid(), SIGCONT) == 0 ? 0 : errno;
}

static int
look_up(void)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct addrinfo *list;

	if (getaddrinfo("localhost", "25", &hints, &list) != 0)
		return ENOENT;
	freeaddrinfo(list);
	return 0;
}

static void *
name_thread(void *arg)
{
	*(int *)arg = pthread_setname_np(pthread_self(), "boxed");
	return NULL;
}

static int
start_thread(void)
{
	pthread_t thread;
	int named = -1;
	const int why = pthread_create(&thread, NULL, name_thread, &named);

	return why != 0 ? why : pthread_join(thread, NULL) != 0 ? ESRCH :
	    named;
}

static int
wait_for_signal(void)
{
	sigset_t own;

	(void)sigemptyset(&own);
	(void)sigaddset(&own, SIGTERM);
	(void)sigprocmask(SIG_BLOCK, &own, NULL);
	if (raise(SIGTERM) != 0)
		return errno;
	return sigtimedwait(&own, NULL, &(struct timespec){ 5, 0 }) ==
	    SIGTERM ? 0 : errno;
}

enum box { KEEPER, NAMES, THREADS, BOXES };

static const struct ms_sandbox_profile boxes[BOXES] = {
	[KEEPER] = { .dir = "box", .keeper = true },
	[NAMES] = { .network = true, .names = true },
	[THREADS] = { .dir = "box", .memfds = true, .network = true,
		.threads = true },
};

static const struct attempt {
	const char *name;
	int (*act)(void);
	int want[BOXES];	/* what comes of it in each */
} attempts[] = {
	{ "keep a file", keep_file, { 0, EACCES, EPERM } },
	{ "read outside", read_outside, { EACCES, EACCES, EACCES } },
	{ "write outside", write_outside, { EACCES, EACCES, EACCES } },
	{ "read the system's", read_system, { EACCES, 0, EACCES } },
	{ "write the system's", write_system, { EACCES, EACCES, EACCES } },
	{ "a socket", make_socket, { EPERM, 0, 0 } },
	{ "a raw socket", make_packet_socket, { EPERM, EPERM, EPERM } },
	{ "a program", run_program, { EPERM, EPERM, EPERM } },
	{ "a process", start_process, { EPERM, 0, EPERM } },
	{ "a signal", signal_parent, { EPERM, EPERM, EPERM } },
	{ "look up a name", look_up, { ENOENT, 0, ENOENT } },
	{ "a thread", start_thread, { EPERM, EPERM, 0 } },
	{ "waiting for a signal", wait_for_signal, { EPERM, EPERM, 0 } },
};

static void
check(const struct attempt *attempt, enum box box)
{
	const pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (pid == 0) {
		struct ms_error err;

		_exit(ms_sandbox_enter(&boxes[box], &err) == MS_OK ?
		    attempt->act() : 200);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != attempt->want[box])
		fail_msg("%d, %s: %#x", (int)box, attempt->name,
		    (unsigned)status);
}

static void
test_boxes(void **state)
{
	(void)state;
	if (!ms_sandbox_is_complete())
		skip();
	for (size_t i = 0; i < G_N_ELEMENTS(attempts); i++)
		for (enum box box = KEEPER; box < BOXES; box++)
			check(&attempts[i], box);
}

static int
set_up(void **state)
{
	(void)state;
	if (!mkdtemp(dir) || chdir(dir) != 0 || mkdir("box", 0700) != 0)
		return -1;
	return g_file_set_contents("outside", "x", 1, NULL) ? 0 : -1;
}

static int
tear_down(void **state)
{
	(void)state;
	(void)unlink("box/a");
	(void)rmdir("box");
	(void)unlink("outside");
	return chdir("/") == 0 ? rmdir(dir) : -1;
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_boxes) };

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
