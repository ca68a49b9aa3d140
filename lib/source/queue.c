#include "source/queue.h"

#include "source/beside.h"
#include "source/dbox.h"
#include "source/exim.h"
#include "source/item.h"
#include "source/kin.h"
#include "source/postfix.h"
#include "source/qmail.h"
#include "source/select.h"
#include "source/sendmail.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

struct ms_queue {
	struct ms_queue_config config;
	struct ms_origin origin;	/* of the current message */
	enum ms_kin kin;
	char *main;			/* as in ms_kin_of() */
	struct ms_cursor *cursor;	/* of the file itself */
	uint64_t beside;		/* bytes of other files */
	size_t header_size;		/* of dbox: 0: not begun */
	char *failed;			/* to be said behind a message */
	bool over;
};

/* How reading one message can end without one. */
enum end {
	END_NOT,
	END_OVER,		/* there are no more */
	END_GONE,
	END_EARLY		/* it is still being received */
};

static uint64_t
file_size(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 ? (uint64_t)st.st_size : 0;
}

struct ms_queue *
ms_queue_new(const struct ms_queue_config *config)
{
	static const char *const formats[] = {
		[MS_KIN_POSTFIX] = "postfix",
		[MS_KIN_EXIM] = "exim",
		[MS_KIN_SENDMAIL] = "sendmail",
		[MS_KIN_QMAIL] = "qmail",
		[MS_KIN_CYRUS] = "cyrus",
		[MS_KIN_DBOX] = "mdbox",
		[MS_KIN_FOREIGN] = NULL,
	};
	const unsigned char *data = NULL;
	struct ms_queue *queue;
	size_t size = 0;
	enum ms_kin kin;
	char *main;
	int fd = ms_input_fd(config->input);

	if (fd < 0 || ms_input_head(config->input, &data, &size, NULL) !=
	    MS_OK)
		return NULL;
	kin = ms_kin_of(config, data, size, &main);
	if (kin == MS_KIN_NONE)
		return NULL;
	queue = g_new0(struct ms_queue, 1);
	queue->config = *config;
	queue->kin = kin;
	queue->main = main;
	queue->cursor = ms_cursor_new(fd, file_size(fd));
	ms_message_origin_copy(&queue->origin, config->origin);
	queue->origin.format = formats[kin];
	queue->origin.dev = queue->origin.ino = 0;
	if (kin == MS_KIN_DBOX && g_str_has_prefix(ms_beside_name(
	    &config->place), "u."))
		queue->origin.format = "sdbox";
	queue->origin.many = kin == MS_KIN_DBOX &&
	    strcmp(queue->origin.format, "mdbox") == 0;
	return queue;
}

void
ms_queue_free(struct ms_queue *queue)
{
	if (!queue)
		return;
	ms_cursor_free(queue->cursor);
	ms_input_free(queue->config.input);
	ms_message_origin_clear(&queue->origin);
	g_free(queue->failed);
	g_free(queue->main);
	g_free(queue);
}

bool
ms_queue_is_of_many(const struct ms_queue *queue)
{
	return queue->beside > 0 || (queue->kin != MS_KIN_POSTFIX &&
	    queue->kin != MS_KIN_CYRUS && queue->kin != MS_KIN_DBOX);
}

uint64_t
ms_queue_bytes(const struct ms_queue *queue)
{
	return ms_cursor_size(queue->cursor) + queue->beside;
}

static enum ms_status
open_beside(struct ms_queue *queue, const char *name, struct ms_beside *file,
    struct ms_error *err)
{
	enum ms_status status = ms_beside_open(&queue->config.place, name,
	    file, err);

	if (status == MS_OK)
		queue->beside += ms_cursor_size(file->cursor);
	return status;
}

/* Postfix makes a file executable when it is complete. One that is and lacks
 * the permission, as a copy may, is read all the same. */
static enum ms_status
read_postfix(struct ms_queue *queue, struct ms_entry *entry, enum end *end,
    struct ms_error *err)
{
	enum ms_status status;
	struct stat st;

