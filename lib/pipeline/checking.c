#include "pipeline/checking.h"

#include "action/hook.h"
#include "base/clock.h"
#include "pool/child.h"
#include "pool/frame.h"
#include "pool/sealed.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/write.h"

/* Who does not keep to the time of a check by itself is ended after so long. */
#define GRACE_MS 5000

/* Messages for each process that there may be. */
#define WAITING 4

/* One message. */
struct job {
	uint64_t id;
	int fd;			/* what is looked at: a loan, unless it was */
	uint64_t size;
	bool rewritten;		/* by a check */
	GPtrArray *wishes;	/* each with a check; NULL: none is left */
	guint next;		/* of them */
	/* Its process. */
	int socket;		/* -1: there is none */
	int pid;
	int64_t until_ms;
	bool found, ended;
};

struct ms_checking {
	struct ms_checking_config config;
	struct ms_checking_events events;
	void *arg;
	GPtrArray *jobs;	/* of struct job * */
	unsigned running;
	int epoll;
};

static void
free_wish(gpointer data)
{
	struct ms_checking_wish *wish = data;

	g_free(wish->name);
	g_free(wish->user);
	g_free(wish);
}

GPtrArray *
ms_checking_wishes_new(void)
{
	return g_ptr_array_new_with_free_func(free_wish);
}

/* Could TEXT be taken for something else in a text of wishes? */
static const char *
harmless(const char *text)
{
	return text && !strpbrk(text, "\t\n") ? text : "";
}

char *
ms_checking_wishes_text(const GPtrArray *wishes)
{
	GString *text = g_string_new(NULL);
	char number[G_ASCII_DTOSTR_BUF_SIZE];

	for (guint i = 0; i < wishes->len; i++) {
		const struct ms_checking_wish *wish = wishes->pdata[i];

		g_string_append_printf(text, "%s\t%s\t%d\t%d\t%s\n",
		    harmless(wish->name), g_ascii_dtostr(number,
		    sizeof number, wish->score), wish->pass, wish->despite,
		    harmless(wish->user));
	}
	return g_string_free(text, FALSE);
}

/* One line; false: it is none. */
static bool
read_wish(const char *line, GPtrArray *wishes)
{
	char **words = g_strsplit(line, "\t", -1);
	const bool good = g_strv_length(words) == 5;
	struct ms_checking_wish *wish;

	if (good) {
		wish = g_new0(struct ms_checking_wish, 1);
		wish->name = g_strdup(words[0]);
		wish->score = g_ascii_strtod(words[1], NULL);
		wish->pass = strcmp(words[2], "1") == 0;
		wish->despite = strcmp(words[3], "1") == 0;
		wish->user = *words[4] ? g_strdup(words[4]) : NULL;
		g_ptr_array_add(wishes, wish);
	}
	g_strfreev(words);
	return good;
}

GPtrArray *
ms_checking_wishes(const char *text)
{
	GPtrArray *wishes = ms_checking_wishes_new();
	char **lines = g_strsplit(text, "\n", -1);
	bool good = true;

	for (char **line = lines; *line && good; line++)
		good = **line == '\0' || read_wish(*line, wishes);
	g_strfreev(lines);
	if (good)
		return wishes;
	g_ptr_array_unref(wishes);
	return NULL;
}

GPtrArray *
ms_checking_planned(const struct ms_plan *plan)
{
	GPtrArray *wishes = ms_checking_wishes_new();

	for (guint i = 0; i < plan->checks->len; i++) {
		const struct ms_plan_check *check = plan->checks->pdata[i];
		struct ms_checking_wish *wish = g_new(
		    struct ms_checking_wish, 1);

		*wish = (struct ms_checking_wish){ g_strdup(check->name),
			g_strdup(check->user), check->hits,
			check->passthru, plan->lenient };
		g_ptr_array_add(wishes, wish);
	}
	return wishes;
}

static const struct ms_check *
find_check(const struct ms_checking *checking, const char *name)
{
	for (size_t i = 0; i < checking->config.count; i++)
		if (strcmp(checking->config.checks[i].name, name) == 0)
			return &checking->config.checks[i];
	return NULL;
}

