#include "policy/settings.h"

#include "base/nearest.h"
#include "engine/spamc.h"

#include <math.h>
#include <string.h>

static const struct {
	const char *name;	/* as it is printed */
	enum ms_settings_field field;
} names[] = {
	{ "clam", MS_SETTINGS_CLAM },
	{ "spam", MS_SETTINGS_SPAM },
	{ "trophie", MS_SETTINGS_SOPHIE },
	{ "spam_hits", MS_SETTINGS_HITS },
	{ "spam_passthru", MS_SETTINGS_PASSTHRU },
	{ "spamuser", MS_SETTINGS_USER },
	{ "attach", MS_SETTINGS_ATTACH },
	{ "regex", MS_SETTINGS_REGEX },
	{ "qmailqueue", MS_SETTINGS_NEXT },
	/* and as it may be written, too */
	{ "sophie", MS_SETTINGS_SOPHIE },
	{ "spam_user", MS_SETTINGS_USER },
	{ "next", MS_SETTINGS_NEXT },
};

#define BIT(field) (1u << (field))

/* Where the truth of FIELD is; NULL: it is none. */
static bool *
truth_of(struct ms_settings *s, int field)
{
	switch (field) {
	case MS_SETTINGS_CLAM:
		return &s->clam;
	case MS_SETTINGS_SPAM:
		return &s->spam;
	case MS_SETTINGS_SOPHIE:
		return &s->sophie;
	case MS_SETTINGS_PASSTHRU:
		return &s->passthru;
	default:
		return NULL;
	}
}

static char **
text_of(struct ms_settings *s, int field)
{
	return field == MS_SETTINGS_USER ? &s->user :
	    field == MS_SETTINGS_NEXT ? &s->next : NULL;
}

static char ***
list_of(struct ms_settings *s, int field)
{
	return field == MS_SETTINGS_ATTACH ? &s->attach :
	    field == MS_SETTINGS_REGEX ? &s->regex : NULL;
}

/* FIELD, by the name in the SIZE bytes at TEXT; MS_SETTINGS_FIELDS: none. */
static int
field_of(const char *text, size_t size)
{
	char *name = g_ascii_strdown(text, (gssize)size);
	int field = MS_SETTINGS_FIELDS;

	g_strdelimit(name, "-", '_');
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
		if (strcmp(names[i].name, name) == 0)
			field = (int)names[i].field;
	for (int i = 0; i < MS_OCCASIONS && g_str_has_prefix(name, "on_"); i++)
		if (strcmp(name + strlen("on_"), ms_decide_occasion_name(
		    (enum ms_occasion)i)) == 0)
			field = MS_SETTINGS_ON + i;
	g_free(name);
	return field;
}

static enum ms_status
parse_truth(const char *value, bool *into, struct ms_error *err)
{
	static const char *const words[] = { "0", "no", "false", "off",
		"1", "yes", "true", "on" };

	for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
		if (g_ascii_strcasecmp(value, words[i]) == 0) {
			*into = i >= G_N_ELEMENTS(words) / 2;
			return MS_OK;
		}
	return ms_error_set(err, MS_E_FORMAT, "\"%.100s\" is neither yes nor "
	    "no", value);
}

static enum ms_status
parse_hits(const char *value, double *into, struct ms_error *err)
{
	char *end;
	double hits = g_ascii_strtod(value, &end);

	if (end == value || *end != '\0' || !isfinite(hits) || hits < 0 ||
	    hits > 1e6)
		return ms_error_set(err, MS_E_FORMAT, "\"%.100s\" is no number "
		    "of hits", value);
	*into = hits;
	return MS_OK;
}

/* Is REGEX in the notation of scan/rulebook? */
static bool
is_complete(const char *regex)
{
	static const char *const places[] = { "raw:/", "body:/", "header:" };
	const size_t label = strspn(regex, G_CSET_a_2_z G_CSET_A_2_Z
	    G_CSET_DIGITS "_.-");

	if (regex[label] == '=')
		regex += label + 1;
	for (size_t i = 0; i < G_N_ELEMENTS(places); i++)
		if (g_str_has_prefix(regex, places[i]))
			return true;
	return false;
}

/* What simscan has looks at each line of the message as it is. */
static void
complete(char **regex)
{
	for (; *regex; regex++) {
		GString *out;

		if (is_complete(*regex))
			continue;
		out = g_string_new("raw:/");
		for (const char *p = *regex; *p != '\0'; p++) {
			if (*p == '\\' && p[1] != '\0')
				g_string_append_c(out, *p++);
			else if (*p == '/')
				g_string_append_c(out, '\\');
			g_string_append_c(out, *p);
		}
		g_string_append(out, "/m");
		g_free(*regex);
		*regex = g_string_free(out, FALSE);
	}
}

