#include "serve/control.h"

#include "pool/wire.h"

#include <errno.h>
#include <unistd.h>

GByteArray *
ms_control(enum ms_control order, const char *text)
{
	GByteArray *frame = ms_wire_new((unsigned)order);

	ms_wire_put_string(frame, text ? text : "");
	return frame;
}

enum ms_status
ms_control_read(const unsigned char *data, size_t size, enum ms_control *order,
    char **text)
{
	struct ms_wire wire;

	*text = NULL;
	if (size == 0 || data[0] < MS_CONTROL_PEER ||
	    data[0] > MS_CONTROL_BANNED)
		return MS_E_PEER;
	*order = (enum ms_control)data[0];
	wire = ms_wire_open(data, size, data[0]);
	*text = ms_wire_text(&wire);
	if (ms_wire_close(&wire) == MS_OK)
		return MS_OK;
	g_clear_pointer(text, g_free);
	return MS_E_PEER;
}

enum ms_status
ms_control_receive(int socket, enum ms_control *order, char **text, int *fd)
{
	unsigned char data[MS_FRAME_MAX];
	size_t got;
	enum ms_status status = ms_frame_receive(socket, data, sizeof data,
	    &got, fd);

	*text = NULL;
	if (status == MS_E_IO && errno != EAGAIN && errno != EINTR)
		status = MS_E_PEER;
	if (status == MS_OK)
		status = ms_control_read(data, got, order, text);
	if (status != MS_OK && *fd >= 0) {
		(void)close(*fd);
		*fd = -1;
	}
	return status;
}

enum ms_status
ms_control_send(int socket, enum ms_control order, const char *text, int fd)
{
	GByteArray *frame = ms_control(order, text);
	struct ms_error err;
	const enum ms_status status = ms_frame_send(socket, frame, fd, &err);

	g_byte_array_unref(frame);
	return status;
}
