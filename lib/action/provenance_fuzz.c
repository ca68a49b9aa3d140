#include "action/provenance.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define KEY "a secret"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

/* Whatever stands before and behind it, an ID of ours is known, also from a
 * notice about that; and References are whole lines, with nothing in them but
 * IDs. */
int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	const char *text = (const char *)data;
	const uint64_t random[] = { size, size };
	GString *field = g_string_new(NULL), *more = g_string_new(NULL);

	ms_provenance_references(text, size, field);
	for (size_t i = 0; i < field->len; i++)
		if (field->str[i] < '\n' || field->str[i] > '~' ||
		    (field->str[i] == '\n' && i + 1 < field->len &&
		    strncmp(field->str + i, "\n <mailscan.", 12) != 0))
			abort();
	if (field->len > 0 && (field->str[field->len - 1] != '\n' ||
	    field->len > 20 * 400))
		abort();
	g_string_append_len(more, text, (gssize)size);
	ms_provenance_id(KEY, 0, random, more);
	g_string_append(more, "@x>");
	g_string_truncate(field, 0);
	ms_provenance_references(more->str, more->len, field);
	g_string_append_len(more, text, (gssize)size);
	if (!ms_provenance_is_ours(KEY, 0, more->str, more->len) ||
	    !ms_provenance_is_ours(KEY, 0, field->str, field->len))
		abort();
	(void)g_string_free(more, TRUE);
	(void)g_string_free(field, TRUE);
	return 0;
}
