#include "scan/walk.h"

#include "scan/cause.h"
#include "scan/known.h"
#include "scan/manner.h"
#include "scan/partpath.h"
#include "scan/password.h"
#include "unpack/sniff.h"

#include <string.h>

/* One content that is being looked at. */
struct inside {
	struct ms_walk *walk;
	const struct ms_content *outer;
	GPtrArray *names;	/* found in OUTER and below, so far, */
	guint own;		/* of which so many in OUTER as such */
	bool attribute;		/* something around it has a finding: look at
				 * what the engine has examined, too */
	bool below;		/* the same for what is inside it */
	struct ms_mark bytes;	/* of OUTER, whatever it is taken for */
	bool message;		/* OUTER is one, whatever it begins with */
	bool trouble;		/* not all of OUTER could be had */
	bool as_lines;		/* OUTER was passed over for its lines */
};

static void
tell_gap(struct ms_walk *walk, enum ms_status status, const char *part,
    const struct ms_error *why)
{
	walk->clean = false;
	walk->gap = true;
	walk->sink->gap(walk->arg, ms_cause_status(status, why,
	    &walk->budget), part, why->text);
}

/* Readings overlap: what was found once is not told again for each of
 * them. */
static void
tell_finding(struct ms_walk *walk, const struct ms_content *content,
    const char *name)
{
	bool new = g_hash_table_add(walk->named, g_strdup(name));

	if (new || !content->is_reading)
		walk->sink->finding(walk->arg,
		    ms_engine_name(walk->config->engine), name,
		    content->path);
}

static void
on_found(void *arg, const char *name)
{
	struct inside *inside = arg;
	struct ms_walk *walk = inside->walk;

	walk->clean = false;
	g_ptr_array_add(inside->names, g_strdup(name));
	tell_finding(walk, inside->outer, name);
}

static void
on_engine_gap(void *arg, enum ms_engine_gap gap, const char *detail)
{
	struct inside *inside = arg;
	struct ms_walk *walk = inside->walk;

	walk->clean = false;
	walk->gap = true;
	/* What was shown before the engine stopped may not have been looked
	 * at. An encrypted layer stops nothing. */
	if (gap != MS_ENGINE_GAP_ENCRYPTED)
		ms_layers_distrust(walk->config->layers);
	if (walk->held && ms_held_gap(walk->held, gap, inside->outer->path,
	    detail))
		return;
	walk->sink->gap(walk->arg, ms_cause_engine(gap),
	    inside->outer->path, detail);
}

static bool
on_layer(void *arg, const struct ms_engine_layer *layer)
{
	struct inside *inside = arg;
	struct ms_walk *walk = inside->walk;
	bool skip;

	if (walk->held)
		ms_held_layer(walk->held, walk->config->layers, layer);
	/* Once something was found, nothing is passed over: it may be where
	 * the finding is. */
	skip = ms_layers_look(walk->config->layers, layer,
	    !inside->attribute);
	/* Lines were looked at with CRLF in the message, if that was. */
	if (layer->level == 0 && inside->outer->has_lines &&
	    !inside->attribute && !walk->parts_only)
		skip = inside->as_lines = ms_layers_lines(
		    walk->config->layers, layer);
	return skip;
}

static void
on_suspect(void *arg)
{
	const struct inside *inside = arg;

	ms_layers_suspect(inside->walk->config->layers);
}

/* Have the engine look at the content. What it unpacks by itself counts, so
 * that looking into the same archives from every level above them ends. Of an
 * archive that it is not to open, no layer counts as examined: what is in it
 * is not taken apart, either. */
