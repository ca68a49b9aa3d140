#ifndef MS_ENTRY_TEST_H
#define MS_ENTRY_TEST_H

#include "source/entry.h"

#include <glib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* What the tests of the readers of queue files have in common. */

struct entry_file {
	int fd;
	struct ms_cursor *cursor;
};

/* A file without a name. */
static inline struct entry_file
entry_file_new(const void *data, size_t size)
{
	struct entry_file file = { .fd = memfd_create("test", MFD_CLOEXEC) };

	if (file.fd < 0 || write(file.fd, data, size) != (ssize_t)size)
		g_error("no memfd");
	file.cursor = ms_cursor_new(file.fd, size);
	return file;
}

static inline void
entry_file_free(struct entry_file *file)
{
	ms_cursor_free(file->cursor);
	(void)close(file->fd);
}

static inline struct ms_intake *
entry_intake(void)
{
	const struct ms_intake_config config = {
		.spool = { .heap_max = 1 << 20, .memfd_max = 1 << 20 },
		.max_bytes = 1 << 20,
	};

	return ms_intake_new(&config);
}

/* "SENDER>RECIPIENT,RECIPIENT@TIME ADDRESS NAME HELO|BODY", or what was read
 * of it and "!STATUS". What is not known is "?". */
static inline char *
entry_describe(struct ms_entry *entry, enum ms_status status)
{
	const struct ms_envelope *e = entry->envelope;
	GString *out = g_string_new(e->sender ? e->sender : "?");
	char *all = g_strjoinv(",", e->recipients);
	const unsigned char *data;
	struct ms_message *message;

	g_string_append_printf(out, ">%s@%d %s %s %s|", all,
	    (int)e->received, e->client_address ? e->client_address : "?",
	    e->client_name ? e->client_name : "?", e->helo ? e->helo : "?");
	g_free(all);
	if (ms_intake_end(entry->intake, &message, NULL) != MS_OK ||
	    ms_spool_map(message->body, &data, NULL) != MS_OK)
		g_error("no message");
	g_string_append_len(out, (const char *)data,
	    (gssize)ms_spool_size(message->body));
	ms_message_free(message);
	if (status != MS_OK)
		g_string_append_printf(out, "!%d", (int)status);
	return g_string_free(out, FALSE);
}

#endif
