#include "pool/local.h"

struct ms_local {
	struct ms_scan_config scan;
	struct ms_engine *engine;
	struct ms_frame_ready ready;
	bool parts;
};

enum ms_status
ms_local_open(const struct ms_zygote_config *config,
    struct ms_local **result, struct ms_error *err)
{
	struct ms_local *local = g_new0(struct ms_local, 1);
	struct ms_engine_info info;
	enum ms_status status;

	ms_scan_start();
	local->parts = config->parts;
	status = ms_engine_open(config->ops, &config->engine, &local->engine,
	    err);
	if (status == MS_OK)
		status = ms_engine_set_tmpdir(local->engine, config->dir,
		    err);
	if (status != MS_OK) {
		ms_local_close(local);
		return status;
	}
	ms_engine_info(local->engine, &info);
	local->ready = (struct ms_frame_ready){ info.name, info.version,
		info.database, info.signatures, info.database_time };
	local->scan = config->scan;
	local->scan.engine = local->engine;
	local->scan.layers = ms_layers_new(info.contexts);
	local->scan.spool.dir = config->dir;
	*result = local;
	return MS_OK;
}

void
ms_local_close(struct ms_local *local)
{
	if (!local)
		return;
	ms_engine_close(local->engine);
	ms_layers_free(local->scan.layers);
	ms_frame_ready_clear(&local->ready);
	g_free(local);
}

const struct ms_frame_ready *
ms_local_ready(const struct ms_local *local)
{
	return &local->ready;
}

void
ms_local_scan(struct ms_local *local, const struct ms_frame_scan *request,
    const void *data, struct ms_teller *teller)
{
	const struct ms_scan_input input = {
		.data = data,
		.size = (size_t)request->size,
		.omitted = request->omitted,
		.raw = request->raw,
		.joined = request->joined,
		.reduced = request->reduced,
	};

	ms_scan(&local->scan, &input, ms_teller_sink(local->parts), teller);
}
