#include "source/heard.h"

#include "source/item.h"
#include "source/record.h"
#include "source/select.h"

#include <fcntl.h>
#include <glib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BLOCK 65536

/* What an envelope may keep: whoever is scanned to is told, not all of the
 * millions that somebody made up. */
#define RECIPIENTS_MAX 10000
#define ENVELOPE_BYTES ((size_t)1 << 20)

/* How long the reader may have nothing to say: this, and as long as it may
 * take to read a capture without mail of that size (10 MB a second). */
#define PATIENCE_S 60
#define PATIENCE_BYTES ((uint64_t)10 << 20)
#define PATIENCE_MAX_S 100000

struct ms_heard {
	struct ms_heard_config config;
	struct ms_origin origin;	/* of the capture */
	struct ms_record record;
	int fd;
	int stream;			/* -1: not begun */
	unsigned char *block;
	char *failed;			/* why nothing more comes: to be told */
	bool over;
	bool any;			/* there was an item */
	/* of the current message */
	struct ms_envelope *envelope;
	size_t kept;			/* bytes of it */
	char *why;
};

enum ms_source_capture
ms_heard_detect(const struct ms_source_config *config,
    const struct ms_origin *origin, enum ms_detect_kind kind,
    const unsigned char *data, size_t size)
{
	if (config->format == MS_SOURCE_PCAP)
		return MS_SOURCE_IS_PCAP;
	if (config->format == MS_SOURCE_SMTP)
		return MS_SOURCE_IS_SMTP;
	if (config->format != MS_SOURCE_AUTO || origin->format ||
	    !config->start_reader || !config->detect_capture ||
	    (kind != MS_DETECT_RAW && kind != MS_DETECT_EML))
		return MS_SOURCE_NO_CAPTURE;
	return config->detect_capture(data, size);
}

enum ms_detect_kind
ms_heard_kind(const struct ms_source_config *config,
    const unsigned char *data, size_t size)
{
	const enum ms_detect_kind kind = ms_detect(data, size);

	if (kind == MS_DETECT_EML && !config->start_reader &&
	    config->detect_capture &&
	    config->detect_capture(data, size) == MS_SOURCE_IS_PCAP)
		return MS_DETECT_RAW;
	return kind;
}

struct ms_heard *
ms_heard_new(const struct ms_heard_config *config)
{
	struct ms_heard *heard = g_new0(struct ms_heard, 1);
	struct stat st;
	uint64_t wait = PATIENCE_S;

	heard->config = *config;
	heard->fd = fcntl(config->fd, F_DUPFD_CLOEXEC, 3);
	heard->stream = -1;
	heard->block = g_malloc(BLOCK);
	ms_message_origin_copy(&heard->origin, config->origin);
	if (fstat(heard->fd, &st) == 0 && st.st_size > 0)
		wait += (uint64_t)st.st_size / PATIENCE_BYTES;
	/* At most PATIENCE_MAX_S: that fits. */
	heard->record.wait_ms = 1000 * (int)MIN(wait, PATIENCE_MAX_S);
	return heard;
}

void
ms_heard_free(struct ms_heard *heard)
{
	if (!heard)
		return;
	if (heard->stream >= 0)
		(void)close(heard->stream);
	if (heard->fd >= 0)
		(void)close(heard->fd);
	ms_message_origin_clear(&heard->origin);
	ms_envelope_free(heard->envelope);
	g_free(heard->why);
	g_free(heard->failed);
	g_free(heard->block);
	g_free(heard);
}

/* Is there room to keep another TEXT of an envelope with COUNT such? */
static bool
has_room(struct ms_heard *heard, unsigned count, const char *text)
{
	size_t size = strlen(text) + 1;

	if (count < RECIPIENTS_MAX && size <= ENVELOPE_BYTES - heard->kept) {
		heard->kept += size;
		return true;
	}
	return false;
}

static void
set(struct ms_heard *heard, char **field)
{
	if (!has_room(heard, 0, heard->record.text))
		return;
	g_free(*field);
	*field = g_strdup(heard->record.text);
}

