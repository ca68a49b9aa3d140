#include "message/lines.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

/* A line and its end: no end inside, one at the end or that of the text. */
static void
check(const struct ms_line *line, const unsigned char *at,
    const unsigned char *end, const char *ends)
{
	const unsigned char *p = line->data + line->size;

	if (line->data != at || line->next <= at || line->next > end ||
	    line->next - p > 2)
		abort();
	for (size_t i = 0; i < line->size; i++)
		if (line->data[i] != '\0' && strchr(ends, line->data[i]))
			abort();
	if (p == line->next && p != end)
		abort();
	for (; p < line->next; p++)
		if (*p != '\n' && *p != '\r')
			abort();
}

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	const unsigned char *at = data, *end = data + size;
	struct ms_lines lines;
	struct ms_line line;

	for (; ms_lines_cut(at, end, &line); at = line.next)
		check(&line, at, end, "\n");
	if (at != end)
		abort();
	ms_lines_start(&lines, data, size);
	for (at = data; ms_lines_next(&lines, &line); at = line.next)
		check(&line, at, end, "\n\r");
	if (at != end)
		abort();
	return 0;
}
