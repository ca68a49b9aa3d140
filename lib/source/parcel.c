#include "source/parcel.h"

#include "source/box.h"
#include "source/members.h"
#include "source/detect.h"
#include "source/input.h"
#include "source/item.h"

#include <glib.h>
#include <sys/stat.h>
#include <unistd.h>

/* How many times its size an archive may unpack to what is of no use: while
 * it is asked whether it holds mail, and when it does. */
#define PROBE_RATIO 10
#define READ_RATIO 250

/* Members that are looked at before an archive is held to be without mail. */
#define LOOK_AT 16

struct ms_parcel {
	struct ms_parcel_config config;
	struct ms_origin origin;
	int stream;
	struct ms_members *archive;
	struct ms_box *box;		/* the current member's; NULL: none */
	bool any;
	bool over;
};

static enum ms_status
start(struct ms_parcel *parcel, unsigned ratio, struct ms_error *err)
{
	struct ms_members_config members = { .ratio = ratio };
	const struct ms_source_config *config = parcel->config.source;
	enum ms_status status = config->start_reader(config->reader_arg,
	    MS_SOURCE_READ_ARCHIVE, parcel->config.fd, &parcel->stream, err);
	struct stat st;

	if (status != MS_OK) {
		parcel->stream = -1;
		ms_error_context(err, "the archive reader cannot be started");
		return status;
	}
	members.stream = parcel->stream;
	if (fstat(parcel->config.fd, &st) == 0 && st.st_size > 0)
		members.size = (uint64_t)st.st_size;
	parcel->archive = ms_members_new(&members);
	return MS_OK;
}

static void
stop(struct ms_parcel *parcel)
{
	ms_members_free(parcel->archive);
	parcel->archive = NULL;
	if (parcel->stream >= 0)
		(void)close(parcel->stream);
	parcel->stream = -1;
}

/* What the current member is. MS_DETECT_EMPTY also if it cannot be read.
 * CAPTURE (may be NULL): is it a capture? */
static enum ms_detect_kind
look_at_member(struct ms_parcel *parcel, enum ms_source_capture *capture)
{
	const struct ms_source_config *config = parcel->config.source;
	struct ms_input *input = ms_input_member(parcel->archive);
	enum ms_detect_kind kind = MS_DETECT_EMPTY;
	const unsigned char *data;
	size_t size;

	if (ms_input_head(input, &data, &size, NULL) == MS_OK)
		kind = ms_detect(data, size);
	if (capture && config->detect_capture && (kind == MS_DETECT_RAW ||
	    kind == MS_DETECT_EML))
		*capture = config->detect_capture(data, size);
	ms_input_free(input);
	return kind;
}

static bool
holds_mail(struct ms_parcel *parcel, enum ms_source_capture *capture)
{
	const char *name;
	int64_t mtime;
	int looked = 0;

	/* A thousand empty members are enough, too. */
	for (int i = 0; i < 1000 && looked < LOOK_AT; i++) {
		enum ms_detect_kind kind;

		if (ms_members_next(parcel->archive, &name, &mtime,
		    NULL) != MS_OK)
			return false;
		/* Of what is compressed and nothing else. */
		kind = look_at_member(parcel, *name == '\0' ? capture : NULL);
		if (kind == MS_DETECT_EML || kind == MS_DETECT_MBOX)
			return true;
		looked += kind != MS_DETECT_EMPTY;
	}
	return false;
}

enum ms_status
ms_parcel_open(const struct ms_parcel_config *config,
    struct ms_parcel **out, enum ms_source_capture *capture,
    struct ms_error *err)
{
	struct ms_parcel *parcel = g_new0(struct ms_parcel, 1);
	enum ms_status status;

