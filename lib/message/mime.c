#include "message/mime.h"

#include <gmime/gmime.h>

#include <stdbool.h>
#include <string.h>

#include "message/boundary.h"
#include "message/burden.h"
#include "message/declared.h"
#include "message/decode.h"
#include "message/head.h"
#include "message/header.h"
#include "message/partnames.h"
#include "message/skeleton.h"

#define ENCODING "Content-Transfer-Encoding"

struct walk {
	const struct ms_mime_input *input;
	const struct ms_mime_visitor *visitor;
	void *arg;
	struct ms_skeleton skeleton;	/* what GMime has read */
};

void
ms_mime_start(void)
{
	GMimeParserOptions *options;

	g_mime_init();
	/* Looking up the options once makes GMime build its tables now. */
	options = g_mime_parser_options_get_default();
	g_mime_parser_options_set_rfc2047_compliance_mode(options,
	    GMIME_RFC_COMPLIANCE_LOOSE);
	g_mime_parser_options_set_parameter_compliance_mode(options,
	    GMIME_RFC_COMPLIANCE_LOOSE);
}

/* What GMime has made of some bytes. */
struct parsed {
	GMimeMessage *message;	/* NULL: nothing */
	GMimeStream *stream;	/* NULL: it was too much */
	GByteArray *array;
	unsigned char *copy;	/* NULL: the bytes themselves */
};

/* No more is copied, so that addresses can be hidden there. */
#define COPY_MAX ((size_t)32 << 20)

/* May GMime read the SIZE bytes at DATA, or else a copy of them? */
static bool
lighten(struct parsed *parsed, const unsigned char *data, size_t size)
{
	const struct ms_burden burden = ms_burden(data, size);

	if (burden.headers || (burden.addresses && size > COPY_MAX))
		return false;
	if (!burden.addresses)
		return true;
	parsed->copy = g_try_malloc(size);
	if (!parsed->copy)
		return false;
	memcpy(parsed->copy, data, size);
	ms_burden_hide(parsed->copy, size);
	return true;
}

/* The array is over memory that is not its own to free, and taken apart again
 * by parsed_clear(). */
static void
parse(struct parsed *parsed, const unsigned char *data, size_t size)
{
	GMimeParser *parser;

	*parsed = (struct parsed){ .message = NULL };
	if (!lighten(parsed, data, size))
		return;
	data = parsed->copy ? parsed->copy : data;
	/* Read only: the cast does not lead to a write. */
	parsed->array = g_byte_array_new_take((guint8 *)(uintptr_t)data,
	    size);
	parsed->stream = g_mime_stream_mem_new();
	g_mime_stream_mem_set_byte_array(GMIME_STREAM_MEM(parsed->stream),
	    parsed->array);
	parser = g_mime_parser_new_with_stream(parsed->stream);
	g_mime_parser_set_format(parser, GMIME_FORMAT_MESSAGE);
	parsed->message = g_mime_parser_construct_message(parser, NULL);
	g_object_unref(parser);
}

static void
parsed_clear(struct parsed *parsed)
{
	if (parsed->message)
		g_object_unref(parsed->message);
	if (parsed->stream)
		g_object_unref(parsed->stream);
	if (parsed->array)
		(void)g_byte_array_free(parsed->array, FALSE);
	g_free(parsed->copy);
}

/* The undecoded bytes of CONTENT: a window of the input. */
static void
raw_window(const struct walk *walk, GMimeDataWrapper *content,
    const unsigned char **data, size_t *size)
{
	GMimeStream *stream = g_mime_data_wrapper_get_stream(content);
	const struct ms_skeleton *skeleton = &walk->skeleton;
	size_t start, end = skeleton->size;

	if (stream->bound_end >= 0)
		end = (size_t)MIN((uint64_t)stream->bound_end, end);
	*data = walk->input->data;
	*size = 0;
	if (stream->bound_start < 0 || (uint64_t)stream->bound_start > end)
		return;
	start = ms_skeleton_offset(skeleton, (size_t)stream->bound_start);
	*data = walk->input->data + start;
	*size = ms_skeleton_offset(skeleton, end) - start;
}

