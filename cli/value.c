#include "value.h"

#include "help.h"
#include "mailscan.h"

#include <stdio.h>
#include <string.h>

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

char *
value_wanted(const struct opt *opt)
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

bool
value_store(const struct opt *row, const char *value, void *into)
{
	return store[row->type](row, value,
	    (unsigned char *)into + row->to);
}

bool
value_fits(const struct opt *row, const char *value)
{
	union {
		bool flag;
		const char *string;
		int64_t number;
		uint64_t size;
		char **list;
		int choice;
	} scratch = { .list = NULL };
	bool fits = store[row->type](row, value, &scratch);

	if (row->type == OPT_LIST)
		g_strfreev(scratch.list);
	return fits;
}

/* Anything between quotes, as base/conftext.h reads it and no terminal is
 * hurt by it. */
static void
print_string(const char *text, GString *out)
{
	char *quoted = ms_quote_string(text);

	g_string_append_c(out, '"');
	for (const char *c = quoted; *c != '\0'; c++) {
		if (*c == '"')
			g_string_append_c(out, '\\');
		g_string_append_c(out, *c);
	}
	g_string_append_c(out, '"');
	g_free(quoted);
}

static void
print_size(uint64_t size, GString *out)
{
	static const char *const units[] = { "", "K", "M", "G" };
	size_t unit = 0;

	while (size > 0 && size % 1024 == 0 && unit < 3) {
		size /= 1024;
		unit++;
	}
	g_string_append_printf(out, "%" G_GUINT64_FORMAT "%s", size,
	    units[unit]);
}

static void
print_list(const char *const *list, GString *out)
{
	g_string_append(out, "{");
	for (const char *const *item = list; *item; item++) {
		g_string_append(out, item == list ? " " : ", ");
		print_string(*item, out);
	}
	g_string_append(out, " }");
}

static const char *
choice_name(const struct opt *row, int value)
{
	const struct opt_choice *c = row->choices;

	while (c->name && c->value != value)
		c++;
	return c->name;
}

bool
value_print(const struct opt *row, const void *from, GString *out)
{
	const void *field = (const unsigned char *)from + row->to;
	const char *name;

	switch (row->type) {
	case OPT_FLAG:
		g_string_append(out, *(const bool *)field ? "yes" : "no");
		return true;
	case OPT_NUMBER:
		g_string_append_printf(out, "%" G_GINT64_FORMAT,
		    *(const int64_t *)field);
		/* Some defaults are what nobody can ask for: none. */
		return value_fits(row, out->str);
	case OPT_SIZE:
		print_size(*(const uint64_t *)field, out);
		return value_fits(row, out->str);
	case OPT_CHOICE:
		name = choice_name(row, *(const int *)field);
		g_string_append(out, name ? name : "");
		return name != NULL;
	case OPT_STRING:
		if (!*(const char *const *)field)
			return false;
		print_string(*(const char *const *)field, out);
		return true;
	case OPT_LIST:
		if (!*(const char *const *const *)field)
			return false;
		print_list(*(const char *const *const *)field, out);
		return true;
	}
	return false;
}

bool
value_equal(const struct opt *row, const void *a, const void *b)
{
	GString *x = g_string_new(NULL), *y = g_string_new(NULL);
	bool same = value_print(row, a, x) == value_print(row, b, y) &&
	    g_string_equal(x, y);

	g_string_free(x, TRUE);
	g_string_free(y, TRUE);
	return same;
}

char *
value_socket(const char *text)
{
	return g_str_has_prefix(text, "unix:") ? g_strdup(text) :
	    g_strconcat("unix:", text, NULL);
}
