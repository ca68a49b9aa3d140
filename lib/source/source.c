#include "source/source.h"

#include "message/intake.h"
#include "source/box.h"
#include "source/compressed.h"
#include "source/detect.h"
#include "source/heard.h"
#include "source/input.h"
#include "source/item.h"
#include "source/list.h"
#include "source/parcel.h"
#include "source/queue.h"
#include "source/select.h"
#include "source/tree.h"

#include <errno.h>
#include <glib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct operand {
	char *path;		/* NULL: a list */
	struct ms_list *list;
};

struct ms_source {
	struct ms_source_config config;
	struct ms_intake *intake;
	GQueue operands;	/* struct operand, what is next first */

	/* What is being read, the innermost last. */
	struct ms_tree *tree;
	struct ms_input *archive;	/* what parcel is read from */
	struct ms_parcel *parcel;
	struct ms_box *box;
	struct ms_queue *queue;
	struct ms_heard *heard;		/* then, as it is a capture */

	struct ms_trail *trail;		/* for the next box; NULL: none */
	uint64_t ticket;		/* of the file being read; 0: none */
	char *path;			/* its, if there is one */
	struct ms_memory_end end;	/* of it, so far */
	bool elsewhere;			/* it was read together with others */

	struct ms_input *counted;	/* on loan from box; NULL: none */
	uint64_t bytes;			/* of files before it */
};

struct ms_source *
ms_source_new(const struct ms_source_config *config)
{
	struct ms_source *source = g_new0(struct ms_source, 1);
	struct ms_intake_config intake = {
		.spool = config->spool,
		.max_bytes = config->message_max,
	};

	source->config = *config;
	source->intake = ms_intake_new(&intake);
	g_queue_init(&source->operands);
	return source;
}

static void
operand_free(struct operand *operand)
{
	g_free(operand->path);
	ms_list_free(operand->list);
	g_free(operand);
}

static void
close_box(struct ms_source *source)
{
	if (source->counted)
		source->bytes += ms_input_taken(source->counted);
	source->counted = NULL;
	if (source->box && !source->parcel)
		source->end = ms_box_end(source->box);
	ms_box_free(source->box);
	source->box = NULL;
}

static void
close_parcel(struct ms_source *source)
{
	struct stat st;

	if (source->archive && fstat(ms_input_fd(source->archive), &st) == 0)
		source->bytes += (uint64_t)st.st_size;
	ms_parcel_free(source->parcel);
	source->parcel = NULL;
	ms_input_free(source->archive);
	source->archive = NULL;
}

static void
close_queue(struct ms_source *source)
{
	if (source->queue) {
		source->bytes += ms_queue_bytes(source->queue);
		source->elsewhere = ms_queue_is_of_many(source->queue);
	}
	ms_queue_free(source->queue);
	source->queue = NULL;
}

void
ms_source_free(struct ms_source *source)
{
	struct operand *operand;

	if (!source)
		return;
	close_box(source);
	close_parcel(source);
	close_queue(source);
	ms_heard_free(source->heard);
	ms_tree_free(source->tree);
	while ((operand = g_queue_pop_head(&source->operands)))
		operand_free(operand);
	ms_intake_free(source->intake);
	g_free(source->path);
	g_free(source);
}

void
ms_source_add(struct ms_source *source, const char *path)
{
	struct operand *operand = g_new0(struct operand, 1);

	operand->path = g_strdup(path);
	g_queue_push_tail(&source->operands, operand);
}

enum ms_status
ms_source_add_list(struct ms_source *source, const char *file, bool nul,
    struct ms_error *err)
{
	struct operand *operand;
	struct ms_list *list;
	enum ms_status status = ms_list_open(file, nul, &list, err);

	if (status != MS_OK)
		return status;
	operand = g_new0(struct operand, 1);
	operand->list = list;
	g_queue_push_tail(&source->operands, operand);
	return MS_OK;
}

/* What to take the input for, whose first bytes are at DATA. */
static enum ms_detect_kind
kind_of(const struct ms_source *source, const struct ms_origin *origin,
    const unsigned char *data, size_t size)
{
	if (size == 0)
		return MS_DETECT_EMPTY;
	switch (source->config.format) {
	case MS_SOURCE_EML:
		return MS_DETECT_EML;
	case MS_SOURCE_MBOX:
		return MS_DETECT_MBOX;
	case MS_SOURCE_RAW:
	case MS_SOURCE_PCAP:
	case MS_SOURCE_SMTP:
		return MS_DETECT_RAW;
	case MS_SOURCE_ARCHIVE:
		return MS_DETECT_ARCHIVE;
	default:
		return origin->format ? MS_DETECT_EML :
		    ms_heard_kind(&source->config, data, size);
	}
}

