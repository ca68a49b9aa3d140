#include "message/header.h"
#include "message/mime.h"

#include <gmime/gmime.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

static char *
field(GMimeMessage *message, const char *name)
{
	const char *value = g_mime_object_get_header(GMIME_OBJECT(message),
	    name);

	return value ? g_strstrip(g_strdup(value)) : NULL;
}

static void
compare(char *ours, char *theirs)
{
	if (g_strcmp0(ours, theirs) != 0)
		abort();
	g_free(ours);
	g_free(theirs);
}

/* Whatever is read here, GMime reads the same. */
int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	static bool started;
	struct ms_header header;
	GMimeMessage *message;
	GMimeStream *stream;
	GMimeParser *parser;
	GDateTime *date;

	if (!started)
		ms_mime_start();
	started = true;
	if (!ms_header_read(data, size, &header))
		return 0;
	stream = g_mime_stream_mem_new_with_buffer((const char *)data, size);
	parser = g_mime_parser_new_with_stream(stream);
	g_mime_parser_set_format(parser, GMIME_FORMAT_MESSAGE);
	message = g_mime_parser_construct_message(parser, NULL);
	date = message ? g_mime_message_get_date(message) : NULL;
	compare(header.message_id, message ? field(message, "Message-Id") :
	    NULL);
	compare(header.subject, message ? field(message, "Subject") : NULL);
	compare(header.from, message ? field(message, "From") : NULL);
	compare(header.to, message ? field(message, "To") : NULL);
	compare(header.date, date ? g_date_time_format(date,
	    "%Y-%m-%dT%H:%M:%S%:z") : message ? field(message, "Date") :
	    NULL);
	if (message)
		g_object_unref(message);
	g_object_unref(parser);
	g_object_unref(stream);
	return 0;
}
