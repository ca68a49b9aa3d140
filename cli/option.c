#include "option.h"

#include "exit.h"
#include "help.h"
#include "mailscan.h"

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
	int *status;
};

const struct opt option_common[] = {
	{ .name = "help", .short_name = 'h', .type = OPT_FLAG, .basic = true,
	  .section = "Help", .help = "show the usual options" },
	{ .name = "help-all", .type = OPT_FLAG, .basic = true,
	  .help = "show every option" },
	{ 0 },
};

int
option_error(const struct command *cmd, const char *format, ...)
{
	va_list ap;
	char *text, *quoted;

	va_start(ap, format);
	text = g_strdup_vprintf(format, ap);
	va_end(ap);
	quoted = ms_quote_string(text);
	fprintf(stderr, "mailscan: %s: %s\n", cmd->name, quoted);
	g_free(quoted);
	g_free(text);
	return EXIT_TROUBLE;
}

static bool
store_flag(const struct opt *opt, const char *value, void *field)
{
	(void)opt;
	if (strcmp(value, "yes") != 0 && strcmp(value, "no") != 0)
		return false;
	*(bool *)field = value[0] == 'y';
	return true;
}

static bool
store_string(const struct opt *opt, const char *value, void *field)
{
	(void)opt;
	*(const char **)field = value;
	return true;
}

static bool
in_range(const struct opt *opt, int64_t n)
{
	return n >= opt->min && (opt->max == 0 || n <= opt->max);
}

static bool
store_number(const struct opt *opt, const char *value, void *field)
{
	gint64 n;

	if (!g_ascii_string_to_signed(value, 10, INT64_MIN, INT64_MAX, &n,
	    NULL) || !in_range(opt, n))
		return false;
	*(int64_t *)field = n;
	return true;
}

static bool
store_size(const struct opt *opt, const char *value, void *field)
{
	static const char units[] = "KMG";
	size_t length = strlen(value);
	const char *unit = NULL;
	unsigned shift = 0;
	guint64 n;
	char *digits;
	bool good;

	if (length > 1)
		unit = strchr(units, g_ascii_toupper(value[length - 1]));
	if (unit != NULL)
		shift = 10 * (unsigned)(unit - units + 1);
	digits = g_strndup(value, unit != NULL ? length - 1 : length);
	good = g_ascii_string_to_unsigned(digits, 10, 0,
	    (uint64_t)INT64_MAX >> shift, &n, NULL);
	g_free(digits);
	if (!good || !in_range(opt, (int64_t)(n << shift)))
		return false;
	*(uint64_t *)field = n << shift;
	return true;
}

static bool
store_list(const struct opt *opt, const char *value, void *field)
{
	char ***list = field;
	guint n = *list != NULL ? g_strv_length(*list) : 0;

	(void)opt;
	*list = g_renew(char *, *list, n + 2);
	(*list)[n] = g_strdup(value);
	(*list)[n + 1] = NULL;
	return true;
}

static bool
store_choice(const struct opt *opt, const char *value, void *field)
{
	for (const struct opt_choice *c = opt->choices; c->name; c++)
		if (strcmp(c->name, value) == 0) {
			*(int *)field = c->value;
			return true;
		}
	return false;
}

/* Each stores VALUE, or answers false if the row does not allow it. */
static bool (*const store[])(const struct opt *opt, const char *value,
    void *field) = {
	[OPT_FLAG] = store_flag,
	[OPT_STRING] = store_string,
	[OPT_NUMBER] = store_number,
	[OPT_SIZE] = store_size,
	[OPT_LIST] = store_list,
	[OPT_CHOICE] = store_choice,
};

/* What the row wants, to follow "is not" or "wants". */
static char *
allowed(const struct opt *opt)
{
	static const char *const nouns[] = {
		[OPT_FLAG] = "yes or no",
		[OPT_NUMBER] = "a number",
		[OPT_SIZE] = "a size (bytes, or with K, M or G)",
		[OPT_CHOICE] = "one of",
	};
	GString *s = g_string_new(nouns[opt->type]);

	if (opt->type == OPT_STRING || opt->type == OPT_LIST)
		g_string_assign(s, opt->placeholder);
	if (opt->type == OPT_CHOICE)
		help_choices(s, opt);
	if (opt->type == OPT_NUMBER || opt->type == OPT_SIZE) {
		g_string_append_printf(s, " from %" G_GINT64_FORMAT, opt->min);
		if (opt->max != 0)
			g_string_append_printf(s, " to %" G_GINT64_FORMAT,
			    opt->max);
	}
	return g_string_free(s, FALSE);
}