/* Have INPUT, a regular file, heard as a capture, after what else is to be
 * read of it. True: that is nothing, and INPUT is used up. Text may be a
 * capture only by its looks, and is read as what else it is, too. */
static bool
listen_to(struct ms_source *source, struct ms_input *input,
    const struct ms_origin *origin, enum ms_source_capture capture)
{
	struct ms_heard_config config = {
		.source = &source->config,
		.intake = source->intake,
		.fd = ms_input_fd(input),
		.reader = capture == MS_SOURCE_IS_PCAP ?
		    MS_SOURCE_READ_PCAP : MS_SOURCE_READ_SMTP,
		.origin = origin,
		.asked = source->config.format != MS_SOURCE_AUTO,
	};

	if (capture == MS_SOURCE_NO_CAPTURE)
		return false;
	source->heard = ms_heard_new(&config);
	if (!config.asked && capture == MS_SOURCE_IS_SMTP)
		return false;
	source->bytes += ms_input_size(input);
	ms_input_free(input);
	return true;
}

static void
open_box(struct ms_source *source, struct ms_input *input,
    enum ms_detect_kind kind, const struct ms_origin *origin)
{
	struct ms_box_config config = {
		.source = &source->config,
		.intake = source->intake,
		.input = input,
		.kind = kind,
		.origin = origin,
		.from = source->end,
		.trail = kind == MS_DETECT_MBOX ? source->trail : NULL,
	};

	if (!config.trail)
		ms_trail_free(source->trail);
	source->trail = NULL;
	source->box = ms_box_new(&config);
	source->counted = ms_input_is_file(input) ? input : NULL;
}

/* Read INPUT, a regular file, as an archive. MS_END: it is open. MS_OK: it
 * cannot be, and ITEM says why. */
static enum ms_status
open_parcel(struct ms_source *source, struct ms_input *input,
    const struct ms_origin *origin, struct ms_source_item *item)
{
	bool forced = source->config.format == MS_SOURCE_ARCHIVE;
	struct ms_parcel_config config = {
		.source = &source->config,
		.intake = source->intake,
		.fd = ms_input_fd(input),
		.origin = origin,
		.forced = forced,
	};
	enum ms_source_capture capture = MS_SOURCE_NO_CAPTURE;
	enum ms_status status;
	struct ms_error why;

	if (source->config.start_reader) {
		status = ms_parcel_open(&config, &source->parcel, &capture,
		    &why);
	} else {
		status = forced ? MS_E_UNSUPPORTED : MS_END;
		(void)ms_error_set(&why, status,
		    "there is no reader for archives");
	}
	if (status == MS_OK || status == MS_END) {
		if (listen_to(source, input, origin, capture))
			return MS_END;
	}
	if (status == MS_OK) {
		source->archive = input;
		return MS_END;
	}
	if (status == MS_END) {
		open_box(source, input, MS_DETECT_RAW, origin);
		return MS_END;
	}
	ms_input_free(input);
	return ms_item_set(item, MS_SOURCE_FAILED, origin, why.text);
}

/* Say to the memory that the file is KIND. */
static enum ms_status
known(const struct ms_source *source, struct ms_source_item *item,
    enum ms_source_kind kind)
{
	(void)ms_item_set_path(item, kind, source->path, NULL);
	item->origin.ticket = source->ticket;
	item->end = source->end;
	item->elsewhere = source->elsewhere;
	return MS_OK;
}

/* Begin to keep a trail of the mailbox in *INPUT. If it has grown since it was
 * read, *INPUT is then where its last message was. True: it cannot be read,
 * and ITEM says why. */
static bool
take_up(struct ms_source *source, struct ms_input **input,
    const struct ms_origin *origin, struct ms_source_item *item)
{
	const struct ms_source_config *config = &source->config;
	int fd = dup(ms_input_fd(*input));
	struct ms_memory_end end;
	enum ms_status status;
	struct ms_error why;
	uint64_t size = ms_input_size(*input);

	source->trail = ms_trail_new();
	if (fd < 0 || ms_select_has_time(config) || !config->memory->grown(
	    config->memory_arg, origin->ticket, size, &end)) {
		if (fd >= 0)
			(void)close(fd);
		return false;
	}
	status = ms_trail_follow(source->trail, *input, &end, config, &why);
	if (status == MS_OK) {
		(void)close(fd);
		source->end = end;
		return false;
	}
	ms_input_free(*input);
	*input = ms_input_file(fd, size);
	ms_trail_free(source->trail);
	source->trail = NULL;
	if (status == MS_END) {
		source->trail = ms_trail_new();
		return false;
	}
	ms_input_free(*input);
	(void)ms_item_set(item, MS_SOURCE_FAILED, origin, why.text);
	return true;
}

