#include "scan/password.h"

#include "message/mime.h"

#include <glib.h>

#include <stdbool.h>
#include <string.h>

/* Text that is looked at, words that are remembered, and their length. */
#define TEXT_MAX ((size_t)256 << 10)
#define WORDS_MAX 20000
#define WORD_MAX 128

/* A word further than this behind "password" is one like any other; words
 * before it ("x is the password") are as good as the BEFORE_RANK-th. */
#define NEAR 12
#define BEFORE 3
#define BEFORE_RANK 6

struct word {
	char *text;
	unsigned rank;		/* words since "password"; small is good */
	unsigned order;
};

struct hunt {
	GPtrArray *words;	/* of struct word */
	size_t left;		/* of TEXT_MAX */
	unsigned since;		/* words since "password" */
};

/* Beginnings and middles of the word, lower case where there are cases. */
static const char *const stems[] = {
	"passw", "pass:", "pass=", "passphrase", "passcode", "passe",
	"kennwort", "losung", "contrase", "clave", "senha", "parola",
	"wachtwoord", "lösenord", "hasło", "heslo", "jelsz", "salasana",
	"şifre", "pwd", "pw:", "pw=", "пароль", "密码", "密碼",
	"パスワード", "암호", "비밀번호",
};

static bool
is_stem_word(const char *lower)
{
	if (strcmp(lower, "pass") == 0 || strcmp(lower, "pw") == 0)
		return true;
	for (size_t i = 0; i < G_N_ELEMENTS(stems); i++)
		if (strstr(lower, stems[i]))
			return true;
	return false;
}

static bool
is_key(const char *text)
{
	char *lower = g_utf8_validate(text, -1, NULL) ?
	    g_utf8_strdown(text, -1) : g_ascii_strdown(text, -1);
	bool key = is_stem_word(lower);

	g_free(lower);
	return key;
}

static void
add_word(struct hunt *hunt, const char *text, size_t size, unsigned rank)
{
	struct word *word;

	if (size == 0 || size > WORD_MAX || hunt->words->len >= WORDS_MAX)
		return;
	word = g_new(struct word, 1);
	*word = (struct word){ g_strndup(text, size), rank,
		hunt->words->len };
	g_ptr_array_add(hunt->words, word);
}

/* How many bytes of punctuation begin TEXT, in ASCII or as quotation marks
 * and colons of other languages. */
static size_t
punctuation(const char *text, size_t size)
{
	static const char *const marks[] = { "“", "”", "„", "‘", "’", "«",
		"»", "：", "「", "」", "。", "，" };

	if (size > 0 && strchr("\"'`()[]{}<>.,;:=!?*_", *text))
		return 1;
	for (size_t i = 0; i < G_N_ELEMENTS(marks); i++)
		if (strlen(marks[i]) <= size &&
		    memcmp(text, marks[i], strlen(marks[i])) == 0)
			return strlen(marks[i]);
	return 0;
}

/* Is it punctuation and nothing else? */
static bool
is_mark(const char *text, size_t size)
{
	size_t n;

	while (size > 0 && (n = punctuation(text, size)) > 0) {
		text += n;
		size -= n;
	}
	return size == 0;
}

/* Add TEXT without what stands around it, and as it is. */
static void
add_both(struct hunt *hunt, const char *text, size_t size, unsigned rank)
{
	size_t start = 0, end = size, n;

	while (start < end &&
	    (n = punctuation(text + start, end - start)) > 0)
		start += n;
	for (n = 1; n <= 3 && n <= end - start; n++)
		if (punctuation(text + end - n, n) == n) {
			end -= n;
			n = 0;
		}
	add_word(hunt, text + start, end - start, rank);
	if (end - start < size)
		add_word(hunt, text, size, rank);
}

/* "password:x": what is behind the colon. */
static void
add_value(struct hunt *hunt, const char *text)
{
	const char *wide = strstr(text, "：");
	const char *at = strpbrk(text, ":=");

	if (wide && (!at || wide < at))
		at = wide + strlen("：");
	else if (at)
		at++;
	if (at)
		add_both(hunt, at, strlen(at), 0);
}

static void
take_token(struct hunt *hunt, const char *text)
{
	guint count = hunt->words->len;

	if (is_mark(text, strlen(text))) {
		add_word(hunt, text, strlen(text), NEAR);
		return;
	}
	if (!is_key(text)) {
		hunt->since = MIN(hunt->since + 1, NEAR);
		add_both(hunt, text, strlen(text), hunt->since);
		return;
	}
	for (guint i = count; i > 0 && count - i < 2 * BEFORE; i--) {
		struct word *word = hunt->words->pdata[i - 1];

		word->rank = MIN(word->rank, BEFORE_RANK);
	}
	hunt->since = 0;
	add_value(hunt, text);
	add_both(hunt, text, strlen(text), NEAR);
}

/* Entities that stand for characters of passwords. */
static const struct {
	const char *name;
	const char *text;
} entities[] = {
	{ "&amp;", "&" }, { "&lt;", "<" }, { "&gt;", ">" },
	{ "&quot;", "\"" }, { "&#39;", "'" }, { "&apos;", "'" },
	{ "&nbsp;", " " }, { "&#160;", " " },
};

