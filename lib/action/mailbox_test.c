/* link: -Wl,--wrap=fsync */
#include "action/mailbox.h"

#include "message/mbox.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cmocka.h>

/* Thousands of mailboxes are changed here, and none has to survive a loss of
 * power. */
static unsigned syncs;
int __wrap_fsync(int fd);

int
__wrap_fsync(int fd)
{
	syncs++;
	return fcntl(fd, F_GETFD) >= 0 ? 0 : -1;
}

/* A mailbox in memory, and its slices as the scan sees them. */
struct box {
	GString *text;
	GArray *slices;		/* of struct ms_mailbox_slice */
	size_t at;
};

static enum ms_status
fill(void *arg, void *data, size_t size, size_t *got, struct ms_error *err)
{
	struct box *box = arg;

	(void)err;
	*got = MIN(size, box->text->len - box->at);
	memcpy(data, box->text->str + box->at, *got);
	box->at += *got;
	return MS_OK;
}

static void
split(struct box *box)
{
	const struct ms_mbox_config config = { .fill = fill, .arg = box };
	struct ms_mbox *mbox = ms_mbox_new(&config);
	struct ms_mbox_slice slice;

	box->at = 0;
	box->slices = g_array_new(FALSE, TRUE,
	    sizeof(struct ms_mailbox_slice));
	while (ms_mbox_next(mbox, &slice, NULL) == MS_OK) {
		struct ms_mailbox_slice s = { .offset = slice.offset };
		struct ms_hash *hash = ms_hash_new();
		const unsigned char *piece;
		size_t n;

		while (ms_mbox_read(mbox, &piece, &n, NULL) == MS_OK && n) {
			ms_hash_feed(hash, piece, n);
			s.size += n;
		}
		s.sha256 = ms_hash_end(hash);
		ms_hash_free(hash);
		s.length = ms_mbox_offset(mbox) - s.offset;
		g_array_append_val(box->slices, s);
	}
	ms_mbox_free(mbox);
}

static struct box
load(const char *path)
{
	struct box box = { .text = g_string_new(NULL) };
	gsize size;
	char *text;

	assert_true(g_file_get_contents(path, &text, &size, NULL));
	g_string_append_len(box.text, text, (gssize)size);
	g_free(text);
	split(&box);
	return box;
}

static struct box
store(const char *path, const char *text, gssize size)
{
	assert_true(g_file_set_contents(path, text, size, NULL));
	return load(path);
}

static void
clear(struct box *box)
{
	g_string_free(box->text, TRUE);
	g_array_unref(box->slices);
}

static struct ms_mailbox_slice *
slice(const struct box *box, unsigned i)
{
	assert_true(i < box->slices->len);
	return &g_array_index(box->slices, struct ms_mailbox_slice, i);
}

static struct ms_mailbox *
open_box(const char *path)
{
	struct ms_error err = { "" };
	struct ms_mailbox *box;
	struct stat st;

	assert_int_equal(0, stat(path, &st));
	if (ms_mailbox_open(path, st.st_dev, st.st_ino, &ms_lock_default,
	    &box, &err) != MS_OK)
		fail_msg("%s", err.text);
	return box;
}

static const char three[] =
    "From a@x Mon Mar  2 09:14:07 2026\n"
    "Subject: one\n\nfirst\n\n"
    "From b@x Mon Mar  2 09:14:08 2026\n"
    "Subject: two\nStatus: RO\nX-UID: 17\nFrom: somebody\n\n"
    "second, which is long enough for all that a notice has to say of a\n"
    "message that is elsewhere now, and for some lines of blanks:\n"
    "........................................................................\n"
    "........................................................................\n"
    "........................................................................\n"
    "\n"
    "From c@x Mon Mar  2 09:14:09 2026\n"
    "Subject: three\n\nthird\n>From here\n\n";

static const char *const lines[] = {
	"X-Mailscan-Quarantine: 20261121/abc", "", "It was infected.",
	"From here on it is clean.", NULL
};

