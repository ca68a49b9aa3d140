#include "block_options.h"

#include "scan_rows.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct opt block_options_rows[] = {
	{ "block-name", 0, OPT_LIST, false, "Blocking", "PATTERN",
	  "mail must not have files called so: .exe, *.do?, re:EXPRESSION; "
	  "several with commas between", TO(block_names) },
	{ "block-name-file", 0, OPT_LIST, false, NULL, "FILE",
	  "the patterns in FILE, one a line, as simscan's ssattach",
	  TO(block_name_files) },
	{ "block-double-ext", 0, OPT_FLAG, false, NULL, NULL,
	  "nor files with two extensions, the last one harmful",
	  TO(block_double_ext) },
	{ "block-type", 0, OPT_LIST, false, NULL, "TYPE",
	  "nor contents that are so: executable, script, office-macro, "
	  "archive, image/*", TO(block_types) },
	{ "block-regex", 0, OPT_LIST, false, NULL, "RULE",
	  "nor texts with this: [NAME=]body:/EXPRESSION/, raw:/.../, "
	  "header:/.../ or header:FIELD:/.../", TO(block_regexes) },
	{ 0 },
};

/* Add the patterns in TEXT, between commas; an expression goes to the end. */
static void
add_split(const char *text, GPtrArray *list)
{
	while (*text) {
		size_t n = g_str_has_prefix(text, "re:") ? strlen(text) :
		    strcspn(text, ",");

		if (n > 0)
			g_ptr_array_add(list, g_strndup(text, n));
		text += n;
		text += *text == ',';
	}
}

/* Is the pattern at TEXT, which is to have SIZE bytes, one? */
static enum ms_status
check_pattern(const char *text, size_t size, struct ms_error *err)
{
	const char *const names[] = { text, NULL };
	const struct ms_rulebook_config config = { .names = names };
	struct ms_rulebook *rules = NULL;
	enum ms_status status;

	if (strlen(text) != size)
		return ms_error_set(err, MS_E_USAGE, "there is a NUL in it");
	status = ms_rulebook_new(&config, &rules, err);
	ms_rulebook_free(rules);
	return status;
}

static bool
add_file(const struct command *cmd, const char *file, GPtrArray *list)
{
	FILE *stream = fopen(file, "re");
	char *line = NULL;
	size_t room = 0;
	bool good = true;
	ssize_t size;

	if (!stream) {
		(void)option_error(cmd, "--block-name-file: %s: %s", file,
		    strerror(errno));
		return false;
	}
	for (unsigned n = 1; good && list->len <= MS_RULEBOOK_MAX &&
	    (size = getline(&line, &room, stream)) >= 0; n++) {
		const char *text = line;
		struct ms_error err;

		while (size > 0 && g_ascii_isspace(line[size - 1]))
			line[--size] = '\0';
		size -= (ssize_t)strspn(text, " \t\r\n\v\f");
		text += strspn(text, " \t\r\n\v\f");
		if (size == 0 || *text == '#')
			continue;
		good = check_pattern(text, (size_t)size, &err) == MS_OK;
		if (good)
			g_ptr_array_add(list, g_strdup(text));
		else
			(void)option_error(cmd, "--block-name-file: %s:%u: %s",
			    file, n, err.text);
	}
	if (ferror(stream)) {
		good = false;
		(void)option_error(cmd, "--block-name-file: %s: cannot be "
		    "read", file);
	}
	free(line);
	(void)fclose(stream);
	return good;
}

static void
add_all(const char *const *from, GPtrArray *list)
{
	for (; from && *from; from++)
		g_ptr_array_add(list, g_strdup(*from));
}

/* LIST as such a list, which it stays the owner of. */
static const char *const *
ended(GPtrArray *list)
{
	g_ptr_array_add(list, NULL);
	return (const char *const *)list->pdata;
}

bool
block_options_rules(const struct command *cmd,
    const struct scan_options *options,
    const struct ms_rulebook_config *more, struct ms_rulebook **rules)
{
	GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
	GPtrArray *types = g_ptr_array_new_with_free_func(g_free);
	GPtrArray *regexes = g_ptr_array_new_with_free_func(g_free);
	struct ms_rulebook_config config = {
		.double_extension = options->block_double_ext,
	};
	const char *const *a;
	struct ms_error err;
	bool good = true;

	*rules = NULL;
	for (a = options->block_names; a && *a; a++)
		add_split(*a, names);
	for (a = options->block_name_files; a && *a && good; a++)
		good = add_file(cmd, *a, names);
	for (a = options->block_types; a && *a; a++)
		add_split(*a, types);
	add_all(options->block_regexes, regexes);
	if (more) {
		add_all(more->names, names);
		add_all(more->types, types);
		add_all(more->regexes, regexes);
		config.double_extension |= more->double_extension;
	}
	config.names = ended(names);
	config.types = ended(types);
	config.regexes = ended(regexes);
	if (good && ms_rulebook_new(&config, rules, &err) != MS_OK) {
		(void)option_error(cmd, "what is to be blocked: %s",
		    err.text);
		good = false;
	}
	g_ptr_array_unref(regexes);
	g_ptr_array_unref(types);
	g_ptr_array_unref(names);
	return good;
}
