#include "action/maildrop.h"

#include "action/approach.h"
#include "action/owned.h"
#include "base/at.h"
#include "message/maildir.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PIECE 65536

/* Names of files are shorter than this, by NAME_MAX. */
#define FOLDER_MAX 200

/* A message that was checked, in its directory. */
struct place {
	char *dir_path;
	int dir;
	char *name;		/* that it has now */
	int fd;
};

static void
leave(struct place *place)
{
	g_free(place->dir_path);
	g_free(place->name);
	if (place->fd >= 0)
		(void)close(place->fd);
	if (place->dir >= 0)
		(void)close(place->dir);
}

static enum ms_status
open_directory(const char *path, int *dir, struct ms_error *err)
{
	enum ms_status status = ms_approach(path, dir, err);

	return status == MS_END ? ms_error_set(err, MS_END, "%s is gone",
	    path) : status;
}

static bool
is_maildir(const char *path)
{
	int dir;
	bool is = ms_approach(path, &dir, NULL) == MS_OK &&
	    ms_maildir_is(dir);

	if (dir >= 0)
		(void)close(dir);
	return is;
}

/* The Maildir in which the directory at PATH is new or cur; NULL: none. The
 * caller's to free. */
static char *
maildir_of(const char *path)
{
	char *base = g_path_get_basename(path);
	char *parent = g_path_get_dirname(path);
	bool is = strcmp(base, "new") == 0 || strcmp(base, "cur") == 0;

	g_free(base);
	if (is && is_maildir(parent))
		return parent;
	g_free(parent);
	return NULL;
}

/* Where the message NAME is now, if it is in a Maildir: with other flags, or
 * in cur after it was in new. */
static enum ms_status
follow(struct place *place, const char *name, struct ms_error *err)
{
	char *maildir = maildir_of(place->dir_path);
	enum ms_status status;
	char *cur;

	if (!maildir)
		return MS_END;
	place->name = ms_maildir_find(place->dir, name);
	if (!place->name) {
		cur = g_build_filename(maildir, "cur", NULL);
		(void)close(place->dir);
		status = open_directory(cur, &place->dir, err);
		g_free(place->dir_path);
		place->dir_path = cur;
		if (status == MS_OK)
			place->name = ms_maildir_find(place->dir, name);
	}
	g_free(maildir);
	return place->name ? MS_OK : MS_END;
}

static int
open_name(struct place *place)
{
	const int flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY |
	    O_CLOEXEC;

	place->fd = openat(place->dir, place->name, flags | O_NOATIME);
	/* Only a file's owner may leave its access time alone. */
	if (place->fd < 0 && errno == EPERM)
		place->fd = openat(place->dir, place->name, flags);
	return place->fd;
}

static enum ms_status
find(const struct ms_maildrop_message *message, struct place *place,
    struct ms_error *err)
{
	char *name = g_path_get_basename(message->path);
	enum ms_status status;

	place->dir_path = g_path_get_dirname(message->path);
	status = open_directory(place->dir_path, &place->dir, err);
	if (status == MS_OK) {
		place->name = g_strdup(name);
		if (open_name(place) < 0 && errno == ENOENT) {
			g_free(place->name);
			place->name = NULL;
			status = follow(place, name, err);
			if (status == MS_OK && open_name(place) < 0 &&
			    errno == ENOENT)
				status = MS_END;
		}
	}
	g_free(name);
	if (status == MS_END)
		(void)ms_error_set(err, status, "%s is gone", message->path);
	if (status == MS_OK && place->fd < 0)
		return errno == ELOOP ? ms_error_set(err, MS_E_UNSUPPORTED,
		    "%s is a symbolic link", message->path) :
		    ms_error_errno(err, "cannot open %s", message->path);
	return status;
}

static enum ms_status
digest(const struct ms_maildrop_message *message, int fd,
    struct ms_digest *sha256, struct ms_error *err)
{
	struct ms_hash *hash = ms_hash_new();
	unsigned char *piece = g_malloc(PIECE);
	enum ms_status status = MS_OK;
	uint64_t at = 0;
	size_t got;

	do {
		if (ms_at_read(fd, at, piece, PIECE, &got) != MS_OK)
			status = ms_error_errno(err, "cannot read %s",
			    message->path);
		ms_hash_feed(hash, piece, got);
		at += got;
	} while (status == MS_OK && got > 0 && at <= message->size);
	*sha256 = ms_hash_end(hash);
	ms_hash_free(hash);
	g_free(piece);
	return status;
}

