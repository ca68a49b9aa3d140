#include "capture/spoken.h"

#include <arpa/inet.h>
#include <string.h>

#define NOTES_MAX 16u
#define LOOKS_MAX 64u
/* Turns to go back for what is said again. */
#define STEPS_MAX 4096u
/* What a side says within this time is one turn. */
#define TURN_US 10000

struct ms_spoken *
ms_spoken_new(struct ms_spoken_shared *shared, uint64_t first)
{
	struct ms_spoken *s = g_new0(struct ms_spoken, 1);

	s->shared = shared;
	s->client = -1;
	s->dialogue = ms_dialogue_new(shared->stash);
	s->dialogue->position = first;
	s->dialogue->unit = "packet";
	return s;
}

static void
free_heads(struct ms_spoken *s)
{
	for (int i = 0; i < 2; i++) {
		if (s->head[i])
			g_byte_array_unref(s->head[i]);
		s->head[i] = NULL;
	}
}

void
ms_spoken_free(struct ms_spoken *s)
{
	if (!s)
		return;
	free_heads(s);
	ms_dialogue_free(s->dialogue);
	g_free(s);
}

/* Until it is known who is the client, it is end 0, or who began. */
static enum ms_side
side_of(const struct ms_spoken *s, int from)
{
	int client = MAX(s->client, 0);

	return from == client ? MS_SIDE_CLIENT : MS_SIDE_SERVER;
}

static char *
name_of(const struct ms_spoken_end *end)
{
	static const unsigned char mapped[12] = { [10] = 0xff, 0xff };
	char text[INET6_ADDRSTRLEN] = "";
	bool v4 = memcmp(end->address, mapped, sizeof mapped) == 0;

	(void)inet_ntop(v4 ? AF_INET : AF_INET6,
	    end->address + (v4 ? sizeof mapped : 0), text, sizeof text);
	return g_strdup_printf(v4 ? "%s:%u" : "[%s]:%u", text, end->port);
}

/* CLIENT is the client, whatever was assumed so far. */
static void
set_client(struct ms_spoken *s, int client)
{
	GArray *turns = s->dialogue->turns;
	bool heard = s->dialogue->heard[MS_SIDE_CLIENT];

	if (client != MAX(s->client, 0)) {
		for (guint i = 0; i < turns->len; i++) {
			struct ms_turn *t = &g_array_index(turns,
			    struct ms_turn, i);

			t->side = t->side == MS_SIDE_CLIENT ?
			    MS_SIDE_SERVER : MS_SIDE_CLIENT;
		}
		s->dialogue->heard[MS_SIDE_CLIENT] =
		    s->dialogue->heard[MS_SIDE_SERVER];
		s->dialogue->heard[MS_SIDE_SERVER] = heard;
	}
	s->client = client;
}

static void
decide(struct ms_spoken *s, bool over)
{
	struct ms_smell_case c = {
		.port = { s->end[0].port, s->end[1].port },
		.client = s->client, .begun = s->begun, .over = over,
	};
	int client;

	for (int i = 0; i < 2; i++) {
		if (!s->head[i])
			continue;
		c.data[i] = s->head[i]->data;
		c.size[i] = s->head[i]->len;
	}
	s->smell = ms_smell(&c, &client);
	if (s->smell == MS_SMELL_UNSURE)
		return;
	if (s->smell == MS_SMELL_OTHER && s->again)
		s->smell = MS_SMELL_SMTP;
	free_heads(s);
	if (s->smell == MS_SMELL_OTHER) {
		ms_dialogue_free(s->dialogue);
		s->dialogue = NULL;
		return;
	}
	set_client(s, client);
	s->dialogue->number = ++s->shared->dialogues;
	s->dialogue->begun = s->begun;
	s->dialogue->client = name_of(&s->end[client]);
	s->dialogue->server = name_of(&s->end[1 - client]);
}

/* More of a head: is it decided now? Not every byte is worth a look. */
static enum ms_status
look(struct ms_spoken *s, const struct ms_spoken_words *words,
    struct ms_error *err)
{
	GByteArray **head = &s->head[words->from];
	size_t before, room;

