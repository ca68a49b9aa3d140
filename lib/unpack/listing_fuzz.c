#include "unpack/listing.h"

#include <glib.h>

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

struct seen {
	size_t names, sum;
};

static void
name(void *arg, const char *text)
{
	struct seen *seen = arg;

	if (*text == '\0')
		abort();
	seen->names++;
	seen->sum += strlen(text);
}

/* The first byte says what it is to be; the sectors that nothing uses in front
 * of an image are not in the data. */
int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	static const struct ms_sniff_type types[] = {
		{ "application/vnd.ms-cab-compressed", MS_SNIFF_ENGINE,
		  MS_SNIFF_NONE },
		{ "application/x-arj", MS_SNIFF_ENGINE, MS_SNIFF_NONE },
		{ "application/x-iso9660-image", MS_SNIFF_ENGINE,
		  MS_SNIFF_NONE },
		{ "application/x-udf-image", MS_SNIFF_ENGINE, MS_SNIFF_NONE },
	};
	static const struct ms_budget_limits limits = { .parts = 100,
		.time_ms = 3600 * 1000 };
	const size_t front = 16 * 2048;
	struct seen seen = { 0, 0 };
	struct ms_budget budget;
	struct ms_listing_input input = { .budget = &budget };
	struct ms_error err = { "" };
	enum ms_status status;
	unsigned char *image;
	size_t skip;

	if (size == 0)
		return 0;
	input.type = &types[data[0] % G_N_ELEMENTS(types)];
	skip = data[0] % G_N_ELEMENTS(types) < 2 ? 0 : front;
	image = g_malloc0(skip + size - 1 + (size == 1));
	memcpy(image + skip, data + 1, size - 1);
	input.data = image;
	input.size = skip + size - 1;
	ms_budget_init(&budget, &limits);
	status = ms_listing(&input, name, &seen, &err);
	/* A record may have a name of Rock Ridge, too. */
	if (seen.names > 2 * limits.parts || (status != MS_OK &&
	    (status != MS_E_LIMIT || *err.text == '\0')))
		abort();
	g_free(image);
	return 0;
}
