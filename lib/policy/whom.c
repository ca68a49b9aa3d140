#include "policy/whom.h"

#include "policy/addressee.h"

#include <glib.h>
#include <regex.h>
#include <stdio.h>
#include <string.h>

#include <errno.h>

/* Bytes of a file that is read; of a line and of an address that is looked
 * at. */
#define FILE_MAX_BYTES ((size_t)16 << 20)
#define ADDRESS_MAX 1000

struct ms_whom {
	GHashTable *exact;	/* set of "user@domain", "@domain", "user" */
	GPtrArray *globs;	/* of char * */
	GPtrArray *expressions;	/* of GRegex * */
	GPtrArray *basic;	/* of regex_t *, for "<address>" */
};

static void
free_basic(void *basic)
{
	regfree(basic);
	g_free(basic);
}

struct ms_whom *
ms_whom_new(void)
{
	struct ms_whom *whom = g_new(struct ms_whom, 1);

	whom->exact = g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
	    NULL);
	whom->globs = g_ptr_array_new_with_free_func(g_free);
	whom->expressions = g_ptr_array_new_with_free_func(
	    (GDestroyNotify)g_regex_unref);
	whom->basic = g_ptr_array_new_with_free_func(free_basic);
	return whom;
}

void
ms_whom_free(struct ms_whom *whom)
{
	if (!whom)
		return;
	g_hash_table_unref(whom->exact);
	g_ptr_array_unref(whom->globs);
	g_ptr_array_unref(whom->expressions);
	g_ptr_array_unref(whom->basic);
	g_free(whom);
}

static enum ms_status
add_expression(struct ms_whom *whom, const char *text, struct ms_error *err)
{
	GError *error = NULL;
	GRegex *regex = g_regex_new(text, G_REGEX_CASELESS | G_REGEX_RAW |
	    G_REGEX_OPTIMIZE, 0, &error);

	if (!regex) {
		(void)ms_error_set(err, MS_E_FORMAT, "re:%s: %s", text,
		    error->message);
		g_error_free(error);
		return MS_E_FORMAT;
	}
	g_ptr_array_add(whom->expressions, regex);
	return MS_OK;
}

static void
add_exact(struct ms_whom *whom, const char *text, size_t size)
{
	(void)g_hash_table_add(whom->exact, g_ascii_strdown(text,
	    (gssize)size));
}

enum ms_status
ms_whom_add(struct ms_whom *whom, const char *pattern, struct ms_error *err)
{
	static const char expression[] = "re:";
	const size_t size = strlen(pattern);

	if (g_str_has_prefix(pattern, expression))
		return add_expression(whom, pattern + strlen(expression), err);
	if (size == 0 || size > ADDRESS_MAX)
		return ms_error_set(err, MS_E_FORMAT, "\"%.100s\" is neither "
		    "an address nor a domain", pattern);
	if (pattern[0] == '<' && pattern[size - 1] == '>') {
		add_exact(whom, pattern + 1, size - 2);
	} else if (strpbrk(pattern, "*?")) {
		g_ptr_array_add(whom->globs, g_ascii_strdown(pattern, -1));
	} else if (strpbrk(pattern, " \t<>")) {
		return ms_error_set(err, MS_E_FORMAT, "\"%.100s\" is neither "
		    "an address nor a domain", pattern);
	} else {
		add_exact(whom, pattern, size);
		if (!strchr(pattern, '@')) {
			char *domain = g_strconcat("@", pattern, NULL);

			add_exact(whom, domain, size + 1);
			g_free(domain);
		}
	}
	return MS_OK;
}

enum ms_status
ms_whom_add_all(struct ms_whom *whom, const char *const *list,
    struct ms_error *err)
{
	enum ms_status status = MS_OK;

	for (; status == MS_OK && list && *list; list++)
		status = ms_whom_add(whom, *list, err);
	return status;
}

