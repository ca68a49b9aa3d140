#include "capture/logline.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

/* All that is found lies within the line, and the text at its end. */
int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	const struct ms_piece piece = {
		.data = data, .size = size, .first = true, .last = true,
	};
	const char *text = (const char *)data;
	struct ms_logline line;

	if (!ms_logline(&piece, &line))
		return 0;
	if (line.who < text || line.who_size > size ||
	    line.program < line.who ||
	    line.program + line.program_size > line.who + line.who_size ||
	    line.text.data + line.text.size != data + size ||
	    line.who + line.who_size > (const char *)line.text.data)
		abort();
	return 0;
}
