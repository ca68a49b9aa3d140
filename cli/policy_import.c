#include "policy_import.h"

#include "exit.h"
#include "mailscan.h"

#include <stdio.h>
#include <string.h>

/* Nobody has more of these than fit here. */
enum { FILE_BYTES_MAX = 64 << 20 };

struct import {
	const struct command *cmd;
	const char *file;
	unsigned line;
	GString *out;
	GString *second;	/* what follows that */
	GPtrArray *lists[2];	/* of char *: elements and remarks */
	bool wrong;
	bool any;		/* simcontrol: a line for all */
};

typedef void import_line(struct import *import, char *line);

static void G_GNUC_PRINTF(2, 3)
fail(struct import *import, const char *format, ...)
{
	va_list ap;
	char *text;

	va_start(ap, format);
	text = g_strdup_vprintf(format, ap);
	va_end(ap);
	if (!import->wrong)
		(void)option_error(import->cmd, "%s:%u: %s", import->file,
		    import->line, text);
	g_free(text);
	import->wrong = true;
}

/* Who takes the lines of a file. */
struct taking {
	struct import *import;
	import_line *take;
};

static enum ms_status
take_line(void *arg, const struct ms_listfile_line *line,
    struct ms_error *err)
{
	const struct taking *taking = arg;
	struct import *import = taking->import;

	(void)err;
	import->line = line->number;
	if (line->end > FILE_BYTES_MAX ||
	    memchr(line->text, '\0', line->size))
		fail(import, "this is no such file");
	else
		taking->take(import, g_strstrip(line->text));
	return import->wrong ? MS_E_FORMAT : MS_OK;
}

/* Call TAKE with each line of the file. */
static bool
each_line(struct import *import, import_line *take)
{
	struct taking taking = { import, take };
	struct ms_error err;

	if (ms_listfile_read(import->file, take_line, &taking, &err) ==
	    MS_E_IO) {
		(void)option_error(import->cmd, "%s", err.text);
		import->wrong = true;
	}
	return !import->wrong;
}

/* What simscan's makers take for the end of a word. */
#define SIMSCAN_ENDS " =\t\r\n,\"'"

/* The settings of a line, which *REMARKS is about, as policy maps have them;
 * both for g_free(). */
static char *
settings_of(struct import *import, const char *text, char **remarks)
{
	char **words = g_strsplit_set(text, SIMSCAN_ENDS, -1);
	GString *out = g_string_new(NULL), *left = g_string_new(NULL);
	const char *name = NULL;

	for (char **w = words; *w; w++) {
		struct ms_settings settings;
		char *one;

		if (**w == '\0')
			continue;
		if (!name) {
			name = *w;
			continue;
		}
		one = g_strdup_printf("%s=%s", name, *w);
		if (ms_settings_parse(one, &settings, NULL) == MS_OK) {
			if (out->len > 0)
				g_string_append_c(out, ',');
			ms_settings_print(&settings, out);
		} else {
			g_string_append_printf(left, "%s %s",
			    left->len > 0 ? "," : "; without", one);
		}
		ms_settings_clear(&settings);
		g_free(one);
		name = NULL;
	}
	if (name)
		fail(import, "%s has no value", name);
	g_strfreev(words);
	*remarks = g_string_free(left, FALSE);
	return g_string_free(out, FALSE);
}

/* simscan starts with nothing on; we do not. */
static char *
all_off(const char *text)
{
	static const char *const names[] = { "clam", "spam", "trophie" };
	GString *out = g_string_new(text);
	struct ms_settings settings;

	if (ms_settings_parse(text, &settings, NULL) == MS_OK)
		for (int i = 0; i < (int)G_N_ELEMENTS(names); i++)
			if (!ms_settings_has(&settings,
			    (enum ms_settings_field)(MS_SETTINGS_CLAM + i)))
				g_string_append_printf(out, "%s%s=no",
				    out->len > 0 ? "," : "", names[i]);
	ms_settings_clear(&settings);
	return g_string_free(out, FALSE);
}

