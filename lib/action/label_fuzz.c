#include "action/label.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define OURS "X-Virus-Status: Clean\r\n"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

/* All of DATA, in pieces of at most STEP bytes. */
static GString *
labelled(const struct ms_label_config *config, const unsigned char *data,
    size_t size, size_t step)
{
	struct ms_label *label = ms_label_new(config);
	GString *out = g_string_new(NULL);

	for (size_t at = 0; at < size; at += MIN(step, size - at))
		ms_label_feed(label, data + at, MIN(step, size - at), out);
	ms_label_end(label, out);
	ms_label_free(label);
	return out;
}

/* However it is cut it is the same; ours is there; without edits nothing is
 * changed. */
int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	static const char *const removed[] = { "X-Virus-*", "A", NULL };
	const struct ms_label_config edits = { removed, OURS, "\r\n",
		size % 2 == 0 ? "[Virus]" : NULL };
	const struct ms_label_config none = { NULL, "", "\r\n", NULL };
	GString *whole = labelled(&edits, data, size, SIZE_MAX);
	GString *bytes = labelled(&edits, data, size, 1);
	GString *same = labelled(&none, data, size, 3);

	if (!g_string_equal(whole, bytes) ||
	    !memmem(whole->str, whole->len, OURS, strlen(OURS)) ||
	    same->len != size || (size > 0 &&
	    memcmp(same->str, data, size) != 0))
		abort();
	g_string_free(whole, TRUE);
	g_string_free(bytes, TRUE);
	g_string_free(same, TRUE);
	return 0;
}