/* The decoded bytes of CONTENT in LEAF. What a limit cut off is told; what
 * was decoded by then is visited all the same. */
static enum ms_status
load_content(const struct walk *walk, GMimeDataWrapper *content,
    struct ms_mime_leaf *leaf, struct ms_error *err)
{
	GMimeContentEncoding encoding =
	    g_mime_data_wrapper_get_encoding(content);
	enum ms_status status;

	raw_window(walk, content, &leaf->data, &leaf->size);
	/* What is uuencoded stays so: it is text with a block in it, and
	 * message/uu.h finds blocks in text. */
	if (encoding != GMIME_CONTENT_ENCODING_BASE64 &&
	    encoding != GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE)
		return ms_budget_bytes(walk->input->budget, leaf->size, err);
	status = ms_decode(&(struct ms_decode_input){ leaf->data, leaf->size,
		encoding == GMIME_CONTENT_ENCODING_BASE64,
		walk->input->spool, walk->input->budget }, err);
	if (status == MS_E_LIMIT)
		walk->visitor->trouble(walk->arg, leaf->path, status, err);
	else if (status != MS_OK)
		return status;
	leaf->size = ms_spool_size(walk->input->spool);
	return ms_spool_map(walk->input->spool, &leaf->data, err);
}

/* A piece of a message, where nobody looks for the others. */
static void
tell_piece(const struct walk *walk, GMimeObject *object, const char *path,
    unsigned level)
{
	GMimeMessagePartial *piece = GMIME_MESSAGE_PARTIAL(object);
	const char *id = g_mime_message_partial_get_id(piece);
	struct ms_error why;

	if (walk->input->outermost && level == 1)
		return;
	(void)ms_error_set(&why, MS_E_FORMAT,
	    "a truncated message: piece %d of %.200s",
	    g_mime_message_partial_get_number(piece), id ? id : "");
	walk->visitor->trouble(walk->arg, path, MS_E_FORMAT, &why);
}

/* All that OBJECT may be called, for g_ptr_array_unref(), if that is asked;
 * NULL: nothing. And how it may be read, to FORM, unless that is NULL. */
static GPtrArray *
names_of(const struct walk *walk, GMimeObject *object,
    struct ms_textform *form)
{
	GMimeHeaderList *headers = g_mime_object_get_header_list(object);
	int count = (walk->input->names || form) && headers ?
	    g_mime_header_list_get_count(headers) : 0;
	GPtrArray *names = NULL;

	for (int i = 0; i < count; i++) {
		GMimeHeader *header = g_mime_header_list_get_header_at(
		    headers, i);
		const char *name = g_mime_header_get_name(header);
		const char *value = g_mime_header_get_raw_value(header);
		bool is_type = g_ascii_strcasecmp(name, "Content-Type") == 0;

		if (!is_type &&
		    g_ascii_strcasecmp(name, "Content-Disposition") != 0)
			continue;
		if (walk->input->names && !names)
			names = g_ptr_array_new_with_free_func(g_free);
		if (names)
			ms_partnames(value, names);
		if (form && is_type)
			ms_textform_add(form, (const unsigned char *)value,
			    strlen(value));
	}
	return names;
}

static void
tell_node(const struct walk *walk, GMimeObject *object, const char *path,
    unsigned level)
{
	char *type = ms_declared_type(object);
	GPtrArray *names = names_of(walk, object, NULL);
	bool is_message = GMIME_IS_MESSAGE_PART(object);
	const struct ms_mime_node node = {
		.path = path,
		.content_type = type,
		.filename = g_mime_object_get_content_disposition_parameter(
		    object, "filename"),
		.names = names,
		.encoding = g_mime_object_get_header(object, ENCODING),
		.boundary = is_message ? NULL :
		    ms_declared_parameter(object, "boundary"),
		.level = level,
		.is_message = is_message,
	};

	if (walk->visitor->node)
		walk->visitor->node(walk->arg, &node);
	g_clear_pointer(&names, g_ptr_array_unref);
	g_free(type);
}

