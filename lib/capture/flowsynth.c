#include "capture/flowsynth.h"

#include "capture/speech.h"

#include <string.h>

#define WORDS_MAX ((size_t)1024)	/* bytes before a parenthesis */
#define FLOWS_MAX 1024
#define BYTES_MAX ((size_t)32768)	/* decoded, before they are said */

enum place {
	WORDS,			/* what is before "(", or a whole statement */
	NAME,			/* of an attribute */
	VALUE,			/* of one, up to its ";" */
	TEXT,			/* of one, in quotation marks */
	ESCAPE,			/* "\" in it */
	HIGH, LOW,		/* digits of "\x0d" */
	AFTER,			/* ")" up to ";" */
	COMMENT			/* up to the end of the line */
};

struct flow {
	char *name;
	struct ms_speech *speech;
};

struct state {
	struct ms_desk *desk;
	enum place place;
	GString *words, *name;
	GString *bytes;		/* of a content */
	unsigned char high;
	GQueue flows;		/* struct flow *, as they began */
	GHashTable *by_name;	/* the last of each name */
	struct ms_speech *speech;	/* whose event it is, or NULL */
	enum ms_side side;
	bool event, content;
};

static bool
detect(const unsigned char *head, size_t size)
{
	struct ms_piece line;

	while (ms_textlines_cut(&head, &size, &line)) {
		char *text;
		char **words;
		bool found;

		if (ms_textlines_is_blank(&line) || line.data[0] == '#')
			continue;
		if (!ms_textlines_starts(&line, "flow "))
			return false;
		text = g_strndup((const char *)line.data, MIN(line.size,
		    WORDS_MAX));
		words = g_strsplit_set(text, " \t", 7);
		found = g_strv_length(words) >= 6 &&
		    (strcmp(words[2], "tcp") == 0 ||
			strcmp(words[2], "udp") == 0) &&
		    strchr(words[3], ':') && (strcmp(words[4], ">") == 0 ||
			strcmp(words[4], "<") == 0) && strchr(words[5], ':');
		g_strfreev(words);
		g_free(text);
		return found;
	}
	return false;
}

static void *
begin(struct ms_desk *desk)
{
	struct state *state = g_new0(struct state, 1);

	state->desk = desk;
	state->words = g_string_new(NULL);
	state->name = g_string_new(NULL);
	state->bytes = g_string_new(NULL);
	g_queue_init(&state->flows);
	state->by_name = g_hash_table_new(g_str_hash, g_str_equal);
	return state;
}

/* "flow NAME tcp A:P > B:P" */
static void
start_flow(struct state *state, char **words)
{
	struct ms_dialogue *dialogue;
	struct flow *flow;
	bool back;

	if (g_strv_length(words) < 6 || state->flows.length >= FLOWS_MAX) {
		ms_desk_complain(state->desk, "no flow, or too many");
		return;
	}
	if (strcmp(words[2], "tcp") != 0)
		return;
	back = strcmp(words[4], "<") == 0;
	flow = g_new(struct flow, 1);
	flow->name = g_strdup(words[1]);
	flow->speech = ms_speech_new(state->desk, false);
	dialogue = ms_speech_dialogue(flow->speech);
	dialogue->client = g_strdup(words[back ? 5 : 3]);
	dialogue->server = g_strdup(words[back ? 3 : 5]);
	g_queue_push_tail(&state->flows, flow);
	(void)g_hash_table_replace(state->by_name, flow->name, flow->speech);
}

/* "NAME >", "NAME.to_server" */
static void
start_event(struct state *state, char **words)
{
	static const char *const marks[] = { ">", "<" };
	static const char *const dotted[] = { ".to_server", ".to_client" };

	for (size_t i = 0; i < MS_SIDES; i++) {
		if (words[1] && strcmp(words[1], marks[i]) == 0) {
			state->side = (enum ms_side)i;
			state->event = true;
		} else if (g_str_has_suffix(words[0], dotted[i])) {
			words[0][strlen(words[0]) - strlen(dotted[i])] = '\0';
			state->side = (enum ms_side)i;
			state->event = true;
		}
	}
	if (state->event)
		state->speech = g_hash_table_lookup(state->by_name, words[0]);
}

/* A statement begins, of which the words are known. */
static void
start(struct state *state)
{
	char **words = g_strsplit_set(state->words->str, " \t", 64);
	size_t n = 0;

	/* Blanks may be many. */
	for (size_t i = 0; words[i]; i++) {
		if (*words[i])
			words[n++] = words[i];
		else
			g_free(words[i]);
	}
	words[n] = NULL;
	state->speech = NULL;
	state->event = false;
	if (n > 0 && strcmp(words[0], "flow") == 0)
		start_flow(state, words);
	else if (n > 0)
		start_event(state, words);
	if (n > 0 && !state->event && strcmp(words[0], "flow") != 0)
		ms_desk_complain(state->desk, "neither a flow nor what is "
		    "said in one");
	g_strfreev(words);
	g_string_truncate(state->words, 0);
}

