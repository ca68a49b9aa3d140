#include "config.h"

#include "command.h"
#include "scanner_options.h"
#include "value.h"

#include <stdint.h>
#include <string.h>

#define PROFILE "profile"

/* What the section of CMD is called. */
static const char *
section_of(const struct command *cmd)
{
	return cmd->section ? cmd->section : cmd->name;
}

bool
config_has_row(const struct opt *row)
{
	static const struct opt *const others[] = { option_common,
		option_config };

	for (size_t i = 0; i < G_N_ELEMENTS(others); i++)
		for (const struct opt *o = others[i]; o->name; o++)
			if (o == row)
				return false;
	return true;
}

/* Add the names of what a file may tell CMD to KEYS, without those that are
 * SEEN, to which they are added. */
static void
add_keys(GPtrArray *keys, GHashTable *seen, const struct command *cmd)
{
	GPtrArray *rows = option_rows(cmd);

	for (guint i = 0; i < rows->len; i++) {
		const struct opt *row = rows->pdata[i];
		void *name = (void *)(uintptr_t)row->name;

		if (config_has_row(row) && g_hash_table_add(seen, name))
			g_ptr_array_add(keys, name);
	}
	g_ptr_array_unref(rows);
}

static const char *const *
end_keys(GPtrArray *keys)
{
	g_ptr_array_add(keys, NULL);
	return (const char *const *)keys->pdata;
}

/* What a file may have: elements of the array, which ends with an empty one;
 * LISTS owns the keys. */
static GArray *
make_sections(GPtrArray *lists)
{
	GArray *sections = g_array_new(TRUE, TRUE,
	    sizeof(struct ms_conf_section));
	GPtrArray *all = g_ptr_array_new();
	GHashTable *seen = g_hash_table_new(g_str_hash, g_str_equal);
	struct ms_conf_section section = { .name = "" };

	g_ptr_array_add(lists, all);
	for (size_t i = 0; commands[i]; i++)
		if (commands[i]->config)
			add_keys(all, seen, commands[i]);
	section.keys = end_keys(all);
	g_array_append_val(sections, section);
	section = (struct ms_conf_section){ PROFILE, true, section.keys };
	g_array_append_val(sections, section);
	section = (struct ms_conf_section){ SCANNER_SECTION, true,
		scanner_options_keys };
	g_array_append_val(sections, section);
	for (size_t i = 0; commands[i]; i++) {
		GPtrArray *keys;

		if (!commands[i]->config)
			continue;
		keys = g_ptr_array_new();
		g_ptr_array_add(lists, keys);
		g_hash_table_remove_all(seen);
		add_keys(keys, seen, commands[i]);
		/* They are told where they belong. */
		if (commands[i]->asks)
			add_keys(keys, seen, command_find(commands[i]->asks));
		section = (struct ms_conf_section){
			section_of(commands[i]), false, end_keys(keys)
		};
		g_array_append_val(sections, section);
	}
	g_hash_table_unref(seen);
	return sections;
}

static const struct opt *
find_row(const struct command *cmd, const char *name)
{
	GPtrArray *rows = option_rows(cmd);
	const struct opt *found = NULL;

	for (guint i = 0; !found && i < rows->len; i++) {
		const struct opt *row = rows->pdata[i];

		if (strcmp(row->name, name) == 0 && config_has_row(row))
			found = row;
	}
	g_ptr_array_unref(rows);
	return found;
}

bool
config_elsewhere(const struct command *cmd, const char *name)
{
	return cmd->asks && !find_row(cmd, name) &&
	    find_row(command_find(cmd->asks), name);
}

char *
config_place(const struct ms_conf_setting *setting)
{
	if (setting->line == 0)
		return g_strdup(setting->file);
	return g_strdup_printf("%s:%u", setting->file, setting->line);
}

/* Does ROW allow the setting? */
static enum ms_status
check_row(const struct ms_conf_setting *setting, const struct opt *row,
    struct ms_error *err)
{
	guint count = g_strv_length((char **)(uintptr_t)setting->values);
	char *place = config_place(setting), *wanted = value_wanted(row);
	enum ms_status status = MS_OK;

	if (row->type != OPT_LIST && count != 1)
		status = ms_error_set(err, MS_E_FORMAT, "%s: %s wants one "
		    "value, %s", place, row->name, wanted);
	for (guint i = 0; status == MS_OK && i < count; i++)
		if (!value_fits(row, setting->values[i]))
			status = ms_error_set(err, MS_E_FORMAT, "%s: %s: '%s' "
			    "is not %s", place, row->name, setting->values[i],
			    wanted);
	g_free(wanted);
	g_free(place);
	return status;
}

