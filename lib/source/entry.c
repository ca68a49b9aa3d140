#include "source/entry.h"

#include <string.h>

void
ms_entry_begin(struct ms_entry *entry, struct ms_intake *intake)
{
	*entry = (struct ms_entry){
		.intake = intake, .envelope = ms_envelope_new(NULL)
	};
	ms_intake_begin(intake, MS_INTAKE_AS_IS);
}

void
ms_entry_clear(struct ms_entry *entry)
{
	ms_envelope_free(entry->envelope);
	if (entry->done)
		g_hash_table_unref(entry->done);
	*entry = (struct ms_entry){ 0 };
}

enum ms_status
ms_entry_feed(struct ms_entry *entry, const void *data, size_t size,
    struct ms_error *err)
{
	enum ms_status status = ms_intake_feed(entry->intake, data, size,
	    err);

	entry->full = status != MS_OK;
	entry->fed += size;
	return status;
}

enum ms_status
ms_entry_feed_file(struct ms_entry *entry, struct ms_cursor *cursor,
    uint64_t end, struct ms_error *err)
{
	enum ms_status status = MS_OK;
	const unsigned char *data;
	size_t size = 1;

	while (status == MS_OK && size > 0 && ms_cursor_at(cursor) < end) {
		status = ms_cursor_piece(cursor, end - ms_cursor_at(cursor),
		    &data, &size, err);
		if (status == MS_OK)
			status = ms_entry_feed(entry, data, size, err);
	}
	return status;
}

void
ms_entry_text(char **text, const unsigned char *data, size_t size)
{
	g_free(*text);
	*text = g_strndup((const char *)data, MIN(size, MS_ENTRY_TEXT));
}

static char *
address(const unsigned char *data, size_t size)
{
	char *text = NULL;

	if (size >= 2 && data[0] == '<' && data[size - 1] == '>')
		ms_entry_text(&text, data + 1, size - 2);
	else
		ms_entry_text(&text, data, size);
	return text;
}

void
ms_entry_sender(struct ms_entry *entry, const unsigned char *data,
    size_t size)
{
	g_free(entry->envelope->sender);
	entry->envelope->sender = address(data, size);
}

/* Is there room to keep another TEXT? */
static bool
has_room(struct ms_entry *entry, size_t count, const char *text)
{
	size_t size = strlen(text) + 1;

	if (count >= MS_ENTRY_RECIPIENTS ||
	    size > MS_ENTRY_BYTES - entry->kept)
		return false;
	entry->kept += size;
	return true;
}

/* Make the domain lower case. */
static char *
fold(char *text)
{
	char *at = strrchr(text, '@');

	for (; at && *at != '\0'; at++)
		*at = g_ascii_tolower(*at);
	return text;
}

static bool
is_done(const struct ms_entry *entry, const char *text)
{
	char *folded;
	bool done;

	if (!entry->done)
		return false;
	folded = fold(g_strdup(text));
	done = g_hash_table_contains(entry->done, folded);
	g_free(folded);
	return done;
}

void
ms_entry_recipient(struct ms_entry *entry, const unsigned char *data,
    size_t size)
{
	char *text = address(data, size);

	if (!is_done(entry, text)) {
		if (has_room(entry, entry->envelope->count, text))
			ms_envelope_add(entry->envelope, text);
		else
			entry->unlisted++;
	}
	g_free(text);
}

void
ms_entry_done(struct ms_entry *entry, const unsigned char *data, size_t size)
{
	char *text = fold(address(data, size));

	if (!entry->done)
		entry->done = g_hash_table_new_full(g_str_hash, g_str_equal,
		    g_free, NULL);
	if (has_room(entry, g_hash_table_size(entry->done), text))
		g_hash_table_add(entry->done, text);
	else
		g_free(text);
}

int64_t
ms_entry_number(const unsigned char *data, size_t size)
{
	int64_t number = 0;
	size_t i = 0, first;

	while (i < size && data[i] == ' ')
		i++;
	for (first = i; i < size && g_ascii_isdigit(data[i]); i++) {
		if (i - first >= 18)
			return -1;
		number = number * 10 + (data[i] - '0');
	}
	return i > first ? number : -1;
}
