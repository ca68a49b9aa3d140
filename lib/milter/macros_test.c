/* link: -Wl,--wrap=smfi_getsymval,--wrap=smfi_setsymlist */
#include "milter/macros.h"

#include <glib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#if HAVE_MILTER

#include <libmilter/mfapi.h>

/* The linker has these called in the place of libmilter's. What a server said
 * is "name=value" after "name=value". */
static const char *const *said;
static GString *wanted;

char *__wrap_smfi_getsymval(SMFICTX *context, char *name);
int __wrap_smfi_setsymlist(SMFICTX *context, int where, char *names);

char *
__wrap_smfi_getsymval(SMFICTX *context, char *name)
{
	const size_t size = strlen(name);

	(void)context;
	for (const char *const *s = said; *s; s++)
		if (strncmp(*s, name, size) == 0 && (*s)[size] == '=')
			return (char *)(uintptr_t)(*s + size + 1);
	return NULL;
}

int
__wrap_smfi_setsymlist(SMFICTX *context, int where, char *names)
{
	(void)context;
	g_string_append_printf(wanted, "%d %s|", where, names);
	return MI_SUCCESS;
}

/* All that is looked at is asked for. */
static void
test_wanted(void **state)
{
	static const char *const names[] = { "i", "_", "{auth_authen}",
		"{client_addr}", "{if_addr}" };

	(void)state;
	wanted = g_string_new(NULL);
	ms_macros_want(NULL);
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		char *word = g_strdup_printf(" %s", names[i]);

		assert_non_null(strstr(wanted->str, word));
		g_free(word);
	}
	(void)g_string_free(wanted, TRUE);
}

static void
test_signs(void **state)
{
	static const char *const nothing[] = { NULL };
	static const char *const all[] = { "i=4XyZ", "_=far [192.0.2.1]",
		"{client_addr}=192.0.2.1", "{if_addr}=198.51.100.1",
		"{auth_authen}=anna", NULL };
	static const char *const empty[] = { "{auth_authen}=", NULL };
	struct ms_caller caller = { .name = NULL };
	struct ms_envelope *envelope = ms_envelope_new("a@b");

	(void)state;
	said = nothing;
	ms_macros_sign(NULL, &caller, envelope);
	assert_null(envelope->queue_id);
	assert_null(envelope->client_address);
	assert_null(ms_macros_login(NULL));
	said = empty;
	assert_null(ms_macros_login(NULL));
	said = all;
	assert_string_equal(ms_macros_login(NULL), "anna");
	ms_macros_sign(NULL, &caller, envelope);
	assert_string_equal(envelope->queue_id, "4XyZ");
	assert_string_equal(envelope->client_address, "192.0.2.1");
	assert_string_equal(envelope->client_name, "far [192.0.2.1]");
	assert_string_equal(envelope->server_address, "198.51.100.1");
	/* What was said of the connection itself counts more. */
	ms_caller_begin(&caller, "near", NULL);
	ms_macros_sign(NULL, &caller, envelope);
	assert_string_equal(envelope->client_name, "near");
	ms_caller_clear(&caller);
	ms_envelope_free(envelope);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_wanted),
		cmocka_unit_test(test_signs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#else

int
main(void)
{
	return 0;
}

#endif
