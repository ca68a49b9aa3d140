#include "smtp/address.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* Flaws, one letter each. */
static const char letters[] = "bBRIULOn";

static const struct {
	const char *in;
	enum ms_status status;
	const char *text, *route, *domain, *flaws, *rest;
} paths[] = {
	{ "<a@b.c>", MS_OK, "a@b.c", NULL, "b.c", "", "" },
	{ "<a@b.c> SIZE=1", MS_OK, "a@b.c", NULL, "b.c", "",
	    " SIZE=1" },
	{ "<>", MS_OK, "", NULL, NULL, "", "" },
	{ "<postmaster>", MS_OK, "postmaster", NULL, NULL, "n", "" },
	{ " <a@b>", MS_OK, "a@b", NULL, "b", "B", "" },
	{ "< a@b >", MS_OK, "a@b", NULL, "b", "B", "" },
	{ "a@b x", MS_OK, "a@b", NULL, "b", "b", " x" },
	{ "\"a b\"@c x", MS_OK, "\"a b\"@c", NULL, "c", "b", " x" },
	{ "<@a,@b:c@d>", MS_OK, "c@d", "@a,@b", "d", "R", "" },
	{ "<\"a\\\"b c\"@x>", MS_OK, "\"a\\\"b c\"@x", NULL, "x", "",
	    "" },
	{ "<\">\"@x>", MS_OK, "\">\"@x", NULL, "x", "", "" },
	{ "<\"@\"@x>", MS_OK, "\"@\"@x", NULL, "x", "", "" },
	{ "<\"\"@x>", MS_OK, "\"\"@x", NULL, "x", "", "" },
	{ "<a@[192.0.2.1]>", MS_OK, "a@[192.0.2.1]", NULL,
	    "[192.0.2.1]", "I", "" },
	{ "<a@[IPv6:::1]>", MS_OK, "a@[IPv6:::1]", NULL, "[IPv6:::1]",
	    "I", "" },
	{ "<a@[IPv6:2001:db8::1]>", MS_OK, "a@[IPv6:2001:db8::1]",
	    NULL, "[IPv6:2001:db8::1]", "I", "" },
	{ "<a@[x400:c=us]>", MS_OK, "a@[x400:c=us]", NULL,
	    "[x400:c=us]", "I", "" },
	{ "<a@[300.0.0.1]>", MS_OK, "a@[300.0.0.1]", NULL,
	    "[300.0.0.1]", "IO", "" },
	{ "<a@[IPv6:1]>", MS_OK, "a@[IPv6:1]", NULL, "[IPv6:1]", "IO",
	    "" },
	{ "<a@[::1]>", MS_OK, "a@[::1]", NULL, "[::1]", "IO", "" },
	{ "<\xc3\xa4@b>", MS_OK, "\xc3\xa4@b", NULL, "b", "U", "" },
	{ "<a@\xc3\xa4>", MS_OK, "a@\xc3\xa4", NULL, "\xc3\xa4", "U",
	    "" },
	{ "<a..b@c>", MS_OK, "a..b@c", NULL, "c", "O", "" },
	{ "<.a@c>", MS_OK, ".a@c", NULL, "c", "O", "" },
	{ "<a.@c>", MS_OK, "a.@c", NULL, "c", "O", "" },
	{ "<a@c_d>", MS_OK, "a@c_d", NULL, "c_d", "O", "" },
	{ "<a@c.>", MS_OK, "a@c.", NULL, "c.", "O", "" },
	{ "<a@-c>", MS_OK, "a@-c", NULL, "-c", "O", "" },
	{ "<a@c->", MS_OK, "a@c-", NULL, "c-", "O", "" },
	{ "<a@b@c>", MS_OK, "a@b@c", NULL, "c", "O", "" },
	{ "<a(b)@c>", MS_OK, "a(b)@c", NULL, "c", "O", "" },
	{ "<a!b%c@d>", MS_OK, "a!b%c@d", NULL, "d", "", "" },
	{ "<$(touch${IFS}x)@y>", MS_OK, "$(touch${IFS}x)@y", NULL,
	    "y", "O", "" },
	/* What can stand in no envelope is told all the same. */
	{ "", MS_E_FORMAT, NULL, NULL, NULL, "", "" },
	{ "  ", MS_E_FORMAT, NULL, NULL, NULL, "B", "" },
	{ "<a b@c> x", MS_E_FORMAT, "a b@c", NULL, "c", "O", " x" },
	{ "<a@b", MS_E_FORMAT, "a@b", NULL, "b", "", "" },
	{ "<a@b x=1", MS_E_FORMAT, "a@b", NULL, "b", "", " x=1" },
	{ "<\"a@b> x=1", MS_E_FORMAT, "\"a@b", NULL, NULL, "On",
	    " x=1" },
	{ "<<a@b>>", MS_E_FORMAT, "<a@b", NULL, "b", "O", ">" },
	{ "<a\x1b@b>", MS_E_FORMAT, "a\x1b@b", NULL, "b", "O", "" },
	{ "<a\xff@b>", MS_E_FORMAT, "a\xff@b", NULL, "b", "U", "" },
	{ "<@b>", MS_E_FORMAT, "@b", NULL, "b", "O", "" },
	{ "<a@>", MS_E_FORMAT, "a@", NULL, "", "O", "" },
	{ "<@a:>", MS_E_FORMAT, "", "@a", NULL, "R", "" },
	{ "<@a b:c@d>", MS_E_FORMAT, "c@d", "@a b", "d", "R", "" },
	{ "<a@[1.2.3.4>", MS_E_FORMAT, "a@[1.2.3.4", NULL,
	    "[1.2.3.4", "IO", "" },
};