static enum ms_status
scan_content(struct inside *inside, unsigned without, struct ms_error *err)
{
	static const struct ms_engine_sink with_layers = { on_found,
		on_engine_gap, on_layer, on_suspect };
	static const struct ms_engine_sink no_layers = { on_found,
		on_engine_gap, NULL, on_suspect };
	const struct ms_engine_sink *sink =
	    without & MS_ENGINE_WITHOUT_ARCHIVES ? &no_layers : &with_layers;
	const struct ms_content *content = inside->outer;
	uint64_t looked_at = 0;
	const struct ms_engine_input input = { content->data, content->size,
		&looked_at, without };

	if (ms_engine_scan(inside->walk->config->engine, &input, sink,
	    inside, err) != MS_OK) {
		ms_layers_distrust(inside->walk->config->layers);
		tell_gap(inside->walk, MS_E_ENGINE, content->path, err);
		return MS_OK;
	}
	return ms_budget_bytes(&inside->walk->budget, looked_at, err);
}

/* What is told from now on is in the part that is numbered ID. */
static void
go_into(struct ms_walk *walk, uint32_t id)
{
	if (walk->sink->within && walk->within != id)
		walk->sink->within(walk->arg, id);
	walk->within = walk->enforce.within = id;
}

/* List CONTENT as *PART, which is a loan of what it is made from. */
static void
tell_part(struct ms_walk *walk, const struct ms_content *content,
    const struct ms_sniff_type *type, struct ms_part *part)
{
	/* The fact takes copies; the casts lead to no write. */
	*part = (struct ms_part){
		.path = (char *)(uintptr_t)content->path,
		.content_type = (char *)(uintptr_t)content->content_type,
		.filename = (char *)(uintptr_t)content->filename,
		.encoding = (char *)(uintptr_t)content->encoding,
		.charset = (char *)(uintptr_t)content->charset,
		.kind = content->is_leaf ? MS_PART_LEAF : MS_PART_MEMBER,
		.level = content->level,
		.detected_type = type->name,
		.size = content->size,
	};

	/* Most readings are nonsense; one that is not is told if its bytes
	 * are. */
	if (!walk->sink->part || content->is_reading)
		return;
	part->sha256 = ms_hash_of(content->data, content->size);
	part->id = ++walk->numbers;
	part->parent = walk->within;
	walk->sink->part(walk->arg, part);
	go_into(walk, part->id);
}

/* Tell the bytes of PART, which is CONTENT, if they are wanted. */
static void
pick(struct ms_walk *walk, struct ms_known *known, struct ms_part *part,
    const struct ms_content *content)
{
	const struct ms_scan_config *config = walk->config;
	struct ms_error why;

	if (known->picked || !walk->sink->part || !walk->sink->blob ||
	    !ms_pick_wants(&config->pick, part->content_type,
	    part->detected_type, known->found) ||
	    (content->is_reading && !known->found))
		return;
	known->picked = true;
	if (content->is_reading) {
		part->sha256 = ms_hash_of(content->data, content->size);
		walk->sink->part(walk->arg, part);
	}
	if (part->size <= config->limits.total_bytes) {
		walk->sink->blob(walk->arg, part, content->data);
		return;
	}
	walk->budget.hit = MS_BUDGET_SIZE;
	(void)ms_error_set(&why, MS_E_LIMIT, "larger than max-scansize");
	tell_gap(walk, MS_E_LIMIT, part->path, &why);
}

/* Is one of the first OWN of NAMES, which are of a content itself, not among
 * the others, which are of what is in it? */
static bool
found_itself(const GPtrArray *names, guint own)
{
	for (guint i = 0; i < own; i++) {
		guint k = own;

		while (k < names->len &&
		    strcmp(names->pdata[i], names->pdata[k]) != 0)
			k++;
		if (k == names->len)
			return true;
	}
	return false;
}

static void
hand_up(const GPtrArray *names, GPtrArray *above)
{
	for (guint i = 0; i < names->len; i++)
		g_ptr_array_add(above, g_strdup(names->pdata[i]));
}

/* The same bytes again, at another place: the same findings, and what is in
 * them is there once more. */
static enum ms_status
repeat(struct ms_walk *walk, const struct ms_content *content,
    const struct ms_known *known, GPtrArray *above, struct ms_error *err)
{
	for (guint i = 0; i < known->names->len; i++)
		tell_finding(walk, content, known->names->pdata[i]);
	hand_up(known->names, above);
	/* Another reading of the same bytes is no second copy of them. */
	return content->is_reading ? ms_budget_time(&walk->budget, err) :
	    ms_budget_repeat(&walk->budget, known->parts, known->bytes, err);
}

