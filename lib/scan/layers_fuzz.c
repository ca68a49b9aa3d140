#include "scan/layers.h"

#include <glib.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

static struct ms_engine_layer
layer_of(const void *data, size_t size, uint32_t level)
{
	return (struct ms_engine_layer){ .data = data, .size = size,
		.type = "CL_TYPE_TEXT_ASCII", .name = "", .level = level };
}

/* The lines of what came, made byte by byte, and nothing else, are the same
 * text. */
int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	struct ms_layers *layers = ms_layers_new(true);
	const struct ms_engine_layer came = layer_of(data, size, 0);
	GString *lines = g_string_new(NULL);

	for (size_t i = 0; i < size; i++)
		if (data[i] != '\r' || i + 1 == size || data[i + 1] != '\n')
			g_string_append_c(lines, (char)data[i]);
	for (int more = 0; more < 2; more++) {
		const struct ms_engine_layer inside = layer_of(lines->str,
		    lines->len, 1);

		ms_layers_begin(layers);
		(void)ms_layers_look(layers, &inside, true);
		if (ms_layers_lines(layers, &came) != (more == 0))
			abort();
		g_string_append_c(lines, 'x');
	}
	g_string_free(lines, TRUE);
	ms_layers_free(layers);
	return 0;
}