static void
add_recipient(struct ms_heard *heard, bool refused)
{
	struct ms_envelope *envelope = heard->envelope;
	const char *text = heard->record.text;

	if (!has_room(heard, envelope->count + envelope->refusals, text))
		envelope->omitted++;
	else if (refused)
		ms_envelope_refuse(envelope, text, NULL);
	else
		ms_envelope_add(envelope, text);
}

/* The FIELD that was read. */
static void
take_field(struct ms_heard *heard)
{
	struct ms_envelope *envelope = heard->envelope;

	switch (heard->record.field) {
	case MS_RECORD_SENDER:
		set(heard, &envelope->sender);
		break;
	case MS_RECORD_RECIPIENT:
	case MS_RECORD_REFUSED:
		add_recipient(heard, heard->record.field == MS_RECORD_REFUSED);
		break;
	case MS_RECORD_REFUSAL:
		if (envelope->refusals > 0)
			set(heard, &envelope->refused[
			    envelope->refusals - 1].reply);
		break;
	case MS_RECORD_HELO:
		set(heard, &envelope->helo);
		break;
	case MS_RECORD_CLIENT:
		set(heard, &envelope->client_address);
		break;
	case MS_RECORD_SERVER:
		set(heard, &envelope->server_address);
		break;
	case MS_RECORD_PROTOCOL:
		set(heard, &envelope->protocol);
		break;
	case MS_RECORD_REPLY:
		set(heard, &envelope->reply);
		break;
	case MS_RECORD_OMITTED:
		envelope->omitted += g_ascii_strtoull(heard->record.text, NULL,
		    10);
		break;
	case MS_RECORD_WHY:
		set(heard, &heard->why);
		break;
	}
}

/* Nothing more comes, for which WHY is the reason: not of the current message,
 * either. */
static enum ms_status
lose(struct ms_heard *heard, bool *cut, const char *why)
{
	heard->failed = g_strdup(why);
	heard->config.asked = true;
	*cut = true;
	return MS_OK;
}

/* The bytes of the DATA that was read. Failures as take_in(). */
static enum ms_status
take_data(struct ms_heard *heard, bool *cut, struct ms_error *err)
{
	enum ms_status status = MS_OK;
	struct ms_error why;
	size_t got = 1;

	while (status == MS_OK && got > 0) {
		if (ms_record_read_data(heard->stream, &heard->record,
		    heard->block, BLOCK, &got, &why) != MS_OK)
			return lose(heard, cut, why.text);
		status = ms_intake_feed(heard->config.intake, heard->block,
		    got, err);
	}
	return status;
}

/* All of the current message into intake and envelope. *CUT: not all of it
 * was there. Fails if temporary storage is full. */
static enum ms_status
take_in(struct ms_heard *heard, bool *cut, struct ms_error *err)
{
	enum ms_status status = MS_OK;
	struct ms_error why;

	*cut = false;
	while (status == MS_OK && !*cut) {
		if (ms_record_read(heard->stream, &heard->record, &why) !=
		    MS_OK)
			return lose(heard, cut, why.text);
		switch (heard->record.type) {
		case MS_RECORD_DATA:
			status = take_data(heard, cut, err);
			break;
		case MS_RECORD_FIELD:
			take_field(heard);
			break;
		case MS_RECORD_DONE:
			return MS_OK;
		case MS_RECORD_BAD:
			g_free(heard->why);
			heard->why = g_strdup(heard->record.text);
			*cut = true;
			return MS_OK;
		case MS_RECORD_FAILED:
			return lose(heard, cut, heard->record.text);
		default:
			return lose(heard, cut,
			    "the reader broke the protocol");
		}
	}
	return status;
}

/* The origin of the message at PLACE, for the caller to clear. */
static struct ms_origin
origin_of(const struct ms_heard *heard, const struct ms_record_place *place)
{
	struct ms_origin origin = {
		.source = g_strdup(heard->origin.source),
		.many = true,
		.stream = place->stream,
		.index = place->number,
		.delivered = place->time,
		.ticket = heard->origin.ticket,
	};

	origin.format = place->kind == MS_RECORD_MAIL ? "smtp" :
	    place->kind == MS_RECORD_STRAY ? "stray" : "tls";
	return origin;
}

