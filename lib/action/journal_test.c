#include "action/journal.h"

#include <glib.h>

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define NAME ".box.mailscan-journal"

static struct ms_lock_target
make_box(const char *text)
{
	struct ms_lock_target box = { .name = "box", .path = "box" };

	assert_true(g_file_set_contents("box", text, -1, NULL));
	box.fd = open("box", O_RDWR | O_CLOEXEC);
	box.dir = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(box.fd >= 0 && box.dir >= 0);
	return box;
}

static void
drop_box(const struct ms_lock_target *box)
{
	assert_int_equal(0, close(box->fd));
	assert_int_equal(0, close(box->dir));
}

/* Each bit of a head counts, and of a record, too. */
static void
test_blocks(void **state)
{
	struct ms_journal_head head = { MS_JOURNAL_COMPACT, 1, 2, 3, 4, 5, 6,
		65536, ms_hash_of("x", 1) }, head_back;
	struct ms_journal_record record = { .number = 1, .to = 2, .length = 3,
		.next = 4, .box_size = 5, .ending = true, .token = "token",
		.witness = ms_hash_of("w", 1), .data = ms_hash_of("d", 1) };
	struct ms_journal_record back;
	unsigned char block[MS_JOURNAL_BLOCK];

	(void)state;
	ms_journal_put_head(&head, block);
	assert_int_equal(MS_OK, ms_journal_get_head(block, &head_back, NULL));
	assert_int_equal(MS_JOURNAL_COMPACT, head_back.kind);
	assert_int_equal(3, head_back.box_size);
	assert_int_equal(65536, head_back.slot);
	assert_true(ms_hash_equal(&head.content, &head_back.content));
	for (size_t i = 0; i < sizeof block; i += 13) {
		block[i] ^= 1;
		assert_int_not_equal(MS_OK, ms_journal_get_head(block,
		    &head_back, NULL));
		block[i] ^= 1;
	}
	assert_int_equal(MS_E_FORMAT, ms_journal_get_record(block, &back,
	    NULL));
	ms_journal_put_record(&record, block);
	assert_int_equal(MS_OK, ms_journal_get_record(block, &back, NULL));
	assert_int_equal(4, back.next);
	assert_true(back.ending);
	assert_string_equal("token", back.token);
	assert_int_equal(MS_E_UNSUPPORTED, ms_journal_get_head(block,
	    &head_back, NULL));
	/* Two slots behind the holes, each with a block of its own. */
	assert_int_equal(2 * 4096, ms_journal_slot(&head, 0));
	assert_int_equal(3 * 4096 + 65536, ms_journal_slot(&head, 1));
}

/* What a newer version, or nobody, has made is not taken for half of ours. */
static void
test_other_version(void **state)
{
	struct ms_journal_head head = { .kind = MS_JOURNAL_APPEND };
	unsigned char block[MS_JOURNAL_BLOCK];
	struct ms_error err = { "" };

	(void)state;
	ms_journal_put_head(&head, block);
	assert_int_equal(MS_OK, ms_journal_get_head(block, &head, &err));
	block[17] = '2';
	assert_int_equal(MS_E_UNSUPPORTED, ms_journal_get_head(block, &head,
	    &err));
	head.kind = (enum ms_journal_kind)4;
	ms_journal_put_head(&head, block);
	assert_int_equal(MS_E_UNSUPPORTED, ms_journal_get_head(block, &head,
	    &err));
	head.kind = MS_JOURNAL_OVERWRITE;
	head.length = UINT64_MAX;
	ms_journal_put_head(&head, block);
	assert_int_equal(MS_E_UNSUPPORTED, ms_journal_get_head(block, &head,
	    &err));
	memset(block, 0, sizeof block);
	assert_int_equal(MS_E_FORMAT, ms_journal_get_head(block, &head,
	    &err));
}

static void
test_file(void **state)
{
	struct ms_lock_target box = make_box("0123456789");
	struct ms_digest digest = ms_hash_of("abc", 3);
	struct ms_journal *journal, *other;
	struct ms_error err = { "" };
	char text[11] = "";

	(void)state;
	assert_int_equal(MS_END, ms_journal_open(&box, true, &journal, &err));
	assert_int_equal(MS_OK, ms_journal_make(&box, &journal, &err));
	assert_int_equal(MS_E_IO, ms_journal_make(&box, &other, &err));
	assert_int_equal(MS_OK, ms_journal_write(journal, MS_JOURNAL_BLOCK,
	    "abc", 3, &err));
	assert_int_equal(MS_OK, ms_journal_check(journal, 3, &digest, &err));
	assert_int_equal(MS_E_FORMAT, ms_journal_check(journal, 2, &digest,
	    &err));
	assert_int_equal(MS_E_FORMAT, ms_journal_check(journal, 4, &digest,
	    &err));
	assert_int_equal(MS_OK, ms_journal_play(journal, MS_JOURNAL_BLOCK + 1,
	    2, 4, &err));
	assert_int_equal(10, pread(box.fd, text, 10, 0));
	assert_string_equal("0123bc6789", text);
	assert_int_equal(MS_E_FORMAT, ms_journal_play(journal,
	    MS_JOURNAL_BLOCK + 1, 3, 4, &err));
	assert_int_equal(MS_OK, ms_journal_sync(journal, true, &err));
	assert_int_equal(MS_JOURNAL_BLOCK + 3, ms_journal_size(journal));
	assert_int_equal(MS_OK, ms_journal_open(&box, false, &other, &err));
	ms_journal_close(other);
	assert_int_equal(MS_OK, ms_journal_remove(journal, &err));
	ms_journal_close(journal);
	assert_int_equal(-1, access(NAME, F_OK));
	drop_box(&box);
}

/* What others could have written is not acted upon. */
static void
test_trust(void **state)
{
	struct ms_lock_target box = make_box("x");
	struct ms_journal *journal;
	struct ms_error err = { "" };

	(void)state;
	assert_true(g_file_set_contents(NAME, "x", -1, NULL));
	assert_int_equal(0, chmod(NAME, 0640));
	assert_int_equal(MS_E_PEER, ms_journal_open(&box, true, &journal,
	    &err));
	assert_non_null(strstr(err.text, "open to others"));
	assert_int_equal(0, chmod(NAME, 0600));
	assert_int_equal(0, link(NAME, "second"));
	assert_int_equal(MS_E_PEER, ms_journal_open(&box, true, &journal,
	    &err));
	assert_int_equal(0, unlink(NAME));
	assert_int_equal(0, symlink("second", NAME));
	assert_int_equal(MS_E_PEER, ms_journal_open(&box, true, &journal,
	    &err));
	assert_int_equal(0, unlink(NAME));
	assert_int_equal(0, mkfifo(NAME, 0600));
	assert_int_equal(MS_E_PEER, ms_journal_open(&box, true, &journal,
	    &err));
	assert_int_equal(0, unlink(NAME));
	drop_box(&box);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_blocks),
		cmocka_unit_test(test_other_version),
		cmocka_unit_test(test_file),
		cmocka_unit_test(test_trust),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