static enum ms_status
check(const struct ms_maildrop_message *message, const struct place *place,
    struct ms_error *err)
{
	struct ms_digest now;
	enum ms_status status;
	struct stat st;

	if (fstat(place->fd, &st) != 0)
		return ms_error_errno(err, "%s", message->path);
	if (!S_ISREG(st.st_mode))
		return ms_error_set(err, MS_E_UNSUPPORTED,
		    "%s is no regular file", message->path);
	if (st.st_dev != message->dev || st.st_ino != message->ino ||
	    (uint64_t)st.st_size != message->size)
		return ms_error_set(err, MS_E_PEER, "%s is another message "
		    "now", message->path);
	if (st.st_nlink != 1 && !message->shared)
		return ms_error_set(err, MS_E_UNSUPPORTED, "%s has other "
		    "names (hard links): others hold it, too", message->path);
	status = digest(message, place->fd, &now, err);
	if (status == MS_OK && !ms_hash_equal(&now, &message->sha256))
		return ms_error_set(err, MS_E_PEER, "%s is another message "
		    "now", message->path);
	return status;
}

/* PLACE is for leave() in any case. */
static enum ms_status
reach(const struct ms_maildrop_message *message, struct place *place,
    struct ms_error *err)
{
	enum ms_status status;

	*place = (struct place){ .dir = -1, .fd = -1 };
	status = find(message, place, err);
	return status == MS_OK ? check(message, place, err) : status;
}

enum ms_status
ms_maildrop_check(const struct ms_maildrop_message *message, char **path,
    int *fd, struct ms_error *err)
{
	struct place place;
	enum ms_status status = reach(message, &place, err);

	if (status == MS_OK && path)
		*path = g_build_filename(place.dir_path, place.name, NULL);
	if (status == MS_OK && fd) {
		*fd = place.fd;
		place.fd = -1;
	}
	leave(&place);
	return status;
}

/* Has the name still the file that was checked? */
static bool
is_still(const struct place *place)
{
	struct stat ours, there;

	return fstat(place->fd, &ours) == 0 && fstatat(place->dir,
	    place->name, &there, AT_SYMLINK_NOFOLLOW) == 0 &&
	    ours.st_dev == there.st_dev && ours.st_ino == there.st_ino;
}

enum ms_status
ms_maildrop_remove(const struct ms_maildrop_message *message,
    struct ms_error *err)
{
	struct place place;
	enum ms_status status = reach(message, &place, err);

	if (status == MS_OK && !is_still(&place))
		status = ms_error_set(err, MS_END, "%s is gone",
		    message->path);
	if (status == MS_OK && (unlinkat(place.dir, place.name, 0) != 0 ||
	    fsync(place.dir) != 0))
		status = ms_error_errno(err, "cannot remove %s",
		    message->path);
	leave(&place);
	return status;
}

/* Move the message to NAME in the directory at TO. */
static enum ms_status
move(const struct ms_maildrop_message *message, const struct place *place,
    const char *to, const char *name, struct ms_error *err)
{
	enum ms_status status;
	int dir;

	status = open_directory(to, &dir, err);
	if (status != MS_OK)
		return status == MS_END ? MS_E_IO : status;
	if (ms_at_rename(place->dir, place->name, dir, name) != MS_OK)
		status = errno == ENOENT ? ms_error_set(err, MS_END,
		    "%s is gone", message->path) :
		    ms_error_errno(err, "cannot move %s to %s/%s",
		    message->path, to, name);
	else if (fsync(dir) != 0 || fsync(place->dir) != 0)
		status = ms_error_errno(err, "cannot move %s to %s",
		    message->path, to);
	(void)close(dir);
	return status;
}

static int
by_letter(const void *a, const void *b)
{
	return *(const char *)a - *(const char *)b;
}

/* NAME with one more flag; flags are in the order of the alphabet. */
static char *
with_flag(const char *name, char letter)
{
	const size_t unique = ms_maildir_unique(name);
	char *flags = ms_maildir_flags(name);
	const char separator = flags ? name[unique] : ':';
	char *all, *result;

	if (flags && strchr(flags, letter)) {
		g_free(flags);
		return g_strdup(name);
	}
	all = g_strdup_printf("%s%c", flags ? flags : "", letter);
	qsort(all, strlen(all), 1, by_letter);
	result = g_strdup_printf("%.*s%c2,%s", (int)unique, name, separator,
	    all);
	g_free(flags);
	g_free(all);
	return result;
}

