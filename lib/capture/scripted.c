#include "capture/scripted.h"

#include "capture/stamp.h"
#include "capture/utter.h"

#include <stdlib.h>
#include <string.h>

#define FIRST "#: mailscan-transcript "
#define NOTE_MAX ((size_t)65536)

struct state {
	struct ms_desk *desk;
	struct ms_utter utter;		/* no dialogue: none has begun */
	int64_t time_us;
	GString *note;			/* that goes on, or empty */
	/* the line that is being read, if somebody says it */
	bool speaking, damaged;
	enum ms_side side;
	GString *escape;		/* that its last piece ended in */
	GString *bytes;
};

/* A fact: "#: NAME VALUE". */
struct fact {
	struct state *state;
	char *value;			/* its own to change */
	struct ms_error *err;
};

static bool
detect(const unsigned char *head, size_t size)
{
	return size >= sizeof FIRST && memcmp(head, FIRST,
	    sizeof FIRST - 1) == 0;
}

static void *
begin(struct ms_desk *desk)
{
	struct state *state = g_new0(struct state, 1);

	state->desk = desk;
	state->time_us = -1;
	state->note = g_string_new(NULL);
	state->escape = g_string_new(NULL);
	state->bytes = g_string_new(NULL);
	return state;
}

static struct ms_utter *
current(struct state *state)
{
	if (!state->utter.dialogue)
		ms_utter_init(&state->utter, state->desk);
	return &state->utter;
}

static enum ms_status
end_dialogue(struct state *state, struct ms_error *err)
{
	state->time_us = -1;
	return state->utter.dialogue ? ms_utter_done(&state->utter, err) :
	    MS_OK;
}

/* The line makes no sense, and could have been what anybody said. */
static enum ms_status
misread(struct state *state, const char *why, struct ms_error *err)
{
	enum ms_status status = MS_OK;
	char text[120];

	ms_desk_complain(state->desk, "%s", why);
	if (!state->utter.dialogue)
		return MS_OK;
	(void)g_snprintf(text, sizeof text, "line %" G_GUINT64_FORMAT ": %s",
	    ms_desk_line(state->desk), why);
	status = ms_utter_note(&state->utter, MS_SIDE_CLIENT, state->time_us,
	    text, err);
	for (int side = 0; side < MS_SIDES && status == MS_OK; side++)
		status = ms_utter_gap(&state->utter, (enum ms_side)side,
		    state->time_us, 0, err);
	return status;
}

/* What the escape at TEXT stands for, in *BYTE; returns its length, 0 if it
 * is none, and more than SIZE if it is not whole. */
static size_t
unescape(const char *text, size_t size, char *byte)
{
	static const char from[] = "\\rnt", to[] = "\\\r\n\t";
	const char *simple;
	int high, low;

	if (size < 2)
		return 2;
	simple = text[1] ? strchr(from, text[1]) : NULL;
	if (simple) {
		*byte = to[simple - from];
		return 2;
	}
	if (text[1] != 'x')
		return 0;
	if (size < 4)
		return 4;
	high = g_ascii_xdigit_value(text[2]);
	low = g_ascii_xdigit_value(text[3]);
	*byte = (char)((unsigned)high << 4 | (unsigned)low);
	return high < 0 || low < 0 ? 0 : 4;
}

/* Append to OUT what the SIZE bytes at TEXT stand for. Returns how many were
 * used: less if the last escape is not whole. */
static size_t
undo(GString *out, const char *text, size_t size, bool *damaged)
{
	size_t used = 0;

	while (used < size) {
		const char *at = text + used;
		const char *backslash = memchr(at, '\\', size - used);
		size_t plain = backslash ? (size_t)(backslash - at) :
		    size - used;
		size_t step;
		char byte = '\0';

		g_string_append_len(out, at, (gssize)plain);
		used += plain;
		if (used == size)
			break;
		step = unescape(text + used, size - used, &byte);
		if (step > size - used)
			break;
		if (step == 0) {
			*damaged = true;
			byte = '\\';
			step = 1;
		}
		g_string_append_c(out, byte);
		used += step;
	}
	return used;
}