static void
take_simcontrol(struct import *import, char *line)
{
	char *colon = strchr(line, ':'), *quoted, *remarks, *text, *key;

	if (*line == '\0')
		return;
	quoted = ms_quote_string(line);
	if (*line == '#') {
		g_string_append_printf(import->out, "%s # line %u; simscan "
		    "took this for a policy all the same\n", quoted,
		    import->line);
		g_free(quoted);
		return;
	}
	if (!colon) {
		fail(import, "want ADDRESS:NAME=VALUE,..., not %s", line);
		g_free(quoted);
		return;
	}
	key = g_ascii_strdown(line, colon - line);
	(void)g_strstrip(key);
	text = settings_of(import, colon + 1, &remarks);
	if (*key == '\0' && !import->any) {
		char *all = all_off(text);

		g_free(text);
		text = all;
		import->any = true;
	}
	g_string_append_printf(import->out, "%s:%s # line %u%s\n", key, text,
	    import->line, remarks);
	g_free(quoted);
	g_free(remarks);
	g_free(text);
	g_free(key);
}

static void
begin_simcontrol(struct import *import, const char *quoted)
{
	g_string_append_printf(import->out, "# From %s. In mailscan.conf(5):\n"
	    "#\tpolicy-map = { \"THIS FILE\" }\n"
	    "#\tpolicy-conflict = last # simscan: the last recipient's\n",
	    quoted);
}

static void
end_simcontrol(struct import *import)
{
	if (!import->any)
		g_string_append(import->out, ":clam=no,spam=no,trophie=no # "
		    "simscan scans nothing of whom no line is about: take "
		    "this away\n");
}

/* An element of a list in a configuration. */
static void
add_element(GPtrArray *list, const char *text, char *remark)
{
	GString *out = g_string_new("\"");

	for (const char *p = text; *p != '\0'; p++) {
		if (*p == '"' || *p == '\\')
			g_string_append_c(out, '\\');
		g_string_append_c(out, *p);
	}
	g_string_append_c(out, '"');
	g_ptr_array_add(list, g_string_free(out, FALSE));
	g_ptr_array_add(list, remark);
}

/* The list NAME of elements and their remarks. */
static void
put_list(struct import *import, const char *name, const GPtrArray *list)
{
	if (list->len == 0)
		return;
	g_string_append_printf(import->out, "%s = {\n", name);
	for (guint i = 0; i < list->len; i += 2) {
		char *quoted = ms_quote_string(list->pdata[i + 1]);

		g_string_append_printf(import->out, "\t%s%s # %s\n",
		    (char *)list->pdata[i], i + 2 < list->len ? "," : "",
		    quoted);
		g_free(quoted);
	}
	g_string_append(import->out, "}\n");
}

static void
take_ssattach(struct import *import, char *line)
{
	if (*line == '\0')
		return;
	add_element(import->lists[0], line, g_strdup_printf("line %u",
	    import->line));
}

static void
end_ssattach(struct import *import)
{
	put_list(import, "block-name", import->lists[0]);
}

/* Characters that basic expressions have as they are, and others escaped, or
 * the other way round. */
static const char swapped[] = "(){}+?|";

/* The basic expression TEXT for "<an address>" as one of ours for the address
 * alone; NULL: it never matched any. */
static char *
convert(const char *text)
{
	GString *out = g_string_new("re:");
	bool set = false;	/* in [...] */

	for (const char *p = text; *p != '\0'; p++) {
		if (set || *p == '[') {
			set = !(set && *p == ']' && p[-1] != '[' &&
			    !(p[-1] == '^' && p[-2] == '['));
			g_string_append_c(out, *p);
		} else if (*p == '\\' && p[1] != '\0') {
			if (!strchr(swapped, *++p))
				g_string_append_c(out, '\\');
			g_string_append_c(out, *p);
		} else if (*p == '<' || *p == '>') {
			g_string_append_c(out, *p == '<' ? '^' : '$');
		} else if ((*p == '^' && p[1] != '<' && p == text) ||
		    (*p == '$' && p[1] == '\0' && p > text &&
		    p[-1] != '>')) {
			g_string_free(out, TRUE);
			return NULL;
		} else {
			if (strchr(swapped, *p) || (*p == '*' && p == text))
				g_string_append_c(out, '\\');
			g_string_append_c(out, *p);
		}
	}
	return g_string_free(out, FALSE);
}

