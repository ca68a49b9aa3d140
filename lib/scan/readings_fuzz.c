#include "scan/readings.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

static bool
on_stretch(void *arg, const char *data, size_t size, size_t from, bool more)
{
	(void)more;
	if (from > size || !g_utf8_validate_len(data, size, NULL))
		abort();
	++*(unsigned *)arg;
	return true;
}

static void
on_unknown(void *arg, const char *charset)
{
	(void)arg;
	if (*charset == '\0')
		abort();
}

static void
on_many(void *arg)
{
	(void)arg;
}

/* What is said of the text, up to the first NUL, and the text. */
int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	static const struct ms_readings_visitor visitor = { on_stretch,
		on_unknown, on_many };
	const unsigned char *end = memchr(data, '\0', size);
	const size_t used = end ? (size_t)(end - data) + 1 : size;
	unsigned visits = 0;
	struct ms_textform form;
	const struct ms_readings_input input = {
		.data = data + used,
		.size = size - used,
		.form = &form,
		.html = size % 2,
		.folded = size % 4 > 1,
	};

	/* One stretch is as much as is shown of so little. */
	if (size > 4096)
		return 0;
	ms_textform_init(&form);
	ms_textform_add(&form, data, used);
	ms_readings(&input, &visitor, &visits);
	if (visits > (MS_READINGS_CHARSETS + 1) * 6)
		abort();
	ms_textform_clear(&form);
	return 0;
}