/* A piece of what a side says, without its mark. */
static enum ms_status
say(struct state *state, const struct ms_piece *piece, struct ms_error *err)
{
	const char *text = (const char *)piece->data;
	size_t size = piece->size, used;
	bool open = false;
	enum ms_status status;

	g_string_truncate(state->bytes, 0);
	if (state->escape->len > 0) {
		/* It is at most four bytes long. */
		size_t had = state->escape->len, more = MIN(size, 4);

		g_string_append_len(state->escape, text, (gssize)more);
		used = undo(state->bytes, state->escape->str,
		    state->escape->len, &state->damaged);
		if (used < had) {
			text += more;
			size -= more;
		} else {
			text += used - had;
			size -= used - had;
			g_string_truncate(state->escape, 0);
		}
	}
	if (state->escape->len == 0) {
		used = undo(state->bytes, text, size, &state->damaged);
		g_string_append_len(state->escape, text + used,
		    (gssize)(size - used));
	}
	if (piece->last && state->escape->len > 0) {
		open = state->escape->len == 1;
		state->damaged |= !open;
		if (!open)
			g_string_append_len(state->bytes, state->escape->str,
			    (gssize)state->escape->len);
		g_string_truncate(state->escape, 0);
	}
	if (piece->last && !open)
		g_string_append(state->bytes, "\r\n");
	state->speaking = !piece->last;
	status = ms_utter_say(current(state), state->side, state->time_us,
	    state->bytes->str, state->bytes->len, err);
	if (status == MS_OK && piece->last && state->damaged)
		status = misread(state, "an escape that is none", err);
	return status;
}

static enum ms_status
fact_version(struct fact *fact)
{
	if (strcmp(fact->value, "1") != 0)
		ms_desk_complain(fact->state->desk, "a version of this form "
		    "that is not known here; a newer mailscan may read it");
	return MS_OK;
}

static enum ms_status
fact_dialogue(struct fact *fact)
{
	enum ms_status status = end_dialogue(fact->state, fact->err);

	(void)current(fact->state);
	return status;
}

static enum ms_status
set_name(struct fact *fact, char **name)
{
	bool damaged = false;
	GString *text = g_string_new(NULL);
	size_t size = strlen(fact->value);

	damaged = undo(text, fact->value, size, &damaged) < size || damaged ||
	    strlen(text->str) != text->len;
	g_free(*name);
	*name = g_string_free(text, FALSE);
	return damaged ? misread(fact->state, "an address that is none",
	    fact->err) : MS_OK;
}

static enum ms_status
fact_client(struct fact *fact)
{
	return set_name(fact, &current(fact->state)->dialogue->client);
}

static enum ms_status
fact_server(struct fact *fact)
{
	return set_name(fact, &current(fact->state)->dialogue->server);
}

static enum ms_status
fact_beginning(struct fact *fact)
{
	if (strcmp(fact->value, "unknown") != 0)
		return misread(fact->state, "a beginning is \"unknown\" or "
		    "nothing is said about it", fact->err);
	current(fact->state)->dialogue->begun = false;
	return MS_OK;
}

static enum ms_status
fact_time(struct fact *fact)
{
	size_t used, size = strlen(fact->value);

	if (strcmp(fact->value, "unknown") == 0) {
		fact->state->time_us = -1;
		return MS_OK;
	}
	if (ms_stamp_parse(fact->value, size, &fact->state->time_us, &used) &&
	    used == size)
		return MS_OK;
	fact->state->time_us = -1;
	ms_desk_complain(fact->state->desk, "a time that is none");
	return MS_OK;
}

/* Take the side that VALUE begins with off it; false: there is none. */
static bool
take_side(char **value, enum ms_side *side)
{
	static const char *const names[MS_SIDES] = { "client", "server" };

	for (size_t i = 0; i < MS_SIDES; i++) {
		size_t size = strlen(names[i]);

		if (strncmp(*value, names[i], size) != 0 ||
		    ((*value)[size] != ' ' && (*value)[size]))
			continue;
		*value += size + ((*value)[size] ? 1 : 0);
		*side = (enum ms_side)i;
		return true;
	}
	return false;
}

#define NO_SIDE "neither client nor server"

static enum ms_status
fact_silent(struct fact *fact)
{
	enum ms_side side;

	if (!take_side(&fact->value, &side))
		return misread(fact->state, NO_SIDE, fact->err);
	current(fact->state)->dialogue->heard[side] = true;
	return MS_OK;
}

static enum ms_status
fact_gap(struct fact *fact)
{
	enum ms_side side;
	char *end;
	guint64 size = 0;

	if (!take_side(&fact->value, &side))
		return misread(fact->state, NO_SIDE, fact->err);
	if (strcmp(fact->value, "unknown") != 0) {
		size = g_ascii_strtoull(fact->value, &end, 10);
		if (!g_ascii_isdigit(*fact->value) || *end)
			return misread(fact->state, "a size that is none",
			    fact->err);
	}
	return ms_utter_gap(current(fact->state), side, fact->state->time_us,
	    size, fact->err);
}

