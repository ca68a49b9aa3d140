#include "base/glob.h"

#include <glib.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

/* By a table: does what is left of PATTERN match what is left of TEXT? */
static bool
plainly(const char *pattern, const char *text)
{
	const size_t rows = strlen(pattern) + 1, columns = strlen(text) + 1;
	bool *matches = g_new0(bool, rows * columns), all;

	for (size_t i = rows; i-- > 0;)
		for (size_t k = columns; k-- > 0;) {
			bool *here = &matches[i * columns + k];

			if (i + 1 == rows)
				*here = k + 1 == columns;
			else if (pattern[i] == '*')
				*here = here[columns] || (k + 1 < columns &&
				    here[1]);
			else
				*here = k + 1 < columns && (pattern[i] == '?'
				    || pattern[i] == text[k]) &&
				    here[columns + 1];
		}
	all = *matches;
	g_free(matches);
	return all;
}

/* A pattern, and a line with a text. */
int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	char *all = g_strndup((const char *)data, MIN(size, (size_t)2000));
	char *text = strchr(all, '\n');

	if (text) {
		*text++ = '\0';
		if (ms_glob(all, text) != plainly(all, text))
			abort();
	}
	g_free(all);
	return 0;
}
