#include "base/conf.h"

#include "base/conffile.h"
#include "base/conftext.h"
#include "base/nearest.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <confuse.h>

/* What reads another file; "include" is a name for selecting messages. */
#define INCLUDE "include-file"

struct ms_conf {
	GPtrArray *settings;	/* of struct setting * */
	GHashTable *index;	/* the same, by name_of() */
	GPtrArray *sections;	/* of char *: section, NUL, title, NUL */
	GPtrArray *files;	/* of struct file *; to read from NEXT on */
	guint next;
};

/* Has the public half first; the arrays grow while it is read. */
struct setting {
	struct ms_conf_setting public;
	GPtrArray *values;
	char *section, *title, *key;
};

struct file {
	char *path;
	dev_t dev;
	ino_t ino;
};

/* One file while it is read; all callbacks get it through the first option of
 * each section, which is the function that includes. */
struct reading {
	struct ms_conf *conf;
	const struct ms_conf_section *sections;
	GHashTable *words;	/* that it has: what else could be there need
				 * not be known */
	const char *file;
	bool includes;
	enum ms_status status;
	struct ms_error *err;
};

static void
free_setting(void *data)
{
	struct setting *setting = data;

	g_ptr_array_unref(setting->values);
	g_free(setting->section);
	g_free(setting->title);
	g_free(setting->key);
	g_free(setting);
}

static void
free_file(void *data)
{
	struct file *file = data;

	g_free(file->path);
	g_free(file);
}

static struct ms_conf *
new_conf(void)
{
	struct ms_conf *conf = g_new0(struct ms_conf, 1);

	conf->settings = g_ptr_array_new_with_free_func(free_setting);
	conf->index = g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
	    NULL);
	conf->sections = g_ptr_array_new_with_free_func(g_free);
	conf->files = g_ptr_array_new_with_free_func(free_file);
	return conf;
}

void
ms_conf_free(struct ms_conf *conf)
{
	if (!conf)
		return;
	g_hash_table_unref(conf->index);
	g_ptr_array_unref(conf->settings);
	g_ptr_array_unref(conf->sections);
	g_ptr_array_unref(conf->files);
	g_free(conf);
}

/* No name holds a line end, and no title that is not escaped. */
static char *
name_of(const char *section, const char *title, const char *key)
{
	char *safe = title ? g_strescape(title, NULL) : NULL;
	char *name = g_strjoin("\n", section, safe ? "t" : "", safe ? safe : "",
	    key, NULL);

	g_free(safe);
	return name;
}

static struct reading *
reading_of(const cfg_t *cfg)
{
	return cfg->opts[0].simple_value.ptr ?
	    (void *)cfg->opts[0].simple_value.ptr : NULL;
}

/* Note what is wrong at LINE; the first is the one that counts. */
static int G_GNUC_PRINTF(4, 5)
fail(struct reading *r, enum ms_status status, int line, const char *format,
    ...)
{
	va_list ap;
	char *text;

	if (r->status != MS_OK)
		return -1;
	va_start(ap, format);
	text = g_strdup_vprintf(format, ap);
	va_end(ap);
	r->status = ms_error_set(r->err, status, "%s:%d: %s", r->file, line,
	    text);
	g_free(text);
	return -1;
}

/* What may stand in the section that NAME is not in. */
static void
fail_unknown(struct reading *r, const cfg_t *cfg, const char *name)
{
	GPtrArray *names = g_ptr_array_new();
	const char *guess;
	bool top = strcmp(cfg->name, "root") == 0;

	g_ptr_array_add(names, (void *)(uintptr_t)INCLUDE);
	for (const struct ms_conf_section *s = r->sections; s->name; s++) {
		if (top && *s->name != '\0')
			g_ptr_array_add(names, (void *)(uintptr_t)s->name);
		if (strcmp(s->name, top ? "" : cfg->name) != 0)
			continue;
		for (const char *const *key = s->keys; *key; key++)
			g_ptr_array_add(names, (void *)(uintptr_t)*key);
	}
	g_ptr_array_add(names, NULL);
	guess = ms_nearest(name, (const char *const *)names->pdata);
	(void)fail(r, MS_E_FORMAT, cfg->line, "there is no key %s%s%s%s%s%s",
	    name, top ? "" : " in a section ", top ? "" : cfg->name,
	    guess ? "; did you mean " : "", guess ? guess : "",
	    guess ? "?" : "");
	g_ptr_array_unref(names);
}