static enum ms_status
no_maildir(const struct ms_maildrop_message *message, struct ms_error *err)
{
	return ms_error_set(err, MS_E_USAGE, "%s is in no Maildir",
	    message->path);
}

enum ms_status
ms_maildrop_flag(const struct ms_maildrop_message *message, char letter,
    char **path, struct ms_error *err)
{
	struct place place;
	enum ms_status status;
	char *maildir = NULL, *cur, *name;

	if (!g_ascii_isalpha(letter))
		return ms_error_set(err, MS_E_USAGE,
		    "a Maildir flag is a letter");
	status = reach(message, &place, err);
	if (status == MS_OK && !(maildir = maildir_of(place.dir_path)))
		status = no_maildir(message, err);
	if (status == MS_OK) {
		cur = g_build_filename(maildir, "cur", NULL);
		name = with_flag(place.name, letter);
		if (strcmp(name, place.name) != 0 ||
		    strcmp(cur, place.dir_path) != 0)
			status = move(message, &place, cur, name, err);
		if (status == MS_OK && path)
			*path = g_build_filename(cur, name, NULL);
		g_free(name);
		g_free(cur);
	}
	g_free(maildir);
	leave(&place);
	return status;
}

/* The Maildir that the folders of MAILDIR, perhaps one itself, are in. */
static char *
root_of(const char *maildir)
{
	char *base = g_path_get_basename(maildir);
	char *parent = g_path_get_dirname(maildir);
	bool dotted = *base == '.' && strcmp(base, ".") != 0 &&
	    strcmp(base, "..") != 0;

	g_free(base);
	if (dotted && is_maildir(parent))
		return parent;
	g_free(parent);
	return g_strdup(maildir);
}

static bool
is_folder_name(const char *name)
{
	const char *p;

	for (p = name; *p; p++)
		if (*p == '/' || g_ascii_iscntrl(*p) ||
		    (*p == '.' && (p == name || p[1] == '.' || !p[1])))
			return false;
	return p > name && p - name <= FOLDER_MAX;
}

/* Make the folder NAME in the Maildir at ROOT. */
static enum ms_status
need_folder(const char *root, const char *name, struct ms_error *err)
{
	enum ms_status status;
	int dir;

	status = open_directory(root, &dir, err);
	if (status != MS_OK)
		return MS_E_IO;
	if (ms_owned_folder(dir, name) != 0)
		status = ms_error_errno(err, "cannot make %s/%s", root, name);
	(void)close(dir);
	return status;
}

static enum ms_status
to_folder(const struct ms_maildrop_message *message,
    const struct place *place, const char *root, const char *name,
    char **path, struct ms_error *err)
{
	char *base = g_path_get_basename(place->dir_path);
	char *to = g_build_filename(root, name, base, NULL);
	enum ms_status status = MS_OK;

	/* It may be there already. */
	if (strcmp(to, place->dir_path) != 0) {
		status = need_folder(root, name, err);
		if (status == MS_OK)
			status = move(message, place, to, place->name, err);
	}
	if (status == MS_OK && path)
		*path = g_build_filename(to, place->name, NULL);
	g_free(to);
	g_free(base);
	return status;
}

enum ms_status
ms_maildrop_to_folder(const struct ms_maildrop_message *message,
    const char *name, char **path, struct ms_error *err)
{
	char *maildir = NULL, *root, *dotted;
	struct place place;
	enum ms_status status;

	if (!is_folder_name(name))
		return ms_error_set(err, MS_E_USAGE, "a folder cannot be "
		    "called \"%s\": levels are divided by single dots", name);
	status = reach(message, &place, err);
	if (status == MS_OK && !(maildir = maildir_of(place.dir_path)))
		status = no_maildir(message, err);
	if (status == MS_OK) {
		root = root_of(maildir);
		dotted = g_strdup_printf(".%s", name);
		status = to_folder(message, &place, root, dotted, path, err);
		g_free(dotted);
		g_free(root);
	}
	g_free(maildir);
	leave(&place);
	return status;
}
