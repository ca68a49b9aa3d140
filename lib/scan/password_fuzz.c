#include "scan/password.h"

#include "message/mime.h"

#include <glib.h>

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

/* No more words than are allowed, and none without a letter. */
int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	static const struct ms_budget_limits limits = {
		.part_bytes = 100000,
		.total_bytes = 1000000,
		.ratio = 1000,
		.parts = 20,
		.mime_depth = 10,
		.time_ms = 3600 * 1000,
	};
	static const struct ms_spool_config config = { .heap_max = 1 << 20 };
	static bool started;
	struct ms_budget budget;
	const struct ms_password_input input = { data, size, &config,
		&budget, NULL };
	char **list;

	if (!started)
		ms_mime_start();
	started = true;
	ms_budget_init(&budget, &limits);
	list = ms_password_find(&input);
	if (g_strv_length(list) > MS_PASSWORD_WORDS || budget.bytes > 0)
		abort();
	for (char **word = list; *word; word++)
		if (**word == '\0')
			abort();
	g_strfreev(list);
	return 0;
}
