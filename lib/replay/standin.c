#include "replay/standin.h"

#include <string.h>

#include "smtp/request.h"

/* What is no command has a key of its own. */
#define KEY_CONTENT "."
#define KEY_RESPONSE "="
#define KEY_LAST "BDAT LAST"

/* Most bytes of a line that is looked at: the rest is left out. */
#define LINE_MAX_KEPT 16384

/* What the SIZE bytes of a command at LINE are known by: two spellings of one
 * command have one key. */
static char *
key_of(const char *line, size_t size)
{
	GString *key = g_string_new(NULL);
	struct ms_request request;

	while (size > 0 && (line[size - 1] == '\n' || line[size - 1] == '\r'))
		size--;
	if (memchr(line, '\0', size))
		return g_string_free(key, FALSE);
	ms_request_parse(&request, line, size);
	if (request.verb == MS_VERB_BDAT && request.last)
		g_string_append(key, KEY_LAST);
	else if (request.problem.code == 0 &&
	    (request.verb == MS_VERB_MAIL || request.verb == MS_VERB_RCPT))
		ms_request_append(&request, key);
	else if (request.verb != MS_VERB_UNKNOWN)
		g_string_printf(key, "%s %s", ms_request_verb(request.verb),
		    request.argument);
	else
		g_string_append_len(key, line, (gssize)size);
	ms_request_clear(&request);
	return g_string_free(key, FALSE);
}

static void
free_places(gpointer data)
{
	g_array_unref(data);
}

static void
add_place(struct ms_standin *standin, size_t i)
{
	const struct ms_step *step = ms_role_step(standin->role, i);
	char *key = NULL;
	GArray *places;

	if (step->kind == MS_STEP_CONTENT)
		key = g_strdup(KEY_CONTENT);
	else if (step->kind == MS_STEP_RESPONSE)
		key = g_strdup(KEY_RESPONSE);
	else if (step->kind == MS_STEP_COMMAND && step->line)
		key = key_of(step->line, step->line_size);
	if (!key)
		return;
	places = g_hash_table_lookup(standin->places, key);
	if (!places) {
		places = g_array_new(FALSE, FALSE, sizeof(size_t));
		g_hash_table_insert(standin->places, g_strdup(key), places);
	}
	g_array_append_val(places, i);
	g_free(key);
}

/* The first step from NEXT to UNTIL with KEY; the number of steps: none. */
static size_t
find(const struct ms_standin *standin, const char *key)
{
	const GArray *places = g_hash_table_lookup(standin->places, key);
	guint low = 0, high = places ? places->len : 0;
	size_t at = standin->role->steps->len;

	while (low < high) {
		const guint middle = low + (high - low) / 2;

		if (g_array_index(places, size_t, middle) < standin->next)
			low = middle + 1;
		else
			high = middle;
	}
	if (places && low < places->len)
		at = g_array_index(places, size_t, low);
	/* Content is that of the DATA just before it, or it was not seen. */
	if (at > standin->until || (at > standin->next &&
	    (strcmp(key, KEY_CONTENT) == 0 || strcmp(key, KEY_RESPONSE) == 0)))
		return standin->role->steps->len;
	return at;
}

/* CODE and TEXT as a reply; the code of a server that says nonsense is
 * nonsense, too. */
static void
append_reply(GString *out, int code, const char *text)
{
	char **lines = g_strsplit(text ? text : "", "\n", -1);

	for (size_t i = 0; lines[i]; i++)
		g_string_append_printf(out, "%03d%c%s\r\n", code,
		    lines[i + 1] ? '-' : ' ', lines[i]);
	if (!lines[0])
		g_string_append_printf(out, "%03d\r\n", code);
	g_strfreev(lines);
}

static int
append_recorded(struct ms_standin *standin, const struct ms_step *step)
{
	const GArray *all = standin->role->recorded;
	int code = 0;

	for (size_t i = step->first; i < step->first + step->count; i++) {
		const struct ms_recorded *recorded = &g_array_index(all,
		    struct ms_recorded, i);

		append_reply(standin->replies, recorded->code,
		    recorded->text);
		code = recorded->code;
	}
	return code;
}

/* Reply to what has KEY: as recorded, or LIKELY. Returns the code; 0: there
 * is no reply. */
