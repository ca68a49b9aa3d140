#include "engine/clamdline.h"

#include <stdlib.h>
#include <string.h>

/* Nothing of what comes out needs quoting any more. */
static void
check(const char *text, size_t size)
{
	if (strnlen(text, size) == size)
		abort();
	for (; *text != '\0'; text++)
		if ((unsigned char)*text < ' ' || *text == 127)
			abort();
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	struct ms_engine_answer answer;
	struct ms_clamdline_version version;
	const bool known = ms_clamdline_scan(data, size, &answer);

	check(answer.text, sizeof answer.text);
	if (!known && answer.kind != MS_ENGINE_FAILED)
		abort();
	/* Only these two are clean. */
	if (answer.kind == MS_ENGINE_CLEAN && (size < 8 ||
	    memcmp(data + size - 4, ": OK", 4) != 0))
		abort();
	if (ms_clamdline_version(data, size, &version)) {
		check(version.version, sizeof version.version);
		check(version.database, sizeof version.database);
	}
	return 0;
}