static enum ms_status
visit_leaf(const struct walk *walk, GMimeObject *object, const char *path,
    unsigned level, struct ms_error *err)
{
	char *type = ms_declared_type(object);
	struct ms_textform form = { .charsets = NULL };
	GPtrArray *names;
	struct ms_mime_leaf leaf = {
		.path = path,
		.content_type = type,
		.encoding = g_mime_object_get_header(object, ENCODING),
		.charset = ms_declared_parameter(object, "charset"),
		.level = level,
		.data = walk->input->data,
	};
	GMimeDataWrapper *content = NULL;
	enum ms_status status = MS_OK;

	if (walk->input->texts) {
		ms_textform_init(&form);
		leaf.form = &form;
	}
	leaf.names = names = names_of(walk, object, leaf.form ? &form : NULL);
	if (GMIME_IS_PART(object)) {
		leaf.filename = g_mime_part_get_filename(GMIME_PART(object));
		content = g_mime_part_get_content(GMIME_PART(object));
	}
	leaf.inlined = !leaf.filename && ms_declared_inline(object);
	if (GMIME_IS_MESSAGE_PARTIAL(object))
		tell_piece(walk, object, path, level);
	if (content)
		status = load_content(walk, content, &leaf, err);
	if (status == MS_OK)
		status = walk->visitor->leaf(walk->arg, &leaf, err);
	g_clear_pointer(&names, g_ptr_array_unref);
	ms_textform_clear(&form);
	g_free(type);
	return status;
}

/* A multipart whose boundary never came: all its text is prologue, which
 * GMime ends at a NUL, so where it is the whole message the bytes are taken
 * themselves. */
static enum ms_status
visit_unmatched(const struct walk *walk, GMimeMultipart *multipart,
    const char *path, unsigned level, struct ms_error *err)
{
	const char *text = g_mime_multipart_get_prologue(multipart);
	struct ms_mime_leaf leaf = {
		.path = *path ? path : "1",
		.content_type = "text/plain",
		.level = level,
		.data = (const unsigned char *)text,
		.size = text ? strlen(text) : 0,
	};

	if (*path == '\0') {
		const unsigned char *data = walk->input->data;
		size_t size = walk->input->size;
		size_t header = ms_head_body(data, size);

		leaf.data = walk->input->data + header;
		leaf.size = walk->input->size - header;
	}
	return leaf.size > 0 ? walk->visitor->leaf(walk->arg, &leaf, err) :
	    MS_OK;
}

static enum ms_status visit_object(const struct walk *walk,
    GMimeObject *object, const char *path, unsigned depth,
    struct ms_error *err);

static enum ms_status
visit_children(const struct walk *walk, GMimeMultipart *multipart,
    const char *path, unsigned depth, struct ms_error *err)
{
	int count = g_mime_multipart_get_count(multipart);
	enum ms_status status = MS_OK;

	if (count == 0)
		return visit_unmatched(walk, multipart, path, depth + 1, err);
	for (int i = 0; i < count && status == MS_OK; i++) {
		char *child = *path ?
		    g_strdup_printf("%s.%d", path, i + 1) :
		    g_strdup_printf("%d", i + 1);

		status = visit_object(walk,
		    g_mime_multipart_get_part(multipart, i), child,
		    depth + 1, err);
		g_free(child);
	}
	return status;
}

/* A message that GMime makes nothing of. */
static enum ms_status
tell_unreadable(const struct walk *walk, const char *path)
{
	struct ms_error why;

	(void)ms_error_set(&why, MS_E_FORMAT, "no header could be read");
	walk->visitor->trouble(walk->arg, path, MS_E_FORMAT, &why);
	return MS_OK;
}

static enum ms_status
visit_message(const struct walk *walk, GMimeMessage *message,
    const char *path, unsigned depth, struct ms_error *err)
{
	GMimeObject *object =
	    message ? g_mime_message_get_mime_part(message) : NULL;
	enum ms_status status;
	char *child;

	if (!object)
		return tell_unreadable(walk, path);
	if (GMIME_IS_MULTIPART(object))
		return visit_object(walk, object, path, depth, err);
	child = *path ? g_strdup_printf("%s.1", path) : g_strdup("1");
	status = visit_object(walk, object, child, depth, err);
	g_free(child);
	return status;
}