/* Store VALUE, which came from what the user knows as ORIGIN. */
static bool
set(struct parse *p, const struct opt *opt, const char *origin,
    const char *value)
{
	char *wants;

	if (store[opt->type](opt, value, p->into + opt->to))
		return true;
	wants = allowed(opt);
	*p->status = option_error(p->cmd, "%s: '%s' is not %s", origin, value,
	    wants);
	g_free(wants);
	return false;
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

/* Edits (of one letter each) from A to B; 99 if either is absurdly long. */
static unsigned
distance(const char *a, const char *b)
{
	enum { LONGEST = 63 };
	unsigned row[LONGEST + 1];
	size_t na = strlen(a), nb = strlen(b);

	if (na > LONGEST || nb > LONGEST)
		return 99;
	for (size_t j = 0; j <= nb; j++)
		row[j] = (unsigned)j;
	for (size_t i = 1; i <= na; i++) {
		unsigned diagonal = row[0];

		row[0] = (unsigned)i;
		for (size_t j = 1; j <= nb; j++) {
			unsigned change = diagonal + (a[i - 1] != b[j - 1]);

			diagonal = row[j];
			row[j] = MIN(change, MIN(row[j], row[j - 1]) + 1);
		}
	}
	return row[nb];
}

/* The option that is most like NAME, or NULL if none is like it. */
static const char *
nearest(const struct parse *p, const char *name)
{
	size_t length = strlen(name);
	unsigned best = (unsigned)MAX(2, length / 3) + 1;
	const char *found = NULL;

	for (guint i = 0; i < p->rows->len; i++) {
		const struct opt *o = row(p, i);
		unsigned d = distance(name, o->name);

		/* What was cut short is a likely guess, too. */
		if (length >= 3 && strncmp(o->name, name, length) == 0)
			d = MIN(d, 2);
		if (d < best) {
			best = d;
			found = o->name;
		}
	}
	return found;
}

static bool
unknown(struct parse *p, const char *name)
{
	const char *guess = nearest(p, name);

	if (guess != NULL)
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
	help_command(p->cmd, opt != &option_common[0]);
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
	if (value == NULL && opt->type == OPT_FLAG)
		value = "yes";
	if (value == NULL && opt->type == OPT_STRING && opt->choices)
		value = opt->choices->name;
	if (value == NULL && p->next < p->argc)
		value = p->argv[p->next++];
	if (value != NULL)
		return set(p, opt, origin, value);
	wants = allowed(opt);
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

/* Take one row from the environment, if it has it. */
static bool
from_environment(struct parse *p, const struct opt *opt)
{
	char *name = g_strconcat("MAILSCAN_", opt->name, NULL);
	const char *value;
	bool good = true;

	for (char *c = name; *c != '\0'; c++)
		*c = *c == '-' ? '_' : g_ascii_toupper(*c);
	value = getenv(name);
	if (value != NULL && value[0] != '\0' && opt->type == OPT_LIST) {
		char **lines = g_strsplit(value, "\n", -1);

		for (char **l = lines; *l != NULL; l++)
			if (**l != '\0')
				good = good && set(p, opt, name, *l);
		g_strfreev(lines);
	} else if (value != NULL && value[0] != '\0') {
		good = set(p, opt, name, value);
	}
	g_free(name);
	return good;
}

int
option_parse(const struct command *cmd, int argc, char **argv, void *into,
    int *status)
{
	struct parse p = { .cmd = cmd, .argc = argc, .argv = argv,
		.into = into, .next = 1, .status = status };
	bool good;

	p.rows = option_rows(cmd);
	p.seen = g_new0(bool, p.rows->len);
	good = parse_arguments(&p);
	for (guint i = 0; good && i < p.rows->len; i++)
		good = p.seen[i] || is_common(row(&p, i)) ||
		    from_environment(&p, row(&p, i));
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
