#include "action/grip.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define BOX "From a Mon Mar  2 09:14:07 2026\n\none\n\n" \
	"From b Mon Mar  2 09:14:07 2026\n\ntwo\n\n"
#define SLICE (sizeof BOX / 2)

static void
write_file(const char *path, const char *text)
{
	assert_true(g_file_set_contents(path, text, -1, NULL));
}

/* The outcome for the message TEXT of the file PATH (NULL: of none). */
static struct ms_outcome *
outcome_of(const char *path, const char *format, const char *text)
{
	struct ms_message message = { .origin = {
		.source = (char *)(uintptr_t)(path ? path : "a.tar/b"),
		.format = format, .index = 1, .length = SLICE },
		.size = strlen(text),
		.sha256 = ms_hash_of(text, strlen(text)) };
	struct stat st;

	if (path) {
		assert_int_equal(0, stat(path, &st));
		message.origin.dev = st.st_dev;
		message.origin.ino = st.st_ino;
	}
	return ms_outcome_new(&message);
}

static void
expect(enum ms_status want, const struct ms_outcome *outcome, bool change,
    const char *text)
{
	struct ms_grip grip;
	struct ms_error err = { "" };
	char got[64];

	assert_int_equal(want, ms_grip_take(outcome, change,
	    change ? &ms_lock_default : NULL, &grip, &err));
	if (want != MS_OK) {
		print_message("  %s\n", err.text);
		assert_true(*err.text != '\0');
		return;
	}
	assert_int_equal(strlen(text), grip.content.size);
	assert_int_equal(strlen(text), pread(grip.content.fd, got,
	    grip.content.size, (off_t)grip.content.offset));
	assert_memory_equal(text, got, strlen(text));
	ms_grip_give(&grip);
}

static void
test_fixed(void **state)
{
	static const struct {
		const char *source, *format;
		uint64_t ino, index;
		bool maildir, want;
	} rows[] = {
		{ "-", "eml", 0, 1, false, true },
		{ "a.gz", "mbox", 0, 1, false, true },
		{ "a", "mbox", 1, 1, false, false },
		{ "a", "mbox", 1, 0, false, true },
		{ "a", "mbox", 1, 1, true, true },
		{ "a", "eml", 1, 1, false, false },
		{ "a", "eml", 1, 1, true, true },
		{ "a", "mh", 1, 1, false, false },
		{ "a", "maildir", 1, 1, false, false },
		{ "a", "maildir", 1, 1, true, false },
		{ "a", "raw", 1, 1, false, true },
		{ "a", "postfix", 1, 1, false, true },
		{ "a", NULL, 1, 1, false, true },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		struct ms_message message = { .origin = {
			.source = (char *)(uintptr_t)rows[i].source,
			.format = rows[i].format, .ino = rows[i].ino,
			.index = rows[i].index } };
		struct ms_outcome *outcome = ms_outcome_new(&message);
		const char *why = ms_grip_fixed(outcome, rows[i].maildir);

		print_message("  %s %s: %s\n", rows[i].source,
		    rows[i].format ? rows[i].format : "?", why ? why : "-");
		assert_int_equal(rows[i].want, why != NULL);
		ms_outcome_free(outcome);
	}
}

static void
test_mailbox(void **state)
{
	struct ms_outcome *outcome;
	struct ms_grip grip;
	struct ms_error err;

	(void)state;
	write_file("box", BOX);
	outcome = outcome_of("box", "mbox", "\ntwo\n");
	outcome->origin.offset = SLICE;
	expect(MS_OK, outcome, false, "\ntwo\n");
	expect(MS_OK, outcome, true, "\ntwo\n");
	assert_int_equal(MS_OK, ms_grip_take(outcome, true, &ms_lock_default,
	    &grip, &err));
	assert_string_equal("From b Mon Mar  2 09:14:07 2026",
	    grip.content.from_line);
	assert_true(grip.content.quoted);
	ms_grip_give(&grip);
	/* By a link; another message; another file; none. */
	assert_int_equal(0, symlink("box", "link"));
	g_free(outcome->origin.source);
	outcome->origin.source = g_strdup("link");
	expect(MS_OK, outcome, true, "\ntwo\n");
	write_file("other", BOX);
	assert_int_equal(0, rename("other", "box"));
	expect(MS_E_PEER, outcome, true, NULL);
	ms_outcome_free(outcome);
	outcome = outcome_of("box", "mbox", "\nsix\n");
	outcome->origin.offset = SLICE;
	expect(MS_E_PEER, outcome, true, NULL);
	assert_int_equal(0, unlink("box"));
	expect(MS_END, outcome, false, NULL);
	ms_outcome_free(outcome);
	assert_int_equal(0, unlink("link"));
}

static void
test_file(void **state)
{
	struct ms_outcome *outcome;

	(void)state;
	write_file("eml", "hello\n");
	outcome = outcome_of("eml", "eml", "hello\n");
	expect(MS_OK, outcome, false, "hello\n");
	expect(MS_OK, outcome, true, "hello\n");
	/* Another name keeps it, but it can be read. */
	assert_int_equal(0, link("eml", "again"));
	expect(MS_OK, outcome, false, "hello\n");
	expect(MS_E_UNSUPPORTED, outcome, true, NULL);
	assert_int_equal(0, unlink("again"));
	write_file("other", "hello\n");
	assert_int_equal(0, rename("other", "eml"));
	expect(MS_E_PEER, outcome, false, NULL);
	assert_int_equal(0, unlink("eml"));
	expect(MS_END, outcome, false, NULL);
	ms_outcome_free(outcome);
}

static void
test_body(void **state)
{
	struct ms_outcome *outcome = outcome_of(NULL, "mbox", ">From\n");
	int fd = open("body", O_RDWR | O_CREAT, 0600);

	(void)state;
	assert_int_equal(0, unlink("body"));
	assert_int_equal(5, write(fd, "From\n", 5));
	expect(MS_E_LIMIT, outcome, false, NULL);
	ms_outcome_body(outcome, fd, 5);
	expect(MS_OK, outcome, false, "From\n");
	outcome->omitted = 1;
	expect(MS_E_LIMIT, outcome, false, NULL);
	outcome->omitted = 0;
	outcome->body->size = 6;
	expect(MS_E_IO, outcome, false, NULL);
	ms_outcome_free(outcome);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fixed),
		cmocka_unit_test(test_mailbox),
		cmocka_unit_test(test_file),
		cmocka_unit_test(test_body),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
