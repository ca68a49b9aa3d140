#include "serve/task.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

static int
some_fd(void)
{
	const int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	return fd;
}

static bool
is_open(int fd)
{
	return fcntl(fd, F_GETFD) >= 0;
}

static enum ms_status
give(struct ms_task *task, GByteArray *frame, int fd)
{
	const enum ms_status status = ms_task_read(frame->data, frame->len, fd,
	    task);

	g_byte_array_unref(frame);
	return status;
}

static void
test_whole(void **state)
{
	static char client[] = "192.0.2.1", helo[] = "a\nb";
	const struct ms_task_words words = { .client = client,
		.remote_helo = helo };
	struct ms_task task;
	int body, note;

	(void)state;
	ms_task_init(&task);
	body = some_fd();
	assert_int_equal(give(&task, ms_task_body(7, 100), body), MS_END);
	note = some_fd();
	assert_int_equal(give(&task, ms_task_note(7, 20, &words), note),
	    MS_OK);
	assert_int_equal(task.id, 7);
	assert_int_equal(task.body, body);
	assert_int_equal(task.body_size, 100);
	assert_int_equal(task.note, note);
	assert_int_equal(task.note_size, 20);
	assert_string_equal(task.words.client, client);
	assert_string_equal(task.words.remote_helo, helo);
	assert_null(task.words.kept);
	ms_task_clear(&task);
	assert_false(is_open(body) || is_open(note));
	/* A body is not always wanted. */
	assert_int_equal(give(&task, ms_task_note(8, 0, &words), some_fd()),
	    MS_OK);
	assert_int_equal(task.body, -1);
	ms_task_clear(&task);
}

/* Each is refused, and its descriptor is not lost. */
static void
test_wrong(void **state)
{
	static const struct ms_task_words none = { .server = NULL };

	(void)state;
	for (int i = 0; i < 8; i++) {
		struct ms_task task;
		GByteArray *frame;
		int fd = i == 0 ? -1 : some_fd();

		ms_task_init(&task);
		if (i == 1)
			frame = ms_task_body(0, 1);
		else if (i == 2)
			frame = ms_task_note(1, MS_TASK_NOTE_MAX + 1, &none);
		else if (i == 3)
			frame = ms_task_done(1, true, "x");
		else
			frame = ms_task_note(1, 2, &none);
		if (i == 4)	/* of another one */
			assert_int_equal(give(&task, ms_task_body(2, 1),
			    some_fd()), MS_END);
		if (i == 5)
			g_byte_array_set_size(frame, frame->len - 1);
		if (i == 6)
			g_byte_array_append(frame, (const guint8 *)"", 1);
		if (i == 7)
			g_byte_array_set_size(frame, 0);
		assert_int_equal(give(&task, frame, fd), MS_E_PEER);
		ms_task_clear(&task);
		assert_true(fd < 0 || !is_open(fd));
	}
}

static void
test_two_bodies(void **state)
{
	struct ms_task task;
	int fd;

	(void)state;
	ms_task_init(&task);
	assert_int_equal(give(&task, ms_task_body(1, 1), some_fd()), MS_END);
	fd = some_fd();
	assert_int_equal(give(&task, ms_task_body(1, 1), fd), MS_E_PEER);
	assert_false(is_open(fd));
	ms_task_clear(&task);
}

static void
test_done(void **state)
{
	GByteArray *frame = ms_task_done(9, true, "20260101/1");
	uint64_t id;
	char *text;
	bool good;

	(void)state;
	assert_int_equal(ms_task_read_done(frame->data, frame->len, &id, &good,
	    &text), MS_OK);
	assert_int_equal(id, 9);
	assert_true(good);
	assert_string_equal(text, "20260101/1");
	g_free(text);
	for (guint n = 0; n < frame->len; n++) {
		assert_int_equal(ms_task_read_done(frame->data, n, &id, &good,
		    &text), MS_E_PEER);
		assert_false(good);
		assert_null(text);
	}
	g_byte_array_unref(frame);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole),
		cmocka_unit_test(test_wrong),
		cmocka_unit_test(test_two_bodies),
		cmocka_unit_test(test_done),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
