#include "net/submit.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "net/dial.h"
#include "smtp/address.h"
#include "smtp/dots.h"
#include "smtp/reply.h"

/* RFC 5321, 4.5.3.2. */
#define MINUTE_MS 60000
#define REPLY_MS (5 * MINUTE_MS)	/* greeting, MAIL, RCPT */
#define DATA_MS (2 * MINUTE_MS)
#define BLOCK_MS (3 * MINUTE_MS)
#define END_MS (10 * MINUTE_MS)
/* Of our own, for what does not matter any more. */
#define BYE_MS 1000

#define BLOCK_BYTES 65536

struct session {
	const struct ms_submit_config *config;
	const struct ms_submit_mail *mail;
	struct ms_dial *dial;
	struct ms_reply reply;
	GPtrArray *taken;	/* recipients that the server took; loans */
	char block[BLOCK_BYTES];	/* of what the server sends */
	size_t at, size;	/* what is left in it */
	struct ms_dots shape;	/* of the whole message */
	bool in_data;		/* what is sent now is taken for mail */
};

/* When to give up waiting for what usually takes up to MS. */
static int64_t
deadline(const struct session *s, int64_t ms)
{
	if (s->config->timeout_ms > 0)
		ms = MIN(ms, s->config->timeout_ms);
	return ms_clock_ms() + ms;
}

static enum ms_status
read_reply(struct session *s, int64_t ms, struct ms_error *err)
{
	const int64_t until = deadline(s, ms);
	enum ms_status status = MS_END;

	while (status == MS_END) {
		size_t used;

		if (s->at == s->size) {
			s->at = 0;
			status = ms_dial_read(s->dial, s->block,
			    sizeof s->block, until, &s->size, err);
			if (status == MS_END) {
				s->size = 0;
				return ms_error_set(err, MS_E_PEER,
				    "the server has closed the connection");
			}
			if (status != MS_OK) {
				s->size = 0;
				return status;
			}
		}
		status = ms_reply_feed(&s->reply, s->block + s->at,
		    s->size - s->at, &used, err);
		s->at += used;
	}
	return status;
}

/* What the server said, on one line, for people. */
static char *
said(const struct ms_reply *reply)
{
	char *text = g_strdup_printf("%d %.500s", reply->code,
	    reply->text->str);

	return g_strdelimit(text, "\n\t", ' ');
}

/* The reply has to begin with WANT, or it is a refusal of WHAT. */
static enum ms_status
expect(const struct session *s, int want, const char *what,
    struct ms_error *err)
{
	char *text;

	if (s->reply.code / 100 == want)
		return MS_OK;
	text = said(&s->reply);
	(void)ms_error_set(err, MS_E_PEER, "%s: %s refuses: %s", what,
	    s->config->address, text);
	g_free(text);
	return MS_E_PEER;
}

/* Send LINE with its end and read what is answered. */
static enum ms_status
command(struct session *s, const char *line, int64_t ms, struct ms_error *err)
{
	char *text = g_strconcat(line, "\r\n", NULL);
	enum ms_status status = ms_dial_write(s->dial, text, strlen(text),
	    deadline(s, ms), err);

	g_free(text);
	return status == MS_OK ? read_reply(s, ms, err) : status;
}

static enum ms_status
say_hello(struct session *s, struct ms_error *err)
{
	char *line;
	enum ms_status status = read_reply(s, REPLY_MS, err);

	if (status == MS_OK)
		status = expect(s, 2, "greeting", err);
	if (status != MS_OK)
		return status;
	line = g_strconcat(s->config->lmtp ? "LHLO " : "EHLO ",
	    s->config->helo, NULL);
	status = command(s, line, REPLY_MS, err);
	/* RFC 5321, 3.2: what does not know EHLO knows HELO. */
	if (status == MS_OK && s->reply.code / 100 == 5 && !s->config->lmtp) {
		memcpy(line, "HELO", 4);
		status = command(s, line, REPLY_MS, err);
	}
	g_free(line);
	return status == MS_OK ? expect(s, 2, "EHLO", err) : status;
}

static bool
is_ascii(const char *text)
{
	return g_str_is_ascii(text);
}

/* Do sender and recipients need SMTPUTF8? */
static bool
needs_utf8(const struct ms_submit_mail *mail)
{
	bool needed = !is_ascii(mail->sender);

	for (const char *const *r = mail->recipients; *r; r++)
		needed |= !is_ascii(*r);
	return needed;
}

