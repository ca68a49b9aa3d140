#include "capture/script.h"

#include "base/quote.h"
#include "capture/stamp.h"

#include <string.h>

#define BLOCK ((size_t)32768)	/* read at once */
#define LINE ((size_t)1000)	/* bytes said in one line of text */

struct ms_script {
	ms_script_put *put;
	void *arg;
	GString *out;
	enum ms_side side;	/* that speaks */
	size_t there;		/* bytes of BLOCK: what it began to say */
	unsigned char block[BLOCK];
	int64_t time_us;
};

static const char *const side_names[MS_SIDES] = { "client", "server" };
static const char side_marks[MS_SIDES] = { 'C', 'S' };

/* Hand on what is in OUT, if it is much or ALL is wanted. */
static enum ms_status
flush(struct ms_script *w, bool all, struct ms_error *err)
{
	enum ms_status status = MS_OK;

	if (w->out->len == 0 || (!all && w->out->len < BLOCK))
		return MS_OK;
	status = w->put(w->arg, w->out->str, w->out->len, err);
	g_string_truncate(w->out, 0);
	return status;
}

/* SIZE bytes as the rest of a line; the last is no blank, which people's
 * editors take away. MORE: the line that was said goes on. */
static void
quote(GString *out, const unsigned char *data, size_t size, bool more)
{
	bool blank = size > 0 && data[size - 1] == ' ';
	size_t plain = 0;

	size -= blank ? 1 : 0;
	/* Most lines need nothing of it. */
	while (plain < size && data[plain] >= ' ' && data[plain] < 0x7f &&
	    data[plain] != '\\')
		plain++;
	g_string_append_len(out, (const char *)data, (gssize)plain);
	ms_quote_append(out, data + plain, size - plain);
	if (blank)
		g_string_append(out, "\\x20");
	g_string_append(out, more ? "\\\n" : "\n");
}

/* One line of text for bytes that DATA begins with. Returns how many. */
static size_t
say_line(struct ms_script *w, enum ms_side side, const unsigned char *data,
    size_t size)
{
	const unsigned char *at = data, *end = data + MIN(size, LINE + 2);
	const unsigned char *lf;
	size_t take = MIN(size, LINE);

	g_string_append_c(w->out, side_marks[side]);
	g_string_append_c(w->out, ':');
	for (; (lf = memchr(at, '\n', (size_t)(end - at))); at = lf + 1) {
		if (lf == data || lf[-1] != '\r')
			continue;
		size = (size_t)(lf - data) - 1;
		if (size > 0)
			g_string_append_c(w->out, ' ');
		quote(w->out, data, size, false);
		return size + 2;
	}
	/* Not within a character of UTF-8, which would be less readable. */
	for (int i = 0; i < 3 && take > 4 && take < size &&
	    (data[take] & 0xc0) == 0x80; i++)
		take--;
	g_string_append_c(w->out, ' ');
	quote(w->out, data, take, true);
	return take;
}

/* Lines of what is there, with ALL the last one as well; else that waits, in
 * case it goes on. */
static enum ms_status
say_lines(struct ms_script *w, bool all, struct ms_error *err)
{
	enum ms_status status = MS_OK;
	size_t used = 0;

	while (used < w->there && status == MS_OK) {
		const unsigned char *at = w->block + used;
		const size_t left = w->there - used;

		if (!all && left < LINE + 2 && !memmem(at, left, "\r\n", 2))
			break;
		used += say_line(w, w->side, at, left);
		status = flush(w, false, err);
	}
	w->there -= used;
	memmove(w->block, w->block + used, w->there);
	return status;
}

/* What the side that speaks has begun to say is all. */
static enum ms_status
pause_speech(struct ms_script *w, struct ms_error *err)
{
	return w->there > 0 ? say_lines(w, true, err) : MS_OK;
}

static enum ms_status
speak(struct ms_script *w, enum ms_side side, const unsigned char *data,
    size_t size, struct ms_error *err)
{
	enum ms_status status = MS_OK;

	w->side = side;
	while (size > 0 && status == MS_OK) {
		const size_t some = MIN(size, BLOCK - w->there);

		memcpy(w->block + w->there, data, some);
		w->there += some;
		data += some;
		size -= some;
		status = say_lines(w, false, err);
	}
	return status;
}

