#ifndef MS_SCRIPT_TEST_H
#define MS_SCRIPT_TEST_H

#include "capture/transcript_test.h"

/* For tests and fuzz targets: what is written comes back. */

static inline bool
script_same_bytes(const struct ms_dialogue *a, const struct ms_dialogue *b,
    size_t turn)
{
	uint64_t size = ms_dialogue_turn(a, turn)->size, at = 0;

	while (at < size) {
		char one[1000], other[1000];
		size_t n = sizeof one, m = sizeof other;

		if (ms_dialogue_read(a, turn, at, one, &n, NULL) != MS_OK ||
		    ms_dialogue_read(b, turn, at, other, &m, NULL) != MS_OK ||
		    n != m || n == 0 || memcmp(one, other, n) != 0)
			return false;
		at += n;
	}
	return true;
}

/* Are A and B one, but for their places in what they were read from? */
static inline bool
script_equal(const struct ms_dialogue *a, const struct ms_dialogue *b)
{
	if (g_strcmp0(a->client, b->client) != 0 ||
	    g_strcmp0(a->server, b->server) != 0 || a->begun != b->begun ||
	    a->heard[0] != b->heard[0] || a->heard[1] != b->heard[1] ||
	    a->turns->len != b->turns->len)
		return false;
	for (size_t i = 0; i < a->turns->len; i++) {
		const struct ms_turn *s = ms_dialogue_turn(a, i);
		const struct ms_turn *t = ms_dialogue_turn(b, i);

		if (s->kind != t->kind || s->side != t->side ||
		    s->time_us != t->time_us || s->size != t->size)
			return false;
		if ((s->kind == MS_TURN_BYTES || s->kind == MS_TURN_NOTE) &&
		    !script_same_bytes(a, b, i))
			return false;
	}
	return true;
}

/* Write DIALOGUE, read that, and compare. One without turns is none. */
static inline bool
script_same(struct ms_stash *stash, const struct ms_dialogue *dialogue)
{
	GString *text = g_string_new(NULL);
	struct text_input input = { .step = dialogue->turns->len % 3 * 11 };
	const struct ms_transcript_config config = {
		.stash = stash, .read = text_read, .read_arg = &input,
	};
	struct ms_transcript *transcript = NULL;
	struct ms_dialogue *back = NULL, *more = NULL;
	bool same;

	(void)ms_script_begin(text_put, text, NULL);
	same = ms_script_write(dialogue, text_put, text, NULL) == MS_OK;
	input.text = text->str;
	input.size = text->len;
	same = same && g_utf8_validate(text->str, (gssize)text->len, NULL) &&
	    ms_transcript_open(&config, &transcript, NULL) == MS_OK;
	if (same && dialogue->turns->len > 0)
		same = ms_transcript_next(transcript, &back, NULL) == MS_OK &&
		    script_equal(dialogue, back);
	same = same && ms_transcript_next(transcript, &more, NULL) == MS_END;
	ms_dialogue_free(back);
	ms_transcript_free(transcript);
	g_string_free(text, TRUE);
	return same;
}

/* What to say: bytes that are hard to write down are likely. */
static inline size_t
script_words(char words[64], const unsigned char *data, size_t size)
{
	static const char hard[] = "\r\n\r\n\\ .:#CSx0\xc3\xa9\xff\0\t";
	size_t n = MIN(size, 64);

	for (size_t i = 0; i < n; i++)
		words[i] = data[i] & 1 ? (char)data[i] :
		    hard[data[i] / 2 % (sizeof hard - 1)];
	return n;
}

/* One turn that DATA, of SIZE bytes, stands for; returns how many were
 * used. */
static inline size_t
script_turn(struct ms_dialogue *d, const unsigned char *data, size_t size)
{
	static const int64_t times[] = {
		-1, 0, 1, -2, INT64_MAX, INT64_MIN, 1795244400123456,
		253402300800000000,
	};
	enum ms_side side = (enum ms_side)(data[0] >> 3 & 1);
	int64_t time_us = times[data[0] >> 4 & 7];
	char words[65] = "";
	size_t n = script_words(words, data + 1, MIN(size - 1, data[0] % 61));

	switch (data[0] & 7) {
	case 0:
		(void)ms_dialogue_gap(d, side, time_us, n, NULL);
		return 1 + n;
	case 1:
		(void)ms_dialogue_end(d, side, time_us, data[0] & 128, NULL);
		return 1;
	case 2:
		(void)ms_dialogue_secure(d, time_us, NULL);
		return 1;
	case 3:
		(void)ms_dialogue_note(d, side, time_us, words, NULL);
		return 1 + n;
	default:
		(void)ms_dialogue_say(d, side, time_us, words, n, NULL);
		return 1 + n;
	}
}

/* The dialogue that DATA stands for, whatever that is, comes back. */
static inline bool
script_comes_back(struct ms_stash *stash, const unsigned char *data,
    size_t size)
{
	struct ms_dialogue *dialogue = ms_dialogue_new(stash);
	char words[65] = "";
	bool same;

	if (size > 0) {
		(void)script_words(words, data, MIN(size, data[0] % 8));
		dialogue->begun = data[0] & 8;
		dialogue->client = data[0] & 16 ? g_strdup(words) : NULL;
		dialogue->server = data[0] & 32 ? g_strdup(words + 1) : NULL;
		dialogue->heard[0] = data[0] & 64;
		dialogue->heard[1] = data[0] & 128;
	}
	for (size_t at = 1; at < size;)
		at += script_turn(dialogue, data + at, size - at);
	same = script_same(stash, dialogue);
	ms_dialogue_free(dialogue);
	return same;
}

#endif