	if (!*head)
		*head = g_byte_array_new();
	before = (*head)->len;
	room = MS_SMELL_HEAD - before;
	g_byte_array_append(*head, words->data,
	    (guint)MIN(words->size, room));
	if (before >= 16 && words->size < room &&
	    !memchr(words->data, '\n', words->size))
		return MS_OK;
	decide(s, ++s->looks >= LOOKS_MAX);
	if (s->smell == MS_SMELL_TLS)
		return ms_spoken_note(s, words->from, words->time_us,
		    "TLS from the first byte: nothing of it can be read", err);
	return MS_OK;
}

void
ms_spoken_begin(struct ms_spoken *s, int client)
{
	s->begun = true;
	if (s->smell == MS_SMELL_UNSURE)
		set_client(s, client);
	else if (s->dialogue)
		s->dialogue->begun = true;
}

/* The time of a turn: never before that of the last. */
static int64_t
clamp(struct ms_spoken *s, int64_t time_us)
{
	s->last_us = MAX(s->last_us, time_us);
	return s->last_us;
}

static const struct ms_turn *
last_turn(const struct ms_spoken *s)
{
	guint n = s->dialogue->turns->len;

	return n == 0 ? NULL : ms_dialogue_turn(s->dialogue, n - 1);
}

/* SIZE bytes more were not kept: say so, now or when there is room. */
static enum ms_status
lose(struct ms_spoken *s, int from, uint64_t size, struct ms_error *err)
{
	enum ms_status status;

	s->lost[from] += size;
	status = ms_dialogue_gap(s->dialogue, side_of(s, from), s->last_us,
	    s->lost[from], err);
	if (status == MS_OK)
		s->lost[from] = 0;
	return status == MS_E_LIMIT ? MS_OK : status;
}

enum ms_status
ms_spoken_say(struct ms_spoken *s, const struct ms_spoken_words *words,
    struct ms_error *err)
{
	enum ms_side side = side_of(s, words->from);
	const struct ms_turn *last;
	enum ms_status status;
	int64_t time_us;

	if (s->smell == MS_SMELL_OTHER || words->size == 0)
		return MS_OK;
	s->next[words->from] = words->seq + (uint32_t)words->size;
	time_us = clamp(s, words->time_us);
	if (s->lost[words->from] > 0) {
		status = lose(s, words->from, 0, err);
		if (status != MS_OK)
			return status;
		if (s->lost[words->from] > 0)
			return lose(s, words->from, words->size, err);
	}
	last = last_turn(s);
	if (last && (last->kind != MS_TURN_BYTES || last->side != side))
		last = NULL;
	if (last && time_us - last->time_us < TURN_US)
		time_us = last->time_us;
	status = ms_dialogue_say(s->dialogue, side, time_us, words->data,
	    words->size, err);
	/* Without room for turns it is one, whatever the time. */
	if (status == MS_E_LIMIT && last)
		status = ms_dialogue_say(s->dialogue, side, last->time_us,
		    words->data, words->size, err);
	if (status == MS_E_LIMIT)
		status = lose(s, words->from, words->size, err);
	if (status == MS_OK && s->smell == MS_SMELL_UNSURE)
		return look(s, words, err);
	return status;
}

enum ms_status
ms_spoken_gap(struct ms_spoken *s, int from, int64_t time_us, uint64_t size,
    struct ms_error *err)
{
	if (s->smell == MS_SMELL_OTHER)
		return MS_OK;
	(void)clamp(s, time_us);
	s->next[from] += (uint32_t)size;
	return lose(s, from, size, err);
}

enum ms_status
ms_spoken_cut(struct ms_spoken *s, const char *why, struct ms_error *err)
{
	enum ms_status status = ms_spoken_note(s, 0, s->last_us, why, err);

	for (int i = 0; i < 2 && status == MS_OK; i++) {
		if (s->smell == MS_SMELL_OTHER)
			break;
		if (s->lost[i] > 0)
			status = lose(s, i, 0, err);
		if (status == MS_OK)
			status = ms_dialogue_gap(s->dialogue, side_of(s, i),
			    s->last_us, 0, err);
		if (status == MS_E_LIMIT) {
			s->shared->unsaid = true;
			status = MS_OK;
		}
	}
	return status;
}