/* Elements with : between; \: is one in them. */
static enum ms_status
parse_list(const char *value, bool lower, char ***into, struct ms_error *err)
{
	GPtrArray *list = g_ptr_array_new();
	GString *one = g_string_new(NULL);

	for (const char *p = value;; p++) {
		if (p[0] == '\\' && p[1] == ':') {
			g_string_append_c(one, *++p);
		} else if (*p != ':' && *p != '\0') {
			g_string_append_c(one, lower ? g_ascii_tolower(*p) :
			    *p);
		} else {
			if (one->len > 0)
				g_ptr_array_add(list, g_strdup(one->str));
			g_string_truncate(one, 0);
			if (*p == '\0')
				break;
		}
	}
	g_string_free(one, TRUE);
	g_ptr_array_add(list, NULL);
	*into = (char **)g_ptr_array_free(list, FALSE);
	if (g_strv_length(*into) > MS_SETTINGS_LIST_MAX)
		return ms_error_set(err, MS_E_FORMAT, "more than %d elements",
		    MS_SETTINGS_LIST_MAX);
	if (!lower)
		complete(*into);
	return MS_OK;
}

static enum ms_status
parse_text(int field, const char *value, char **into, struct ms_error *err)
{
	if (field == MS_SETTINGS_NEXT && !g_path_is_absolute(value))
		return ms_error_set(err, MS_E_FORMAT, "\"%.100s\" is not the "
		    "whole path of a program", value);
	if (field == MS_SETTINGS_USER && *value != '\0' &&
	    !ms_spamc_is_user(value))
		return ms_error_set(err, MS_E_FORMAT, "\"%.100s\" is no name "
		    "of a user", value);
	*into = g_strdup(value);
	return MS_OK;
}

static enum ms_status
store(struct ms_settings *s, int field, const char *value,
    struct ms_error *err)
{
	s->said |= BIT(field);
	if (truth_of(s, field))
		return parse_truth(value, truth_of(s, field), err);
	if (field == MS_SETTINGS_HITS)
		return parse_hits(value, &s->hits, err);
	if (text_of(s, field))
		return parse_text(field, value, text_of(s, field), err);
	if (list_of(s, field))
		return parse_list(value, field == MS_SETTINGS_ATTACH,
		    list_of(s, field), err);
	return ms_decide_choose(&s->rules, (enum ms_occasion)(field -
	    MS_SETTINGS_ON), value, err) == MS_OK ? MS_OK : MS_E_FORMAT;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Append the value at P, up to a comma or blank that is not in quotation
 * marks, to VALUE. Its end; NULL: one of those is missing. */
static const char *
take_value(const char *p, GString *value)
{
	while (*p != '\0' && *p != ',' && !is_blank(*p)) {
		const char *end;

		if (*p != '"' && *p != '\'') {
			g_string_append_c(value, *p++);
			continue;
		}
		end = strchr(p + 1, *p);
		if (!end)
			return NULL;
		g_string_append_len(value, p + 1, end - p - 1);
		p = end + 1;
	}
	return p;
}

/* There is no setting as the SIZE bytes at NAME, behind those in S. */
static enum ms_status
refuse_name(const char *name, size_t size, const struct ms_settings *s,
    struct ms_error *err)
{
	const char *known[G_N_ELEMENTS(names) + MS_OCCASIONS + 1] = { NULL };
	char *on[MS_OCCASIONS];
	char *text = g_ascii_strdown(name, (gssize)MIN(size, 100));
	const char *nearest;
	size_t n = 0;

