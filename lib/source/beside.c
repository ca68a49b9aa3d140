#include "source/beside.h"

#include "source/file.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

const char *
ms_beside_name(const struct ms_queue_place *place)
{
	const char *slash = strrchr(place->name, '/');

	return slash ? slash + 1 : place->name;
}

/* NAME, as seen from the directory that the place names. */
static char *
path_of(const struct ms_queue_place *place, const char *name)
{
	size_t n = (size_t)(ms_beside_name(place) - place->name);

	return g_strdup_printf("%.*s%s", (int)n, place->name, name);
}

static enum ms_status
open_path(int dir, const char *path, int *fd, struct ms_file *file,
    struct ms_error *err)
{
	*file = ms_file_look(dir, path, err);
	if (file->type == MS_FILE_GONE)
		return MS_END;
	if (file->type == MS_FILE_FAILED)
		return MS_E_IO;
	if (file->link)
		return ms_error_set(err, MS_E_IO, "a symbolic link");
	if (file->type != MS_FILE_REGULAR)
		return ms_error_set(err, MS_E_IO, "%s, never opened",
		    ms_file_what(file));
	return ms_file_open(dir, path, file, fd, err);
}

enum ms_status
ms_beside_open(const struct ms_queue_place *place, const char *name,
    struct ms_beside *beside, struct ms_error *err)
{
	char *path = path_of(place, name);
	struct ms_file file;
	enum ms_status status;

	*beside = (struct ms_beside){ .fd = -1 };
	status = open_path(place->dir, path, &beside->fd, &file, err);
	if (status == MS_OK)
		beside->cursor = ms_cursor_new(beside->fd,
		    (uint64_t)file.st.st_size);
	else if (status != MS_END)
		ms_error_context(err, "%s", name);
	g_free(path);
	return status;
}

void
ms_beside_close(struct ms_beside *file)
{
	if (!file->cursor)
		return;
	ms_cursor_free(file->cursor);
	(void)close(file->fd);
	*file = (struct ms_beside){ .fd = -1 };
}

size_t
ms_beside_head(const struct ms_queue_place *place, const char *name,
    unsigned char *data, size_t size)
{
	char *path = path_of(place, name);
	struct ms_file file;
	ssize_t n = -1;
	int fd = -1;

	if (open_path(place->dir, path, &fd, &file, NULL) == MS_OK) {
		n = pread(fd, data, size, 0);
		(void)close(fd);
	}
	g_free(path);
	return n > 0 ? (size_t)n : 0;
}

bool
ms_beside_gone(const struct ms_queue_place *place)
{
	return ms_file_look(place->dir, place->name, NULL).type ==
	    MS_FILE_GONE;
}
