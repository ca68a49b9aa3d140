#include "mtaconf.h"

#include <string.h>

/* Of a path, or the end of it behind a slash. */
static bool
is_path(const char *word, const char *path)
{
	const size_t long_size = strlen(path), size = strlen(word);

	if (size == 0 || size > long_size ||
	    strcmp(path + long_size - size, word) != 0)
		return false;
	return size == long_size || path[long_size - size - 1] == '/';
}

/* NUMBER@HOST as sendmail writes it, HOST:NUMBER as Postfix does. */
static bool
is_port(const char *word, const char *port, size_t size)
{
	const char *colon = strrchr(word, ':');

	if (strncmp(word, port, size) == 0 &&
	    (word[size] == '\0' || word[size] == '@'))
		return true;
	return colon && strlen(colon + 1) == size &&
	    strncmp(colon + 1, port, size) == 0;
}

/* Does WORD name what NAME, an address of ours, is? */
static bool
is_named(const char *word, const char *name)
{
	static const char *const kinds[] = { "unix:", "local:", "inet:",
		"inet6:" };
	const char *path = ms_socketname_path(name);
	const char *port = strchr(name, ':') + 1;

	for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++)
		if ((i < 2) == !!path && g_str_has_prefix(word, kinds[i]))
			return path ? is_path(word + strlen(kinds[i]), path) :
			    is_port(word + strlen(kinds[i]), port,
			    strcspn(port, "@"));
	return false;
}

static bool
has_name(const char *text, const char *name)
{
	char **lines = g_strsplit(text, "\n", -1);
	bool has = false;

	for (char **line = lines; !has && *line; line++) {
		char **words = g_strsplit_set(*line, " \t\r,;'\"`={}", -1);

		for (char **w = words; !has && **line != '#' && *w; w++)
			has = is_named(*w, name);
		g_strfreev(words);
	}
	g_strfreev(lines);
	return has;
}

enum ms_status
mtaconf_check(const char *file, const char *listen, struct ms_error *err)
{
	char *name = ms_socketname(listen, err), *text = NULL;
	enum ms_status status = MS_OK;
	GError *error = NULL;

	if (!name)
		return MS_E_USAGE;
	if (!g_file_get_contents(file, &text, NULL, &error)) {
		status = ms_error_set(err, MS_E_IO, "%s", error->message);
		g_error_free(error);
	} else if (!has_name(text, name)) {
		status = ms_error_set(err, MS_E_USAGE, "%s: nothing there "
		    "names the filter at %s", file, name);
	}
	g_free(text);
	g_free(name);
	return status;
}
