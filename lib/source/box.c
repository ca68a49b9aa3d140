#include "source/box.h"

#include "message/date.h"
#include "message/fromline.h"
#include "message/mbox.h"
#include "source/item.h"
#include "source/select.h"

#include <glib.h>

#define BLOCK 65536

struct ms_box {
	const struct ms_source_config *config;
	struct ms_intake *intake;
	struct ms_input *input;
	struct ms_mbox *mbox;		/* NULL: a single message */
	struct ms_trail *trail;		/* NULL: none is kept */
	unsigned char *block;		/* of a single message */
	struct ms_origin origin;	/* of the current message */
	uint64_t count;			/* items so far */
	uint64_t pulled;		/* bytes since the last item, or more,
					 * for reading ahead */
	char *failed;			/* why the input ends early */
	bool over;
};

/* More of the input. What a message has beyond what is kept is of no use. */
static enum ms_status
pull(struct ms_box *box, void *data, size_t size, size_t *got,
    struct ms_error *err)
{
	uint64_t max = box->config->message_max, before = box->pulled;
	enum ms_status status = ms_input_read(box->input, data, size, got,
	    err);

	if (status != MS_OK)
		return status;
	box->pulled += *got;
	if (box->pulled <= max)
		return MS_OK;
	status = ms_input_charge(box->input, box->pulled - MAX(before, max),
	    err);
	if (status != MS_OK)
		*got = 0;
	return status;
}

static enum ms_status
fill(void *arg, void *data, size_t size, size_t *got, struct ms_error *err)
{
	struct ms_box *box = arg;
	enum ms_status status = pull(box, data, size, got, err);

	if (status == MS_OK && box->trail)
		ms_trail_feed(box->trail, data, *got);
	return status;
}

static enum ms_status
peek(void *arg, uint64_t offset, void *data, size_t size, size_t *got,
    struct ms_error *err)
{
	struct ms_box *box = arg;

	return ms_input_peek(box->input, offset, data, size, got, err);
}

static bool
has_lengths(const struct ms_source_config *config)
{
	return config->variant == MS_SOURCE_MBOXCL ||
	    config->variant == MS_SOURCE_MBOXCL2;
}

struct ms_box *
ms_box_new(const struct ms_box_config *config)
{
	struct ms_box *box = g_new0(struct ms_box, 1);
	struct ms_mbox_config mbox = {
		.fill = fill,
		.peek = ms_input_is_file(config->input) ? peek : NULL,
		.arg = box,
		.content_length = has_lengths(config->source),
		.offset = config->from.offset,
		.index = config->from.offset > 0 ? config->from.index - 1 : 0,
	};

	box->config = config->source;
	box->intake = config->intake;
	box->input = config->input;
	box->trail = config->trail;
	ms_message_origin_copy(&box->origin, config->origin);
	if (config->kind == MS_DETECT_MBOX) {
		box->mbox = ms_mbox_new(&mbox);
		box->origin.format = "mbox";
		box->origin.many = true;
	} else if (!box->origin.format) {
		box->origin.format = config->kind == MS_DETECT_EML ? "eml" :
		    "raw";
	}
	if (!box->mbox)
		box->block = g_malloc(BLOCK);
	return box;
}

void
ms_box_free(struct ms_box *box)
{
	if (!box)
		return;
	ms_mbox_free(box->mbox);
	ms_trail_free(box->trail);
	ms_input_free(box->input);
	ms_message_origin_clear(&box->origin);
	g_free(box->failed);
	g_free(box->block);
	g_free(box);
}

/* The next piece of the current message. */
static enum ms_status
read_piece(struct ms_box *box, const unsigned char **data, size_t *size,
    struct ms_error *err)
{
	if (box->mbox)
		return ms_mbox_read(box->mbox, data, size, err);
	*data = box->block;
	return pull(box, box->block, BLOCK, size, err);
}

/* The input has failed: what there was before it has been handed out. */
static enum ms_status
fail(struct ms_box *box, struct ms_source_item *item,
    const struct ms_error *why)
{
	box->over = true;
	return ms_item_set(item, MS_SOURCE_FAILED, &box->origin, why->text);
}

/* Does the message that has no time of delivery have a Date within the
 * bounds? */
static enum ms_status
select_by_header(struct ms_box *box, const struct ms_message *message,
    bool *selected, struct ms_error *err)
{
	unsigned char *head;
	enum ms_status status;
	size_t got;

	*selected = true;
	if (box->origin.delivered != -1 || !ms_select_has_time(box->config))
		return MS_OK;
	head = g_malloc(BLOCK);
	status = ms_spool_read(message->body, 0, head, BLOCK, &got, err);
	if (status == MS_OK)
		*selected = ms_select_time(box->config,
		    ms_date_header(head, got));
	g_free(head);
	return status;
}