/* The text of HTML: blanks for tags, and the few entities above. */
static GString *
strip_tags(const char *html, size_t size)
{
	GString *text = g_string_sized_new(size);
	bool tag = false;

	for (size_t i = 0; i < size; i++) {
		size_t k = G_N_ELEMENTS(entities);

		if (html[i] == '<')
			tag = true;
		for (k = 0; html[i] == '&' && k < G_N_ELEMENTS(entities); k++)
			if (strlen(entities[k].name) <= size - i &&
			    memcmp(html + i, entities[k].name,
			    strlen(entities[k].name)) == 0)
				break;
		if (tag)
			g_string_append_c(text, ' ');
		else if (html[i] != '&' || k == G_N_ELEMENTS(entities))
			g_string_append_c(text, html[i]);
		else
			g_string_append(text, entities[k].text);
		if (html[i] == '&' && k < G_N_ELEMENTS(entities))
			i += strlen(entities[k].name) - 1;
		if (html[i] == '>')
			tag = false;
	}
	return text;
}

/* Blanks of other languages as ASCII's. */
static void
fold_blanks(char *text, size_t size)
{
	for (size_t i = 0; i + 1 < size; i++) {
		if (memcmp(text + i, "\302\240", 2) == 0)
			memcpy(text + i, "  ", 2);
		else if (i + 2 < size &&
		    memcmp(text + i, "\343\200\200", 3) == 0)
			memcpy(text + i, "   ", 3);
	}
}

/* Words are what blanks and control characters separate. */
static void
take_text(struct hunt *hunt, char *text, size_t size)
{
	char *end = text + size, *at = text;

	fold_blanks(text, size);
	while (at < end) {
		char *start;

		while (at < end && (unsigned char)*at <= ' ')
			at++;
		start = at;
		while (at < end && (unsigned char)*at > ' ')
			at++;
		if (at == start)
			break;
		*at = '\0';
		if (at - start <= 2 * WORD_MAX)
			take_token(hunt, start);
		at++;
	}
}

static enum ms_status
on_leaf(void *arg, const struct ms_mime_leaf *leaf, struct ms_error *err)
{
	struct hunt *hunt = arg;
	size_t size = MIN(leaf->size, hunt->left);
	const char *data = (const char *)leaf->data;
	GString *text;

	(void)err;
	if (!g_str_has_prefix(leaf->content_type, "text/"))
		return MS_OK;
	hunt->left -= size;
	hunt->since = NEAR;
	text = strcmp(leaf->content_type, "text/html") == 0 ?
	    strip_tags(data, size) : g_string_new_len(data, (gssize)size);
	take_text(hunt, text->str, text->len);
	g_string_free(text, TRUE);
	return hunt->left > 0 ? MS_OK : MS_END;
}

static void
on_trouble(void *arg, const char *path, enum ms_status status,
    const struct ms_error *why)
{
	(void)arg;
	(void)path;
	(void)status;
	(void)why;
}

static gint
compare(gconstpointer a, gconstpointer b)
{
	const struct word *left = *(const struct word *const *)a;
	const struct word *right = *(const struct word *const *)b;

	if (left->rank != right->rank)
		return left->rank < right->rank ? -1 : 1;
	return left->order < right->order ? -1 : left->order > right->order;
}

static void
free_word(gpointer data)
{
	struct word *word = data;

	g_free(word->text);
	g_free(word);
}

static void
hunt_words(struct hunt *hunt, const struct ms_password_input *input)
{
	static const struct ms_mime_visitor visitor = { on_leaf, on_trouble,
		NULL };
	struct ms_budget budget = *input->budget;
	struct ms_mime_input message = {
		.data = input->data,
		.size = input->size,
		.spool = ms_spool_new(input->spool),
		.budget = &budget,
	};

	budget.bytes = 0;
	budget.parts = 0;
	/* Words of what could be read; gaps are told by the walk itself. */
	(void)ms_mime_walk(&message, &visitor, hunt, NULL);
	ms_spool_free(message.spool);
	g_ptr_array_sort(hunt->words, compare);
}

char **
ms_password_find(const struct ms_password_input *input)
{
	struct hunt hunt = { g_ptr_array_new_with_free_func(free_word),
		TEXT_MAX, NEAR };
	GHashTable *seen = g_hash_table_new(g_str_hash, g_str_equal);
	GPtrArray *list = g_ptr_array_new();
	guint from_text = 0;

	for (size_t i = 0; input->known && input->known[i]; i++)
		g_ptr_array_add(list, g_strdup(input->known[i]));
	hunt_words(&hunt, input);
	for (guint i = 0; i < hunt.words->len &&
	    from_text < MS_PASSWORD_WORDS; i++) {
		const struct word *word = hunt.words->pdata[i];

		if (!g_hash_table_add(seen, word->text))
			continue;
		g_ptr_array_add(list, g_strdup(word->text));
		from_text++;
	}
	g_ptr_array_add(list, NULL);
	g_hash_table_unref(seen);
	g_ptr_array_unref(hunt.words);
	return (char **)g_ptr_array_free(list, FALSE);
}
