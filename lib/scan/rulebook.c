#include "scan/rulebook.h"

#include "base/glob.h"
#include "scan/classes.h"
#include "scan/namings.h"
#include "scan/readings.h"

#include <glib.h>

#include <stdint.h>
#include <string.h>

/* Steps that one expression may take from one place in a text. */
#define STEPS "(*LIMIT_MATCH=100000)"

/* What an expression for names begins with. */
#define REGEX "re:"

struct expression {
	size_t rule;
	GRegex *regex;
	char *field;		/* of HEADER: in lower case */
};

struct glob {
	size_t rule;
	char *pattern;		/* folded */
};

struct type {
	size_t rule;
	enum ms_class class;	/* MS_CLASSES: the glob */
	char *glob;		/* of media types */
};

struct ms_rulebook {
	GPtrArray *rules;	/* of char *: their names */
	GHashTable *numbers;	/* of rules, by their names */
	GHashTable *suffixes;	/* folded, to their rules + 1 */
	GArray *lengths;	/* of size_t: of all suffixes, each once */
	GArray *globs;		/* of struct glob */
	GArray *names;		/* of struct expression: for names */
	GArray *types;		/* of struct type */
	GArray *texts[MS_RULEBOOK_PLACES];	/* of struct expression */
	bool doubled;
	size_t double_rule;
	struct ms_readings_tables *tables;	/* NULL: for no texts */
};

static void
clear_expression(gpointer data)
{
	struct expression *expression = data;

	g_regex_unref(expression->regex);
	g_free(expression->field);
}

static void
clear_glob(gpointer data)
{
	g_free(((struct glob *)data)->pattern);
}

static void
clear_type(gpointer data)
{
	struct type *type = data;

	g_free(type->glob);
}

static GArray *
new_array(size_t size, GDestroyNotify clear)
{
	GArray *array = g_array_new(FALSE, FALSE, (guint)size);

	g_array_set_clear_func(array, clear);
	return array;
}

static struct ms_rulebook *
new_book(void)
{
	struct ms_rulebook *book = g_new0(struct ms_rulebook, 1);

	book->rules = g_ptr_array_new();
	book->numbers = g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
	    NULL);
	book->suffixes = g_hash_table_new_full(g_str_hash, g_str_equal,
	    g_free, NULL);
	book->lengths = g_array_new(FALSE, FALSE, sizeof(size_t));
	book->globs = new_array(sizeof(struct glob), clear_glob);
	book->names = new_array(sizeof(struct expression), clear_expression);
	book->types = new_array(sizeof(struct type), clear_type);
	for (int i = 0; i < MS_RULEBOOK_PLACES; i++)
		book->texts[i] = new_array(sizeof(struct expression),
		    clear_expression);
	return book;
}

/* Give the rule called NAME, which is taken, a number; MS_END: it is there. */
static enum ms_status
number_rule(struct ms_rulebook *book, char *name, size_t *rule,
    struct ms_error *err)
{
	if (g_hash_table_contains(book->numbers, name)) {
		g_free(name);
		return MS_END;
	}
	*rule = book->rules->len;
	g_hash_table_insert(book->numbers, name, GSIZE_TO_POINTER(*rule));
	g_ptr_array_add(book->rules, name);
	return *rule < MS_RULEBOOK_MAX ? MS_OK : ms_error_set(err, MS_E_LIMIT,
	    "more than %d rules", MS_RULEBOOK_MAX);
}

static enum ms_status
compile(const char *text, GRegexCompileFlags flags, GRegex **regex,
    struct ms_error *err)
{
	char *limited;
	GError *error = NULL;

	/* GLib takes it on trust. */
	if (!(flags & G_REGEX_RAW) && !g_utf8_validate(text, -1, NULL))
		return ms_error_set(err, MS_E_USAGE, "%.200s: that is not "
		    "UTF-8", text);
	limited = g_strconcat(STEPS, text, NULL);
	*regex = g_regex_new(limited, flags | G_REGEX_NEWLINE_ANYCRLF, 0,
	    &error);
	g_free(limited);
	if (*regex)
		return MS_OK;
	/* Places are to be told as they are in TEXT. */
	g_clear_error(&error);
	*regex = g_regex_new(text, flags, 0, &error);
	(void)ms_error_set(err, MS_E_USAGE, "%.200s: %.300s", text, error ?
	    error->message : "cannot be limited");
	g_clear_error(&error);
	g_clear_pointer(regex, g_regex_unref);
	return MS_E_USAGE;
}

