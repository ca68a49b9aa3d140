#include "engine/database.h"

#include <clamav.h>

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/rights.h"

#define BLOCK ((size_t)1 << 20)

/* What cl_load() reads from a directory, by suffix. */
static const char *const suffixes[] = {
	".cvd", ".cld", ".cud", ".ndb", ".ndu", ".ldb", ".ldu", ".hdb",
	".hdu", ".hsb", ".hsu", ".mdb", ".mdu", ".msb", ".msu", ".imp",
	".cbc", ".cdb", ".crb", ".pdb", ".gdb", ".wdb", ".idb", ".fp",
	".sfp", ".ftm", ".ign", ".ign2", ".cat", ".cfg", ".info", ".yar",
	".yara", ".pwdb", ".db", ".sdb", ".zmd", ".rmd", ".ioc",
};

const char *
ms_database_default(void)
{
	return cl_retdbdir();
}

static bool
is_database(const char *name)
{
	for (size_t i = 0; i < G_N_ELEMENTS(suffixes); i++)
		if (g_str_has_suffix(name, suffixes[i]))
			return true;
	return false;
}

static bool
is_signed(const char *name)
{
	return g_str_has_suffix(name, ".cvd") ||
	    g_str_has_suffix(name, ".cld");
}

static void
free_file(gpointer data)
{
	struct ms_database_file *file = data;

	g_free(file->name);
	g_free(file);
}

static enum ms_status
add_file(struct ms_database *database, const char *path,
    struct ms_error *err)
{
	struct ms_database_file *file;
	struct cl_cvd *head = NULL;
	struct stat st;

	if (stat(path, &st) != 0)
		return ms_error_errno(err, "%s", path);
	/* libclamav reads a directory for ever. */
	if (!S_ISREG(st.st_mode))
		return ms_error_set(err, MS_E_FORMAT, "%s: not a regular "
		    "file, for all its name: move it away", path);
	file = g_new0(struct ms_database_file, 1);
	file->name = g_path_get_basename(path);
	file->time = st.st_mtime;
	file->size = (uint64_t)st.st_size;
	if (is_signed(path))
		head = cl_cvdhead(path);
	if (head) {
		file->version = head->version;
		file->signatures = head->sigs;
		file->time = head->stime;
		cl_cvdfree(head);
	}
	database->newest = MAX(database->newest, file->time);
	g_ptr_array_add(database->files, file);
	return MS_OK;
}

static gint
by_name(gconstpointer a, gconstpointer b)
{
	const struct ms_database_file *const *x = a, *const *y = b;

	return strcmp((*x)->name, (*y)->name);
}

static enum ms_status
add_directory(struct ms_database *database, struct ms_error *err)
{
	GError *error = NULL;
	GDir *dir = g_dir_open(database->path, 0, &error);
	enum ms_status status = MS_OK;
	const char *name;

	if (!dir) {
		(void)ms_error_set(err, MS_E_IO, "%s", error->message);
		g_error_free(error);
		return MS_E_IO;
	}
	while (status == MS_OK && (name = g_dir_read_name(dir))) {
		char *path = g_build_filename(database->path, name, NULL);

		if (is_database(name))
			status = add_file(database, path, err);
		g_free(path);
	}
	g_dir_close(dir);
	g_ptr_array_sort(database->files, by_name);
	return status;
}

enum ms_status
ms_database_open(const char *path, struct ms_database **database,
    struct ms_error *err)
{
	enum ms_status status = MS_OK;
	struct stat st;

	if (stat(path, &st) != 0)
		return ms_error_errno(err, "%s", path);
	*database = g_new0(struct ms_database, 1);
	(*database)->path = g_strdup(path);
	(*database)->files = g_ptr_array_new_with_free_func(free_file);
	(*database)->newest = -1;
	if (S_ISDIR(st.st_mode))
		status = add_directory(*database, err);
	else
		status = add_file(*database, path, err);
	if (status != MS_OK) {
		ms_database_free(*database);
		*database = NULL;
	}
	return status;
}