	entry->envelope->queue_id = g_strdup(ms_beside_name(
	    &queue->config.place));
	status = ms_postfix_read(queue->cursor, entry, err);
	if (status == MS_E_FORMAT &&
	    fstat(ms_input_fd(queue->config.input), &st) == 0 &&
	    (st.st_mode & S_IXUSR) == 0)
		*end = END_EARLY;
	return status;
}

/* What lies beside is missing: so will be the file itself, if all is well. */
static enum ms_status
missing(struct ms_queue *queue, const char *name, enum end *end,
    struct ms_error *err)
{
	if (ms_beside_gone(&queue->config.place))
		*end = END_GONE;
	return ms_error_set(err, MS_E_FORMAT, "%s is missing beside it",
	    name);
}

static enum ms_status
read_exim(struct ms_queue *queue, struct ms_entry *entry, enum end *end,
    struct ms_error *err)
{
	struct ms_beside data, journal = { .fd = -1 };
	const unsigned char *head;
	char *id, *name;
	enum ms_status status;

	status = ms_cursor_take(queue->cursor, (size_t)MIN(
	    ms_cursor_size(queue->cursor), 64), &head, err);
	if (status != MS_OK)
		return status;
	id = g_strndup((const char *)head, ms_exim_id(head,
	    (size_t)ms_cursor_at(queue->cursor)));
	ms_cursor_seek(queue->cursor, 0);
	entry->envelope->queue_id = id;
	name = g_strdup_printf("%s-D", id);
	status = open_beside(queue, name, &data, err);
	if (status == MS_END)
		status = missing(queue, name, end, err);
	g_free(name);
	name = g_strdup_printf("%s-J", id);
	if (status == MS_OK)
		status = open_beside(queue, name, &journal, err);
	if (status == MS_OK || (status == MS_END && data.cursor))
		status = ms_exim_read(queue->cursor, data.cursor,
		    journal.cursor, entry, err);
	g_free(name);
	ms_beside_close(&journal);
	ms_beside_close(&data);
	return status;
}

/* The data file lies beside, or in a directory for such beside that of the
 * control files. */
static enum ms_status
read_sendmail(struct ms_queue *queue, struct ms_entry *entry, enum end *end,
    struct ms_error *err)
{
	const char *name = ms_beside_name(&queue->config.place);
	struct ms_beside data;
	enum ms_status status;
	char *path;

	if (strlen(name) > 2 && name[1] == 'f')
		name += 2;
	entry->envelope->queue_id = g_strdup(name);
	path = g_strdup_printf("../df/df%s", name);
	status = open_beside(queue, path + strlen("../df/"), &data, err);
	if (status == MS_END)
		status = open_beside(queue, path, &data, err);
	if (status == MS_END)
		status = missing(queue, path + strlen("../df/"), end, err);
	if (status == MS_OK)
		status = ms_sendmail_read(queue->cursor, data.cursor, entry,
		    err);
	g_free(path);
	ms_beside_close(&data);
	return status;
}

/* Add what the queue's directory PART says of the message. MS_END: nothing. */
static enum ms_status
read_part(struct ms_queue *queue, struct ms_entry *entry, const char *part,
    struct ms_error *err)
{
	char *name = g_strdup_printf("../../%s/%s", part,
	    ms_beside_name(&queue->config.place));
	struct ms_beside file;
	enum ms_status status = open_beside(queue, name, &file, err);

	if (status == MS_OK) {
		status = ms_qmail_read(file.cursor, entry, err);
		if (status != MS_OK)
			ms_error_context(err, "%s", name + strlen("../../"));
	}
	ms_beside_close(&file);
	g_free(name);
	return status;
}

/* The number of the directory in mess where the message lies. */
static char *
split_of(const struct ms_queue *queue)
{
	char *up = g_path_get_dirname(queue->origin.source);
	char *split = g_path_get_basename(up);
	const char *name = ms_beside_name(&queue->config.place);

	g_free(up);
	if (split[strspn(split, "0123456789")] == '\0')
		return split;
	/* Not in the path: as in a queue of the usual size. */
	g_free(split);
	return g_strdup_printf("%d", (int)(ms_entry_number(
	    (const unsigned char *)name, strlen(name)) % 23));
}

