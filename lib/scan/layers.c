#include "scan/layers.h"

#include <string.h>

/* Marks remembered across messages: 40 bytes each. */
#define REMEMBERED_MAX 50000

/* Layers around a layer that are told apart; deeper ones are never passed
 * over across messages. */
#define LEVELS 32

/* Kinds of marks, which never equal one another. */
enum { CONTENT, LAYER, AROUND };

struct ms_layers {
	struct ms_marker *marker;
	/* in this message: sets of struct ms_mark */
	GHashTable *examined;	/* contents of layers */
	GHashTable *stripped;	/* the same without line ends at their end */
	GHashTable *texts;	/* likewise, of plain text */
	GHashTable *opened;	/* contents that had layers in them */
	GHashTable *fresh;	/* LAYER and CONTENT marks, to be remembered */
	bool trusted;
	bool suspected;
	/* across messages */
	GHashTable *remembered;
	bool contexts;		/* signatures may ask for containers */
	/* the layers above, by level: AROUND and CONTENT marks */
	struct ms_mark around[LEVELS];
	struct ms_mark content[LEVELS];
	uint32_t depth;		/* levels of them that are filled */
};

static GHashTable *
new_set(void)
{
	return g_hash_table_new_full(ms_mark_hash, ms_mark_equal, g_free,
	    NULL);
}

/* Was MARK not in SET yet? */
static bool
add(GHashTable *set, const struct ms_mark *mark)
{
	return g_hash_table_add(set, g_memdup2(mark, sizeof *mark));
}

struct ms_layers *
ms_layers_new(bool contexts)
{
	struct ms_layers *layers = g_new0(struct ms_layers, 1);

	layers->contexts = contexts;
	layers->marker = ms_mark_start();
	layers->examined = new_set();
	layers->stripped = new_set();
	layers->texts = new_set();
	layers->opened = new_set();
	layers->fresh = new_set();
	layers->remembered = new_set();
	return layers;
}

void
ms_layers_free(struct ms_layers *layers)
{
	if (!layers)
		return;
	g_hash_table_unref(layers->examined);
	g_hash_table_unref(layers->stripped);
	g_hash_table_unref(layers->texts);
	g_hash_table_unref(layers->opened);
	g_hash_table_unref(layers->fresh);
	g_hash_table_unref(layers->remembered);
	ms_mark_stop(layers->marker);
	g_free(layers);
}

void
ms_layers_begin(struct ms_layers *layers)
{
	g_hash_table_remove_all(layers->examined);
	g_hash_table_remove_all(layers->stripped);
	g_hash_table_remove_all(layers->texts);
	g_hash_table_remove_all(layers->opened);
	g_hash_table_remove_all(layers->fresh);
	layers->trusted = true;
	layers->suspected = false;
}

static size_t
stripped_size(const unsigned char *data, size_t size)
{
	while (size > 0 && (data[size - 1] == '\n' || data[size - 1] == '\r'))
		size--;
	return size;
}

static struct ms_mark
content_mark(struct ms_layers *layers, const void *data, size_t size)
{
	return ms_mark_of(layers->marker, CONTENT, data, size);
}

/* A mark of CONTENT and what signatures can ask for beside it. */
static struct ms_mark
describe(struct ms_layers *layers, uint32_t kind,
    const struct ms_mark *content, const struct ms_engine_layer *layer,
    const struct ms_mark *around)
{
	GByteArray *text = g_byte_array_sized_new(256);
	struct ms_mark mark;

	if (content)
		g_byte_array_append(text, (const guint8 *)content,
		    sizeof *content);
	g_byte_array_append(text, (const guint8 *)around, sizeof *around);
	g_byte_array_append(text, (const guint8 *)&layer->attributes,
	    sizeof layer->attributes);
	g_byte_array_append(text, (const guint8 *)layer->type,
	    (guint)strlen(layer->type) + 1);
	g_byte_array_append(text, (const guint8 *)layer->name,
	    (guint)strlen(layer->name) + 1);
	mark = ms_mark_of(layers->marker, kind, text->data, text->len);
	g_byte_array_unref(text);
	return mark;
}

/* A level that the engine did not show is its parent under another type: it
 * takes a document for a ZIP as well, say. */
static void
fill_levels(struct ms_layers *layers, uint32_t level)
{
	static const struct ms_engine_layer again = { .type = "again",
		.name = "" };

	layers->depth = MIN(layers->depth, level);
	while (layers->depth > 0 && layers->depth < level) {
		uint32_t i = layers->depth++;

		layers->around[i] = describe(layers, AROUND, NULL, &again,
		    &layers->around[i - 1]);
		layers->content[i] = layers->content[i - 1];
	}
}

/* Note LAYER among those around it. Returns the mark of its content, and in
 * AROUND that of what is around it. */
static struct ms_mark
enter(struct ms_layers *layers, const struct ms_engine_layer *layer,
    struct ms_mark *around)
{
	struct ms_mark content = content_mark(layers, layer->data,
	    layer->size);
	uint32_t level = layer->level;

	*around = (struct ms_mark){ { 0, 0 } };
	fill_levels(layers, MIN(level, LEVELS));
	if (level > 0 && level <= layers->depth) {
		*around = layers->around[level - 1];
		add(layers->opened, &layers->content[level - 1]);
	}
	if (level < LEVELS) {
		layers->around[level] = describe(layers, AROUND, NULL, layer,
		    around);
		layers->content[level] = content;
		layers->depth = level + 1;
	}
	return content;
}