void
ms_database_free(struct ms_database *database)
{
	if (!database)
		return;
	g_free(database->path);
	g_ptr_array_unref(database->files);
	g_free(database);
}

static char *
find_barrier(const char *path)
{
	char *barrier = ms_rights_barrier(path, R_OK);
	GDir *dir = NULL;
	const char *name;

	if (!barrier && g_file_test(path, G_FILE_TEST_IS_DIR)) {
		barrier = ms_rights_barrier(path, X_OK);
		if (!barrier)
			dir = g_dir_open(path, 0, NULL);
	}
	while (dir && !barrier && (name = g_dir_read_name(dir))) {
		char *file = g_build_filename(path, name, NULL);

		if (is_database(name))
			barrier = ms_rights_barrier(file, R_OK);
		g_free(file);
	}
	if (dir)
		g_dir_close(dir);
	return barrier;
}

char *
ms_database_denied(const char *path)
{
	char *barrier = find_barrier(path), *user, *text;

	if (!barrier)
		return NULL;
	user = ms_rights_name(geteuid());
	/* What is above it is not only for the database. */
	if (strncmp(barrier, path, strlen(path)) == 0)
		text = g_strdup_printf("%s cannot read %s: %s (chmod a+rX %s, "
		    "or chown %s %s)", user, barrier, g_strerror(EACCES),
		    barrier, user, barrier);
	else
		text = g_strdup_printf("%s cannot read %s: %s: that user may "
		    "not enter %s (chmod a+x %s)", user, path,
		    g_strerror(EACCES), barrier, barrier);
	g_free(user);
	g_free(barrier);
	return text;
}

char *
ms_database_describe(const struct ms_database *database)
{
	GString *text = g_string_new(NULL);
	unsigned others = 0;

	for (guint i = 0; i < database->files->len; i++) {
		const struct ms_database_file *file =
		    database->files->pdata[i];

		if (file->version == 0) {
			others++;
			continue;
		}
		g_string_append_printf(text, "%s%.*s %" G_GUINT64_FORMAT,
		    text->len > 0 ? ", " : "",
		    (int)strcspn(file->name, "."), file->name,
		    file->version);
	}
	if (others > 0)
		g_string_append_printf(text, "%s%u %sfile%s",
		    text->len > 0 ? ", " : "", others,
		    text->len > 0 ? "other " : "", others > 1 ? "s" : "");
	return g_string_free(text, FALSE);
}

/* The path of one of its files, for the caller to free. */
static char *
path_of(const struct ms_database *database, const char *name)
{
	/* The path of a database that is one file is the file's. */
	return g_str_has_suffix(database->path, name) ?
	    g_strdup(database->path) :
	    g_build_filename(database->path, name, NULL);
}

static bool
file_has_contexts(const struct ms_database *database, const char *name)
{
	static const char *const opaque[] = { ".cvd", ".cld", ".cud", ".cbc",
		".cat", ".zmd", ".rmd", ".ioc" };
	char *path, *text = NULL;
	bool has;

	for (size_t i = 0; i < G_N_ELEMENTS(opaque); i++)
		if (g_str_has_suffix(name, opaque[i]))
			return true;
	if (!g_str_has_suffix(name, ".ldb") && !g_str_has_suffix(name, ".ldu"))
		return false;
	path = path_of(database, name);
	has = !g_file_get_contents(path, &text, NULL, NULL) ||
	    strstr(text, "Container:") || strstr(text, "Intermediates:");
	g_free(text);
	g_free(path);
	return has;
}

bool
ms_database_has_contexts(const struct ms_database *database)
{
	for (guint i = 0; i < database->files->len; i++) {
		const struct ms_database_file *file =
		    database->files->pdata[i];

		if (file_has_contexts(database, file->name))
			return true;
	}
	return false;
}

