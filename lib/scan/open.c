#include "scan/open.h"

#include "message/ambiguity.h"
#include "message/binhex.h"
#include "message/cms.h"
#include "message/letters.h"
#include "message/locked.h"
#include "message/loose64.h"
#include "message/mime.h"
#include "message/pour.h"
#include "message/tnef.h"
#include "message/union.h"
#include "message/uu.h"
#include "message/yenc.h"
#include "scan/manner.h"
#include "scan/partpath.h"
#include "unpack/listing.h"
#include "unpack/unpack.h"
#include "unpack/zipdir.h"

#include <glib.h>
#include <string.h>

/* One content that is being taken apart. */
struct opening {
	const struct ms_open_input *input;
	const struct ms_content *outer;		/* input's */
	const struct ms_open_visitor *visitor;
	void *arg;
	bool message;		/* whatever it looks like */
	bool guess;		/* no message, for all that was said of it */
	bool ambiguous;		/* a message, and in more than one way */
	struct ms_textform *form;	/* of texts in it; NULL: not asked */
};

/* Show what is in the content that is being taken apart: MEMBER, which is a
 * BLOCK in text or not. */
static enum ms_status
show_member(const struct opening *opening, const struct ms_member *member,
    bool block, struct ms_error *err)
{
	const struct ms_content *outer = opening->outer;
	char *path = ms_partpath_member(outer->path, member->name);
	const bool is_text = block && ms_manner_is_uu(outer);
	const struct ms_content content = {
		.path = path,
		.name = member->name,
		.data = member->data,
		.size = member->size,
		.content_type = outer->stored_type,
		.charset = is_text ? outer->charset : NULL,
		.form = is_text || (block && outer->is_reading) ?
		    outer->form : NULL,
		.depth = outer->depth + 1,
		.is_text = is_text,
		.is_reading = outer->is_reading,
		.level = outer->level + 1,
	};
	enum ms_status status = opening->visitor->content(opening->arg,
	    &content, err);

	g_free(path);
	return status;
}

static enum ms_status
on_member(void *arg, const struct ms_member *member, struct ms_error *err)
{
	return show_member(arg, member, false, err);
}

static void
on_name(void *arg, const char *name)
{
	const struct opening *opening = arg;
	char *path;

	if (!opening->visitor->name)
		return;
	path = ms_partpath_member(opening->outer->path, name);
	opening->visitor->name(opening->arg, path, name);
	g_free(path);
}

static void
on_trouble(void *arg, const char *name, enum ms_status status,
    const struct ms_error *why)
{
	const struct opening *opening = arg;
	char *path;

	/* A reading that makes no sense is not the one that was meant. */
	if (opening->outer->is_reading && (status == MS_E_FORMAT ||
	    status == MS_E_UNSUPPORTED))
		return;
	/* What nobody can open has a name all the same. */
	if (name)
		on_name(arg, name);
	path = name ? ms_partpath_member(opening->outer->path, name) :
	    g_strdup(opening->outer->path);
	opening->visitor->trouble(opening->arg, path, status, why);
	g_free(path);
}

static const char *const *
on_passwords(void *arg)
{
	const struct opening *opening = arg;

	return opening->visitor->passwords(opening->arg);
}

static enum ms_status
open_archive(struct opening *opening, enum ms_sniff_format format,
    struct ms_error *err)
{
	const struct ms_unpack_visitor visitor = { on_member, on_trouble,
		opening->visitor->passwords ? on_passwords : NULL,
		opening->input->names ? on_name : NULL };
	struct ms_unpack_input input = {
		.data = opening->outer->data,
		.size = opening->outer->size,
		.format = format,
		.spool = ms_spool_new(opening->input->spool),
		.budget = opening->input->budget,
	};
	enum ms_status status = ms_unpack(&input, &visitor, opening, err);

	ms_spool_free(input.spool);
	return status;
}

static enum ms_status
on_block(void *arg, const struct ms_block *block, struct ms_error *err)
{
	struct ms_member member = { block->name, block->data, block->size };

	return show_member(arg, &member, true, err);
}

typedef enum ms_status blocks_walk(const struct ms_block_input *input,
    const struct ms_block_visitor *visitor, void *arg, struct ms_error *err);

static enum ms_status
open_blocks(struct opening *opening, blocks_walk *walk, struct ms_error *err)
{
	static const struct ms_block_visitor visitor =
	    { on_block, on_trouble, on_name };
	struct ms_block_input input = {
		.data = opening->outer->data,
		.size = opening->outer->size,
		.spool = ms_spool_new(opening->input->spool),
		.budget = opening->input->budget,
	};
	enum ms_status status = walk(&input, &visitor, opening, err);

	ms_spool_free(input.spool);
	return status;
}