static void
add_suffix(struct ms_rulebook *book, char *suffix, size_t rule)
{
	size_t size = strlen(suffix);
	bool known = false;

	for (guint i = 0; i < book->lengths->len && !known; i++)
		known = g_array_index(book->lengths, size_t, i) == size;
	if (!known)
		g_array_append_val(book->lengths, size);
	g_hash_table_insert(book->suffixes, suffix,
	    GSIZE_TO_POINTER(rule + 1));
}

static enum ms_status
add_name_regex(struct ms_rulebook *book, const char *text,
    struct ms_error *err)
{
	struct expression expression = { .field = NULL };
	enum ms_status status = number_rule(book,
	    g_strconcat("name:", text, NULL), &expression.rule, err);

	if (status == MS_OK)
		status = compile(text + strlen(REGEX), G_REGEX_CASELESS,
		    &expression.regex, err);
	if (status == MS_OK)
		g_array_append_val(book->names, expression);
	return status;
}

static enum ms_status
add_name(struct ms_rulebook *book, const char *text, struct ms_error *err)
{
	struct glob glob = { .pattern = NULL };
	enum ms_status status;

	if (g_str_has_prefix(text, REGEX))
		return add_name_regex(book, text, err);
	glob.pattern = ms_namings_fold(text);
	status = *glob.pattern == '\0' ? ms_error_set(err, MS_E_USAGE,
	    "\"%s\" is no name", text) :
	    number_rule(book, g_strconcat("name:", glob.pattern, NULL),
	    &glob.rule, err);
	if (status != MS_OK)
		g_free(glob.pattern);
	else if (strpbrk(glob.pattern, "*?"))
		g_array_append_val(book->globs, glob);
	else
		add_suffix(book, glob.pattern, glob.rule);
	return status;
}

static enum ms_status
no_class(const char *text, struct ms_error *err)
{
	GString *list = g_string_new(NULL);

	for (int i = 0; i < MS_CLASSES; i++)
		g_string_append_printf(list, "%s%s", i > 0 ? ", " : "",
		    ms_classes_name((enum ms_class)i));
	(void)ms_error_set(err, MS_E_USAGE, "\"%.100s\" is neither a media "
	    "type nor one of %s", text, list->str);
	(void)g_string_free(list, TRUE);
	return MS_E_USAGE;
}

static enum ms_status
add_type(struct ms_rulebook *book, const char *text, struct ms_error *err)
{
	char *lower = g_ascii_strdown(text, -1);
	struct type type = { .class = ms_classes_by_name(lower) };
	enum ms_status status = MS_OK;

	if (type.class == MS_CLASSES && !strchr(text, '/'))
		status = no_class(text, err);
	if (status == MS_OK)
		status = number_rule(book, g_strconcat("type:", text, NULL),
		    &type.rule, err);
	if (status == MS_OK) {
		if (type.class == MS_CLASSES)
			type.glob = g_strdup(lower);
		g_array_append_val(book->types, type);
	}
	g_free(lower);
	return status;
}

/* What stands before a rule to name it: the length of "NAME=", or 0. */
static size_t
label_size(const char *text)
{
	size_t n = strspn(text, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS
	    "_.-");

	return n > 0 && text[n] == '=' ? n + 1 : 0;
}

/* Where TEXT, which is left behind its colon, looks. */
static bool
split_place(const char **text, enum ms_rulebook_place *place)
{
	static const char *const places[] = {
		[MS_RULEBOOK_RAW] = "raw:",
		[MS_RULEBOOK_BODY] = "body:",
		[MS_RULEBOOK_HEADER] = "header:",
	};

	for (size_t i = 0; i < G_N_ELEMENTS(places); i++)
		if (g_str_has_prefix(*text, places[i])) {
			*place = (enum ms_rulebook_place)i;
			*text += strlen(places[i]);
			return true;
		}
	return false;
}

/* "/EXPRESSION/FLAGS": *END is at the last slash. */
static bool
split_flags(const char *text, const char **end, GRegexCompileFlags *flags)
{
	static const char letters[] = "imsx";
	static const GRegexCompileFlags meanings[] = { G_REGEX_CASELESS,
		G_REGEX_MULTILINE, G_REGEX_DOTALL, G_REGEX_EXTENDED };

	*end = strrchr(text, '/');
	if (*text != '/' || *end == text)
		return false;
	for (const char *p = *end + 1; *p; p++) {
		const char *letter = strchr(letters, *p);

		if (!letter)
			return false;
		*flags |= meanings[letter - letters];
	}
	return true;
}

