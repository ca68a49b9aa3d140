#include "message/textform.h"

#include <string.h>

/* What is longer is the name of no charset. */
#define LABEL_MAX 64

struct text {
	const unsigned char *data;
	size_t size, at;
};

void
ms_textform_init(struct ms_textform *form)
{
	*form = (struct ms_textform){
		.charsets = g_ptr_array_new_with_free_func(g_free),
	};
}

void
ms_textform_clear(struct ms_textform *form)
{
	if (form->charsets)
		g_ptr_array_unref(form->charsets);
	form->charsets = NULL;
}

void
ms_textform_charset(struct ms_textform *form, const char *text)
{
	char *name = g_strstrip(g_ascii_strdown(text, -1));
	bool new = *name != '\0' && strlen(name) <= LABEL_MAX;

	for (guint i = 0; i < form->charsets->len && new; i++)
		new = strcmp(form->charsets->pdata[i], name) != 0;
	if (new && form->charsets->len == MS_TEXTFORM_CHARSETS)
		form->more = true;
	else if (new)
		g_ptr_array_add(form->charsets, g_steal_pointer(&name));
	g_free(name);
}

static int
peek(const struct text *text)
{
	return text->at < text->size ? text->data[text->at] : -1;
}

static bool
is_blank(int c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Past blanks and a comment (RFC 5322, 3.2.2), which ends soon. */
static void
skip_blanks(struct text *text)
{
	size_t depth = 0, left = LABEL_MAX;

	for (; peek(text) >= 0; text->at++) {
		if (peek(text) == '(')
			depth++;
		else if (depth > 0 && peek(text) == ')')
			depth--;
		else if (depth > 0 ? left-- == 0 : !is_blank(peek(text)))
			return;
	}
}

/* The value at which TEXT stands, with or without quotation marks. In what is
 * ENCODED, single ones are something else. */
static GString *
read_value(struct text *text, bool encoded)
{
	GString *value = g_string_new(NULL);
	int quote = peek(text);

	if (quote == '"' || (quote == '\'' && !encoded))
		text->at++;
	else
		quote = 0;
	for (; value->len <= LABEL_MAX && peek(text) >= 0; text->at++) {
		int c = peek(text);

		if (quote ? c == quote : is_blank(c) ||
		    strchr(";,\"<>()", c))
			break;
		if (c == '\\' && quote && text->at + 1 < text->size)
			c = text->data[++text->at];
		if (c != '\r' && c != '\n')
			g_string_append_c(value, (gchar)c);
	}
	return value;
}

/* What RFC 2231, 4, makes of VALUE: without charset and language, and with
 * what stands for octets decoded. */
static void
decode_value(GString *value)
{
	const char *first = strchr(value->str, '\'');
	const char *second = first ? strchr(first + 1, '\'') : NULL;
	char *plain;

	if (second)
		(void)g_string_erase(value, 0, second + 1 - value->str);
	plain = g_uri_unescape_string(value->str, NULL);
	if (plain)
		(void)g_string_assign(value, plain);
	g_free(plain);
}

/* TEXT stands behind the word "charset": is it a parameter? */
static void
take_charset(struct ms_textform *form, struct text *text)
{
	bool encoded = false, later = false;
	GString *value;

	while (peek(text) == '*' || g_ascii_isdigit(peek(text))) {
		encoded |= peek(text) == '*';
		later |= peek(text) > '0' && peek(text) <= '9';
		text->at++;
	}
	skip_blanks(text);
	if (peek(text) != '=')
		return;
	text->at++;
	skip_blanks(text);
	value = read_value(text, encoded);
	if (encoded)
		decode_value(value);
	/* A piece goes on where the one before it ended. */
	if (later && form->charsets->len > 0)
		(void)g_string_prepend(value, form->charsets->pdata[
		    form->charsets->len - 1]);
	ms_textform_charset(form, value->str);
	(void)g_string_free(value, TRUE);
}

static bool
begins(const struct text *text, const char *word)
{
	size_t size = strlen(word);

	return text->size - text->at >= size && g_ascii_strncasecmp(
	    (const char *)text->data + text->at, word, size) == 0;
}

void
ms_textform_add(struct ms_textform *form, const unsigned char *data,
    size_t size)
{
	static const char charset[] = "charset", delsp[] = "delsp";
	struct text text = { data, size, 0 };

	while (text.at < size) {
		switch (data[text.at] | 0x20) {
		case 'c':
			if (!begins(&text, charset))
				break;
			text.at += strlen(charset);
			take_charset(form, &text);
			continue;
		case 'd':
			form->delsp |= begins(&text, delsp);
			break;
		case 'f':
			form->flowed |= begins(&text, "flowed");
			break;
		}
		text.at++;
	}
}
