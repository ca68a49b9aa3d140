#include "source/tree.h"

#include "message/maildir.h"
#include "source/file.h"
#include "source/folder.h"
#include "source/item.h"
#include "source/select.h"

#include <fcntl.h>
#include <glib.h>
#include <string.h>
#include <unistd.h>

/* So many directories stay open; those above wait without a descriptor. */
#define OPEN_MAX_LEVELS 48

struct ms_tree {
	const struct ms_source_config *config;
	GString *path;		/* of what is being looked at */
	GPtrArray *folders;	/* struct ms_folder, the deepest last */
	GHashTable *links;	/* directories entered through links */
	dev_t dev;		/* of the operand */
	bool begun;
	bool any;		/* something was handed out */
};

/* What is being looked at: where it is, and what is to be said of it. */
struct place {
	int dir;
	const char *name;
	const char *format;	/* as in ms_folder_format() */
	bool operand;
};

/* A step that gave neither file nor item. */
#define NOTHING MS_END

struct ms_tree *
ms_tree_new(const struct ms_source_config *config, const char *path)
{
	struct ms_tree *tree = g_new0(struct ms_tree, 1);

	tree->config = config;
	tree->path = g_string_new(path);
	tree->folders = g_ptr_array_new();
	return tree;
}

void
ms_tree_free(struct ms_tree *tree)
{
	if (!tree)
		return;
	for (guint i = 0; i < tree->folders->len; i++)
		ms_folder_free(g_ptr_array_index(tree->folders, i));
	g_ptr_array_unref(tree->folders);
	if (tree->links)
		g_hash_table_unref(tree->links);
	g_string_free(tree->path, TRUE);
	g_free(tree);
}

static enum ms_status
say(const struct ms_tree *tree, struct ms_source_item *item,
    enum ms_source_kind kind, const char *text)
{
	return ms_item_set_path(item, kind, tree->path->str, text);
}

static struct ms_folder *
deepest(const struct ms_tree *tree)
{
	guint n = tree->folders->len;

	return n > 0 ? g_ptr_array_index(tree->folders, n - 1) : NULL;
}

/* Why the linked directory must not be entered, or NULL. */
static const char *
why_not_again(struct ms_tree *tree, const struct ms_file *file)
{
	char *key;

	for (guint i = 0; i < tree->folders->len; i++) {
		const struct ms_folder *f =
		    g_ptr_array_index(tree->folders, i);

		if (f->dev == file->st.st_dev && f->ino == file->st.st_ino)
			return "a symbolic link to a directory that it is in";
	}
	if (!tree->links)
		tree->links = g_hash_table_new_full(g_str_hash, g_str_equal,
		    g_free, NULL);
	key = g_strdup_printf("%llu:%llu", (unsigned long long)file->st.st_dev,
	    (unsigned long long)file->st.st_ino);
	if (!g_hash_table_add(tree->links, key))
		return "a symbolic link to a directory that another link "
		    "led to";
	return NULL;
}

static struct ms_folder_list *
list_of(const struct ms_tree *tree)
{
	struct ms_folder *folder = deepest(tree);

	return &folder->lists[folder->current];
}

static void
push(struct ms_tree *tree, struct ms_folder *folder)
{
	guint n = tree->folders->len;

	/* Through a link there is no way back. */
	if (n >= OPEN_MAX_LEVELS) {
		guint i = n - OPEN_MAX_LEVELS;
		struct ms_folder *below =
		    g_ptr_array_index(tree->folders, i + 1);

		if (!below->link)
			ms_folder_suspend(g_ptr_array_index(tree->folders,
			    i));
	}
	g_ptr_array_add(tree->folders, folder);
}

