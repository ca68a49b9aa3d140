#include "serve/member.h"

#include "base/clock.h"

#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define HOUR_MS 3600000

/* Ends when its master does, or says so. */
static int
wait_for_end(void *arg, int control)
{
	unsigned char *block = g_malloc(MS_FRAME_MAX);
	enum ms_control order = MS_CONTROL_PEER;

	(void)arg;
	while (order != MS_CONTROL_END) {
		struct pollfd one = { .fd = control, .events = POLLIN };
		char *text;
		size_t got;
		int fd;

		(void)poll(&one, 1, -1);
		if (ms_frame_receive(control, block, MS_FRAME_MAX, &got,
		    &fd) != MS_OK || ms_control_read(block, got, &order,
		    &text) != MS_OK)
			break;
		if (fd >= 0)
			(void)ms_control_send(control, MS_CONTROL_SAY, text,
			    -1);
		g_free(text);
	}
	g_free(block);
	return 0;
}

static int
listen_to_nobody(void *arg, int control)
{
	(void)arg;
	(void)control;
	while (pause() < 0)
		continue;
	return 0;
}

static struct ms_member *
begin(enum ms_staff_kind kind, int (*body)(void *arg, int control))
{
	const struct ms_staff_row row = { .name = "test", .body = body };
	struct ms_error err;
	struct ms_member *member = ms_member_new(&row, kind, &err);

	assert_non_null(member);
	assert_true(member->pid > 0);
	return member;
}

static void
finish(struct ms_member *member)
{
	(void)close(member->socket);
	g_free(member);
}

/* The wait status of MEMBER, which has ended or will. */
static int
status_of(const struct ms_member *member)
{
	int status;

	assert_int_equal(waitpid(member->pid, &status, 0), member->pid);
	return status;
}

static void
test_alive(void **state)
{
	struct ms_member *member = begin(MS_STAFF_FRONT, wait_for_end);
	int64_t asked_ms;

	(void)state;
	/* One that begins has all the time there is. */
	member->asked_ms -= HOUR_MS;
	assert_int_equal(ms_member_due(member), -1);
	assert_true(ms_member_do(member));
	assert_false(member->owes);
	member->ready = true;
	assert_true(ms_member_due(member) < ms_clock_ms());
	assert_true(ms_member_do(member));
	assert_true(member->owes);
	asked_ms = member->asked_ms;
	assert_true(ms_member_due(member) > ms_clock_ms());
	assert_true(ms_member_do(member));
	assert_int_equal(member->asked_ms, asked_ms);
	/* It has answered: it is asked again. */
	ms_member_heard(member);
	member->asked_ms -= HOUR_MS;
	assert_true(ms_member_do(member));
	assert_true(member->owes);
	/* It has not. */
	member->asked_ms -= HOUR_MS;
	assert_false(ms_member_do(member));
	assert_int_equal(WTERMSIG(status_of(member)), SIGKILL);
	finish(member);
}

/* Who may wait for a disk is not asked. */
static void
test_not_asked(void **state)
{
	struct ms_member *member = begin(MS_STAFF_STORE, wait_for_end);

	(void)state;
	member->ready = true;
	member->asked_ms -= HOUR_MS;
	assert_int_equal(ms_member_due(member), -1);
	assert_true(ms_member_do(member));
	ms_member_end(member);
	assert_int_equal(status_of(member), 0);
	finish(member);
}

static void
test_ends(void **state)
{
	struct ms_member *member = begin(MS_STAFF_SCANNER, listen_to_nobody);

	(void)state;
	/* Not ready: nothing is lost. */
	ms_member_end(member);
	assert_int_equal(WTERMSIG(status_of(member)), SIGKILL);
	finish(member);
	member = begin(MS_STAFF_SCANNER, listen_to_nobody);
	member->ready = true;
	ms_member_end(member);
	ms_member_await(member, ms_clock_ms() + 20);
	assert_int_equal(waitpid(member->pid, NULL, WNOHANG), -1);
	finish(member);
}

static void
test_introduces(void **state)
{
	struct ms_member *front = begin(MS_STAFF_FRONT, wait_for_end);
	struct ms_member *store = begin(MS_STAFF_STORE, wait_for_end);
	struct ms_member *const both[] = { front, store };
	unsigned char *block = g_malloc(MS_FRAME_MAX);
	struct ms_error err;

	(void)state;
	assert_int_equal(ms_member_introduce(front, "front", store, "store",
	    &err), MS_OK);
	assert_ptr_equal(front->partners[MS_STAFF_STORE], store);
	for (int i = 0; i < 2; i++) {
		struct pollfd one = { .fd = both[i]->socket,
			.events = POLLIN };
		enum ms_control order;
		char *text;
		size_t got;
		int fd;

		/* Each was told the name of the other. */
		assert_int_equal(poll(&one, 1, 20000), 1);
		assert_int_equal(ms_frame_receive(both[i]->socket, block,
		    MS_FRAME_MAX, &got, &fd), MS_OK);
		assert_int_equal(ms_control_read(block, got, &order, &text),
		    MS_OK);
		assert_string_equal(text, i == 0 ? "store" : "front");
		g_free(text);
		both[i]->ready = true;
		ms_member_end(both[i]);
		assert_int_equal(status_of(both[i]), 0);
		finish(both[i]);
	}
	g_free(block);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_alive),
		cmocka_unit_test(test_not_asked),
		cmocka_unit_test(test_ends),
		cmocka_unit_test(test_introduces),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
