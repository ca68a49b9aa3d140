#include "source/qmail.h"

#include <string.h>

static enum ms_status
damaged(const struct ms_cursor *cursor, struct ms_error *err)
{
	return ms_error_set(err, MS_E_FORMAT,
	    "a damaged envelope: byte %llu", (unsigned long long)
	    ms_cursor_at(cursor));
}

static bool
take_text(struct ms_entry *entry, const unsigned char *text, size_t size)
{
	switch (*text) {
	case 'F':
		ms_entry_sender(entry, text + 1, size - 1);
		return true;
	case 'T':
		ms_entry_recipient(entry, text + 1, size - 1);
		return true;
	case 'D':
	case 'u':
	case 'p':
		return true;
	default:
		return false;
	}
}

enum ms_status
ms_qmail_read(struct ms_cursor *cursor, struct ms_entry *entry,
    struct ms_error *err)
{
	GByteArray *text = g_byte_array_new();
	enum ms_status status;
	size_t size = 0;

	for (;;) {
		const unsigned char *data, *nul, *end;

		status = ms_cursor_piece(cursor, MS_CURSOR_PIECE, &data,
		    &size, err);
		if (status != MS_OK || size == 0)
			break;
		for (end = data + size; status == MS_OK && data < end;) {
			size_t room = MS_ENTRY_TEXT + 1 - text->len;

			nul = memchr(data, '\0', (size_t)(end - data));
			size = (size_t)((nul ? nul : end) - data);
			g_byte_array_append(text, data,
			    (guint)MIN(size, room));
			data += size + (nul ? 1 : 0);
			if (!nul)
				continue;
			if (text->len == 0 || !take_text(entry, text->data,
			    text->len))
				status = damaged(cursor, err);
			g_byte_array_set_size(text, 0);
		}
		if (status != MS_OK)
			break;
	}
	/* Something follows the last NUL. */
	if (status == MS_OK && text->len > 0)
		status = damaged(cursor, err);
	g_byte_array_unref(text);
	return status;
}
