#include "message/boundary.h"

#include <gmime/gmime.h>
#include <stdlib.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	GMimeParserOptions *options;

	(void)argc;
	(void)argv;
	g_mime_init();
	options = g_mime_parser_options_get_default();
	g_mime_parser_options_set_rfc2047_compliance_mode(options,
	    GMIME_RFC_COMPLIANCE_LOOSE);
	g_mime_parser_options_set_parameter_compliance_mode(options,
	    GMIME_RFC_COMPLIANCE_LOOSE);
	return 0;
}

/* Objects that are in a multipart. */
static uint64_t
count_parts(GMimeObject *object)
{
	uint64_t count = 0;

	if (GMIME_IS_MESSAGE_PART(object)) {
		GMimeMessage *message = g_mime_message_part_get_message(
		    GMIME_MESSAGE_PART(object));

		object = message ? g_mime_message_get_mime_part(message) :
		    NULL;
		return object ? count_parts(object) : 0;
	}
	if (!GMIME_IS_MULTIPART(object))
		return 0;
	for (int i = 0;
	    i < g_mime_multipart_get_count(GMIME_MULTIPART(object)); i++)
		count += 1 + count_parts(g_mime_multipart_get_part(
		    GMIME_MULTIPART(object), i));
	return count;
}

static uint64_t
parse(const unsigned char *data, size_t size)
{
	GMimeStream *stream = g_mime_stream_mem_new_with_buffer(
	    (const char *)data, size);
	GMimeParser *parser = g_mime_parser_new_with_stream(stream);
	GMimeMessage *message;
	GMimeObject *object;
	uint64_t count = 0;

	g_mime_parser_set_format(parser, GMIME_FORMAT_MESSAGE);
	message = g_mime_parser_construct_message(parser, NULL);
	object = message ? g_mime_message_get_mime_part(message) : NULL;
	if (object)
		count = count_parts(object);
	if (message)
		g_object_unref(message);
	g_object_unref(parser);
	g_object_unref(stream);
	return count;
}

/* Never more than there is, never less for more parts, and never one from
 * which GMime makes more parts. */
int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	static const uint64_t counts[] = { 0, 1, 2, 5, 100, UINT64_MAX };
	size_t last = 0;

	for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
		size_t prefix = ms_boundary_prefix(data, size, counts[i]);

		if (prefix > size || prefix < last)
			abort();
		if (parse(data, prefix) > counts[i])
			abort();
		last = prefix;
	}
	if (last != size)
		abort();
	return 0;
}
