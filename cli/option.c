#include "option.h"

#include "config.h"
#include "scanner_options.h"
#include "exit.h"
#include "help.h"
#include "mailscan.h"
#include "places.h"
#include "value.h"

#include <glib.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One command line on its way. */
struct parse {
	const struct command *cmd;
	int argc;
	char **argv;
	unsigned char *into;
	int next;		/* the argument to read next */
	int operands;
	GPtrArray *rows;	/* of const struct opt * */
	bool *seen;		/* by index of those */
	char **origins;		/* likewise, of what was not given; or NULL */
	int *status;
	const char *file, *profile;	/* --config and --profile */
	const struct ms_conf *conf;	/* NULL: none */
};

const struct opt option_config[] = {
	{ .name = "config", .short_name = 'c', .type = OPT_STRING,
	  .basic = true, .section = "Configuration", .placeholder = "FILE",
	  .help = "instead of " CONFIG_DEFAULT,
	  .to = offsetof(struct parse, file) },
	{ .name = "profile", .type = OPT_STRING, .basic = true,
	  .placeholder = "NAME",
	  .help = "use the section 'profile NAME' of that file",
	  .to = offsetof(struct parse, profile) },
	{ 0 },
};

const struct opt option_common[] = {
	{ .name = "help", .short_name = 'h', .type = OPT_FLAG, .basic = true,
	  .section = "Help", .help = "show the usual options" },
	{ .name = "help-all", .type = OPT_FLAG, .basic = true,
	  .help = "show every option" },
	{ 0 },
};

/* NULL: errors are explained on stderr. */
static GString *errors;

void
option_errors_to(GString *text)
{
	errors = text;
}

int
option_error(const struct command *cmd, const char *format, ...)
{
	va_list ap;
	char *text, *quoted;

	va_start(ap, format);
	text = places_say(g_strdup_vprintf(format, ap));
	va_end(ap);
	quoted = ms_quote_string(text);
	if (errors)
		g_string_append_printf(errors, "%s\n", text);
	else
		fprintf(stderr, "mailscan: %s: %s\n", cmd->name, quoted);
	g_free(quoted);
	g_free(text);
	return EXIT_TROUBLE;
}

void
option_warning(const struct command *cmd, const char *format, ...)
{
	va_list ap;
	char *text, *quoted;

	va_start(ap, format);
	text = places_say(g_strdup_vprintf(format, ap));
	va_end(ap);
	quoted = ms_quote_string(text);
	fprintf(stderr, "mailscan: %s: warning: %s\n", cmd->name, quoted);
	g_free(quoted);
	g_free(text);
}

int
option_no_word(const struct command *cmd, const char *word)
{
	char **words = g_strsplit(cmd->words, " ", -1);
	GString *all = g_string_new(NULL);
	int status;

	for (char **w = words; *w; w++)
		g_string_append_printf(all, "%s%s", w == words ? "" :
		    w[1] ? ", " : " or ", *w);
	if (word)
		status = option_error(cmd, "there is no '%s %s': want %s",
		    cmd->name, word, all->str);
	else
		status = option_error(cmd, "what is to be done? %s", all->str);
	g_string_free(all, TRUE);
	g_strfreev(words);
	return status;
}

static void
add_rows(GPtrArray *list, const struct opt *rows)
{
	/* The cast leads to no write. */
	for (; rows->name != NULL; rows++)
		g_ptr_array_add(list, (void *)(uintptr_t)rows);
}

GPtrArray *
option_rows(const struct command *cmd)
{
	GPtrArray *list = g_ptr_array_new();

	for (const struct opt *const *t = cmd->options; t && *t; t++)
		add_rows(list, *t);
	if (cmd->config)
		add_rows(list, option_config);
	add_rows(list, option_common);
	return list;
}

static const struct opt *
row(const struct parse *p, guint i)
{
	return p->rows->pdata[i];
}

static bool
is_common(const struct opt *opt)
{
	return opt >= option_common &&
	    opt < option_common + G_N_ELEMENTS(option_common);
}

