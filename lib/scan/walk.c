#include "scan/walk.h"

#include "message/mbox.h"
#include "message/mime.h"
#include "message/uu.h"
#include "unpack/sniff.h"
#include "unpack/unpack.h"
#include "unpack/zipdir.h"

#include <stdio.h>
#include <string.h>

/* Paths longer than this are cut: they are for people. */
#define PATH_BYTES_MAX 1024

/* Something with bytes in it, found at some place in the message. */
struct content {
	const char *path;
	const char *content_type;	/* declared, or NULL */
	const char *filename;		/* declared, or NULL */
	const unsigned char *data;
	size_t size;
	unsigned depth;			/* containers around it */
	bool is_leaf;			/* of a MIME tree */
	bool attribute;		/* something around it has a finding */
};

/* What a content turned out to be, for when it comes again. */
struct known {
	GPtrArray *names;	/* found in it and below */
	uint64_t parts;		/* below it, */
	uint64_t bytes;		/* and of these */
};

/* What a visitor of a container's inside needs. */
struct inside {
	struct ms_walk *walk;
	const struct content *outer;
	GPtrArray *names;	/* found in OUTER and below, so far */
	bool attribute;
};

static enum ms_status look_at(struct ms_walk *walk,
    const struct content *content, GPtrArray *above, struct ms_error *err);

enum ms_reason
ms_walk_limit(const struct ms_budget *budget)
{
	static const enum ms_reason reasons[] = {
		[MS_BUDGET_NONE] = MS_REASON_LIMIT_SIZE,
		[MS_BUDGET_SIZE] = MS_REASON_LIMIT_SIZE,
		[MS_BUDGET_TIME] = MS_REASON_LIMIT_TIME,
		[MS_BUDGET_MEMORY] = MS_REASON_LIMIT_MEMORY,
		[MS_BUDGET_DEPTH] = MS_REASON_LIMIT_DEPTH,
		[MS_BUDGET_COUNT] = MS_REASON_LIMIT_COUNT,
		[MS_BUDGET_RATIO] = MS_REASON_LIMIT_RATIO,
	};

	return reasons[budget->hit];
}

enum ms_reason
ms_walk_engine_reason(enum ms_engine_gap gap)
{
	static const enum ms_reason reasons[] = {
		[MS_ENGINE_GAP_SIZE] = MS_REASON_LIMIT_SIZE,
		[MS_ENGINE_GAP_TIME] = MS_REASON_LIMIT_TIME,
		[MS_ENGINE_GAP_MEMORY] = MS_REASON_LIMIT_MEMORY,
		[MS_ENGINE_GAP_DEPTH] = MS_REASON_LIMIT_DEPTH,
		[MS_ENGINE_GAP_COUNT] = MS_REASON_LIMIT_COUNT,
		[MS_ENGINE_GAP_ENCRYPTED] = MS_REASON_ENCRYPTED,
	};

	return reasons[gap];
}

static void
tell_gap(struct ms_walk *walk, enum ms_status status, const char *part,
    const struct ms_error *why)
{
	enum ms_reason reason = MS_REASON_MALFORMED;

	if (status == MS_E_LIMIT)
		reason = ms_walk_limit(&walk->budget);
	else if (status == MS_E_ENCRYPTED)
		reason = MS_REASON_ENCRYPTED;
	else if (status == MS_E_UNSUPPORTED)
		reason = MS_REASON_UNSUPPORTED;
	else if (status == MS_E_IO || status == MS_E_ENGINE)
		reason = MS_REASON_ENGINE_FAILED;
	else if (strstr(why->text, "runcated"))
		reason = MS_REASON_TRUNCATED;
	walk->clean = false;
	walk->sink->gap(walk->arg, reason, part, why->text);
}

/* OUTER and NAME with a slash between, cut to what people can read. */
static char *
join_path(const char *outer, const char *name)
{
	char *path = *outer != '\0' ? g_strdup_printf("%s/%.*s", outer,
	    PATH_BYTES_MAX, name) : g_strndup(name, PATH_BYTES_MAX);

	if (strlen(path) > PATH_BYTES_MAX)
		path[PATH_BYTES_MAX] = '\0';
	return path;
}