static const struct ms_check *
check_of(const struct ms_checking *checking, const struct job *job,
    guint number)
{
	const struct ms_checking_wish *wish = job->wishes->pdata[number];

	return find_check(checking, wish->name);
}

struct ms_checking *
ms_checking_new(const struct ms_checking_config *config,
    const struct ms_checking_events *events, void *arg)
{
	struct ms_checking *checking = g_new0(struct ms_checking, 1);

	checking->config = *config;
	checking->events = *events;
	checking->arg = arg;
	checking->jobs = g_ptr_array_new();
	checking->epoll = epoll_create1(EPOLL_CLOEXEC);
	return checking;
}

static char *
file_of(const struct ms_checking *checking, const struct job *job)
{
	return g_strdup_printf("%s/check-%" G_GUINT64_FORMAT,
	    checking->config.dir, job->id);
}

/* The process of JOB is no more, or no more wanted. */
static void
end_process(struct ms_checking *checking, struct job *job)
{
	char *path;

	if (job->socket < 0)
		return;
	(void)epoll_ctl(checking->epoll, EPOLL_CTL_DEL, job->socket, NULL);
	(void)close(job->socket);
	job->socket = -1;
	(void)kill(job->pid, SIGKILL);
	while (waitpid(job->pid, NULL, 0) < 0 && errno == EINTR)
		continue;
	checking->running--;
	path = file_of(checking, job);
	(void)unlink(path);
	g_free(path);
}

static void
free_job(struct ms_checking *checking, struct job *job)
{
	end_process(checking, job);
	if (job->rewritten)
		(void)close(job->fd);
	g_ptr_array_unref(job->wishes);
	g_free(job);
}

void
ms_checking_free(struct ms_checking *checking)
{
	if (!checking)
		return;
	for (guint i = 0; i < checking->jobs->len; i++)
		free_job(checking, checking->jobs->pdata[i]);
	g_ptr_array_unref(checking->jobs);
	if (checking->epoll >= 0)
		(void)close(checking->epoll);
	g_free(checking);
}

/* What the process of a check is told. */
struct errand {
	const struct ms_check *check;
	const struct ms_checking_wish *wish;
	int fd;
	uint64_t size;
	const char *path;
};

static enum ms_status
write_file(const char *path, const void *data, size_t size,
    struct ms_error *err)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0 || ms_write(fd, data, size) != MS_OK || close(fd) != 0)
		return ms_error_errno(err, "%s", path);
	return MS_OK;
}

/* Make ready what QUESTION has besides the bytes, and ask. */
static enum ms_status
ask(struct ms_check_question *question, struct ms_check_answer *answer,
    struct ms_error *err)
{
	enum ms_status status = MS_OK;

	if (question->check->type == MS_CHECK_COMMAND)
		status = ms_hook_input(question->data, question->size,
		    &question->fd, err);
	else if (question->check->type == MS_CHECK_SOPHIE)
		status = write_file(question->path, question->data,
		    question->size, err);
	return status == MS_OK ? ms_check_ask(question, answer, err) :
	    status;
}

static bool
tell(int socket, GByteArray *frame, int fd)
{
	const bool sent = ms_frame_send(socket, frame, fd, NULL) == MS_OK;

	g_byte_array_unref(frame);
	return sent;
}

/* Tell what the answer is. What was made of the message goes with the end. */
static bool
tell_answer(int socket, const struct errand *errand,
    const struct ms_check_answer *answer)
{
	int fd = -1;

	if (answer->found && !tell(socket, ms_frame_finding(answer->kind,
	    errand->check->name, answer->found, ""), -1))
		return false;
	if (answer->rewritten && ms_sealed_make(answer->rewritten->data,
	    answer->rewritten->len, &fd, NULL) != MS_OK)
		return false;
	return tell(socket, ms_frame_end(0), fd);
}

