#include "action/overwrite.h"

#include "action/mailbox.h"

#include <glib.h>

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define JOURNAL ".box.mailscan-journal"
#define OLD "old message"
#define NEW "new NOTICE."

/* Leave a journal that says that NEW is to take the place of OLD at byte 7,
 * or, if it is not WHOLE, something else as well. */
static void
leave_journal(const struct ms_lock_target *box, bool whole)
{
	struct ms_journal_head head = { .kind = MS_JOURNAL_OVERWRITE,
		.offset = 7, .length = strlen(OLD),
		.content = ms_hash_of(OLD NEW, 2 * strlen(OLD)) };
	unsigned char block[MS_JOURNAL_BLOCK];
	struct ms_journal *journal;
	struct stat st;

	assert_int_equal(0, fstat(box->fd, &st));
	head.dev = st.st_dev;
	head.ino = st.st_ino;
	head.box_size = (uint64_t)st.st_size;
	ms_journal_put_head(&head, block);
	assert_int_equal(MS_OK, ms_journal_make(box, &journal, NULL));
	assert_int_equal(MS_OK, ms_journal_write(journal, 0, block,
	    sizeof block, NULL));
	assert_int_equal(MS_OK, ms_journal_write(journal, MS_JOURNAL_BLOCK,
	    whole ? OLD NEW : OLD OLD, 2 * strlen(OLD), NULL));
	ms_journal_close(journal);
}

static const char done[] = "the message at byte 7 is now overwritten by its "
    "notice";
static const char not_done[] = "it was about to be changed, and was not";

/* The mailbox BEFORE, with that journal, and then. */
static const struct {
	const char *before;
	bool whole;
	enum ms_status status;
	const char *after;
	const char *what;
} cases[] = {
	{ "From a\n" OLD "\n", true, MS_OK, "From a\n" NEW "\n", done },
	{ "From a\n" NEW "\n", true, MS_OK, "From a\n" NEW "\n", done },
	{ "From a\nnew NOTICge\n", true, MS_OK, "From a\n" NEW "\n", done },
	{ "From a\n" OLD "\nFrom b\n", true, MS_OK, "From a\n" NEW
	    "\nFrom b\n", done },
	{ "From a\n" OLD "\n", false, MS_OK, "From a\n" OLD "\n", not_done },
	/* Others have changed it: the journal stays. */
	{ "From a\nold messagE\n", true, MS_E_PEER, "From a\nold messagE\n",
	    NULL },
	{ "From a\nold m", true, MS_E_PEER, "From a\nold m", NULL },
	{ "", true, MS_E_PEER, "", NULL },
};

static void
test_recover(void **state)
{
	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct ms_lock_target box = { .name = "box", .path = "box" };
		struct ms_error err = { "" };
		char *what = NULL, *text;

		assert_true(g_file_set_contents("box", cases[i].before, -1,
		    NULL));
		box.fd = open("box", O_RDWR | O_CLOEXEC);
		box.dir = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		leave_journal(&box, cases[i].whole);
		if (ms_mailbox_recover("box", &ms_lock_default, &what,
		    &err) != cases[i].status)
			fail_msg("%zu: %s", i, err.text);
		assert_true(g_file_get_contents("box", &text, NULL, NULL));
		assert_string_equal(cases[i].after, text);
		if (cases[i].what)
			assert_string_equal(cases[i].what, what);
		assert_int_equal(cases[i].status == MS_OK ? -1 : 0,
		    access(JOURNAL, F_OK));
		(void)unlink(JOURNAL);
		g_free(text);
		g_free(what);
		assert_int_equal(0, close(box.fd));
		assert_int_equal(0, close(box.dir));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_recover),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