/* A new message has its envelope in todo; then its sender in info, and its
 * recipients in local and remote, as far as there are such. Both are there
 * while it changes, and neither while it is received. */
static enum ms_status
read_qmail(struct ms_queue *queue, struct ms_entry *entry, enum end *end,
    struct ms_error *err)
{
	/* The second of them in queues with many directories in todo. */
	static const char *const parts[] = {
		"todo", "todo/", "info/", "local/", "remote/"
	};
	char *split = split_of(queue);
	enum ms_status status = MS_END;
	size_t i;

	entry->envelope->queue_id = g_strdup(ms_beside_name(
	    &queue->config.place));
	/* Nobody has changed the file since. */
	entry->envelope->received = queue->origin.delivered;
	for (i = 0; i < G_N_ELEMENTS(parts); i++) {
		bool todo = i < 2;
		char *part = g_strconcat(parts[i], i > 0 ? split : NULL,
		    NULL);

		status = read_part(queue, entry, part, err);
		g_free(part);
		if (status != MS_END && (status != MS_OK || todo))
			break;
		if (status == MS_END && i == 2) {
			*end = ms_beside_gone(&queue->config.place) ?
			    END_GONE : END_EARLY;
			break;
		}
	}
	g_free(split);
	if (status == MS_END && *end == END_NOT)
		status = MS_OK;
	return status == MS_OK ? ms_entry_feed_file(entry, queue->cursor,
	    ms_cursor_size(queue->cursor), err) : status;
}

static enum ms_status
read_cyrus(struct ms_queue *queue, struct ms_entry *entry,
    struct ms_error *err)
{
	enum ms_status status = ms_entry_feed_file(entry, queue->cursor,
	    ms_cursor_size(queue->cursor), err);

	if (status == MS_OK && entry->fed == 0)
		status = ms_error_set(err, MS_E_FORMAT, "an empty file");
	return status;
}

static enum ms_status
read_dbox(struct ms_queue *queue, struct ms_entry *entry, enum end *end,
    struct ms_error *err)
{
	enum ms_status status = MS_OK;

	if (queue->header_size == 0)
		status = ms_dbox_start(queue->cursor, &queue->header_size,
		    err);
	queue->origin.offset = ms_cursor_at(queue->cursor);
	if (status == MS_OK)
		status = ms_dbox_next(queue->cursor, queue->header_size,
		    entry, err);
	if (status == MS_END)
		*end = END_OVER;
	queue->origin.length = ms_cursor_at(queue->cursor) -
	    queue->origin.offset;
	return status;
}

static enum ms_status
read_message(struct ms_queue *queue, struct ms_entry *entry, enum end *end,
    struct ms_error *err)
{
	switch (queue->kin) {
	case MS_KIN_POSTFIX:
		return read_postfix(queue, entry, end, err);
	case MS_KIN_EXIM:
		return read_exim(queue, entry, end, err);
	case MS_KIN_SENDMAIL:
		return read_sendmail(queue, entry, end, err);
	case MS_KIN_QMAIL:
		return read_qmail(queue, entry, end, err);
	case MS_KIN_DBOX:
		return read_dbox(queue, entry, end, err);
	default:
		return read_cyrus(queue, entry, err);
	}
}

/* The message as an item. CUT: it has not been read to its end. */
static enum ms_status
hand_out(struct ms_queue *queue, struct ms_entry *entry, bool cut,
    struct ms_source_item *item, struct ms_error *err)
{
	struct ms_envelope *envelope = entry->envelope;
	struct ms_origin *origin = &queue->origin;
	struct ms_message *message;
	enum ms_status status;