static enum ms_status
over(struct fact *fact, enum ms_turn_kind kind)
{
	struct state *state = fact->state;
	struct ms_turn end = { .kind = kind, .time_us = state->time_us };

	if (!take_side(&fact->value, &end.side) || *fact->value)
		return misread(state, NO_SIDE, fact->err);
	return ms_utter_end(current(state), &end, fact->err);
}

static enum ms_status
fact_end(struct fact *fact)
{
	return over(fact, MS_TURN_END);
}

static enum ms_status
fact_reset(struct fact *fact)
{
	return over(fact, MS_TURN_RESET);
}

static enum ms_status
fact_tls(struct fact *fact)
{
	return ms_utter_secure(current(fact->state), fact->state->time_us,
	    fact->err);
}

static enum ms_status
fact_note(struct fact *fact)
{
	struct state *state = fact->state;
	enum ms_side side;
	bool damaged = false;
	size_t size, used;
	enum ms_status status;

	if (!take_side(&fact->value, &side))
		return misread(state, NO_SIDE, fact->err);
	size = strlen(fact->value);
	used = undo(state->note, fact->value, size, &damaged);
	damaged |= size - used > 1 || strlen(state->note->str) !=
	    state->note->len;
	if (!damaged && size > used && state->note->len <= NOTE_MAX)
		return MS_OK;
	status = ms_utter_note(current(state), side, state->time_us,
	    state->note->str, fact->err);
	g_string_truncate(state->note, 0);
	if (damaged || size > used)
		ms_desk_complain(state->desk, "a note that is damaged, or "
		    "too long");
	return status;
}

static const struct {
	const char *name;
	enum ms_status (*take)(struct fact *fact);
} facts[] = {
	{ "beginning", fact_beginning }, { "client", fact_client },
	{ "dialogue", fact_dialogue }, { "end", fact_end },
	{ "gap", fact_gap }, { "mailscan-transcript", fact_version },
	{ "note", fact_note }, { "reset", fact_reset },
	{ "server", fact_server }, { "silent", fact_silent },
	{ "time", fact_time }, { "tls", fact_tls },
};

/* LINE is "#: ..." and whole. */
static enum ms_status
take_fact(struct state *state, const struct ms_piece *line,
    struct ms_error *err)
{
	char *text = g_strndup((const char *)line->data + 2, line->size - 2);
	char *name = text + strspn(text, " "), *value;
	enum ms_status status = MS_OK;
	size_t i;

	value = name + strcspn(name, " ");
	if (*value)
		*value++ = '\0';
	for (i = 0; i < G_N_ELEMENTS(facts); i++)
		if (strcmp(facts[i].name, name) == 0)
			break;
	if (i < G_N_ELEMENTS(facts)) {
		struct fact fact = { state, value, err };

		status = facts[i].take(&fact);
	} else {
		status = misread(state, "a fact of no known name", err);
	}
	g_free(text);
	return status;
}

static enum ms_status
line(void *arg, const struct ms_piece *piece, struct ms_error *err)
{
	struct state *state = arg;
	struct ms_piece rest = *piece;

	if (!piece->first)
		return state->speaking ? say(state, piece, err) : MS_OK;
	state->speaking = false;
	if (ms_textlines_starts(piece, "#:") && piece->last)
		return take_fact(state, piece, err);
	if (ms_textlines_is_blank(piece) || (ms_textlines_starts(piece, "#") &&
	    !ms_textlines_starts(piece, "#:")))
		return MS_OK;
	if (!ms_textlines_starts(piece, "C:") &&
	    !ms_textlines_starts(piece, "S:"))
		return misread(state, "begins with none of C: S: #", err);
	state->side = *piece->data == 'C' ? MS_SIDE_CLIENT : MS_SIDE_SERVER;
	state->damaged = false;
	g_string_truncate(state->escape, 0);
	ms_textlines_drop(&rest, rest.size > 2 && rest.data[2] == ' ' ? 3 : 2);
	return say(state, &rest, err);
}

static enum ms_status
finish(void *arg, const char *cut, struct ms_error *err)
{
	struct state *state = arg;
	enum ms_status status = MS_OK, last;

	if (state->note->len > 0)
		ms_desk_complain(state->desk, "a note that does not end");
	if (cut && state->utter.dialogue)
		status = misread(state, cut, err);
	last = end_dialogue(state, err);
	return status == MS_OK ? last : status;
}

static void
release(void *arg)
{
	struct state *state = arg;

	ms_utter_clear(&state->utter);
	g_string_free(state->note, TRUE);
	g_string_free(state->escape, TRUE);
	g_string_free(state->bytes, TRUE);
	g_free(state);
}

const struct ms_form ms_scripted = { detect, begin, line, finish, release };
