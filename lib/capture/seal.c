#include "capture/seal.h"

#include "capture/ahead.h"
#include "capture/lookout.h"
#include "capture/records.h"
#include "smtp/request.h"

#define BLOCK 65536

/* Commands that lead to a message. */
#define VERBS (1u << MS_VERB_EHLO | 1u << MS_VERB_HELO | 1u << MS_VERB_LHLO | \
    1u << MS_VERB_MAIL | 1u << MS_VERB_RCPT | 1u << MS_VERB_DATA | \
    1u << MS_VERB_BDAT | 1u << MS_VERB_RSET)

struct ms_seal {
	const struct ms_dialogue *dialogue;
	/* Between these turns the server says nothing; or to the end. */
	size_t silent_from, silent_to;
	struct ms_records records;
	struct ms_lookout lookout;
	unsigned char block[BLOCK];
};

struct ms_seal *
ms_seal_new(const struct ms_dialogue *dialogue)
{
	struct ms_seal *seal = g_new0(struct ms_seal, 1);

	seal->dialogue = dialogue;
	return seal;
}

void
ms_seal_free(struct ms_seal *seal)
{
	g_free(seal);
}

/* The turn, from TURN on, in which the server says something, or in which TLS
 * is said to begin. */
static size_t
find_server(struct ms_seal *seal, size_t turn)
{
	const GArray *turns = seal->dialogue->turns;
	size_t i = turn;

	if (seal->silent_from <= turn && turn <= seal->silent_to)
		i = seal->silent_to;
	else
		seal->silent_from = turn;
	for (; i < turns->len; i++) {
		const struct ms_turn *t = ms_dialogue_turn(seal->dialogue, i);

		if (t->kind == MS_TURN_SECURE || (t->kind == MS_TURN_BYTES &&
		    t->side == MS_SIDE_SERVER))
			break;
	}
	seal->silent_to = i;
	return i;
}

/* Are digits what the server says next? That is no TLS, whatever the client's
 * bytes look like. */
static enum ms_status
is_plain(struct ms_seal *seal, size_t turn, bool *plain,
    struct ms_error *err)
{
	size_t server = find_server(seal, turn), got = 1;
	enum ms_status status = MS_OK;
	unsigned char first = 0;

	if (server < seal->dialogue->turns->len)
		status = ms_dialogue_read(seal->dialogue, server, 0, &first,
		    &got, err);
	*plain = status == MS_OK && got > 0 && g_ascii_isdigit(first);
	return status;
}

/* The SIZE bytes in the block are next. True: it is over, *SAID bytes behind
 * where it began. */
static bool
is_over(struct ms_seal *seal, size_t size, uint64_t *said)
{
	bool command = ms_lookout_feed(&seal->lookout, seal->block, size);
	bool broken = !ms_records_feed(&seal->records, seal->block, size);

	if (command && (!broken || seal->lookout.line < seal->records.start))
		*said = seal->lookout.line;
	else if (broken)
		*said = seal->records.start;
	return command || broken;
}

/* A record broke SAID bytes behind the begin, in the block of SIZE bytes that
 * began at AT: the line that it is in may have begun before. */
static uint64_t
find_line(const struct ms_seal *seal, uint64_t line, uint64_t at,
    uint64_t said)
{
	for (uint64_t i = said; i > at; i--)
		if (seal->block[i - at - 1] == '\n')
			return i;
	return line > 0 ? MIN(line, said) : said;
}

/* The client's bytes of turn TURN, from AT on. */
static enum ms_status
walk(struct ms_seal *seal, size_t turn, uint64_t at, bool *over,
    uint64_t *said, struct ms_error *err)
{
	const struct ms_turn *t = ms_dialogue_turn(seal->dialogue, turn);
	enum ms_status status = MS_OK;

	while (status == MS_OK && !*over && at < t->size) {
		const uint64_t before = seal->lookout.at;
		const uint64_t line = seal->lookout.line;
		size_t got = BLOCK;

		status = ms_dialogue_read(seal->dialogue, turn, at,
		    seal->block, &got, err);
		if (status != MS_OK)
			break;
		*over = is_over(seal, got, said);
		if (*over)
			*said = find_line(seal, line, before, *said);
		at += got;
	}
	return status;
}

enum ms_status
ms_seal_end(struct ms_seal *seal, const struct ms_stray_place *place,
    uint64_t *end, struct ms_error *err)
{
	const GArray *turns = seal->dialogue->turns;
	struct ms_ahead ahead;
	enum ms_status status = ms_ahead_look(seal->dialogue, place->turn,
	    place->at, &ahead, err);
	bool over = false;
	uint64_t said = 0;

	if (status == MS_OK)
		status = is_plain(seal, place->turn, &over, err);
	over |= !ms_ahead_is_tls(&ahead);
	seal->records = (struct ms_records){ 0 };
	ms_lookout_init(&seal->lookout, VERBS);
	for (size_t i = place->turn; i < turns->len && status == MS_OK &&
	    !over; i++) {
		const struct ms_turn *t = ms_dialogue_turn(seal->dialogue, i);

		if (t->kind == MS_TURN_SECURE)
			break;
		if (t->side != MS_SIDE_CLIENT)
			continue;
		if (t->kind == MS_TURN_GAP)
			ms_records_skip(&seal->records, t->size);
		if (t->kind == MS_TURN_BYTES)
			status = walk(seal, i, i == place->turn ? place->at :
			    0, &over, &said, err);
	}
	*end = over ? place->client + said : UINT64_MAX;
	return status;
}

char *
ms_seal_why(uint64_t start, uint64_t end, uint64_t stream)
{
	GString *why = g_string_new(NULL);

	g_string_printf(why, "TLS from byte %" G_GUINT64_FORMAT " of stream %"
	    G_GUINT64_FORMAT, start + 1, stream);
	if (end != UINT64_MAX)
		g_string_append_printf(why, ", over at byte %"
		    G_GUINT64_FORMAT, end);
	return g_string_free(why, FALSE);
}