/* Read INPUT, which is used up. MS_END: it is open. MS_OK: there is nothing
 * to be read, and ITEM says why. */
static enum ms_status
open_input(struct ms_source *source, struct ms_input *input,
    const struct ms_origin *origin, struct ms_source_item *item)
{
	const unsigned char *data;
	struct ms_error why;
	enum ms_detect_kind kind;
	size_t size;

	if (ms_input_head(input, &data, &size, &why) != MS_OK) {
		ms_input_free(input);
		return ms_item_set(item, MS_SOURCE_FAILED, origin, why.text);
	}
	kind = kind_of(source, origin, data, size);
	if (kind == MS_DETECT_EMPTY) {
		ms_input_free(input);
		return ms_item_set(item, MS_SOURCE_EMPTY, origin,
		    "an empty file");
	}
	if (kind == MS_DETECT_ARCHIVE)
		return open_parcel(source, input, origin, item);
	if (listen_to(source, input, origin, ms_heard_detect(&source->config,
	    origin, kind, data, size)))
		return MS_END;
	if (kind == MS_DETECT_MBOX && origin->ticket != 0 &&
	    take_up(source, &input, origin, item))
		return MS_OK;
	open_box(source, input, kind, origin);
	return source->end.offset > 0 ? known(source, item, MS_SOURCE_KNOWN) :
	    MS_END;
}

/* Has it to be read more than once, or by others? */
static bool
needs_file(const struct ms_source *source, const struct ms_origin *origin,
    const unsigned char *data, size_t size)
{
	enum ms_detect_kind kind = kind_of(source, origin, data, size);

	return kind == MS_DETECT_ARCHIVE || (kind == MS_DETECT_MBOX &&
	    (source->config.variant == MS_SOURCE_MBOXCL ||
	    source->config.variant == MS_SOURCE_MBOXCL2)) ||
	    ms_heard_detect(&source->config, origin, kind, data, size) !=
	    MS_SOURCE_NO_CAPTURE;
}

/* Standard input, if it is no file: as open_input(). */
static enum ms_status
open_stream(struct ms_source *source, const struct ms_origin *origin,
    struct ms_source_item *item, struct ms_error *err)
{
	struct ms_input *input = ms_input_stream(STDIN_FILENO,
	    source->config.wait, source->config.wait_arg);
	const unsigned char *data;
	struct ms_error why;
	enum ms_status status;
	size_t size;

	status = ms_input_head(input, &data, &size, &why);
	if (status == MS_OK && needs_file(source, origin, data, size)) {
		status = ms_input_to_file(&input, &source->config.spool, &why,
		    err);
		if (status != MS_OK && status != MS_END) {
			ms_input_free(input);
			return status;
		}
	}
	if (status == MS_OK)
		return open_input(source, input, origin, item);
	ms_input_free(input);
	return ms_item_set(item, MS_SOURCE_FAILED, origin, why.text);
}

static enum ms_status
open_stdin(struct ms_source *source, struct ms_source_item *item,
    struct ms_error *err)
{
	char name[] = "-";
	struct ms_origin origin = { .source = name, .delivered = -1 };
	struct stat st;
	int fd;

	if (fstat(STDIN_FILENO, &st) != 0)
		return ms_item_set(item, MS_SOURCE_FAILED, &origin,
		    g_strerror(errno));
	if (S_ISDIR(st.st_mode))
		return ms_item_set(item, MS_SOURCE_FAILED, &origin,
		    g_strerror(EISDIR));
	if (source->config.format >= MS_SOURCE_POSTFIX)
		return ms_item_set(item, MS_SOURCE_FAILED, &origin,
		    "a queue or store has to be named: it is more than one "
		    "file");
	/* As good as a file that was named, unless some of it was read. */
	if (S_ISREG(st.st_mode) && lseek(STDIN_FILENO, 0, SEEK_CUR) == 0 &&
	    (fd = dup(STDIN_FILENO)) >= 0)
		return open_input(source, ms_input_file(fd,
		    (uint64_t)st.st_size), &origin, item);
	return open_stream(source, &origin, item, err);
}

/* Begin with PATH. */
static enum ms_status
begin(struct ms_source *source, const char *path, bool may_be_stdin,
    struct ms_source_item *item, struct ms_error *err)
{
	if (may_be_stdin && strcmp(path, "-") == 0)
		return open_stdin(source, item, err);
	source->tree = ms_tree_new(&source->config, path);
	return MS_END;
}

