#include "milter/alter.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

static const char *const names[] = { "X-Virus-*", "X-Spam", NULL };
static const char *const fields[] = { "X-Virus-Status: Clean", NULL };

/* No edit is one that a server could take for something else. */
static void
check(const struct ms_alter_edit *edit)
{
	if (*edit->name == '\0' || strpbrk(edit->name, ":\r\n") ||
	    (edit->number == 0) != (edit->kind == MS_ALTER_PUT) ||
	    (edit->value == NULL) != (edit->kind == MS_ALTER_REMOVE))
		abort();
	/* A line in it is one that is folded. */
	for (const char *p = edit->value; p && (p = strchr(p, '\n')); p++)
		if (p[1] != ' ' && p[1] != '\t')
			abort();
}

/* One header, or two with a NUL between them. */
int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	const unsigned char *nul = memchr(data, '\0', size);
	const struct ms_alter_config config = {
		.header = data,
		.size = nul ? (size_t)(nul - data) : size,
		.rewritten = nul ? nul + 1 : NULL,
		.rewritten_size = nul ? (size_t)(data + size - nul - 1) : 0,
		.names = names,
		.fields = fields,
		.subject = size % 2 ? "[Virus]" : NULL,
	};
	GPtrArray *edits = ms_alter(&config);

	if (!edits)
		return 0;
	for (guint i = 0; i < edits->len; i++)
		check(edits->pdata[i]);
	g_ptr_array_unref(edits);
	return 0;
}
