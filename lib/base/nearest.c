#include "base/nearest.h"

#include <string.h>

/* Names are short; what is longer is no misspelling of one. */
enum { LONGEST = 63, FAR = 99 };

/* Edits (of one letter each) from A to B; FAR if either is absurdly long. */
static unsigned
distance(const char *a, const char *b)
{
	unsigned row[LONGEST + 1];
	size_t na = strlen(a), nb = strlen(b);

	if (na > LONGEST || nb > LONGEST)
		return FAR;
	for (size_t j = 0; j <= nb; j++)
		row[j] = (unsigned)j;
	for (size_t i = 1; i <= na; i++) {
		unsigned diagonal = row[0];

		row[0] = (unsigned)i;
		for (size_t j = 1; j <= nb; j++) {
			unsigned change = diagonal + (a[i - 1] != b[j - 1]);

			diagonal = row[j];
			row[j] = MIN(change, MIN(row[j], row[j - 1]) + 1);
		}
	}
	return row[nb];
}

const char *
ms_nearest(const char *name, const char *const *names)
{
	size_t length = strlen(name);
	unsigned best = (unsigned)MIN(MAX(2, length / 3), LONGEST) + 1;
	const char *found = NULL;

	for (; *names; names++) {
		unsigned d = distance(name, *names);

		/* What was cut short is a likely guess, too. */
		if (length >= 3 && strncmp(*names, name, length) == 0)
			d = MIN(d, 2);
		if (d < best) {
			best = d;
			found = *names;
		}
	}
	return found;
}