static enum ms_status
say(struct ms_script *w, const struct ms_dialogue *dialogue, size_t turn,
    struct ms_error *err)
{
	const struct ms_turn *t = ms_dialogue_turn(dialogue, turn);
	unsigned char block[4096];
	uint64_t offset = 0;
	enum ms_status status = MS_OK;

	while (offset < t->size && status == MS_OK) {
		size_t got = sizeof block;

		status = ms_dialogue_read(dialogue, turn, offset, block, &got,
		    err);
		if (status == MS_OK && got == 0)
			return ms_error_set(err, MS_E_IO,
			    "bytes of a dialogue are gone");
		if (status == MS_OK)
			status = speak(w, t->side, block, got, err);
		offset += got;
	}
	return status == MS_OK ? pause_speech(w, err) : status;
}

/* A note, in as many lines as it takes. */
static enum ms_status
note(struct ms_script *w, const struct ms_dialogue *dialogue, size_t turn,
    struct ms_error *err)
{
	const struct ms_turn *t = ms_dialogue_turn(dialogue, turn);
	uint64_t offset = 0;
	size_t got;
	enum ms_status status;

	do {
		got = LINE;
		status = ms_dialogue_read(dialogue, turn, offset, w->block,
		    &got, err);
		if (status != MS_OK)
			return status;
		offset += got;
		g_string_append_printf(w->out, "#: note %s ",
		    side_names[t->side]);
		quote(w->out, w->block, got, offset < t->size && got > 0);
		if ((status = flush(w, false, err)) != MS_OK)
			return status;
	} while (offset < t->size && got > 0);
	return MS_OK;
}

static enum ms_status
write_turn(struct ms_script *w, const struct ms_dialogue *dialogue,
    size_t turn, struct ms_error *err)
{
	const struct ms_turn *t = ms_dialogue_turn(dialogue, turn);
	const char *side = side_names[t->side];

	switch (t->kind) {
	case MS_TURN_BYTES:
		return say(w, dialogue, turn, err);
	case MS_TURN_NOTE:
		return note(w, dialogue, turn, err);
	case MS_TURN_GAP:
		g_string_append_printf(w->out, "#: gap %s ", side);
		if (t->size == 0)
			g_string_append(w->out, "unknown\n");
		else
			g_string_append_printf(w->out,
			    "%" G_GUINT64_FORMAT "\n", t->size);
		break;
	case MS_TURN_END:
		g_string_append_printf(w->out, "#: end %s\n", side);
		break;
	case MS_TURN_RESET:
		g_string_append_printf(w->out, "#: reset %s\n", side);
		break;
	case MS_TURN_SECURE:
		g_string_append(w->out, "#: tls\n");
		break;
	}
	return flush(w, false, err);
}

static void
write_time(GString *out, int64_t time_us)
{
	char text[MS_STAMP_SIZE] = "unknown";

	if (time_us != -1)
		ms_stamp_format(time_us, text);
	g_string_append_printf(out, "#: time %s\n", text);
}

static void
write_fact(GString *out, const char *name, const char *value)
{
	if (!value)
		return;
	g_string_append_printf(out, "#: %s ", name);
	quote(out, (const unsigned char *)value, strlen(value), false);
}

/* A side that was heard, but said nothing. */
static bool
was_silent(const struct ms_dialogue *dialogue, enum ms_side side)
{
	if (!dialogue->heard[side])
		return false;
	for (size_t i = 0; i < dialogue->turns->len; i++) {
		const struct ms_turn *turn = ms_dialogue_turn(dialogue, i);

		if (turn->kind == MS_TURN_BYTES && turn->side == side)
			return false;
	}
	return true;
}

enum ms_status
ms_script_begin(ms_script_put *put, void *arg, struct ms_error *err)
{
	static const char first[] = "#: mailscan-transcript 1\n";

	return put(arg, first, sizeof first - 1, err);
}