/* Those that are the parser's own. */
static bool
is_config(const struct opt *opt)
{
	return opt >= option_config &&
	    opt < option_config + G_N_ELEMENTS(option_config);
}

/* Is it set already, by this name or by another one of the same? */
static bool
is_seen(const struct parse *p, const struct opt *opt)
{
	for (guint i = 0; i < p->rows->len; i++)
		if (p->seen[i] && row(p, i)->to == opt->to &&
		    is_config(row(p, i)) == is_config(opt))
			return true;
	return false;
}

/* Store VALUE, which came from what the user knows as ORIGIN. */
static bool
set(struct parse *p, const struct opt *opt, const char *origin,
    const char *value)
{
	char *wants;

	if (value_store(opt, value,
	    is_config(opt) ? (void *)p : p->into))
		return true;
	wants = value_wanted(opt);
	*p->status = option_error(p->cmd, "%s: '%s' is not %s", origin, value,
	    wants);
	g_free(wants);
	return false;
}

/* The row called NAME (SIZE characters), or NULL. */
static const struct opt *
find_name(const struct parse *p, const char *name, size_t size)
{
	for (guint i = 0; i < p->rows->len; i++)
		if (strlen(row(p, i)->name) == size &&
		    memcmp(row(p, i)->name, name, size) == 0)
			return row(p, i);
	return NULL;
}

static const struct opt *
find_short(const struct parse *p, char short_name)
{
	for (guint i = 0; i < p->rows->len; i++)
		if (row(p, i)->short_name == short_name)
			return row(p, i);
	return NULL;
}

/* The option that is most like NAME, or NULL if none is like it. */
static const char *
nearest(const struct parse *p, const char *name)
{
	const char **names = g_new0(const char *, p->rows->len + 1);
	const char *found;

	for (guint i = 0; i < p->rows->len; i++)
		names[i] = row(p, i)->name;
	found = ms_nearest(name, names);
	g_free(names);
	return found;
}

static bool
unknown(struct parse *p, const char *name)
{
	const char *guess = nearest(p, name);

	if (config_elsewhere(p->cmd, name))
		*p->status = option_error(p->cmd, "--%s: " CONFIG_ELSEWHERE,
		    name, p->cmd->asks, name);
	else if (guess != NULL)
		*p->status = option_error(p->cmd, "there is no option --%s; "
		    "did you mean --%s?", name, guess);
	else
		*p->status = option_error(p->cmd, "there is no option --%s; "
		    "--help-all shows all that there are", name);
	return false;
}

static bool
show_help(struct parse *p, const struct opt *opt)
{
	help_command(p->cmd, p->operands > 0 ? p->argv[1] : NULL,
	    opt != &option_common[0]);
	*p->status = EXIT_CLEAN;
	return false;
}

/* Store VALUE, or the next argument if it is NULL and the row wants one. */
static bool
use(struct parse *p, const struct opt *opt, const char *origin,
    const char *value)
{
	char *wants;

	guint index = 0;

	if (is_common(opt))
		return show_help(p, opt);
	while (row(p, index) != opt)
		index++;
	p->seen[index] = true;
	places_note(opt->name, NULL, true);
	if (value == NULL && opt->type == OPT_FLAG)
		value = "yes";
	if (value == NULL && opt->choices && (opt->type == OPT_STRING ||
	    opt->type == OPT_LIST))
		value = opt->choices->name;
	if (value == NULL && p->next < p->argc)
		value = p->argv[p->next++];
	if (value != NULL)
		return set(p, opt, origin, value);
	wants = value_wanted(opt);
	*p->status = option_error(p->cmd, "%s wants %s after it", origin,
	    wants);
	g_free(wants);
	return false;
}