/* The path of member STORED of OUTER. What a compressed stream holds has the
 * stream's own name without the suffix. */
static char *
member_path(const struct content *outer, const char *stored)
{
	const char *base = strrchr(outer->path, '/');
	const char *dot;
	char *name, *path;

	base = base ? base + 1 : outer->path;
	dot = strrchr(base, '.');
	if (strcmp(stored, "data") != 0 || !dot || dot == base)
		return join_path(outer->path, stored);
	name = g_strndup(base, (gsize)(dot - base));
	path = join_path(outer->path, name);
	g_free(name);
	return path;
}

static enum ms_status
on_member(void *arg, const struct ms_member *member, struct ms_error *err)
{
	struct inside *inside = arg;
	char *path = member_path(inside->outer, member->name);
	struct content content = {
		.path = path,
		.data = member->data,
		.size = member->size,
		.depth = inside->outer->depth + 1,
		.attribute = inside->attribute,
	};
	enum ms_status status = look_at(inside->walk, &content,
	    inside->names, err);

	g_free(path);
	return status;
}

static void
on_member_trouble(void *arg, const char *name, enum ms_status status,
    const struct ms_error *why)
{
	struct inside *inside = arg;
	char *path = name ? member_path(inside->outer, name) :
	    g_strdup(inside->outer->path);

	tell_gap(inside->walk, status, path, why);
	g_free(path);
}

static enum ms_status
open_archive(struct inside *inside, enum ms_sniff_format format,
    struct ms_error *err)
{
	static const struct ms_unpack_visitor visitor =
	    { on_member, on_member_trouble };
	struct ms_unpack_input input = {
		.data = inside->outer->data,
		.size = inside->outer->size,
		.format = format,
		.spool = ms_spool_new(&inside->walk->config->spool),
		.budget = &inside->walk->budget,
	};
	enum ms_status status = ms_unpack(&input, &visitor, inside, err);

	ms_spool_free(input.spool);
	return status;
}

static enum ms_status
on_block(void *arg, const struct ms_uu_block *block, struct ms_error *err)
{
	struct ms_member member = { block->name, block->data, block->size };

	return on_member(arg, &member, err);
}

static enum ms_status
open_text(struct inside *inside, struct ms_error *err)
{
	struct ms_uu_input input = {
		.data = inside->outer->data,
		.size = inside->outer->size,
		.spool = ms_spool_new(&inside->walk->config->spool),
		.budget = &inside->walk->budget,
	};
	enum ms_status status = ms_uu_walk(&input, on_block, inside, err);

	ms_spool_free(input.spool);
	return status;
}

static enum ms_status
on_leaf(void *arg, const struct ms_mime_leaf *leaf, struct ms_error *err)
{
	struct inside *inside = arg;
	char *position = join_path(inside->outer->path, leaf->path);
	char *path = leaf->filename && *leaf->filename ?
	    join_path(position, leaf->filename) : g_strdup(position);
	struct content content = {
		.path = path,
		.content_type = leaf->content_type,
		.filename = leaf->filename,
		.data = leaf->data,
		.size = leaf->size,
		.depth = inside->outer->depth,
		.is_leaf = true,
		.attribute = inside->attribute,
	};
	enum ms_status status = look_at(inside->walk, &content,
	    inside->names, err);

	g_free(path);
	g_free(position);
	return status;
}

static void
on_leaf_trouble(void *arg, const char *path, enum ms_status status,
    const struct ms_error *why)
{
	on_member_trouble(arg, *path != '\0' ? path : NULL, status, why);
}

static enum ms_status
open_message(struct inside *inside, struct ms_error *err)
{
	static const struct ms_mime_visitor visitor =
	    { on_leaf, on_leaf_trouble };
	struct ms_mime_input input = {
		.data = inside->outer->data,
		.size = inside->outer->size,
		.spool = ms_spool_new(&inside->walk->config->spool),
		.budget = &inside->walk->budget,
	};
	enum ms_status status = ms_mime_walk(&input, &visitor, inside, err);

	ms_spool_free(input.spool);
	return status;
}

