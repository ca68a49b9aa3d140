#include "engine/spamc.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Longer answers to a request have no header like that. */
#define HEADER_MAX 8192

/* No score is further from 0. */
#define SCORE_MAX 1e6

bool
ms_spamc_is_user(const char *user)
{
	const size_t size = strlen(user);

	/* It may be made a path of. */
	return size > 0 && size <= 256 && user[0] != '-' && user[0] != '.' &&
	    !strstr(user, "..") && strspn(user, G_CSET_A_2_Z G_CSET_a_2_z
	    G_CSET_DIGITS "@.-_+=") == size;
}

GString *
ms_spamc_request(enum ms_spamc_command command, uint64_t size,
    const char *user)
{
	static const char *const words[] = {
		[MS_SPAMC_SYMBOLS] = "SYMBOLS",
		[MS_SPAMC_HEADERS] = "HEADERS",
		[MS_SPAMC_PROCESS] = "PROCESS",
	};
	GString *text = g_string_new(NULL);

	g_string_printf(text, "%s SPAMC/1.5\r\nContent-length: %"
	    G_GUINT64_FORMAT "\r\n", words[command], size);
	if (user && ms_spamc_is_user(user))
		g_string_append_printf(text, "User: %s\r\n", user);
	g_string_append(text, "\r\n");
	return text;
}

/* The value of field NAME in the header TEXT, up to the end of its line, for
 * g_free(); NULL: it is not there once. */
static char *
field(char *const *lines, const char *name)
{
	const size_t size = strlen(name);
	char *value = NULL;

	for (; *lines; lines++) {
		if (g_ascii_strncasecmp(*lines, name, size) != 0 ||
		    (*lines)[size] != ':')
			continue;
		if (value) {
			g_free(value);
			return NULL;
		}
		value = g_strstrip(g_strdup(*lines + size + 1));
	}
	return value;
}

static bool
read_number(const char **text, double *number)
{
	char *end;

	while (**text == ' ')
		(*text)++;
	if (!g_ascii_isdigit(**text) && **text != '-' && **text != '.')
		return false;
	*number = g_ascii_strtod(*text, &end);
	if (end == *text || !isfinite(*number) ||
	    fabs(*number) > SCORE_MAX)
		return false;
	*text = end;
	while (**text == ' ')
		(*text)++;
	return true;
}

/* "True ; 15.3 / 5.0" */
static bool
read_spam(const char *text, struct ms_spamc_answer *answer)
{
	static const struct {
		const char *word;
		bool spam;
	} words[] = {
		{ "True", true }, { "Yes", true }, { "False", false },
		{ "No", false },
	};
	size_t i = 0;

	while (i < G_N_ELEMENTS(words) && g_ascii_strncasecmp(text,
	    words[i].word, strlen(words[i].word)) != 0)
		i++;
	if (i == G_N_ELEMENTS(words))
		return false;
	answer->spam = words[i].spam;
	text += strlen(words[i].word);
	while (*text == ' ')
		text++;
	if (*text++ != ';' || !read_number(&text, &answer->score) ||
	    *text++ != '/')
		return false;
	return read_number(&text, &answer->threshold) && *text == '\0';
}

/* Does the length, if one is said, fit what came? HEADERS says that of the
 * whole message and sends less. */
static bool
check_length(const char *text, size_t size)
{
	char *end;
	guint64 length;

	if (!text)
		return true;
	if (!g_ascii_isdigit(*text))
		return false;
	length = g_ascii_strtoull(text, &end, 10);
	return *end == '\0' && length == size;
}

/* "SPAMD/1.1 0 EX_OK": MS_OK if it is that. */
static enum ms_status
read_status(const char *line, struct ms_error *err)
{
	const char *code = strchr(line, ' ');

	if (!g_str_has_prefix(line, "SPAMD/") || !code ||
	    !g_ascii_isdigit(code[1]))
		return ms_error_set(err, MS_E_PEER, "no answer of spamd's");
	if (code[1] == '0' && (code[2] == ' ' || code[2] == '\0'))
		return MS_OK;
	return ms_error_set(err, MS_E_PEER, "spamd says %.200s", code + 1);
}

enum ms_status
ms_spamc_read(const void *data, size_t size, struct ms_spamc_answer *answer,
    struct ms_error *err)
{
	const char *end = memmem(data, MIN(size, (size_t)HEADER_MAX),
	    "\r\n\r\n", 4);
	const char *bytes = data;
	char *header, **lines, *spam, *length;
	enum ms_status status;

	*answer = (struct ms_spamc_answer){ .spam = false };
	if (!end) {
		/* Failures may be one line. */
		end = memmem(data, MIN(size, (size_t)HEADER_MAX), "\r\n", 2);
		if (!end)
			return ms_error_set(err, MS_E_PEER,
			    "no answer of spamd's");
	}
	header = g_strndup(bytes, (gsize)(end - bytes));
	lines = g_strsplit(header, "\r\n", -1);
	spam = field(lines, "Spam");
	length = field(lines, "Content-length");
	answer->at = MIN((size_t)(end - bytes) + 4, size);
	answer->size = size - answer->at;
	status = read_status(lines[0] ? lines[0] : "", err);
	if (status == MS_OK && (!spam || !read_spam(spam, answer)))
		status = ms_error_set(err, MS_E_PEER,
		    "spamd does not say whether it is spam");
	if (status == MS_OK && !check_length(length, answer->size))
		status = ms_error_set(err, MS_E_PEER,
		    "an answer of spamd's that is cut off");
	g_free(length);
	g_free(spam);
	g_strfreev(lines);
	g_free(header);
	return status;
}
