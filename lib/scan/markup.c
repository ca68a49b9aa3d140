#include "scan/markup.h"

#include "scan/entities.h"

#include <glib.h>

#include <stdbool.h>
#include <string.h>

enum {
	TEXT,
	ENTITY,			/* behind the & */
	OPEN,			/* behind a < */
	CLOSE,			/* behind </ */
	DECLARATION,		/* behind <! */
	TAG_NAME,
	TAG,			/* behind its name, or a value */
	ATTRIBUTE,		/* in its name, */
	NAMED,			/* in the blanks behind that, */
	VALUE,			/* behind its =, */
	QUOTED,			/* and in its value */
	UNQUOTED,
	COMMENT,
	BOGUS,			/* all up to a > */
	HIDDEN
};

/* What begins and ends a line. */
static const char *const blocks[] = {
	"address", "article", "aside", "blockquote", "body", "br", "caption",
	"center", "dd", "dir", "div", "dl", "dt", "fieldset", "figure",
	"footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "head",
	"header", "hr", "html", "legend", "li", "main", "menu", "nav", "ol",
	"option", "p", "pre", "section", "table", "tbody", "td", "tfoot",
	"th", "thead", "tr", "ul",
};

/* Whose content is not shown, or only where scripts or frames are not. */
static const char *const hidden[] = {
	"iframe", "noembed", "noframes", "script", "style", "template",
	"title",
};

static const char *
find(const char *const *list, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(list[i], name) == 0)
			return list[i];
	return NULL;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

/* Show SIZE bytes of text at DATA, none of them a blank. */
static void
show(struct ms_markup *markup, const char *data, size_t size)
{
	if (markup->blank)
		markup->put(markup->arg, &markup->blank, 1);
	markup->blank = 0;
	markup->put(markup->arg, data, size);
}

static void
show_text(struct ms_markup *markup, const char *data, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (!is_blank(data[i]))
			show(markup, data + i, 1);
		else if (!markup->blank)
			markup->blank = ' ';
}

static void
add(struct ms_markup *markup, char c)
{
	if (markup->used + 1 < sizeof markup->name)
		markup->name[markup->used++] = c;
}

/* The entity ended before what comes now, or with a SEMICOLON. The longest
 * start of it that is one counts, as in "&nbspx". */
static void
end_entity(struct ms_markup *markup, bool semicolon)
{
	char text[MS_ENTITIES_TEXT];
	size_t size = markup->used, used = 0;

	while (size > 0 && used == 0) {
		used = ms_entities(markup->name, size, text);
		if (used == 0)
			size--;
	}
	markup->state = TEXT;
	if (used > 0)
		show(markup, text, used);
	else
		show(markup, "&", 1);
	show_text(markup, markup->name + size, markup->used - size);
	if (semicolon && (used == 0 || size < markup->used))
		show(markup, ";", 1);
	markup->used = 0;
}

/* The name of a tag, which is in NAME with a / before that of an end. */
static void
take_name(struct ms_markup *markup)
{
	const bool end = markup->name[0] == '/';
	const char *name = markup->name + end;

	markup->name[markup->used] = '\0';
	if (find(blocks, G_N_ELEMENTS(blocks), name))
		markup->blank = '\n';
	markup->hidden = end ? NULL :
	    find(hidden, G_N_ELEMENTS(hidden), name);
}

static void
end_tag(struct ms_markup *markup)
{
	markup->state = markup->hidden ? HIDDEN : TEXT;
	markup->matched = 0;
}

/* In the content of an element that is not shown: its end, "</name", begins
 * with nothing that is in it again. */
static void
take_hidden(struct ms_markup *markup, char c)
{
	const size_t size = strlen(markup->hidden) + 2, at = markup->matched;
	const char want = at < 2 ? "</"[at] : at < size ?
	    markup->hidden[at - 2] : '\0';

	if (at == size && (is_blank(c) || c == '/' || c == '>')) {
		markup->hidden = NULL;
		markup->state = c == '>' ? TEXT : TAG;
	} else if (at < size && g_ascii_tolower(c) == want) {
		markup->matched++;
	} else {
		markup->matched = c == '<';
	}
}

/* In a comment, of which -->, --!> and a > right at its start are the end. */
static void
take_comment(struct ms_markup *markup, char c)
{
	if (c == '>' && markup->dashes >= 2)
		markup->state = TEXT;
	else if (c == '-')
		markup->dashes++;
	else if (!(c == '!' && markup->dashes >= 2))
		markup->dashes = 0;
}

