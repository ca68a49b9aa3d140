#include "serve/dispatch.h"

#include "net/timer.h"
#include "pool/child.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#define SWAP(a, b) do { const int c = a; a = b; b = c; } while (0)

/* What came of tasks, and a process that is the test itself. */
struct bench {
	struct ms_loop *loop;
	struct ms_dispatch *dispatch;
	int worker;
	unsigned good, bad;
	char last[100];
};

static void
on_answered(void *arg, bool good, const char *text)
{
	struct bench *b = arg;

	b->good += good;
	b->bad += !good;
	(void)g_strlcpy(b->last, text, sizeof b->last);
}

static void
set_up(struct bench *b, unsigned waiting_max, int64_t answer_ms)
{
	const struct ms_dispatch_config config = { "the store", waiting_max,
		answer_ms };
	struct ms_error err;

	*b = (struct bench){ .worker = -1 };
	assert_int_equal(ms_loop_new(&b->loop, &err), MS_OK);
	b->dispatch = ms_dispatch_new(b->loop, &config);
}

static void
new_worker(struct bench *b)
{
	struct ms_error err;
	int pair[2];

	assert_int_equal(ms_child_pair(pair, &err), MS_OK);
	if (b->worker >= 0)
		(void)close(b->worker);
	b->worker = pair[0];
	ms_dispatch_peer(b->dispatch, pair[1]);
}

static void
tear_down(struct bench *b)
{
	if (b->worker >= 0)
		(void)close(b->worker);
	ms_dispatch_free(b->dispatch);
	ms_loop_free(b->loop);
}

static int
bytes(const char *text)
{
	const int fd = memfd_create("test", MFD_CLOEXEC);

	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	return fd;
}

static uint64_t
ask(struct bench *b)
{
	const struct ms_task task = { .body = bytes("mail"), .body_size = 4,
		.note = bytes("{}"), .note_size = 2 };

	return ms_dispatch_ask(b->dispatch, &task, on_answered, b);
}

static void
on_stop(void *arg)
{
	ms_loop_stop(arg);
}

static void
run(struct bench *b, int64_t ms)
{
	struct ms_timer *timer = ms_timer_new(b->loop, on_stop, b->loop);
	struct ms_error err;

	ms_timer_set(timer, ms);
	assert_int_equal(ms_loop_run(b->loop, &err), MS_OK);
	ms_timer_free(timer);
}

/* The next task that the worker gets, if there is one. */
static bool
take(struct bench *b, uint64_t *id)
{
	unsigned char block[1000];
	struct ms_task task;
	enum ms_status status = MS_END;

	ms_task_init(&task);
	while (status == MS_END) {
		size_t got;
		int fd;

		if (ms_frame_receive(b->worker, block, sizeof block, &got,
		    &fd) != MS_OK)
			break;
		status = ms_task_read(block, got, fd, &task);
	}
	*id = task.id;
	if (status == MS_OK) {
		assert_true(task.body >= 0 && task.note >= 0);
		assert_int_equal(task.note_size, 2);
	}
	ms_task_clear(&task);
	return status == MS_OK;
}

static void
answer(struct bench *b, uint64_t id, bool good, const char *text)
{
	GByteArray *frame = ms_task_done(id, good, text);
	struct ms_error err;

	assert_int_equal(ms_frame_send(b->worker, frame, -1, &err), MS_OK);
	g_byte_array_unref(frame);
}

static void
test_answers(void **state)
{
	uint64_t one, two, id;
	struct bench b;

	(void)state;
	set_up(&b, 10, 5000);
	/* It waits for somebody to do it. */
	one = ask(&b);
	new_worker(&b);
	two = ask(&b);
	assert_true(take(&b, &id) && id == one);
	assert_true(take(&b, &id) && id == two);
	assert_false(take(&b, &id));
	answer(&b, two, true, "kept");
	answer(&b, two, false, "twice");
	answer(&b, 99, false, "nobody's");
	run(&b, 20);
	assert_int_equal(b.good, 1);
	assert_int_equal(b.bad, 0);
	assert_string_equal(b.last, "kept");
	answer(&b, one, false, "the disk is full");
	run(&b, 20);
	assert_int_equal(b.bad, 1);
	assert_string_equal(b.last, "the disk is full");
	tear_down(&b);
}