static int
answer(struct ms_standin *standin, const char *key, int likely)
{
	const size_t at = find(standin, key);
	const struct ms_step *step;

	if (at < standin->role->steps->len) {
		step = ms_role_step(standin->role, at);
		standin->next = at + 1;
		if (step->count > 0)
			return append_recorded(standin, step);
		if (step->silent) {
			standin->closes = true;
			return 0;
		}
	}
	standin->unmatched++;
	append_reply(standin->replies, likely, "(not recorded)");
	return likely;
}

static int
likely_of(enum ms_verb verb)
{
	switch (verb) {
	case MS_VERB_DATA:
		return 354;
	case MS_VERB_QUIT:
		return 221;
	case MS_VERB_AUTH:
		return 535;
	case MS_VERB_UNKNOWN:
	case MS_VERB_EXPN:
	case MS_VERB_VRFY:
	case MS_VERB_ETRN:
		return 502;
	default:
		return 250;
	}
}

static void
hear_command(struct ms_standin *standin)
{
	struct ms_request request;
	char *key = key_of(standin->line->str, standin->line->len);
	int code;

	ms_request_parse(&request, standin->line->str,
	    strcspn(standin->line->str, "\r\n"));
	standin->chunk_last = request.last;
	if (request.verb == MS_VERB_BDAT && request.has_size &&
	    request.size > 0) {
		standin->chunk = request.size;
	} else if (request.verb == MS_VERB_BDAT && request.last) {
		(void)answer(standin, KEY_LAST, 250);
	} else {
		code = answer(standin, key, likely_of(request.verb));
		standin->in_content = request.verb == MS_VERB_DATA &&
		    code == 354;
		standin->in_auth = request.verb == MS_VERB_AUTH &&
		    code == 334;
	}
	ms_request_clear(&request);
	g_free(key);
}

/* A line is whole. */
static void
hear_line(struct ms_standin *standin)
{
	if (standin->in_content && strcmp(standin->line->str, ".\r\n") == 0) {
		standin->in_content = false;
		(void)answer(standin, KEY_CONTENT, 250);
	} else if (standin->in_auth) {
		standin->in_auth = answer(standin, KEY_RESPONSE, 535) == 334;
	} else if (!standin->in_content) {
		hear_command(standin);
	}
	g_string_truncate(standin->line, 0);
}

void
ms_standin_init(struct ms_standin *standin, const struct ms_role *role)
{
	const struct ms_step *greeting = ms_role_step(role, 0);

	*standin = (struct ms_standin){ .role = role };
	standin->line = g_string_new(NULL);
	standin->replies = g_string_new(NULL);
	standin->places = g_hash_table_new_full(g_str_hash, g_str_equal,
	    g_free, free_places);
	for (size_t i = 1; i < role->steps->len; i++)
		add_place(standin, i);
	standin->next = 1;
	if (greeting->count > 0)
		(void)append_recorded(standin, greeting);
	else
		append_reply(standin->replies, 220, "(not recorded)");
}

void
ms_standin_clear(struct ms_standin *standin)
{
	g_hash_table_unref(standin->places);
	g_string_free(standin->line, TRUE);
	g_string_free(standin->replies, TRUE);
	*standin = (struct ms_standin){ 0 };
}

static size_t
hear_chunk(struct ms_standin *standin, size_t size)
{
	const size_t n = (size_t)MIN((uint64_t)size, standin->chunk);

	standin->chunk -= n;
	if (standin->chunk > 0)
		return n;
	if (standin->chunk_last)
		(void)answer(standin, KEY_LAST, 250);
	else
		/* Chunks are cut otherwise than they were. */
		append_reply(standin->replies, 250, "(a chunk)");
	return n;
}

void
ms_standin_hear(struct ms_standin *standin, const void *data, size_t size)
{
	const char *p = data;
	size_t at = 0;

	while (at < size && !standin->closes) {
		const char *end;
		size_t n;

		if (standin->chunk > 0) {
			at += hear_chunk(standin, size - at);
			continue;
		}
		end = memchr(p + at, '\n', size - at);
		n = end ? (size_t)(end - (p + at)) + 1 : size - at;
		if (standin->line->len < LINE_MAX_KEPT)
			g_string_append_len(standin->line, p + at,
			    (gssize)n);
		at += n;
		if (end)
			hear_line(standin);
	}
}
