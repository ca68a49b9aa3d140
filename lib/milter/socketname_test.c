#include "milter/socketname.h"

#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>
#include <glib.h>

static const struct {
	const char *text, *name, *path;
	bool open;
} cases[] = {
	{ "unix:/run/m.sock", "unix:/run/m.sock", "/run/m.sock", false },
	{ "local:/run/m.sock", "unix:/run/m.sock", "/run/m.sock", false },
	{ "/run/m.sock", "unix:/run/m.sock", "/run/m.sock", false },
	{ "unix:", NULL, NULL, false },
	{ "inet:8890", "inet:8890", NULL, true },
	{ "inet:8890@127.0.0.1", "inet:8890@127.0.0.1", NULL, false },
	{ "inet:8890@localhost", "inet:8890@localhost", NULL, false },
	{ "inet:8890@mx.example.com", "inet:8890@mx.example.com", NULL, true },
	{ "inet6:8890@::1", "inet6:8890@::1", NULL, false },
	{ "127.0.0.1:8890", "inet:8890@127.0.0.1", NULL, false },
	{ "[::1]:8890", "inet6:8890@::1", NULL, false },
	{ "[2001:db8::1]:8890", "inet6:8890@2001:db8::1", NULL, true },
	{ "127.0.0.1:0", NULL, NULL, false },
	{ "inet:0@127.0.0.1", NULL, NULL, false },
	{ "inet:65536", NULL, NULL, false },
	{ "inet:x@127.0.0.1", NULL, NULL, false },
	{ "inet:8890@", NULL, NULL, false },
	{ "inet:8890@a b", NULL, NULL, false },
	{ "inet:", NULL, NULL, false },
	{ "8890", NULL, NULL, false },
	{ "", NULL, NULL, false },
};

static void
test_names(void **state)
{
	struct ms_error err;

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		char *name = ms_socketname(cases[i].text, &err);

		if (g_strcmp0(name, cases[i].name) != 0)
			fail_msg("%s: %s", cases[i].text, name);
		if (!name)
			continue;
		if (g_strcmp0(ms_socketname_path(name), cases[i].path) != 0 ||
		    ms_socketname_is_open(name) != cases[i].open)
			fail_msg("%s", cases[i].text);
		g_free(name);
	}
}

/* Where somebody on this machine connects to. */
static void
test_dial(void **state)
{
	static const char *const rows[][2] = {
		{ "local:/run/m.sock", "unix:/run/m.sock" },
		{ "/run/m.sock", "unix:/run/m.sock" },
		{ "inet:8890", "127.0.0.1:8890" },
		{ "inet6:8890", "[::1]:8890" },
		{ "inet:8890@mx.example.com", "mx.example.com:8890" },
		{ "inet6:8890@::1", "[::1]:8890" },
		{ "[2001:db8::1]:8890", "[2001:db8::1]:8890" },
		{ "inet:0", NULL },
	};
	struct ms_error err;

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		char *address = ms_socketname_dial(rows[i][0], &err);

		if (g_strcmp0(address, rows[i][1]) != 0)
			fail_msg("%s: %s", rows[i][0], address);
		g_free(address);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_dial),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