/* --name, --name=value, --no-name; ARG starts behind the hyphens. */
static bool
parse_long(struct parse *p, const char *arg)
{
	const char *equals = strchr(arg, '=');
	size_t size = equals ? (size_t)(equals - arg) : strlen(arg);
	const struct opt *opt = find_name(p, arg, size);
	const char *value = equals ? equals + 1 : NULL;
	char *name;
	bool good;

	if (opt == NULL && value == NULL && strncmp(arg, "no-", 3) == 0) {
		opt = find_name(p, arg + 3, size - 3);
		if (opt != NULL && (opt->type != OPT_FLAG || is_common(opt)))
			opt = NULL;
		value = "no";
	}
	name = g_strndup(arg, size);
	if (opt == NULL) {
		good = unknown(p, name);
	} else {
		char *origin = g_strconcat("--", name, NULL);

		good = use(p, opt, origin, value);
		g_free(origin);
	}
	g_free(name);
	return good;
}

/* -r, -ri, -j4, -j 4; ARG starts behind the hyphen. */
static bool
parse_short(struct parse *p, const char *arg)
{
	for (; *arg != '\0'; arg++) {
		const struct opt *opt = find_short(p, *arg);
		char origin[] = { '-', *arg, '\0' };
		const char *value = NULL;

		if (opt == NULL) {
			*p->status = option_error(p->cmd, "there is no option "
			    "%s; --help-all shows all that there are", origin);
			return false;
		}
		if (opt->type != OPT_FLAG && arg[1] != '\0')
			value = arg + 1;
		if (!use(p, opt, origin, value))
			return false;
		if (opt->type != OPT_FLAG)
			return true;
	}
	return true;
}

/* "--" makes operands of all that follow; "-" is one. */
static bool
parse_arguments(struct parse *p)
{
	bool only_operands = false;

	while (p->next < p->argc) {
		char *arg = p->argv[p->next++];
		bool good = true;

		if (only_operands || arg[0] != '-' || arg[1] == '\0')
			p->argv[++p->operands] = arg;
		else if (strcmp(arg, "--") == 0)
			only_operands = true;
		else if (arg[1] == '-')
			good = parse_long(p, arg + 2);
		else
			good = parse_short(p, arg + 1);
		if (!good)
			return false;
	}
	return true;
}

/* MAILSCAN_MAX_FILESIZE, for g_free(). */
static char *
variable_of(const struct opt *opt)
{
	char *name = g_strconcat("MAILSCAN_", opt->name, NULL);

	for (char *c = name; *c != '\0'; c++)
		*c = *c == '-' ? '_' : g_ascii_toupper(*c);
	return name;
}

/* Take row I from the environment, if it has it. */
static bool
from_environment(struct parse *p, guint i)
{
	const struct opt *opt = row(p, i);
	char *name = variable_of(opt);
	const char *value = getenv(name);
	bool good = true;

	if (value && value[0] != '\0') {
		char **lines = opt->type == OPT_LIST ?
		    g_strsplit(value, "\n", -1) : NULL;

		if (!lines)
			good = set(p, opt, name, value);
		for (char **l = lines; l && *l != NULL; l++)
			if (**l != '\0')
				good = good && set(p, opt, name, *l);
		g_strfreev(lines);
		p->seen[i] = true;
		places_note(opt->name, name, false);
		if (p->origins)
			p->origins[i] = g_strdup(name);
	}
	g_free(name);
	return good;
}

/* Take scanners from their sections. */
static bool
from_sections(struct parse *p, const struct opt *opt)
{
	const char **titles = ms_conf_titles(p->conf, SCANNER_SECTION);
	bool good = true;

	for (const char **title = titles; *title && good; title++) {
		char *word = scanner_options_word(p->conf, *title);

		good = set(p, opt, SCANNER_SECTION, g_intern_string(word));
		g_free(word);
	}
	g_free(titles);
	return good;
}

