#include "serve/dispatch.h"

#include "serve/links_test.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define SWAP(a, b) do { const int c = a; a = b; b = c; } while (0)

/* What came of tasks, and a process that is the test itself. */
struct bench {
	struct other worker;
	struct ms_dispatch *dispatch;
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

	*b = (struct bench){ .last = "" };
	other_begin(&b->worker);
	b->dispatch = ms_dispatch_new(b->worker.loop, &config);
}

static void
new_worker(struct bench *b)
{
	ms_dispatch_peer(b->dispatch, other_new(&b->worker));
}

static void
tear_down(struct bench *b)
{
	ms_dispatch_free(b->dispatch);
	other_end(&b->worker);
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

		if (ms_frame_receive(b->worker.socket, block, sizeof block,
		    &got, &fd) != MS_OK)
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
	other_say(&b->worker, ms_task_done(id, good, text));
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
	other_run(&b.worker, 20);
	assert_int_equal(b.good, 1);
	assert_int_equal(b.bad, 0);
	assert_string_equal(b.last, "kept");
	answer(&b, one, false, "the disk is full");
	other_run(&b.worker, 20);
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
	other_die(&b.worker);
	other_run(&b.worker, 20);
	assert_int_equal(b.bad, 2);
	assert_string_equal(b.last, "the store died");
	/* The next one waits for the next. */
	(void)ask(&b);
	other_run(&b.worker, 20);
	assert_int_equal(b.bad, 2);
	new_worker(&b);
	assert_true(take(&b, &id));
	answer(&b, id, true, "x");
	other_run(&b.worker, 20);
	assert_int_equal(b.good, 1);
	tear_down(&b);
}

/* FRAMES are read of what the socket has no more room for, and then there is a
 * new worker: of one of two numbers in a row a task is cut in halves. */
static void
check_halves(unsigned frames)
{
	const unsigned count = 400;
	unsigned char block[1000];
	unsigned taken = 0;
	struct bench b;
	uint64_t id;
	size_t got;
	int fd, old;

	set_up(&b, 1000, 0);
	new_worker(&b);
	for (unsigned i = 0; i < count; i++)
		(void)ask(&b);
	for (unsigned i = 0; i < frames; i++) {
		assert_int_equal(ms_frame_receive(b.worker.socket, block,
		    sizeof block, &got, &fd), MS_OK);
		(void)close(fd);
		other_run(&b.worker, 70);
	}
	old = b.worker.socket;
	b.worker.socket = -1;
	new_worker(&b);
	while (take(&b, &id)) {
		taken++;
		answer(&b, id, true, "");
	}
	(void)close(old);
	/* There are hundreds, and other work on this machine. */
	for (int i = 0; i < 500 && b.good < taken; i++)
		other_run(&b.worker, 20);
	assert_true(taken > 0);
	assert_int_equal(b.good, taken);
	assert_true(b.bad > 0);
	tear_down(&b);
}

/* Who comes next gets the whole of a task of which the last one got a half. */
static void
test_halves(void **state)
{
	(void)state;
	check_halves(1);
	check_halves(2);
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
	old = b.worker.socket;
	b.worker.socket = -1;
	new_worker(&b);
	two = ask(&b);
	assert_true(take(&b, &id) && id == two);
	/* It is not the new one's to answer. */
	answer(&b, one, false, "wrong");
	answer(&b, two, true, "new");
	other_run(&b.worker, 20);
	assert_int_equal(b.good, 1);
	assert_int_equal(b.bad, 0);
	SWAP(b.worker.socket, old);
	assert_false(take(&b, &id));
	answer(&b, one, true, "old");
	other_run(&b.worker, 20);
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
	assert_int_equal(write(b.worker.socket, "no", 2), 2);
	other_run(&b.worker, 20);
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
	other_run(&b.worker, 10);
	assert_int_equal(b.bad, 1);
	assert_string_equal(b.last, "the store has too much to do");
	other_run(&b.worker, 100);
	assert_int_equal(b.bad, 3);
	assert_string_equal(b.last, "the store is not there");
	new_worker(&b);
	(void)ask(&b);
	other_run(&b.worker, 100);
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
	other_run(&b.worker, 20);
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
		cmocka_unit_test(test_halves),
		cmocka_unit_test(test_succession),
		cmocka_unit_test(test_nonsense),
		cmocka_unit_test(test_late_and_many),
		cmocka_unit_test(test_forget),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