static struct ms_script *
new_script(ms_script_put *put, void *arg)
{
	struct ms_script *w = g_new(struct ms_script, 1);

	w->put = put;
	w->arg = arg;
	w->out = g_string_sized_new(2 * BLOCK);
	w->side = MS_SIDE_CLIENT;
	w->there = 0;
	w->time_us = -1;
	return w;
}

static void
free_script(struct ms_script *w)
{
	(void)g_string_free(w->out, TRUE);
	g_free(w);
}

static void
write_who(GString *out, const char *client, const char *server)
{
	write_fact(out, "client", client);
	write_fact(out, "server", server);
}

enum ms_status
ms_script_write(const struct ms_dialogue *dialogue, ms_script_put *put,
    void *arg, struct ms_error *err)
{
	struct ms_script *w = new_script(put, arg);
	enum ms_status status = MS_OK;

	g_string_append_printf(w->out, "\n#: dialogue %" G_GUINT64_FORMAT,
	    dialogue->number);
	if (dialogue->unit && *dialogue->unit)
		g_string_append_printf(w->out, " %s %" G_GUINT64_FORMAT,
		    dialogue->unit, dialogue->position);
	g_string_append_c(w->out, '\n');
	write_who(w->out, dialogue->client, dialogue->server);
	if (!dialogue->begun)
		g_string_append(w->out, "#: beginning unknown\n");
	for (int side = 0; side < MS_SIDES; side++)
		if (was_silent(dialogue, (enum ms_side)side))
			write_fact(w->out, "silent", side_names[side]);
	for (size_t i = 0; i < dialogue->turns->len && status == MS_OK; i++) {
		const struct ms_turn *turn = ms_dialogue_turn(dialogue, i);

		if (turn->time_us != w->time_us)
			write_time(w->out, turn->time_us);
		w->time_us = turn->time_us;
		status = write_turn(w, dialogue, i, err);
	}
	if (status == MS_OK)
		status = flush(w, true, err);
	free_script(w);
	return status;
}

struct ms_script *
ms_script_open(const char *client, const char *server, ms_script_put *put,
    void *arg)
{
	struct ms_script *w = new_script(put, arg);

	g_string_append(w->out, "\n#: dialogue 1\n");
	write_who(w->out, client, server);
	return w;
}

/* SIDE does something at TIME_US. */
static enum ms_status
turn_to(struct ms_script *w, enum ms_side side, int64_t time_us,
    struct ms_error *err)
{
	const bool later = w->time_us < 0 || time_us < w->time_us ||
	    time_us - w->time_us >= MS_SCRIPT_TICK_US;
	enum ms_status status = MS_OK;

	if (side != w->side || later)
		status = pause_speech(w, err);
	if (side != w->side || later) {
		write_time(w->out, time_us);
		w->time_us = time_us;
	}
	w->side = side;
	return status;
}

enum ms_status
ms_script_say(struct ms_script *script, enum ms_side side, int64_t time_us,
    const void *data, size_t size, struct ms_error *err)
{
	enum ms_status status = turn_to(script, side, time_us, err);

	return status == MS_OK ? speak(script, side, data, size, err) :
	    status;
}

enum ms_status
ms_script_secure(struct ms_script *script, int64_t time_us,
    struct ms_error *err)
{
	enum ms_status status = turn_to(script, script->side, time_us, err);

	if (status == MS_OK)
		status = pause_speech(script, err);
	g_string_append(script->out, "#: tls\n");
	return status;
}

enum ms_status
ms_script_end(struct ms_script *script, enum ms_side side, int64_t time_us,
    struct ms_error *err)
{
	enum ms_status status = turn_to(script, side, time_us, err);

	if (status == MS_OK)
		status = pause_speech(script, err);
	g_string_append_printf(script->out, "#: end %s\n",
	    side_names[side]);
	return status;
}

enum ms_status
ms_script_close(struct ms_script *script, struct ms_error *err)
{
	enum ms_status status = pause_speech(script, err);

	if (status == MS_OK)
		status = flush(script, true, err);
	free_script(script);
	return status;
}
