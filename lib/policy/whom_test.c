#include "policy/whom.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <glib.h>

static void
test_patterns(void **state)
{
	static const struct {
		const char *pattern, *address;
		bool has;
	} rows[] = {
		{ "a@example.com", "A@Example.com", true },
		{ "a@example.com", "b@example.com", false },
		{ "a@example.com", "xa@example.com", false },
		{ "example.com", "a@EXAMPLE.com", true },
		{ "@example.com", "a@example.com", true },
		{ "example.com", "a@sub.example.com", false },
		{ "example.com", "a@example.com.example.net", false },
		{ "example.com", "example.com@example.net", false },
		{ "example.com", "", false },
		{ "postmaster", "Postmaster", true },
		{ "postmaster", "a@postmaster", true },
		{ "*@*.example.com", "a@b.example.com", true },
		{ "*@*.example.com", "a@example.com", false },
		{ "?@example.com", "ab@example.com", false },
		{ "re:^Lists-", "lists-a@example.com", true },
		{ "re:@example\\.com$", "a@example.com", true },
		{ "re:@example\\.com$", "a@exampleXcom", false },
		/* what gives up is not let through */
		{ "re:^(a+)+$", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", false },
		{ "<>", "", true },
		{ "<>", "a@example.com", false },
		{ "<a@example.com>", "a@example.com", true },
		{ "*", "", true },
		/* not in UTF-8, as anybody may write it */
		{ "*@*.example.com", "a@b.example.com\303", false },
		{ "*@*.example.com", "\303@b.example.com", true },
		{ "*a\303", "b@a\303", true },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		struct ms_whom *whom = ms_whom_new();

		assert_true(ms_whom_is_empty(whom));
		assert_false(ms_whom_has(whom, rows[i].address));
		assert_int_equal(ms_whom_add(whom, rows[i].pattern, NULL),
		    MS_OK);
		if (ms_whom_has(whom, rows[i].address) != rows[i].has)
			fail_msg("%s: %s", rows[i].pattern, rows[i].address);
		ms_whom_free(whom);
	}
}

static void
test_errors(void **state)
{
	static const char *const rows[] = { "", "a b", "re:(", "<a", "a>" };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		struct ms_whom *whom = ms_whom_new();
		struct ms_error err = { "" };

		if (ms_whom_add(whom, rows[i], &err) != MS_E_FORMAT)
			fail_msg("%s", rows[i]);
		assert_true(*err.text != '\0');
		ms_whom_free(whom);
	}
}

/* Both old grammars in one file. */
static void
test_old_lists(void **state)
{
	static const char text[] =
	    "# comment\n! comment\n: comment\n/ comment\n"
	    "<to@example.com>\n"
	    "To:<other@example.com>\r\n"
	    "From:<boss@example.org>\n"
	    "From:^<[a-z]*@lists\\.example\\.org>$\n"
	    "@example\\.net>$\n"
	    "^never@example.com$\n";
	static const struct {
		const char *address;
		bool from, to;
	} rows[] = {
		{ "to@example.com", false, true },
		{ "TO@example.com", false, true },
		{ "other@example.com", false, true },
		{ "boss@example.org", true, false },
		{ "abc@lists.example.org", true, false },
		{ "a1@lists.example.org", false, false },
		{ "anybody@example.net", false, true },
		{ "anybody@example.net.example.org", false, false },
		{ "never@example.com", false, false },
		{ "", false, false },
	};
	char path[] = "/tmp/mailscan-whom-XXXXXX";
	int fd = mkstemp(path);
	struct ms_whom *from = ms_whom_new(), *to = ms_whom_new();
	struct ms_error err = { "" };

	(void)state;
	assert_int_equal(write(fd, text, sizeof text - 1), sizeof text - 1);
	if (ms_whom_read(path, from, to, &err) != MS_OK)
		fail_msg("%s", err.text);
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
		if (ms_whom_has(from, rows[i].address) != rows[i].from ||
		    ms_whom_has(to, rows[i].address) != rows[i].to)
			fail_msg("%s", rows[i].address);
	assert_int_equal(write(fd, "To:\n", 4), 4);
	assert_int_equal(ms_whom_read(path, from, to, &err), MS_E_FORMAT);
	assert_non_null(strstr(err.text, ":11: "));
	(void)close(fd);
	(void)unlink(path);
	assert_int_equal(ms_whom_read(path, from, to, &err), MS_E_IO);
	ms_whom_free(from);
	ms_whom_free(to);
}

/* One file as each of the two programs took it; and lines that are not as long
 * as they should be. */
static void
test_one_grammar(void **state)
{
	static const char text[] =
	    "#\n! c\n: c\n\n.\nTo:\n"
	    "<to.a@example.com>\n"
	    "/slash@example.com\n"
	    "bare@example.com\n"
	    "From:bare@example.org\n"
	    "From: <blank@example.org>\n"
	    "From:<>\r\n"
	    "<.*@lists.example.com>\n"
	    "Cc: <cc@example.com>\n"
	    "<@example.net>\n"
	    "<end@example.com> \n"
	    "To:^<[x]@example.com>$";
	static const struct {
		const char *address;
		bool classic_from, classic_to, modern_from, modern_to;
	} rows[] = {
		{ "to.a@example.com", false, true, false, true },
		{ "to-a@example.com", false, false, false, true },
		{ "a/slash@example.com", false, false, false, true },
		{ "bare@example.com", false, true, false, true },
		{ "xbare@example.com", false, false, false, true },
		{ "bare@example.org", false, false, true, false },
		{ "blank@example.org", true, false, false, false },
		{ "", true, false, true, false },
		{ "a@lists.example.com", false, false, false, true },
		{ "cc@example.com", false, true, false, false },
		{ "a@example.net", false, false, false, false },
		{ "end@example.com", false, false, false, false },
		{ "x@example.com", false, false, false, true },
		{ "nobody@example.com", false, false, false, false },
	};
	char path[] = "/tmp/mailscan-whom-XXXXXX";
	int fd = mkstemp(path);

	(void)state;
	assert_int_equal(write(fd, text, sizeof text - 1), sizeof text - 1);
	(void)close(fd);
	for (size_t i = 0; i < 2 * G_N_ELEMENTS(rows); i++) {
		const bool modern = i % 2;
		struct ms_whom *from = ms_whom_new(), *to = ms_whom_new();
		char *name = g_strconcat(modern ? "modern:" : "classic:",
		    path, NULL);
		const char *address = rows[i / 2].address;
		struct ms_error err;

		assert_int_equal(ms_whom_read(name, from, to, &err), MS_OK);
		if (ms_whom_has(from, address) != (modern ?
		    rows[i / 2].modern_from : rows[i / 2].classic_from) ||
		    ms_whom_has(to, address) != (modern ?
		    rows[i / 2].modern_to : rows[i / 2].classic_to))
			fail_msg("%s %s", name, address);
		g_free(name);
		ms_whom_free(from);
		ms_whom_free(to);
	}
	(void)unlink(path);
	assert_string_equal(ms_whom_path("classic:/a"), "/a");
	assert_string_equal(ms_whom_path("modern:b:c"), "b:c");
	assert_string_equal(ms_whom_path("/etc/modern:a"), "/etc/modern:a");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_patterns),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_old_lists),
		cmocka_unit_test(test_one_grammar),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
