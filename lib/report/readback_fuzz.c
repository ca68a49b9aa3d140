#include "report/readback.h"

#include <stdlib.h>
#include <string.h>

#include "report/jsonl.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

/* What was read is written as a line that is read as the same again. */
static void
write_again(const struct ms_readback_item *item)
{
	const struct ms_report_options options = {
		.parts = item->has_parts,
		.tree = item->has_tree,
		.files = item->has_files,
	};
	char *once = ms_jsonl_line(item->outcome, &options, NULL), *twice;
	struct ms_readback_item again;

	if (!once || strchr(once, '\n') ||
	    ms_readback_parse(once, strlen(once), &again, NULL) != MS_OK ||
	    again.kind != MS_READBACK_MESSAGE)
		abort();
	twice = ms_jsonl_line(again.outcome, &options, NULL);
	if (!twice || strcmp(once, twice) != 0)
		abort();
	ms_readback_item_clear(&again);
	g_free(twice);
	g_free(once);
}

/* Any bytes, as a file of lines. */
int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	FILE *stream;
	struct ms_readback *readback;
	struct ms_readback_item item;
	struct ms_error err;
	enum ms_status status;
	uint64_t line = 0;

	if (size == 0)
		return 0;
	stream = fmemopen((void *)(uintptr_t)data, size, "r");
	if (!stream)
		return 0;
	readback = ms_readback_new(stream);
	do {
		err.text[0] = '\0';
		status = ms_readback_next(readback, &item, &err);
		if (ms_readback_line(readback) <= line)
			abort();
		line = ms_readback_line(readback);
		if (status < 0 && strncmp(err.text, "line ", 5) != 0)
			abort();
		if (status == MS_OK && item.kind == MS_READBACK_MESSAGE)
			write_again(&item);
		ms_readback_item_clear(&item);
	} while (status != MS_END && status != MS_E_IO);
	ms_readback_free(readback);
	fclose(stream);
	return 0;
}
