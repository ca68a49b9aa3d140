#include "serve/task.h"

#include "pool/wire.h"

#include <unistd.h>

static void
begin(GByteArray *frame, uint64_t id, uint64_t size)
{
	ms_wire_put_u64(frame, id);
	ms_wire_put_u64(frame, size);
}

GByteArray *
ms_task_body(uint64_t id, uint64_t size)
{
	GByteArray *frame = ms_wire_new(MS_TASK_BODY);

	begin(frame, id, size);
	return frame;
}

GByteArray *
ms_task_note(uint64_t id, uint64_t size, const struct ms_task_words *words)
{
	GByteArray *frame = ms_wire_new(MS_TASK_NOTE);

	begin(frame, id, size);
	ms_wire_put_string(frame, words->client);
	ms_wire_put_string(frame, words->server);
	ms_wire_put_string(frame, words->remote);
	ms_wire_put_string(frame, words->remote_helo);
	ms_wire_put_string(frame, words->kept);
	ms_wire_put_string(frame, words->recipient);
	return frame;
}

GByteArray *
ms_task_done(uint64_t id, bool good, const char *text)
{
	GByteArray *frame = ms_wire_new(MS_TASK_DONE);
	const unsigned char flag = good;

	ms_wire_put_u64(frame, id);
	ms_wire_put(frame, &flag, 1);
	ms_wire_put_string(frame, text);
	return frame;
}

/* Does a frame of TASK begin at WIRE? *SIZE is what it announces. */
static bool
is_of(struct ms_task *task, struct ms_wire *wire, uint64_t *size)
{
	const uint64_t id = ms_wire_u64(wire);

	*size = ms_wire_u64(wire);
	if (wire->bad || id == 0 || (task->id != 0 && task->id != id))
		return false;
	task->id = id;
	return true;
}

static enum ms_status
read_body(const unsigned char *data, size_t size, struct ms_task *task)
{
	struct ms_wire wire = ms_wire_open(data, size, MS_TASK_BODY);

	if (!is_of(task, &wire, &task->body_size))
		return MS_E_PEER;
	return ms_wire_close(&wire) == MS_OK ? MS_END : MS_E_PEER;
}

static enum ms_status
read_note(const unsigned char *data, size_t size, struct ms_task *task)
{
	struct ms_wire wire = ms_wire_open(data, size, MS_TASK_NOTE);

	if (!is_of(task, &wire, &task->note_size) ||
	    task->note_size > MS_TASK_NOTE_MAX)
		return MS_E_PEER;
	task->words = (struct ms_task_words){
		.client = ms_wire_string(&wire),
		.server = ms_wire_string(&wire),
		.remote = ms_wire_string(&wire),
		.remote_helo = ms_wire_string(&wire),
		.kept = ms_wire_string(&wire),
		.recipient = ms_wire_string(&wire),
	};
	return ms_wire_close(&wire);
}

enum ms_status
ms_task_read(const unsigned char *data, size_t size, int fd,
    struct ms_task *task)
{
	if (fd >= 0 && size > 0 && data[0] == MS_TASK_BODY && task->body < 0) {
		task->body = fd;
		return read_body(data, size, task);
	}
	if (fd >= 0 && size > 0 && data[0] == MS_TASK_NOTE && task->note < 0) {
		task->note = fd;
		return read_note(data, size, task);
	}
	if (fd >= 0)
		(void)close(fd);
	return MS_E_PEER;
}

void
ms_task_init(struct ms_task *task)
{
	*task = (struct ms_task){ .body = -1, .note = -1 };
}

void
ms_task_clear(struct ms_task *task)
{
	if (task->body >= 0)
		(void)close(task->body);
	if (task->note >= 0)
		(void)close(task->note);
	ms_task_words_clear(&task->words);
	ms_task_init(task);
}

enum ms_status
ms_task_read_done(const unsigned char *data, size_t size, uint64_t *id,
    bool *good, char **text)
{
	struct ms_wire wire = ms_wire_open(data, size, MS_TASK_DONE);

	*id = ms_wire_u64(&wire);
	*good = ms_wire_flag(&wire);
	*text = ms_wire_text(&wire);
	if (ms_wire_close(&wire) == MS_OK)
		return MS_OK;
	*good = false;
	g_clear_pointer(text, g_free);
	return MS_E_PEER;
}

void
ms_task_words_copy(struct ms_task_words *to, const struct ms_task_words *from)
{
	*to = (struct ms_task_words){
		.client = g_strdup(from->client),
		.server = g_strdup(from->server),
		.remote = g_strdup(from->remote),
		.remote_helo = g_strdup(from->remote_helo),
		.kept = g_strdup(from->kept),
		.recipient = g_strdup(from->recipient),
	};
}

void
ms_task_words_clear(struct ms_task_words *words)
{
	g_free(words->client);
	g_free(words->server);
	g_free(words->remote);
	g_free(words->remote_helo);
	g_free(words->kept);
	g_free(words->recipient);
	*words = (struct ms_task_words){ .client = NULL };
}