/* The process. */
static int
run(void *arg, int socket)
{
	static const unsigned char nothing[1];
	const struct errand *errand = arg;
	struct ms_check_question question = {
		.check = errand->check,
		.data = nothing,
		.size = (size_t)errand->size,
		.path = errand->path,
		.fd = -1,
		.user = errand->wish->user,
		.score = errand->wish->score,
		.pass = !errand->wish->pass ? MS_CHECK_KEEP :
		    errand->check->pass != MS_CHECK_KEEP ?
		    errand->check->pass : MS_CHECK_MESSAGE,
	};
	struct ms_check_answer answer;
	struct ms_error err = { "" };

	if (errand->size > 0) {
		void *map = mmap(NULL, (size_t)errand->size, PROT_READ,
		    MAP_SHARED, errand->fd, 0);

		if (map == MAP_FAILED)
			return 1;
		question.data = map;
	}
	if (ask(&question, &answer, &err) != MS_OK)
		return tell(socket, ms_frame_gap(MS_REASON_ENGINE_FAILED, "",
		    err.text), -1) && tell(socket, ms_frame_end(0), -1) ? 0 :
		    1;
	return tell_answer(socket, errand, &answer) ? 0 : 1;
}

/* Why nothing is known from the check. */
static void
tell_gap(const struct ms_checking *checking, const struct job *job,
    const char *why)
{
	const struct ms_checking_wish *wish = job->wishes->pdata[job->next];
	char *detail = g_strdup_printf("%s: %s", wish->name, why);
	GByteArray *frame = ms_frame_gap(MS_REASON_ENGINE_FAILED, "", detail);

	checking->events.fact(checking->arg, job->id, frame->data,
	    frame->len);
	g_byte_array_unref(frame);
	g_free(detail);
}

/* Start the next check of JOB; it has one. */
static void
start(struct ms_checking *checking, struct job *job)
{
	char *path = file_of(checking, job);
	struct errand errand = { check_of(checking, job, job->next),
		job->wishes->pdata[job->next], job->fd, job->size, path };
	const struct ms_child child = { .body = run, .arg = &errand,
		.keep = &job->fd, .count = job->fd >= 0 ? 1 : 0, .log = -1 };
	struct epoll_event event = { .events = EPOLLIN };
	struct ms_error err;

	job->ended = false;
	if (ms_child_start(&child, &job->socket, &job->pid, &err) == MS_OK) {
		checking->running++;
		job->until_ms = ms_clock_ms() + errand.check->timeout_ms +
		    GRACE_MS;
		(void)epoll_ctl(checking->epoll, EPOLL_CTL_ADD, job->socket,
		    &event);
	} else {
		job->socket = -1;
		tell_gap(checking, job, err.text);
		job->next++;
	}
	g_free(path);
}

/* What a check has made of the message takes its place for the next. */
static void
take_rewritten(struct ms_checking *checking, struct job *job, int fd)
{
	struct stat st;

	if (fstat(fd, &st) != 0 || st.st_size <= 0 ||
	    ms_sealed_check(fd, (uint64_t)st.st_size) != MS_OK) {
		(void)close(fd);
		tell_gap(checking, job, "nonsense from its process");
		return;
	}
	if (job->rewritten)
		(void)close(job->fd);
	job->fd = fd;
	job->size = (uint64_t)st.st_size;
	job->rewritten = true;
}

/* One frame; false: nothing more is to come. */
static bool
take_frame(struct ms_checking *checking, struct job *job,
    const unsigned char *data, size_t size, int fd)
{
	const enum ms_frame_type type = ms_frame_type(data, size);
	uint64_t id;

	if ((type == MS_FRAME_FINDING || type == MS_FRAME_GAP) && fd < 0 &&
	    ms_frame_read_fact(data, size, NULL) == MS_OK) {
		job->found |= type == MS_FRAME_FINDING;
		checking->events.fact(checking->arg, job->id, data, size);
		return true;
	}
	job->ended = ms_frame_read_end(data, size, &id) == MS_OK;
	if (job->ended && fd >= 0)
		take_rewritten(checking, job, fd);
	else if (fd >= 0)
		(void)close(fd);
	return false;
}

