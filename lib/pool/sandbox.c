#include "pool/sandbox.h"

#include "base/build.h"
#include "pool/landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <iconv.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* Of clone(2): new name spaces. */
#define CLONES_NOT (CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | \
    CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP)

/* Descriptors that parsing needs at most. */
#define DESCRIPTORS ((rlim_t)64)

/* Character sets of mail whose tables glibc would load when first used. */
static const char *const charsets[] = {
	"UTF-8", "UTF-7", "UTF-16", "UTF-16BE", "UTF-16LE", "UTF-32",
	"UTF-32BE", "UTF-32LE", "UCS-2", "UCS-4", "US-ASCII", "ISO-8859-1",
	"ISO-8859-2", "ISO-8859-3", "ISO-8859-4", "ISO-8859-5",
	"ISO-8859-6", "ISO-8859-7", "ISO-8859-8", "ISO-8859-9",
	"ISO-8859-10", "ISO-8859-13", "ISO-8859-14", "ISO-8859-15",
	"ISO-8859-16", "WINDOWS-1250", "WINDOWS-1251", "WINDOWS-1252",
	"WINDOWS-1253", "WINDOWS-1254", "WINDOWS-1255", "WINDOWS-1256",
	"WINDOWS-1257", "WINDOWS-1258", "CP437", "CP850", "CP852", "CP866",
	"CP874", "CP932", "CP936", "CP949", "CP950", "KOI8-R", "KOI8-U",
	"SHIFT_JIS", "EUC-JP", "ISO-2022-JP", "ISO-2022-KR", "ISO-2022-CN",
	"GB2312", "GBK", "GB18030", "BIG5", "BIG5-HKSCS", "EUC-KR",
	"EUC-TW", "JOHAB", "TIS-620", "MACINTOSH", "IBM037",
};

/* What parsing, its memory and its temporary files need. */
static const int allowed[] = {
	SCMP_SYS(read), SCMP_SYS(write), SCMP_SYS(writev),
	SCMP_SYS(pread64), SCMP_SYS(pwrite64), SCMP_SYS(lseek),
	SCMP_SYS(openat), SCMP_SYS(close), SCMP_SYS(newfstatat),
	SCMP_SYS(fstat), SCMP_SYS(stat), SCMP_SYS(lstat), SCMP_SYS(statx),
	SCMP_SYS(unlink), SCMP_SYS(unlinkat), SCMP_SYS(mkdir),
	SCMP_SYS(rmdir), SCMP_SYS(chmod), SCMP_SYS(readlink),
	SCMP_SYS(getdents64), SCMP_SYS(munmap), SCMP_SYS(mremap),
	SCMP_SYS(madvise), SCMP_SYS(brk), SCMP_SYS(futex),
	SCMP_SYS(getcwd), SCMP_SYS(geteuid), SCMP_SYS(getuid),
	SCMP_SYS(getpid), SCMP_SYS(gettid), SCMP_SYS(ftruncate),
	SCMP_SYS(fsync), SCMP_SYS(access), SCMP_SYS(rename), SCMP_SYS(dup),
	SCMP_SYS(clock_gettime), SCMP_SYS(getrandom),
	SCMP_SYS(gettimeofday), SCMP_SYS(recvmsg), SCMP_SYS(sendmsg),
	SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigaction),
	SCMP_SYS(rt_sigreturn), SCMP_SYS(sigaltstack),
	SCMP_SYS(exit_group), SCMP_SYS(exit),
	SCMP_SYS(sysinfo), SCMP_SYS(restart_syscall),
};

/* And what talking to others needs: sockets, but none to be listened on. */
static const int allowed_network[] = {
	SCMP_SYS(accept), SCMP_SYS(accept4), SCMP_SYS(connect),
	SCMP_SYS(getsockname), SCMP_SYS(getpeername), SCMP_SYS(getsockopt),
	SCMP_SYS(setsockopt), SCMP_SYS(shutdown), SCMP_SYS(sendto),
	SCMP_SYS(recvfrom), SCMP_SYS(socketpair), SCMP_SYS(readv),
	SCMP_SYS(sendfile), SCMP_SYS(epoll_create1), SCMP_SYS(epoll_ctl),
	SCMP_SYS(epoll_wait), SCMP_SYS(epoll_pwait), SCMP_SYS(eventfd2),
	SCMP_SYS(timerfd_create), SCMP_SYS(timerfd_settime),
	SCMP_SYS(poll), SCMP_SYS(ppoll), SCMP_SYS(pipe2),
	SCMP_SYS(clock_nanosleep), SCMP_SYS(nanosleep), SCMP_SYS(dup2),
	SCMP_SYS(dup3), SCMP_SYS(getgid), SCMP_SYS(getegid),
	SCMP_SYS(readlinkat), SCMP_SYS(uname), SCMP_SYS(sched_yield),
	/* Of descriptors that others hand over. */
	SCMP_SYS(fstatfs),
};

