#include "captures.h"

#include "exit.h"

#include <stdio.h>
#include <string.h>

void
captures_complain(const char *name, const struct ms_error *err)
{
	char *quoted = ms_quote_string(name);
	char *text = ms_quote_string(err->text);

	(void)fprintf(stderr, "mailscan: %s: %s\n", quoted, text);
	g_free(text);
	g_free(quoted);
}

enum ms_status
captures_open(const char *path, enum ms_capture_format format,
    const char *tempdir, const char *option, struct ms_captured **captured,
    struct ms_error *err)
{
	const enum ms_status status = ms_captured_open(path, format, tempdir,
	    captured, err);

	if (status == MS_E_FORMAT && strcmp(err->text,
	    MS_CAPTURE_UNKNOWN) == 0)
		(void)ms_error_set(err, status, MS_CAPTURE_UNKNOWN "; if it "
		    "is one, %s says of which format", option);
	return status;
}

/* Is it the reading that fails, or VISIT? */
struct reading {
	const char *path;
	captures_visit *visit;
	void *arg;
	const char *output;
	bool *lost;
};

static bool
read_all(const struct reading *reading, struct ms_captured *captured)
{
	enum ms_capture_format format = ms_captured_format(captured);
	struct ms_dialogue *dialogue;
	enum ms_status status;
	struct ms_error err;
	bool any = false;

	while ((status = ms_captured_next(captured, &dialogue, &err)) ==
	    MS_OK) {
		any = true;
		status = reading->visit(reading->arg, reading->path, format,
		    dialogue, &err);
		ms_dialogue_free(dialogue);
		if (status != MS_OK) {
			*reading->lost = true;
			captures_complain(reading->output, &err);
			return false;
		}
	}
	if (status == MS_END && any)
		return true;
	if (status == MS_END)
		(void)ms_error_set(&err, MS_E_FORMAT, "no SMTP in it");
	captures_complain(reading->path, &err);
	return false;
}

bool
captures_each(const struct capture_options *options, int count, char **paths,
    captures_visit *visit, void *arg, bool *lost)
{
	bool ok = true;

	*lost = false;
	for (int i = 0; i < count && !*lost; i++) {
		const struct reading reading = { paths[i], visit, arg,
			options->output ? options->output :
			"standard output", lost };
		struct ms_captured *captured;
		struct ms_error err;

		if (captures_open(paths[i],
		    (enum ms_capture_format)options->from,
		    scan_options_tempdir(&options->scan), "--from", &captured,
		    &err) != MS_OK) {
			captures_complain(paths[i], &err);
			ok = false;
			continue;
		}
		ok = read_all(&reading, captured) && ok;
		ms_captured_free(captured);
	}
	return ok;
}

/* A line for DIALOGUE. */
static enum ms_status
list(void *arg, const char *path, enum ms_capture_format format,
    struct ms_dialogue *dialogue, struct ms_error *err)
{
	const struct capture_options *options = arg;
	struct ms_tally tally;
	enum ms_status status = ms_tally(dialogue, &tally, err);
	const struct ms_streams_row row = {
		.source = path,
		.format = ms_capture_name(format),
		.number = dialogue->number,
		.client = dialogue->client, .server = dialogue->server,
		.first_us = tally.first_us, .last_us = tally.last_us,
		.position = dialogue->position, .unit = dialogue->unit,
		.client_bytes = tally.bytes[MS_SIDE_CLIENT],
		.server_bytes = tally.bytes[MS_SIDE_SERVER],
		.messages = tally.messages,
		.gaps = tally.gaps, .missing = tally.missing,
		.client_heard = dialogue->heard[MS_SIDE_CLIENT],
		.server_heard = dialogue->heard[MS_SIDE_SERVER],
		.begun = dialogue->begun, .ended = tally.ended,
		.reset = tally.reset, .tls = tally.tls,
	};

	if (status != MS_OK)
		return status;
	return ms_streams_write(stdout, options->json, &row, err);
}

int
capture_list(const struct command *cmd,
    const struct capture_options *options, int count, char **paths)
{
	struct capture_options copy = *options;
	bool lost;

	(void)cmd;
	return captures_each(options, count, paths, list, &copy, &lost) ?
	    EXIT_CLEAN : EXIT_TROUBLE;
}