enum ms_status
ms_spoken_end(struct ms_spoken *s, int from, int64_t time_us, bool reset,
    struct ms_error *err)
{
	enum ms_status status = MS_OK;

	if (s->smell == MS_SMELL_OTHER)
		return MS_OK;
	time_us = clamp(s, time_us);
	if (s->lost[from] > 0)
		status = lose(s, from, 0, err);
	if (status == MS_OK)
		status = ms_dialogue_end(s->dialogue, side_of(s, from),
		    time_us, reset, err);
	return status == MS_E_LIMIT ? MS_OK : status;
}

enum ms_status
ms_spoken_note(struct ms_spoken *s, int from, int64_t time_us,
    const char *text, struct ms_error *err)
{
	enum ms_status status;

	if (s->smell == MS_SMELL_OTHER || s->notes >= NOTES_MAX)
		return MS_OK;
	s->notes++;
	status = ms_dialogue_note(s->dialogue, side_of(s, from),
	    clamp(s, time_us), text, err);
	return status == MS_E_LIMIT ? MS_OK : status;
}

/* Compare the part of WORDS that is in TURN, whose bytes begin START behind
 * the first of them. */
static enum ms_status
compare(const struct ms_spoken *s, size_t turn, int64_t start,
    const struct ms_spoken_words *words, bool *same, struct ms_error *err)
{
	uint64_t size = ms_dialogue_turn(s->dialogue, turn)->size;
	int64_t at = MAX(start, 0);
	int64_t end = MIN(start + (int64_t)size, (int64_t)words->size);
	unsigned char block[2048];

	while (at < end && *same) {
		size_t got = (size_t)MIN(end - at, (int64_t)sizeof block);
		enum ms_status status = ms_dialogue_read(s->dialogue, turn,
		    (uint64_t)(at - start), block, &got, err);

		if (status != MS_OK || got == 0)
			return status;
		*same = memcmp(block, words->data + at, got) == 0;
		at += (int64_t)got;
	}
	return MS_OK;
}

enum ms_status
ms_spoken_compare(struct ms_spoken *s, const struct ms_spoken_words *words,
    bool *same, struct ms_error *err)
{
	/* Behind the first of the words is what comes next. */
	int64_t at = (int32_t)(s->next[words->from] - words->seq);
	enum ms_status status = MS_OK;
	unsigned steps = 0;

	*same = true;
	if (s->smell == MS_SMELL_OTHER || s->lost[words->from] > 0)
		return MS_OK;
	for (size_t i = s->dialogue->turns->len; i-- > 0 && at > 0 && *same &&
	    status == MS_OK;) {
		const struct ms_turn *turn = ms_dialogue_turn(s->dialogue, i);

		/* Nobody says it again so late. */
		if (++steps > STEPS_MAX)
			*same = false;
		if (turn->side != side_of(s, words->from) ||
		    (turn->kind != MS_TURN_BYTES &&
		    turn->kind != MS_TURN_GAP))
			continue;
		at -= (int64_t)turn->size;
		if (turn->kind == MS_TURN_BYTES)
			status = compare(s, i, at, words, same, err);
	}
	return status;
}

struct ms_dialogue *
ms_spoken_take(struct ms_spoken *s)
{
	struct ms_dialogue *dialogue;

	if (s->smell == MS_SMELL_UNSURE)
		decide(s, true);
	if (s->smell == MS_SMELL_OTHER)
		return NULL;
	for (int i = 0; i < 2; i++) {
		if (s->lost[i] > 0 && (lose(s, i, 0, NULL) != MS_OK ||
		    s->lost[i] > 0))
			s->shared->unsaid = true;
		if (s->seen[i])
			s->dialogue->heard[side_of(s, i)] = true;
	}
	dialogue = s->dialogue;
	s->dialogue = NULL;
	return dialogue;
}
