#include "engine/engine.h"

#include <glib.h>

struct ms_engine {
	const struct ms_engine_ops *ops;
	void *state;
};

enum ms_status
ms_engine_open(const struct ms_engine_ops *ops,
    const struct ms_engine_config *config, struct ms_engine **engine,
    struct ms_error *err)
{
	void *state;
	enum ms_status status = ops->open(config, &state, err);

	if (status != MS_OK)
		return status;
	*engine = g_new(struct ms_engine, 1);
	**engine = (struct ms_engine){ ops, state };
	return MS_OK;
}

void
ms_engine_close(struct ms_engine *engine)
{
	if (!engine)
		return;
	engine->ops->close(engine->state);
	g_free(engine);
}

enum ms_status
ms_engine_set_tmpdir(struct ms_engine *engine, const char *dir,
    struct ms_error *err)
{
	return engine->ops->set_tmpdir(engine->state, dir, err);
}

enum ms_status
ms_engine_scan(struct ms_engine *engine, const struct ms_engine_input *input,
    const struct ms_engine_sink *sink, void *arg, struct ms_error *err)
{
	return engine->ops->scan(engine->state, input, sink, arg, err);
}

const char *
ms_engine_name(const struct ms_engine *engine)
{
	return engine->ops->name;
}

void
ms_engine_info(const struct ms_engine *engine, struct ms_engine_info *info)
{
	engine->ops->info(engine->state, info);
}

void
ms_engine_info_clear(struct ms_engine_info *info)
{
	g_free(info->name);
	g_free(info->version);
	g_free(info->database);
	*info = (struct ms_engine_info){ 0 };
}
