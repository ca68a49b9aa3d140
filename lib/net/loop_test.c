#include "net/loop.h"

#include "base/clock.h"
#include "net/timer.h"
#include "net/watch.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

struct log {
	struct ms_loop *loop;
	GString *text;
	struct ms_timer *timer;
	struct ms_watch *watch;
	struct ms_loop_chore chores[3];
	int fds[2];
	void *owned;
};

static int
set_up(void **state)
{
	struct log *log = g_new0(struct log, 1);

	if (ms_loop_new(&log->loop, NULL) != MS_OK || pipe(log->fds) != 0)
		return -1;
	log->text = g_string_new(NULL);
	*state = log;
	return 0;
}

static int
tear_down(void **state)
{
	struct log *log = *state;

	ms_timer_free(log->timer);
	ms_watch_free(log->watch);
	ms_loop_free(log->loop);
	(void)close(log->fds[0]);
	(void)close(log->fds[1]);
	g_string_free(log->text, TRUE);
	g_free(log);
	return 0;
}

static void
note_time(void *arg)
{
	struct log *log = arg;

	g_string_append_c(log->text, 't');
}

/* A timer that does not run holds nobody up; one that does is called once. */
static void
test_timer(void **state)
{
	struct log *log = *state;
	const int64_t before = ms_clock_ms();

	log->timer = ms_timer_new(log->loop, note_time, log);
	assert_int_equal(MS_OK, ms_loop_run(log->loop, NULL));
	ms_timer_set(log->timer, 1000000);
	ms_timer_stop(log->timer);
	assert_int_equal(MS_OK, ms_loop_run(log->loop, NULL));
	assert_string_equal("", log->text->str);
	ms_timer_set(log->timer, 1000000);
	ms_timer_set(log->timer, 20);
	assert_int_equal(MS_OK, ms_loop_run(log->loop, NULL));
	assert_string_equal("t", log->text->str);
	assert_true(ms_clock_ms() - before >= 19);
	ms_timer_set(log->timer, 0);
	assert_int_equal(MS_OK, ms_loop_run(log->loop, NULL));
	assert_string_equal("tt", log->text->str);
}

static void
free_watch(void *arg)
{
	struct log *log = arg;

	g_string_append_c(log->text, 'w');
	ms_watch_free(log->watch);
	log->watch = NULL;
}

static void
test_signal(void **state)
{
	struct log *log = *state;

	log->watch = ms_watch_signal(log->loop, SIGUSR1, free_watch, log);
	assert_int_equal(0, raise(SIGUSR1));
	assert_int_equal(MS_OK, ms_loop_run(log->loop, NULL));
	assert_string_equal("w", log->text->str);
}

static void
read_byte(void *arg)
{
	struct log *log = arg;
	char byte;

	assert_int_equal(1, read(log->fds[0], &byte, 1));
	g_string_append_c(log->text, byte);
	if (byte == 'z')
		ms_watch_want(log->watch, false);
}

static void
test_fd(void **state)
{
	struct log *log = *state;

	assert_int_equal(4, write(log->fds[1], "abcz", 4));
	log->watch = ms_watch_fd(log->loop, log->fds[0], false, read_byte,
	    log);
	assert_int_equal(MS_OK, ms_loop_run(log->loop, NULL));
	assert_string_equal("", log->text->str);
	ms_watch_want(log->watch, true);
	ms_watch_want(log->watch, true);
	assert_int_equal(MS_OK, ms_loop_run(log->loop, NULL));
	assert_string_equal("abcz", log->text->str);
	ms_watch_free(log->watch);
	log->watch = ms_watch_fd(log->loop, log->fds[1], true, free_watch,
	    log);
	ms_watch_want(log->watch, true);
	assert_int_equal(MS_OK, ms_loop_run(log->loop, NULL));
	assert_string_equal("abczw", log->text->str);
}

/* The first drops the third, and comes again for as long as there is no
 * time; the second is done once. */
static void
chore_first(void *arg)
{
	struct log *log = arg;

	g_string_append_c(log->text, '1');
	ms_loop_drop(log->loop, &log->chores[2]);
	if (!strchr(log->text->str, 't'))
		ms_loop_later(log->loop, &log->chores[0]);
}

static void
chore_second(void *arg)
{
	struct log *log = arg;

	g_string_append_c(log->text, '2');
}

static void
chore_third(void *arg)
{
	(void)arg;
	fail();
}

static void
test_chores(void **state)
{
	static ms_loop_callback *const callbacks[] = { chore_first,
		chore_second, chore_third };
	struct log *log = *state;
	size_t n;

	for (size_t i = 0; i < 3; i++) {
		log->chores[i] = (struct ms_loop_chore){ callbacks[i], log,
			NULL, false };
		ms_loop_later(log->loop, &log->chores[i]);
		ms_loop_later(log->loop, &log->chores[i]);
	}
	log->timer = ms_timer_new(log->loop, note_time, log);
	ms_timer_set(log->timer, 5);
	assert_int_equal(MS_OK, ms_loop_run(log->loop, NULL));
	assert_memory_equal("121", log->text->str, 3);
	n = strspn(log->text->str + 2, "1") + 2;
	assert_int_equal('t', log->text->str[n]);
	assert_true(log->text->len <= n + 2);
}

/* Dropped from any place of the queue, the rest is as it was. */
static void
test_drop(void **state)
{
	struct log *log = *state;

	for (size_t out = 0; out < 3; out++) {
		for (size_t i = 0; i < 3; i++) {
			log->chores[i] = (struct ms_loop_chore){
				i == out ? chore_third : chore_second, log,
				NULL, false };
			ms_loop_later(log->loop, &log->chores[i]);
		}
		ms_loop_drop(log->loop, &log->chores[out]);
		ms_loop_drop(log->loop, &log->chores[out]);
		g_string_truncate(log->text, 0);
		assert_int_equal(MS_OK, ms_loop_run(log->loop, NULL));
		assert_string_equal("22", log->text->str);
	}
}

static void
release(void *arg)
{
	struct log *log = arg;

	g_string_append_c(log->text, 'r');
	ms_loop_disown(log->loop, log->owned);
}

static void
test_owned(void **state)
{
	struct log *log = *state;
	void *mine = ms_loop_own(log->loop, chore_third, log);

	log->owned = ms_loop_own(log->loop, release, log);
	ms_loop_disown(log->loop, mine);
	ms_loop_free(log->loop);
	log->loop = NULL;
	assert_string_equal("r", log->text->str);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_timer, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(test_signal, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(test_fd, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_chores, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(test_drop, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(test_owned, set_up,
		    tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