/* What of a content is decoded is said. */
static enum ms_status
say(struct state *state, struct ms_error *err)
{
	enum ms_status status = MS_OK;

	if (state->speech && state->content)
		status = ms_speech_raw(state->speech, state->side,
		    state->bytes->str, state->bytes->len, err);
	g_string_truncate(state->bytes, 0);
	return status;
}

/* The name of an attribute is known, and its value comes, or none. */
static enum ms_status
start_value(struct state *state, struct ms_error *err)
{
	const char *name = g_strstrip(state->name->str);
	enum ms_status status = MS_OK;

	state->content = strcmp(name, "content") == 0;
	if (state->speech && strcmp(name, "filecontent") == 0)
		status = ms_speech_gap(state->speech, state->side, -1, err);
	else if (state->speech && strcmp(name, "tcp.flags.rst") == 0)
		status = ms_speech_end(state->speech, state->side, -1, err);
	g_string_truncate(state->name, 0);
	return status;
}

/* A character within quotation marks. */
static void
take_text(struct state *state, unsigned char c)
{
	int digit = g_ascii_xdigit_value((char)c);

	if ((state->place == HIGH || state->place == LOW) && digit < 0) {
		ms_desk_complain(state->desk, "an escape that is none");
		state->place = TEXT;
	}
	switch (state->place) {
	case TEXT:
		if (c == '"')
			state->place = VALUE;
		else if (c == '\\')
			state->place = ESCAPE;
		else
			g_string_append_c(state->bytes, (char)c);
		break;
	case ESCAPE:
		state->place = c == 'x' ? HIGH : TEXT;
		if (c == 'x')
			break;
		if (!strchr("\\\";", c) || !c)
			g_string_append_c(state->bytes, '\\');
		g_string_append_c(state->bytes, (char)c);
		break;
	case HIGH:
		state->high = (unsigned char)(digit << 4);
		state->place = LOW;
		break;
	default:		/* LOW */
		g_string_append_c(state->bytes, (char)(state->high | digit));
		state->place = TEXT;
	}
}

/* A character outside of them. */
static enum ms_status
take(struct state *state, unsigned char c, struct ms_error *err)
{
	enum ms_status status = MS_OK;

	switch (state->place) {
	case WORDS:
		if (c == '#' && state->words->len == 0) {
			state->place = COMMENT;
		} else if (c == '(' || c == ';') {
			start(state);
			state->place = c == '(' ? NAME : WORDS;
		} else if (state->words->len < WORDS_MAX &&
		    (state->words->len > 0 || c > ' ')) {
			g_string_append_c(state->words,
			    c < ' ' ? ' ' : (char)c);
		}
		break;
	case NAME:
		if (c == ')') {
			state->place = AFTER;
			g_string_truncate(state->name, 0);
		} else if (c == ':' || c == ';') {
			status = start_value(state, err);
			state->place = c == ':' ? VALUE : NAME;
		} else if (state->name->len < WORDS_MAX) {
			g_string_append_c(state->name, (char)c);
		}
		break;
	case VALUE:
		if (c == '"')
			state->place = TEXT;
		else if (c == ';')
			state->place = NAME;
		break;
	default:		/* AFTER */
		if (c == ';')
			state->place = WORDS;
	}
	return status;
}

static enum ms_status
line(void *arg, const struct ms_piece *piece, struct ms_error *err)
{
	struct state *state = arg;
	enum ms_status status = MS_OK;

	for (size_t i = 0; i < piece->size && status == MS_OK; i++) {
		if (state->place == COMMENT)
			break;
		if (state->place >= TEXT && state->place <= LOW) {
			take_text(state, piece->data[i]);
			if (state->place == VALUE ||
			    state->bytes->len >= BYTES_MAX)
				status = say(state, err);
		} else {
			status = take(state, piece->data[i], err);
		}
	}
	if (!piece->last || status != MS_OK)
		return status;
	if (state->place == COMMENT)
		state->place = WORDS;
	else if (state->place >= TEXT && state->place <= LOW)
		take_text(state, '\n');
	else
		status = take(state, '\n', err);
	return status;
}

static enum ms_status
finish(void *arg, const char *cut, struct ms_error *err)
{
	struct state *state = arg;
	enum ms_status status = MS_OK;

	if (state->place != WORDS && state->place != COMMENT && !cut) {
		ms_desk_complain(state->desk, "the last statement has no "
		    "end");
		cut = "the text ends within a statement";
	}
	status = say(state, err);
	g_hash_table_remove_all(state->by_name);
	state->speech = NULL;
	while (state->flows.head && status == MS_OK) {
		struct flow *flow = g_queue_pop_head(&state->flows);

		status = ms_speech_done(flow->speech, cut, err);
		g_free(flow->name);
		g_free(flow);
	}
	return status;
}

static void
release(void *arg)
{
	struct state *state = arg;

	g_hash_table_unref(state->by_name);
	for (struct flow *flow; (flow = g_queue_pop_head(&state->flows));) {
		ms_speech_free(flow->speech);
		g_free(flow->name);
		g_free(flow);
	}
	g_string_free(state->words, TRUE);
	g_string_free(state->name, TRUE);
	g_string_free(state->bytes, TRUE);
	g_free(state);
}

const struct ms_form ms_flowsynth = { detect, begin, line, finish, release };