	parcel->config = *config;
	parcel->stream = -1;
	ms_message_origin_copy(&parcel->origin, config->origin);
	status = start(parcel, config->forced ? READ_RATIO : PROBE_RATIO,
	    err);
	if (status == MS_OK && !config->forced) {
		bool mail = holds_mail(parcel, capture) &&
		    *capture != MS_SOURCE_IS_PCAP;

		/* It has gone too far to be of further use. */
		stop(parcel);
		status = mail ? start(parcel, READ_RATIO, err) : MS_END;
	}
	if (status != MS_OK) {
		ms_parcel_free(parcel);
		return status;
	}
	*out = parcel;
	return MS_OK;
}

void
ms_parcel_free(struct ms_parcel *parcel)
{
	if (!parcel)
		return;
	ms_box_free(parcel->box);
	stop(parcel);
	ms_message_origin_clear(&parcel->origin);
	g_free(parcel);
}

/* The member's origin, for the caller to clear. */
static struct ms_origin
member_origin(const struct ms_parcel *parcel, const char *name, int64_t mtime)
{
	struct ms_origin origin = {
		.delivered = mtime,
		.many = *name != '\0',
		.ticket = parcel->origin.ticket,
	};

	origin.source = *name == '\0' ? g_strdup(parcel->origin.source) :
	    g_strdup_printf("%s/%s", parcel->origin.source, name);
	/* A bare compressed file is as old as its compressed form. */
	if (*name == '\0' && mtime == -1)
		origin.delivered = parcel->origin.delivered;
	return origin;
}

/* Open the member that has just begun. MS_END: as a box. MS_OK: as an item,
 * for there is nothing in it. */
static enum ms_status
open_member(struct ms_parcel *parcel, const char *name, int64_t mtime,
    struct ms_source_item *item)
{
	struct ms_input *input = ms_input_member(parcel->archive);
	struct ms_origin origin = member_origin(parcel, name, mtime);
	struct ms_box_config box = {
		.source = parcel->config.source,
		.intake = parcel->config.intake,
		.input = input,
		.origin = &origin,
	};
	enum ms_status status;
	struct ms_error why;
	const unsigned char *data;
	size_t size;

	status = ms_input_head(input, &data, &size, &why);
	if (status == MS_OK && size > 0) {
		box.kind = ms_detect(data, size);
		/* Whoever scans files opens it. */
		if (box.kind == MS_DETECT_ARCHIVE)
			box.kind = MS_DETECT_RAW;
		parcel->box = ms_box_new(&box);
		ms_message_origin_clear(&origin);
		return MS_END;
	}
	(void)ms_item_set(item, status == MS_OK ? MS_SOURCE_EMPTY :
	    MS_SOURCE_FAILED, &origin, status == MS_OK ? "an empty file" :
	    why.text);
	ms_input_free(input);
	ms_message_origin_clear(&origin);
	return MS_OK;
}

static enum ms_status
next_member(struct ms_parcel *parcel, struct ms_source_item *item)
{
	struct ms_error why;
	const char *name;
	int64_t mtime;
	enum ms_status status = ms_members_next(parcel->archive, &name,
	    &mtime, &why);

	if (status == MS_OK)
		return open_member(parcel, name, mtime, item);
	parcel->over = true;
	if (status != MS_END)
		return ms_item_set(item, MS_SOURCE_FAILED, &parcel->origin,
		    why.text);
	return parcel->any ? MS_END : ms_item_set(item, MS_SOURCE_EMPTY,
	    &parcel->origin, "no file in the archive");
}

enum ms_status
ms_parcel_next(struct ms_parcel *parcel, struct ms_source_item *item,
    struct ms_error *err)
{
	enum ms_status status = MS_END;

	while (!parcel->over && status == MS_END) {
		if (!parcel->box) {
			status = next_member(parcel, item);
		} else {
			status = ms_box_next(parcel->box, item, err);
			if (status == MS_END) {
				ms_box_free(parcel->box);
				parcel->box = NULL;
			}
		}
	}
	parcel->any = parcel->any || status == MS_OK;
	return status;
}
