#include "capture/messages.h"

#include <glib.h>
#include <string.h>

#include "capture/capture.h"
#include "capture/hearing.h"
#include "source/record.h"

/* Of what waits, so much is in memory: what the box allows is for the rest of
 * the reader, too. */
#define MEMORY_MAX ((size_t)64 << 20)
#define FILE_MAX ((uint64_t)64 << 30)

/* Bytes are sent in pieces of this size. */
#define PIECE ((size_t)MS_RECORD_MAX)

struct sender {
	int out;
	uint64_t stream;
	size_t size;		/* of the piece */
	unsigned char *piece;
};

static enum ms_status
lost(struct ms_error *err)
{
	return ms_error_set(err, MS_E_PEER, "nobody listens any more");
}

static enum ms_status
flush(struct sender *sender, struct ms_error *err)
{
	enum ms_status status = MS_OK;

	if (sender->size > 0)
		status = ms_record_write(sender->out, MS_RECORD_DATA,
		    sender->piece, sender->size);
	sender->size = 0;
	return status == MS_OK ? MS_OK : lost(err);
}

static enum ms_status
begin(void *arg, const struct ms_hearing_mail *mail, struct ms_error *err)
{
	struct sender *sender = arg;
	const struct ms_record_place place = {
		.kind = mail->kind == MS_HEARING_MESSAGE ? MS_RECORD_MAIL :
		    mail->kind == MS_HEARING_STRAY ? MS_RECORD_STRAY :
		    MS_RECORD_SEALED,
		.stream = sender->stream,
		.number = mail->number,
		.time = mail->time_us < 0 ? -1 : mail->time_us / 1000000,
	};

	return ms_record_write_message(sender->out, &place) == MS_OK ? MS_OK :
	    lost(err);
}

static enum ms_status
bytes(void *arg, const void *data, size_t size, struct ms_error *err)
{
	struct sender *sender = arg;
	const unsigned char *p = data;
	enum ms_status status = MS_OK;

	while (size > 0 && status == MS_OK) {
		size_t n = MIN(size, PIECE - sender->size);

		memcpy(sender->piece + sender->size, p, n);
		sender->size += n;
		p += n;
		size -= n;
		if (sender->size == PIECE)
			status = flush(sender, err);
	}
	return status;
}

static bool
send_field(const struct sender *sender, enum ms_record_field field,
    const char *text)
{
	return !text || ms_record_write_field(sender->out, field, text) ==
	    MS_OK;
}

static bool
send_recipients(const struct sender *sender,
    const struct ms_envelope *envelope)
{
	bool good = true;
	char *omitted;

	for (unsigned i = 0; i < envelope->count && good; i++)
		good = send_field(sender, MS_RECORD_RECIPIENT,
		    envelope->recipients[i]);
	for (unsigned i = 0; i < envelope->refusals && good; i++)
		good = send_field(sender, MS_RECORD_REFUSED,
		    envelope->refused[i].recipient) &&
		    send_field(sender, MS_RECORD_REFUSAL,
		    envelope->refused[i].reply);
	omitted = g_strdup_printf("%" G_GUINT64_FORMAT, envelope->omitted);
	good = good && (envelope->omitted == 0 ||
	    send_field(sender, MS_RECORD_OMITTED, omitted));
	g_free(omitted);
	return good;
}

static enum ms_status
end(void *arg, const struct ms_hearing_mail *mail,
    const struct ms_envelope *envelope, const char *why, struct ms_error *err)
{
	struct sender *sender = arg;
	bool sealed = mail->kind == MS_HEARING_SEALED;
	enum ms_status status = flush(sender, err);

	if (status != MS_OK)
		return status;
	if (!send_field(sender, MS_RECORD_SENDER, envelope->sender) ||
	    !send_recipients(sender, envelope) ||
	    !send_field(sender, MS_RECORD_HELO, envelope->helo) ||
	    !send_field(sender, MS_RECORD_CLIENT, envelope->client_address) ||
	    !send_field(sender, MS_RECORD_SERVER, envelope->server_address) ||
	    !send_field(sender, MS_RECORD_PROTOCOL, envelope->protocol) ||
	    !send_field(sender, MS_RECORD_REPLY, envelope->reply) ||
	    (sealed && !send_field(sender, MS_RECORD_WHY, why)))
		return lost(err);
	if (why && !sealed)
		status = ms_record_write(sender->out, MS_RECORD_BAD, why,
		    strlen(why));
	else
		status = ms_record_write(sender->out, MS_RECORD_DONE, "", 0);
	return status == MS_OK ? MS_OK : lost(err);
}

/* Hear all dialogues. MS_END: that was all. */
static enum ms_status
hear_all(struct ms_capture *capture, struct sender *sender,
    struct ms_error *err)
{
	static const struct ms_hearing_ops ops = { begin, bytes, end };
	enum ms_status status;
	struct ms_dialogue *dialogue;

	do {
		status = ms_capture_next(capture, &dialogue, err);
		if (status != MS_OK)
			break;
		sender->stream = dialogue->number;
		status = ms_hearing(dialogue, &ops, sender, err);
		ms_dialogue_free(dialogue);
	} while (status == MS_OK);
	return status;
}

void
ms_messages_run(int in, int tmp, int out, bool pcap)
{
	const struct ms_stash_config config = { MEMORY_MAX, tmp, FILE_MAX };
	struct ms_stash *stash = ms_stash_new(&config);
	struct sender sender = { .out = out, .piece = g_malloc(PIECE) };
	struct ms_capture *capture;
	struct ms_error err = { "" };
	enum ms_status status = ms_capture_open(in, pcap ? MS_CAPTURE_PCAP :
	    MS_CAPTURE_AUTO, stash, &capture, &err);

	if (status == MS_OK) {
		status = hear_all(capture, &sender, &err);
		ms_capture_free(capture);
	}
	/* Who does not listen needs no reason, either. */
	if (status == MS_END)
		(void)ms_record_write(out, MS_RECORD_END, "", 0);
	else
		(void)ms_record_write(out, MS_RECORD_FAILED, err.text,
		    strlen(err.text));
	g_free(sender.piece);
	ms_stash_free(stash);
}