/* To the engine, whatever it is called. */
static bool
is_plain(const struct ms_engine_layer *layer)
{
	return strcmp(layer->type, "CL_TYPE_TEXT_ASCII") == 0 ||
	    strcmp(layer->type, "CL_TYPE_TEXT_UTF8") == 0;
}

bool
ms_layers_look(struct ms_layers *layers, const struct ms_engine_layer *layer,
    bool may_skip)
{
	struct ms_mark around, mark, stripped;
	size_t size;
	struct ms_mark content = enter(layers, layer, &around);

	/* The outermost layer is what was asked for. */
	if (layer->level == 0)
		return false;
	add(layers->examined, &content);
	size = stripped_size(layer->data, layer->size);
	stripped = size == layer->size ? content :
	    content_mark(layers, layer->data, size);
	add(layers->stripped, &stripped);
	if (is_plain(layer))
		add(layers->texts, &stripped);
	if (!may_skip || layers->suspected || layer->level > LEVELS)
		return false;
	if (!layers->contexts)
		around = (struct ms_mark){ { 0, 0 } };
	mark = describe(layers, LAYER, &content, layer, &around);
	return !add(layers->fresh, &mark) ||
	    g_hash_table_contains(layers->remembered, &mark);
}

bool
ms_layers_opened(struct ms_layers *layers, const void *data, size_t size)
{
	struct ms_mark content = content_mark(layers, data, size);

	return g_hash_table_contains(layers->opened, &content);
}

void
ms_layers_distrust(struct ms_layers *layers)
{
	g_hash_table_remove_all(layers->examined);
	g_hash_table_remove_all(layers->stripped);
	g_hash_table_remove_all(layers->texts);
	g_hash_table_remove_all(layers->fresh);
	layers->trusted = false;
}

void
ms_layers_suspect(struct ms_layers *layers)
{
	g_hash_table_remove_all(layers->fresh);
	layers->suspected = true;
}

struct ms_mark
ms_layers_mark(struct ms_layers *layers, const void *data, size_t size)
{
	return content_mark(layers, data, size);
}

enum ms_layers_state
ms_layers_state(struct ms_layers *layers, const void *data, size_t size,
    const struct ms_mark *mark, bool line_ends)
{
	bool examined = g_hash_table_contains(layers->examined, mark);

	if (!layers->trusted)
		return MS_LAYERS_NEW;
	if (!examined && line_ends &&
	    g_hash_table_size(layers->stripped) > 0) {
		struct ms_mark stripped = content_mark(layers, data,
		    stripped_size(data, size));

		examined = g_hash_table_contains(layers->stripped,
		    &stripped);
	}
	if (!examined)
		return MS_LAYERS_NEW;
	return g_hash_table_contains(layers->remembered, mark) ?
	    MS_LAYERS_KNOWN : MS_LAYERS_EXAMINED;
}

/* The mark of the SIZE bytes at DATA as if CRLF were LF. Marking a line takes
 * longer than to copy it. */
static struct ms_mark
lines_mark(struct ms_layers *layers, const unsigned char *data, size_t size)
{
	const unsigned char *end = data + size;
	unsigned char block[8192];
	size_t used = 0;

	ms_mark_begin(layers->marker, CONTENT);
	while (data < end) {
		const size_t most = MIN(sizeof block - used,
		    (size_t)(end - data));
		const unsigned char *cr = memccpy(block + used, data, '\r',
		    most);
		const size_t n = cr ? (size_t)(cr - block) - used : most;

		used += n;
		data += n;
		if (cr && data < end && *data == '\n')
			used--;
		if (used == sizeof block) {
			ms_mark_feed(layers->marker, block, used);
			used = 0;
		}
	}
	ms_mark_feed(layers->marker, block, used);
	return ms_mark_end(layers->marker);
}

bool
ms_layers_lines(struct ms_layers *layers, const struct ms_engine_layer *layer)
{
	struct ms_mark mark;

	if (!layers->trusted || layers->suspected || !is_plain(layer) ||
	    g_hash_table_size(layers->texts) == 0)
		return false;
	mark = lines_mark(layers, layer->data, stripped_size(layer->data,
	    layer->size));
	return g_hash_table_contains(layers->texts, &mark);
}

bool
ms_layers_remembered(const struct ms_layers *layers,
    const struct ms_mark *mark)
{
	return g_hash_table_contains(layers->remembered, mark);
}

void
ms_layers_walked(struct ms_layers *layers, const struct ms_mark *mark)
{
	add(layers->fresh, mark);
}

void
ms_layers_end(struct ms_layers *layers, bool clean)
{
	GHashTableIter iter;
	gpointer mark;

	if (!clean || !layers->trusted || layers->suspected)
		return;
	if (g_hash_table_size(layers->remembered) +
	    g_hash_table_size(layers->fresh) > REMEMBERED_MAX)
		g_hash_table_remove_all(layers->remembered);
	g_hash_table_iter_init(&iter, layers->fresh);
	while (g_hash_table_iter_next(&iter, &mark, NULL)) {
		g_hash_table_iter_steal(&iter);
		g_hash_table_add(layers->remembered, mark);
	}
}
