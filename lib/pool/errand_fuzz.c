#include "pool/errand.h"

#include <glib.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

/* What is read is what would be written; nothing else is read. */
int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	const unsigned char *fact;
	struct ms_errand_scan scan;
	struct ms_errand_done done;
	GByteArray *frame = NULL;
	size_t fact_size;
	struct ms_errand_envelope asked;
	struct ms_errand_ruling ruling;
	struct ms_errand_gate gate;
	struct ms_errand_gated gated;
	struct ms_errand_envelope after = { .id = 1,
		.envelope = ms_envelope_new("") };
	uint32_t told;
	uint64_t id;
	char *why;
	bool flag;

	after.envelope->omitted = UINT32_MAX;
	if (ms_errand_read_scan(data, size, &scan) == MS_OK)
		frame = ms_errand_scan(&scan);
	else if (ms_errand_read_done(data, size, &done) == MS_OK)
		frame = ms_errand_done(&done);
	else if (ms_errand_read_envelope(data, size, &asked) == MS_OK) {
		/* What is over stands in two numbers. */
		asked.envelope->omitted = 0;
		frame = ms_errand_envelope(&asked, &told);
		ms_errand_envelope_clear(&asked);
		/* What cannot have been written is cut. */
		if (size > MS_FRAME_MAX - 4096)
			g_clear_pointer(&frame, g_byte_array_unref);
	} else if (ms_errand_read_recipients(data, size, &after) == MS_OK) {
		told = 0;
		frame = ms_errand_recipients(&after, &told);
		if (size > MS_FRAME_MAX - 4096)
			g_clear_pointer(&frame, g_byte_array_unref);
	} else if (ms_errand_read_ruling(data, size, &ruling) == MS_OK) {
		frame = ms_errand_ruling(&ruling);
		ms_errand_ruling_clear(&ruling);
		if (size > MS_FRAME_MAX - 4 * (size_t)4096)
			g_clear_pointer(&frame, g_byte_array_unref);
	} else if (ms_errand_read_gate(data, size, &gate) == MS_OK) {
		frame = ms_errand_gate(&gate);
	} else if (ms_errand_read_gated(data, size, &gated) == MS_OK) {
		frame = ms_errand_gated(&gated);
		g_free(gated.reply);
	} else if (ms_errand_read_kept(data, size, &id, &flag, &why) ==
	    MS_OK) {
		frame = ms_errand_kept(id, flag, why);
		g_free(why);
	} else if (ms_errand_read_refused(data, size, &id, &why) == MS_OK) {
		frame = ms_errand_refused(id, why);
		g_free(why);
	} else if (ms_errand_read_fact(data, size, &id, &fact, &fact_size) ==
	    MS_OK)
		(void)ms_frame_read_fact(fact, fact_size, NULL);
	if (frame) {
		if (frame->len != size)
			abort();
		g_byte_array_unref(frame);
	}
	ms_envelope_free(after.envelope);
	return 0;
}