/* The next operand. MS_END with no operands left: that is the end. */
static enum ms_status
next_operand(struct ms_source *source, struct ms_source_item *item,
    struct ms_error *err)
{
	struct operand *operand = g_queue_peek_head(&source->operands);
	enum ms_status status;
	struct ms_error why;
	const char *path;

	if (operand->path) {
		(void)g_queue_pop_head(&source->operands);
		status = begin(source, operand->path, true, item, err);
		operand_free(operand);
		return status;
	}
	status = ms_list_next(operand->list, &path, &why);
	if (status == MS_OK)
		return begin(source, path, false, item, err);
	if (status != MS_END)
		(void)ms_item_set_path(item, MS_SOURCE_FAILED,
		    ms_list_name(operand->list), why.text);
	if (status != MS_E_FORMAT) {
		(void)g_queue_pop_head(&source->operands);
		operand_free(operand);
	}
	return status == MS_END ? MS_END : MS_OK;
}

/* Is INPUT a mail system's? Then it is used up. */
static bool
open_queue(struct ms_source *source, struct ms_input *input,
    const struct ms_tree_file *file)
{
	struct ms_queue_config config = {
		.source = &source->config,
		.intake = source->intake,
		.input = input,
		.origin = &file->origin,
		.place = file->place,
	};

	source->queue = ms_queue_new(&config);
	return source->queue != NULL;
}

static enum ms_status
next_file(struct ms_source *source, struct ms_source_item *item,
    struct ms_error *err)
{
	struct ms_tree_file file;
	struct ms_input *input;
	enum ms_status status = ms_tree_next(source->tree, &file, item, err);

	if (status == MS_END) {
		ms_tree_free(source->tree);
		source->tree = NULL;
	}
	if (status != MS_OK || file.fd < 0)
		return status;
	source->ticket = file.origin.ticket;
	g_free(source->path);
	source->path = g_strdup(file.origin.source);
	input = ms_input_file(file.fd, file.size);
	status = open_queue(source, input, &file) ? MS_END :
	    open_input(source, input, &file.origin, item);
	ms_message_origin_clear(&file.origin);
	return status;
}

/* What was heard is at its end. A capture of something else is a file like any
 * other. */
static void
close_heard(struct ms_source *source)
{
	struct ms_heard *heard = source->heard;
	int fd = ms_heard_fd(heard);
	struct stat st;

	source->heard = NULL;
	if (ms_heard_is_raw(heard) && fstat(fd, &st) == 0 &&
	    (fd = dup(fd)) >= 0)
		open_box(source, ms_input_file(fd, (uint64_t)st.st_size),
		    MS_DETECT_RAW, ms_heard_origin(heard));
	ms_heard_free(heard);
}

/* An item, or one step towards it (MS_END). */
static enum ms_status
step(struct ms_source *source, struct ms_source_item *item,
    struct ms_error *err)
{
	enum ms_status status;

	if (source->box) {
		status = ms_box_next(source->box, item, err);
		if (status == MS_END)
			close_box(source);
		return status;
	}
	if (source->parcel) {
		status = ms_parcel_next(source->parcel, item, err);
		if (status == MS_END)
			close_parcel(source);
		return status;
	}
	if (source->queue) {
		status = ms_queue_next(source->queue, item, err);
		if (status == MS_END)
			close_queue(source);
		return status;
	}
	if (source->heard) {
		status = ms_heard_next(source->heard, item, err);
		if (status == MS_END)
			close_heard(source);
		return status;
	}
	if (source->ticket != 0) {
		status = known(source, item, MS_SOURCE_FINISHED);
		source->ticket = 0;
		source->elsewhere = false;
		source->end = (struct ms_memory_end){ 0 };
		return status;
	}
	if (source->tree)
		return next_file(source, item, err);
	return next_operand(source, item, err);
}

enum ms_status
ms_source_next(struct ms_source *source, struct ms_source_item *item,
    struct ms_error *err)
{
	enum ms_status status = MS_END;

	*item = (struct ms_source_item){ 0 };
	while (status == MS_END && (source->box || source->parcel ||
	    source->queue || source->heard || source->tree ||
	    !g_queue_is_empty(&source->operands)))
		status = step(source, item, err);
	return status;
}

void
ms_source_item_clear(struct ms_source_item *item)
{
	ms_message_free(item->message);
	ms_message_origin_clear(&item->origin);
	g_free(item->text);
	*item = (struct ms_source_item){ 0 };
}

uint64_t
ms_source_bytes(const struct ms_source *source)
{
	return source->bytes + (source->counted ?
	    ms_input_taken(source->counted) : 0);
}
