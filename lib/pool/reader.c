#include "pool/reader.h"

#include "pool/sandbox.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

/* Where the two descriptors end up in the reader; all others are closed. */
enum { IN = 3, OUT = 4 };

static void
become_reader(ms_reader_body *body, int in, int out, pid_t parent)
{
	const struct ms_sandbox_profile profile = {
		.memory = MS_READER_MEMORY,
	};
	/* Out of the way of IN and OUT first. */
	int high_in = fcntl(in, F_DUPFD, OUT + 1);
	int high_out = fcntl(out, F_DUPFD, OUT + 1);

	(void)signal(SIGINT, SIG_IGN);
	(void)signal(SIGTERM, SIG_DFL);
	/* Written-to nobody: the caller wants no more. */
	(void)signal(SIGPIPE, SIG_DFL);
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	if (getppid() != parent || high_in < 0 || high_out < 0 ||
	    dup2(high_in, IN) < 0 || dup2(high_out, OUT) < 0)
		_exit(1);
	(void)close_range(OUT + 1, ~0u, 0);
	/* Nothing is prepared: a name that would need a character set table
	 * is shown as the bytes it is. */
	if (ms_sandbox_enter(&profile, NULL) != MS_OK)
		_exit(1);
	body(IN, OUT);
	_exit(0);
}

enum ms_status
ms_reader_start(ms_reader_body *body, int fd, int *stream,
    int *pid, struct ms_error *err)
{
	pid_t parent = getpid(), child;
	int pair[2];

	if (pipe2(pair, O_CLOEXEC) != 0)
		return ms_error_errno(err, "cannot start a reader");
	child = fork();
	if (child == 0) {
		(void)close(pair[0]);
		become_reader(body, fd, pair[1], parent);
	}
	(void)close(pair[1]);
	if (child < 0) {
		(void)close(pair[0]);
		return ms_error_errno(err, "cannot start a reader");
	}
	*stream = pair[0];
	*pid = child;
	return MS_OK;
}