/* Memory as the source of an mbox splitter. */
struct window {
	const unsigned char *data;
	size_t size;
};

static enum ms_status
fill_from_window(void *arg, void *data, size_t size, size_t *got,
    struct ms_error *err)
{
	struct window *window = arg;

	(void)err;
	*got = MIN(size, window->size);
	memcpy(data, window->data, *got);
	window->data += *got;
	window->size -= *got;
	return MS_OK;
}

/* The message at which MBOX stands, as member NAME. */
static enum ms_status
look_at_slice(struct inside *inside, struct ms_mbox *mbox, const char *name,
    struct ms_error *err)
{
	struct ms_spool *spool =
	    ms_spool_new(&inside->walk->config->spool);
	struct ms_member member = { .name = name };
	enum ms_status status;
	const unsigned char *piece;
	size_t size;

	do {
		status = ms_mbox_read(mbox, &piece, &size, err);
		if (status == MS_OK)
			status = ms_budget_bytes(&inside->walk->budget, size,
			    err);
		if (status == MS_OK)
			status = ms_spool_write(spool, piece, size, err);
	} while (status == MS_OK && size > 0);
	if (status == MS_OK)
		status = ms_spool_map(spool, &member.data, err);
	member.size = ms_spool_size(spool);
	if (status == MS_OK)
		status = on_member(inside, &member, err);
	ms_spool_free(spool);
	return status;
}

/* A mailbox that is attached, or in an archive: all its messages. */
static enum ms_status
open_mailbox(struct inside *inside, struct ms_error *err)
{
	struct window window = { inside->outer->data, inside->outer->size };
	const struct ms_mbox_config config = { .fill = fill_from_window,
		.arg = &window };
	struct ms_mbox *mbox = ms_mbox_new(&config);
	struct ms_mbox_slice slice;
	enum ms_status status = MS_OK;
	char name[32];

	while (status == MS_OK &&
	    (status = ms_mbox_next(mbox, &slice, err)) == MS_OK) {
		(void)snprintf(name, sizeof name, "#%" G_GUINT64_FORMAT,
		    slice.index);
		status = ms_budget_part(&inside->walk->budget, err);
		if (status == MS_OK)
			status = look_at_slice(inside, mbox, name, err);
	}
	ms_mbox_free(mbox);
	return status == MS_END ? MS_OK : status;
}

static bool
is_mailbox(const struct content *content)
{
	return content->size > 5 && memcmp(content->data, "From ", 5) == 0;
}

/* A container that is not opened here: did the engine find something in
 * it? */
static void
check_opened(const struct inside *inside, const struct ms_sniff_type *type)
{
	const struct content *outer = inside->outer;
	struct ms_error why;

	if (type->kind == MS_SNIFF_ENGINE &&
	    ms_layers_opened(inside->walk->config->layers, outer->data,
	    outer->size))
		return;
	(void)ms_error_set(&why, MS_E_UNSUPPORTED,
	    "nothing was opened in this %s", type->name);
	tell_gap(inside->walk, MS_E_UNSUPPORTED, outer->path, &why);
}

/* What the first bytes call for. */
static enum ms_status
open_by_type(struct inside *inside, const struct ms_sniff_type *type,
    struct ms_error *err)
{
	const struct content *outer = inside->outer;

	if (type->kind == MS_SNIFF_ARCHIVE)
		return open_archive(inside, type->format, err);
	if (type->kind == MS_SNIFF_ENGINE || type->kind == MS_SNIFF_CLOSED)
		check_opened(inside, type);
	else if (is_mailbox(outer))
		return open_mailbox(inside, err);
	else if (ms_sniff_may_be_message(outer->data, outer->size,
	    outer->content_type, outer->filename))
		return open_message(inside, err);
	return MS_OK;
}