/* What may stand in text, of which there may be several things. */
static enum ms_status
open_text(struct opening *opening, struct ms_error *err)
{
	static blocks_walk *const walks[] = { ms_uu_walk, ms_yenc_walk,
		ms_binhex_walk };
	enum ms_status status = MS_OK;

	for (size_t i = 0; status == MS_OK && i < G_N_ELEMENTS(walks); i++)
		status = open_blocks(opening, walks[i], err);
	return status;
}

/* A part that is not in the mail at all (RFC 2046, 5.2.3). */
static void
check_elsewhere(struct opening *opening, const struct ms_mime_leaf *leaf,
    const char *path)
{
	struct ms_error why;

	if (strcmp(leaf->content_type, "message/external-body") != 0)
		return;
	(void)ms_error_set(&why, MS_E_UNSUPPORTED,
	    "the content is elsewhere (message/external-body)");
	opening->visitor->trouble(opening->arg, path, MS_E_UNSUPPORTED, &why);
}

static bool
has_lines(const struct opening *opening, const struct ms_mime_leaf *leaf)
{
	const unsigned char *message = opening->outer->data;

	return !opening->ambiguous && leaf->inlined && !leaf->names &&
	    strcmp(leaf->content_type, "text/plain") == 0 &&
	    leaf->data >= message &&
	    leaf->data < message + opening->outer->size;
}

static enum ms_status
on_leaf(void *arg, const struct ms_mime_leaf *leaf, struct ms_error *err)
{
	struct opening *opening = arg;
	char *position = ms_partpath(opening->outer->path, leaf->path);
	char *path = leaf->filename && *leaf->filename ?
	    ms_partpath(position, leaf->filename) : g_strdup(position);
	const struct ms_content content = {
		.path = path,
		.content_type = leaf->content_type,
		.filename = leaf->filename,
		.name = leaf->filename,
		.names = leaf->names,
		.encoding = leaf->encoding,
		.charset = leaf->charset,
		.form = leaf->form,
		.data = leaf->data,
		.size = leaf->size,
		.depth = opening->outer->depth,
		.is_leaf = true,
		.ends_loosely = !opening->ambiguous &&
		    g_str_has_prefix(leaf->content_type, "text/"),
		.has_lines = has_lines(opening, leaf),
		.is_reading = opening->outer->is_reading,
		.level = opening->outer->level + leaf->level,
	};
	enum ms_status status;

	check_elsewhere(opening, leaf, path);
	/* A message without a header is its own text, which has been met. */
	status = !opening->message && leaf->data == opening->outer->data &&
	    leaf->size == opening->outer->size ? MS_OK :
	    opening->visitor->content(opening->arg, &content, err);
	g_free(path);
	g_free(position);
	return status;
}

static void
on_leaf_trouble(void *arg, const char *path, enum ms_status status,
    const struct ms_error *why)
{
	on_trouble(arg, *path != '\0' ? path : NULL, status, why);
}

static void
on_node(void *arg, const struct ms_mime_node *node)
{
	const struct opening *opening = arg;
	char *path = *node->path != '\0' ?
	    ms_partpath(opening->outer->path, node->path) :
	    g_strdup(opening->outer->path);
	/* On loan: the casts lead to no write. */
	const struct ms_part part = {
		.path = path,
		.content_type = (char *)(uintptr_t)node->content_type,
		.filename = (char *)(uintptr_t)node->filename,
		.encoding = (char *)(uintptr_t)node->encoding,
		.boundary = (char *)(uintptr_t)node->boundary,
		.kind = node->is_message ? MS_PART_MESSAGE :
		    MS_PART_MULTIPART,
		.level = opening->outer->level + node->level,
	};

	if (opening->visitor->node)
		opening->visitor->node(opening->arg, &part, node->names);
	g_free(path);
}

static enum ms_status
on_reading(void *arg, const struct ms_union_reading *reading,
    struct ms_error *err)
{
	const struct opening *opening = arg;
	char *path = ms_partpath(opening->outer->path, reading->name);
	const struct ms_content content = {
		.path = path,
		.content_type = reading->decoded &&
		    ms_union_holds_parts(reading) ? "message/rfc822" : NULL,
		.form = reading->whole ? NULL : opening->form,
		.data = reading->data,
		.size = reading->size,
		.depth = opening->outer->depth + 1,
		.level = opening->outer->level + 1,
		.is_reading = true,
		.is_piece = !reading->decoded,
	};
	enum ms_status status = opening->visitor->content(opening->arg,
	    &content, err);

	g_free(path);
	return status;
}

