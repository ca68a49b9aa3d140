#include "replay/made.h"

#include <string.h>

#include "message/head.h"
#include "replay/heads.h"
#include "smtp/address.h"
#include "smtp/dots.h"

#define BLOCK 65536

/* Append STEP, to which CODE is answered if all is well. */
static void
add(struct ms_role *role, struct ms_step step, int code)
{
	const size_t at = role->steps->len - 1;

	ms_role_insert(role, at, &step);
	ms_role_answer(role, ms_role_step(role, at), code, NULL);
}

static void
add_path(struct ms_role *role, const char *verb, const char *word,
    const char *address)
{
	char *argument = g_strdup_printf("%s:<%s>", word, address);

	add(role, ms_role_command(verb, argument), 250);
	g_free(argument);
}

/* The header of MESSAGE, in front of all else. */
static enum ms_status
read_header(const struct ms_message *message, struct ms_envelope *envelope,
    struct ms_error *err)
{
	unsigned char *head = g_malloc(MS_HEAD_MAX);
	size_t size;
	enum ms_status status = ms_spool_read(message->body, 0, head,
	    MS_HEAD_MAX, &size, err);

	if (status == MS_OK)
		ms_heads(head, ms_head_body(head, size), envelope);
	g_free(head);
	return status;
}

/* Who sends MESSAGE to whom; *ENVELOPE is for ms_envelope_free(). */
static enum ms_status
find_envelope(const struct ms_made *made, const struct ms_message *message,
    struct ms_envelope **envelope, struct ms_error *err)
{
	const struct ms_envelope *known = message->envelope;
	enum ms_status status = MS_OK;

	*envelope = ms_envelope_new(made->sender ? made->sender :
	    known ? known->sender : NULL);
	for (const char *const *r = made->recipients; r && *r; r++)
		ms_envelope_add(*envelope, *r);
	if (!made->recipients && known)
		for (char **r = known->recipients; r && *r; r++)
			ms_envelope_add(*envelope, *r);
	if (!(*envelope)->sender || (*envelope)->count == 0)
		status = read_header(message, *envelope, err);
	if (status == MS_OK && (*envelope)->count == 0)
		status = ms_error_set(err, MS_E_FORMAT, "it names no "
		    "recipient (--rcpt gives one)");
	if (status == MS_OK && (*envelope)->sender)
		status = ms_address_check((*envelope)->sender, true, err);
	for (char **r = (*envelope)->recipients; r && *r && status == MS_OK;
	    r++)
		status = ms_address_check(*r, false, err);
	return status;
}

/* The message as it is sent, into the role's spool. */
static enum ms_status
convert(const struct ms_message *message, struct ms_spool *spool,
    struct ms_error *err)
{
	GString *out = g_string_sized_new(2 * BLOCK);
	char *block = g_malloc(BLOCK);
	struct ms_dots dots = { 0 };
	enum ms_status status = MS_OK;
	uint64_t at = 0;
	size_t got = 1;

	while (status == MS_OK && got > 0) {
		status = ms_spool_read(message->body, at, block, BLOCK, &got,
		    err);
		if (status != MS_OK)
			break;
		at += got;
		if (got > 0)
			ms_dots_feed(&dots, block, got, out);
		else
			ms_dots_end(&dots, out);
		status = ms_spool_write(spool, out->str, out->len, err);
		g_string_truncate(out, 0);
	}
	g_string_free(out, TRUE);
	g_free(block);
	return status;
}

static bool
is_ascii(const struct ms_envelope *envelope)
{
	bool ascii = !envelope->sender || g_str_is_ascii(envelope->sender);

	for (char **r = envelope->recipients; r && *r; r++)
		ascii &= g_str_is_ascii(*r);
	return ascii;
}

static void
say_all(struct ms_role *role, const struct ms_made *made,
    const struct ms_envelope *envelope)
{
	struct ms_step content = { .kind = MS_STEP_CONTENT, .spooled = true,
		.size = ms_spool_size(role->spool) };
	char *argument;

	ms_role_answer(role, ms_role_step(role, 0), 220, NULL);
	add(role, ms_role_command("EHLO", made->helo), 250);
	argument = g_strdup_printf("FROM:<%s>%s",
	    envelope->sender ? envelope->sender : "",
	    is_ascii(envelope) ? "" : " SMTPUTF8");
	add(role, ms_role_command("MAIL", argument), 250);
	g_free(argument);
	for (char **r = envelope->recipients; r && *r; r++)
		add_path(role, "RCPT", "TO", *r);
	add(role, ms_role_command("DATA", NULL), 354);
	add(role, content, 250);
	add(role, ms_role_command("QUIT", NULL), 221);
}

enum ms_status
ms_made(const struct ms_made *made, const struct ms_message *message,
    struct ms_role **role, struct ms_error *err)
{
	struct ms_envelope *envelope = NULL;
	enum ms_status status;

	*role = NULL;
	if (message->omitted > 0 || message->cut)
		return ms_error_set(err, MS_E_FORMAT, "the message is not "
		    "whole");
	status = find_envelope(made, message, &envelope, err);
	if (status == MS_OK) {
		*role = ms_role_new();
		(*role)->made = true;
		(*role)->number = message->origin.index;
		(*role)->source = g_strdup(message->origin.source);
		(*role)->spool = ms_spool_new(&made->spool);
		status = convert(message, (*role)->spool, err);
	}
	if (status == MS_OK)
		say_all(*role, made, envelope);
	else {
		ms_role_free(*role);
		*role = NULL;
	}
	ms_envelope_free(envelope);
	return status;
}
