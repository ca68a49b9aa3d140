#include "report_input.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* So many damaged lines of a report are complained of one by one. */
#define COMPLAINTS_MAX 10

/* A summary is no longer, unless somebody wants it to be. */
#define TAIL_BYTES 65536

#define BLOCK 65536

/* What is copied stays in memory up to this. */
#define MEMFD_MAX ((size_t)32 << 20)

static void
complain(struct report_input *input, const char *why)
{
	char *name = ms_quote_string(input->name);
	char *text = ms_quote_string(why);

	(void)fprintf(stderr, "mailscan: %s: %s\n", name, text);
	g_free(text);
	g_free(name);
}

static bool
fail(struct report_input *input, const char *why)
{
	complain(input, why);
	input->failed = true;
	return false;
}

/* Have the stream of INPUT be one that can be read twice. */
static bool
copy(struct report_input *input, const char *tempdir)
{
	const struct ms_spool_config config = { .memfd_max = MEMFD_MAX,
		.dir = tempdir };
	enum ms_status status = MS_OK;
	struct ms_error err;
	char block[BLOCK];
	size_t got;
	int fd;

	input->spool = ms_spool_new(&config);
	while (status == MS_OK &&
	    (got = fread(block, 1, sizeof block, input->stream)) > 0)
		status = ms_spool_write(input->spool, block, got, &err);
	if (status == MS_OK && ferror(input->stream))
		return fail(input, "cannot be read");
	if (status == MS_OK)
		status = ms_spool_seal(input->spool, &fd, &err);
	if (status != MS_OK)
		return fail(input, err.text);
	if (input->stream != stdin)
		(void)fclose(input->stream);
	input->stream = fdopen(fd, "r");
	if (!input->stream) {
		(void)close(fd);
		return fail(input, strerror(errno));
	}
	return true;
}

bool
report_input_open(struct report_input *input, const char *name,
    const char *tempdir)
{
	struct stat st;

	*input = (struct report_input){ .name = name };
	input->stream = strcmp(name, "-") == 0 ? stdin : fopen(name, "re");
	if (!input->stream || fstat(fileno(input->stream), &st) != 0)
		return fail(input, strerror(errno));
	if (S_ISDIR(st.st_mode))
		return fail(input, "is a directory");
	if ((!S_ISREG(st.st_mode) || input->stream == stdin) &&
	    !copy(input, tempdir))
		return false;
	input->readback = ms_readback_new(input->stream);
	return true;
}

void
report_input_close(struct report_input *input)
{
	ms_readback_free(input->readback);
	ms_readback_item_clear(&input->summary);
	ms_readback_item_clear(&input->tail);
	if (input->stream && input->stream != stdin)
		(void)fclose(input->stream);
	ms_spool_free(input->spool);
	*input = (struct report_input){ 0 };
}

/* Keep the summary ITEM, and what it sums up. */
static void
note_summary(struct report_input *input, struct ms_readback_item *item)
{
	struct ms_readback_item copy = *item;

	ms_totals_add(&input->totals, &item->totals);
	input->since = (struct ms_report_totals){ 0 };
	ms_readback_item_clear(&input->summary);
	/* The strings are the same array from now on, with two owners. */
	g_ptr_array_ref(item->strings);
	input->summary = copy;
	input->whole = true;
}

static void
note_item(struct report_input *input, struct ms_readback_item *item)
{
	switch (item->kind) {
	case MS_READBACK_SUMMARY:
		note_summary(input, item);
		return;
	case MS_READBACK_MESSAGE:
		ms_totals_count(&input->since, item->outcome);
		break;
	case MS_READBACK_NOTICE:
		ms_totals_count_notice(&input->since, item->notice);
		break;
	case MS_READBACK_ACTION:
		break;
	}
	input->whole = false;
}

static void
end(struct report_input *input)
{
	if (input->damaged > COMPLAINTS_MAX)
		(void)fprintf(stderr, "mailscan: and %u more damaged "
		    "lines\n", input->damaged - COMPLAINTS_MAX);
	if (!input->whole && !input->failed)
		complain(input, "the report is not whole: it does not end "
		    "with a summary");
	if (!input->whole)
		input->since.interrupted = true;
	ms_totals_add(&input->totals, &input->since);
}

/* The next line; false: there is none. Nothing is counted. */
static bool
next(struct report_input *input, struct ms_readback_item *item, bool aloud)
{
	struct ms_error err;
	enum ms_status status;

	while (!input->failed) {
		status = ms_readback_next(input->readback, item, &err);
		if (status == MS_OK)
			return true;
		ms_readback_item_clear(item);
		if (status == MS_END)
			return false;
		if (status != MS_E_FORMAT && status != MS_E_LIMIT) {
			if (aloud)
				(void)fail(input, err.text);
			return false;
		}
		if (aloud && ++input->damaged <= COMPLAINTS_MAX)
			complain(input, err.text);
	}
	return false;
}

bool
report_input_next(struct report_input *input, struct ms_readback_item *item)
{
	if (input->rewound)
		return next(input, item, false);
	if (next(input, item, true)) {
		note_item(input, item);
		return true;
	}
	end(input);
	return false;
}

void
report_input_rewind(struct report_input *input)
{
	ms_readback_free(input->readback);
	rewind(input->stream);
	input->readback = ms_readback_new(input->stream);
	input->rewound = true;
}

bool
report_input_peek(struct report_input *input,
    struct ms_report_engine *engine)
{
	char *tail = g_malloc(TAIL_BYTES);
	const char *line = NULL;
	bool found = false;
	size_t size;

	if (fseek(input->stream, -TAIL_BYTES, SEEK_END) != 0)
		rewind(input->stream);
	size = fread(tail, 1, TAIL_BYTES, input->stream);
	for (size_t i = 0; i + 1 < size; i++)
		if (tail[i] == '\n' || (i == 0 && size < TAIL_BYTES))
			line = tail + i + (tail[i] == '\n');
	if (line && ms_readback_parse(line, (size_t)(tail + size - line),
	    &input->tail, NULL) == MS_OK)
		found = input->tail.kind == MS_READBACK_SUMMARY;
	if (found)
		*engine = input->tail.engine;
	g_free(tail);
	rewind(input->stream);
	return found;
}

bool
report_input_is_fine(const struct report_input *input)
{
	return !input->failed && input->damaged == 0 && input->whole;
}
