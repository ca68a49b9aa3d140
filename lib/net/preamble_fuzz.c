#include "net/preamble.h"

#include <glib.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

/* Cut anywhere it is a beginning; what follows it makes no difference; the
 * bytes are read in a block of their own size. */
int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	struct ms_preamble whole, part;
	struct ms_error err = { "" };
	size_t used, other;
	unsigned char *copy = g_memdup2(data, size);
	const enum ms_status status = ms_preamble_read(copy, size, &used,
	    &whole, &err);

	if (used > size || (used > 0) != (status == MS_OK) ||
	    (status == MS_E_FORMAT) != (err.text[0] != '\0'))
		abort();
	if (status == MS_OK) {
		if (used > MS_PREAMBLE_MAX ||
		    ms_preamble_read(data, used, &other, &part, NULL) !=
		    MS_OK || other != used || part.named != whole.named ||
		    memcmp(&part.from, &whole.from, sizeof part.from) != 0 ||
		    memcmp(&part.to, &whole.to, sizeof part.to) != 0)
			abort();
		for (size_t i = 0; i < used; i++)
			if (ms_preamble_read(data, i, &other, &part, NULL) !=
			    MS_END)
				abort();
	}
	if (status == MS_OK && whole.named) {
		g_free(ms_endpoint_print(&whole.from));
		g_free(ms_endpoint_host(&whole.to));
	}
	if (status == MS_END && size >= MS_PREAMBLE_MAX)
		abort();
	g_free(copy);
	return 0;
}
