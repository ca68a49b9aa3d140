#include "policy/whom.h"

#include "base/glob.h"
#include "base/listfile.h"
#include "policy/addressee.h"
#include "policy/posix.h"

#include <glib.h>
#include <string.h>

/* Bytes of a file that is read; of a line and of an address that is looked
 * at. */
#define FILE_MAX_BYTES ((size_t)16 << 20)
#define ADDRESS_MAX 1000

struct ms_whom {
	GHashTable *exact;	/* set of "user@domain", "@domain", "user" */
	GPtrArray *globs;	/* of char * */
	GPtrArray *expressions;	/* of GRegex * */
	GPtrArray *basic;	/* policy/posix, for "<address>" */
};

struct ms_whom *
ms_whom_new(void)
{
	struct ms_whom *whom = g_new(struct ms_whom, 1);

	whom->exact = g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
	    NULL);
	whom->globs = g_ptr_array_new_with_free_func(g_free);
	whom->expressions = g_ptr_array_new_with_free_func(
	    (GDestroyNotify)g_regex_unref);
	whom->basic = ms_posix_new();
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

struct old;

typedef enum ms_status take_text(const struct old *old, char *line,
    struct ms_error *err);

/* What is read, by whom, and the lists to which lines are added. */
struct old {
	const char *path;
	take_text *take;
	struct ms_whom *from, *to;
};

/* The list that *LINE is for, and what is behind that word. */
static struct ms_whom *
take_word(const struct old *old, char **line)
{
	if (g_ascii_strncasecmp(*line, "From:", 5) == 0) {
		*line += 5;
		return old->from;
	}
	if (g_ascii_strncasecmp(*line, "To:", 3) == 0)
		*line += 3;
	return old->to;
}

/* The size of LINE if it is "<...>", else 0. */
static size_t
is_path(const char *line)
{
	const size_t size = strlen(line);

	return size > 1 && line[0] == '<' && line[size - 1] == '>' &&
	    strcspn(line + 1, "<>") == size - 2 ? size : 0;
}

static enum ms_status
take_any(const struct old *old, char *line, struct ms_error *err)
{
	struct ms_whom *whom;

	g_strstrip(line);
	if (*line == '\0' || strchr("#!:/", *line))
		return MS_OK;
	whom = take_word(old, &line);
	line += strspn(line, " \t");
	if (*line == '\0')
		return ms_error_set(err, MS_E_FORMAT, "there is no address");
	if (strlen(line) > ADDRESS_MAX)
		return ms_error_set(err, MS_E_FORMAT, "that is too long");
	if (is_path(line) == 0)
		return ms_posix_add(whom->basic, line, false, err);
	add_exact(whom, line + 1, strlen(line) - 2);
	return MS_OK;
}

/* The word before the colon may have been any. */
static enum ms_status
take_classic(const struct old *old, char *line, struct ms_error *err)
{
	struct ms_whom *whom = g_ascii_strncasecmp(line, "From:", 5) == 0 ?
	    old->from : old->to;
	size_t size;

	(void)err;
	if (strchr("#/:!", *line))	/* or it is empty */
		return MS_OK;
	line[strcspn(line, "\r\n")] = '\0';
	if (strchr(line, ':'))
		line = g_strchug(strchr(line, ':') + 1);
	size = is_path(line);
	/* <@example.com> was nobody's address. */
	if (size > 0 && line[1] != '@')
		add_exact(whom, line + 1, size - 2);
	else if (size == 0 && whom == old->to && !strchr("@", *line))
		add_exact(whom, line, strlen(line));
	return MS_OK;
}

static enum ms_status
take_modern(const struct old *old, char *line, struct ms_error *err)
{
	struct ms_whom *whom;

	if (strchr("#:!", *line))
		return MS_OK;
	line[strcspn(line, "\r\n")] = '\0';
	whom = take_word(old, &line);
	if (strlen(line) > ADDRESS_MAX)
		return ms_error_set(err, MS_E_FORMAT, "that is too long");
	/* A single byte it passed over. */
	return strlen(line) < 2 ? MS_OK : ms_posix_add(whom->basic,
	    line, false, err);
}

/* Whose list NAME is, and where. */
static take_text *
taker(const char **name)
{
	static const struct {
		const char *prefix;
		take_text *take;
	} rows[] = {
		{ "classic:", take_classic },
		{ "modern:", take_modern },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
		if (g_str_has_prefix(*name, rows[i].prefix)) {
			*name += strlen(rows[i].prefix);
			return rows[i].take;
		}
	return take_any;
}

const char *
ms_whom_path(const char *name)
{
	(void)taker(&name);
	return name;
}

static enum ms_status
take_line(void *arg, const struct ms_listfile_line *line,
    struct ms_error *err)
{
	const struct old *old = arg;
	enum ms_status status;

	if (line->end > FILE_MAX_BYTES ||
	    memchr(line->text, '\0', line->size))
		status = ms_error_set(err, MS_E_FORMAT, "this is no list of "
		    "addresses");
	else
		status = old->take(old, line->text, err);
	if (status != MS_OK)
		ms_error_context(err, "%s:%u", old->path, line->number);
	return status;
}

enum ms_status
ms_whom_read(const char *path, struct ms_whom *from, struct ms_whom *to,
    struct ms_error *err)
{
	take_text *const take = taker(&path);
	struct old old = { path, take, from, to };

	return ms_listfile_read(path, take_line, &old, err);
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
	found = ms_posix_finds(whom->basic, path);
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
		found = ms_glob(whom->globs->pdata[i], key->str);
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