/* The signature is libconfuse's. */
G_GNUC_PRINTF(2, 0)
static void
on_error(cfg_t *cfg, const char *format, va_list ap)
{
	static const char unknown[] = "no such option";
	struct reading *r = reading_of(cfg);
	char *text;

	if (!r || r->status != MS_OK)
		return;
	/* Its one argument is the name, in every version so far. */
	if (strncmp(format, unknown, sizeof unknown - 1) == 0 &&
	    strstr(format, "%s")) {
		fail_unknown(r, cfg, va_arg(ap, const char *));
		return;
	}
	text = ms_conftext_comma(g_strdup_vprintf(format, ap));
	(void)fail(r, MS_E_FORMAT, cfg->line, "%s", text);
	g_free(text);
}

static struct setting *
add_setting(struct reading *r, const cfg_t *cfg, const char *key, int line)
{
	struct setting *s = g_new0(struct setting, 1);
	bool top = strcmp(cfg->name, "root") == 0;
	const struct file *file = r->conf->files->pdata[r->conf->next - 1];

	s->values = g_ptr_array_new_with_free_func(g_free);
	g_ptr_array_add(s->values, NULL);
	s->section = g_strdup(top ? "" : cfg->name);
	s->title = g_strdup(cfg->title);
	s->key = g_strdup(key);
	s->public = (struct ms_conf_setting){ s->section, s->title, s->key,
		(const char *const *)s->values->pdata, file->path,
		(unsigned)MAX(line, 0) };
	g_ptr_array_add(r->conf->settings, s);
	g_hash_table_insert(r->conf->index, name_of(s->section, s->title, key),
	    s);
	return s;
}

static struct setting *
find_setting(const struct ms_conf *conf, const cfg_t *cfg, const char *key)
{
	bool top = strcmp(cfg->name, "root") == 0;
	char *name = name_of(top ? "" : cfg->name, cfg->title, key);
	struct setting *s = g_hash_table_lookup(conf->index, name);

	g_free(name);
	return s;
}

static int
fail_twice(struct reading *r, int line, const struct setting *s)
{
	if (s->public.line == 0)
		return fail(r, MS_E_FORMAT, line, "%s is set already, in %s",
		    s->key, s->public.file);
	return fail(r, MS_E_FORMAT, line, "%s is set already, at %s:%u",
	    s->key, s->public.file, s->public.line);
}

/* One value of a setting. The signature is libconfuse's. */
static int
on_value(cfg_t *cfg, cfg_opt_t *opt, const char *value, void *result)
{
	struct reading *r = reading_of(cfg);
	struct setting *s = find_setting(r->conf, cfg, opt->name);

	*(void **)result = NULL;
	/* Behind a "=" libconfuse starts to count anew. */
	if (s && opt->nvalues == 1)
		return fail_twice(r, cfg->line, s);
	if (!s)
		s = add_setting(r, cfg, opt->name, cfg->line);
	if (s->values->len > MS_CONF_VALUES_MAX)
		return fail(r, MS_E_LIMIT, cfg->line, "%s has more than %d "
		    "values", opt->name, MS_CONF_VALUES_MAX);
	g_ptr_array_insert(s->values, (gint)s->values->len - 1,
	    g_strdup(value));
	s->public.values = (const char *const *)s->values->pdata;
	return 0;
}

/* Keys that were given an empty list, of which no value came. */
static int
add_empty(struct reading *r, const cfg_t *cfg)
{
	for (const cfg_opt_t *o = cfg->opts; o->name; o++) {
		const struct setting *s;

		if (o->type != CFGT_PTR || !(o->flags & CFGF_MODIFIED) ||
		    o->nvalues > 0)
			continue;
		s = find_setting(r->conf, cfg, o->name);
		if (s)
			return fail_twice(r, cfg->line, s);
		(void)add_setting(r, cfg, o->name, 0);
	}
	return 0;
}

static char *
section_name(const char *section, const char *title)
{
	return name_of(section, title, "");
}

/* A section ended. The signature is libconfuse's. */
static int
on_section(cfg_t *cfg, cfg_opt_t *opt)
{
	struct reading *r = reading_of(cfg);
	const cfg_t *section = opt->values[opt->nvalues - 1]->section;
	char *name = section_name(opt->name, section->title);

	if (g_hash_table_contains(r->conf->index, name)) {
		g_free(name);
	} else {
		g_ptr_array_add(r->conf->sections, g_strdup(opt->name));
		g_ptr_array_add(r->conf->sections, g_strdup(section->title ?
		    section->title : ""));
		g_hash_table_insert(r->conf->index, name, NULL);
	}
	if (r->conf->sections->len > 2 * MS_CONF_SECTIONS_MAX)
		return fail(r, MS_E_LIMIT, cfg->line, "more than %d sections",
		    MS_CONF_SECTIONS_MAX);
	return add_empty(r, section);
}

/* Is this file among those that are read? */
static bool
is_known(const struct ms_conf *conf, const struct stat *st)
{
	for (guint i = 0; i < conf->files->len; i++) {
		const struct file *file = conf->files->pdata[i];

		if (file->dev == st->st_dev && file->ino == st->st_ino)
			return true;
	}
	return false;
}

