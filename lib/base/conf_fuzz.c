#include "base/conf.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

/* libconfuse keeps some bytes of a text that it cannot parse. */
const char *__lsan_default_suppressions(void);

const char *
__lsan_default_suppressions(void)
{
	return "leak:libconfuse";
}

/* What is read has the shape that the header promises. */
static void
check(const struct ms_conf *conf)
{
	const GPtrArray *settings = ms_conf_settings(conf);

	for (guint i = 0; i < settings->len; i++) {
		const struct ms_conf_setting *s = settings->pdata[i];

		if (ms_conf_find(conf, s->section, s->title, s->key) != s ||
		    (*s->values != NULL) != (s->line > 0))
			abort();
	}
}

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	static const char *const keys[] = { "jobs", "paths", "x", NULL };
	static const struct ms_conf_section sections[] = {
		{ "", false, keys },
		{ "scan", false, keys },
		{ "profile", true, keys },
		{ 0 },
	};
	struct ms_error err;
	struct ms_conf *conf;

	if (ms_conf_parse(data, size, "f", sections, &conf, &err) == MS_OK)
		check(conf);
	else if (conf)
		abort();
	ms_conf_free(conf);
	return 0;
}