/* Read the current message to its end into the intake, or, if it is not
 * selected, nowhere. False: the input has failed. */
static bool
take_in(struct ms_box *box, bool selected, enum ms_status *status,
    struct ms_error *err)
{
	const unsigned char *data;
	size_t size;

	*status = MS_OK;
	for (;;) {
		if (read_piece(box, &data, &size, err) != MS_OK)
			return false;
		if (size == 0)
			return true;
		box->origin.length += size;
		if (!selected)
			continue;
		*status = ms_intake_feed(box->intake, data, size, err);
		if (*status != MS_OK)
			return true;
	}
}

static enum ms_intake_quoting
quoting(const struct ms_box *box)
{
	if (!box->mbox)
		return MS_INTAKE_AS_IS;
	switch (box->config->variant) {
	case MS_SOURCE_MBOXO:
	case MS_SOURCE_MBOXCL:
		return MS_INTAKE_UNQUOTE_ONE;
	case MS_SOURCE_MBOXCL2:
		return MS_INTAKE_AS_IS;
	default:
		return MS_INTAKE_UNQUOTE_ALL;
	}
}

/* The message that origin describes, as an item. */
static enum ms_status
hand_out(struct ms_box *box, struct ms_source_item *item,
    struct ms_error *err)
{
	bool selected = ms_select_time(box->config, box->origin.delivered);
	struct ms_message *message;
	struct ms_error why = { "" };
	enum ms_status status;
	bool cut;

	box->count++;
	if (!selected && !box->mbox)
		return ms_item_set(item, MS_SOURCE_UNSELECTED, &box->origin,
		    NULL);
	ms_intake_begin(box->intake, quoting(box));
	cut = !take_in(box, selected, &status, &why);
	if (cut && box->origin.length == 0)
		return fail(box, item, &why);
	if (cut)
		box->failed = g_strdup(why.text);
	if (status != MS_OK)
		return ms_error_set(err, status, "%s", why.text);
	if (box->mbox)
		box->origin.length = ms_mbox_offset(box->mbox) -
		    box->origin.offset;
	if (!selected)
		return ms_item_set(item, MS_SOURCE_UNSELECTED, &box->origin,
		    NULL);
	status = ms_intake_end(box->intake, &message, err);
	if (status != MS_OK)
		return status;
	status = select_by_header(box, message, &selected, err);
	if (status != MS_OK || !selected) {
		ms_message_free(message);
		return status != MS_OK ? status : ms_item_set(item,
		    MS_SOURCE_UNSELECTED, &box->origin, NULL);
	}
	ms_message_origin_copy(&message->origin, &box->origin);
	message->cut = cut;
	message->why = cut ? g_strdup(MS_MESSAGE_CUT) : NULL;
	*item = (struct ms_source_item){
		.kind = MS_SOURCE_MESSAGE, .message = message
	};
	return MS_OK;
}

static enum ms_status
next_slice(struct ms_box *box, struct ms_source_item *item,
    struct ms_error *err)
{
	struct ms_mbox_slice slice;
	struct ms_error why = { "" };
	enum ms_status status = ms_mbox_next(box->mbox, &slice, &why);

	if (status == MS_END) {
		box->over = true;
		return box->count > 0 ? MS_END : ms_item_set(item,
		    MS_SOURCE_EMPTY, &box->origin, "no message in it");
	}
	if (status != MS_OK)
		return fail(box, item, &why);
	box->origin.index = slice.index;
	box->origin.offset = slice.offset;
	box->origin.length = 0;
	if (box->trail)
		ms_trail_mark(box->trail, slice.offset, slice.index);
	box->origin.delivered = ms_fromline_date(slice.from);
	return hand_out(box, item, err);
}

enum ms_status
ms_box_next(struct ms_box *box, struct ms_source_item *item,
    struct ms_error *err)
{
	enum ms_status status;

	if (box->failed && !box->over) {
		box->over = true;
		return ms_item_set(item, MS_SOURCE_FAILED, &box->origin,
		    box->failed);
	}
	if (box->over)
		return MS_END;
	box->pulled = 0;
	if (box->mbox)
		return next_slice(box, item, err);
	box->origin.index = 1;
	status = hand_out(box, item, err);
	box->over = !box->failed;
	return status;
}

struct ms_memory_end
ms_box_end(const struct ms_box *box)
{
	return box->trail ? ms_trail_end(box->trail) :
	    (struct ms_memory_end){ 0 };
}
