#include "message/block.h"

#include "base/find.h"
#include "message/lines.h"
#include "message/pour.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* What base/find.h looks for. */
#define NEEDLE_MAX 16

bool
ms_block_line(struct ms_block_text *rest, struct ms_block_text *line)
{
	struct ms_line cut;

	if (!ms_lines_cut(rest->data, rest->data + rest->size, &cut))
		return false;
	*line = (struct ms_block_text){ cut.data, cut.size };
	rest->size -= (size_t)(cut.next - rest->data);
	rest->data = cut.next;
	return true;
}

bool
ms_block_starts(const struct ms_block_text *text, const char *prefix)
{
	size_t size = strlen(prefix);

	return text->size >= size && memcmp(text->data, prefix, size) == 0;
}

bool
ms_block_seek(struct ms_block_text *rest, const char *prefix)
{
	char needle[NEEDLE_MAX] = "\n";
	size_t length = MIN(strlen(prefix), sizeof needle - 1);

	memcpy(needle + 1, prefix, length);
	while (!ms_block_starts(rest, prefix)) {
		const unsigned char *found = rest->size > 0 ?
		    ms_find(rest->data, rest->size, needle, length + 1) : NULL;

		if (!found)
			return false;
		rest->size -= (size_t)(found + 1 - rest->data);
		rest->data = found + 1;
	}
	return true;
}

static bool
is_around(unsigned char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '"';
}

void
ms_block_name(const void *data, size_t size,
    char name[MS_BLOCK_NAME_MAX + 1])
{
	const unsigned char *text = data;
	const unsigned char *nul = size > 0 ? memchr(data, 0, size) : NULL;

	if (nul)
		size = (size_t)(nul - text);
	while (size > 0 && is_around(text[size - 1]))
		size--;
	while (size > 0 && is_around(*text)) {
		text++;
		size--;
	}
	/* What a file is, its name says at the end. */
	if (size > MS_BLOCK_NAME_MAX) {
		text += size - MS_BLOCK_NAME_MAX;
		size = MS_BLOCK_NAME_MAX;
	}
	if (size > 0)
		memcpy(name, text, size);
	name[size] = '\0';
	if (size == 0)
		memcpy(name, "unnamed", sizeof "unnamed");
}

enum ms_status
ms_block_keep(const struct ms_block_input *input, const void *data,
    size_t size, struct ms_error *err)
{
	return ms_pour_keep(input->spool, input->budget, data, size, err);
}

void
ms_block_trouble(const struct ms_block_walk *walk, const char *name,
    enum ms_status status, const char *format, ...)
{
	struct ms_error why;
	va_list args;

	if (!walk->visitor->trouble)
		return;
	va_start(args, format);
	(void)vsnprintf(why.text, sizeof why.text, format, args);
	va_end(args);
	walk->visitor->trouble(walk->arg, name, status, &why);
}

enum ms_status
ms_block_visit(const struct ms_block_walk *walk, const char *name,
    const unsigned char *data, size_t size, struct ms_error *err)
{
	const struct ms_block block = { name, data, size };
	enum ms_status status = ms_budget_part(walk->input->budget, err);

	return status == MS_OK ?
	    walk->visitor->block(walk->arg, &block, err) : status;
}

/* Did the budget refuse only this one block? */
static bool
is_passable(const struct ms_budget *budget)
{
	return budget->hit == MS_BUDGET_SIZE &&
	    budget->bytes < budget->limits.total_bytes -
	    MIN(budget->limits.total_bytes, (uint64_t)65536);
}

enum ms_status
ms_block_pass(const struct ms_block_walk *walk, const char *name,
    enum ms_status status, const struct ms_error *err)
{
	if (status != MS_E_LIMIT || !is_passable(walk->input->budget))
		return status;
	if (walk->visitor->trouble)
		walk->visitor->trouble(walk->arg, name, status, err);
	return MS_OK;
}

enum ms_status
ms_block_done(const struct ms_block_walk *walk, const char *name,
    enum ms_status status, struct ms_error *err)
{
	struct ms_spool *spool = walk->input->spool;
	const unsigned char *data;

	status = ms_block_pass(walk, name, status, err);
	if (status == MS_OK)
		status = ms_spool_map(spool, &data, err);
	return status == MS_OK ? ms_block_visit(walk, name, data,
	    (size_t)ms_spool_size(spool), err) : status;
}