	for (; n < G_N_ELEMENTS(names); n++)
		known[n] = names[n].name;
	for (int i = 0; i < MS_OCCASIONS; i++)
		known[n++] = on[i] = g_strconcat("on_",
		    ms_decide_occasion_name((enum ms_occasion)i), NULL);
	nearest = ms_nearest(g_strdelimit(text, "-", '_'), known);
	(void)ms_error_set(err, MS_E_FORMAT, "there is no setting "
	    "\"%.*s\"%s%s%s%s", (int)MIN(size, 100), name,
	    nearest ? " (did you mean " : "", nearest ? nearest : "",
	    nearest ? "?)" : "", s->said & BIT(MS_SETTINGS_ATTACH) &&
	    strchr(".*", *name) ? "; those of attach have colons between: "
	    ".exe:.com" : "");
	for (int i = 0; i < MS_OCCASIONS; i++)
		g_free(on[i]);
	g_free(text);
	return MS_E_FORMAT;
}

/* Read "name=value" at *P. */
static enum ms_status
take_one(const char **p, struct ms_settings *s, struct ms_error *err)
{
	const size_t size = strcspn(*p, "=, \t\r\n");
	const int field = field_of(*p, size);
	const int shown = (int)MIN(size, 100);
	const char *begin = *p, *end = begin + size;
	GString *value;
	enum ms_status status;

	if (field == MS_SETTINGS_FIELDS)
		return refuse_name(begin, size, s, err);
	end += strspn(end, " \t");
	if (*end != '=')
		return ms_error_set(err, MS_E_FORMAT, "want %.*s=VALUE", shown,
		    begin);
	if (s->said & BIT(field))
		return ms_error_set(err, MS_E_FORMAT, "%.*s is said twice",
		    shown, begin);
	end++;
	value = g_string_new(NULL);
	*p = take_value(end + strspn(end, " \t"), value);
	if (!*p)
		status = ms_error_set(err, MS_E_FORMAT, "%.*s: a quotation "
		    "mark has no end", shown, begin);
	else
		status = store(s, field, value->str, err);
	if (status != MS_OK && *p)
		ms_error_context(err, "%.*s", shown, begin);
	g_string_free(value, TRUE);
	return status;
}

enum ms_status
ms_settings_parse(const char *text, struct ms_settings *settings,
    struct ms_error *err)
{
	enum ms_status status = MS_OK;