/* Likewise from the configuration file. */
static bool
from_file(struct parse *p, guint i)
{
	const struct opt *opt = row(p, i);
	const struct ms_conf_setting *setting = config_find(p->conf, p->cmd,
	    p->profile, opt->name);
	char *place, *origin;
	bool good = true;

	if (strcmp(opt->name, scanner_options_rows[0].name) == 0 &&
	    !from_sections(p, opt))
		return false;
	if (!setting)
		return true;
	place = config_place(setting);
	origin = g_strconcat(place, ": ", opt->name, NULL);
	/* Strings live as long as the command line does. */
	for (const char *const *v = setting->values; good && *v; v++)
		good = set(p, opt, origin, g_intern_string(*v));
	p->seen[i] = true;
	places_note(opt->name, place,
	    strcmp(setting->section, p->cmd->name) == 0);
	if (p->origins)
		p->origins[i] = g_strdup(place);
	g_free(origin);
	g_free(place);
	return good;
}

/* Take from FROM what is not set, row by row. WHICH are the parser's own rows,
 * or all others. */
static bool
fill(struct parse *p, bool (*from)(struct parse *p, guint i), bool which)
{
	bool good = true;

	for (guint i = 0; good && i < p->rows->len; i++)
		if (!is_common(row(p, i)) && is_config(row(p, i)) == which &&
		    !is_seen(p, row(p, i)))
			good = from(p, i);
	return good;
}

/* Open the file and look for the profile. */
static bool
read_config(struct parse *p, struct ms_conf **conf)
{
	struct ms_error err = { "" };

	if (config_open(p->file, p->profile, conf, &err) == MS_OK) {
		p->conf = *conf;
		return true;
	}
	*p->status = option_error(p->cmd, "%s", err.text);
	return false;
}

int
option_parse(const struct command *cmd, int argc, char **argv, void *into,
    int *status)
{
	struct parse p = { .cmd = cmd, .argc = argc, .argv = argv,
		.into = into, .next = 1, .status = status };
	struct ms_conf *conf = NULL;
	bool good;

	places_forget();
	p.rows = option_rows(cmd);
	p.seen = g_new0(bool, p.rows->len);
	good = parse_arguments(&p) && fill(&p, from_environment, true) &&
	    (!cmd->config || read_config(&p, &conf)) &&
	    fill(&p, from_environment, false) &&
	    (!conf || fill(&p, from_file, false));
	ms_conf_free(conf);
	g_free(p.seen);
	g_ptr_array_unref(p.rows);
	if (!good) {
		option_free(cmd, into);
		return -1;
	}
	if (argc > 0)
		argv[p.operands + 1 < argc ? p.operands + 1 : argc] = NULL;
	return p.operands;
}

bool
option_settle(const struct command *cmd, const struct ms_conf *conf,
    const char *profile, bool environment, void *into, char **origins)
{
	int status;
	struct parse p = { .cmd = cmd, .into = into, .origins = origins,
		.profile = profile, .conf = conf, .status = &status };
	bool good;

	places_forget();
	p.rows = option_rows(cmd);
	p.seen = g_new0(bool, p.rows->len);
	for (guint i = 0; i < p.rows->len; i++)
		origins[i] = NULL;
	good = (!environment || fill(&p, from_environment, false)) &&
	    (!conf || fill(&p, from_file, false));
	for (guint i = 0; !good && i < p.rows->len; i++)
		g_clear_pointer(&origins[i], g_free);
	g_free(p.seen);
	g_ptr_array_unref(p.rows);
	return good;
}

void
option_free(const struct command *cmd, void *into)
{
	GPtrArray *rows = option_rows(cmd);

	for (guint i = 0; i < rows->len; i++) {
		const struct opt *o = rows->pdata[i];

		if (o->type == OPT_LIST) {
			char ***list = (void *)((unsigned char *)into + o->to);

			g_strfreev(*list);
			*list = NULL;
		}
	}
	g_ptr_array_unref(rows);
}

int
option_run(const struct command *cmd, int argc, char **argv,
    option_work *work)
{
	void *options = g_malloc0(cmd->size);
	int status = EXIT_TROUBLE;
	int count;

	cmd->defaults(options);
	count = option_parse(cmd, argc, argv, options, &status);
	if (count >= 0)
		status = work(cmd, options, count, argv + 1);
	option_free(cmd, options);
	g_free(options);
	return status;
}