/* The recursion is as deep as the budget allows, and then tells. */
static enum ms_status
visit_object(const struct walk *walk, GMimeObject *object, const char *path,
    unsigned depth, struct ms_error *err)
{
	struct ms_budget *budget = walk->input->budget;
	enum ms_status status = ms_budget_part(budget, err);

	if (status != MS_OK)
		return status;
	status = ms_budget_depth(budget, depth, budget->limits.mime_depth,
	    err);
	if (status != MS_OK) {
		walk->visitor->trouble(walk->arg, path, status, err);
		return MS_OK;
	}
	if (GMIME_IS_MULTIPART(object) || GMIME_IS_MESSAGE_PART(object))
		tell_node(walk, object, path, depth);
	if (GMIME_IS_MULTIPART(object))
		return visit_children(walk, GMIME_MULTIPART(object), path,
		    depth, err);
	if (GMIME_IS_MESSAGE_PART(object))
		return visit_message(walk, g_mime_message_part_get_message(
		    GMIME_MESSAGE_PART(object)), path, depth + 1, err);
	return visit_leaf(walk, object, path, depth, err);
}

/* Header or, if not LARGER, all of them together are too much. */
static void
tell_large(const struct walk *walk, bool larger)
{
	struct ms_error why;

	walk->input->budget->hit = MS_BUDGET_SIZE;
	(void)ms_error_set(&why, MS_E_LIMIT, larger ?
	    "header larger than %u bytes, parts not taken apart" :
	    "headers too large all together, parts not taken apart",
	    MS_HEAD_MAX);
	walk->visitor->trouble(walk->arg, "", MS_E_LIMIT, &why);
}

/* Nothing of it was taken apart: then it is text as a whole. */
static enum ms_status
visit_whole(const struct walk *walk, struct ms_error *err)
{
	const struct ms_mime_leaf leaf = {
		.path = "1",
		.content_type = "text/plain",
		.level = 1,
		.data = walk->input->data,
		.size = walk->input->size,
	};

	return leaf.size > 0 ? walk->visitor->leaf(walk->arg, &leaf, err) :
	    MS_OK;
}

/* Is there a multipart whose boundary never came, at a level that will be
 * visited? */
static bool
has_unmatched(GMimeObject *object, unsigned levels)
{
	GMimeMessage *message;
	bool found = false;
	int count;

	if (levels == 0 || !object)
		return false;
	if (GMIME_IS_MESSAGE_PART(object)) {
		message = g_mime_message_part_get_message(
		    GMIME_MESSAGE_PART(object));
		return message && has_unmatched(
		    g_mime_message_get_mime_part(message), levels - 1);
	}
	if (!GMIME_IS_MULTIPART(object))
		return false;
	count = g_mime_multipart_get_count(GMIME_MULTIPART(object));
	for (int i = 0; i < count && !found; i++)
		found = has_unmatched(g_mime_multipart_get_part(
		    GMIME_MULTIPART(object), i), levels - 1);
	return found || count == 0;
}

/* Parse the input, as far as it holds no more parts than there may be, by its
 * skeleton. Returns whether that is all of it. */
static bool
parse_skeleton(struct walk *walk, struct parsed *parsed)
{
	const struct ms_budget_limits *limits = &walk->input->budget->limits;
	const unsigned char *data = walk->input->data;
	struct ms_skeleton *skeleton = &walk->skeleton;
	size_t size, all;

	ms_skeleton_init(skeleton, data, walk->input->size);
	all = skeleton->size;
	skeleton->size = ms_boundary_prefix(skeleton->data, all,
	    limits->parts);
	size = ms_skeleton_offset(skeleton, skeleton->size);
	parse(parsed, skeleton->data, skeleton->size);
	if (skeleton->copy && parsed->message && has_unmatched(
	    g_mime_message_get_mime_part(parsed->message),
	    limits->mime_depth)) {
		/* GMime's copy of its text will be visited, and has to be
		 * whole. */
		parsed_clear(parsed);
		ms_skeleton_clear(skeleton);
		*skeleton = (struct ms_skeleton){ .data = data,
			.size = size };
		parse(parsed, data, size);
		return size == walk->input->size;
	}
	return skeleton->size == all;
}