	*settings = (struct ms_settings){ .said = 0 };
	for (const char *p = text; status == MS_OK;) {
		while (*p == ',' || is_blank(*p))
			p++;
		if (*p == '\0')
			break;
		status = take_one(&p, settings, err);
	}
	if (status != MS_OK)
		ms_settings_clear(settings);
	return status;
}

void
ms_settings_clear(struct ms_settings *settings)
{
	g_free(settings->user);
	g_free(settings->next);
	g_strfreev(settings->attach);
	g_strfreev(settings->regex);
	ms_decide_clear(&settings->rules);
	*settings = (struct ms_settings){ .said = 0 };
}

static void
set_choice(struct ms_choice *choice, const struct ms_choice *from)
{
	char *address = g_strdup(from->address);

	g_free(choice->address);
	*choice = *from;
	choice->address = address;
}

/* FIELD as it is in MORE. */
static void
set(struct ms_settings *s, struct ms_settings *more, int field)
{
	s->said |= BIT(field);
	if (truth_of(s, field)) {
		*truth_of(s, field) = *truth_of(more, field);
	} else if (field == MS_SETTINGS_HITS) {
		s->hits = more->hits;
	} else if (text_of(s, field)) {
		g_free(*text_of(s, field));
		*text_of(s, field) = g_strdup(*text_of(more, field));
	} else if (list_of(s, field)) {
		g_strfreev(*list_of(s, field));
		*list_of(s, field) = g_strdupv(*list_of(more, field));
	} else {
		set_choice(&s->rules.on[field - MS_SETTINGS_ON],
		    &more->rules.on[field - MS_SETTINGS_ON]);
	}
}

void
ms_settings_copy(struct ms_settings *to, const struct ms_settings *from)
{
	*to = (struct ms_settings){ .said = 0 };
	ms_settings_over(to, from);
}

bool
ms_settings_has(const struct ms_settings *settings,
    enum ms_settings_field field)
{
	return settings->said & BIT(field);
}

void
ms_settings_over(struct ms_settings *settings, const struct ms_settings *more)
{
	/* A copy of the struct, as what is looked at is looked at through
	 * pointers that could change it. */
	struct ms_settings from = *more;

	for (int i = 0; i < MS_SETTINGS_FIELDS; i++)
		if (more->said & BIT(i))
			set(settings, &from, i);
}

/* Add what is in MORE only. */
static void
join_lists(char ***list, char *const *more)
{
	GPtrArray *all = g_ptr_array_new();

	for (char **p = *list; p && *p; p++)
		g_ptr_array_add(all, *p);
	for (char *const *p = more; p && *p; p++)
		if (!*list || !g_strv_contains((const char *const *)*list, *p))
			g_ptr_array_add(all, g_strdup(*p));
	g_ptr_array_add(all, NULL);
	g_free(*list);
	*list = (char **)g_ptr_array_free(all, FALSE);
}

static void
strictest_rules(struct ms_rules *a, const struct ms_rules *b)
{
	struct ms_rules made = { .on = { { .quarantine = false } } };

	for (int i = 0; i < MS_OCCASIONS; i++) {
		const struct ms_choice *one = ms_decide_choice(a,
		    (enum ms_occasion)i);
		const struct ms_choice *two = ms_decide_choice(b,
		    (enum ms_occasion)i);
		const bool keep = one->quarantine || two->quarantine;

		set_choice(&made.on[i], two->action > one->action ? two : one);
		made.on[i].quarantine = keep;
		made.on[i].inherited = a->on[i].inherited &&
		    b->on[i].inherited;
	}
	ms_decide_clear(a);
	*a = made;
}

void
ms_settings_strictest(struct ms_settings *settings,
    const struct ms_settings *other)
{
	/* Hits and passthru of those that want no spam scanner say nothing. */
	if (!settings->spam && other->spam) {
		settings->hits = other->hits;
		settings->passthru = other->passthru;
	} else if (other->spam) {
		if (other->hits >= 0 && (settings->hits < 0 ||
		    other->hits < settings->hits))
			settings->hits = other->hits;
		settings->passthru &= other->passthru;
	}
	settings->clam |= other->clam;
	settings->spam |= other->spam;
	settings->sophie |= other->sophie;
	if (g_strcmp0(settings->user, other->user) != 0)
		g_clear_pointer(&settings->user, g_free);
	if (g_strcmp0(settings->next, other->next) != 0)
		g_clear_pointer(&settings->next, g_free);
	join_lists(&settings->attach, other->attach);
	join_lists(&settings->regex, other->regex);
	strictest_rules(&settings->rules, &other->rules);
	settings->said |= other->said;
}

/* Append FIELD's value. */
static void
print_value(struct ms_settings *s, int field, GString *out)
{
	char number[G_ASCII_DTOSTR_BUF_SIZE];

	if (truth_of(s, field)) {
		g_string_append(out, *truth_of(s, field) ? "yes" : "no");
	} else if (field == MS_SETTINGS_HITS) {
		g_string_append(out, g_ascii_formatd(number, sizeof number,
		    "%g", s->hits));
	} else if (text_of(s, field)) {
		g_string_append(out, *text_of(s, field) ?
		    *text_of(s, field) : "");
	} else if (list_of(s, field)) {
		char **list = *list_of(s, field);

		for (guint i = 0; list && list[i]; i++) {
			char **split = g_strsplit(list[i], ":", -1);
			char *whole = g_strjoinv("\\:", split);

			g_string_append_printf(out, "%s%s", i ? ":" : "",
			    whole);
			g_free(whole);
			g_strfreev(split);
		}
	} else {
		const struct ms_choice *c = &s->rules.on[field -
		    MS_SETTINGS_ON];

		if (c->quarantine && c->action != MS_ACTION_QUARANTINE)
			g_string_append(out, "quarantine+");
		g_string_append(out, ms_decide_action_name(c->action));
		if (c->address)
			g_string_append_printf(out, ":%s", c->address);
	}
}

bool
ms_settings_equal(const struct ms_settings *a, const struct ms_settings *b)
{
	GString *one = g_string_new(NULL), *two = g_string_new(NULL);
	bool same = a->said == b->said;

	ms_settings_print(a, one);
	ms_settings_print(b, two);
	same = same && g_string_equal(one, two);
	g_string_free(one, TRUE);
	g_string_free(two, TRUE);
	return same;
}

/* In quotation marks, if that is needed and can be done. */
static void
print_quoted(const char *value, GString *out)
{
	const char *mark = "";

	if (strpbrk(value, ", \t\r\n\"'#"))
		mark = strchr(value, '"') ? "'" : "\"";
	g_string_append_printf(out, "%s%s%s", mark, value, mark);
}

void
ms_settings_print(const struct ms_settings *settings, GString *out)
{
	struct ms_settings from = *settings;
	GString *value = g_string_new(NULL);
	const gsize before = out->len;

	for (int i = 0; i < MS_SETTINGS_FIELDS; i++) {
		if (!(settings->said & BIT(i)) || (i >= MS_SETTINGS_ON &&
		    settings->rules.on[i - MS_SETTINGS_ON].inherited))
			continue;
		if (out->len > before)
			g_string_append_c(out, ',');
		if (i >= MS_SETTINGS_ON)
			g_string_append_printf(out, "on_%s",
			    ms_decide_occasion_name((enum ms_occasion)(i -
			    MS_SETTINGS_ON)));
		else
			g_string_append(out, names[i].name);
		g_string_append_c(out, '=');
		g_string_truncate(value, 0);
		print_value(&from, i, value);
		print_quoted(value->str, out);
	}
	g_string_free(value, TRUE);
}
