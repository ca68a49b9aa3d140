#include "pool/reader.h"

#include "pool/sandbox.h"

#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <unistd.h>

/* Where the descriptors end up in the reader; all others are closed. */
enum { IN = 3, OUT = 4, TMP = 5 };

/* Have PLACE's descriptors, and no others, where they belong. */
static bool
move_in(struct ms_reader_place *place)
{
	/* Out of the way first. */
	int in = fcntl(place->in, F_DUPFD, TMP + 1);
	int out = fcntl(place->out, F_DUPFD, TMP + 1);
	int tmp = place->tmp < 0 ? -1 : fcntl(place->tmp, F_DUPFD, TMP + 1);

	if (in < 0 || out < 0 || dup2(in, IN) < 0 || dup2(out, OUT) < 0)
		return false;
	if (place->tmp >= 0 && (tmp < 0 || dup2(tmp, TMP) < 0))
		return false;
	place->in = IN;
	place->out = OUT;
	if (place->tmp >= 0)
		place->tmp = TMP;
	return close_range(place->tmp >= 0 ? TMP + 1 : TMP, ~0u, 0) == 0;
}

static void
become_reader(ms_reader_body *body, struct ms_reader_place *place,
    pid_t parent)
{
	const struct ms_sandbox_profile profile = {
		.memory = MS_READER_MEMORY,
		.file_size = MS_READER_FILE,
	};

	(void)signal(SIGINT, SIG_IGN);
	(void)signal(SIGTERM, SIG_DFL);
	/* Written-to nobody: the caller wants no more. */
	(void)signal(SIGPIPE, SIG_DFL);
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	if (getppid() != parent || !move_in(place))
		_exit(1);
	/* Nothing is prepared: a name that would need a character set table
	 * is shown as the bytes it is. */
	if (ms_sandbox_enter(&profile, NULL) != MS_OK)
		_exit(1);
	body(place);
	_exit(0);
}

enum ms_status
ms_reader_start(ms_reader_body *body, const struct ms_reader_place *from,
    int *stream, int *pid, struct ms_error *err)
{
	struct ms_reader_place place = *from;
	pid_t parent = getpid(), child;
	int pair[2];

	if (pipe2(pair, O_CLOEXEC) != 0)
		return ms_error_errno(err, "cannot start a reader");
	child = fork();
	if (child == 0) {
		(void)close(pair[0]);
		place.out = pair[1];
		become_reader(body, &place, parent);
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