static void
test_stub(void **state)
{
	struct box before = store("stub", three, -1), after;
	struct ms_mailbox *box;
	struct ms_mailbox_place place;
	struct ms_error err = { "" };
	struct stat old, new;

	(void)state;
	assert_int_equal(3, before.slices->len);
	assert_int_equal(0, chmod("stub", 0640));
	assert_int_equal(0, stat("stub", &old));
	box = open_box("stub");
	syncs = 0;
	assert_null(ms_mailbox_recovered(box));
	assert_int_equal(MS_OK, ms_mailbox_find(box, slice(&before, 1),
	    &place, &err));
	assert_string_equal("From b@x Mon Mar  2 09:14:08 2026",
	    place.from_line);
	assert_int_equal(slice(&before, 1)->offset + 34, place.offset);
	g_free(place.from_line);
	assert_int_equal(MS_OK, ms_mailbox_stub(box, slice(&before, 1),
	    "taken away", lines, &err));
	/* The journal, its name, the mailbox, no name. */
	assert_int_equal(4, syncs);
	/* It is not that message any more. */
	assert_int_equal(MS_E_PEER, ms_mailbox_stub(box, slice(&before, 1),
	    "taken away", lines, &err));
	assert_string_equal("stub: others have changed the message at byte "
	    "55", err.text);
	ms_mailbox_close(box);
	assert_int_equal(0, stat("stub", &new));
	assert_int_equal(old.st_ino, new.st_ino);
	assert_int_equal(old.st_mode, new.st_mode);
	assert_int_equal(old.st_size, new.st_size);
	after = load("stub");
	assert_int_equal(3, after.slices->len);
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(slice(&before, i)->offset,
		    slice(&after, i)->offset);
		assert_int_equal(slice(&before, i)->size,
		    slice(&after, i)->size);
		assert_int_equal(i != 1, ms_hash_equal(
		    &slice(&before, i)->sha256, &slice(&after, i)->sha256));
	}
	assert_memory_equal("Subject: taken away\n"
	    "X-Mailscan-Quarantine: 20261121/abc\nStatus: RO\nX-UID: 17\n\n"
	    "It was infected.\n>From here on it is clean.\n   ",
	    after.text->str + slice(&after, 1)->offset + 34, 120);
	assert_int_not_equal(0, access(".stub.mailscan-journal", F_OK));
	assert_int_not_equal(0, access("stub.lock", F_OK));
	clear(&before);
	clear(&after);
}

/* Owner, mode and extended attributes of PATH, as text. */
static char *
traits(const char *path)
{
	char value[16] = "";
	struct stat st;

	/* Where the file system has none, none can be lost. */
	(void)getxattr(path, "user.test", value, sizeof value - 1);
	assert_int_equal(0, stat(path, &st));
	return g_strdup_printf("%ju: %o %u:%u \"%s\"", (uintmax_t)st.st_ino,
	    (unsigned)st.st_mode, (unsigned)st.st_uid, (unsigned)st.st_gid,
	    value);
}

/* Whatever is done to a mailbox, it stays that file and its owner's. */
static void
test_kept(void **state)
{
	struct box before = store("kept", three, -1);
	const struct ms_mailbox_message message = {
		.from_line = "From z", .fd = open("kept", O_RDONLY), .size = 9
	};
	struct ms_mailbox *box;
	char *old, *new;

	(void)state;
	/* Only root can give files away; then it is somebody else's. */
	(void)!chown("kept", 4711, 4712);
	assert_int_equal(0, chmod("kept", 0664));
	if (setxattr("kept", "user.test", "value", 5, 0) != 0)
		print_message("no extended attributes here\n");
	old = traits("kept");
	box = open_box("kept");
	assert_int_equal(MS_OK, ms_mailbox_stub(box, slice(&before, 1),
	    "x", lines, NULL));
	assert_int_equal(MS_OK, ms_mailbox_append(box, &message, NULL));
	assert_int_equal(MS_OK, ms_mailbox_expunge(box, slice(&before, 0), 1,
	    NULL));
	ms_mailbox_close(box);
	new = traits("kept");
	assert_string_equal(old, new);
	assert_int_equal(0, close(message.fd));
	g_free(old);
	g_free(new);
	clear(&before);
}