/* There is no last level in what holds itself. */
static void
tell_endless(struct ms_walk *walk, const char *path)
{
	struct ms_error why;

	walk->budget.hit = MS_BUDGET_DEPTH;
	(void)ms_error_set(&why, MS_E_LIMIT, "holds itself");
	tell_gap(walk, MS_E_LIMIT, path, &why);
}

static enum ms_status on_content(void *arg, const struct ms_content *content,
    struct ms_error *err);

static void
on_trouble(void *arg, const char *path, enum ms_status status,
    const struct ms_error *why)
{
	struct inside *inside = arg;

	inside->trouble = true;
	tell_gap(inside->walk, status, path, why);
}

static void
on_name(void *arg, const char *path, const char *name)
{
	ms_enforce_names(&((const struct inside *)arg)->walk->enforce, path,
	    name, NULL);
}

static void
on_ambiguity(void *arg, const char *reason, const char *path,
    const char *detail)
{
	const struct inside *inside = arg;

	/* Not to be passed over when it comes again: it is told each time. */
	inside->walk->clean = false;
	if (reason)
		inside->walk->sink->ambiguity(inside->walk->arg, reason,
		    path, detail);
}

/* Words are looked for when the first one is needed. Whether an archive can be
 * opened then depends on the message around it. */
static const char *const *
on_passwords(void *arg)
{
	struct ms_walk *walk = ((const struct inside *)arg)->walk;
	const struct ms_password_input input = {
		.data = walk->data,
		.size = walk->size,
		.spool = &walk->config->spool,
		.budget = &walk->budget,
		.known = walk->config->passwords,
	};

	if (!walk->config->passwords_from_body || walk->is_file)
		return walk->config->passwords;
	walk->clean = false;
	if (!walk->words)
		walk->words = ms_password_find(&input);
	return (const char *const *)walk->words;
}

static void
on_node(void *arg, const struct ms_part *node, const GPtrArray *names)
{
	const struct inside *inside = arg;

	ms_enforce_names(&inside->walk->enforce, node->path, node->filename,
	    names);
	if (inside->walk->sink->part && inside->walk->config->tree &&
	    !inside->outer->is_reading)
		inside->walk->sink->part(inside->walk->arg, node);
}

/* Take the content apart and look at what comes out. */
static enum ms_status
descend(struct inside *inside, const struct ms_sniff_type *type,
    struct ms_error *err)
{
	struct ms_walk *walk = inside->walk;
	const struct ms_open_visitor visitor = { on_content, on_trouble,
		on_ambiguity, walk->held ? on_passwords : NULL, on_node,
		on_name };
	const struct ms_content *outer = inside->outer;
	const struct ms_open_input input = {
		.outer = outer,
		.type = type,
		.engine_opened = type->kind == MS_SNIFF_ENGINE &&
		    ms_layers_opened(walk->config->layers, outer->data,
		    outer->size),
		.names = ms_enforce_asks_names(&walk->enforce),
		.texts = ms_enforce_asks_texts(&walk->enforce),
		.spool = &walk->config->spool,
		.budget = &walk->budget,
	};

	return inside->message ?
	    ms_open_message(&input, &visitor, inside, err) :
	    ms_open_content(&input, &visitor, inside, err);
}

/* The mark of CONTENT, whose bytes have the mark BYTES: the same bytes are
 * taken apart in one way if they may be a message, or in uuencode, by what is
 * said of them, and in another if not. */
static struct ms_mark
content_mark(const struct ms_content *content, struct ms_mark bytes)
{
	bytes.words[0] ^= ms_manner(content);
	return bytes;
}