/* What keeping files takes besides, and waiting for who has some. */
static const int allowed_keeper[] = {
	SCMP_SYS(poll), SCMP_SYS(ppoll), SCMP_SYS(openat2),
	SCMP_SYS(mkdirat), SCMP_SYS(renameat), SCMP_SYS(renameat2),
	SCMP_SYS(linkat), SCMP_SYS(fdatasync), SCMP_SYS(fallocate),
	SCMP_SYS(fadvise64), SCMP_SYS(fchmod), SCMP_SYS(sendto),
};

/* What looking up names takes besides, in a process that is forked for it. */
static const int allowed_names[] = {
	SCMP_SYS(mmap), SCMP_SYS(mprotect), SCMP_SYS(bind),
	SCMP_SYS(sendmmsg), SCMP_SYS(recvmmsg), SCMP_SYS(fork),
	SCMP_SYS(wait4), SCMP_SYS(close_range), SCMP_SYS(set_robust_list),
	SCMP_SYS(set_tid_address), SCMP_SYS(rseq), SCMP_SYS(getppid),
};

/* What threads take besides, and one of them that waits for signals. */
static const int allowed_threads[] = {
	SCMP_SYS(set_robust_list), SCMP_SYS(rseq), SCMP_SYS(rt_sigtimedwait),
	SCMP_SYS(select), SCMP_SYS(pselect6),
};

/* Where it finds what it reads. */
static const char *const names_dirs[] = { "/etc", "/usr", "/lib", "/lib64",
	"/run", "/var/run", "/var/lib/extrausers", "/var/cache/nscd" };

static bool
has_seccomp(void)
{
	uint32_t action = SECCOMP_RET_KILL_PROCESS;

	return syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) ==
	    0;
}

bool
ms_sandbox_is_complete(void)
{
	return !MS_BUILD_SANITIZED && has_seccomp() && ms_landlock_abi() > 0;
}

char *
ms_sandbox_describe(void)
{
	bool seccomp = has_seccomp();
	long abi = ms_landlock_abi();
	char *landlock;
	char *text;

	if (MS_BUILD_SANITIZED)
		return g_strdup("none (built with a sanitizer)");
	if (!seccomp && abi <= 0)
		return g_strdup("none (the kernel offers neither seccomp nor "
		    "Landlock)");
	landlock = abi > 0 ? g_strdup_printf("landlock %ld, ", abi) :
	    g_strdup("");
	text = g_strdup_printf("%s%srlimits", seccomp ? "seccomp, " : "",
	    landlock);
	g_free(landlock);
	return text;
}

void
ms_sandbox_prepare(void)
{
	static const char *const targets[] = { "UTF-8" };

	/* The descriptors stay open on purpose: glibc unloads a table with
	 * its last user. */
	for (size_t i = 0; i < G_N_ELEMENTS(charsets); i++) {
		(void)iconv_open(targets[0], charsets[i]);
		(void)iconv_open(charsets[i], targets[0]);
	}
	tzset();
	/* GLib looks for a file of aliases once. */
	(void)g_get_charset(NULL);
}

/* Private memory of this process now, in bytes. */
static uint64_t
data_size(void)
{
	unsigned long long pages[6] = { 0 };
	char text[256] = "";
	FILE *file = fopen("/proc/self/statm", "re");
	char *p = text;

	if (!file)
		return 0;
	if (!fgets(text, sizeof text, file))
		*text = '\0';
	(void)fclose(file);
	for (size_t i = 0; i < G_N_ELEMENTS(pages); i++)
		pages[i] = g_ascii_strtoull(p, &p, 10);
	return pages[5] * (uint64_t)sysconf(_SC_PAGESIZE);
}

/* Descriptors that this process may have. One that hands descriptors over
 * keeps its limit, because the kernel holds it against the number of those
 * that all processes of the user have on their way to others. */
