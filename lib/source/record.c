#include "source/record.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "base/write.h"

#define HEADER 8
#define MTIME 8
#define PLACE 25

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

static void
put_number(unsigned char bytes[8], uint64_t number)
{
	for (size_t i = 0; i < 8; i++)
		bytes[i] = (unsigned char)(number >> (8 * i) & 255);
}

static uint64_t
get_number(const unsigned char bytes[8])
{
	uint64_t number = 0;

	for (size_t i = 0; i < 8; i++)
		number |= (uint64_t)bytes[i] << (8 * i);
	return number;
}

enum ms_status
ms_record_write_message(int fd, const struct ms_record_place *place)
{
	unsigned char bytes[PLACE] = { (unsigned char)place->kind };

	put_number(bytes + 1, place->stream);
	put_number(bytes + 9, place->number);
	put_number(bytes + 17, (uint64_t)place->time);
	return ms_record_write(fd, MS_RECORD_MESSAGE, bytes, sizeof bytes);
}

enum ms_status
ms_record_write_field(int fd, enum ms_record_field field, const char *text)
{
	const unsigned char name = (unsigned char)field;
	size_t size = MIN(strlen(text), MS_RECORD_NAME - 1);

	if (write_header(fd, MS_RECORD_FIELD, size + 1) != MS_OK ||
	    ms_write(fd, &name, 1) != MS_OK)
		return MS_E_IO;
	return ms_write(fd, text, size);
}

enum ms_status
ms_record_write_member(int fd, const char *name, int64_t mtime)
{
	unsigned char stamp[MTIME];
	size_t size = MIN(strlen(name), MS_RECORD_NAME);

	put_number(stamp, (uint64_t)mtime);
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
		return ms_error_set(err, MS_E_PEER, "the reader does not "
		    "answer");
	(void)ms_error_errno(err, "reader");
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
		(void)ms_error_errno(err, "reader");
		return MS_E_PEER;
	}
	if (n == 0)
		return ms_error_set(err, MS_E_PEER, "the reader ended "
		    "unexpectedly");
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
	    "the reader broke the protocol");
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

/* What no 33-bit clock can have shown is no time. */
static int64_t
time_of(const unsigned char bytes[8])
{
	uint64_t time = get_number(bytes);

	return time >> 33 ? -1 : (int64_t)time;
}

static enum ms_status
read_member(const struct pipe *from, struct ms_record *record, size_t size,
    struct ms_error *err)
{
	unsigned char stamp[MTIME];
	enum ms_status status;

	if (size < MTIME)
		return nonsense(err);
	status = read_all(from, stamp, MTIME, err);
	if (status != MS_OK)
		return status;
	record->mtime = time_of(stamp);
	return read_text(from, record, size - MTIME, err);
}

static enum ms_status
read_message(const struct pipe *from, struct ms_record *record, size_t size,
    struct ms_error *err)
{
	unsigned char bytes[PLACE];
	enum ms_status status;

	if (size != PLACE)
		return nonsense(err);
	status = read_all(from, bytes, PLACE, err);
	if (status != MS_OK)
		return status;
	record->place = (struct ms_record_place){
		.kind = (enum ms_record_kind)bytes[0],
		.stream = get_number(bytes + 1),
		.number = get_number(bytes + 9),
		.time = time_of(bytes + 17),
	};
	/* Nobody can have counted that far. */
	if (!strchr("mte", bytes[0]) || bytes[0] == '\0' ||
	    record->place.stream == 0 || record->place.number == 0 ||
	    record->place.stream >> 48 || record->place.number >> 48)
		return nonsense(err);
	return MS_OK;
}

static enum ms_status
read_field(const struct pipe *from, struct ms_record *record, size_t size,
    struct ms_error *err)
{
	unsigned char name;
	enum ms_status status;

	if (size < 1)
		return nonsense(err);
	status = read_all(from, &name, 1, err);
	if (status != MS_OK)
		return status;
	record->field = (enum ms_record_field)name;
	return name != '\0' && strchr("srxyhcvplow", name) ?
	    read_text(from, record, size - 1, err) : nonsense(err);
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
	case MS_RECORD_MESSAGE:
		return read_message(&from, record, size, err);
	case MS_RECORD_FIELD:
		return read_field(&from, record, size, err);
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