static enum ms_status
add_basic(struct ms_whom *whom, const char *text, struct ms_error *err)
{
	regex_t *regex = g_new0(regex_t, 1);
	const int why = regcomp(regex, text, REG_ICASE | REG_NOSUB);
	char said[200];

	if (why == 0) {
		g_ptr_array_add(whom->basic, regex);
		return MS_OK;
	}
	(void)regerror(why, regex, said, sizeof said);
	g_free(regex);
	return ms_error_set(err, MS_E_FORMAT, "%s: %s", text, said);
}

/* Take a line of an old list. */
static enum ms_status
take_line(char *line, struct ms_whom *from, struct ms_whom *to,
    struct ms_error *err)
{
	struct ms_whom *whom = to;
	size_t size;

	g_strstrip(line);
	if (*line == '\0' || strchr("#!:/", *line))
		return MS_OK;
	if (g_ascii_strncasecmp(line, "From:", 5) == 0) {
		whom = from;
		line += 5;
	} else if (g_ascii_strncasecmp(line, "To:", 3) == 0) {
		line += 3;
	}
	line += strspn(line, " \t");
	size = strlen(line);
	if (size == 0)
		return ms_error_set(err, MS_E_FORMAT, "there is no address");
	if (size > ADDRESS_MAX)
		return ms_error_set(err, MS_E_FORMAT, "that is too long");
	if (line[0] == '<' && strcspn(line + 1, "<>") == size - 2 &&
	    line[size - 1] == '>') {
		add_exact(whom, line + 1, size - 2);
		return MS_OK;
	}
	return add_basic(whom, line, err);
}

enum ms_status
ms_whom_read(const char *path, struct ms_whom *from, struct ms_whom *to,
    struct ms_error *err)
{
	FILE *stream = fopen(path, "re");
	enum ms_status status = MS_OK;
	char *line = NULL;
	size_t space = 0, total = 0;
	ssize_t size;

	if (!stream)
		return ms_error_errno(err, "%s", path);
	for (unsigned n = 1; status == MS_OK; n++) {
		size = getdelim(&line, &space, '\n', stream);
		if (size < 0)
			break;
		total += (size_t)size;
		if (total > FILE_MAX_BYTES || memchr(line, '\0', (size_t)size))
			status = ms_error_set(err, MS_E_FORMAT, "this is no "
			    "list of addresses");
		else
			status = take_line(line, from, to, err);
		if (status != MS_OK)
			ms_error_context(err, "%s:%u", path, n);
	}
	if (status == MS_OK && ferror(stream))
		status = ms_error_errno(err, "%s", path);
	free(line);
	(void)fclose(stream);
	return status;
}

static bool
has_exact(const struct ms_whom *whom, const char *address)
{
	const char *at = strrchr(address, '@');

	return g_hash_table_contains(whom->exact, address) ||
	    (at && g_hash_table_contains(whom->exact, at));
}

static bool
matches(const struct ms_whom *whom, const char *address)
{
	char *path;
	bool found = false;

	/* An expression that gives up, as too hard ones do, matches nothing:
	 * what is on these lists is not scanned. */
	for (guint i = 0; !found && i < whom->expressions->len; i++)
		found = g_regex_match(whom->expressions->pdata[i], address, 0,
		    NULL);
	if (found || whom->basic->len == 0)
		return found;
	path = g_strdup_printf("<%s>", address);
	for (guint i = 0; !found && i < whom->basic->len; i++)
		found = regexec(whom->basic->pdata[i], path, 0, NULL, 0) == 0;
	g_free(path);
	return found;
}

bool
ms_whom_has(const struct ms_whom *whom, const char *address)
{
	GString *key;
	bool found;

	if (ms_whom_is_empty(whom) || strlen(address) > ADDRESS_MAX)
		return false;
	key = g_string_new(NULL);
	ms_addressee_key(key, address);
	found = has_exact(whom, key->str);
	for (guint i = 0; !found && i < whom->globs->len; i++)
		found = g_pattern_match_simple(whom->globs->pdata[i],
		    key->str);
	found = found || matches(whom, address);
	(void)g_string_free(key, TRUE);
	return found;
}

bool
ms_whom_is_empty(const struct ms_whom *whom)
{
	return g_hash_table_size(whom->exact) == 0 && whom->globs->len == 0 &&
	    whom->expressions->len == 0 && whom->basic->len == 0;
}