/* What else an ambiguous message may hold. */
static enum ms_status
open_readings(struct opening *opening, struct ms_error *err)
{
	struct ms_union_input input = {
		.data = opening->outer->data,
		.size = opening->outer->size,
		.spool = ms_spool_new(opening->input->spool),
		.budget = opening->input->budget,
		.small = opening->input->texts,
	};
	struct ms_textform form = { .charsets = NULL };
	enum ms_status status;

	if (opening->input->texts) {
		ms_textform_init(&form);
		ms_textform_add(&form, input.data, input.size);
		opening->form = &form;
	}
	status = ms_union_walk(&input, on_reading, opening, err);
	opening->form = NULL;
	ms_textform_clear(&form);
	ms_spool_free(input.spool);
	if (status != MS_E_LIMIT)
		return status;
	/* What is behind this message is looked at all the same. */
	on_trouble(opening, NULL, status, err);
	return MS_OK;
}

static void
on_doubt(void *arg, const char *reason, const char *detail)
{
	const struct opening *opening = arg;

	if (opening->visitor->ambiguity)
		opening->visitor->ambiguity(opening->arg,
		    opening->guess ? NULL : reason, opening->outer->path,
		    detail);
}

static enum ms_status
open_mime(struct opening *opening, struct ms_error *err)
{
	static const struct ms_mime_visitor visitor =
	    { on_leaf, on_leaf_trouble, on_node };
	struct ms_mime_input input = {
		.data = opening->outer->data,
		.size = opening->outer->size,
		.spool = ms_spool_new(opening->input->spool),
		.budget = opening->input->budget,
		.names = opening->input->names,
		.texts = opening->input->texts,
		.outermost = *opening->outer->path == '\0',
	};
	enum ms_status status = ms_mime_walk(&input, &visitor, opening, err);

	ms_spool_free(input.spool);
	return status;
}

/* A message by the book, and if it is ambiguous, in every other way. A piece
 * of one that is was read with it. */
static enum ms_status
open_message(struct opening *opening, struct ms_error *err)
{
	const struct ms_content *outer = opening->outer;
	enum ms_status status;
	bool footer = false;

	opening->ambiguous = !outer->is_piece && ms_ambiguity_find(
	    outer->data, outer->size, on_doubt, opening, &footer);
	opening->ambiguous |= footer && opening->input->texts;
	status = open_mime(opening, err);
	return status == MS_OK && opening->ambiguous ?
	    open_readings(opening, err) : status;
}

/* Text that is base64 from start to end, though nobody said so. */
static enum ms_status
open_base64(struct opening *opening, struct ms_error *err)
{
	static const struct ms_loose64_how how = { MS_LOOSE64_PAD_RESTART,
		false, 0 };
	struct ms_spool *spool = ms_spool_new(opening->input->spool);
	struct ms_pour *pour = g_new(struct ms_pour, 1);
	struct ms_member member = { .name = "base64" };
	enum ms_status status;

	ms_pour_start(pour, spool, opening->input->budget, err);
	ms_loose64_decode(opening->outer->data, opening->outer->size, &how,
	    pour);
	status = ms_pour_end(pour, &member.data, &member.size);
	if (status == MS_OK)
		status = ms_budget_part(opening->input->budget, err);
	if (status == MS_OK)
		status = on_member(opening, &member, err);
	g_free(pour);
	ms_spool_free(spool);
	return status;
}

static enum ms_status
on_letter(void *arg, const struct ms_letter *letter, struct ms_error *err)
{
	const struct ms_member member = { letter->name, letter->data,
		letter->size };

	return on_member(arg, &member, err);
}

/* A mailbox that is attached, or in an archive: all its messages. */
static enum ms_status
open_mailbox(struct opening *opening, struct ms_error *err)
{
	const struct ms_letters_input input = { opening->outer->data,
		opening->outer->size, opening->input->spool,
		opening->input->budget };

	return ms_letters(&input, on_letter, opening, err);
}

/* What is in a container that only the engine opens is called. */
static void
list_names(struct opening *opening)
{
	const struct ms_listing_input input = { opening->input->type,
		opening->outer->data, opening->outer->size,
		opening->input->budget };
	struct ms_error why;
	enum ms_status status = ms_listing(&input, on_name, opening, &why);

	if (status != MS_OK)
		on_trouble(opening, NULL, status, &why);
}

/* A container that is not opened here: did the engine find something in
 * it? */
static void
check_opened(struct opening *opening)
{
	const struct ms_sniff_type *type = opening->input->type;
	struct ms_error why;

	if (type->kind == MS_SNIFF_ENGINE && opening->input->names)
		list_names(opening);
	if (type->kind == MS_SNIFF_ENGINE && opening->input->engine_opened)
		return;
	(void)ms_error_set(&why, MS_E_UNSUPPORTED,
	    "nothing was opened in this %s", type->name);
	on_trouble(opening, NULL, MS_E_UNSUPPORTED, &why);
}

