#include "scan/rulebook.h"

#include "scan/namings.h"
#include "scan/stretches.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

static void
on_hit(void *arg, size_t rule, bool given_up)
{
	const struct ms_rulebook *book = arg;

	(void)given_up;
	if (rule >= ms_rulebook_count(book))
		abort();
}

static bool
on_stretch(void *arg, const char *data, size_t size, size_t from, bool more)
{
	const struct ms_rulebook_text text = { data, size, from, more, NULL };

	if (from > size || !g_utf8_validate_len(data, size, NULL))
		abort();
	ms_rulebook_check_text(arg, MS_RULEBOOK_BODY, &text, on_hit, arg);
	return true;
}

/* A rule of the administrator's that is made of the input, up to the first
 * NUL, and then names and texts that are made of the rest. */
int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	char *rule = g_strndup((const char *)data, size);
	const size_t used = MIN(strlen(rule) + 1, size);
	char *rest = g_strndup((const char *)data + used, size - used);
	const char *const rules[] = { rule, NULL };
	const char *const fixed[] = { "body:/(a|b)*c/i", "body:/x.*y$/s",
		NULL };
	struct ms_rulebook_config config = { .names = rules };
	GPtrArray *forms = g_ptr_array_new_with_free_func(g_free);
	static struct ms_rulebook *known;
	struct ms_rulebook *book;

	if (ms_rulebook_new(&config, &book, NULL) == MS_OK && book) {
		ms_namings(rest, forms);
		for (guint i = 0; i < forms->len; i++)
			ms_rulebook_check_name(book, forms->pdata[i], on_hit,
			    book);
		ms_rulebook_free(book);
	}
	config = (struct ms_rulebook_config){ .regexes = rules };
	if (ms_rulebook_new(&config, &book, NULL) == MS_OK)
		ms_rulebook_free(book);
	config.regexes = fixed;
	/* Its tables of charsets are not to be opened each time. */
	if (!known && ms_rulebook_new(&config, &known, NULL) != MS_OK)
		abort();
	ms_stretches(data + used, size - used, "utf-16", 0, on_stretch, known);
	ms_stretches(data + used, size - used, "utf-8", 0, on_stretch, known);
	g_ptr_array_unref(forms);
	g_free(rest);
	g_free(rule);
	return 0;
}