uint64_t
ms_database_body_bytes(const struct ms_database *database)
{
	static const char *const others[] = { ".hdb", ".hdu", ".hsb", ".hsu",
		".mdb", ".mdu", ".msb", ".msu", ".fp", ".sfp", ".cdb", ".imp",
		".pdb", ".wdb", ".gdb", ".ign", ".ign2", ".info", ".cfg",
		".crb", ".pwdb" };
	uint64_t bytes = 0;

	for (guint i = 0; i < database->files->len; i++) {
		const struct ms_database_file *file =
		    database->files->pdata[i];
		bool other = false;

		for (size_t j = 0; j < G_N_ELEMENTS(others); j++)
			other |= g_str_has_suffix(file->name, others[j]);
		if (!other)
			bytes += file->size;
	}
	return bytes;
}

/* Feed HASH the content of the file at PATH. */
static enum ms_status
feed_file(struct ms_hash *hash, const char *path, struct ms_error *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	unsigned char *block = g_malloc(BLOCK);
	enum ms_status status = MS_OK;
	ssize_t n = fd < 0 ? -1 : 1;

	while (n > 0) {
		n = read(fd, block, BLOCK);
		if (n > 0)
			ms_hash_feed(hash, block, (size_t)n);
	}
	if (n < 0)
		status = ms_error_errno(err, "%s", path);
	if (fd >= 0)
		(void)close(fd);
	g_free(block);
	return status;
}

enum ms_status
ms_database_digest(const struct ms_database *database,
    struct ms_digest *digest, struct ms_error *err)
{
	struct ms_hash *hash = ms_hash_new();
	enum ms_status status = MS_OK;

	for (guint i = 0; status == MS_OK && i < database->files->len; i++) {
		const struct ms_database_file *file =
		    database->files->pdata[i];
		char *path = path_of(database, file->name);

		/* With their sizes, they can be put together in one way. */
		ms_hash_feed(hash, file->name, strlen(file->name) + 1);
		ms_hash_feed(hash, &file->size, sizeof file->size);
		status = feed_file(hash, path, err);
		g_free(path);
	}
	*digest = ms_hash_end(hash);
	ms_hash_free(hash);
	return status;
}

static gint
by_text(gconstpointer a, gconstpointer b)
{
	const char *const *x = a, *const *y = b;

	return strcmp(*x, *y);
}

/* What stat() says of the file NAME at PATH. */
static void
stamp_file(GString *text, const char *path, const char *name)
{
	struct stat st;

	if (stat(path, &st) == 0)
		g_string_append_printf(text, "%s/%" G_GINT64_MODIFIER "x/%"
		    G_GINT64_MODIFIER "x/%" G_GINT64_MODIFIER "x.%lx\n", name,
		    (uint64_t)st.st_ino, (uint64_t)st.st_size,
		    (uint64_t)st.st_mtim.tv_sec,
		    (unsigned long)st.st_mtim.tv_nsec);
}

uint64_t
ms_database_stamp(const char *path)
{
	GString *text = g_string_new(NULL);
	GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
	GDir *dir = g_dir_open(path, 0, NULL);
	const char *name;
	struct ms_digest digest;
	uint64_t stamp;

	while (dir && (name = g_dir_read_name(dir)))
		if (is_database(name))
			g_ptr_array_add(names, g_strdup(name));
	if (!dir)
		stamp_file(text, path, "");
	else
		g_dir_close(dir);
	g_ptr_array_sort(names, by_text);
	for (guint i = 0; i < names->len; i++) {
		char *file = g_build_filename(path, names->pdata[i], NULL);

		stamp_file(text, file, names->pdata[i]);
		g_free(file);
	}
	digest = ms_hash_of(text->str, text->len);
	memcpy(&stamp, digest.bytes, sizeof stamp);
	if (text->len == 0)
		stamp = 0;
	g_ptr_array_unref(names);
	(void)g_string_free(text, TRUE);
	return stamp;
}