static enum ms_status
enter(struct ms_tree *tree, const struct place *place,
    const struct ms_file *file, struct ms_source_item *item)
{
	struct ms_folder *folder;
	struct ms_error err;
	enum ms_status status;
	const char *why;
	int fd;

	if (!place->operand && !tree->config->recurse)
		return say(tree, item, MS_SOURCE_SKIPPED,
		    "a directory, and directories are not to be entered");
	if (!place->operand &&
	    !ms_select_directory(tree->config, tree->path->str))
		return say(tree, item, MS_SOURCE_UNSELECTED, NULL);
	if (file->link && (why = why_not_again(tree, file)))
		return say(tree, item, MS_SOURCE_SKIPPED, why);
	status = ms_file_open(place->dir, place->name, file, &fd, &err);
	if (status == MS_END)
		return say(tree, item, MS_SOURCE_GONE,
		    "vanished before it could be read");
	if (status != MS_OK)
		return say(tree, item, MS_SOURCE_FAILED, err.text);
	while (tree->path->len > 0 &&
	    tree->path->str[tree->path->len - 1] == '/')
		g_string_truncate(tree->path, tree->path->len - 1);
	folder = ms_folder_new(tree->config, fd, file, tree->path->str);
	folder->path_size = tree->path->len;
	push(tree, folder);
	return NOTHING;
}

/* What is known of the file at PLACE? */
static enum ms_memory_answer
recall(const struct ms_tree *tree, const struct place *place,
    const struct stat *st, uint64_t *ticket)
{
	const struct ms_source_config *config = tree->config;
	bool maildir = place->format && strcmp(place->format, "maildir") == 0;
	const struct ms_memory_thing thing = {
		.list = place->operand ? 0 : list_of(tree)->ticket,
		.name = place->name,
		.unique = maildir ? ms_maildir_unique(place->name) : 0,
		.st = st,
		/* Of a mailbox, what is selected is looked up in it. */
		.must_read = !place->format && ms_select_has_time(config),
	};

	return config->memory ? config->memory->file(config->memory_arg,
	    &thing, ticket) : MS_MEMORY_READ;
}

/* A file is not to be read. */
static enum ms_status
pass_over(struct ms_tree *tree, enum ms_memory_answer answer,
    uint64_t ticket, struct ms_source_item *item)
{
	tree->any = true;
	if (answer == MS_MEMORY_OWN)
		return say(tree, item, MS_SOURCE_SKIPPED,
		    "the state that this scan keeps");
	if (answer == MS_MEMORY_PASS)
		return NOTHING;
	(void)say(tree, item, MS_SOURCE_KNOWN, NULL);
	item->origin.ticket = ticket;
	return MS_OK;
}

static enum ms_status
open_file(struct ms_tree *tree, const struct place *place,
    const struct ms_file *found, struct ms_tree_file *file,
    struct ms_source_item *item)
{
	bool maildir = place->format && strcmp(place->format, "maildir") == 0;
	enum ms_memory_answer answer;
	uint64_t ticket = 0;
	int64_t delivered = maildir ? ms_maildir_delivered(place->name) : -1;
	struct ms_error err;
	enum ms_status status;

	if (delivered < 0)
		delivered = (int64_t)found->st.st_mtime;
	if (!ms_select_file(tree->config, tree->path->str) ||
	    (place->format && !ms_select_time(tree->config, delivered)))
		return say(tree, item, MS_SOURCE_UNSELECTED, NULL);
	answer = recall(tree, place, &found->st, &ticket);
	if (answer != MS_MEMORY_READ)
		return pass_over(tree, answer, ticket, item);
	status = ms_file_open(place->dir, place->name, found, &file->fd,
	    &err);
	if (status == MS_END)
		return say(tree, item, MS_SOURCE_GONE,
		    "vanished before it could be read");
	if (status != MS_OK)
		return say(tree, item, MS_SOURCE_FAILED, err.text);
	file->size = (uint64_t)found->st.st_size;
	file->place = (struct ms_queue_place){ place->dir, place->name };
	file->origin = (struct ms_origin){
		.source = g_strdup(tree->path->str),
		.format = place->format,
		.flags = maildir ? ms_maildir_flags(place->name) : NULL,
		.delivered = delivered,
		.dev = found->st.st_dev,
		.ino = found->st.st_ino,
		.ticket = ticket,
	};
	return MS_OK;
}

static bool
may_follow(const struct ms_tree *tree, const struct place *place,
    const struct ms_file *file)
{
	enum ms_source_follow follow = file->type == MS_FILE_DIRECTORY ?
	    tree->config->follow_dirs : tree->config->follow_files;

	return follow == MS_SOURCE_FOLLOW_ALWAYS ||
	    (place->operand && follow == MS_SOURCE_FOLLOW_DIRECT);
}

/* What action/journal leaves beside an mbox when it is interrupted: old bytes
 * and new ones, which are no mail. */