/* Behind <!: is it a comment? */
static void
take_declaration(struct ms_markup *markup, char c)
{
	if (c == '>') {
		markup->state = TEXT;
	} else if (c != '-') {
		markup->state = BOGUS;
	} else if (++markup->dashes == 2) {
		markup->state = COMMENT;
	}
}

/* Behind the name of a tag, C is neither its end nor part of a value: where
 * that leads from STATE. */
static int
next_in_tag(int state, char c)
{
	if (c == '/')
		return TAG;
	if (c == '=')
		return state == TAG ? ATTRIBUTE : VALUE;
	if (is_blank(c))
		return state == TAG ? TAG : NAMED;
	return ATTRIBUTE;
}

static void
take_value(struct ms_markup *markup, char c)
{
	if (markup->state == QUOTED) {
		if (c == markup->quote)
			markup->state = TAG;
	} else if (c == '>') {
		end_tag(markup);
	} else if (markup->state == UNQUOTED) {
		if (is_blank(c))
			markup->state = TAG;
	} else if (c == '"' || c == '\'') {
		markup->quote = c;
		markup->state = QUOTED;
	} else if (!is_blank(c)) {
		markup->state = UNQUOTED;
	}
}

static void
take_tag(struct ms_markup *markup, char c)
{
	if (markup->state == TAG_NAME) {
		if (c != '>' && c != '/' && !is_blank(c)) {
			add(markup, g_ascii_tolower(c));
			return;
		}
		take_name(markup);
		markup->state = TAG;
	}
	if (c == '>')
		end_tag(markup);
	else
		markup->state = next_in_tag(markup->state, c);
}

/* True: C has to be taken once more, as text. */
static bool
take_entity(struct ms_markup *markup, char c)
{
	if ((g_ascii_isalnum(c) || (c == '#' && markup->used == 0)) &&
	    markup->used + 1 < sizeof markup->name) {
		add(markup, c);
		return false;
	}
	end_entity(markup, c == ';');
	return c != ';';
}

static void
take_text(struct ms_markup *markup, char c)
{
	if (c == '<') {
		markup->state = OPEN;
	} else if (c == '&') {
		markup->state = ENTITY;
		markup->used = 0;
	} else {
		show_text(markup, &c, 1);
	}
}

/* Behind < or </. */
static void
take_open(struct ms_markup *markup, char c)
{
	const bool close = markup->state == CLOSE;

	markup->used = 0;
	markup->dashes = 0;
	if (g_ascii_isalpha(c)) {
		if (close)
			add(markup, '/');
		add(markup, g_ascii_tolower(c));
		markup->state = TAG_NAME;
	} else if (close) {
		markup->state = c == '>' ? TEXT : BOGUS;
	} else if (c == '/') {
		markup->state = CLOSE;
	} else if (c == '!') {
		markup->state = DECLARATION;
	} else if (c == '?') {
		markup->state = BOGUS;
	} else {
		markup->state = TEXT;
		show(markup, "<", 1);
		take_text(markup, c);
	}
}

static void
take(struct ms_markup *markup, char c)
{
	switch (markup->state) {
	case TEXT:
		take_text(markup, c);
		break;
	case ENTITY:
		if (take_entity(markup, c))
			take_text(markup, c);
		break;
	case OPEN:
	case CLOSE:
		take_open(markup, c);
		break;
	case DECLARATION:
		take_declaration(markup, c);
		break;
	case COMMENT:
		take_comment(markup, c);
		break;
	case BOGUS:
		if (c == '>')
			markup->state = TEXT;
		break;
	case HIDDEN:
		take_hidden(markup, c);
		break;
	case VALUE:
	case QUOTED:
	case UNQUOTED:
		take_value(markup, c);
		break;
	default:
		take_tag(markup, c);
		break;
	}
}

void
ms_markup_start(struct ms_markup *markup, ms_markup_put *put, void *arg)
{
	*markup = (struct ms_markup){ .put = put, .arg = arg, .state = TEXT };
}

void
ms_markup_feed(struct ms_markup *markup, const char *data, size_t size)
{
	for (size_t i = 0; i < size; i++)
		take(markup, data[i]);
}

void
ms_markup_end(struct ms_markup *markup)
{
	if (markup->state == ENTITY)
		end_entity(markup, false);
	else if (markup->state == OPEN)
		show(markup, "<", 1);
}
