#include "serve/member.h"

#include "base/clock.h"
#include "pool/child.h"
#include "serve/chronicle.h"

#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* How often one is asked whether it is alive, and how long it may take to say
 * so. */
#define ASK_MS 20000
#define ANSWER_MS 60000

struct ms_member *
ms_member_new(const struct ms_staff_row *row, enum ms_staff_kind kind,
    struct ms_error *err)
{
	const struct ms_child child = { .body = row->body, .arg = row->arg,
		.keep = row->keep, .count = row->count,
		.log = ms_chronicle_fd() };
	struct ms_member *member = g_new0(struct ms_member, 1);

	member->kind = kind;
	member->started_ms = member->asked_ms = ms_clock_ms();
	member->left_ms = -1;
	if (ms_child_start(&child, &member->socket, &member->pid, err) ==
	    MS_OK)
		return member;
	g_free(member);
	return NULL;
}

void
ms_member_send(struct ms_member *member, enum ms_control order,
    const char *text, int fd)
{
	/* Who is gone, or does not listen, is dealt with when it ends. */
	if (member->socket >= 0)
		(void)ms_control_send(member->socket, order, text, fd);
}

enum ms_status
ms_member_introduce(struct ms_member *front, const char *front_name,
    struct ms_member *member, const char *name, struct ms_error *err)
{
	int pair[2];

	if (ms_child_pair(pair, err) != MS_OK)
		return MS_E_IO;
	ms_member_send(member, MS_CONTROL_PEER, front_name, pair[0]);
	ms_member_send(front, MS_CONTROL_PEER, name, pair[1]);
	(void)close(pair[0]);
	(void)close(pair[1]);
	front->partners[member->kind] = member;
	return MS_OK;
}

void
ms_member_end(struct ms_member *member)
{
	ms_member_send(member, MS_CONTROL_END, NULL, -1);
	member->known = true;
	/* One that begins listens to nobody, and has done nothing yet. */
	if (!member->ready)
		(void)kill(member->pid, SIGKILL);
}

void
ms_member_await(struct ms_member *member, int64_t end_ms)
{
	while (waitpid(member->pid, NULL, WNOHANG) != member->pid) {
		if (ms_clock_ms() < end_ms) {
			(void)poll(NULL, 0, 5);
			continue;
		}
		(void)kill(member->pid, SIGKILL);
		(void)waitpid(member->pid, NULL, 0);
		break;
	}
}

void
ms_member_heard(struct ms_member *member)
{
	member->owes = false;
}

/* Others may well wait for a disk, or for a program. */
static bool
is_asked(const struct ms_member *member)
{
	return member->ready && (member->kind == MS_STAFF_FRONT ||
	    member->kind == MS_STAFF_SCANNER);
}

/* Before the machine was started, for who is long overdue. */
static int64_t
due_of(const struct ms_member *member)
{
	return member->asked_ms + (member->owes ? ANSWER_MS : ASK_MS);
}

int64_t
ms_member_due(const struct ms_member *member)
{
	return is_asked(member) ? MAX(due_of(member), 0) : -1;
}

bool
ms_member_do(struct ms_member *member)
{
	const int64_t now = ms_clock_ms();

	if (!is_asked(member) || now < due_of(member))
		return true;
	member->asked_ms = now;
	if (member->owes) {
		(void)kill(member->pid, SIGKILL);
		return false;
	}
	member->owes = true;
	ms_member_send(member, MS_CONTROL_ALIVE, NULL, -1);
	return true;
}

void
ms_member_describe(int status, char *text, size_t size)
{
	if (WIFSIGNALED(status))
		(void)g_snprintf(text, size, "killed by signal %d (%s)",
		    WTERMSIG(status), strsignal(WTERMSIG(status)));
	else
		(void)g_snprintf(text, size, "ended with status %d",
		    WEXITSTATUS(status));
}