static void
take_whitelist(struct import *import, char *line)
{
	static const char *const words[] = { "From:", "To:" };
	const char *rest = line;
	GPtrArray *list = import->lists[1];
	char *pattern;
	size_t size;

	if (*line == '\0' || strchr("#!:/", *line))
		return;
	for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
		if (g_ascii_strncasecmp(line, words[i], strlen(words[i])) ==
		    0) {
			list = import->lists[i];
			rest = line + strlen(words[i]);
			rest += strspn(rest, " \t");
		}
	size = strlen(rest);
	if (size > 1 && *rest == '<' && strcspn(rest + 1, "<>") == size - 2 &&
	    rest[size - 1] == '>') {
		pattern = size == 2 ? g_strdup("<>") :
		    g_strndup(rest + 1, size - 2);
	} else {
		pattern = convert(rest);
	}
	if (pattern)
		add_element(list, pattern, g_strdup_printf("line %u: %s",
		    import->line, line));
	else
		g_string_append_printf(import->second, "# line %u: that was "
		    "never found, as there are < and > around addresses\n",
		    import->line);
	g_free(pattern);
}

static void
end_whitelist(struct import *import)
{
	put_list(import, "allow-from", import->lists[0]);
	put_list(import, "allow-to", import->lists[1]);
	g_string_append(import->out, import->second->str);
}

static void
begin_settings(struct import *import, const char *quoted)
{
	g_string_append_printf(import->out, "# From %s: see "
	    "mailscan.conf(5)\n", quoted);
}

static const struct {
	const char *name;
	void (*begin)(struct import *import, const char *quoted);
	import_line *take;
	void (*end)(struct import *import);
} kinds[] = {
	{ "simcontrol", begin_simcontrol, take_simcontrol, end_simcontrol },
	{ "ssattach", begin_settings, take_ssattach, end_ssattach },
	{ "whitelist-file", begin_settings, take_whitelist, end_whitelist },
};

bool
policy_import_knows(const char *kind)
{
	for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++)
		if (strcmp(kinds[i].name, kind) == 0)
			return true;
	return false;
}

int
policy_import(const struct command *cmd, const char *kind, const char *file)
{
	struct import import = { .cmd = cmd, .file = file };
	char *quoted = ms_quote_string(file);
	bool good = false;
	size_t i = 0;

	import.out = g_string_new(NULL);
	import.second = g_string_new(NULL);
	for (size_t k = 0; k < G_N_ELEMENTS(import.lists); k++)
		import.lists[k] = g_ptr_array_new_with_free_func(g_free);
	while (i < G_N_ELEMENTS(kinds) && strcmp(kinds[i].name, kind) != 0)
		i++;
	if (i == G_N_ELEMENTS(kinds)) {
		(void)option_error(cmd, "import: %s is none of "
		    POLICY_IMPORT_KINDS, kind);
	} else {
		kinds[i].begin(&import, quoted);
		good = each_line(&import, kinds[i].take);
	}
	if (good) {
		kinds[i].end(&import);
		(void)fputs(import.out->str, stdout);
	}
	for (size_t k = 0; k < G_N_ELEMENTS(import.lists); k++)
		g_ptr_array_unref(import.lists[k]);
	g_string_free(import.second, TRUE);
	g_string_free(import.out, TRUE);
	g_free(quoted);
	return good ? EXIT_CLEAN : EXIT_TROUBLE;
}
