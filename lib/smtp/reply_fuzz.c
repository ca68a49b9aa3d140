#include "smtp/reply.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

/* All replies in DATA, of which STEP bytes are fed at a time, as one text. */
static char *
parse(const unsigned char *data, size_t size, size_t step)
{
	GString *all = g_string_new(NULL);
	enum ms_status status = MS_END;
	struct ms_reply reply;
	unsigned enhanced[3];
	char *value;
	size_t at = 0;

	ms_reply_init(&reply);
	while (at < size && status != MS_E_PEER) {
		size_t used, more = MIN(step, size - at);

		status = ms_reply_feed(&reply, data + at, more, &used, NULL);
		if (used > more || (status == MS_END && used < more) ||
		    (status == MS_OK && used == 0))
			abort();
		at += used;
		if (status != MS_OK)
			continue;
		if (reply.code < 200 || reply.code > 559 || reply.lines == 0)
			abort();
		(void)ms_reply_enhanced(&reply, enhanced);
		if (ms_reply_extension(&reply, "SIZE", &value))
			g_free(value);
		g_string_append_printf(all, "%d %u ", reply.code,
		    reply.lines);
		g_string_append_len(all, reply.text->str,
		    (gssize)reply.text->len);
		g_string_append_c(all, '\n');
	}
	ms_reply_clear(&reply);
	return g_string_free(all, FALSE);
}

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	char *whole = parse(data, size, size ? size : 1);
	char *bytes = parse(data, size, 1);

	/* However it arrives, it says the same. */
	if (strcmp(whole, bytes) != 0)
		abort();
	g_free(bytes);
	g_free(whole);
	return 0;
}
