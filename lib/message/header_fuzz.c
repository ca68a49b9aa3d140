#include "message/header.h"
#include "message/mime.h"

#include <gmime/gmime.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

static const char *const names[] = { "Message-Id", "Subject", "From", "Date",
	"Content-Type", NULL };

static GMimeMessage *
parse(const unsigned char *data, size_t size)
{
	GMimeStream *stream = g_mime_stream_mem_new_with_buffer(
	    (const char *)data, size);
	GMimeParser *parser = g_mime_parser_new_with_stream(stream);
	GMimeMessage *message;

	g_mime_parser_set_format(parser, GMIME_FORMAT_MESSAGE);
	message = g_mime_parser_construct_message(parser, NULL);
	g_object_unref(parser);
	g_object_unref(stream);
	return message;
}

/* What GMime makes of the picked fields is what it makes of them among all
 * others. */
int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	static bool started;
	GByteArray *some = ms_header_pick(data, size, names);
	GMimeMessage *a, *b;

	if (!started)
		ms_mime_start();
	started = true;
	if (some && some->len > size)
		abort();
	a = some && some->len > 0 ? parse(some->data, some->len) : NULL;
	b = a ? parse(data, size) : NULL;
	for (size_t i = 0; a && b && names[i]; i++)
		if (g_strcmp0(g_mime_object_get_header(GMIME_OBJECT(a),
		    names[i]), g_mime_object_get_header(GMIME_OBJECT(b),
		    names[i])) != 0)
			abort();
	if (a)
		g_object_unref(a);
	if (b)
		g_object_unref(b);
	if (some)
		g_byte_array_unref(some);
	return 0;
}
