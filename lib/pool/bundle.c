#include "pool/bundle.h"

#include "pool/errand.h"
#include "pool/wire.h"

#include <string.h>

bool
ms_bundle_add(GByteArray **bundle, GByteArray *frame)
{
	const size_t used = *bundle ? (*bundle)->len : 1;

	if (used + sizeof(uint32_t) + frame->len > MS_FRAME_MAX)
		return false;
	if (!*bundle)
		*bundle = ms_wire_new(MS_ERRAND_BUNDLE);
	ms_wire_put_u32(*bundle, frame->len);
	ms_wire_put(*bundle, frame->data, frame->len);
	g_byte_array_unref(frame);
	return true;
}

enum ms_status
ms_bundle_next(const unsigned char *data, size_t size, size_t *at,
    const unsigned char **frame, size_t *frame_size)
{
	uint32_t length;

	if (size == 0 || data[0] != MS_ERRAND_BUNDLE)
		return MS_E_PEER;
	if (*at == 0)
		*at = 1;
	if (*at == size)
		return MS_END;
	if (size - *at < sizeof length)
		return MS_E_PEER;
	memcpy(&length, data + *at, sizeof length);
	*at += sizeof length;
	if (length > size - *at)
		return MS_E_PEER;
	*frame = data + *at;
	*frame_size = length;
	*at += length;
	return MS_OK;
}