static void
test_paths(void **state)
{
	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(paths); i++) {
		const size_t size = strlen(paths[i].in);
		/* Without a NUL behind it. */
		char *in = g_memdup2(paths[i].in, size);
		struct ms_address address, copy;
		unsigned flaws = 0;
		size_t used;

		for (const char *f = paths[i].flaws; *f; f++)
			flaws |= 1U << (strchr(letters, *f) - letters);
		assert_int_equal(paths[i].status, ms_address_parse(in, size,
		    &address, &used));
		assert_true(used <= size);
		assert_string_equal(paths[i].rest, paths[i].in + used);
		ms_address_copy(&copy, &address);
		ms_address_clear(&address);
		assert_int_equal(flaws, copy.flaws);
		assert_int_equal(0, g_strcmp0(paths[i].text, copy.text));
		assert_int_equal(0, g_strcmp0(paths[i].route, copy.route));
		assert_int_equal(0, g_strcmp0(paths[i].domain, copy.domain));
		ms_address_clear(&copy);
		g_free(in);
	}
}

static void
test_lengths(void **state)
{
	static const struct {
		size_t local, domain;
		unsigned flaws;
		enum ms_status status;
	} cases[] = {
		{ 64, 4, 0, MS_OK },
		{ 65, 4, MS_ADDRESS_LONG, MS_OK },
		{ 10, 255, 0, MS_OK },
		{ 10, 256, MS_ADDRESS_LONG, MS_OK },
		{ 144, 255, MS_ADDRESS_LONG, MS_OK },
		{ 145, 255, MS_ADDRESS_LONG, MS_E_FORMAT },
		{ 200000, 200000, MS_ADDRESS_LONG, MS_E_FORMAT },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		char *local = g_strnfill(cases[i].local, 'a');
		char *domain = g_strnfill(cases[i].domain, 'b');
		char *text = g_strdup_printf("<%s@%s>", local, domain);
		struct ms_address address;
		size_t used;

		assert_int_equal(cases[i].status, ms_address_parse(text,
		    strlen(text), &address, &used));
		assert_int_equal(cases[i].flaws, address.flaws);
		assert_int_equal(strlen(text), used);
		ms_address_clear(&address);
		g_free(local);
		g_free(domain);
		g_free(text);
	}
}

static void
test_check(void **state)
{
	static const struct {
		const char *address;
		bool good;
	} cases[] = {
		{ "a@b", true }, { "\"a b\"@c", true },
		{ "a@[192.0.2.1]", true },
		{ "\"a\\\"b>\"@c", true }, { "@a,@b:c@d", true },
		{ "a b@c", false }, { "a>@c", false }, { "<a@c>", false },
		{ "\"a@c", false }, { "a\n@c", false }, { "\"a\r\"@c", false },
		{ "\"a\\\"@c", false }, { "\"\\", false }, { "a\x7f@c", false },
	};
	char *address = g_strnfill(401, 'a');

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
		assert_int_equal(cases[i].good ? MS_OK : MS_E_USAGE,
		    ms_address_check(cases[i].address, false, NULL));
	assert_int_equal(MS_OK, ms_address_check("", true, NULL));
	assert_int_equal(MS_E_USAGE, ms_address_check("", false, NULL));
	assert_int_equal(MS_E_USAGE, ms_address_check(address, false, NULL));
	g_free(address);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_paths),
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_check),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
