#include "source/folder.h"

#include "message/maildir.h"
#include "source/select.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static bool
exists(int dir, const char *name)
{
	struct stat st;

	return fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

static bool
is_part(int fd, const char *name)
{
	if (strcmp(name, "cur") == 0)
		return exists(fd, "../new/.");
	return strcmp(name, "new") == 0 && exists(fd, "../cur/.");
}

static enum ms_folder_kind
kind_of(const struct ms_source_config *config, int fd, const char *name)
{
	if (config->format == MS_SOURCE_MH || exists(fd, ".mh_sequences"))
		return MS_FOLDER_MH;
	if (ms_maildir_is(fd))
		return MS_FOLDER_MAILDIR;
	if (config->format == MS_SOURCE_MAILDIR &&
	    (exists(fd, "cur/.") || exists(fd, "new/.")))
		return MS_FOLDER_MAILDIR;
	return is_part(fd, name) ? MS_FOLDER_PART : MS_FOLDER_PLAIN;
}

/* What is known of LIST, of the directory at PATH; only where all names in it
 * are messages, and all of them are wanted, can that be enough. */
static void
remember(const struct ms_folder *folder, struct ms_folder_list *list,
    const struct ms_source_config *config, const char *path)
{
	bool messages = *list->sub != '\0' || folder->kind == MS_FOLDER_PART;
	char *whole = g_strdup_printf("%s/%.*s", path,
	    (int)strcspn(list->sub, "/"), list->sub);
	struct stat st;
	const struct ms_memory_thing thing = {
		.name = *list->sub != '\0' ? whole : path,
		.st = &st,
		.must_read = !messages || config->include ||
		    config->exclude || ms_select_has_time(config),
	};

	if (fstat(list->fd, &st) == 0)
		list->answer = config->memory->list(config->memory_arg,
		    &thing, &list->ticket);
	g_free(whole);
}

static void
add_list(struct ms_folder *folder, const struct ms_source_config *config,
    const char *path, const char *sub, int fd)
{
	struct ms_folder_list *list = &folder->lists[folder->count++];
	struct ms_error err;

	list->sub = sub;
	list->fd = fd;
	if (fd >= 0 && config->memory)
		remember(folder, list, config, path);
	if (fd < 0)
		list->why = g_strdup(g_strerror(errno));
	else if (list->answer == MS_MEMORY_READ &&
	    ms_names_read(fd, &config->spool, &list->names, &err) != MS_OK)
		list->why = g_strdup(err.text);
}

static void
add_part(struct ms_folder *folder, const struct ms_source_config *config,
    const char *path, int dir, const char *sub)
{
	int fd = openat(dir, sub, O_RDONLY | O_DIRECTORY | O_NOFOLLOW |
	    O_CLOEXEC);

	add_list(folder, config, path, sub, fd);
}

struct ms_folder *
ms_folder_new(const struct ms_source_config *config, int fd,
    const struct ms_file *file, const char *path)
{
	struct ms_folder *folder = g_new0(struct ms_folder, 1);
	const char *name = strrchr(path, '/');

	folder->dev = file->st.st_dev;
	folder->ino = file->st.st_ino;
	folder->link = file->link;
	folder->kind = kind_of(config, fd, name ? name + 1 : path);
	if (folder->kind == MS_FOLDER_PLAIN)
		folder->depot = ms_depot_kind(config, fd);
	if (folder->kind == MS_FOLDER_MAILDIR) {
		add_part(folder, config, path, fd, "new/");
		add_part(folder, config, path, fd, "cur/");
	}
	add_list(folder, config, path, "", fd);
	return folder;
}

void
ms_folder_free(struct ms_folder *folder)
{
	if (!folder)
		return;
	for (size_t i = 0; i < folder->count; i++) {
		if (folder->lists[i].fd >= 0)
			(void)close(folder->lists[i].fd);
		ms_names_free(folder->lists[i].names);
		g_free(folder->lists[i].why);
	}
	if (folder->moved)
		g_hash_table_unref(folder->moved);
	g_free(folder);
}

int
ms_folder_fd(const struct ms_folder *folder)
{
	return folder->lists[folder->count - 1].fd;
}

/* Is the current list one of messages of a Maildir? */
static bool
in_maildir(const struct ms_folder *folder)
{
	return folder->kind == MS_FOLDER_PART ||
	    (folder->kind == MS_FOLDER_MAILDIR &&
	    folder->current + 1 < folder->count);
}

const char *
ms_folder_format(const struct ms_folder *folder, const char *name)
{
	if (in_maildir(folder) && *name != '.')
		return "maildir";
	if (folder->kind == MS_FOLDER_MH &&
	    name[strspn(name, "0123456789")] == '\0')
		return "mh";
	return ms_depot_format(folder->depot, name);
}

bool
ms_folder_ignores(const struct ms_folder *folder, const char *name)
{
	if (folder->kind == MS_FOLDER_MH)
		return strcmp(name, ".mh_sequences") == 0;
	if (folder->depot != MS_DEPOT_NONE)
		return ms_depot_ignores(folder->depot, ms_folder_fd(folder),
		    name);
	if (folder->kind != MS_FOLDER_MAILDIR || in_maildir(folder))
		return false;
	return strcmp(name, "cur") == 0 || strcmp(name, "new") == 0 ||
	    strcmp(name, "tmp") == 0 || ms_maildir_is_control(name);
}

bool
ms_folder_has_moved(const struct ms_folder *folder, const char *name)
{
	char *unique;
	bool moved;

	if (!folder->moved || !in_maildir(folder))
		return false;
	unique = g_strndup(name, ms_maildir_unique(name));
	moved = g_hash_table_contains(folder->moved, unique);
	g_free(unique);
	return moved;
}

/* Is the message, found as NOW in list AT, to be read in the turn of that
 * name? The names in cur come after those in new. */
static bool
has_own_turn(const struct ms_folder *folder, size_t at, const char *now)
{
	const struct ms_folder_list *list = &folder->lists[at];

	if (folder->kind == MS_FOLDER_MAILDIR && folder->current == 0 &&
	    at == 1)
		return false;
	return list->names && ms_names_has(list->names, now);
}

char *
ms_folder_find(struct ms_folder *folder, const char *name, size_t *list,
    bool *gone)
{
	size_t parts = folder->kind == MS_FOLDER_MAILDIR ?
	    folder->count - 1 : folder->count;
	char *now = NULL;

	*gone = true;
	if (!in_maildir(folder))
		return NULL;
	/* cur first: that is where messages go. */
	for (*list = parts; !now && (*list)-- > 0;)
		if (folder->lists[*list].fd >= 0)
			now = ms_maildir_find(folder->lists[*list].fd, name);
	if (!now)
		return NULL;
	*gone = false;
	if (has_own_turn(folder, *list, now)) {
		g_free(now);
		return NULL;
	}
	if (!folder->moved)
		folder->moved = g_hash_table_new_full(g_str_hash,
		    g_str_equal, g_free, NULL);
	g_hash_table_add(folder->moved,
	    g_strndup(now, ms_maildir_unique(now)));
	return now;
}

void
ms_folder_suspend(struct ms_folder *folder)
{
	struct ms_folder_list *list = &folder->lists[folder->count - 1];

	if (folder->count > 1 || list->fd < 0)
		return;
	(void)close(list->fd);
	list->fd = -1;
}

bool
ms_folder_resume(struct ms_folder *folder, const struct ms_folder *child)
{
	struct ms_folder_list *list = &folder->lists[folder->count - 1];
	struct stat st;

	if (list->fd >= 0)
		return true;
	list->fd = openat(ms_folder_fd(child), "..", O_RDONLY | O_DIRECTORY |
	    O_CLOEXEC);
	if (list->fd < 0)
		return false;
	if (fstat(list->fd, &st) == 0 && st.st_dev == folder->dev &&
	    st.st_ino == folder->ino)
		return true;
	(void)close(list->fd);
	list->fd = -1;
	return false;
}