	if (envelope->received >= 0)
		origin->delivered = envelope->received;
	if (!ms_select_time(queue->config.source, origin->delivered))
		return ms_item_set(item, MS_SOURCE_UNSELECTED, origin, NULL);
	status = ms_intake_end(entry->intake, &message, err);
	if (status != MS_OK)
		return status;
	ms_message_origin_copy(&message->origin, origin);
	message->cut = cut || entry->elsewhere;
	message->why = message->cut ? g_strdup(MS_MESSAGE_CUT) : NULL;
	/* Stores keep none. */
	if (queue->kin != MS_KIN_CYRUS && queue->kin != MS_KIN_DBOX) {
		message->envelope = envelope;
		entry->envelope = NULL;
	}
	*item = (struct ms_source_item){
		.kind = MS_SOURCE_MESSAGE, .message = message
	};
	return MS_OK;
}

/* What there is instead of a message. */
static enum ms_status
say(struct ms_queue *queue, enum ms_source_kind kind, const char *text,
    struct ms_source_item *item)
{
	queue->over = true;
	return ms_item_set(item, kind, &queue->origin, text);
}

static enum ms_status
next_message(struct ms_queue *queue, struct ms_entry *entry,
    struct ms_source_item *item, struct ms_error *err)
{
	struct ms_error why = { "" };
	enum end end = END_NOT;
	enum ms_status status = read_message(queue, entry, &end, &why);

	queue->over = queue->kin != MS_KIN_DBOX || status != MS_OK;
	if (entry->full)
		return ms_error_set(err, status, "%s", why.text);
	if (end == END_OVER)
		return queue->origin.index > 0 ? MS_END : say(queue,
		    MS_SOURCE_EMPTY, "no message in it", item);
	if (end == END_GONE)
		return say(queue, MS_SOURCE_GONE,
		    "vanished before it could be read", item);
	if (end == END_EARLY)
		return say(queue, MS_SOURCE_SKIPPED,
		    "still being received", item);
	if (status != MS_OK && entry->fed == 0)
		return say(queue, MS_SOURCE_FAILED, why.text, item);
	if (status != MS_OK)
		queue->failed = g_strdup(why.text);
	else if (entry->unlisted > 0)
		queue->failed = g_strdup_printf("%llu of its recipients are "
		    "not listed: it has too many",
		    (unsigned long long)entry->unlisted);
	queue->origin.index++;
	if (queue->kin != MS_KIN_DBOX)
		queue->origin.length = ms_cursor_size(queue->cursor);
	return hand_out(queue, entry, status != MS_OK, item, err);
}

/* A file that is not read by itself: nothing is said of it, unless somebody
 * has asked for it. */
static enum ms_status
next_companion(struct ms_queue *queue, struct ms_source_item *item)
{
	char *text;

	if (queue->over)
		return MS_END;
	if (queue->kin == MS_KIN_EARLY)
		return say(queue, MS_SOURCE_SKIPPED, "still being received",
		    item);
	queue->over = true;
	if (queue->config.place.dir != AT_FDCWD)
		return MS_END;
	text = g_strdup_printf("a part of the message that %s stands for: "
	    "scan that", queue->main);
	(void)say(queue, MS_SOURCE_FAILED, text, item);
	g_free(text);
	return MS_OK;
}

enum ms_status
ms_queue_next(struct ms_queue *queue, struct ms_source_item *item,
    struct ms_error *err)
{
	struct ms_entry entry;
	enum ms_status status;

	if (queue->kin == MS_KIN_COMPANION || queue->kin == MS_KIN_EARLY)
		return next_companion(queue, item);
	if (queue->failed) {
		(void)say(queue, MS_SOURCE_FAILED, queue->failed, item);
		g_clear_pointer(&queue->failed, g_free);
		return MS_OK;
	}
	if (queue->over)
		return MS_END;
	if (queue->kin == MS_KIN_FOREIGN)
		return say(queue, MS_SOURCE_FAILED,
		    "not of the format asked for", item);
	ms_entry_begin(&entry, queue->config.intake);
	status = next_message(queue, &entry, item, err);
	ms_entry_clear(&entry);
	return status;
}