static enum ms_status
fail_elsewhere(const struct ms_conf_setting *setting,
    const struct command *cmd, struct ms_error *err)
{
	char *place = config_place(setting);
	const enum ms_status status = ms_error_set(err, MS_E_FORMAT,
	    "%s: %s: " CONFIG_ELSEWHERE, place, setting->key, cmd->asks,
	    setting->key);

	g_free(place);
	return status;
}

/* Does any of those allow it whom it is for? */
static enum ms_status
check_setting(const struct ms_conf_setting *setting, struct ms_error *err)
{
	bool common = *setting->section == '\0' ||
	    strcmp(setting->section, PROFILE) == 0;
	enum ms_status status = MS_OK;

	for (size_t i = 0; commands[i]; i++) {
		const struct opt *row;

		if (!commands[i]->config || !(common ||
		    strcmp(section_of(commands[i]), setting->section) == 0))
			continue;
		row = find_row(commands[i], setting->key);
		if (!row && !common && config_elsewhere(commands[i],
		    setting->key))
			return fail_elsewhere(setting, commands[i], err);
		if (!row)
			continue;
		status = check_row(setting, row, err);
		if (status == MS_OK)
			break;
	}
	return status;
}

static enum ms_status
check_profile(const struct ms_conf *conf, const char *file,
    const char *profile, struct ms_error *err)
{
	const char **titles = ms_conf_titles(conf, PROFILE);
	const char *guess = ms_nearest(profile, titles);
	enum ms_status status = MS_OK;

	if (!g_strv_contains(titles, profile))
		status = ms_error_set(err, MS_E_USAGE, "%s: there is no "
		    "profile %s%s%s%s", file, profile,
		    guess ? "; did you mean " : "", guess ? guess : "",
		    guess ? "?" : "");
	g_free(titles);
	return status;
}

static enum ms_status
check(const struct ms_conf *conf, const char *file, const char *profile,
    struct ms_error *err)
{
	const GPtrArray *settings = ms_conf_settings(conf);
	enum ms_status status = MS_OK;

	for (guint i = 0; status == MS_OK && i < settings->len; i++)
		status = check_setting(settings->pdata[i], err);
	if (status == MS_OK && profile)
		status = check_profile(conf, file, profile, err);
	return status;
}

enum ms_status
config_open(const char *file, const char *profile, struct ms_conf **conf,
    struct ms_error *err)
{
	GPtrArray *lists = g_ptr_array_new_with_free_func(
	    (GDestroyNotify)g_ptr_array_unref);
	GArray *sections = make_sections(lists);
	const char *path = file ? file : CONFIG_DEFAULT;
	enum ms_status status = ms_conf_read(path, (const void *)sections->data,
	    conf, err);

	g_array_unref(sections);
	g_ptr_array_unref(lists);
	if (status == MS_END && !file && !profile)
		return MS_OK;
	if (status == MS_END)
		return ms_error_set(err, MS_E_USAGE, "there is no "
		    "configuration file %s", path);
	if (status == MS_E_IO && !file)
		ms_error_context(err, "the configuration cannot be read "
		    "(--config=/dev/null goes without)");
	if (status == MS_OK)
		status = check(*conf, path, profile, err);
	if (status != MS_OK) {
		ms_conf_free(*conf);
		*conf = NULL;
	}
	return status;
}

const struct ms_conf_setting *
config_find(const struct ms_conf *conf, const struct command *cmd,
    const char *profile, const char *name)
{
	const struct ms_conf_setting *setting = NULL;

	if (profile)
		setting = ms_conf_find(conf, PROFILE, profile, name);
	if (!setting)
		setting = ms_conf_find(conf, section_of(cmd), NULL, name);
	return setting ? setting : ms_conf_find(conf, "", NULL, name);
}

bool
config_has_section(const struct ms_conf *conf, const struct command *cmd)
{
	const GPtrArray *all = conf ? ms_conf_settings(conf) : NULL;

	for (guint i = 0; all && i < all->len; i++) {
		const struct ms_conf_setting *setting = all->pdata[i];

		if (strcmp(setting->section, section_of(cmd)) == 0)
			return true;
	}
	return false;
}