/* Remove those slices of which a bit in WHICH is set. */
static void
expunge(const char *text, gssize size, unsigned which)
{
	struct box before = store("expunge", text, size), after;
	GArray *gone = g_array_new(FALSE, FALSE,
	    sizeof(struct ms_mailbox_slice));
	GString *want = g_string_new(NULL);
	struct ms_mailbox *box;
	struct ms_error err = { "" };

	for (unsigned i = 0; i < before.slices->len; i++) {
		if (which & 1u << i)
			g_array_prepend_vals(gone, slice(&before, i), 1);
		else
			g_string_append_len(want, before.text->str +
			    slice(&before, i)->offset,
			    (gssize)slice(&before, i)->length);
	}
	box = open_box("expunge");
	if (ms_mailbox_expunge(box, (void *)gone->data, gone->len, &err) !=
	    MS_OK)
		fail_msg("%s", err.text);
	ms_mailbox_close(box);
	after = load("expunge");
	assert_int_equal(want->len, after.text->len);
	assert_memory_equal(want->str, after.text->str, want->len);
	assert_int_equal(before.slices->len - gone->len, after.slices->len);
	assert_int_not_equal(0, access(".expunge.mailscan-journal", F_OK));
	g_array_unref(gone);
	g_string_free(want, TRUE);
	clear(&before);
	clear(&after);
}

static void
test_expunge(void **state)
{
	GString *large = g_string_new(NULL);

	(void)state;
	for (unsigned which = 0; which < 8; which++)
		expunge(three, -1, which);
	expunge("\n\nFrom a\nb: c\n\nd\n\nFrom e\n\n", -1, 1);
	expunge("\n\nFrom a\nb: c\n\nd\n\nFrom e\n\n", -1, 2);
	expunge("\n\nno From_ line\n\nFrom a\nb: c\n\nd\n\nFrom e\n\n", -1, 1);
	expunge("x\n\nFrom a\nb: c\n\nd\n\nFrom e\n\n", -1, 2);
	/* Some slots, and messages that are smaller and larger than one. */
	for (unsigned i = 0; i < 24; i++) {
		g_string_append_printf(large, "From %u\nS: %u\n\n", i, i);
		for (unsigned k = 0; k < 200 + i % 5 * 3000; k++)
			g_string_append_printf(large, "line %u\n", k);
		g_string_append(large, "\n");
	}
	expunge(large->str, (gssize)large->len, 0x000001);
	expunge(large->str, (gssize)large->len, 0x000002);
	expunge(large->str, (gssize)large->len, 0x555555);
	expunge(large->str, (gssize)large->len, 0xaaaaaa);
	expunge(large->str, (gssize)large->len, 0x0ff0f0);
	expunge(large->str, (gssize)large->len, 0x800000);
	expunge(large->str, (gssize)large->len, 0xffffff);
	g_string_free(large, TRUE);
}

/* Every size, every style of line ends, followed by a message or by nothing:
 * the slices stay what they are. */
