#include "replay/heads.h"

#include <glib.h>

#include <stdbool.h>
#include <string.h>

#include "message/head.h"
#include "smtp/address.h"

/* One address is longer than that in no header of ours. */
#define ADDRESS_ROOM 1000

struct word {
	GString *text;		/* as far as it stands outside of < > */
	GString *inner;		/* between < and > */
	bool angle, had_angle, quoted;
	unsigned comment;	/* levels of ( */
};

static void
clear(struct word *word)
{
	g_string_truncate(word->text, 0);
	g_string_truncate(word->inner, 0);
	word->angle = word->had_angle = false;
}

/* An address is over: take it, if it is one. */
static void
take(struct word *word, GPtrArray *found)
{
	const char *text = g_strstrip(word->had_angle ? word->inner->str :
	    word->text->str);

	/* A route (RFC 5322, 4.4) leads nowhere any more. */
	if (word->had_angle && text[0] == '@' && strchr(text, ':'))
		text = strchr(text, ':') + 1;
	if (strlen(text) < ADDRESS_ROOM && found->len <
	    MS_HEADS_RECIPIENTS_MAX && (word->had_angle || text[0]) &&
	    ms_address_check(text, true, NULL) == MS_OK)
		g_ptr_array_add(found, g_strdup(text));
	clear(word);
}

static void
put(struct word *word, char c)
{
	g_string_append_c(word->angle ? word->inner : word->text, c);
}

/* Outside of quotes and comments. */
static void
plain(struct word *word, char c, GPtrArray *found)
{
	switch (c) {
	case '(':
		word->comment = 1;
		break;
	case '<':
		word->angle = word->had_angle = true;
		g_string_truncate(word->inner, 0);
		break;
	case '>':
		word->angle = false;
		break;
	case ',':
	case ';':
		if (word->angle)
			put(word, c);
		else
			take(word, found);
		break;
	case ':':
		/* The name of a group (RFC 5322, 3.4); a route stays. */
		if (word->angle)
			put(word, c);
		else
			clear(word);
		break;
	case '\r':
	case '\n':
	case '\t':
	case ' ':
		put(word, ' ');
		break;
	default:
		put(word, c);
	}
}

/* The addresses in a list (RFC 5322, 3.4), without names and comments. */
static GPtrArray *
addresses(const unsigned char *data, size_t size)
{
	struct word word = { g_string_new(NULL), g_string_new(NULL), false,
		false, false, 0 };
	GPtrArray *found = g_ptr_array_new_with_free_func(g_free);

	for (size_t i = 0; i < size; i++) {
		const char c = (char)data[i];

		if (word.comment > 0) {
			i += c == '\\';
			word.comment += c == '(';
			word.comment -= c == ')';
		} else if (word.quoted) {
			put(&word, c);
			if (c == '\\' && i + 1 < size)
				put(&word, (char)data[++i]);
			word.quoted = c != '"';
		} else if (c == '"') {
			word.quoted = true;
			put(&word, c);
		} else
			plain(&word, c, found);
	}
	take(&word, found);
	g_string_free(word.text, TRUE);
	g_string_free(word.inner, TRUE);
	return found;
}

/* Add what all fields of NAME hold; true if there was anything. */
static bool
collect(const unsigned char *data, size_t size, const char *name,
    GPtrArray *found)
{
	const guint before = found->len;

	for (size_t at = 0, next; at < size; at = next) {
		const size_t name_size = ms_head_name(data + at, size - at);
		const unsigned char *end;
		size_t value = at + name_size;

		next = at;
		do {
			end = memchr(data + next, '\n', size - next);
			next = end ? (size_t)(end - data) + 1 : size;
		} while (next < size && (data[next] == ' ' ||
		    data[next] == '\t'));
		if (name_size != strlen(name) || g_ascii_strncasecmp(
		    (const char *)data + at, name, name_size) != 0)
			continue;
		while (value < next && data[value] != ':')
			value++;
		if (value < next) {
			GPtrArray *more = addresses(data + value + 1,
			    next - value - 1);

			g_ptr_array_extend_and_steal(found, more);
		}
	}
	return found->len > before;
}

/* The addresses of the first of the groups of NAMES that has any: names of a
 * group stand side by side, NULL ends it, another NULL ends all. */
static GPtrArray *
first_group(const unsigned char *data, size_t size, const char *const *names)
{
	GPtrArray *found = g_ptr_array_new_with_free_func(g_free);

	for (; *names && found->len == 0; names++)
		for (; *names; names++)
			(void)collect(data, size, *names, found);
	return found;
}

void
ms_heads(const unsigned char *data, size_t size, struct ms_envelope *envelope)
{
	static const char *const senders[] = { "X-Envelope-From", NULL,
		"Return-Path", NULL, "Sender", NULL, "From", NULL, NULL };
	static const char *const recipients[] = { "X-Envelope-To", NULL,
		"Delivered-To", NULL, "X-Original-To", NULL, "To", "Cc", "Bcc",
		NULL, NULL };
	const size_t junk = ms_head_junk(data, size);
	GPtrArray *found;

	data += junk;
	size -= junk;
	if (!envelope->sender) {
		found = first_group(data, size, senders);
		if (found->len > 0)
			envelope->sender = g_strdup(found->pdata[0]);
		g_ptr_array_unref(found);
	}
	if (envelope->count > 0)
		return;
	found = first_group(data, size, recipients);
	for (guint i = 0; i < found->len &&
	    envelope->count < MS_HEADS_RECIPIENTS_MAX; i++)
		if (*(const char *)found->pdata[i])
			ms_envelope_add(envelope, found->pdata[i]);
	g_ptr_array_unref(found);
}
