#include "pool/sandbox.h"

#include "base/build.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <iconv.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* The process that runs the tests; the box has no call to ask for it. */
static pid_t parent;

/* What is tried in the box: 0 if it went well, else errno. All of it happens
 * in a child of its own. */

static int
try_open(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC, 0600);

	return fd < 0 ? errno : 0;
}

static int
open_outside(void)
{
	return try_open("/etc/passwd", O_RDONLY);
}

static int
open_proc(void)
{
	return try_open("/proc/self/environ", O_RDONLY);
}

static int
open_parent(void)
{
	return try_open("box/../outside", O_RDONLY);
}

static int
open_link(void)
{
	return try_open("box/link", O_RDONLY);
}

static int
write_outside(void)
{
	return try_open("new", O_WRONLY | O_CREAT);
}

static int
unlink_outside(void)
{
	return unlink("outside") == 0 ? 0 : errno;
}

static int
write_inside(void)
{
	int fd = open("box/new", O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC,
	    0600);

	if (fd < 0 || write(fd, "x", 1) != 1 || close(fd) != 0 ||
	    unlink("box/new") != 0 || mkdir("box/d", 0700) != 0 ||
	    rmdir("box/d") != 0)
		return errno;
	return 0;
}

static int
write_much(void)
{
	static const char block[65536];
	int fd = open("box/much", O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	for (int i = 0; fd >= 0 && i < 32; i++)
		if (write(fd, block, sizeof block) < 0)
			return errno;
	return fd < 0 ? errno : 0;
}

static int
make_memfd(void)
{
	return memfd_create("t", MFD_CLOEXEC | MFD_ALLOW_SEALING) < 0 ?
	    errno : 0;
}

static int
make_other_memfd(void)
{
	return memfd_create("t", MFD_ALLOW_SEALING) < 0 ? errno : 0;
}

static int
seal(void)
{
	return fcntl(memfd_create("t", MFD_CLOEXEC | MFD_ALLOW_SEALING),
	    F_ADD_SEALS, F_SEAL_SEAL) != 0 ? errno : 0;
}

static int
fill_memfd(void)
{
	static const char block[65536];
	int fd = memfd_create("t", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	for (int i = 0; i < 32; i++)
		if (write(fd, block, sizeof block) < 0)
			return errno;
	return 0;
}

static int
make_socket(void)
{
	return socket(AF_INET, SOCK_STREAM, 0) < 0 ? errno : 0;
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
	return fork() < 0 ? errno : 0;
}

static int
kill_parent(void)
{
	return kill(parent, 0) == 0 ? 0 : errno;
}

static int
kill_thread_of_parent(void)
{
	return tgkill(parent, parent, 0) == 0 ? 0 : errno;
}

static int
end_oneself(void)
{
	abort();
}

static int
limit_parent(void)
{
	return prlimit(parent, RLIMIT_CPU, NULL, NULL) == 0 ? 0 : errno;
}

static int
limit_oneself(void)
{
	const struct rlimit limit = { 5, 5 };

	return setrlimit(RLIMIT_CPU, &limit) == 0 ? 0 : errno;
}

static int
trace(void)
{
	return ptrace(PTRACE_ATTACH, parent, NULL, NULL) == 0 ? 0 : errno;
}

static int
map_executable(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_EXEC,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? errno : 0;
}

static int
make_executable(void)
{
	void *map = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return mprotect(map, 4096, PROT_READ | PROT_EXEC) == 0 ? 0 : errno;
}

static int
take_memory(void)
{
	void *map = mmap(NULL, 8 << 20, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return map == MAP_FAILED ? errno : 0;
}

static int
take_much_memory(void)
{
	void *map = mmap(NULL, 256 << 20, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return map == MAP_FAILED ? errno : 0;
}

static int
take_descriptors(void)
{
	for (int i = 0; i < 100; i++)
		if (dup(0) < 0)
			return errno;
	return 0;
}

static int
raise_limit(void)
{
	const struct rlimit limit = { RLIM_INFINITY, RLIM_INFINITY };

	return setrlimit(RLIMIT_NOFILE, &limit) == 0 ? 0 : errno;
}

static int
ask_terminal(void)
{
	struct winsize size;

	return ioctl(0, TIOCGWINSZ, &size) == 0 ? 0 : errno;
}

static int
convert(void)
{
	static const char *const charsets[] = { "KOI8-R", "SHIFT_JIS",
		"GB18030", "ISO-8859-15", "WINDOWS-1252" };

	for (size_t i = 0; i < G_N_ELEMENTS(charsets); i++)
		if (iconv_open("UTF-8", charsets[i]) == (iconv_t)-1 ||
		    iconv_open(charsets[i], "UTF-8") == (iconv_t)-1)
			return errno;
	return 0;
}

static int
allocate(void)
{
	char *text = g_strdup_printf("%d", 7);

	g_free(text);
	free(malloc(1 << 20));
	return 0;
}

static const struct attempt {
	const char *name;
	int (*act)(void);
	int want, want_signal;
	bool no_dir;		/* in a box without files */
} attempts[] = {
	{ "memory", allocate, 0, 0, false },
	{ "character sets", convert, 0, 0, false },
	{ "a file inside", write_inside, 0, 0, false },
	{ "a file outside", open_outside, EACCES, 0, false },
	{ "a file of proc", open_proc, EACCES, 0, false },
	{ "by way of the parent", open_parent, EACCES, 0, false },
	{ "by way of a link", open_link, EACCES, 0, false },
	{ "a new file outside", write_outside, EACCES, 0, false },
	{ "away with one outside", unlink_outside, EACCES, 0, false },
	{ "a file inside, without files", write_inside, EACCES, 0, true },
	{ "a large file", write_much, 0, SIGXFSZ, false },
	{ "a socket", make_socket, 0, SIGSYS, false },
	{ "a program", run_program, 0, SIGSYS, false },
	{ "a process", start_process, 0, SIGSYS, false },
	{ "a signal", kill_parent, 0, SIGSYS, false },
	{ "a signal to a thread", kill_thread_of_parent, 0, SIGSYS, false },
	{ "an end", end_oneself, 0, SIGABRT, false },
	{ "limits of another", limit_parent, 0, SIGSYS, false },
	{ "limits", limit_oneself, 0, 0, false },
	{ "tracing", trace, 0, SIGSYS, false },
	{ "an executable map", map_executable, EACCES, 0, false },
	{ "made executable", make_executable, EACCES, 0, false },
	{ "some memory", take_memory, 0, 0, false },
	{ "much memory", take_much_memory, ENOMEM, 0, false },
	{ "descriptors", take_descriptors, EMFILE, 0, false },
	{ "a terminal", ask_terminal, ENOTTY, 0, false },
};

/* May attempts make memfds? */
static bool memfds;
/* Do they talk to others? */
static bool network;

/* The wait status of a child that enters the box and tries ATTEMPT; 200 is
 * for a box that did not close. */
static int
try_in_child(const struct attempt *attempt, bool boxed)
{
	struct ms_sandbox_profile profile = {
		.dir = attempt->no_dir ? NULL : "box",
		.memory = network ? 0 : 32 << 20,
		.file_size = network ? 0 : 1 << 20,
		.memfds = memfds,
		.network = network,
	};
	int status;
	pid_t pid;

	parent = getpid();
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		ms_sandbox_prepare();
		if (boxed && ms_sandbox_enter(&profile, NULL) != MS_OK)
			_exit(200);
		_exit(attempt->act());
	}
	assert_int_equal(pid, waitpid(pid, &status, 0));
	return status;
}

static void
test_box(void **state)
{
	(void)state;
	if (!ms_sandbox_is_complete()) {
		char *why = ms_sandbox_describe();

		print_message("  no box here: %s\n", why);
		g_free(why);
		skip();
	}
	assert_int_equal(0, mkdir("box", 0700));
	assert_true(g_file_set_contents("outside", "x", 1, NULL));
	assert_int_equal(0, symlink("../outside", "box/link"));
	for (size_t i = 0; i < G_N_ELEMENTS(attempts); i++) {
		const struct attempt *attempt = &attempts[i];
		int status = try_in_child(attempt, true);

		print_message("  %s: %#x\n", attempt->name, status);
		if (attempt->want_signal) {
			assert_true(WIFSIGNALED(status));
			assert_int_equal(attempt->want_signal,
			    WTERMSIG(status));
			continue;
		}
		assert_true(WIFEXITED(status));
		assert_int_equal(attempt->want, WEXITSTATUS(status));
	}
	assert_int_equal(0, access("outside", F_OK));
	assert_int_equal(-1, access("new", F_OK));
}

/* It is the box that says no, not the machine. */
static void
test_without_box(void **state)
{
	static const struct attempt open_ones[] = {
		{ "a file outside", open_outside, 0, 0, false },
		{ "a socket", make_socket, 0, 0, false },
		{ "limits of another", limit_parent, 0, 0, false },
		{ "much memory", take_much_memory, 0, 0, false },
		{ "descriptors", take_descriptors, 0, 0, false },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(open_ones); i++) {
		print_message("  %s\n", open_ones[i].name);
		assert_int_equal(0, try_in_child(&open_ones[i], false));
	}
}

/* memfds to hand over: with the one set of flags that this takes, up to the
 * size that a file may have, and only where they are to be had. */
static void
test_memfds(void **state)
{
	static const struct attempt closed[] = {
		{ "a memfd", make_memfd, 0, SIGSYS, false },
		{ "a seal", seal, 0, SIGSYS, false },
	};
	static const struct attempt open[] = {
		{ "a memfd", make_memfd, 0, 0, false },
		{ "a seal", seal, 0, 0, false },
		{ "other flags", make_other_memfd, 0, SIGSYS, false },
		{ "a large one", fill_memfd, 0, SIGXFSZ, false },
		/* Whoever hands them over keeps its limit. */
		{ "descriptors", take_descriptors, 0, 0, false },
	};

	(void)state;
	if (!ms_sandbox_is_complete())
		skip();
	(void)mkdir("box", 0700);
	for (size_t i = 0; i < G_N_ELEMENTS(closed); i++)
		assert_int_equal(closed[i].want_signal,
		    WTERMSIG(try_in_child(&closed[i], true)));
	memfds = true;
	for (size_t i = 0; i < G_N_ELEMENTS(open); i++) {
		int status = try_in_child(&open[i], true);

		print_message("  %s: %#x\n", open[i].name, status);
		if (open[i].want_signal)
			assert_int_equal(open[i].want_signal,
			    WTERMSIG(status));
		else
			assert_int_equal(0, status);
	}
	memfds = false;
}

static int
listen_on_socket(void)
{
	const struct sockaddr_in any = { .sin_family = AF_INET };
	const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return 1;
	if (bind(fd, (const struct sockaddr *)(const void *)&any,
	    sizeof any) == 0)
		return 0;
	return listen(fd, 1) == 0 ? 0 : errno;
}

static int
make_raw_socket(void)
{
	return socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, 0) >= 0 ? 0 : errno;
}

/* As a spool does it. */
static int
make_nameless(void)
{
	const int fd = open("box", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	char *link;

	if (fd < 0 || write(fd, "x", 1) != 1)
		return errno;
	link = g_strdup_printf("/proc/self/fd/%d", fd);
	return try_open(link, O_RDONLY);
}

static int
make_dir_inside(void)
{
	return mkdir("box/dir", 0700) == 0 ? 0 : errno;
}

/* Who talks to others: what it may not do fails, and it goes on. */
static void
test_network(void **state)
{
	static const struct attempt attempts_there[] = {
		{ "a socket", make_socket, 0, 0, false },
		{ "a socket to listen on", listen_on_socket, EPERM, 0, false },
		{ "a socket of the system", make_raw_socket, EPERM, 0, false },
		{ "a file without a name", make_nameless, 0, 0, false },
		{ "a directory inside", make_dir_inside, EACCES, 0, false },
		{ "a file outside", open_outside, EACCES, 0, false },
		{ "a file of proc", open_proc, EACCES, 0, false },
		{ "a file inside, without files", write_inside, EACCES, 0,
		  true },
		{ "a memfd", make_memfd, 0, 0, false },
		{ "a seal", seal, 0, 0, false },
		{ "a program", run_program, EPERM, 0, false },
		{ "a process", start_process, EPERM, 0, false },
		{ "a signal", kill_parent, EPERM, 0, false },
		{ "limits of another", limit_parent, EPERM, 0, false },
		{ "tracing", trace, EPERM, 0, false },
		{ "an executable map", map_executable, EACCES, 0, false },
		{ "much memory", take_much_memory, 0, 0, false },
		{ "descriptors", take_descriptors, 0, 0, false },
	};

	(void)state;
	if (!ms_sandbox_is_complete())
		skip();
	(void)mkdir("box", 0700);
	memfds = network = true;
	for (size_t i = 0; i < G_N_ELEMENTS(attempts_there); i++) {
		const struct attempt *attempt = &attempts_there[i];
		int status = try_in_child(attempt, true);

		print_message("  %s: %#x\n", attempt->name, status);
		assert_true(WIFEXITED(status));
		assert_int_equal(attempt->want, WEXITSTATUS(status));
	}
	memfds = network = false;
}

/* No right is got back once it was given up. */
static void
test_for_good(void **state)
{
	static const struct attempt attempt = { "a higher limit",
		raise_limit, EPERM, 0, false };
	int status;

	(void)state;
	if (!ms_sandbox_is_complete() || geteuid() == 0) {
		print_message("  no box here, or root, who may\n");
		skip();
	}
	(void)mkdir("box", 0700);
	status = try_in_child(&attempt, true);
	assert_true(WIFEXITED(status));
	assert_int_equal(attempt.want, WEXITSTATUS(status));
}

static void
test_describe(void **state)
{
	char *text = ms_sandbox_describe();

	(void)state;
	print_message("  %s\n", text);
	if (MS_BUILD_SANITIZED) {
		assert_string_equal("none (built with a sanitizer)", text);
		assert_false(ms_sandbox_is_complete());
	} else if (ms_sandbox_is_complete()) {
		assert_true(g_str_has_prefix(text, "seccomp, landlock "));
		assert_true(g_str_has_suffix(text, ", rlimits"));
	}
	g_free(text);
}

/* A directory that is not there is no reason to go on without one. */
static void
test_no_dir(void **state)
{
	struct ms_sandbox_profile profile = { .dir = "not/there",
		.memory = 32 << 20, .file_size = 1 };
	pid_t pid = fork();
	int status;

	(void)state;
	if (pid == 0)
		_exit(ms_sandbox_enter(&profile, NULL) == MS_OK ? 0 : 7);
	assert_int_equal(pid, waitpid(pid, &status, 0));
	if (!ms_sandbox_is_complete())
		skip();
	assert_true(WIFEXITED(status));
	assert_int_equal(7, WEXITSTATUS(status));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_box),
		cmocka_unit_test(test_without_box),
		cmocka_unit_test(test_memfds),
		cmocka_unit_test(test_network),
		cmocka_unit_test(test_for_good),
		cmocka_unit_test(test_describe),
		cmocka_unit_test(test_no_dir),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