static enum ms_status
add_regex(struct ms_rulebook *book, const char *text, struct ms_error *err)
{
	const size_t label = label_size(text);
	const char *p = text + label, *end;
	struct expression expression = { .field = NULL };
	enum ms_rulebook_place place;
	GRegexCompileFlags flags = 0;
	enum ms_status status;
	char *pattern;

	if (!split_place(&p, &place))
		return ms_error_set(err, MS_E_USAGE, "%.200s: begins with "
		    "none of raw:, body: and header:", text);
	if (place == MS_RULEBOOK_HEADER && *p == '/') {
		place = MS_RULEBOOK_LINE;
	} else if (place == MS_RULEBOOK_HEADER && strchr(p, ':')) {
		expression.field = g_ascii_strdown(p, strchr(p, ':') - p);
		p = strchr(p, ':') + 1;
	}
	if (!split_flags(p, &end, &flags)) {
		g_free(expression.field);
		return ms_error_set(err, MS_E_USAGE, "%.200s: want "
		    "/EXPRESSION/ and some of i, m, s and x behind it", text);
	}
	if (place == MS_RULEBOOK_RAW)
		flags |= G_REGEX_RAW;
	status = number_rule(book, label > 0 ?
	    g_strdup_printf("regex:%.*s", (int)label - 1, text) :
	    g_strconcat("regex:", text, NULL), &expression.rule, err);
	pattern = g_strndup(p + 1, (gsize)(end - p) - 1);
	if (status == MS_OK)
		status = compile(pattern, flags, &expression.regex, err);
	g_free(pattern);
	if (status == MS_OK)
		g_array_append_val(book->texts[place], expression);
	else
		g_free(expression.field);
	return status;
}

typedef enum ms_status add_rule(struct ms_rulebook *book, const char *text,
    struct ms_error *err);

static enum ms_status
add_all(struct ms_rulebook *book, const char *const *list, add_rule *add,
    struct ms_error *err)
{
	enum ms_status status = MS_OK;

	for (; list && *list && status >= 0; list++)
		status = add(book, *list, err);
	return status < 0 ? status : MS_OK;
}

enum ms_status
ms_rulebook_new(const struct ms_rulebook_config *config,
    struct ms_rulebook **result, struct ms_error *err)
{
	struct ms_rulebook *book = new_book();
	enum ms_status status = add_all(book, config->names, add_name, err);

	*result = NULL;
	if (status == MS_OK)
		status = add_all(book, config->types, add_type, err);
	if (status == MS_OK)
		status = add_all(book, config->regexes, add_regex, err);
	if (status == MS_OK && config->double_extension) {
		status = number_rule(book, g_strdup("double-extension"),
		    &book->double_rule, err);
		book->doubled = true;
	}
	for (int i = 0; status == MS_OK && i < MS_RULEBOOK_PLACES; i++)
		if (i != MS_RULEBOOK_RAW && book->texts[i]->len > 0 &&
		    !book->tables)
			book->tables = ms_readings_open();
	if (status != MS_OK || book->rules->len == 0)
		ms_rulebook_free(book);
	else
		*result = book;
	return status;
}

void
ms_rulebook_free(struct ms_rulebook *book)
{
	if (!book)
		return;
	ms_readings_close(book->tables);
	for (int i = 0; i < MS_RULEBOOK_PLACES; i++)
		g_array_unref(book->texts[i]);
	g_array_unref(book->types);
	g_array_unref(book->names);
	g_array_unref(book->globs);
	g_array_unref(book->lengths);
	g_hash_table_unref(book->suffixes);
	g_hash_table_unref(book->numbers);
	g_ptr_array_unref(book->rules);
	g_free(book);
}

size_t
ms_rulebook_count(const struct ms_rulebook *book)
{
	return book ? book->rules->len : 0;
}

const char *
ms_rulebook_name(const struct ms_rulebook *book, size_t rule)
{
	return book->rules->pdata[rule];
}

/* Two regexes of one name may differ. */
static void
feed_expressions(struct ms_hash *hash, const GArray *list)
{
	for (guint i = 0; i < list->len; i++) {
		const struct expression *e = &g_array_index(list,
		    struct expression, i);
		const char *pattern = g_regex_get_pattern(e->regex);
		uint32_t flags = g_regex_get_compile_flags(e->regex);

		ms_hash_feed(hash, pattern, strlen(pattern) + 1);
		ms_hash_feed(hash, &flags, sizeof flags);
		if (e->field)
			ms_hash_feed(hash, e->field, strlen(e->field) + 1);
	}
}