static void
test_small(void **state)
{
	static const struct {
		const char *eol;
		const char *tail;	/* of the slice */
		const char *rest;	/* the next slice */
	} cases[] = {
		{ "\n", "\n", "From y\nb\n\n" },
		{ "\n", "\n", "" },
		{ "\n", "", "" },
		{ "\r\n", "\r\n", "From y\r\nb\r\n\r\n" },
		{ "\r\n", "\r\n", "" },
		{ "\r\n", "", "" },
		{ "\n", "\r\n", "From y\nb\n\n" },
		{ "\r\n", "\n", "From y\nb\n\n" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		for (size_t size = 0; size < 400; size++) {
			GString *text = g_string_new("From x");
			struct box before, after;
			struct ms_mailbox *box;
			struct ms_error err = { "" };
			size_t eol = strlen(cases[i].eol);

			g_string_append(text, cases[i].eol);
			for (size_t k = 0; k + eol < size; k++)
				g_string_append_c(text, 'x');
			if (size >= eol)
				g_string_append(text, cases[i].eol);
			else if (!*cases[i].rest && size > 0)
				g_string_append_c(text, 'x');
			g_string_append(text, cases[i].tail);
			g_string_append(text, cases[i].rest);
			before = store("small", text->str, -1);
			assert_int_equal(1 + (*cases[i].rest != '\0'),
			    before.slices->len);
			box = open_box("small");
			if (ms_mailbox_stub(box, slice(&before, 0), "gone",
			    lines, &err) != MS_OK)
				fail_msg("%s", err.text);
			ms_mailbox_close(box);
			after = load("small");
			assert_int_equal(text->len, after.text->len);
			if (after.slices->len != before.slices->len)
				fail_msg("case %zu, size %zu", i, size);
			for (unsigned k = 0; k < after.slices->len; k++)
				assert_int_equal(slice(&before, k)->length,
				    slice(&after, k)->length);
			assert_null(memchr(after.text->str, '\0', text->len));
			g_string_free(text, TRUE);
			clear(&before);
			clear(&after);
		}
	}
}

/* What is not the mailbox or the message that the scan has seen. */
static void
test_others(void **state)
{
	struct box before = store("others", three, -1);
	struct ms_mailbox_slice s;
	struct ms_mailbox *box;
	struct ms_error err = { "" };
	struct stat st;
	char *what;
	int fd;

	(void)state;
	assert_int_equal(0, stat("others", &st));
	assert_int_equal(MS_E_PEER, ms_mailbox_open("others", st.st_dev,
	    st.st_ino + 1, &ms_lock_default, &box, &err));
	assert_string_equal("others was replaced by others", err.text);
	assert_int_equal(MS_END, ms_mailbox_open("none", 0, 0,
	    &ms_lock_default, &box, &err));
	assert_int_equal(MS_END, ms_mailbox_open("none/none", 0, 0,
	    &ms_lock_default, &box, &err));
	assert_int_equal(0, symlink("others", "symlink"));
	assert_int_equal(MS_E_UNSUPPORTED, ms_mailbox_open("symlink", 0, 0,
	    &ms_lock_default, &box, &err));
	assert_int_equal(0, mkfifo("fifo", 0600));
	assert_int_equal(MS_E_UNSUPPORTED, ms_mailbox_open("fifo", 0, 0,
	    &ms_lock_default, &box, &err));
	assert_int_equal(0, link("others", "link"));
	assert_int_equal(MS_E_UNSUPPORTED, ms_mailbox_open("link", 0, 0,
	    &ms_lock_default, &box, &err));
	assert_int_equal(0, unlink("link"));

	box = open_box("others");
	for (int i = 0; i < 6; i++) {
		s = *slice(&before, 1);
		if (i == 0)
			s.offset--;
		else if (i == 1)
			s.length += 1000;
		else if (i == 2)
			s.length--;
		else if (i == 3)
			s.sha256.bytes[31]++;
		else if (i == 4)
			s.size--;
		else
			s.size = s.length + 1;
		assert_int_equal(MS_E_PEER, ms_mailbox_find(box, &s, NULL,
		    &err));
		assert_int_equal(MS_E_PEER, ms_mailbox_expunge(box, &s, 1,
		    &err));
	}
	/* The last message was not complete when it was read. */
	fd = open("others", O_WRONLY | O_APPEND);
	assert_int_equal(5, write(fd, "more\n", 5));
	assert_int_equal(0, close(fd));
	assert_int_equal(MS_OK, ms_mailbox_find(box, slice(&before, 1), NULL,
	    &err));
	assert_int_equal(MS_E_PEER, ms_mailbox_find(box, slice(&before, 2),
	    NULL, &err));
	ms_mailbox_close(box);
	assert_int_equal(MS_OK, ms_mailbox_recover("others", &ms_lock_default,
	    &what, &err));
	assert_null(what);
	assert_int_equal(MS_END, ms_mailbox_pending("others", &what, &err));
	clear(&before);
}

/* For reading only: no lock, no change. */
static void
test_read_only(void **state)
{
	struct box before = store("read", three, -1);
	struct ms_mailbox *box, *locked = open_box("read");
	struct ms_error err = { "" };

	(void)state;
	assert_int_equal(MS_OK, ms_mailbox_open("read", 0, 0, NULL, &box,
	    &err));
	assert_int_equal(MS_OK, ms_mailbox_find(box, slice(&before, 0), NULL,
	    &err));
	assert_int_equal(MS_E_USAGE, ms_mailbox_stub(box, slice(&before, 0),
	    "x", lines, &err));
	assert_int_equal(MS_E_USAGE, ms_mailbox_expunge(box,
	    slice(&before, 0), 1, &err));
	ms_mailbox_close(box);
	ms_mailbox_close(locked);
	clear(&before);
}

static void
append(const char *text, bool quote)
{
	struct ms_mailbox *box = open_box("append");
	FILE *file = tmpfile();
	struct ms_error err = { "" };
	const struct ms_mailbox_message message = {
		.from_line = "From z", .fd = fileno(file), .offset = 2,
		.size = strlen(text), .quote = quote
	};

	(void)fprintf(file, "--%s--", text);
	(void)fflush(file);
	if (ms_mailbox_append(box, &message, &err) != MS_OK)
		fail_msg("%s", err.text);
	ms_mailbox_close(box);
	(void)fclose(file);
}

static void
test_append(void **state)
{
	static const struct {
		const char *before, *message, *after;
		bool quote;
	} cases[] = {
		{ "", "a\n", "From z\na\n\n", false },
		{ "\n", "a\n", "\nFrom z\na\n\n", false },
		{ "From x\n\n", "a", "From x\n\nFrom z\na\n\n", false },
		{ "From x\nb\n", "", "From x\nb\n\nFrom z\n\n", false },
		{ "From x\nb", "a\n", "From x\nb\n\nFrom z\na\n\n", false },
		{ "From x\r\nb\r\n\r\n", "a\r\n",
		    "From x\r\nb\r\n\r\nFrom z\r\na\r\n\r\n", false },
		{ "From x\r\nb\r\n", "a\r\n",
		    "From x\r\nb\r\n\r\nFrom z\r\na\r\n\r\n", false },
		{ "", "From b\n>From c\nFro\n>>>", "From z\nFrom b\n>From c\n"
		    "Fro\n>>>\n\n", false },
		{ "", "From b\n>From c\nFro\n>>>", "From z\n>From b\n>>From c\n"
		    "Fro\n>>>\n\n", true },
		{ "", "a From\n>Fr>From \n\nFrom ", "From z\na From\n>Fr>From "
		    "\n\n>From \n\n", true },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		gsize size;
		char *text;

		assert_true(g_file_set_contents("append", cases[i].before, -1,
		    NULL));
		append(cases[i].message, cases[i].quote);
		assert_true(g_file_get_contents("append", &text, &size,
		    NULL));
		assert_string_equal(cases[i].after, text);
		assert_int_equal(strlen(cases[i].after), size);
		g_free(text);
	}
}

static void
test_append_fails(void **state)
{
	struct ms_mailbox *box;
	struct ms_error err = { "" };
	FILE *file = tmpfile();
	struct ms_mailbox_message message = {
		.from_line = "From z", .fd = fileno(file), .size = 100000
	};
	struct stat st;

	(void)state;
	assert_true(g_file_set_contents("fails", three, -1, NULL));
	box = open_box("fails");
	assert_int_equal(MS_E_PEER, ms_mailbox_append(box, &message, &err));
	message.from_line = "To z";
	assert_int_equal(MS_E_USAGE, ms_mailbox_append(box, &message, &err));
	message.from_line = "From z\nFrom y";
	assert_int_equal(MS_E_USAGE, ms_mailbox_append(box, &message, &err));
	ms_mailbox_close(box);
	assert_int_equal(0, stat("fails", &st));
	assert_int_equal(strlen(three), st.st_size);
	(void)fclose(file);
}

/* New mail stays new, and old mail old. */
static void
test_times(void **state)
{
	const struct timespec had_new[2] = { { 1000, 0 }, { 2000, 0 } };
	const struct timespec none_new[2] = { { 2000, 5 }, { 2000, 5 } };
	struct box before = store("times", three, -1);
	struct ms_error err = { "" };
	struct ms_mailbox *box;
	struct stat st;

	(void)state;
	assert_int_equal(0, utimensat(AT_FDCWD, "times", had_new, 0));
	box = open_box("times");
	assert_int_equal(MS_OK, ms_mailbox_stub(box, slice(&before, 0), "x",
	    lines, &err));
	ms_mailbox_close(box);
	assert_int_equal(0, stat("times", &st));
	assert_int_equal(1000, st.st_atime);
	assert_true(st.st_mtime > 1000000);
	assert_int_equal(0, utimensat(AT_FDCWD, "times", none_new, 0));
	box = open_box("times");
	assert_int_equal(MS_OK, ms_mailbox_expunge(box, slice(&before, 1), 1,
	    &err));
	ms_mailbox_close(box);
	assert_int_equal(0, stat("times", &st));
	assert_true(st.st_mtime > 1000000);
	assert_int_equal(st.st_mtim.tv_sec, st.st_atim.tv_sec);
	assert_int_equal(st.st_mtim.tv_nsec, st.st_atim.tv_nsec);
	clear(&before);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stub),
		cmocka_unit_test(test_kept),
		cmocka_unit_test(test_expunge),
		cmocka_unit_test(test_small),
		cmocka_unit_test(test_others),
		cmocka_unit_test(test_read_only),
		cmocka_unit_test(test_append),
		cmocka_unit_test(test_append_fails),
		cmocka_unit_test(test_times),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