static void
test_death(void **state)
{
	struct bench b;
	uint64_t id;

	(void)state;
	set_up(&b, 10, 5000);
	new_worker(&b);
	(void)ask(&b);
	(void)ask(&b);
	(void)close(b.worker);
	b.worker = -1;
	run(&b, 20);
	assert_int_equal(b.bad, 2);
	assert_string_equal(b.last, "the store died");
	/* The next one waits for the next. */
	(void)ask(&b);
	run(&b, 20);
	assert_int_equal(b.bad, 2);
	new_worker(&b);
	assert_true(take(&b, &id));
	answer(&b, id, true, "x");
	run(&b, 20);
	assert_int_equal(b.good, 1);
	tear_down(&b);
}

/* A new one, while the old one has something to do. */
static void
test_succession(void **state)
{
	struct bench b;
	uint64_t one, two, id;
	int old;

	(void)state;
	set_up(&b, 10, 5000);
	new_worker(&b);
	one = ask(&b);
	assert_true(take(&b, &id) && id == one);
	old = b.worker;
	b.worker = -1;
	new_worker(&b);
	two = ask(&b);
	assert_true(take(&b, &id) && id == two);
	/* It is not the new one's to answer. */
	answer(&b, one, false, "wrong");
	answer(&b, two, true, "new");
	run(&b, 20);
	assert_int_equal(b.good, 1);
	assert_int_equal(b.bad, 0);
	SWAP(b.worker, old);
	assert_false(take(&b, &id));
	answer(&b, one, true, "old");
	run(&b, 20);
	assert_int_equal(b.good, 2);
	assert_string_equal(b.last, "old");
	(void)close(old);
	tear_down(&b);
}

static void
test_nonsense(void **state)
{
	struct bench b;

	(void)state;
	set_up(&b, 10, 5000);
	new_worker(&b);
	(void)ask(&b);
	assert_int_equal(write(b.worker, "no", 2), 2);
	run(&b, 20);
	assert_int_equal(b.bad, 1);
	assert_string_equal(b.last, "the store talks nonsense");
	tear_down(&b);
}

static void
test_late_and_many(void **state)
{
	struct bench b;

	(void)state;
	set_up(&b, 2, 50);
	for (int i = 0; i < 3; i++)
		(void)ask(&b);
	assert_int_equal(b.bad, 0);
	run(&b, 10);
	assert_int_equal(b.bad, 1);
	assert_string_equal(b.last, "the store has too much to do");
	run(&b, 100);
	assert_int_equal(b.bad, 3);
	assert_string_equal(b.last, "the store is not there");
	new_worker(&b);
	(void)ask(&b);
	run(&b, 100);
	assert_string_equal(b.last, "the store does not answer");
	tear_down(&b);
}

static void
test_forget(void **state)
{
	struct bench b;
	uint64_t one, id;

	(void)state;
	set_up(&b, 10, 0);
	one = ask(&b);
	ms_dispatch_forget(b.dispatch, one);
	ms_dispatch_forget(b.dispatch, 1000);
	new_worker(&b);
	/* It is done nevertheless. */
	assert_true(take(&b, &id) && id == one);
	answer(&b, one, true, "x");
	run(&b, 20);
	assert_int_equal(b.good + b.bad, 0);
	(void)ask(&b);
	tear_down(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_death),
		cmocka_unit_test(test_succession),
		cmocka_unit_test(test_nonsense),
		cmocka_unit_test(test_late_and_many),
		cmocka_unit_test(test_forget),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
