#include "action/stubtext.h"

#include "report/line.h"

/* Characters of what the message says of itself. */
#define TEXT_MAX 200

/* Findings that are named. */
#define FINDINGS_MAX 5

/* "NAME: TEXT", if there is one. */
static void
add(GPtrArray *lines, const char *name, const char *text)
{
	GString *line;

	if (!text || !*text)
		return;
	line = g_string_new(name);
	g_string_append(line, ": ");
	ms_line_quoted_max(line, text, TEXT_MAX);
	g_ptr_array_add(lines, g_string_free(line, FALSE));
}

static void
add_findings(GPtrArray *lines, const struct ms_facts *facts)
{
	guint count = facts->findings->len;

	for (guint i = 0; i < MIN(count, FINDINGS_MAX); i++) {
		const struct ms_finding *finding =
		    g_ptr_array_index(facts->findings, i);
		char *text = *finding->part ? g_strdup_printf("%s in %s",
		    finding->name, finding->part) : g_strdup(finding->name);

		add(lines, "Found", text);
		g_free(text);
	}
	if (count > FINDINGS_MAX)
		g_ptr_array_add(lines, g_strdup_printf("Found: and %u more",
		    count - FINDINGS_MAX));
}

static char *
utc(int64_t seconds)
{
	GDateTime *time = g_date_time_new_from_unix_utc(seconds);
	char *text = time ? g_date_time_format(time, "%Y-%m-%dT%H:%M:%SZ") :
	    NULL;

	if (time)
		g_date_time_unref(time);
	return text;
}

char **
ms_stubtext_lines(const struct ms_outcome *outcome, const char *id,
    int64_t time)
{
	const struct ms_headers *headers = &outcome->facts.headers;
	GPtrArray *lines = g_ptr_array_new();
	char *when = utc(time), hex[MS_HASH_HEX];

	ms_hash_hex(&outcome->sha256, hex);
	if (id)
		add(lines, "X-Mailscan-Quarantine", id);
	g_ptr_array_add(lines, g_strdup(""));
	g_ptr_array_add(lines, g_strdup(id ?
	    "mailscan has moved the message that was here to quarantine." :
	    "mailscan has removed the message that was here."));
	add(lines, "Quarantine", id);
	add_findings(lines, &outcome->facts);
	add(lines, "Verdict", ms_verdict_name(outcome->verdict));
	add(lines, "When", when);
	add(lines, "From", headers->from);
	add(lines, "Subject", headers->subject);
	add(lines, "Date", headers->date);
	add(lines, "Message-ID", headers->message_id);
	add(lines, "SHA-256", hex);
	g_ptr_array_add(lines, NULL);
	g_free(when);
	return (char **)g_ptr_array_free(lines, FALSE);
}