/* Scan and take apart a content that this message has not shown before. */
static enum ms_status
look_into(struct inside *inside, const struct ms_sniff_type *type,
    const struct ms_mark *mark, struct ms_error *err)
{
	struct ms_walk *walk = inside->walk;
	const struct ms_content *content = inside->outer;
	enum ms_layers_state state = ms_layers_state(walk->config->layers,
	    content->data, content->size, &inside->bytes,
	    content->ends_loosely);
	enum ms_status status;

	/* An old acquaintance is taken apart only to list its parts. */
	if (state != MS_LAYERS_NEW && !inside->attribute &&
	    ms_layers_remembered(walk->config->layers, mark) &&
	    !walk->sink->part)
		return ms_budget_time(&walk->budget, err);
	status = ms_budget_time(&walk->budget, err);
	if (status == MS_OK &&
	    (state == MS_LAYERS_NEW || inside->attribute))
		status = scan_content(inside, 0, err);
	inside->own = inside->names->len;
	/* What is inside is looked at one by one if something is in there, or
	 * if the engine may have met it by another way than through this. */
	inside->below = inside->names->len > 0 ||
	    (inside->attribute && state == MS_LAYERS_NEW);
	if (status == MS_OK)
		status = descend(inside, type, err);
	if (status == MS_OK)
		ms_layers_walked(walk->config->layers, mark);
	return status;
}

/* The same where the engine sees contents by themselves: an archive that is
 * taken apart here need not be by the engine, unless not all of it could be
 * had. */
static enum ms_status
look_into_part(struct inside *inside, const struct ms_sniff_type *type,
    const struct ms_mark *mark, struct ms_error *err)
{
	struct ms_walk *walk = inside->walk;
	/* What only the engine opens, it opens with all that it has. */
	unsigned without = type->kind == MS_SNIFF_ENGINE ? 0 :
	    MS_ENGINE_WITHOUT_MAIL;
	enum ms_status status = ms_budget_time(&walk->budget, err);

	if (ms_layers_remembered(walk->config->layers, mark) &&
	    !walk->sink->part)
		return status;
	if (type->kind == MS_SNIFF_ARCHIVE)
		without |= MS_ENGINE_WITHOUT_ARCHIVES;
	if (status == MS_OK)
		status = scan_content(inside, without, err);
	inside->own = inside->names->len;
	if (status == MS_OK)
		status = descend(inside, type, err);
	if (status == MS_OK && inside->trouble &&
	    type->kind == MS_SNIFF_ARCHIVE)
		status = scan_content(inside, MS_ENGINE_WITHOUT_MAIL, err);
	if (status == MS_OK)
		ms_layers_walked(walk->config->layers, mark);
	return status;
}

/* One content: listed, scanned where that is due, and taken apart. Names of
 * what was found go to the content around it, too. */
static enum ms_status
look_at(struct inside *around, const struct ms_content *content,
    struct ms_error *err)
{
	struct ms_walk *walk = around->walk;
	const struct ms_sniff_type *type = ms_sniff(content->data,
	    content->size);
	struct inside inside = { .walk = walk, .outer = content,
		.attribute = around->below };
	const struct ms_budget before = walk->budget;
	struct ms_known *known;
	struct ms_mark *mark;
	struct ms_part part;
	enum ms_status status;

	tell_part(walk, content, type, &part);
	ms_enforce_content(&walk->enforce, content, type);
	if (content->size == 0)
		return MS_OK;
	mark = g_new(struct ms_mark, 1);
	inside.bytes = ms_layers_mark(walk->config->layers, content->data,
	    content->size);
	*mark = content_mark(content, inside.bytes);
	known = g_hash_table_lookup(walk->known, mark);
	if (ms_known_answers(known, content->is_reading,
	    content->has_lines)) {
		g_free(mark);
		if (known->open && !content->is_reading)
			tell_endless(walk, content->path);
		pick(walk, known, &part, content);
		return repeat(walk, content, known, around->names, err);
	}
	known = ms_known_new();
	known->is_reading = content->is_reading;
	g_hash_table_replace(walk->known, mark, known);
	inside.names = known->names;
	pick(walk, known, &part, content);
	known->open = true;
	status = walk->parts_only ?
	    look_into_part(&inside, type, mark, err) :
	    look_into(&inside, type, mark, err);
	known->open = false;
	known->as_lines = inside.as_lines;
	known->found = walk->config->pick.found_only &&
	    found_itself(known->names, inside.own);
	pick(walk, known, &part, content);
	known->parts = walk->budget.parts - before.parts;
	known->bytes = walk->budget.bytes - before.bytes;
	hand_up(known->names, around->names);
	return status;
}