static rlim_t
descriptors(const struct ms_sandbox_profile *profile)
{
	struct rlimit limit;

	if (!(profile->memfds || profile->network || profile->keeper) ||
	    getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return DESCRIPTORS;
	return MAX(limit.rlim_cur, DESCRIPTORS);
}

static enum ms_status
set_limits(const struct ms_sandbox_profile *profile, struct ms_error *err)
{
	const rlim_t memory = profile->memory > 0 ?
	    data_size() + profile->memory : RLIM_INFINITY;
	const rlim_t file_size = profile->file_size > 0 || (profile->dir &&
	    !profile->network && !profile->keeper) ? profile->file_size :
	    RLIM_INFINITY;
	const struct {
		int resource;
		rlim_t value;
		const char *name;
	} limits[] = {
		{ RLIMIT_DATA, memory, "memory" },
		{ RLIMIT_FSIZE, file_size, "file size" },
		{ RLIMIT_NPROC, 0, "processes" },
		{ RLIMIT_CORE, 0, "core size" },
		{ RLIMIT_NOFILE, descriptors(profile), "descriptors" },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(limits); i++) {
		struct rlimit limit = { limits[i].value, limits[i].value };

		/* Threads count as well. */
		if (limits[i].resource == RLIMIT_NPROC &&
		    (profile->names || profile->threads))
			continue;
		if (setrlimit(limits[i].resource, &limit) != 0)
			return ms_error_errno(err, "cannot limit %s",
			    limits[i].name);
	}
	return MS_OK;
}

static enum ms_status
enter_landlock(const struct ms_sandbox_profile *profile,
    struct ms_error *err)
{
	const enum ms_landlock_use use = profile->network ?
	    MS_LANDLOCK_FILES : profile->keeper ? MS_LANDLOCK_KEEP :
	    MS_LANDLOCK_TREES;
	struct ms_landlock_rule rules[G_N_ELEMENTS(names_dirs) + 1] = {
		{ profile->dir ? profile->dir : profile->other_dir, use },
		{ profile->dir ? profile->other_dir : NULL, use },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(names_dirs) && profile->names; i++)
		rules[i] = (struct ms_landlock_rule){ names_dirs[i],
			MS_LANDLOCK_READ };
	return ms_landlock_enter(rules, profile->network, err);
}

static int
allow_all(scmp_filter_ctx filter, const int *calls, size_t count)
{
	int r = 0;

	for (size_t i = 0; i < count && r == 0; i++)
		r = seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 0);
	return r;
}

/* mmap and mprotect, but nothing that could be jumped into: refused rather
 * than killed for, because a missing iconv table asks for just that. */
static int
allow_memory(scmp_filter_ctx filter)
{
	static const int calls[] = { SCMP_SYS(mmap), SCMP_SYS(mprotect) };
	int r = 0;

	for (size_t i = 0; i < G_N_ELEMENTS(calls) && r == 0; i++) {
		r = seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 1,
		    SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
		if (r == 0)
			r = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EACCES),
			    calls[i], 1, SCMP_A2(SCMP_CMP_MASKED_EQ,
			    PROT_EXEC, PROT_EXEC));
	}
	return r;
}

/* ioctl: stdio asks whether a file is a terminal, networks how much there is
 * to be read. */
static int
allow_ioctl(scmp_filter_ctx filter, bool network)
{
	int r;

	if (!network)
		return seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOTTY),
		    SCMP_SYS(ioctl), 0);
	r = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 1,
	    SCMP_A1(SCMP_CMP_EQ, FIONREAD, 0));
	return r != 0 ? r : seccomp_rule_add(filter, SCMP_ACT_ALLOW,
	    SCMP_SYS(ioctl), 1, SCMP_A1(SCMP_CMP_EQ, FIONBIO, 0));
}

/* Sockets of the kinds that mail goes over. */
static int
allow_network(scmp_filter_ctx filter)
{
	static const int families[] = { AF_UNIX, AF_INET, AF_INET6 };
	int r = allow_all(filter, allowed_network,
	    G_N_ELEMENTS(allowed_network));

	for (size_t i = 0; i < G_N_ELEMENTS(families) && r == 0; i++)
		r = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(socket),
		    1, SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)families[i], 0));
	return r != 0 ? r : seccomp_rule_add(filter, SCMP_ACT_ALLOW,
	    SCMP_SYS(fcntl), 1, SCMP_A1(SCMP_CMP_EQ, F_SETFL, 0));
}

/* fcntl, as far as it asks: with F_SETOWN it could signal others. */
static int
allow_asking(scmp_filter_ctx filter)
{
	static const int commands[] = { F_GETFL, F_GETFD, F_SETFD,
		F_DUPFD_CLOEXEC, F_GET_SEALS };
	int r = 0;

	for (size_t i = 0; i < G_N_ELEMENTS(commands) && r == 0; i++)
		r = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(fcntl),
		    1, SCMP_A1(SCMP_CMP_EQ, (scmp_datum_t)commands[i], 0));
	return r;
}

