#include "policy/bans.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>
#include <glib.h>

static void
test_time(void **state)
{
	struct ms_bans *bans = ms_bans_new(60000);

	(void)state;
	assert_false(ms_bans_has(bans, "192.0.2.1", 0));
	ms_bans_add(bans, "192.0.2.1", 0);
	ms_bans_add(bans, "2001:db8::1", 1000);
	assert_true(ms_bans_has(bans, "192.0.2.1", 59999));
	/* Its try began the time again; the other's is over. */
	assert_true(ms_bans_has(bans, "192.0.2.1", 119998));
	assert_false(ms_bans_has(bans, "2001:db8::1", 61000));
	assert_int_equal(ms_bans_count(bans), 1);
	assert_false(ms_bans_has(bans, "192.0.2.1", 179998));
	assert_int_equal(ms_bans_count(bans), 0);
	ms_bans_free(bans);
}

/* There are never more than so many. */
static void
test_most(void **state)
{
	struct ms_bans *bans = ms_bans_new(60000);
	char name[20];

	(void)state;
	for (unsigned i = 0; i < MS_BANS_MAX + 10; i++) {
		(void)snprintf(name, sizeof name, "%u", i);
		ms_bans_add(bans, name, i / 100);
	}
	assert_int_equal(ms_bans_count(bans), MS_BANS_MAX);
	assert_false(ms_bans_has(bans, "9", 1000));
	assert_true(ms_bans_has(bans, "10", 1000));
	assert_true(ms_bans_has(bans, name, 1000));
	ms_bans_free(bans);
}

static GString *heard;

static void
hear(void *arg, const char *text)
{
	g_string_append_printf(heard, "%s;", text);
	assert_int_equal(ms_bans_learn(arg, text, 0), MS_OK);
}

/* Others know the same, and are not told of each try. */
static void
test_others(void **state)
{
	struct ms_bans *bans = ms_bans_new(8000), *other = ms_bans_new(8000);
	char *large = g_strnfill(300, '1');

	(void)state;
	heard = g_string_new(NULL);
	ms_bans_tell(bans, hear, other);
	ms_bans_add(bans, "192.0.2.1", 0);
	assert_true(ms_bans_has(other, "192.0.2.1", 7999));
	for (int64_t ms = 1; ms <= 1500; ms++)
		assert_true(ms_bans_has(bans, "192.0.2.1", ms));
	assert_string_equal(heard->str, "192.0.2.1;192.0.2.1;");
	assert_int_equal(ms_bans_learn(other, "", 0), MS_E_PEER);
	assert_int_equal(ms_bans_learn(other, large, 0), MS_E_PEER);
	assert_int_equal(ms_bans_count(other), 1);
	/* A shorter time holds at once. */
	ms_bans_set_time(bans, 1000);
	assert_false(ms_bans_has(bans, "192.0.2.1", 2500));
	(void)g_string_free(heard, TRUE);
	g_free(large);
	ms_bans_free(other);
	ms_bans_free(bans);
}

/* A sender has as many addresses as it wants in its network. */
static void
test_networks(void **state)
{
	static const struct {
		const char *client;
		bool banned;
	} rows[] = {
		{ "2001:db8:1:2::1", true }, { "2001:DB8:1:2:0:0:0:1", true },
		{ "2001:db8:1:2:ffff:ffff:ffff:ffff", true },
		{ "IPv6:2001:db8:1:2::77", true },
		{ "2001:db8:1:3::1", false }, { "2001:db8:1:1::1", false },
		{ "192.0.2.1", true }, { "::ffff:192.0.2.1", true },
		{ "192.0.2.2", false }, { "::ffff:192.0.2.2", false },
		{ "no address", false }, { "", false },
	};
	struct ms_bans *bans = ms_bans_new(60000), *other = ms_bans_new(60000);

	(void)state;
	heard = g_string_new(NULL);
	ms_bans_tell(bans, hear, other);
	ms_bans_add(bans, "2001:db8:1:2::9", 0);
	ms_bans_add(bans, "2001:db8:1:2::a", 0);
	ms_bans_add(bans, "::ffff:192.0.2.1", 0);
	assert_int_equal(ms_bans_count(bans), 2);
	assert_string_equal(heard->str, "2001:db8:1:2::/64;192.0.2.1;");
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		assert_int_equal(ms_bans_has(bans, rows[i].client, 1),
		    rows[i].banned);
		assert_int_equal(ms_bans_has(other, rows[i].client, 1),
		    rows[i].banned);
	}
	(void)g_string_free(heard, TRUE);
	ms_bans_free(other);
	ms_bans_free(bans);
}

static void
test_reply(void **state)
{
	char *reply = ms_bans_reply("192.0.2.1");

	(void)state;
	assert_string_equal(reply, "550 5.7.1 192.0.2.1 is blacklisted "
	    "because your machine is infected with a virus");
	g_free(reply);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_time),
		cmocka_unit_test(test_most),
		cmocka_unit_test(test_others),
		cmocka_unit_test(test_networks),
		cmocka_unit_test(test_reply),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