static enum ms_status
on_content(void *arg, const struct ms_content *content, struct ms_error *err)
{
	struct ms_walk *walk = ((struct inside *)arg)->walk;
	const uint32_t outside = walk->within;
	enum ms_status status = look_at(arg, content, err);

	go_into(walk, outside);
	return status;
}

void
ms_walk_init(struct ms_walk *walk, const struct ms_scan_config *config,
    const struct ms_scan_sink *sink, void *arg, struct ms_held *held)
{
	*walk = (struct ms_walk){ .config = config, .sink = sink,
		.arg = arg, .held = held, .clean = true };
	ms_budget_init(&walk->budget, &config->limits);
	ms_enforce_init(&walk->enforce, config->rules, sink, arg,
	    &walk->budget);
	walk->known = ms_known_table();
	walk->named = g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
	    NULL);
}

void
ms_walk_clear(struct ms_walk *walk)
{
	ms_enforce_clear(&walk->enforce);
	g_hash_table_unref(walk->named);
	g_hash_table_unref(walk->known);
	g_strfreev(walk->words);
}

bool
ms_walk_unlocks(const struct ms_scan_config *config)
{
	return config->passwords || config->passwords_from_body;
}

static void
tell_held(void *arg, const char *part, const char *detail)
{
	struct ms_walk *walk = arg;

	walk->sink->gap(walk->arg, MS_REASON_ENCRYPTED, part, detail);
}

/* What was said of zips that nobody else has said anything of. The message
 * itself may be one. */
static void
settle_held(struct ms_walk *walk)
{
	struct ms_mark *mark = g_new(struct ms_mark, 1);

	*mark = ms_layers_mark(walk->config->layers, walk->data, walk->size);
	if (g_hash_table_contains(walk->known, mark))
		g_free(mark);
	else
		g_hash_table_insert(walk->known, mark, ms_known_new());
	ms_held_settle(walk->held, walk->known, tell_held, walk);
}

const char *
ms_walk_path(const struct ms_scan_input *input)
{
	return input->joined ? "joined" : "";
}

void
ms_walk_message(struct ms_walk *walk, const struct ms_scan_input *input,
    bool attribute)
{
	const struct ms_sniff_type *type = ms_sniff(input->data, input->size);
	const struct ms_content content = { .path = ms_walk_path(input),
		.data = input->data, .size = input->size,
		.stored_type = input->raw ? NULL : "message/rfc822" };
	struct inside inside = {
		.walk = walk,
		.outer = &content,
		.names = g_ptr_array_new_with_free_func(g_free),
		.attribute = attribute,
		.below = attribute,
		.message = !input->raw,
	};
	struct ms_error err = { "" };
	enum ms_status status;

	walk->data = input->data;
	walk->size = input->size;
	walk->is_file = input->raw;
	walk->parts_only = walk->config->parts_only && !input->raw;
	walk->numbers = input->joined ? MS_FACTS_JOINED : 0;
	ms_enforce_message(&walk->enforce, input, content.path);
	/* The message itself has been looked at; what is inside has not. */
	status = descend(&inside, type, &err);
	inside.message = false;
	if (status == MS_OK && !input->raw && ms_sniff_is_store(type))
		status = descend(&inside, type, &err);
	if (status != MS_OK)
		tell_gap(walk, status, content.path, &err);
	if (walk->held)
		settle_held(walk);
	walk->clean &= walk->enforce.clean;
	g_ptr_array_unref(inside.names);
}
