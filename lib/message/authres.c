#include "message/authres.h"

#include "message/head.h"

#include <glib.h>

#include <string.h>

/* More of a field is not read. */
#define VALUE_MAX ((size_t)16 << 10)

struct look {
	const char *authserv;
	char *from;		/* the domain, in lower case */
	unsigned froms;
	GString *results;	/* of AUTHSERV; NULL: there are none */
};

/* TEXT without comments (RFC 5322, 3.2.2), and, if QUOTED goes, without quoted
 * strings. */
static GString *
bare(const char *text, size_t size, bool quoted)
{
	GString *out = g_string_new(NULL);
	unsigned depth = 0;
	bool inside = false;

	for (size_t i = 0; i < MIN(size, VALUE_MAX); i++) {
		const char c = text[i];
		const bool pair = c == '\\' && (depth > 0 || inside);

		if (c == '"' && depth == 0)
			inside = !inside;
		else if (c == '(' && !inside)
			depth++;
		else if (c == ')' && !inside && depth > 0)
			depth--;
		else if (depth == 0 && !pair && !(inside && quoted))
			g_string_append_c(out, c == '\r' || c == '\n' ||
			    c == '\t' ? ' ' : c);
		i += pair;
	}
	return out;
}

static void
take_from(struct look *look, const char *text, size_t size)
{
	GString *value = bare(text, size, true);
	const char *at = strchr(value->str, '@');
	size_t n = 0;

	look->froms++;
	if (at && !strchr(at + 1, '@') && strlen(value->str) == value->len)
		n = strspn(at + 1, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS
		    ".-_");
	if (n > 0) {
		g_free(look->from);
		look->from = g_ascii_strdown(at + 1, (gssize)n);
	}
	(void)g_string_free(value, TRUE);
}

static void
take_results(struct look *look, const char *text, size_t size)
{
	GString *value = bare(text, size, false);
	const char *id = value->str + strspn(value->str, " ");
	const size_t n = strcspn(id, " ;");

	if (look->results || n != strlen(look->authserv) ||
	    g_ascii_strncasecmp(id, look->authserv, n) != 0) {
		(void)g_string_free(value, TRUE);
		return;
	}
	look->results = value;
	(void)g_string_ascii_down(value);
}

/* The field of SIZE bytes at TEXT, of which NAME are its name. */
static void
take_field(struct look *look, const char *text, size_t name, size_t size)
{
	const char *colon = memchr(text, ':', size);

	if (!colon)
		return;
	size -= (size_t)(colon + 1 - text);
	if (name == strlen("From") && g_ascii_strncasecmp(text, "From",
	    name) == 0)
		take_from(look, colon + 1, size);
	else if (name == strlen("Authentication-Results") &&
	    g_ascii_strncasecmp(text, "Authentication-Results", name) == 0)
		take_results(look, colon + 1, size);
}

static void
read_fields(struct look *look, const char *text, size_t size)
{
	for (size_t at = 0; at < size;) {
		const char *end = text + at;

		/* To the end of its last folded line. */
		do {
			end = memchr(end, '\n', size - (size_t)(end - text));
			end = end ? end + 1 : text + size;
		} while (end < text + size && (*end == ' ' || *end == '\t'));
		take_field(look, text + at, ms_head_name(
		    (const unsigned char *)text + at, size - at),
		    (size_t)(end - text) - at);
		at = (size_t)(end - text);
	}
}

/* Is the domain of VALUE, an address or a domain, that in From? */
static bool
is_from(const struct look *look, const char *value)
{
	const char *at = strrchr(value, '@');

	return strcmp(at ? at + 1 : value, look->from) == 0;
}

/* Does RESULT, one method's, say it? */
static bool
passes(const struct look *look, const char *result)
{
	static const char *const rows[][2] = {
		{ "spf=pass", "smtp.mailfrom=" },
		{ "dmarc=pass", "header.from=" },
	};
	char **words = g_strsplit(result, " ", -1);
	bool good = false;

	for (size_t i = 0; i < G_N_ELEMENTS(rows) && !good; i++) {
		char **word = words;

		while (*word && **word == '\0')
			word++;
		if (!*word || strcmp(*word, rows[i][0]) != 0)
			continue;
		for (; *word && !good; word++)
			good = g_str_has_prefix(*word, rows[i][1]) &&
			    is_from(look, *word + strlen(rows[i][1]));
	}
	g_strfreev(words);
	return good;
}

bool
ms_authres(const unsigned char *data, size_t size, const char *authserv)
{
	struct look look = { .authserv = authserv };
	bool good = false;
	char **results;

	read_fields(&look, (const char *)data, ms_head_size(data, size,
	    MS_HEAD_MAX));
	if (look.results && look.from && look.froms == 1) {
		results = g_strsplit(look.results->str, ";", -1);
		for (char **r = results; *r && !good; r++)
			good = r > results && passes(&look, *r);
		g_strfreev(results);
	}
	g_free(look.from);
	if (look.results)
		(void)g_string_free(look.results, TRUE);
	return good;
}
