#include "smtp/gather.h"

#include <string.h>

void
ms_gather_init(struct ms_gather *gather)
{
	*gather = (struct ms_gather){ .line = g_string_new(NULL) };
}

void
ms_gather_clear(struct ms_gather *gather)
{
	if (gather->line)
		g_string_free(gather->line, TRUE);
	*gather = (struct ms_gather){ 0 };
}

/* SIZE bytes at LINE are one, with its LF. */
static void
give(struct ms_gather *gather, const unsigned char *line, size_t size)
{
	gather->told = true;
	gather->size = size--;
	gather->flaws = 0;
	if (size > 0 && line[size - 1] == '\r')
		size--;
	else
		gather->flaws |= MS_LINE_BARE_LF;
	if (memchr(line, '\r', size))
		gather->flaws |= MS_LINE_BARE_CR;
	if (memchr(line, '\0', size))
		gather->flaws |= MS_LINE_NUL;
	gather->data = line;
	gather->data_size = size;
}

/* What there is of a line that is longer than any. */
static void
give_beginning(struct ms_gather *gather)
{
	gather->told = gather->drop = true;
	gather->size = gather->data_size = gather->line->len;
	gather->data = (const unsigned char *)gather->line->str;
	gather->flaws = MS_LINE_LONG;
	if (memchr(gather->data, '\0', gather->data_size))
		gather->flaws |= MS_LINE_NUL;
}

enum ms_status
ms_gather_feed(struct ms_gather *gather, const void *data, size_t size,
    size_t most, uint64_t offset, size_t *used)
{
	const unsigned char *feed;
	size_t n;

	if (gather->told)
		g_string_truncate(gather->line, 0);
	gather->told = false;
	*used = 0;
	if (gather->drop && size > 0) {
		feed = memchr(data, '\n', size);
		*used = feed ? (size_t)(feed - (const unsigned char *)data) +
		    1 : size;
		gather->drop = !feed;
		data = (const unsigned char *)data + *used;
		size -= *used;
		offset += *used;
	}
	if (size == 0)
		return MS_END;
	if (gather->line->len == 0)
		gather->offset = offset;
	feed = memchr(data, '\n', size);
	n = feed ? (size_t)(feed - (const unsigned char *)data) + 1 : size;
	if (n > most - gather->line->len) {
		n = most - gather->line->len;
		g_string_append_len(gather->line, data, (gssize)n);
		*used += n;
		give_beginning(gather);
		return MS_OK;
	}
	*used += n;
	if (feed && gather->line->len == 0) {
		give(gather, data, n);
		return MS_OK;
	}
	g_string_append_len(gather->line, data, (gssize)n);
	if (!feed)
		return MS_END;
	give(gather, (const unsigned char *)gather->line->str,
	    gather->line->len);
	return MS_OK;
}

void
ms_gather_skip(struct ms_gather *gather)
{
	if (gather->line->len > 0 && !gather->told) {
		g_string_truncate(gather->line, 0);
		gather->drop = true;
	}
}

void
ms_gather_reset(struct ms_gather *gather)
{
	g_string_truncate(gather->line, 0);
	gather->drop = gather->told = false;
}
