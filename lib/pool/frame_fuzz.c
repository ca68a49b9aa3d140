#include "pool/frame.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

/* A fact that passes the check is taken, one that does not leaves no
 * trace. */
static void
read_fact(const unsigned char *data, size_t size)
{
	enum ms_status checked = ms_frame_read_fact(data, size, NULL);
	struct ms_facts facts;
	guint count;

	ms_facts_init(&facts);
	if (ms_frame_read_fact(data, size, &facts) != checked)
		abort();
	count = facts.findings->len + facts.gaps->len +
	    facts.ambiguities->len + facts.parts->len;
	if (count > 1 || (checked != MS_OK && (count > 0 ||
	    facts.headers.subject || facts.headers.message_id)))
		abort();
	ms_facts_clear(&facts);
}

/* Any bytes into every reader; what a reader takes is what a writer would
 * have written. */
int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	struct ms_frame_ready ready;
	struct ms_frame_scan scan;
	struct ms_blob blob;
	GByteArray *again = NULL;
	struct ms_error text;
	int32_t status;
	uint32_t slot;
	uint64_t id;

	if (ms_frame_type(data, size) > MS_FRAME_EXITED)
		abort();
	if (ms_frame_read_blob(data, size, &blob) == MS_OK)
		again = ms_frame_blob(&blob);
	else if (ms_frame_read_scan(data, size, &scan) == MS_OK)
		again = ms_frame_scan(&scan);
	else if (ms_frame_read_end(data, size, &id) == MS_OK)
		again = ms_frame_end(id);
	if (again) {
		if (again->len != size || memcmp(again->data, data, size))
			abort();
		g_byte_array_unref(again);
	}
	(void)ms_frame_read_slot(data, size, &slot, &status);
	(void)ms_frame_read_failed(data, size, &text);
	(void)ms_frame_read_ready(data, size, &ready);
	ms_frame_ready_clear(&ready);
	read_fact(data, size);
	return 0;
}