static void
add_file(struct ms_conf *conf, char *path, const struct stat *st)
{
	struct file *file = g_new0(struct file, 1);

	*file = (struct file){ path, st->st_dev, st->st_ino };
	g_ptr_array_add(conf->files, file);
}

/* PATH, beside the file that names it unless it is absolute. */
static char *
beside(const char *file, const char *path)
{
	char *folder, *full;

	if (g_path_is_absolute(path))
		return g_strdup(path);
	folder = g_path_get_dirname(file);
	full = g_build_filename(folder, path, NULL);
	g_free(folder);
	return full;
}

/* It is read when this one has been. The signature is libconfuse's. */
static int
on_include(cfg_t *cfg, cfg_opt_t *opt, int argc, const char **argv)
{
	struct reading *r = reading_of(cfg);
	struct stat st;
	char *path;

	(void)opt;
	if (argc != 1 || *argv[0] == '\0')
		return fail(r, MS_E_FORMAT, cfg->line, INCLUDE " wants the "
		    "name of one file");
	if (!r->includes || strcmp(cfg->name, "root") != 0)
		return fail(r, MS_E_FORMAT, cfg->line, INCLUDE " is not for "
		    "here, but for files, outside of sections");
	path = beside(r->file, argv[0]);
	if (stat(path, &st) != 0)
		(void)fail(r, MS_E_IO, cfg->line, "cannot read %s: %s", path,
		    g_strerror(errno));
	else if (is_known(r->conf, &st))
		(void)fail(r, MS_E_FORMAT, cfg->line, "%s is read already",
		    path);
	else if (r->conf->files->len >= MS_CONF_FILES_MAX)
		(void)fail(r, MS_E_LIMIT, cfg->line, "more than %d files",
		    MS_CONF_FILES_MAX);
	else
		add_file(r->conf, g_steal_pointer(&path), &st);
	g_free(path);
	return r->status == MS_OK ? 0 : -1;
}

static void
add_option(GArray *options, const char *name, cfg_type_t type, void *reading)
{
	const cfg_opt_t option = {
		.name = name,
		.type = type,
		.flags = type == CFGT_PTR ? CFGF_LIST | CFGF_NODEFAULT :
		    CFGF_NONE,
		.parsecb = type == CFGT_PTR ? on_value : NULL,
		.func = type == CFGT_FUNC ? on_include : NULL,
		.simple_value.ptr = reading,
	};

	g_array_append_val(options, option);
}

/* libconfuse's table for SECTION; names are loans. */
static GArray *
options_of(const struct ms_conf_section *section, struct reading *reading)
{
	GArray *options = g_array_new(TRUE, TRUE, sizeof(cfg_opt_t));

	add_option(options, INCLUDE, CFGT_FUNC, reading);
	for (const char *const *key = section->keys; *key; key++)
		if (g_hash_table_contains(reading->words, *key))
			add_option(options, *key, CFGT_PTR, NULL);
	return options;
}

static void
add_section(GArray *options, const struct ms_conf_section *section,
    GArray *within)
{
	const cfg_opt_t option = {
		.name = section->name,
		.type = CFGT_SEC,
		/* One of a title: so the last one is the one that ended. */
		.flags = CFGF_MULTI | (section->titled ? CFGF_TITLE |
		    CFGF_NO_TITLE_DUPES : 0),
		.subopts = (cfg_opt_t *)(void *)within->data,
		.validcb = on_section,
	};

	g_array_append_val(options, option);
}

static enum ms_status
parse(struct reading *r, const char *text)
{
	const struct ms_conf_section *sections = r->sections;
	GArray *top = options_of(sections, r);
	GPtrArray *all = g_ptr_array_new_with_free_func(
	    (GDestroyNotify)g_array_unref);
	cfg_t *cfg;
	int result;

	for (const struct ms_conf_section *s = sections + 1; s->name; s++) {
		if (!g_hash_table_contains(r->words, s->name))
			continue;
		g_ptr_array_add(all, options_of(s, r));
		add_section(top, s, all->pdata[all->len - 1]);
	}
	cfg = cfg_init((cfg_opt_t *)(void *)top->data, CFGF_NONE);
	(void)cfg_set_error_function(cfg, on_error);
	result = cfg_parse_buf(cfg, text);
	if (result == CFG_SUCCESS)
		(void)add_empty(r, cfg);
	else
		(void)fail(r, MS_E_FORMAT, cfg->line, "it cannot be read");
	(void)cfg_free(cfg);
	g_ptr_array_unref(all);
	g_array_unref(top);
	return r->status;
}

