#include "scan/invisible.h"

/* Those that are neither controls nor formats. */
static const struct {
	gunichar from, to;
} ignorable[] = {
	{ 0x34f, 0x34f }, { 0x115f, 0x1160 }, { 0x17b4, 0x17b5 },
	{ 0x180b, 0x180f }, { 0x2065, 0x2065 }, { 0x3164, 0x3164 },
	{ 0xfe00, 0xfe0f }, { 0xffa0, 0xffa0 }, { 0xfff0, 0xfff8 },
	{ 0xe0000, 0xe0fff },
};

bool
ms_invisible(gunichar c)
{
	const GUnicodeType type = g_unichar_type(c);

	if (type == G_UNICODE_CONTROL || type == G_UNICODE_FORMAT)
		return true;
	for (size_t i = 0; i < G_N_ELEMENTS(ignorable); i++)
		if (c >= ignorable[i].from && c <= ignorable[i].to)
			return true;
	return false;
}
