#include "serve/hookenv.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct ms_outcome *
outcome_of(const char *sender)
{
	const struct ms_message message = { .size = 1 };
	struct ms_outcome *outcome = ms_outcome_new(&message);

	outcome->envelope = ms_envelope_new(sender);
	return outcome;
}

static const char *
value_of(char **environment, const char *name)
{
	return g_environ_getenv(environment, name);
}

static void
test_names(void **state)
{
	const struct ms_hookenv_config config = { "/tmp/x y", "/q $q" };
	static char client[] = "192.0.2.1", server[] = "2001:db8::1",
	    remote[] = "192.0.2.9", helo[] = "[192.0.2.9]",
	    kept[] = "20261121/101010.7.1.0123456789abcdef";
	const struct ms_task_words words = { client, server, remote, helo,
		kept, NULL };
	struct ms_outcome *outcome = outcome_of("a+b@example.org");
	char **environment;

	(void)state;
	ms_envelope_add(outcome->envelope, "x@example.org");
	ms_envelope_add(outcome->envelope, "y@example.org");
	ms_envelope_refuse(outcome->envelope, "z@example.org", "550 No");
	ms_facts_finding(&outcome->facts, "clamav", "Eicar-Test", "1");
	ms_facts_finding(&outcome->facts, "clamav", "Other", "2");
	environment = ms_hookenv(&config, outcome, &words);
	assert_int_equal(g_strv_length(environment), 10);
	assert_string_equal(value_of(environment, "CLIENT"), client);
	assert_string_equal(value_of(environment, "SERVER"), server);
	assert_string_equal(value_of(environment, "SENDER"),
	    "a+b@example.org");
	assert_string_equal(value_of(environment, "RECIPIENTS"),
	    "x@example.org\ny@example.org");
	assert_string_equal(value_of(environment, "VIRUS"), "Eicar-Test");
	assert_string_equal(value_of(environment, "EMAIL"),
	    "/q $q/20261121/101010.7.1.0123456789abcdef.eml");
	assert_string_equal(value_of(environment, "REMOTE"), remote);
	assert_string_equal(value_of(environment, "REMOTE_HELO"), helo);
	assert_string_equal(value_of(environment, "TMPDIR"), "/tmp/x y");
	assert_non_null(value_of(environment, "PATH"));
	g_strfreev(environment);
	ms_outcome_free(outcome);
}

static void
test_unknown(void **state)
{
	static char kept[] = "../../etc/passwd";
	const struct ms_hookenv_config config = { .quarantine = "/q" };
	const struct ms_task_words words = { .kept = kept };
	struct ms_outcome *outcome = outcome_of("");
	char **environment = ms_hookenv(&config, outcome, &words);

	(void)state;
	assert_int_equal(g_strv_length(environment), 6);
	assert_string_equal(value_of(environment, "SENDER"), "<>");
	assert_string_equal(value_of(environment, "RECIPIENTS"), "");
	g_strfreev(environment);
	ms_envelope_free(outcome->envelope);
	outcome->envelope = NULL;
	environment = ms_hookenv(&config, outcome, &words);
	assert_string_equal(value_of(environment, "SENDER"), "");
	g_strfreev(environment);
	ms_outcome_free(outcome);
}

/* Whoever chose them: nothing that a shell, a path or an option knows. */
static void
test_hostile(void **state)
{
	static const struct {
		const char *value, *wanted;
	} rows[] = {
		{ "$(touch /tmp/x)`id`;x\"@x", "__touch__tmp_x__id__x_@x" },
		{ "a\r\nX-Virus-Status: Clean", "a__X-Virus-Status:_Clean" },
		{ "' \" \\", "_____" },
		{ "%n%s{{virus}}", "_n_s__virus__" },
		{ "../../etc/passwd", "_._.._etc_passwd" },
		{ "-rf", "_rf" },
		{ "=cmd|x", "_cmd_x" },
		{ ".hidden", "_hidden" },
		{ "\x1b]0;x\a", "_]0_x_" },
		{ "\xff\xe2\x80\xae", "____" },
		{ "A=b\nLD_PRELOAD=/x", "A=b_LD_PRELOAD=_x" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		static const struct ms_hookenv_config config = { NULL, NULL };
		char *value = g_strdup(rows[i].value);
		const struct ms_task_words words = { value, value, value,
			value, value, NULL };
		struct ms_outcome *outcome = outcome_of(value);
		char **environment;

		ms_envelope_add(outcome->envelope, value);
		ms_envelope_add(outcome->envelope, value);
		ms_facts_finding(&outcome->facts, "e", value, "");
		environment = ms_hookenv(&config, outcome, &words);
		assert_int_equal(g_strv_length(environment), 8);
		for (char **e = environment + 1; *e; e++) {
			const char *got = strchr(*e, '=') + 1;

			if (g_str_has_prefix(*e, "RECIPIENTS="))
				got = strchr(got, '\n') + 1;
			assert_string_equal(got, rows[i].wanted);
		}
		g_strfreev(environment);
		ms_outcome_free(outcome);
		g_free(value);
	}
}

static void
test_long(void **state)
{
	static const struct ms_hookenv_config config = { NULL, NULL };
	static const struct ms_task_words words = { .server = NULL };
	char *value = g_strnfill(100000, 'x');
	struct ms_outcome *outcome = outcome_of(value);
	char **environment;

	(void)state;
	for (int i = 0; i < 1000; i++)
		ms_envelope_add(outcome->envelope, value);
	environment = ms_hookenv(&config, outcome, &words);
	assert_int_equal(strlen(value_of(environment, "SENDER")),
	    MS_HOOKENV_VALUE_MAX);
	assert_in_range(strlen(value_of(environment, "RECIPIENTS")), 60000,
	    MS_HOOKENV_RECIPIENTS_MAX + 20);
	g_strfreev(environment);
	ms_outcome_free(outcome);
	g_free(value);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