/* The message that the record of PLACE begins, as an item. */
static enum ms_status
hand_out(struct ms_heard *heard, const struct ms_record_place *place,
    struct ms_source_item *item, struct ms_error *err)
{
	struct ms_origin origin = origin_of(heard, place);
	struct ms_message *message = NULL;
	enum ms_status status;
	bool cut;

	heard->envelope = ms_envelope_new(NULL);
	heard->envelope->received = place->time;
	heard->kept = 0;
	ms_intake_begin(heard->config.intake, MS_INTAKE_AS_IS);
	status = take_in(heard, &cut, err);
	if (status == MS_OK)
		status = ms_intake_end(heard->config.intake, &message, err);
	if (status == MS_OK && !ms_select_time(heard->config.source,
	    origin.delivered)) {
		(void)ms_item_set(item, MS_SOURCE_UNSELECTED, &origin, NULL);
		ms_message_free(message);
	} else if (status == MS_OK) {
		origin.length = message->size;
		ms_message_origin_copy(&message->origin, &origin);
		message->envelope = heard->envelope;
		message->cut = cut;
		message->sealed = place->kind == MS_RECORD_SEALED;
		message->why = heard->why;
		heard->envelope = NULL;
		heard->why = NULL;
		*item = (struct ms_source_item){
			.kind = MS_SOURCE_MESSAGE, .message = message
		};
	}
	ms_message_origin_clear(&origin);
	ms_envelope_free(heard->envelope);
	heard->envelope = NULL;
	g_clear_pointer(&heard->why, g_free);
	return status;
}

/* Why it ended before its end, as an item, or nothing: see struct
 * ms_heard_config. */
static enum ms_status
fail(struct ms_heard *heard, const char *why, struct ms_source_item *item)
{
	heard->over = true;
	if (!heard->config.asked &&
	    heard->config.reader == MS_SOURCE_READ_SMTP)
		return MS_END;
	return ms_item_set(item, MS_SOURCE_FAILED, &heard->origin, why);
}

static enum ms_status
end(struct ms_heard *heard, struct ms_source_item *item)
{
	heard->over = true;
	if (heard->any || !heard->config.asked)
		return MS_END;
	return ms_item_set(item, MS_SOURCE_EMPTY, &heard->origin,
	    "no SMTP in it");
}

static enum ms_status
next(struct ms_heard *heard, struct ms_source_item *item,
    struct ms_error *err)
{
	const struct ms_source_config *config = heard->config.source;
	struct ms_record_place place;
	struct ms_error why;

	if (heard->failed)
		return fail(heard, heard->failed, item);
	if (heard->stream < 0 && config->start_reader(config->reader_arg,
	    heard->config.reader, heard->fd, &heard->stream, &why) != MS_OK) {
		heard->stream = -1;
		ms_error_context(&why, "the capture reader cannot be started");
		heard->config.asked = true;
		return fail(heard, why.text, item);
	}
	if (ms_record_read(heard->stream, &heard->record, &why) != MS_OK) {
		heard->config.asked = true;
		return fail(heard, why.text, item);
	}
	switch (heard->record.type) {
	case MS_RECORD_MESSAGE:
		place = heard->record.place;
		return hand_out(heard, &place, item, err);
	case MS_RECORD_END:
		return end(heard, item);
	case MS_RECORD_FAILED:
		return fail(heard, heard->record.text, item);
	default:
		return fail(heard, "the reader broke the protocol", item);
	}
}

enum ms_status
ms_heard_next(struct ms_heard *heard, struct ms_source_item *item,
    struct ms_error *err)
{
	enum ms_status status;

	if (heard->over)
		return MS_END;
	status = next(heard, item, err);
	heard->any = heard->any || status == MS_OK;
	return status;
}

bool
ms_heard_is_raw(const struct ms_heard *heard)
{
	return heard->over && !heard->any && !heard->config.asked &&
	    heard->config.reader == MS_SOURCE_READ_PCAP;
}

int
ms_heard_fd(const struct ms_heard *heard)
{
	return heard->fd;
}

const struct ms_origin *
ms_heard_origin(const struct ms_heard *heard)
{
	return &heard->origin;
}
