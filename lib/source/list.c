#include "source/list.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

struct ms_list {
	char *name;
	char end;		/* of a path: '\n' or NUL */
	int fd;
	bool own;		/* fd is ours to close */
	bool eof;
	unsigned long long line;
	size_t start, size;	/* of what is in the buffer */
	char buffer[65536];
	GString *path;
};

enum ms_status
ms_list_open(const char *file, bool nul, struct ms_list **list,
    struct ms_error *err)
{
	bool own = strcmp(file, "-") != 0;
	int fd = own ? open(file, O_RDONLY | O_CLOEXEC) : STDIN_FILENO;

	if (fd < 0)
		return ms_error_errno(err, "%s", file);
	*list = g_new0(struct ms_list, 1);
	(*list)->name = g_strdup(file);
	(*list)->end = nul ? '\0' : '\n';
	(*list)->fd = fd;
	(*list)->own = own;
	(*list)->path = g_string_new(NULL);
	return MS_OK;
}

void
ms_list_free(struct ms_list *list)
{
	if (!list)
		return;
	if (list->own)
		(void)close(list->fd);
	g_string_free(list->path, TRUE);
	g_free(list->name);
	g_free(list);
}

static enum ms_status
fill(struct ms_list *list, struct ms_error *err)
{
	ssize_t n;

	/* This can wait for long: a signal is a reason to look up. */
	n = read(list->fd, list->buffer, sizeof list->buffer);
	list->start = 0;
	list->size = n > 0 ? (size_t)n : 0;
	list->eof = n <= 0;
	if (n < 0)
		return ms_error_errno(err, "%s: line %llu", list->name,
		    list->line + 1);
	return MS_OK;
}

/* The next line into path, which takes no more than PATH_MAX of it. */
static enum ms_status
read_line(struct ms_list *list, struct ms_error *err)
{
	enum ms_status status;
	bool ended = false;

	g_string_truncate(list->path, 0);
	while (!ended && !list->eof) {
		char *p = list->buffer + list->start;
		char *end = memchr(p, list->end, list->size);
		size_t n = end ? (size_t)(end - p) : list->size;

		g_string_append_len(list->path, p,
		    (gssize)MIN(n, PATH_MAX - list->path->len));
		ended = end != NULL;
		list->start += n + ended;
		list->size -= n + ended;
		if (!ended && (status = fill(list, err)) != MS_OK)
			return status;
	}
	list->line++;
	return ended || list->path->len > 0 ? MS_OK : MS_END;
}

enum ms_status
ms_list_next(struct ms_list *list, const char **path, struct ms_error *err)
{
	enum ms_status status;

	do {
		status = read_line(list, err);
		if (status != MS_OK)
			return status;
	} while (list->path->len == 0);
	if (list->path->len >= PATH_MAX)
		return ms_error_set(err, MS_E_FORMAT,
		    "%s: line %llu: longer than any path (%d bytes)",
		    list->name, list->line, PATH_MAX);
	if (strlen(list->path->str) != list->path->len)
		return ms_error_set(err, MS_E_FORMAT,
		    "%s: line %llu: a NUL byte in a path; is the list "
		    "NUL-separated?", list->name, list->line);
	*path = list->path->str;
	return MS_OK;
}

const char *
ms_list_name(const struct ms_list *list)
{
	return list->name;
}
