#include "serve/chronicle.h"

#include "base/quote.h"
#include "base/write.h"

#include <stdarg.h>
#include <string.h>
#include <unistd.h>

/* Recipients that are named; the others are counted. */
#define RECIPIENTS_MAX 20

/* A log that cannot be written to is nobody's but the log's reader's
 * business. */
static void
write_line(GString *line)
{
	g_string_append_c(line, '\n');
	(void)ms_write(STDERR_FILENO, line->str, line->len);
}

void
ms_chronicle_say(const char *format, ...)
{
	GString *line = g_string_new("mailscan: ");
	va_list args;
	char *text;

	va_start(args, format);
	text = g_strdup_vprintf(format, args);
	va_end(args);
	ms_quote_append(line, text, strlen(text));
	write_line(line);
	(void)g_string_free(line, TRUE);
	g_free(text);
}

/* VALUE between quotation marks. */
static void
append_value(GString *out, const char *value)
{
	char *quoted = ms_quote_string(value);

	g_string_append_c(out, '"');
	for (const char *p = quoted; *p; p++) {
		if (*p == '"')
			g_string_append(out, "\\x22");
		else
			g_string_append_c(out, *p);
	}
	g_string_append_c(out, '"');
	g_free(quoted);
}

static void
append_word(GString *out, const char *key, const char *value)
{
	if (!value)
		return;
	g_string_append_printf(out, " %s=", key);
	append_value(out, value);
}

static void
append_envelope(GString *out, const struct ms_session_state *envelope)
{
	unsigned named = 0;

	append_word(out, "helo", envelope->helo);
	append_word(out, "from", envelope->sender.text);
	for (guint i = 0; i < envelope->recipients->len; i++) {
		const struct ms_recipient *one = &g_array_index(
		    envelope->recipients, struct ms_recipient, i);

		if (one->code / 100 != 2 || !one->address.text)
			continue;
		if (named++ < RECIPIENTS_MAX)
			append_word(out, "to", one->address.text);
	}
	if (named > RECIPIENTS_MAX)
		g_string_append_printf(out, " more-recipients=%u",
		    named - RECIPIENTS_MAX);
}

void
ms_chronicle_compose(const struct ms_chronicle_message *message, GString *out)
{
	const struct ms_proxy_end *end = message->end;

	g_string_append(out, message->id);
	g_string_append(out, ":");
	append_word(out, "client", message->client);
	append_envelope(out, message->envelope);
	append_word(out, "message-id", message->message_id);
	g_string_append_printf(out, " size=%" G_GUINT64_FORMAT, end->size);
	if (message->scanned)
		g_string_append_printf(out, " verdict=%s",
		    ms_verdict_name(message->verdict));
	append_word(out, "found", message->what);
	if (message->part && *message->part != '\0')
		append_word(out, "part", message->part);
	g_string_append_printf(out, " action=%s delivered=%s", end->decided ?
	    ms_decide_action_name(end->action) : "none",
	    end->delivered ? "yes" : "no");
	if (end->code > 0) {
		char *reply = g_strdup_printf("%d %s", end->code,
		    end->text ? end->text : "");

		append_word(out, "reply", reply);
		g_free(reply);
	}
	g_string_append_printf(out, " scan-ms=%" G_GINT64_FORMAT " ms=%"
	    G_GINT64_FORMAT, message->scan_ms, message->whole_ms);
}

void
ms_chronicle_message(const struct ms_chronicle_message *message)
{
	GString *line = g_string_new("mailscan: ");

	ms_chronicle_compose(message, line);
	write_line(line);
	(void)g_string_free(line, TRUE);
}
