#include "source/names.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <string.h>
#include <unistd.h>

/* Names that are sorted together, and what of them is kept on the heap. */
#define CHUNK (1 << 20)
#define HEAP_MAX (1 << 16)
#define MEMFD_MAX (8 << 20)

struct ms_names {
	struct ms_spool *spool;		/* a NUL after each name, and one in
					 * front */
	uint64_t at;			/* of the next chunk */
	char *chunk;
	GPtrArray *sorted;		/* into chunk */
	size_t next;			/* in sorted */
};

static struct ms_names *
new_names(const struct ms_spool_config *config)
{
	struct ms_names *names = g_new0(struct ms_names, 1);
	struct ms_spool_config little = *config;

	/* Every open directory has such a list. */
	little.heap_max = MIN(little.heap_max, HEAP_MAX);
	little.memfd_max = MIN(little.memfd_max, MEMFD_MAX);
	names->spool = ms_spool_new(&little);
	names->sorted = g_ptr_array_new();
	return names;
}

void
ms_names_free(struct ms_names *names)
{
	if (!names)
		return;
	g_ptr_array_unref(names->sorted);
	g_free(names->chunk);
	ms_spool_free(names->spool);
	g_free(names);
}

static enum ms_status
take_down(DIR *list, struct ms_names *names, struct ms_error *err)
{
	GString *block = g_string_new_len("", 1);
	enum ms_status status = MS_OK;
	struct dirent *entry = NULL;

	while (status == MS_OK && (errno = 0, entry = readdir(list))) {
		if (strcmp(entry->d_name, ".") == 0 ||
		    strcmp(entry->d_name, "..") == 0)
			continue;
		g_string_append_len(block, entry->d_name,
		    (gssize)strlen(entry->d_name) + 1);
		if (block->len < 32768)
			continue;
		status = ms_spool_write(names->spool, block->str, block->len,
		    err);
		g_string_truncate(block, 0);
	}
	if (status == MS_OK && errno != 0)
		status = ms_error_errno(err, "cannot be read");
	if (status == MS_OK)
		status = ms_spool_write(names->spool, block->str, block->len,
		    err);
	g_string_free(block, TRUE);
	return status;
}

enum ms_status
ms_names_read(int dir, const struct ms_spool_config *spool,
    struct ms_names **names, struct ms_error *err)
{
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *list = fd >= 0 ? fdopendir(fd) : NULL;
	enum ms_status status;

	if (!list) {
		status = ms_error_set(err, MS_E_IO, "%s", g_strerror(errno));
		if (fd >= 0)
			(void)close(fd);
		return status;
	}
	*names = new_names(spool);
	status = take_down(list, *names, err);
	(void)closedir(list);
	if (status != MS_OK) {
		ms_names_free(*names);
		*names = NULL;
		return status;
	}
	(*names)->at = 1;
	return MS_OK;
}

static int
compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static enum ms_status
load_chunk(struct ms_names *names, struct ms_error *err)
{
	uint64_t left = ms_spool_size(names->spool) - names->at;
	size_t size = (size_t)MIN(left, CHUNK), got;
	enum ms_status status;

	g_ptr_array_set_size(names->sorted, 0);
	g_free(names->chunk);
	names->chunk = NULL;
	names->next = 0;
	if (size == 0)
		return MS_END;
	names->chunk = g_malloc(size);
	status = ms_spool_read(names->spool, names->at, names->chunk, size,
	    &got, err);
	if (status != MS_OK)
		return status;
	while (got > 0 && names->chunk[got - 1] != '\0')
		got--;
	for (size_t i = 0; i < got; i += strlen(names->chunk + i) + 1)
		g_ptr_array_add(names->sorted, names->chunk + i);
	names->at += got;
	g_ptr_array_sort(names->sorted, compare);
	return MS_OK;
}

enum ms_status
ms_names_next(struct ms_names *names, const char **name,
    struct ms_error *err)
{
	enum ms_status status;

	if (names->next == names->sorted->len) {
		status = load_chunk(names, err);
		if (status != MS_OK)
			return status;
	}
	*name = g_ptr_array_index(names->sorted, names->next++);
	return MS_OK;
}

bool
ms_names_has(const struct ms_names *names, const char *name)
{
	size_t size = strlen(name) + 2, got;
	char *block = g_malloc(HEAP_MAX + size);
	char *wanted = g_malloc0(size);
	bool found = false;
	uint64_t at = 0;

	memcpy(wanted + 1, name, size - 2);
	/* Blocks overlap, so that a name on a border is seen whole. */
	while (!found && ms_spool_read(names->spool, at, block,
	    HEAP_MAX + size, &got, NULL) == MS_OK && got > 0) {
		found = memmem(block, got, wanted, size) != NULL;
		at += HEAP_MAX;
	}
	g_free(wanted);
	g_free(block);
	return found;
}