/*
 * Take apart what can be, and look at what comes out. First bytes are
 * chosen by whoever sent them, so they do not keep anything else closed: a
 * block of uuencode in what looks like a picture, a zip behind something
 * else.
 */
static enum ms_status
descend(struct inside *inside, const struct ms_sniff_type *type,
    struct ms_error *err)
{
	struct ms_walk *walk = inside->walk;
	const struct content *outer = inside->outer;
	enum ms_status status = MS_OK;

	if (ms_budget_depth(&walk->budget, outer->depth + 1,
	    walk->budget.limits.archive_depth, err) != MS_OK) {
		if (type->kind != MS_SNIFF_OPAQUE &&
		    type->kind != MS_SNIFF_TEXT)
			tell_gap(walk, MS_E_LIMIT, outer->path, err);
		return MS_OK;
	}
	status = open_by_type(inside, type, err);
	if (status == MS_OK && type->format != MS_SNIFF_ZIP &&
	    ms_zipdir_ends(outer->data, outer->size))
		status = open_archive(inside, MS_SNIFF_ZIP, err);
	if (status == MS_OK && type->kind != MS_SNIFF_ARCHIVE)
		status = open_text(inside, err);
	return status;
}

static void
on_found(void *arg, const char *name)
{
	struct inside *inside = arg;
	struct ms_walk *walk = inside->walk;

	walk->clean = false;
	g_ptr_array_add(inside->names, g_strdup(name));
	walk->sink->finding(walk->arg, ms_engine_name(walk->config->engine),
	    name, inside->outer->path);
}

static void
on_engine_gap(void *arg, enum ms_engine_gap gap, const char *detail)
{
	struct inside *inside = arg;
	struct ms_walk *walk = inside->walk;

	walk->clean = false;
	walk->sink->gap(walk->arg, ms_walk_engine_reason(gap),
	    inside->outer->path, detail);
}

static bool
on_layer(void *arg, const struct ms_engine_layer *layer)
{
	const struct inside *inside = arg;

	/* Once something was found, nothing is passed over: it may be where
	 * the finding is. */
	return ms_layers_look(inside->walk->config->layers, layer,
	    !inside->outer->attribute);
}

/* Have the engine look at the content. What it unpacks by itself counts, so
 * that looking into the same archives from every level above them ends. */
static enum ms_status
scan_content(struct inside *inside, struct ms_error *err)
{
	static const struct ms_engine_sink sink = { on_found, on_engine_gap,
		on_layer };
	const struct content *content = inside->outer;
	uint64_t looked_at = 0;
	const struct ms_engine_input input = { content->data, content->size,
		&looked_at };

	if (ms_engine_scan(inside->walk->config->engine, &input, &sink,
	    inside, err) != MS_OK) {
		tell_gap(inside->walk, MS_E_ENGINE, content->path, err);
		return MS_OK;
	}
	return ms_budget_bytes(&inside->walk->budget, looked_at, err);
}

static void
tell_part(const struct ms_walk *walk, const struct content *content,
    const struct ms_sniff_type *type)
{
	/* The fact takes copies; the casts lead to no write. */
	struct ms_part part = {
		.path = (char *)(uintptr_t)content->path,
		.content_type = (char *)(uintptr_t)content->content_type,
		.filename = (char *)(uintptr_t)content->filename,
		.detected_type = type->name,
		.size = content->size,
	};

	if (!walk->sink->part)
		return;
	part.sha256 = ms_hash_of(content->data, content->size);
	walk->sink->part(walk->arg, &part);
}

/* The same bytes again, at another place: the same findings, and what is in
 * them is there once more. */
static enum ms_status
repeat(struct ms_walk *walk, const struct content *content,
    const struct known *known, GPtrArray *above, struct ms_error *err)
{
	for (guint i = 0; i < known->names->len; i++) {
		walk->sink->finding(walk->arg,
		    ms_engine_name(walk->config->engine),
		    known->names->pdata[i], content->path);
		g_ptr_array_add(above, g_strdup(known->names->pdata[i]));
	}
	return ms_budget_repeat(&walk->budget, known->parts, known->bytes,
	    err);
}