static bool
is_journal(const struct place *place, const struct ms_file *found)
{
	return !place->operand && found->type == MS_FILE_REGULAR &&
	    *place->name == '.' &&
	    g_str_has_suffix(place->name, ".mailscan-journal");
}

/* What has been found at PLACE, and exists. */
static enum ms_status
step_into(struct ms_tree *tree, const struct place *place,
    const struct ms_file *found, struct ms_tree_file *file,
    struct ms_source_item *item)
{
	char *text;

	if (!place->operand && (found->link ||
	    found->type == MS_FILE_DIRECTORY))
		list_of(tree)->elsewhere = true;
	if (found->type == MS_FILE_DANGLING)
		return say(tree, item, place->operand ? MS_SOURCE_FAILED :
		    MS_SOURCE_SKIPPED, "a symbolic link to nothing");
	if (found->link && !may_follow(tree, place, found))
		return say(tree, item, MS_SOURCE_SKIPPED,
		    "a symbolic link, and such are not to be followed");
	if (found->type == MS_FILE_OTHER) {
		text = g_strdup_printf("%s, never opened",
		    ms_file_what(found));
		(void)say(tree, item, MS_SOURCE_SKIPPED, text);
		g_free(text);
		return MS_OK;
	}
	if (is_journal(place, found))
		return say(tree, item, MS_SOURCE_SKIPPED, "says what is "
		    "pending for an mbox: mailscan mailbox recover goes on");
	if (place->operand)
		tree->dev = found->st.st_dev;
	else if (!tree->config->cross_fs && found->st.st_dev != tree->dev)
		return say(tree, item, MS_SOURCE_SKIPPED,
		    "on another file system");
	if (found->type == MS_FILE_DIRECTORY)
		return enter(tree, place, found, item);
	return open_file(tree, place, found, file, item);
}

static enum ms_status
begin(struct ms_tree *tree, struct ms_tree_file *file,
    struct ms_source_item *item)
{
	struct place place = { AT_FDCWD, tree->path->str, NULL, true };
	enum ms_source_format format = tree->config->format;
	struct ms_error err;
	struct ms_file found = ms_file_look(AT_FDCWD, place.name, &err);

	tree->begun = true;
	if (found.type == MS_FILE_GONE || found.type == MS_FILE_FAILED)
		return say(tree, item, MS_SOURCE_FAILED, err.text);
	if (found.type == MS_FILE_REGULAR &&
	    (format == MS_SOURCE_MAILDIR || format == MS_SOURCE_MH))
		return say(tree, item, MS_SOURCE_FAILED,
		    "not a directory, as the format asked for has to be");
	return step_into(tree, &place, &found, file, item);
}

/* The next folder up takes over. */
static enum ms_status
pop(struct ms_tree *tree, struct ms_source_item *item)
{
	struct ms_folder *folder = deepest(tree), *up;
	bool back = true;

	g_ptr_array_set_size(tree->folders, (gint)tree->folders->len - 1);
	up = deepest(tree);
	if (up)
		back = ms_folder_resume(up, folder);
	ms_folder_free(folder);
	if (!up && !tree->any)
		return say(tree, item, MS_SOURCE_EMPTY, "no mail in it");
	if (back)
		return NOTHING;
	g_string_truncate(tree->path, up->path_size);
	up->current = up->count;
	return say(tree, item, MS_SOURCE_FAILED,
	    "was moved while it was read: not all of it was seen");
}

static void
set_path(struct ms_tree *tree, const struct ms_folder *folder, size_t list,
    const char *name)
{
	g_string_truncate(tree->path, folder->path_size);
	g_string_append_c(tree->path, '/');
	g_string_append(tree->path, folder->lists[list].sub);
	g_string_append(tree->path, name);
}

/* A name that was listed and is not there any more. */
static enum ms_status
follow_up(struct ms_tree *tree, struct ms_folder *folder, const char *name,
    struct ms_tree_file *file, struct ms_source_item *item)
{
	struct place place = { .format = "maildir" };
	enum ms_status status = NOTHING;
	struct ms_file found;
	struct ms_error err;
	bool gone = false;
	size_t list;
	char *now = ms_folder_find(folder, name, &list, &gone);