struct ms_digest
ms_rulebook_digest(const struct ms_rulebook *book)
{
	struct ms_hash *hash = ms_hash_new();
	struct ms_digest digest;

	for (guint i = 0; i < book->rules->len; i++) {
		const char *name = book->rules->pdata[i];

		ms_hash_feed(hash, name, strlen(name) + 1);
	}
	for (int i = 0; i < MS_RULEBOOK_PLACES; i++)
		feed_expressions(hash, book->texts[i]);
	digest = ms_hash_end(hash);
	ms_hash_free(hash);
	return digest;
}

bool
ms_rulebook_looks(const struct ms_rulebook *book,
    enum ms_rulebook_place place)
{
	return book->texts[place]->len > 0;
}

bool
ms_rulebook_looks_at_names(const struct ms_rulebook *book)
{
	return book->lengths->len > 0 || book->globs->len > 0 ||
	    book->names->len > 0 || book->doubled;
}

/* Does GLOB, in which * stands for any bytes and ? for one character, match
 * all of TEXT? Every star takes as little as it can, and only the last one is
 * tried again. */
static bool
matches(const char *glob, const char *text)
{
	const char *star = NULL, *from = NULL;

	while (*text) {
		if (*glob == '*') {
			star = ++glob;
			from = text;
		} else if (*glob == '?' ||
		    (*glob == *text && *glob != '\0')) {
			text = *glob++ == '?' ? g_utf8_next_char(text) :
			    text + 1;
		} else if (star) {
			glob = star;
			text = ++from;
		} else {
			return false;
		}
	}
	while (*glob == '*')
		glob++;
	return *glob == '\0';
}

/* Look for E in TEXT, and tell. */
static void
search(const struct expression *e, const struct ms_rulebook_text *text,
    ms_rulebook_hit *hit, void *arg)
{
	GError *error = NULL;
	const GRegexMatchFlags flags = text->more ? G_REGEX_MATCH_NOTEOL : 0;
	const bool found = g_regex_match_full(e->regex, text->data,
	    (gssize)text->size, (gint)text->from, flags, NULL, &error);

	if (found || error)
		hit(arg, e->rule, !found);
	g_clear_error(&error);
}

void
ms_rulebook_check_name(const struct ms_rulebook *book, const char *form,
    ms_rulebook_hit *hit, void *arg)
{
	const struct ms_rulebook_text text = { .data = form,
		.size = strlen(form) };

	for (guint i = 0; i < book->lengths->len; i++) {
		size_t length = g_array_index(book->lengths, size_t, i);
		gpointer rule = length > text.size ? NULL :
		    g_hash_table_lookup(book->suffixes,
		    form + text.size - length);

		if (rule)
			hit(arg, GPOINTER_TO_SIZE(rule) - 1, false);
	}
	for (guint i = 0; i < book->globs->len; i++) {
		const struct glob *glob = &g_array_index(book->globs,
		    struct glob, i);

		if (matches(glob->pattern, form))
			hit(arg, glob->rule, false);
	}
	for (guint i = 0; i < book->names->len; i++)
		search(&g_array_index(book->names, struct expression, i),
		    &text, hit, arg);
	if (book->doubled && ms_namings_is_double(form))
		hit(arg, book->double_rule, false);
}

void
ms_rulebook_check_type(const struct ms_rulebook *book,
    const struct ms_rulebook_content *content, ms_rulebook_hit *hit,
    void *arg)
{
	for (guint i = 0; i < book->types->len; i++) {
		const struct type *type = &g_array_index(book->types,
		    struct type, i);

		if (type->glob ? ms_glob(type->glob, content->type) :
		    ms_classes_has(type->class, content->type, content->data,
		    content->size, content->is_text))
			hit(arg, type->rule, false);
	}
}

void
ms_rulebook_check_text(const struct ms_rulebook *book,
    enum ms_rulebook_place place, const struct ms_rulebook_text *text,
    ms_rulebook_hit *hit, void *arg)
{
	const GArray *list = book->texts[place];

	for (guint i = 0; i < list->len; i++) {
		const struct expression *e = &g_array_index(list,
		    struct expression, i);

		if (e->field && (!text->field ||
		    g_ascii_strcasecmp(e->field, text->field) != 0))
			continue;
		search(e, text, hit, arg);
	}
}
