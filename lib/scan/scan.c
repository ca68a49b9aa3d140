#include "scan/scan.h"

#include "message/mime.h"
#include "scan/cause.h"
#include "scan/walk.h"

/* The first look: the raw bytes. */
struct raw {
	const struct ms_scan_config *config;
	const struct ms_scan_sink *sink;
	void *arg;
	const char *path;	/* of the message itself */
	struct ms_held *held;	/* NULL: there are no passwords */
	bool found;
	bool gap;		/* something stopped the engine */
	char *depth;		/* that it was too deep, yet to be told */
	bool encrypted;
};

void
ms_scan_start(void)
{
	ms_mime_start();
}

static void
on_found(void *arg, const char *name)
{
	struct raw *raw = arg;

	raw->found = true;
	raw->sink->finding(raw->arg, ms_engine_name(raw->config->engine),
	    name, raw->path);
}

static void
on_gap(void *arg, enum ms_engine_gap gap, const char *detail)
{
	struct raw *raw = arg;

	/* An encrypted layer is no limit: what was seen was seen. */
	if (gap == MS_ENGINE_GAP_ENCRYPTED)
		raw->encrypted = true;
	else
		raw->gap = true;
	if (gap == MS_ENGINE_GAP_DEPTH) {
		g_free(raw->depth);
		raw->depth = g_strdup(detail);
		return;
	}
	if (raw->held && ms_held_gap(raw->held, gap, raw->path, detail))
		return;
	raw->sink->gap(raw->arg, ms_cause_engine(gap), raw->path,
	    detail);
}

static bool
on_layer(void *arg, const struct ms_engine_layer *layer)
{
	const struct raw *raw = arg;

	if (raw->held)
		ms_held_layer(raw->held, raw->config->layers, layer);
	return ms_layers_look(raw->config->layers, layer, true);
}

static void
on_suspect(void *arg)
{
	const struct raw *raw = arg;

	ms_layers_suspect(raw->config->layers);
}

static void
scan_raw(struct raw *raw, const struct ms_scan_input *input)
{
	static const struct ms_engine_sink sink = { on_found, on_gap,
		on_layer, on_suspect };
	const struct ms_engine_input bytes = { .data = input->data,
		.size = input->size };
	struct ms_error err = { "" };

	if (ms_engine_scan(raw->config->engine, &bytes, &sink, raw, &err) ==
	    MS_OK)
		return;
	raw->gap = true;
	raw->sink->gap(raw->arg, MS_REASON_ENGINE_FAILED, raw->path,
	    err.text);
}

static void
tell_headers(const struct ms_scan_input *input,
    const struct ms_scan_sink *sink, void *arg)
{
	struct ms_mime_fields fields;
	struct ms_headers headers;
	struct ms_facts_piece piece;

	ms_mime_fields(input->data, input->size, &fields);
	headers = (struct ms_headers){ fields.message_id, fields.subject,
		fields.from, fields.to, fields.date };
	sink->headers(arg, &headers);
	piece = (struct ms_facts_piece){ fields.piece_of, fields.piece_number,
		fields.piece_total, fields.body };
	if (piece.id)
		sink->piece(arg, &piece);
	ms_mime_fields_clear(&fields);
}

/* The engine counts MIME parts in parts as it counts archives in archives,
 * and stops at its own limit. */
static void
tell_depth(const struct raw *raw)
{
	if (raw->depth)
		raw->sink->gap(raw->arg, MS_REASON_LIMIT_DEPTH, raw->path,
		    raw->depth);
}

/* What the raw look left out or could not tell apart. Returns whether all
 * was looked at and nothing found. */
static bool
scan_inside(const struct raw *raw, const struct ms_scan_input *input)
{
	struct ms_walk walk;
	bool clean, complete;

	/* Layers count as examined only if nothing stopped the engine: it
	 * shows a layer before it looks at it, and a limit may come between.
	 * Then every content is looked at by itself, with the engine counting
	 * from there; if that leaves nothing out, then nothing was too deep. */
	if (raw->gap)
		ms_layers_distrust(raw->config->layers);
	ms_walk_init(&walk, raw->config, raw->sink, raw->arg, raw->held);
	ms_walk_message(&walk, input, raw->found);
	clean = walk.clean && !raw->found && !raw->gap &&
	    !raw->encrypted;
	complete = !walk.gap;
	ms_walk_clear(&walk);
	/* A file is not looked at again. */
	if (!complete || input->raw)
		tell_depth(raw);
	return clean;
}

void
ms_scan(const struct ms_scan_config *config,
    const struct ms_scan_input *input, const struct ms_scan_sink *sink,
    void *arg)
{
	struct raw raw = { .config = config, .sink = sink, .arg = arg,
		.path = ms_walk_path(input) };

	if (input->omitted > 0) {
		char *detail = g_strdup_printf(
		    "larger than max-filesize: the last %" G_GUINT64_FORMAT
		    " bytes",
		    input->omitted);

		sink->gap(arg, MS_REASON_LIMIT_SIZE, "", detail);
		g_free(detail);
	}
	if (!input->raw && !input->reduced && !input->joined)
		tell_headers(input, sink, arg);
	if (ms_walk_unlocks(config) && !input->reduced)
		raw.held = ms_held_new();
	ms_layers_begin(config->layers);
	/* Files are looked at whole in any case, and so is what killed a
	 * worker, for that is all there is to look at. */
	if (!config->parts_only || input->raw || input->reduced)
		scan_raw(&raw, input);
	if (input->reduced)
		tell_depth(&raw);
	else
		ms_layers_end(config->layers,
		    scan_inside(&raw, input) && !config->forget);
	g_free(raw.depth);
	ms_held_free(raw.held);
}