enum ms_status
ms_mime_walk(const struct ms_mime_input *input,
    const struct ms_mime_visitor *visitor, void *arg, struct ms_error *err)
{
	size_t junk = ms_head_junk(input->data, input->size);
	struct ms_mime_input rest = *input;
	struct walk walk = { .input = &rest, .visitor = visitor,
		.arg = arg };
	uint64_t max_parts = input->budget->limits.parts;
	struct parsed parsed;
	enum ms_status status;
	bool all;

	if (ms_head_size(input->data, input->size, MS_HEAD_MAX + 1) >
	    MS_HEAD_MAX) {
		tell_large(&walk, true);
		return MS_OK;
	}
	rest.data += junk;
	rest.size -= junk;
	all = parse_skeleton(&walk, &parsed);
	status = !parsed.stream ? MS_OK : parsed.message ?
	    visit_message(&walk, parsed.message, "", 1, err) :
	    visit_whole(&walk, err);
	if (!parsed.stream)
		tell_large(&walk, false);
	parsed_clear(&parsed);
	ms_skeleton_clear(&walk.skeleton);
	if (status == MS_OK && !all) {
		struct ms_error why;

		input->budget->hit = MS_BUDGET_COUNT;
		(void)ms_error_set(&why, MS_E_LIMIT, "more than %"
		    G_GUINT64_FORMAT " parts (max-files)", max_parts);
		visitor->trouble(arg, "", MS_E_LIMIT, &why);
	}
	return status == MS_END ? MS_OK : status;
}

static char *
field(GMimeMessage *message, const char *name)
{
	const char *value = g_mime_object_get_header(
	    GMIME_OBJECT(message), name);

	return value ? g_strstrip(g_strdup(value)) : NULL;
}

static char *
date_field(GMimeMessage *message)
{
	GDateTime *date = g_mime_message_get_date(message);

	return date ? g_date_time_format(date, "%Y-%m-%dT%H:%M:%S%:z") :
	    field(message, "Date");
}

static void
piece_fields(GMimeMessage *message, struct ms_mime_fields *fields)
{
	GMimeObject *object = g_mime_message_get_mime_part(message);
	int number, total;

	if (!object || !GMIME_IS_MESSAGE_PARTIAL(object))
		return;
	number = g_mime_message_partial_get_number(
	    GMIME_MESSAGE_PARTIAL(object));
	total = g_mime_message_partial_get_total(
	    GMIME_MESSAGE_PARTIAL(object));
	fields->piece_of = g_strdup(g_mime_message_partial_get_id(
	    GMIME_MESSAGE_PARTIAL(object)));
	if (!fields->piece_of)
		fields->piece_of = g_strdup("");
	fields->piece_number = number > 0 ? (uint32_t)number : 0;
	fields->piece_total = total > 0 ? (uint32_t)total : 0;
}

void
ms_mime_fields(const unsigned char *data, size_t size,
    struct ms_mime_fields *fields)
{
	size_t junk = ms_head_junk(data, size);
	size_t header = ms_head_size(data, size, MS_HEAD_MAX);
	struct parsed parsed;
	struct ms_header quick;

	*fields = (struct ms_mime_fields){ .body = ms_head_body(data, size) };
	if (ms_header_read(data + junk, header - junk, &quick)) {
		fields->message_id = quick.message_id;
		fields->subject = quick.subject;
		fields->from = quick.from;
		fields->to = quick.to;
		fields->date = quick.date;
		return;
	}
	parse(&parsed, data + junk, header - junk);
	if (parsed.message) {
		fields->message_id = field(parsed.message, "Message-Id");
		fields->subject = field(parsed.message, "Subject");
		fields->from = field(parsed.message, "From");
		fields->to = field(parsed.message, "To");
		fields->date = date_field(parsed.message);
		piece_fields(parsed.message, fields);
	}
	parsed_clear(&parsed);
}

void
ms_mime_fields_clear(struct ms_mime_fields *fields)
{
	g_free(fields->message_id);
	g_free(fields->subject);
	g_free(fields->from);
	g_free(fields->to);
	g_free(fields->date);
	g_free(fields->piece_of);
	*fields = (struct ms_mime_fields){ 0 };
}