/* What only the recipient can read, or whoever has a password. */
static void
check_locked(struct opening *opening)
{
	const struct ms_content *outer = opening->outer;
	struct ms_error why;
	const char *what;
	enum ms_status status = ms_locked(outer->data, outer->size, &what);

	if (status == MS_OK)
		return;
	(void)ms_error_set(&why, status, "%s", what);
	on_trouble(opening, NULL, status, &why);
}

/* What the first bytes call for. */
static enum ms_status
open_by_type(struct opening *opening, struct ms_error *err)
{
	const struct ms_sniff_type *type = opening->input->type;
	const struct ms_content *outer = opening->outer;

	if (type->kind == MS_SNIFF_ARCHIVE)
		return open_archive(opening, type->format, err);
	if (type->kind == MS_SNIFF_TNEF)
		return open_blocks(opening, ms_tnef_walk, err);
	if (type->kind == MS_SNIFF_CMS)
		return open_blocks(opening, ms_cms_walk, err);
	if (type->kind == MS_SNIFF_ENGINE || type->kind == MS_SNIFF_CLOSED) {
		check_opened(opening);
		return MS_OK;
	}
	if (outer->size > 5 && memcmp(outer->data, "From ", 5) == 0)
		return open_mailbox(opening, err);
	opening->guess = type->kind != MS_SNIFF_MESSAGE &&
	    !ms_sniff_is_called_message(outer->content_type,
	    outer->filename);
	if (ms_sniff_may_be_message(outer->data, outer->size,
	    outer->content_type, outer->filename) || ms_sniff_is_bare_part(
	    outer->data, outer->size))
		return open_message(opening, err);
	check_locked(opening);
	return MS_OK;
}

/* By all ways that the bytes offer. */
static enum ms_status
open_all(struct opening *opening, struct ms_error *err)
{
	const struct ms_sniff_type *type = opening->input->type;
	const struct ms_content *outer = opening->outer;
	enum ms_status status = open_by_type(opening, err);

	if (status == MS_OK && type->format != MS_SNIFF_ZIP &&
	    ms_zipdir_ends(outer->data, outer->size))
		status = open_archive(opening, MS_SNIFF_ZIP, err);
	if (status == MS_OK && type->kind != MS_SNIFF_ARCHIVE)
		status = open_text(opening, err);
	if (status == MS_OK && ms_loose64_is_whole(outer->data, outer->size))
		status = open_base64(opening, err);
	return status;
}

static enum ms_status
on_deep_content(void *arg, const struct ms_content *content,
    struct ms_error *err)
{
	(void)content, (void)err;
	*(bool *)arg = true;
	return MS_END;
}

static void
on_deep_trouble(void *arg, const char *path, enum ms_status status,
    const struct ms_error *why)
{
	(void)path, (void)status, (void)why;
	*(bool *)arg = true;
}

/* Is there anything in the content, which is too deep to be shown? */
static bool
holds_more(const struct ms_open_input *input)
{
	static const struct ms_open_visitor visitor = { on_deep_content,
		on_deep_trouble, NULL, NULL, NULL, NULL };
	bool more = false;
	struct opening opening = { .input = input, .outer = input->outer,
		.visitor = &visitor, .arg = &more };
	struct ms_error err;

	return open_all(&opening, &err) != MS_OK || more;
}

enum ms_status
ms_open_content(const struct ms_open_input *input,
    const struct ms_open_visitor *visitor, void *arg, struct ms_error *err)
{
	struct opening opening = { .input = input, .outer = input->outer,
		.visitor = visitor, .arg = arg };
	struct ms_budget *budget = input->budget;

	/* The text of a message may be a message, too: that is no archive. */
	if (ms_budget_depth(budget, input->outer->depth + 1,
	    budget->limits.archive_depth, err) == MS_OK &&
	    ms_budget_depth(budget, input->outer->level,
	    budget->limits.mime_depth + budget->limits.archive_depth,
	    err) == MS_OK)
		return open_all(&opening, err);
	if (holds_more(input)) {
		budget->hit = MS_BUDGET_DEPTH;
		on_trouble(&opening, NULL, MS_E_LIMIT, err);
	}
	return MS_OK;
}

enum ms_status
ms_open_message(const struct ms_open_input *input,
    const struct ms_open_visitor *visitor, void *arg, struct ms_error *err)
{
	struct opening opening = { .input = input, .outer = input->outer,
		.visitor = visitor, .arg = arg, .message = true };

	return open_message(&opening, err);
}
