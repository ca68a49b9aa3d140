#include "source/record.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "base/write.h"

#define HEADER 8
#define MTIME 8

static enum ms_status
write_header(int fd, enum ms_record_type type, size_t size)
{
	unsigned char header[HEADER] = { (unsigned char)type };

	for (size_t i = 0; i < 4; i++)
		header[4 + i] = (unsigned char)(size >> (8 * i) & 255);
	return ms_write(fd, header, sizeof header);
}

enum ms_status
ms_record_write(int fd, enum ms_record_type type, const void *data,
    size_t size)
{
	size_t max = type == MS_RECORD_DATA ? MS_RECORD_MAX : MS_RECORD_NAME;

	size = MIN(size, max);
	if (write_header(fd, type, size) != MS_OK)
		return MS_E_IO;
	return ms_write(fd, data, size);
}

enum ms_status
ms_record_write_member(int fd, const char *name, int64_t mtime)
{
	unsigned char stamp[MTIME];
	size_t size = MIN(strlen(name), MS_RECORD_NAME);

	for (size_t i = 0; i < MTIME; i++)
		stamp[i] = (unsigned char)((uint64_t)mtime >> (8 * i) & 255);
	if (write_header(fd, MS_RECORD_MEMBER, MTIME + size) != MS_OK ||
	    ms_write(fd, stamp, MTIME) != MS_OK)
		return MS_E_IO;
	return ms_write(fd, name, size);
}

/* Whence and how patiently. */
struct pipe {
	int fd;
	int wait_ms;
};

/* This can wait for long: a signal is a reason to look up. In two halves, as
 * whoever is stopped and continued finds the first one over. */
static enum ms_status
wait_for(const struct pipe *from, struct ms_error *err)
{
	struct pollfd ready = { .fd = from->fd, .events = POLLIN };
	int n = from->wait_ms == 0;

	for (int i = 0; i < 2 && n == 0; i++)
		n = poll(&ready, 1, from->wait_ms / 2);
	if (n > 0)
		return MS_OK;
	if (n == 0)
		return ms_error_set(err, MS_E_PEER, "the archive reader does "
		    "not answer");
	(void)ms_error_errno(err, "archive reader");
	return MS_E_PEER;
}

static enum ms_status
read_some(const struct pipe *from, void *data, size_t size, size_t *got,
    struct ms_error *err)
{
	enum ms_status status = wait_for(from, err);
	ssize_t n;

	if (status != MS_OK)
		return status;
	n = read(from->fd, data, size);
	if (n < 0) {
		(void)ms_error_errno(err, "archive reader");
		return MS_E_PEER;
	}
	if (n == 0)
		return ms_error_set(err, MS_E_PEER, "the archive reader "
		    "ended unexpectedly");
	*got = (size_t)n;
	return MS_OK;
}

static enum ms_status
read_all(const struct pipe *from, void *data, size_t size,
    struct ms_error *err)
{
	char *p = data;
	size_t got = 0;

	while (size > 0) {
		enum ms_status status = read_some(from, p, size, &got, err);

		if (status != MS_OK)
			return status;
		p += got;
		size -= got;
	}
	return MS_OK;
}

static enum ms_status
nonsense(struct ms_error *err)
{
	return ms_error_set(err, MS_E_PEER,
	    "the archive reader broke the protocol");
}

/* The SIZE bytes of a name or a reason. */
static enum ms_status
read_text(const struct pipe *from, struct ms_record *record, size_t size,
    struct ms_error *err)
{
	enum ms_status status;

	if (size > MS_RECORD_NAME)
		return nonsense(err);
	status = read_all(from, record->text, size, err);
	if (status != MS_OK)
		return status;
	record->text[size] = '\0';
	return memchr(record->text, '\0', size) ? nonsense(err) : MS_OK;
}

static enum ms_status
read_member(const struct pipe *from, struct ms_record *record, size_t size,
    struct ms_error *err)
{
	unsigned char stamp[MTIME];
	enum ms_status status;
	uint64_t mtime = 0;

	if (size < MTIME)
		return nonsense(err);
	status = read_all(from, stamp, MTIME, err);
	if (status != MS_OK)
		return status;
	for (size_t i = 0; i < MTIME; i++)
		mtime |= (uint64_t)stamp[i] << (8 * i);
	/* What no 33-bit clock can have shown is no time. */
	record->mtime = mtime >> 33 ? -1 : (int64_t)mtime;
	return read_text(from, record, size - MTIME, err);
}

enum ms_status
ms_record_read(int fd, struct ms_record *record, struct ms_error *err)
{
	static const unsigned char zero[3];
	const struct pipe from = { fd, record->wait_ms };
	unsigned char header[HEADER];
	enum ms_status status = read_all(&from, header, sizeof header, err);
	size_t size = 0;

	if (status != MS_OK)
		return status;
	for (size_t i = 0; i < 4; i++)
		size |= (size_t)header[4 + i] << (8 * i);
	if (memcmp(header + 1, zero, sizeof zero) != 0)
		return nonsense(err);
	record->type = (enum ms_record_type)header[0];
	record->left = 0;
	record->text[0] = '\0';
	switch (record->type) {
	case MS_RECORD_MEMBER:
		return read_member(&from, record, size, err);
	case MS_RECORD_DATA:
		record->left = size;
		return size > 0 && size <= MS_RECORD_MAX ? MS_OK :
		    nonsense(err);
	case MS_RECORD_DONE:
	case MS_RECORD_END:
		return size == 0 ? MS_OK : nonsense(err);
	case MS_RECORD_BAD:
	case MS_RECORD_FAILED:
		return read_text(&from, record, size, err);
	}
	return nonsense(err);
}

enum ms_status
ms_record_read_data(int fd, struct ms_record *record, void *data, size_t size,
    size_t *got, struct ms_error *err)
{
	const struct pipe from = { fd, record->wait_ms };
	enum ms_status status;

	*got = 0;
	if (record->left == 0)
		return MS_OK;
	status = read_some(&from, data, MIN(size, record->left), got, err);
	if (status == MS_OK)
		record->left -= *got;
	return status;
}
