#include "message/occur.h"

#include <glib.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

/* Every byte of the second half begins a word, and says how long it is; each is
 * found where memmem() finds it. */
int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	const size_t half = size / 2;
	const unsigned char *from = data + half;
	const size_t count = MIN(size - half, (size_t)4096);
	struct ms_occur_word *words = g_new0(struct ms_occur_word, count + 1);

	for (size_t i = 0; i < count; i++) {
		words[i].data = from + i;
		words[i].size = MIN((size_t)from[i] % 20, size - half - i);
	}
	ms_occur(data, half, words, (unsigned)count);
	for (size_t i = 0; i < count; i++)
		if (words[i].found != (words[i].size > 0 && memmem(data, half,
		    words[i].data, words[i].size)))
			abort();
	g_free(words);
	return 0;
}