static void
free_known(gpointer data)
{
	struct known *known = data;

	g_ptr_array_unref(known->names);
	g_free(known);
}

static void
hand_up(const GPtrArray *names, GPtrArray *above)
{
	for (guint i = 0; above && i < names->len; i++)
		g_ptr_array_add(above, g_strdup(names->pdata[i]));
}

/* Scan and take apart a content that this message has not shown before. */
static enum ms_status
look_into(struct inside *inside, const struct ms_sniff_type *type,
    const struct ms_mark *mark, struct ms_error *err)
{
	struct ms_walk *walk = inside->walk;
	const struct content *content = inside->outer;
	enum ms_layers_state state = ms_layers_state(walk->config->layers,
	    content->data, content->size, mark, content->is_leaf);
	enum ms_status status;

	/* An old acquaintance is taken apart only to list its parts. */
	if (state == MS_LAYERS_KNOWN && !content->attribute &&
	    !walk->sink->part)
		return ms_budget_time(&walk->budget, err);
	status = ms_budget_time(&walk->budget, err);
	if (status == MS_OK &&
	    (state == MS_LAYERS_NEW || content->attribute))
		status = scan_content(inside, err);
	/* What is inside is looked at one by one if something is in there, or
	 * if the engine may have met it by another way than through this. */
	inside->attribute = inside->names->len > 0 ||
	    (content->attribute && state == MS_LAYERS_NEW);
	if (status == MS_OK)
		status = descend(inside, type, err);
	if (status == MS_OK)
		ms_layers_walked(walk->config->layers, mark);
	return status;
}

/* One content: listed, scanned where that is due, and taken apart. Names of
 * what was found go to ABOVE, too. */
static enum ms_status
look_at(struct ms_walk *walk, const struct content *content,
    GPtrArray *above, struct ms_error *err)
{
	const struct ms_sniff_type *type = ms_sniff(content->data,
	    content->size);
	struct inside inside = { walk, content, NULL, false };
	const struct ms_budget before = walk->budget;
	struct known *known;
	struct ms_mark *mark;
	enum ms_status status;

	tell_part(walk, content, type);
	if (content->size == 0)
		return MS_OK;
	mark = g_new(struct ms_mark, 1);
	*mark = ms_layers_mark(walk->config->layers, content->data,
	    content->size);
	known = g_hash_table_lookup(walk->known, mark);
	if (known) {
		g_free(mark);
		return repeat(walk, content, known, above, err);
	}
	known = g_new0(struct known, 1);
	known->names = g_ptr_array_new_with_free_func(g_free);
	g_hash_table_insert(walk->known, mark, known);
	inside.names = known->names;
	status = look_into(&inside, type, mark, err);
	known->parts = walk->budget.parts - before.parts;
	known->bytes = walk->budget.bytes - before.bytes;
	hand_up(known->names, above);
	return status;
}

void
ms_walk_init(struct ms_walk *walk, const struct ms_scan_config *config,
    const struct ms_scan_sink *sink, void *arg)
{
	*walk = (struct ms_walk){ .config = config, .sink = sink,
		.arg = arg, .clean = true };
	ms_budget_init(&walk->budget, &config->limits);
	walk->known = g_hash_table_new_full(ms_mark_hash, ms_mark_equal,
	    g_free, free_known);
}

void
ms_walk_clear(struct ms_walk *walk)
{
	g_hash_table_unref(walk->known);
}

void
ms_walk_message(struct ms_walk *walk, const unsigned char *data, size_t size,
    bool raw, bool attribute)
{
	struct content content = { .path = "", .data = data, .size = size };
	struct inside inside = { walk, &content,
		g_ptr_array_new_with_free_func(g_free), attribute };
	struct ms_error err = { "" };
	enum ms_status status;

	/* The message itself has been looked at; what is inside has not. */
	status = raw ? descend(&inside, ms_sniff(data, size), &err) :
	    open_message(&inside, &err);
	if (status != MS_OK)
		tell_gap(walk, status, "", &err);
	g_ptr_array_unref(inside.names);
}
