#include "source/input.h"

#include "source/detect.h"

#include <errno.h>
#include <poll.h>
#include <glib.h>
#include <string.h>
#include <unistd.h>

#define BLOCK 65536

struct ms_input {
	enum { PLAIN, STREAM, MEMBER } type;
	ms_source_wait *wait;		/* of a stream */
	void *wait_arg;
	int fd;
	struct ms_members *members;
	uint64_t size;			/* of a plain file when opened */
	uint64_t at;			/* bytes taken so far */
	unsigned char *head;		/* NULL: not looked at, or given */
	size_t head_size, head_at;
	enum ms_status failed;
	struct ms_error why;
};

static struct ms_input *
new_input(int type, int fd)
{
	struct ms_input *in = g_new0(struct ms_input, 1);

	in->type = type;
	in->fd = fd;
	return in;
}

struct ms_input *
ms_input_file(int fd, uint64_t size)
{
	struct ms_input *in = new_input(PLAIN, fd);

	in->size = size;
	return in;
}

struct ms_input *
ms_input_stream(int fd, ms_source_wait *wait, void *arg)
{
	struct ms_input *in = new_input(STREAM, fd);

	in->wait = wait;
	in->wait_arg = arg;
	return in;
}

struct ms_input *
ms_input_member(struct ms_members *members)
{
	struct ms_input *in = new_input(MEMBER, -1);

	in->members = members;
	return in;
}

void
ms_input_free(struct ms_input *in)
{
	if (!in)
		return;
	if (in->type == PLAIN)
		(void)close(in->fd);
	g_free(in->head);
	g_free(in);
}

static enum ms_status
take_plain(struct ms_input *in, void *data, size_t size, size_t *got,
    struct ms_error *err)
{
	ssize_t n;

	size = (size_t)MIN(size, in->size - in->at);
	if (size == 0)
		return MS_OK;
	do {
		n = pread(in->fd, data, size, (off_t)in->at);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return ms_error_errno(err, "cannot be read at byte %llu",
		    (unsigned long long)in->at);
	if (n == 0)
		return ms_error_set(err, MS_E_FORMAT, "shortened while it "
		    "was read: ends at byte %llu of %llu; scan it again",
		    (unsigned long long)in->at,
		    (unsigned long long)in->size);
	*got = (size_t)n;
	return MS_OK;
}

static enum ms_status
take_stream(struct ms_input *in, void *data, size_t size, size_t *got,
    struct ms_error *err)
{
	struct pollfd ready = { .fd = in->fd, .events = POLLIN };
	ssize_t n;

	if (in->wait && poll(&ready, 1, 0) == 0 &&
	    !in->wait(in->wait_arg, in->fd))
		return ms_error_set(err, MS_E_IO, "interrupted at byte %llu",
		    (unsigned long long)in->at);
	/* This can wait for long: a signal is a reason to look up. */
	n = read(in->fd, data, size);
	if (n < 0)
		return ms_error_errno(err, "cannot be read at byte %llu",
		    (unsigned long long)in->at);
	*got = (size_t)n;
	return MS_OK;
}

static enum ms_status
take(struct ms_input *in, void *data, size_t size, size_t *got,
    struct ms_error *err)
{
	enum ms_status status;

	*got = 0;
	if (in->failed != MS_OK)
		return ms_error_set(err, in->failed, "%s", in->why.text);
	if (in->type == PLAIN) {
		status = take_plain(in, data, size, got, &in->why);
	} else if (in->type == STREAM) {
		status = take_stream(in, data, size, got, &in->why);
	} else {
		status = ms_members_read(in->members, data, size, got,
		    &in->why);
		if (status != MS_OK)
			ms_error_context(&in->why, "byte %llu",
			    (unsigned long long)in->at);
	}
	if (status != MS_OK) {
		in->failed = status;
		return ms_error_set(err, status, "%s", in->why.text);
	}
	in->at += *got;
	return MS_OK;
}

enum ms_status
ms_input_head(struct ms_input *in, const unsigned char **data, size_t *size,
    struct ms_error *err)
{
	size_t room = MS_DETECT_HEAD, got = 1;
	enum ms_status status;

	if (!in->head && in->at == 0) {
		if (in->type == PLAIN)
			room = (size_t)MIN(room, in->size + 1);
		in->head = g_malloc(room);
		while (got > 0 && in->head_size < room) {
			status = take(in, in->head + in->head_size,
			    room - in->head_size, &got, err);
			/* The reader gets what there is, then the failure. */
			if (status != MS_OK && in->head_size == 0)
				return status;
			in->head_size += got;
		}
	}
	*data = in->head;
	*size = in->head_size;
	return MS_OK;
}

enum ms_status
ms_input_read(struct ms_input *in, void *data, size_t size, size_t *got,
    struct ms_error *err)
{
	if (in->head_at < in->head_size) {
		*got = MIN(size, in->head_size - in->head_at);
		memcpy(data, in->head + in->head_at, *got);
		in->head_at += *got;
		return MS_OK;
	}
	g_free(in->head);
	in->head = NULL;
	return take(in, data, size, got, err);
}

enum ms_status
ms_input_charge(struct ms_input *in, uint64_t size, struct ms_error *err)
{
	if (in->type != MEMBER)
		return MS_OK;
	if (in->failed == MS_OK)
		in->failed = ms_members_charge(in->members, size, &in->why);
	if (in->failed == MS_OK)
		return MS_OK;
	g_free(in->head);
	in->head = NULL;
	in->head_size = in->head_at = 0;
	return ms_error_set(err, in->failed, "%s", in->why.text);
}

enum ms_status
ms_input_peek(struct ms_input *in, uint64_t offset, void *data, size_t size,
    size_t *got, struct ms_error *err)
{
	ssize_t n;

	*got = 0;
	if (in->type != PLAIN)
		return ms_error_set(err, MS_E_USAGE, "not a regular file");
	if (offset >= in->size)
		return MS_OK;
	size = (size_t)MIN(size, in->size - offset);
	do {
		n = pread(in->fd, data, size, (off_t)offset);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return ms_error_errno(err, "cannot be read at byte %llu",
		    (unsigned long long)offset);
	*got = (size_t)n;
	return MS_OK;
}

enum ms_status
ms_input_to_file(struct ms_input **input,
    const struct ms_spool_config *config, struct ms_error *why,
    struct ms_error *err)
{
	struct ms_spool *spool = ms_spool_new(config);
	unsigned char *block = g_malloc(BLOCK);
	enum ms_status status = MS_OK, failed;
	uint64_t size;
	size_t got;
	int fd;

	while ((failed = ms_input_read(*input, block, BLOCK, &got, why)) ==
	    MS_OK && got > 0 && status == MS_OK)
		status = ms_spool_write(spool, block, got, err);
	g_free(block);
	size = ms_spool_size(spool);
	if (status == MS_OK && failed == MS_OK)
		status = ms_spool_seal(spool, &fd, err);
	ms_spool_free(spool);
	if (status != MS_OK)
		return status;
	if (failed != MS_OK)
		return MS_END;
	ms_input_free(*input);
	*input = ms_input_file(fd, size);
	return MS_OK;
}

bool
ms_input_is_file(const struct ms_input *in)
{
	return in->type == PLAIN;
}

uint64_t
ms_input_size(const struct ms_input *in)
{
	return in->size;
}

int
ms_input_fd(const struct ms_input *in)
{
	return in->type == PLAIN ? in->fd : -1;
}

uint64_t
ms_input_taken(const struct ms_input *in)
{
	return in->at;
}
