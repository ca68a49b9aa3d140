#include "engine/none.h"

#include <glib.h>

static const char *
version_none(void)
{
	return "";
}

static enum ms_status
open_none(const struct ms_engine_config *config, void **state,
    struct ms_error *err)
{
	(void)config;
	(void)err;
	*state = NULL;
	return MS_OK;
}

static void
close_none(void *state)
{
	(void)state;
}

static enum ms_status
set_tmpdir_none(void *state, const char *dir, struct ms_error *err)
{
	(void)state;
	(void)dir;
	(void)err;
	return MS_OK;
}

static enum ms_status
scan_none(void *state, const struct ms_engine_input *input,
    const struct ms_engine_sink *sink, void *arg, struct ms_error *err)
{
	(void)state;
	(void)sink;
	(void)arg;
	(void)err;
	if (input->looked_at)
		*input->looked_at = 0;
	return MS_OK;
}

static void
info_none(const void *state, struct ms_engine_info *info)
{
	(void)state;
	*info = (struct ms_engine_info){
		.name = g_strdup(ms_none.name),
		.version = g_strdup(""),
		.database = g_strdup(""),
		.database_time = -1,
	};
}

const struct ms_engine_ops ms_none = {
	.name = "none",
	.version = version_none,
	.open = open_none,
	.close = close_none,
	.set_tmpdir = set_tmpdir_none,
	.scan = scan_none,
	.info = info_none,
	.blind = true,
};
