#include "pipeline/checking.h"

#include "pool/frame.h"

#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

/* What was told: "ID:kind name;" or "ID!reason;", and "ID.bytes;" at the
 * end. */
static GString *told;

static void
on_fact(void *arg, uint64_t id, const unsigned char *frame, size_t size)
{
	struct ms_facts facts;

	(void)arg;
	ms_facts_init(&facts);
	assert_int_equal(ms_frame_read_fact(frame, size, &facts), MS_OK);
	for (guint i = 0; i < facts.findings->len; i++) {
		const struct ms_finding *f = facts.findings->pdata[i];

		g_string_append_printf(told, "%d:%s %s %s;", (int)id,
		    ms_facts_finding_name(f->kind), f->engine, f->name);
	}
	for (guint i = 0; i < facts.gaps->len; i++) {
		const struct ms_gap *gap = facts.gaps->pdata[i];

		g_string_append_printf(told, "%d!%s;", (int)id,
		    ms_facts_reason_name(gap->reason));
	}
	ms_facts_clear(&facts);
}

static void
on_done(void *arg, uint64_t id, int fd, uint64_t size)
{
	char bytes[100] = "";

	(void)arg;
	if (fd >= 0) {
		assert_true(size < sizeof bytes);
		assert_int_equal(pread(fd, bytes, sizeof bytes - 1, 0), size);
		(void)close(fd);
	}
	g_string_append_printf(told, "%d.%s;", (int)id, bytes);
}

static const struct ms_checking_events events = { on_fact, on_done };

static const char *const yes[] = { "/bin/true", NULL };
static const char *const no[] = { "/bin/false", NULL };
static const char *const more[] = { "/usr/bin/tr", "a-z", "A-Z", NULL };
static const char *const hangs[] = { "/bin/sleep", "60", NULL };
static const char *const none[] = { "/none", NULL };

static struct ms_check
command(const char *name, const char *const *argv)
{
	struct ms_check check = { .name = name, .type = MS_CHECK_COMMAND,
		.argv = argv, .size_max = 1000, .timeout_ms = 10000,
		.score = -1 };

	check.exits[0] = MS_CHECK_CLEAN;
	check.exits[1] = MS_CHECK_SPAM;
	return check;
}

/* What COUNT checks say of a message with TEXT in it, if WISHES say so. */
static char *
said(const struct ms_check *checks, size_t count, const char *text,
    const GPtrArray *wishes)
{
	const struct ms_checking_config config = { .checks = checks,
		.count = count, .at_once = 2, .dir = "/tmp" };
	struct ms_checking *checking = ms_checking_new(&config, &events,
	    NULL);
	int fd = memfd_create("test", MFD_CLOEXEC);

	told = g_string_new(NULL);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	for (uint64_t id = 1; id < 4; id++)
		if (!ms_checking_begin(checking, id, fd, strlen(text),
		    wishes))
			g_string_append_printf(told, "%d-;", (int)id);
	while (ms_checking_is_busy(checking)) {
		struct pollfd ready = { ms_checking_fd(checking), POLLIN, 0 };

		assert_true(poll(&ready, 1, 10000) >= 0);
		ms_checking_turn(checking);
	}
	ms_checking_free(checking);
	(void)close(fd);
	return g_string_free(told, FALSE);
}

/* Does each of three messages get WANT? They may be done in any order. */
static void
assert_each(char *text, const char *want)
{
	for (int id = 1; id < 4; id++) {
		GString *one = g_string_new(NULL);
		char **words = g_strsplit(text, ";", -1);

		for (char **word = words; *word; word++)
			if (**word == '0' + id)
				g_string_append_printf(one, "%s;", *word + 1);
		assert_string_equal(one->str, want);
		g_strfreev(words);
		(void)g_string_free(one, TRUE);
	}
	g_free(text);
}

static void
test_commands(void **state)
{
	struct ms_check checks[] = { command("one", yes), command("two", no),
		command("three", yes) };

	(void)state;
	assert_each(said(checks, 1, "x", NULL), ".;");
	/* What has been found is enough. */
	assert_each(said(checks, 3, "x", NULL), ":spam two status 1;.;");
	/* But spam may have something worse in it. */
	checks[2] = command("three", no);
	checks[2].exits[1] = MS_CHECK_INFECTED;
	assert_each(said(checks, 3, "x", NULL),
	    ":spam two status 1;:malware three status 1;.;");
	checks[1].exits[1] = MS_CHECK_FAILED;
	checks[2] = command("three", yes);
	assert_each(said(checks, 3, "x", NULL), "!engine-failed;.;");
	checks[0].size_max = 0;
	assert_each(said(checks, 1, "x", NULL), "-;");
	checks[0] = command("one", none);
	assert_each(said(checks, 1, "x", NULL), "!engine-failed;.;");
	checks[0] = command("one", hangs);
	checks[0].timeout_ms = 100;
	assert_each(said(checks, 1, "x", NULL), "!engine-failed;.;");
}

static void
test_rewritten(void **state)
{
	struct ms_check checks[] = { command("one", more),
		command("two", no) };

	(void)state;
	checks[0].pass = MS_CHECK_MESSAGE;
	assert_each(said(checks, 1, "text", NULL), ".TEXT;");
	assert_each(said(checks, 2, "text", NULL),
	    ":spam two status 1;.TEXT;");
	/* Nothing takes the place of no message. */
	checks[0].argv = yes;
	assert_each(said(checks, 1, "text", NULL), "!engine-failed;.;");
}

static void
test_wishes(void **state)
{
	const struct ms_check checks[] = { command("one", no),
		command("two", more) };
	GPtrArray *wishes = ms_checking_wishes("two\t5.5\t1\t0\tanna\n");
	const struct ms_checking_wish *wish;
	char *text;

	(void)state;
	assert_non_null(wishes);
	assert_int_equal(wishes->len, 1);
	wish = wishes->pdata[0];
	assert_string_equal(wish->name, "two");
	assert_string_equal(wish->user, "anna");
	assert_true(wish->pass);
	text = ms_checking_wishes_text(wishes);
	assert_string_equal(text, "two\t5.5\t1\t0\tanna\n");
	g_free(text);
	assert_each(said(checks, 2, "x", wishes), ".X;");
	g_ptr_array_unref(wishes);
	/* For none; for one that is not there. */
	wishes = ms_checking_wishes("");
	assert_each(said(checks, 2, "x", wishes), "-;");
	g_ptr_array_unref(wishes);
	assert_null(ms_checking_wishes("nonsense"));
}

/* What is not done stays so. */
static void
test_closed(void **state)
{
	const struct ms_check checks[] = { command("one", hangs) };
	const struct ms_checking_config config = { .checks = checks,
		.count = 1, .at_once = 1, .dir = "/tmp" };
	struct ms_checking *checking = ms_checking_new(&config, &events,
	    NULL);

	(void)state;
	assert_true(ms_checking_begin(checking, 1, -1, 0, NULL));
	assert_true(ms_checking_begin(checking, 2, -1, 0, NULL));
	assert_false(ms_checking_is_full(checking));
	ms_checking_free(checking);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_commands),
		cmocka_unit_test(test_rewritten),
		cmocka_unit_test(test_wishes),
		cmocka_unit_test(test_closed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
