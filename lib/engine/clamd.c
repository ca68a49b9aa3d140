#include "engine/clamd.h"

#include "engine/heuristic.h"

#include <glib.h>

struct clamd {
	struct ms_engine_delegate delegate;
	char *version;
	char *database;
};

static const char *
version_clamd(void)
{
	return "";
}

static enum ms_status
open_clamd(const struct ms_engine_config *config, void **state,
    struct ms_error *err)
{
	struct clamd *clamd;

	if (!config->delegate)
		return ms_error_set(err, MS_E_ENGINE,
		    "there is nobody to ask clamd");
	clamd = g_new0(struct clamd, 1);
	clamd->delegate = *config->delegate;
	clamd->version = g_strdup(config->delegate->version);
	clamd->database = g_strdup(config->delegate->database);
	*state = clamd;
	return MS_OK;
}

static void
close_clamd(void *state)
{
	struct clamd *clamd = state;

	g_free(clamd->version);
	g_free(clamd->database);
	g_free(clamd);
}

static enum ms_status
set_tmpdir_clamd(void *state, const char *dir, struct ms_error *err)
{
	(void)state;
	(void)dir;
	(void)err;
	return MS_OK;
}

static void
tell_found(const struct ms_engine_sink *sink, void *arg, const char *name)
{
	enum ms_engine_gap gap;
	unsigned alerts;

	if (ms_heuristic_gap(name, &gap, &alerts))
		sink->gap(arg, gap, name);
	sink->found(arg, name);
}

static enum ms_status
scan_clamd(void *state, const struct ms_engine_input *input,
    const struct ms_engine_sink *sink, void *arg, struct ms_error *err)
{
	const struct clamd *clamd = state;
	struct ms_engine_answer answer;

	/* What clamd unpacks it does not say. */
	if (input->looked_at)
		*input->looked_at = input->size;
	if (input->size == 0)
		return MS_OK;
	if (clamd->delegate.ask(clamd->delegate.arg, input->data, input->size,
	    &answer, err) != MS_OK)
		return MS_E_ENGINE;
	switch (answer.kind) {
	case MS_ENGINE_CLEAN:
		return MS_OK;
	case MS_ENGINE_FOUND:
		tell_found(sink, arg, answer.text);
		return MS_OK;
	case MS_ENGINE_TOO_LARGE:
		sink->gap(arg, MS_ENGINE_GAP_SIZE, answer.text);
		return MS_OK;
	case MS_ENGINE_FAILED:
		break;
	}
	return ms_error_set(err, MS_E_ENGINE, "%s", answer.text);
}

static void
info_clamd(const void *state, struct ms_engine_info *info)
{
	const struct clamd *clamd = state;

	*info = (struct ms_engine_info){
		.name = g_strdup(ms_clamd.name),
		.version = g_strdup(clamd->version),
		.database = g_strdup(clamd->database),
		.database_time = clamd->delegate.database_time,
		.contexts = true,
	};
}

const struct ms_engine_ops ms_clamd = {
	.name = "clamd",
	.version = version_clamd,
	.open = open_clamd,
	.close = close_clamd,
	.set_tmpdir = set_tmpdir_clamd,
	.scan = scan_clamd,
	.info = info_clamd,
	.remote = true,
};
