#include "policy/marking.h"

#include <string.h>

#define STATUS "X-Virus-Status"

/* As clamsmtpd had it. */
#define HEADER_MAX 1024

/* What X-Virus-Status says of mail that goes on despite something. */
static const char *
word_of(enum ms_verdict verdict)
{
	switch (verdict) {
	case MS_VERDICT_INFECTED:
		return "Infected";
	case MS_VERDICT_BLOCKED:
		return "Blocked";
	case MS_VERDICT_SPAM:
		return "Spam";
	default:
		return "Not fully scanned";
	}
}

/* What it says in the words of the older clamav-milter, which had none for what
 * a rule or another scanner found. That one said so of all mail, whatever
 * became of it. */
static void
put_classic(enum ms_verdict verdict, const char *what, GString *out)
{
	static const struct {
		const char *what, *words;
	} rows[] = {
		{ "engine-failed", "Not Scanned" },
		{ "worker-died", "Unknown" },
		{ "limit-size", "Not Scanned - StreamMaxLength exceeded" },
		{ "limit-time", "Not Scanned - Read timeout exceeded" },
	};

	for (size_t i = 0; what && verdict > MS_VERDICT_SPAM &&
	    i < G_N_ELEMENTS(rows); i++)
		if (strcmp(rows[i].what, what) == 0) {
			g_string_append(out, rows[i].words);
			return;
		}
	g_string_append(out, verdict == MS_VERDICT_INFECTED ? "Infected" :
	    "Not Scanned");
	/* Nothing decided: whatever it was, it passes. */
	if (!what)
		return;
	g_string_append(out, verdict == MS_VERDICT_INFECTED ? " with " :
	    " - ");
	ms_wording_value(what, out);
}

/* The line after TEXT as wording will write it; NULL: there is none. */
static const char *
next_line(const char *text)
{
	for (const char *p = text; *p; p++) {
		if (p[0] == '\\' && p[1] == 'n')
			return p + 2;
		if (p[0] == '\\' && p[1] != '\0')
			p++;
	}
	return NULL;
}

/* The size of the name of the field at LINE; 0: it is none. */
static size_t
name_size(const char *line)
{
	size_t n = 0;

	while (g_ascii_isalnum(line[n]) || line[n] == '-' || line[n] == '_')
		n++;
	return line[n] == ':' ? n : 0;
}

enum ms_status
ms_marking_check(const char *text, struct ms_error *err)
{
	const char *line = text;

	if (ms_wording_check(text, err) != MS_OK)
		return MS_E_USAGE;
	if (strlen(text) > HEADER_MAX)
		return ms_error_set(err, MS_E_USAGE,
		    "it has more than %d bytes", HEADER_MAX);
	for (; *text != '\0' && line && *line != '\0';
	    line = next_line(line)) {
		/* A folded line, but not the first. */
		if (line != text && (*line == ' ' ||
		    strncmp(line, "\\t", 2) == 0))
			continue;
		if (name_size(line) == 0)
			return ms_error_set(err, MS_E_USAGE, "\"%.30s\" is no "
			    "field of a header (Name: text)", line);
	}
	return MS_OK;
}

char **
ms_marking_names(const struct ms_marking_config *config)
{
	GPtrArray *names = g_ptr_array_new();

	for (const char *line = config->header; line && *line != '\0';
	    line = next_line(line))
		if (name_size(line) > 2 &&
		    g_ascii_strncasecmp(line, "X-", 2) == 0)
			g_ptr_array_add(names, g_strndup(line,
			    name_size(line)));
	if (config->status)
		g_ptr_array_add(names, g_strdup(STATUS));
	g_ptr_array_add(names, NULL);
	return (char **)g_ptr_array_free(names, FALSE);
}

/* TEXT, whatever its line ends are, with CR LF at the end of each line that
 * holds something. */
static void
append_lines(const char *text, GString *out)
{
	while (*text) {
		const size_t n = strcspn(text, "\r\n");

		if (n > 0) {
			g_string_append_len(out, text, (gssize)n);
			g_string_append(out, "\r\n");
		}
		text += n;
		text += strspn(text, "\r\n");
	}
}

/* Does the older clamav-milter have words for VERDICT, and is it to say them?
 */
static bool
is_classic(const struct ms_marking_config *config, enum ms_verdict verdict)
{
	return config->status && config->words == MS_MARKING_CLASSIC &&
	    verdict != MS_VERDICT_BLOCKED && verdict != MS_VERDICT_SPAM &&
	    verdict != MS_VERDICT_SKIPPED;
}

char *
ms_marking(const struct ms_marking_config *config, enum ms_verdict verdict,
    enum ms_action action, const struct ms_wording *values)
{
	GString *out = g_string_new(NULL), *text = g_string_new(NULL);

	ms_wording_expand(config->header, values, text);
	append_lines(text->str, out);
	g_string_free(text, TRUE);
	if (config->status && verdict == MS_VERDICT_CLEAN) {
		g_string_append(out, STATUS ": Clean\r\n");
	} else if (is_classic(config, verdict)) {
		g_string_append(out, STATUS ": ");
		put_classic(verdict, values->virus, out);
		g_string_append(out, "\r\n");
	} else if (config->status && action != MS_ACTION_PASS) {
		g_string_append_printf(out, STATUS ": %s (",
		    word_of(verdict));
		ms_wording_value(values->virus, out);
		g_string_append(out, ")\r\n");
	}
	return g_string_free(out, FALSE);
}

char **
ms_marking_split(const char *text)
{
	GPtrArray *fields = g_ptr_array_new();

	if (!text)
		text = "";
	while (*text != '\0') {
		const char *end = text;

		do {
			end = strstr(end, "\r\n");
			end = end ? end + 2 : text + strlen(text);
		} while (*end == ' ' || *end == '\t');
		g_ptr_array_add(fields, g_strchomp(g_strndup(text,
		    (gsize)(end - text))));
		text = end;
	}
	g_ptr_array_add(fields, NULL);
	return (char **)g_ptr_array_free(fields, FALSE);
}