/* Hear what the process of JOB has to say. Is it over? */
static bool
hear(struct ms_checking *checking, struct job *job)
{
	unsigned char data[MS_FRAME_MAX];
	enum ms_status status;
	size_t size;
	int fd;

	for (;;) {
		status = ms_frame_receive(job->socket, data, sizeof data,
		    &size, &fd);
		if (status == MS_E_IO && errno == EINTR)
			continue;
		if (status == MS_E_IO && errno == EAGAIN)
			break;
		if (status != MS_OK ||
		    !take_frame(checking, job, data, size, fd)) {
			if (!job->ended)
				tell_gap(checking, job, "its process died");
			return true;
		}
	}
	if (ms_clock_ms() < job->until_ms)
		return false;
	tell_gap(checking, job, "no answer in time");
	return true;
}

/* The one to ask after one has found something. Spam may be worse than that:
 * who looks for more than spam is asked all the same. */
static guint
next_after_finding(const struct ms_checking *checking, const struct job *job)
{
	guint next = job->next;

	if (!ms_check_is_for_spam(check_of(checking, job, next)))
		return job->wishes->len;
	do
		next++;
	while (next < job->wishes->len &&
	    ms_check_is_for_spam(check_of(checking, job, next)));
	return next;
}

/* Go on with JOB as far as that is possible; false: it is over, and told. */
static bool
go(struct ms_checking *checking, struct job *job)
{
	if (job->socket >= 0) {
		if (!hear(checking, job))
			return true;
		end_process(checking, job);
		job->next = job->found ? next_after_finding(checking, job) :
		    job->next + 1;
		job->found = false;
	}
	while (job->next < job->wishes->len) {
		if (checking->running >= checking->config.at_once)
			return true;
		start(checking, job);
		if (job->socket >= 0)
			return true;
	}
	checking->events.done(checking->arg, job->id,
	    job->rewritten ? job->fd : -1, job->size);
	job->rewritten = false;
	return false;
}

void
ms_checking_turn(struct ms_checking *checking)
{
	guint i = 0;

	/* In their order, so that who waits longest is first. */
	while (i < checking->jobs->len) {
		struct job *job = checking->jobs->pdata[i];

		if (go(checking, job)) {
			i++;
			continue;
		}
		g_ptr_array_remove_index(checking->jobs, i);
		free_job(checking, job);
	}
}

/* Add what is wished from CHECK, if the message is for it. */
static void
add_wish(GPtrArray *into, const struct ms_check *check,
    const struct ms_checking_wish *from, uint64_t size)
{
	struct ms_checking_wish *wish;

	if (size > check->size_max)
		return;
	wish = g_new0(struct ms_checking_wish, 1);
	wish->name = g_strdup(check->name);
	wish->user = g_strdup(from ? from->user : check->user);
	wish->score = from ? from->score : check->score;
	wish->pass = from ? from->pass : check->pass != MS_CHECK_KEEP;
	g_ptr_array_add(into, wish);
}

bool
ms_checking_begin(struct ms_checking *checking, uint64_t id, int fd,
    uint64_t size, const GPtrArray *wishes)
{
	GPtrArray *list = ms_checking_wishes_new();
	struct job *job;

	for (size_t i = 0; !wishes && i < checking->config.count; i++)
		add_wish(list, &checking->config.checks[i], NULL, size);
	for (guint i = 0; wishes && i < wishes->len; i++) {
		const struct ms_checking_wish *wish = wishes->pdata[i];
		const struct ms_check *check = find_check(checking,
		    wish->name);

		if (check)
			add_wish(list, check, wish, size);
	}
	if (list->len == 0) {
		g_ptr_array_unref(list);
		return false;
	}
	job = g_new0(struct job, 1);
	*job = (struct job){ .id = id, .fd = fd, .size = size,
		.wishes = list, .socket = -1 };
	g_ptr_array_add(checking->jobs, job);
	/* It begins at the next turn; or now, if nobody is before it. */
	if (checking->running < checking->config.at_once)
		start(checking, job);
	return true;
}

bool
ms_checking_is_busy(const struct ms_checking *checking)
{
	return checking->jobs->len > 0;
}

bool
ms_checking_is_full(const struct ms_checking *checking)
{
	return checking->jobs->len >= WAITING * checking->config.at_once;
}

int
ms_checking_fd(const struct ms_checking *checking)
{
	return checking->epoll;
}
