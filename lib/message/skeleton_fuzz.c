#include "message/mime.h"
#include "message/skeleton.h"

#include <gmime/gmime.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

#define STRETCH 20000

/* The input with a long stretch of encoded lines for each byte over 0xf0. */
static GByteArray *
expand(const unsigned char *data, size_t size)
{
	GByteArray *out = g_byte_array_new();
	unsigned char line[77];

	memset(line, 'A', sizeof line);
	line[76] = '\n';
	for (size_t i = 0; i < size; i++) {
		if (data[i] < 0xf0 || out->len > 20 * STRETCH) {
			g_byte_array_append(out, data + i, 1);
			continue;
		}
		for (int k = 0; k < STRETCH; k += 77)
			g_byte_array_append(out, line,
			    data[i] & 1 ? 77 : 75);
	}
	return out;
}

/* All that GMime makes of OBJECT, with the places of contents in the message
 * (NULL: in the skeleton itself). */
static void
describe(GMimeObject *object, const struct ms_skeleton *skeleton,
    unsigned levels, GString *out)
{
	char *type;

	if (!object || levels == 0)
		return;
	type = g_mime_content_type_get_mime_type(
	    g_mime_object_get_content_type(object));
	g_string_append_printf(out, "(%s", type);
	g_free(type);
	if (GMIME_IS_PART(object)) {
		GMimeDataWrapper *content =
		    g_mime_part_get_content(GMIME_PART(object));
		GMimeStream *stream = content ?
		    g_mime_data_wrapper_get_stream(content) : NULL;

		if (stream)
			g_string_append_printf(out, " %zu-%zu %d",
			    ms_skeleton_offset(skeleton,
			    (size_t)stream->bound_start),
			    ms_skeleton_offset(skeleton,
			    (size_t)stream->bound_end),
			    g_mime_data_wrapper_get_encoding(content));
	} else if (GMIME_IS_MESSAGE_PART(object)) {
		GMimeMessage *message = g_mime_message_part_get_message(
		    GMIME_MESSAGE_PART(object));

		if (message)
			describe(g_mime_message_get_mime_part(message),
			    skeleton, levels - 1, out);
	} else if (GMIME_IS_MULTIPART(object)) {
		int count = g_mime_multipart_get_count(
		    GMIME_MULTIPART(object));

		for (int i = 0; i < count; i++)
			describe(g_mime_multipart_get_part(
			    GMIME_MULTIPART(object), i), skeleton,
			    levels - 1, out);
	}
	g_string_append_c(out, ')');
}

static GString *
tree_of(const struct ms_skeleton *skeleton)
{
	GMimeStream *stream = g_mime_stream_mem_new_with_buffer(
	    (const char *)skeleton->data, skeleton->size);
	GMimeParser *parser = g_mime_parser_new_with_stream(stream);
	GMimeMessage *message;
	GString *out = g_string_new(NULL);

	g_mime_parser_set_format(parser, GMIME_FORMAT_MESSAGE);
	message = g_mime_parser_construct_message(parser, NULL);
	if (message) {
		describe(g_mime_message_get_mime_part(message), skeleton,
		    100, out);
		g_object_unref(message);
	}
	g_object_unref(parser);
	g_object_unref(stream);
	return out;
}

/* The same tree from the skeleton as from the message. */
int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	static bool started;
	struct ms_skeleton skeleton, whole;
	GByteArray *message = expand(data, size);
	GString *a = NULL, *b = NULL;

	if (!started)
		ms_mime_start();
	started = true;
	whole = (struct ms_skeleton){ .data = message->data,
		.size = message->len };
	ms_skeleton_init(&skeleton, message->data, message->len);
	if (ms_skeleton_offset(&skeleton, skeleton.size) != message->len)
		abort();
	if (skeleton.copy) {
		a = tree_of(&skeleton);
		b = tree_of(&whole);
		if (strcmp(a->str, b->str) != 0)
			abort();
		g_string_free(a, TRUE);
		g_string_free(b, TRUE);
	}
	ms_skeleton_clear(&skeleton);
	g_byte_array_unref(message);
	return 0;
}
