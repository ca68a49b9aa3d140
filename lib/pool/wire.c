#include "pool/wire.h"

#include <string.h>

/* A string's length field that stands for NULL. */
#define NO_STRING UINT32_MAX

GByteArray *
ms_wire_new(unsigned type)
{
	GByteArray *frame = g_byte_array_sized_new(256);
	guint8 byte = (guint8)type;

	return g_byte_array_append(frame, &byte, 1);
}

void
ms_wire_put(GByteArray *frame, const void *value, size_t size)
{
	g_byte_array_append(frame, value, (guint)size);
}

void
ms_wire_put_u64(GByteArray *frame, uint64_t value)
{
	ms_wire_put(frame, &value, sizeof value);
}

void
ms_wire_put_u32(GByteArray *frame, uint32_t value)
{
	ms_wire_put(frame, &value, sizeof value);
}

void
ms_wire_put_string(GByteArray *frame, const char *text)
{
	size_t size;

	if (!text) {
		ms_wire_put_u32(frame, NO_STRING);
		return;
	}
	size = strnlen(text, MS_WIRE_STRING_MAX);
	ms_wire_put_u32(frame, (uint32_t)size);
	ms_wire_put(frame, text, size);
}

struct ms_wire
ms_wire_open(const unsigned char *data, size_t size, unsigned type)
{
	if (size == 0 || data[0] != type)
		return (struct ms_wire){ NULL, 0, true };
	return (struct ms_wire){ data + 1, size - 1, false };
}

void
ms_wire_get(struct ms_wire *wire, void *value, size_t size)
{
	if (wire->bad || wire->size < size) {
		wire->bad = true;
		memset(value, 0, size);
		return;
	}
	memcpy(value, wire->data, size);
	wire->data += size;
	wire->size -= size;
}

uint64_t
ms_wire_u64(struct ms_wire *wire)
{
	uint64_t value;

	ms_wire_get(wire, &value, sizeof value);
	return value;
}

uint32_t
ms_wire_u32(struct ms_wire *wire)
{
	uint32_t value;

	ms_wire_get(wire, &value, sizeof value);
	return value;
}

bool
ms_wire_flag(struct ms_wire *wire)
{
	unsigned char value;

	ms_wire_get(wire, &value, 1);
	if (value > 1)
		wire->bad = true;
	return value == 1;
}

char *
ms_wire_string(struct ms_wire *wire)
{
	uint32_t size = ms_wire_u32(wire);
	char *text;

	if (wire->bad || size == NO_STRING)
		return NULL;
	if (size > MS_WIRE_STRING_MAX || size > wire->size ||
	    memchr(wire->data, '\0', size)) {
		wire->bad = true;
		return NULL;
	}
	text = g_strndup((const char *)wire->data, size);
	wire->data += size;
	wire->size -= size;
	return text;
}

char *
ms_wire_text(struct ms_wire *wire)
{
	char *text = ms_wire_string(wire);

	if (text)
		return text;
	wire->bad = true;
	return g_strdup("");
}

enum ms_status
ms_wire_close(const struct ms_wire *wire)
{
	return wire->bad || wire->size > 0 ? MS_E_PEER : MS_OK;
}