/* All words of TEXT: each is quoted, and has no quotes. */
static GHashTable *
find_words(const char *text)
{
	GHashTable *words = g_hash_table_new_full(g_str_hash, g_str_equal,
	    g_free, NULL);
	const char *end;

	while ((text = strchr(text, '"')) && (end = strchr(text + 1, '"'))) {
		(void)g_hash_table_add(words, g_strndup(text + 1,
		    (gsize)(end - text - 1)));
		text = end + 1;
	}
	return words;
}

static enum ms_status
read_text(struct reading *r, const void *data, size_t size)
{
	GString *text = g_string_sized_new(size + size / 4);
	struct ms_error err = { "" };
	unsigned line;

	if (ms_conftext(data, size, text, &line, &err) != MS_OK) {
		(void)fail(r, MS_E_FORMAT, (int)line, "%s", err.text);
	} else {
		r->words = find_words(text->str);
		(void)parse(r, text->str);
		g_hash_table_unref(r->words);
	}
	g_string_free(text, TRUE);
	return r->status;
}

static enum ms_status
read_file(struct ms_conf *conf, int fd, const char *path,
    const struct ms_conf_section *sections, struct ms_error *err)
{
	struct reading r = { .conf = conf, .sections = sections, .file = path,
		.includes = true, .err = err };
	GByteArray *data = g_byte_array_new();
	enum ms_status status;

	status = ms_conffile_read(fd, path, data, err);
	conf->next++;
	if (status == MS_OK)
		status = read_text(&r, data->data, data->len);
	g_byte_array_unref(data);
	return status;
}

/* Read what was included, and what that includes. */
static enum ms_status
read_included(struct ms_conf *conf, const struct ms_conf_section *sections,
    struct ms_error *err)
{
	enum ms_status status = MS_OK;

	while (status == MS_OK && conf->next < conf->files->len) {
		const struct file *file = conf->files->pdata[conf->next];
		struct stat st;
		int fd;

		status = ms_conffile_open(file->path, &fd, &st, err);
		/* It was there a moment ago. */
		if (status != MS_OK)
			return status == MS_END ? MS_E_IO : status;
		status = read_file(conf, fd, file->path, sections, err);
		(void)close(fd);
	}
	return status;
}

/* Nobody gets half of one. */
static enum ms_status
give_up(enum ms_status status, struct ms_conf **conf)
{
	if (status != MS_OK) {
		ms_conf_free(*conf);
		*conf = NULL;
	}
	return status;
}

enum ms_status
ms_conf_read(const char *path, const struct ms_conf_section *sections,
    struct ms_conf **conf, struct ms_error *err)
{
	enum ms_status status;
	struct stat st;
	int fd;

	*conf = NULL;
	status = ms_conffile_open(path, &fd, &st, err);
	if (status != MS_OK)
		return status;
	*conf = new_conf();
	add_file(*conf, g_strdup(path), &st);
	status = read_file(*conf, fd, path, sections, err);
	(void)close(fd);
	if (status == MS_OK)
		status = read_included(*conf, sections, err);
	return give_up(status, conf);
}

enum ms_status
ms_conf_parse(const void *data, size_t size, const char *name,
    const struct ms_conf_section *sections, struct ms_conf **conf,
    struct ms_error *err)
{
	static const struct stat nowhere;
	struct reading r = { .sections = sections, .file = name, .err = err };
	enum ms_status status;

	*conf = r.conf = new_conf();
	add_file(r.conf, g_strdup(name), &nowhere);
	r.conf->next = 1;
	status = size > MS_CONF_BYTES_MAX ? ms_error_set(err, MS_E_LIMIT,
	    "%s: more than %d bytes", name, MS_CONF_BYTES_MAX) :
	    read_text(&r, data, size);
	return give_up(status, conf);
}

const GPtrArray *
ms_conf_settings(const struct ms_conf *conf)
{
	return conf->settings;
}

const struct ms_conf_setting *
ms_conf_find(const struct ms_conf *conf, const char *section,
    const char *title, const char *key)
{
	char *name = name_of(section, title, key);
	const struct setting *s = g_hash_table_lookup(conf->index, name);

	g_free(name);
	return s ? &s->public : NULL;
}

const char **
ms_conf_titles(const struct ms_conf *conf, const char *section)
{
	GPtrArray *titles = g_ptr_array_new();

	for (guint i = 0; i + 1 < conf->sections->len; i += 2)
		if (strcmp(conf->sections->pdata[i], section) == 0)
			g_ptr_array_add(titles, conf->sections->pdata[i + 1]);
	g_ptr_array_add(titles, NULL);
	return (const char **)g_ptr_array_free(titles, FALSE);
}

const char *
ms_conf_file(const struct ms_conf *conf, guint index)
{
	return index >= conf->files->len ? NULL :
	    ((const struct file *)conf->files->pdata[index])->path;
}
