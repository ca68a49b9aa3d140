#include "serve/holes.h"

#include "serve/links_test.h"

#include <string.h>

/* Who asks, and the runner, which is the test. */
struct bench {
	struct other runner;
	struct ms_dispatch *dispatch;
	struct ms_holes *holes;
	unsigned yes, no;
};

static void
on_known(void *arg, bool all)
{
	struct bench *b = arg;

	b->yes += all;
	b->no += !all;
}

static void
set_up(struct bench *b, int64_t wait_ms)
{
	const struct ms_dispatch_config config = { "the runner", 100, 0 };

	*b = (struct bench){ .yes = 0 };
	other_begin(&b->runner);
	b->dispatch = ms_dispatch_new(b->runner.loop, &config);
	ms_dispatch_peer(b->dispatch, other_new(&b->runner));
	b->holes = ms_holes_new(b->runner.loop, b->dispatch, wait_ms);
}

static void
tear_down(struct bench *b)
{
	ms_holes_free(b->holes);
	ms_dispatch_free(b->dispatch);
	other_end(&b->runner);
}

/* RECIPIENTS are divided by commas. */
static struct ms_holes_question *
ask(struct bench *b, const char *recipients)
{
	char **list = g_strsplit(recipients, ",", -1);
	struct ms_holes_question *question = ms_holes_ask(b->holes, list,
	    g_strv_length(list), on_known, b);

	g_strfreev(list);
	return question;
}

/* Whom the runner is asked about, for g_free(); NULL: nobody. Its number goes
 * into *ID. */
static char *
take(struct bench *b, uint64_t *id)
{
	unsigned char block[2000];
	struct ms_task task;
	char *recipient;
	size_t got;
	int fd;

	other_run(&b->runner, 10);
	if (ms_frame_receive(b->runner.socket, block, sizeof block, &got,
	    &fd) != MS_OK)
		return NULL;
	ms_task_init(&task);
	assert_int_equal(ms_task_read(block, got, fd, &task), MS_OK);
	assert_int_equal(task.body, -1);
	*id = task.id;
	recipient = g_strdup(task.words.recipient);
	ms_task_clear(&task);
	return recipient;
}

/* It is asked about RECIPIENT, and says whether that is one. */
static void
answer(struct bench *b, const char *recipient, bool hole, const char *text)
{
	uint64_t id;
	char *got = take(b, &id);

	assert_non_null(got);
	assert_string_equal(got, recipient);
	g_free(got);
	other_say(&b->runner, ms_task_done(id, hole, text));
	other_run(&b->runner, 10);
}

static void
assert_not_asked(struct bench *b)
{
	uint64_t id;

	assert_null(take(b, &id));
}

static void
test_all_of_them(void **state)
{
	struct bench b;

	(void)state;
	set_up(&b, 20000);
	(void)ask(&b, "a@x,b@x");
	/* Not from within. */
	assert_int_equal(b.yes + b.no, 0);
	answer(&b, "a@x", true, "");
	assert_int_equal(b.yes + b.no, 0);
	answer(&b, "b@x", true, "");
	assert_int_equal(b.yes, 1);
	/* The first that is none is enough, and what was said is known. */
	(void)ask(&b, "a@x,c@x,d@x");
	answer(&b, "c@x", false, "");
	assert_int_equal(b.no, 1);
	assert_not_asked(&b);
	(void)ask(&b, "a@x,b@x");
	(void)ask(&b, "c@x");
	assert_int_equal(b.yes + b.no, 2);
	assert_not_asked(&b);
	assert_int_equal(b.yes, 2);
	assert_int_equal(b.no, 2);
	tear_down(&b);
}

/* A program that failed, a runner that is gone, and one that takes too long:
 * those are none. */
static void
test_not_known(void **state)
{
	struct ms_holes_question *question;
	struct bench b;
	uint64_t id;
	char *asked;

	(void)state;
	set_up(&b, 20000);
	(void)ask(&b, "a@x");
	answer(&b, "a@x", false, "exit status 3");
	assert_int_equal(b.no, 1);
	(void)ask(&b, "b@x");
	other_run(&b.runner, 10);
	other_die(&b.runner);
	other_run(&b.runner, 20);
	assert_int_equal(b.no, 2);
	tear_down(&b);

	set_up(&b, 60);
	(void)ask(&b, "a@x");
	asked = take(&b, &id);
	assert_non_null(asked);
	g_free(asked);
	assert_int_equal(b.no, 0);
	other_run(&b.runner, 200);
	assert_int_equal(b.no, 1);
	/* It says so later, to nobody. */
	other_say(&b.runner, ms_task_done(id, true, ""));
	other_run(&b.runner, 10);
	assert_int_equal(b.yes + b.no, 1);

	/* Nobody wants to know. */
	question = ask(&b, "b@x");
	ms_holes_forget(question);
	assert_not_asked(&b);
	question = ask(&b, "b@x");
	asked = take(&b, &id);
	assert_non_null(asked);
	g_free(asked);
	ms_holes_forget(question);
	ms_holes_forget(NULL);
	other_say(&b.runner, ms_task_done(id, true, ""));
	other_run(&b.runner, 100);
	assert_int_equal(b.yes + b.no, 1);
	tear_down(&b);
}

/* Two messages at once, each with its own answer. */
static void
test_at_once(void **state)
{
	uint64_t one, two;
	struct bench b;
	char *first, *second;

	(void)state;
	set_up(&b, 20000);
	(void)ask(&b, "a@x");
	(void)ask(&b, "b@x");
	first = take(&b, &one);
	second = take(&b, &two);
	assert_string_equal(first, "a@x");
	assert_string_equal(second, "b@x");
	g_free(first);
	g_free(second);
	other_say(&b.runner, ms_task_done(two, true, ""));
	other_run(&b.runner, 10);
	assert_int_equal(b.yes, 1);
	assert_int_equal(b.no, 0);
	other_say(&b.runner, ms_task_done(one, false, ""));
	other_run(&b.runner, 10);
	assert_int_equal(b.no, 1);
	tear_down(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_of_them),
		cmocka_unit_test(test_not_known),
		cmocka_unit_test(test_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
