#include "action/append.h"

#include <glib.h>

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define JOURNAL ".box.mailscan-journal"
#define OLD "From a\nx\n\n"
#define NEW "From z\nhello\n\n"

/* Leave a journal that says that NEW is to stand behind OLD. */
static void
leave_journal(const struct ms_lock_target *box)
{
	struct ms_journal_head head = { .kind = MS_JOURNAL_APPEND,
		.box_size = strlen(OLD), .offset = strlen(OLD),
		.length = strlen(NEW),
		.content = ms_hash_of(NEW, strlen(NEW)) };
	unsigned char block[MS_JOURNAL_BLOCK];
	struct ms_journal *journal;
	struct stat st;

	assert_int_equal(0, fstat(box->fd, &st));
	head.dev = st.st_dev;
	head.ino = st.st_ino;
	ms_journal_put_head(&head, block);
	assert_int_equal(MS_OK, ms_journal_make(box, &journal, NULL));
	assert_int_equal(MS_OK, ms_journal_write(journal, 0, block,
	    sizeof block, NULL));
	assert_int_equal(MS_OK, ms_journal_write(journal, MS_JOURNAL_BLOCK,
	    NEW, strlen(NEW), NULL));
	ms_journal_close(journal);
}

static const char done[] = "the message at byte 10 is now appended";
static const char not_done[] = "a message was about to be appended, and was "
    "not";

/* The mailbox SIZE bytes at BEFORE, with that journal; and then. */
static const struct {
	const char *before;
	size_t size;
	const char *after;
	const char *what;
} cases[] = {
	{ OLD, 10, OLD, not_done },
	{ OLD "\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 24, OLD NEW, done },
	{ OLD "From z\nhel\0\0\0\0", 24, OLD NEW, done },
	{ OLD NEW, 24, OLD NEW, done },
	/* What others have appended stays. */
	{ OLD "\0\0\0\0\0\0\0\0\0\0\0\0\0\0From b\ny\n\n", 34,
	    OLD NEW "From b\ny\n\n", done },
	{ OLD "From b\nyes\n\n", 22, OLD "From b\nyes\n\n", not_done },
	{ OLD "From b\nyes, more\n\n", 28, OLD "From b\nyes, more\n\n",
	    not_done },
	/* Others have changed it. */
	{ "From a\n\n", 8, "From a\n\n", not_done },
	{ "", 0, "", not_done },
};

static void
test_recover(void **state)
{
	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct ms_lock_target box = { .name = "box", .path = "box" };
		struct ms_error err = { "" };
		char *what, *text;
		gsize size;

		assert_true(g_file_set_contents("box", cases[i].before,
		    (gssize)cases[i].size, NULL));
		box.fd = open("box", O_RDWR | O_CLOEXEC);
		box.dir = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		leave_journal(&box);
		assert_int_equal(MS_OK, ms_mailbox_pending("box", &what,
		    &err));
		assert_string_equal("a message is to be appended at byte 10",
		    what);
		g_free(what);
		if (ms_mailbox_recover("box", &ms_lock_default, &what,
		    &err) != MS_OK)
			fail_msg("%zu: %s", i, err.text);
		assert_true(g_file_get_contents("box", &text, &size, NULL));
		assert_int_equal(strlen(cases[i].after), size);
		assert_string_equal(cases[i].after, text);
		assert_string_equal(cases[i].what, what);
		assert_int_equal(-1, access(JOURNAL, F_OK));
		g_free(text);
		g_free(what);
		assert_int_equal(0, close(box.fd));
		assert_int_equal(0, close(box.dir));
	}
}

/* With a journal there, nothing is appended. */
static void
test_pending(void **state)
{
	struct ms_lock_target box = { .name = "box", .path = "box" };
	const struct ms_mailbox_message message = { .from_line = "From z",
		.fd = -1 };
	struct ms_error err = { "" };
	char *text;

	(void)state;
	assert_true(g_file_set_contents("box", OLD, -1, NULL));
	box.fd = open("box", O_RDWR | O_CLOEXEC);
	box.dir = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	leave_journal(&box);
	assert_int_equal(MS_E_IO, ms_append(&box, &message, &err));
	assert_int_equal(0, unlink(JOURNAL));
	assert_int_equal(MS_OK, ms_append(&box, &message, &err));
	assert_int_equal(-1, access(JOURNAL, F_OK));
	assert_true(g_file_get_contents("box", &text, NULL, NULL));
	assert_string_equal(OLD "From z\n\n", text);
	g_free(text);
	assert_int_equal(0, close(box.fd));
	assert_int_equal(0, close(box.dir));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_recover),
		cmocka_unit_test(test_pending),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