/* memfds, to be filled, sealed and handed over. */
static int
allow_memfds(scmp_filter_ctx filter)
{
	int r = seccomp_rule_add(filter, SCMP_ACT_ALLOW,
	    SCMP_SYS(memfd_create), 1,
	    SCMP_A1(SCMP_CMP_EQ, MFD_CLOEXEC | MFD_ALLOW_SEALING, 0));

	return r != 0 ? r : seccomp_rule_add(filter, SCMP_ACT_ALLOW,
	    SCMP_SYS(fcntl), 1, SCMP_A1(SCMP_CMP_EQ, F_ADD_SEALS, 0));
}

/* Signals and limits of this process, not of others of the same user. */
static int
allow_self(scmp_filter_ctx filter)
{
	int r = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1,
	    SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid(), 0));

	return r != 0 ? r : seccomp_rule_add(filter, SCMP_ACT_ALLOW,
	    SCMP_SYS(prlimit64), 1, SCMP_A0(SCMP_CMP_EQ, 0, 0));
}

/* Processes, but none with rights of their own, and an end of them; and what
 * tells the addresses of this machine. */
static int
allow_names(scmp_filter_ctx filter)
{
	int r = allow_all(filter, allowed_names, G_N_ELEMENTS(allowed_names));

	if (r == 0)
		r = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(clone),
		    1, SCMP_A0(SCMP_CMP_MASKED_EQ, CLONES_NOT, 0));
	if (r == 0)
		r = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(kill),
		    1, SCMP_A1(SCMP_CMP_EQ, SIGKILL, 0));
	if (r == 0)
		r = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(prctl),
		    1, SCMP_A0(SCMP_CMP_EQ, PR_SET_PDEATHSIG, 0));
	return r != 0 ? r : seccomp_rule_add(filter, SCMP_ACT_ALLOW,
	    SCMP_SYS(socket), 1, SCMP_A0(SCMP_CMP_EQ, AF_NETLINK, 0));
}

/* Threads, which are no processes. What clone3(2) is to make is in memory where
 * no filter sees it: who is told that there is no such call takes clone(2). */
static int
allow_threads(scmp_filter_ctx filter)
{
	int r = allow_all(filter, allowed_threads,
	    G_N_ELEMENTS(allowed_threads));

	if (r == 0)
		r = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(clone),
		    1, SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD | CLONES_NOT,
		    CLONE_THREAD));
	if (r == 0)
		r = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS),
		    SCMP_SYS(clone3), 0);
	return r != 0 ? r : seccomp_rule_add(filter, SCMP_ACT_ALLOW,
	    SCMP_SYS(prctl), 1, SCMP_A0(SCMP_CMP_EQ, PR_SET_NAME, 0));
}

static enum ms_status
enter_seccomp(const struct ms_sandbox_profile *profile, struct ms_error *err)
{
	scmp_filter_ctx filter;
	int r = 0;

	if (!has_seccomp())
		return MS_OK;
	/* A whole service is not to fall for a call that nobody thought of. */
	filter = seccomp_init(profile->network || profile->keeper ?
	    SCMP_ACT_ERRNO(EPERM) : SCMP_ACT_KILL_PROCESS);
	if (!filter)
		return ms_error_set(err, MS_E_IO, "out of memory");
	r = allow_all(filter, allowed, G_N_ELEMENTS(allowed));
	if (r == 0)
		r = profile->names ? allow_names(filter) :
		    allow_memory(filter);
	if (r == 0 && profile->threads)
		r = allow_threads(filter);
	if (r == 0 && profile->keeper)
		r = allow_all(filter, allowed_keeper,
		    G_N_ELEMENTS(allowed_keeper));
	if (r == 0)
		r = allow_ioctl(filter, profile->network);
	if (r == 0)
		r = allow_asking(filter);
	if (r == 0 && profile->network)
		r = allow_network(filter);
	if (r == 0 && profile->memfds)
		r = allow_memfds(filter);
	if (r == 0)
		r = allow_self(filter);
	if (r == 0)
		r = seccomp_load(filter);
	seccomp_release(filter);
	errno = -r;
	return r == 0 ? MS_OK : ms_error_errno(err, "seccomp");
}

enum ms_status
ms_sandbox_enter(const struct ms_sandbox_profile *profile,
    struct ms_error *err)
{
	enum ms_status status;

	if (MS_BUILD_SANITIZED)
		return MS_OK;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return ms_error_errno(err, "no_new_privs");
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
		return ms_error_errno(err, "dumpable");
	/* The time zone is in a file. */
	tzset();
	status = set_limits(profile, err);
	if (status == MS_OK)
		status = enter_landlock(profile, err);
	if (status == MS_OK)
		status = enter_seccomp(profile, err);
	return status;
}
