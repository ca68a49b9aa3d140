#ifndef MS_DIALOGUE_TEST_H
#define MS_DIALOGUE_TEST_H

#include "capture/dialogue.h"

/* For tests of what makes, sends and takes dialogues. */

/* DIALOGUE on one line: its turns as "kind side time [bytes]", with the bytes
 * quoted; for g_free(). */
static inline char *
dialogue_describe(const struct ms_dialogue *dialogue)
{
	static const char *const kinds[] = {
		"bytes", "gap", "end", "reset", "note", "secure",
	};
	GString *text = g_string_new(NULL);

	g_string_printf(text, "%llu %s>%s %s%llu%s%s%s",
	    (unsigned long long)dialogue->number,
	    dialogue->client ? dialogue->client : "?",
	    dialogue->server ? dialogue->server : "?", dialogue->unit,
	    (unsigned long long)dialogue->position,
	    dialogue->begun ? "" : " cut", dialogue->heard[0] ? " C" : "",
	    dialogue->heard[1] ? " S" : "");
	for (size_t i = 0; i < dialogue->turns->len; i++) {
		const struct ms_turn *turn = ms_dialogue_turn(dialogue, i);
		char block[256];
		size_t got = sizeof block;

		g_string_append_printf(text, "; %s %c %lld",
		    kinds[turn->kind], turn->side == MS_SIDE_CLIENT ? 'C' :
		    'S', (long long)turn->time_us);
		if (turn->kind == MS_TURN_GAP)
			g_string_append_printf(text, " %llu",
			    (unsigned long long)turn->size);
		if (ms_dialogue_read(dialogue, i, 0, block, &got, NULL) ==
		    MS_OK && got > 0)
			g_string_append_printf(text, " [%.*s]", (int)got,
			    block);
		if (got < turn->size && got > 0)
			g_string_append_printf(text, "... %llu",
			    (unsigned long long)turn->size);
	}
	return g_string_free(text, FALSE);
}

#endif