/* MAIL, after the reply to EHLO. */
static enum ms_status
say_sender(struct session *s, struct ms_error *err)
{
	GString *line = g_string_new(NULL);
	enum ms_status status = MS_OK;
	char *most = NULL;

	g_string_printf(line, "MAIL FROM:<%s>", s->mail->sender);
	if (ms_reply_extension(&s->reply, "SIZE", &most)) {
		uint64_t limit = g_ascii_strtoull(most, NULL, 10);

		if (limit > 0 && s->shape.size > limit)
			status = ms_error_set(err, MS_E_PEER, "%s takes "
			    "messages of %" PRIu64 " bytes at most, and this "
			    "one has %" PRIu64, s->config->address, limit,
			    s->shape.size);
		g_string_append_printf(line, " SIZE=%" PRIu64, s->shape.size);
		g_free(most);
	}
	if (s->shape.eight_bit &&
	    ms_reply_extension(&s->reply, "8BITMIME", NULL))
		g_string_append(line, " BODY=8BITMIME");
	if (needs_utf8(s->mail)) {
		g_string_append(line, " SMTPUTF8");
		if (!ms_reply_extension(&s->reply, "SMTPUTF8", NULL))
			status = ms_error_set(err, MS_E_PEER, "%s takes no "
			    "addresses that are not ASCII (SMTPUTF8)",
			    s->config->address);
	}
	if (status == MS_OK)
		status = command(s, line->str, REPLY_MS, err);
	if (status == MS_OK)
		status = expect(s, 2, "MAIL", err);
	g_string_free(line, TRUE);
	return status;
}

void
ms_submit_failure_free(struct ms_submit_failure *failure)
{
	g_free(failure->recipient);
	g_free(failure->reply);
	g_free(failure);
}

/* RECIPIENT, one of several, does not get it. */
static void
note_failure(const struct session *s, const char *recipient)
{
	struct ms_submit_failure *failure;

	if (!s->config->failed)
		return;
	failure = g_new(struct ms_submit_failure, 1);
	*failure = (struct ms_submit_failure){ g_strdup(recipient),
		s->reply.code, said(&s->reply) };
	g_ptr_array_add(s->config->failed, failure);
}

static enum ms_status
say_recipient(struct session *s, const char *recipient, struct ms_error *err)
{
	char *line = g_strdup_printf("RCPT TO:<%s>", recipient);
	enum ms_status status = command(s, line, REPLY_MS, err);

	g_free(line);
	if (status != MS_OK)
		return status;
	status = expect(s, 2, recipient, err);
	if (status == MS_OK)
		g_ptr_array_add(s->taken, (char *)(uintptr_t)recipient);
	else if (s->config->failed && s->reply.code / 100 == 5)
		note_failure(s, recipient);
	else
		return status;
	return MS_OK;
}

/* To all of them or to none; or to those who are not refused for ever. As long
 * as nobody has it, it may be tried again for all. */
static enum ms_status
say_recipients(struct session *s, struct ms_error *err)
{
	enum ms_status status = MS_OK;

	for (const char *const *r = s->mail->recipients;
	    *r && status == MS_OK; r++)
		status = say_recipient(s, *r, err);
	return status == MS_OK && s->taken->len == 0 ? MS_E_PEER : status;
}

/* Give every block of the message to DOTS, and what it becomes to the server
 * if S has one. */
static enum ms_status
pass(struct session *s, struct ms_dots *dots, struct ms_error *err)
{
	GString *out = s->dial ? g_string_sized_new(2 * BLOCK_BYTES) : NULL;
	char *block = g_malloc(BLOCK_BYTES);
	enum ms_status status = MS_OK;
	uint64_t at = 0;

	while (status == MS_OK && at < s->mail->size) {
		ssize_t n = pread(s->mail->fd, block,
		    MIN(BLOCK_BYTES, s->mail->size - at), (off_t)at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			status = ms_error_set(err, MS_E_IO,
			    "the message cannot be read");
			break;
		}
		ms_dots_feed(dots, block, (size_t)n, out);
		at += (uint64_t)n;
		if (!out)
			continue;
		status = ms_dial_write(s->dial, out->str, out->len,
		    deadline(s, BLOCK_MS), err);
		g_string_truncate(out, 0);
	}
	g_free(block);
	if (out)
		g_string_free(out, TRUE);
	return status;
}

/* One reply to the message, or one for each recipient, of which the worst
 * counts, if somebody who does not get it is not noted: a refusal that may end
 * later before one for ever. */
