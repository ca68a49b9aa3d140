#include "capture/textlines.h"

#include <stdint.h>
#include <stdlib.h>

#include "capture/transcript_test.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

/* The pieces and their ends, put together, are the text. */
int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	static const char *const ends[] = { "", "\n", "\r\n" };
	struct text_input input = { .text = (const char *)data, .size = size,
		.step = size % 5 };
	struct ms_textlines *lines = ms_textlines_new(text_read, &input);
	GString *all = g_string_new(NULL);
	struct ms_piece piece;
	uint64_t number = 0;

	while (ms_textlines_next(lines, &piece, NULL) == MS_OK) {
		number += piece.first ? 1 : 0;
		if (piece.number != number || piece.size >
		    MS_TEXTLINES_PIECE || (!piece.last && piece.size == 0))
			abort();
		g_string_append_len(all, (const char *)piece.data,
		    (gssize)piece.size);
		g_string_append(all, ends[piece.ending]);
	}
	if (all->len != size || memcmp(all->str, data, size) != 0)
		abort();
	g_string_free(all, TRUE);
	ms_textlines_free(lines);
	return 0;
}
