#include "action/undelivered.h"

#include "action/notify.h"
#include "base/quote.h"

#include <string.h>

/* The status code (RFC 3463) that REPLY has behind its three digits, "5.1.1",
 * or the class of these alone; into STATUS. */
static void
append_status(const char *reply, GString *out)
{
	const char *code = strlen(reply) > 4 ? reply + 4 : "";
	const size_t size = strspn(code, "0123456789.");
	char *text = g_strndup(code, MIN(size, 11));
	char **parts = g_strsplit(text, ".", -1);

	if (g_strv_length(parts) == 3 && code[0] == reply[0] &&
	    strlen(parts[0]) == 1 && *parts[1] != '\0' &&
	    strlen(parts[1]) <= 3 && *parts[2] != '\0' &&
	    strlen(parts[2]) <= 3)
		g_string_append(out, text);
	else
		g_string_append_printf(out, "%c.0.0",
		    *reply == '4' ? '4' : '5');
	g_strfreev(parts);
	g_free(text);
}

/* TEXT where there may be nothing but ASCII (RFC 3464, 2.1). */
static void
append_ascii(const char *text, GString *out)
{
	for (; *text != '\0'; text++)
		g_string_append_c(out, (unsigned char)*text > 0x7e ? '?' :
		    *text);
}

/* One recipient, for people and for programs. */
static void
append_one(const struct ms_undelivered_one *one, GString *text,
    GString *status)
{
	char *recipient = ms_quote_string(one->recipient);
	char *reply = ms_quote_string(one->reply);

	g_string_append_printf(text, "<%s>:\n\t%s\n\n", recipient, reply);
	g_string_append(status, "\nFinal-Recipient: rfc822; ");
	append_ascii(recipient, status);
	g_string_append(status, "\nAction: failed\nStatus: ");
	append_status(one->reply, status);
	g_string_append(status, "\nDiagnostic-Code: smtp; ");
	append_ascii(reply, status);
	g_string_append_c(status, '\n');
	g_free(recipient);
	g_free(reply);
}

enum ms_status
ms_undelivered(const struct ms_undelivered *about,
    const struct ms_undelivered_one *ones, size_t count, GString *out,
    struct ms_error *err)
{
	const char *const to[] = { about->to, NULL };
	GString *text = g_string_new("Your message was not delivered to\n\n");
	GString *status = g_string_new(NULL);
	enum ms_status made;

	g_string_append_printf(status, "Reporting-MTA: dns; %s\n",
	    about->host);
	for (size_t i = 0; i < count; i++)
		append_one(&ones[i], text, status);
	g_string_append_printf(text, "Others have got it, and nobody tries "
	    "again.\n\n-- \nmailscan on %s\n", about->host);
	made = ms_notify_build(&(struct ms_notify){
		.from = "MAILER-DAEMON", .to = to,
		.subject = "Undelivered mail", .text = text->str,
		.host = about->host, .time = about->time,
		.attached = about->header,
		.attached_size = about->header_size,
		.status = status->str,
	}, out, err);
	(void)g_string_free(text, TRUE);
	(void)g_string_free(status, TRUE);
	return made;
}
