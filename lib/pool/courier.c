#include "pool/courier.h"

#include "base/clock.h"
#include "pool/frame.h"
#include "pool/sealed.h"
#include "pool/wire.h"

#include <errno.h>
#include <unistd.h>

/* Types of frames. */
enum { QUESTION = 1, ANSWER };

/* Nobody waits longer: a day, as for max-scantime. */
#define LEFT_MAX_MS 86400000

void
ms_courier_begin(struct ms_courier *courier, int64_t time_ms)
{
	courier->deadline_ms = ms_clock_ms() + time_ms;
}

static enum ms_status
lose(struct ms_courier *courier, struct ms_error *err)
{
	courier->lost = true;
	return ms_error_set(err, MS_E_PEER, "the broker's process died");
}

/* Wait for the answer. */
static enum ms_status
receive(struct ms_courier *courier, struct ms_engine_answer *answer,
    struct ms_error *err)
{
	unsigned char data[MS_FRAME_MAX];
	enum ms_status status;
	size_t size;
	int fd;

	do
		status = ms_frame_receive(courier->socket, data, sizeof data,
		    &size, &fd);
	while (status == MS_E_IO && errno == EINTR);
	if (status == MS_OK && fd >= 0)
		(void)close(fd);
	if (status != MS_OK || fd >= 0 ||
	    ms_courier_read_answer(data, size, answer) != MS_OK)
		return lose(courier, err);
	return MS_OK;
}

enum ms_status
ms_courier_ask(void *arg, const void *data, size_t size,
    struct ms_engine_answer *answer, struct ms_error *err)
{
	struct ms_courier *courier = arg;
	const int64_t left_ms = courier->deadline_ms - ms_clock_ms();
	const struct ms_courier_question question = { size,
		(uint64_t)CLAMP(left_ms, 0, LEFT_MAX_MS) };
	enum ms_status status;
	GByteArray *frame;
	int fd;

	if (courier->lost)
		return lose(courier, err);
	status = ms_sealed_make(data, size, &fd, err);
	if (status != MS_OK)
		return status;
	frame = ms_courier_question(&question);
	status = ms_frame_send(courier->socket, frame, fd, err);
	g_byte_array_unref(frame);
	(void)close(fd);
	return status == MS_OK ? receive(courier, answer, err) :
	    lose(courier, err);
}

GByteArray *
ms_courier_question(const struct ms_courier_question *question)
{
	GByteArray *frame = ms_wire_new(QUESTION);

	ms_wire_put_u64(frame, question->size);
	ms_wire_put_u64(frame, question->left_ms);
	return frame;
}

enum ms_status
ms_courier_read_question(const unsigned char *data, size_t size,
    struct ms_courier_question *question)
{
	struct ms_wire wire = ms_wire_open(data, size, QUESTION);

	question->size = ms_wire_u64(&wire);
	question->left_ms = ms_wire_u64(&wire);
	if (question->size > INT64_MAX || question->left_ms > LEFT_MAX_MS)
		return MS_E_PEER;
	return ms_wire_close(&wire);
}

GByteArray *
ms_courier_answer(const struct ms_engine_answer *answer)
{
	GByteArray *frame = ms_wire_new(ANSWER);

	ms_wire_put_u32(frame, answer->kind);
	ms_wire_put_string(frame, answer->text);
	return frame;
}

enum ms_status
ms_courier_read_answer(const unsigned char *data, size_t size,
    struct ms_engine_answer *answer)
{
	struct ms_wire wire = ms_wire_open(data, size, ANSWER);
	const uint32_t kind = ms_wire_u32(&wire);
	char *text = ms_wire_text(&wire);
	enum ms_status status = ms_wire_close(&wire);

	*answer = (struct ms_engine_answer){ .kind = MS_ENGINE_FAILED };
	if (kind > MS_ENGINE_FAILED || (kind == MS_ENGINE_FOUND &&
	    *text == '\0') || g_strlcpy(answer->text, text,
	    sizeof answer->text) >= sizeof answer->text)
		status = MS_E_PEER;
	if (status == MS_OK)
		answer->kind = kind;
	g_free(text);
	return status;
}