	if (now) {
		set_path(tree, folder, list, now);
		place.dir = folder->lists[list].fd;
		place.name = now;
		found = ms_file_look(place.dir, now, &err);
		gone = found.type == MS_FILE_GONE;
		if (found.type == MS_FILE_FAILED)
			status = say(tree, item, MS_SOURCE_FAILED, err.text);
		else if (!gone)
			status = step_into(tree, &place, &found, file, item);
	}
	if (gone)
		status = say(tree, item, MS_SOURCE_GONE,
		    "vanished before it could be read");
	g_free(now);
	return status;
}

static enum ms_status
visit(struct ms_tree *tree, struct ms_folder *folder, const char *name,
    struct ms_tree_file *file, struct ms_source_item *item)
{
	struct place place = {
		.dir = folder->lists[folder->current].fd,
		.name = name,
		.format = ms_folder_format(folder, name),
	};
	enum ms_status status;
	struct ms_file found;
	struct ms_error err;

	if (ms_folder_ignores(folder, name) ||
	    ms_folder_has_moved(folder, name))
		return NOTHING;
	set_path(tree, folder, folder->current, name);
	found = ms_file_look(place.dir, name, &err);
	if (found.type == MS_FILE_GONE)
		return follow_up(tree, folder, name, file, item);
	if (found.type == MS_FILE_FAILED)
		return say(tree, item, MS_SOURCE_FAILED, err.text);
	status = step_into(tree, &place, &found, file, item);
	if (status != MS_OK || file->fd >= 0 ||
	    item->kind != MS_SOURCE_GONE)
		return status;
	/* Since a moment ago. */
	ms_source_item_clear(item);
	return follow_up(tree, folder, name, file, item);
}

/* The current list of FOLDER, or of the deepest one, is behind. */
static enum ms_status
end_list(struct ms_tree *tree, struct ms_folder *folder,
    struct ms_source_item *item)
{
	const struct ms_folder_list *list = &folder->lists[folder->current];
	bool known = list->answer != MS_MEMORY_READ;

	if (list->ticket != 0 && list->answer != MS_MEMORY_PASS) {
		set_path(tree, folder, folder->current, "");
		g_string_truncate(tree->path, tree->path->len - 1);
		(void)say(tree, item, known ? MS_SOURCE_KNOWN :
		    MS_SOURCE_FINISHED, NULL);
		item->origin.ticket = list->ticket;
		item->list = true;
		item->partial = list->partial;
		item->elsewhere = list->elsewhere;
		item->operand = tree->folders->len == 1 &&
		    folder->current + 1 == folder->count;
	}
	tree->any = tree->any || known;
	folder->current++;
	return list->ticket != 0 && list->answer != MS_MEMORY_PASS ? MS_OK :
	    NOTHING;
}

/* The next name of the deepest folder. */
static enum ms_status
step(struct ms_tree *tree, struct ms_tree_file *file,
    struct ms_source_item *item, struct ms_error *err)
{
	struct ms_folder *folder = deepest(tree);
	struct ms_folder_list *list;
	enum ms_status status;
	const char *name;

	if (folder->current >= folder->count)
		return pop(tree, item);
	list = &folder->lists[folder->current];
	if (list->why) {
		set_path(tree, folder, folder->current, "");
		g_string_truncate(tree->path, tree->path->len - 1);
		(void)say(tree, item, MS_SOURCE_FAILED, list->why);
		folder->current++;
		return MS_OK;
	}
	status = list->names ? ms_names_next(list->names, &name, err) :
	    MS_END;
	if (status == MS_END)
		return end_list(tree, folder, item);
	if (status != MS_OK)
		return status;
	status = visit(tree, folder, name, file, item);
	if (status == MS_OK && file->fd < 0 && item->kind != MS_SOURCE_KNOWN)
		list->partial = true;
	return status;
}

enum ms_status
ms_tree_next(struct ms_tree *tree, struct ms_tree_file *file,
    struct ms_source_item *item, struct ms_error *err)
{
	enum ms_status status;

	file->fd = -1;
	status = tree->begun ? NOTHING : begin(tree, file, item);
	while (status == NOTHING && tree->folders->len > 0)
		status = step(tree, file, item, err);
	tree->any = tree->any || (status == MS_OK &&
	    (file->fd >= 0 || item->kind != MS_SOURCE_FINISHED));
	return status;
}
