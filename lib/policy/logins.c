#include "policy/logins.h"

#include "base/listfile.h"
#include "policy/posix.h"
#include "policy/whom.h"

#include <glib.h>
#include <string.h>

/* Bytes of a file that is read, and of a name that is looked at. */
#define FILE_MAX_BYTES ((size_t)16 << 20)
#define NAME_MAX_BYTES 1000

static const char file[] = "file:", posix[] = "posix:";

struct ms_logins {
	bool all;
	struct ms_whom *whom;
	GHashTable *names;	/* set of char *, in lower case */
	GPtrArray *expressions;	/* policy/posix */
};

static struct ms_logins *
make(void)
{
	struct ms_logins *logins = g_new0(struct ms_logins, 1);

	logins->whom = ms_whom_new();
	logins->names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
	    NULL);
	logins->expressions = ms_posix_new();
	return logins;
}

void
ms_logins_free(struct ms_logins *logins)
{
	if (!logins)
		return;
	ms_whom_free(logins->whom);
	g_hash_table_unref(logins->names);
	g_ptr_array_unref(logins->expressions);
	g_free(logins);
}

static enum ms_status
add_expression(struct ms_logins *logins, const char *text,
    struct ms_error *err)
{
	struct ms_error why;

	if (ms_posix_add(logins->expressions, text, true, &why) == MS_OK)
		return MS_OK;
	return ms_error_set(err, MS_E_FORMAT, "%s%s", posix, why.text);
}

static enum ms_status
take_line(void *arg, const struct ms_listfile_line *line,
    struct ms_error *err)
{
	struct ms_logins *logins = arg;
	size_t size = line->size;

	if (line->end > FILE_MAX_BYTES || memchr(line->text, '\0', size))
		return ms_error_set(err, MS_E_FORMAT,
		    "this is no list of names");
	if (strchr("#!:", *line->text))	/* or it is empty */
		return MS_OK;
	while (size > 0 && strchr("\r\n", line->text[size - 1]))
		size--;
	/* As clamav-milter, whose file it may be, took it. */
	if (size > 1)
		(void)g_hash_table_add(logins->names, g_ascii_strdown(
		    line->text, (gssize)size));
	return MS_OK;
}

static enum ms_status
read_names(struct ms_logins *logins, const char *path, struct ms_error *err)
{
	const enum ms_status status = ms_listfile_read(path, take_line, logins,
	    err);

	if (status == MS_E_FORMAT)
		ms_error_context(err, "%s", path);
	return status;
}

static enum ms_status
add(struct ms_logins *logins, const char *element, struct ms_error *err)
{
	if (strcmp(element, "yes") == 0 || strcmp(element, "no") == 0)
		return ms_error_set(err, MS_E_FORMAT, "\"%s\" is not to have "
		    "anything beside it", element);
	if (g_str_has_prefix(element, file))
		return read_names(logins, element + strlen(file), err);
	if (g_str_has_prefix(element, posix))
		return add_expression(logins, element + strlen(posix), err);
	return ms_whom_add(logins->whom, element, err);
}

enum ms_status
ms_logins_new(const char *const *list, struct ms_logins **logins,
    struct ms_error *err)
{
	struct ms_logins *made = make();
	enum ms_status status = MS_OK;

	if (list && list[0] && !list[1] && (strcmp(list[0], "yes") == 0 ||
	    strcmp(list[0], "no") == 0))
		made->all = *list[0] == 'y';
	else
		for (; status == MS_OK && list && *list; list++)
			status = add(made, *list, err);
	if (status != MS_OK) {
		ms_logins_free(made);
		made = NULL;
	}
	*logins = made;
	return status;
}

enum ms_status
ms_logins_check(const char *element, struct ms_error *err)
{
	const char *const list[] = { element, NULL };
	struct ms_logins *logins;
	enum ms_status status = MS_OK;

	if (!g_str_has_prefix(element, file)) {
		status = ms_logins_new(list, &logins, err);
		ms_logins_free(logins);
	}
	return status;
}

const char *
ms_logins_path(const char *element)
{
	return g_str_has_prefix(element, file) ? element + strlen(file) : NULL;
}

bool
ms_logins_has(const struct ms_logins *logins, bool authenticated,
    const char *name)
{
	char *lower;
	bool found;

	if (!authenticated || logins->all)
		return authenticated;
	if (!name || *name == '\0' || strlen(name) > NAME_MAX_BYTES)
		return false;
	lower = g_ascii_strdown(name, -1);
	found = g_hash_table_contains(logins->names, lower) ||
	    ms_whom_has(logins->whom, name);
	g_free(lower);
	return found || ms_posix_finds(logins->expressions, name);
}
