#include "replay_streams.h"

#include <stdio.h>
#include <string.h>

void
replay_streams_complain(const char *source, const struct ms_error *err)
{
	char *text = ms_quote_string(err->text);
	char *name = ms_quote_string(source);

	(void)fprintf(stderr, "mailscan: %s%s%s\n", name ? name : "",
	    name ? ": " : "", text);
	g_free(text);
	g_free(name);
}

static bool
open_stream(const char *path, FILE **stream)
{
	struct ms_error err;

	if (!path)
		return true;
	*stream = strcmp(path, "-") == 0 ? stdout : fopen(path, "we");
	if (*stream)
		return true;
	(void)ms_error_errno(&err, "%s", path);
	replay_streams_complain(NULL, &err);
	return false;
}

static bool
close_stream(const char *path, FILE **stream)
{
	struct ms_error err;
	FILE *closed = *stream;

	*stream = NULL;
	if (!closed || closed == stdout || fclose(closed) == 0)
		return true;
	(void)ms_error_errno(&err, "%s", path);
	replay_streams_complain(NULL, &err);
	return false;
}

bool
replay_streams_open(const struct replay_options *options,
    struct ms_telling_config *config)
{
	*config = (struct ms_telling_config){ .summary = options->summary,
		.verbose = options->verbose,
		.allow_partial = options->allow_partial };
	if (!open_stream(options->json, &config->json) ||
	    !open_stream(options->junit, &config->junit))
		return false;
	if (!options->quiet && config->json != stdout &&
	    config->junit != stdout)
		config->text = stdout;
	return true;
}

bool
replay_streams_close(const struct replay_options *options,
    struct ms_telling_config *config)
{
	const bool json = close_stream(options->json, &config->json);

	return close_stream(options->junit, &config->junit) && json;
}