static enum ms_status
read_answers(struct session *s, char **answer, bool *uncertain,
    struct ms_error *err)
{
	const guint count = s->config->lmtp ? s->taken->len : 1;
	bool taken = false;
	int worst = 0;

	for (guint i = 0; i < count; i++) {
		const enum ms_status status = read_reply(s, END_MS, err);

		if (status != MS_OK)
			return status;
		if (s->reply.code / 100 == 2)
			taken = true;
		else
			note_failure(s, s->taken->pdata[i]);
		if (worst != 0 && (s->reply.code / 100 == 2 ||
		    worst / 100 == 4 || worst / 100 == s->reply.code / 100))
			continue;
		worst = s->reply.code;
		g_free(*answer);
		*answer = said(&s->reply);
		(void)expect(s, 2, "end of DATA", err);
	}
	*uncertain = s->in_data = false;
	s->reply.code = worst;
	return worst / 100 == 2 || (taken && s->config->failed) ? MS_OK :
	    MS_E_PEER;
}

/* The message without its last line, which is sent by itself: until then it
 * is certain that the server has not taken it. */
static enum ms_status
say_data(struct session *s, char **answer, bool *uncertain,
    struct ms_error *err)
{
	struct ms_dots dots = { 0 };
	struct ms_error refused = { "" };
	enum ms_status status;
	GString *end;

	status = command(s, "DATA", DATA_MS, err);
	if (status == MS_OK)
		status = expect(s, 3, "DATA", err);
	if (status != MS_OK)
		return status;
	s->in_data = true;
	status = pass(s, &dots, err);
	if (status == MS_OK) {
		end = g_string_new(NULL);
		ms_dots_end(&dots, end);
		*uncertain = true;
		status = ms_dial_write(s->dial, end->str, end->len,
		    deadline(s, BLOCK_MS), err);
		g_string_free(end, TRUE);
	}
	/* Some say why before they close. */
	if (status != MS_OK) {
		if (status == MS_E_PEER &&
		    read_reply(s, BYE_MS, &refused) == MS_OK &&
		    s->reply.code / 100 >= 4) {
			*uncertain = false;
			*answer = said(&s->reply);
			return expect(s, 2, "DATA", err);
		}
		return status;
	}
	return read_answers(s, answer, uncertain, err);
}

/* Is it a message that can be sent? */
static enum ms_status
check(struct session *s, struct ms_error *err)
{
	enum ms_status status = ms_address_check(s->mail->sender, true, err);

	for (const char *const *r = s->mail->recipients;
	    *r && status == MS_OK; r++)
		status = ms_address_check(*r, false, err);
	if (status == MS_OK && !s->mail->recipients[0])
		status = ms_error_set(err, MS_E_USAGE, "no recipient");
	if (status == MS_OK)
		status = pass(s, &s->shape, err);
	if (status != MS_OK)
		return status;
	ms_dots_end(&s->shape, NULL);
	return s->shape.nul ? ms_error_set(err, MS_E_USAGE, "it holds NUL "
	    "bytes, which SMTP does not carry: extract it instead") : MS_OK;
}

enum ms_status
ms_submit(const struct ms_submit_config *config,
    const struct ms_submit_mail *mail, char **answer, bool *uncertain,
    struct ms_error *err)
{
	struct session *s = g_new0(struct session, 1);
	struct ms_error ignored;
	enum ms_status status;
	int code;

	s->config = config;
	s->mail = mail;
	ms_reply_init(&s->reply);
	s->taken = g_ptr_array_new();
	*answer = NULL;
	*uncertain = false;
	status = check(s, err);
	if (status == MS_OK)
		status = ms_dial_open(config->address, deadline(s, REPLY_MS),
		    &s->dial, err);
	if (status == MS_OK)
		status = say_hello(s, err);
	if (status == MS_OK)
		status = say_sender(s, err);
	if (status == MS_OK)
		status = say_recipients(s, err);
	if (status == MS_OK)
		status = say_data(s, answer, uncertain, err);
	code = s->reply.code;
	/* It has been taken, or not, whatever is said to this. */
	if (s->dial && !s->in_data)
		(void)command(s, "QUIT", BYE_MS, &ignored);
	if (config->code)
		*config->code = code;
	ms_dial_close(s->dial);
	ms_reply_clear(&s->reply);
	g_ptr_array_unref(s->taken);
	g_free(s);
	return status;
}
