#include "serve/staff.h"

#include "base/clock.h"

#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* Longer than anything here takes. */
#define LATE_MS 20000

/* What has happened, and a pipe in which processes write what they see. */
struct bench {
	struct ms_staff *staff;
	unsigned renewed, refused, drained, deaths;
	char why[100];
	int pipe[2];
};

/* How a process behaves: it says READY (or FAILED with 'f', or nothing at all
 * and ends with 'd'), writes its letter and that of each order, and ends on
 * those that say so, but for RETIRE with 'k'. */
struct role {
	char letter, way;
	int out;
};

static void
note(int out, char who, char what)
{
	const char text[2] = { who, what };

	(void)!write(out, text, sizeof text);
}

static int
play(void *arg, int control)
{
	static const char letters[] = "prlade...t";
	const struct role *role = arg;
	unsigned char *block;
	enum ms_control order = MS_CONTROL_PEER;

	if (role->way == 'd')
		return 3;
	(void)ms_control_send(control, role->way == 'f' ? MS_CONTROL_FAILED :
	    MS_CONTROL_READY, role->way == 'f' ? "broken" : "", -1);
	if (role->way == 'f')
		return 1;
	if (role->way == 't')
		(void)ms_control_send(control, MS_CONTROL_DEATHS, "some", -1);
	block = g_malloc(MS_FRAME_MAX);
	while (order != MS_CONTROL_END && order != MS_CONTROL_DRAIN &&
	    (order != MS_CONTROL_RETIRE || role->way == 'k')) {
		struct pollfd one = { .fd = control, .events = POLLIN };
		char *text;
		size_t got;
		int fd;

		(void)poll(&one, 1, -1);
		if (ms_frame_receive(control, block, MS_FRAME_MAX, &got,
		    &fd) != MS_OK || ms_control_read(block, got, &order,
		    &text) != MS_OK)
			break;
		note(role->out, role->letter,
		    letters[order - MS_CONTROL_PEER]);
		g_free(text);
	}
	g_free(block);
	return 0;
}

static void
on_renewed(void *arg)
{
	struct bench *b = arg;

	b->renewed++;
}

static void
on_refused(void *arg, enum ms_status status, const char *why)
{
	struct bench *b = arg;

	assert_int_not_equal(status, MS_OK);
	(void)g_strlcpy(b->why, why, sizeof b->why);
	b->refused++;
}

static void
on_drained(void *arg)
{
	struct bench *b = arg;

	b->drained++;
}

static void
on_told(void *arg, enum ms_control order, const char *text)
{
	struct bench *b = arg;

	assert_int_equal(order, MS_CONTROL_DEATHS);
	assert_string_equal(text, "some");
	b->deaths++;
}

static void
set_up(struct bench *b)
{
	static const struct ms_staff_events events = { on_renewed, on_refused,
		on_drained, on_told, .died = NULL };

	*b = (struct bench){ .renewed = 0 };
	assert_int_equal(pipe(b->pipe), 0);
	b->staff = ms_staff_new(&events, b);
}

static void
tear_down(struct bench *b)
{
	ms_staff_free(b->staff);
	(void)close(b->pipe[0]);
	(void)close(b->pipe[1]);
}

/* Until COUNT, a number in a bench, is WANT. */
static void
run(struct bench *b, const unsigned *count, unsigned want)
{
	const int64_t end_ms = ms_clock_ms() + LATE_MS;
	GArray *list = g_array_new(FALSE, FALSE, sizeof(struct pollfd));

	while (*count < want && ms_clock_ms() < end_ms) {
		g_array_set_size(list, 0);
		ms_staff_list(b->staff, list);
		(void)poll((struct pollfd *)(void *)list->data, list->len, 5);
		ms_staff_hear(b->staff, list->data, list->len);
		ms_staff_reap(b->staff);
		ms_staff_do(b->staff);
	}
	g_array_unref(list);
	assert_int_equal(*count, want);
}

/* The next COUNT things that were noted, in some order, are TEXT, pairs in
 * alphabetical order. */
static void
expect(struct bench *b, unsigned count, const char *text)
{
	char pairs[32][3] = { "" };
	GString *all = g_string_new(NULL);

	for (unsigned i = 0; i < count; i++) {
		struct pollfd one = { .fd = b->pipe[0], .events = POLLIN };

		assert_int_equal(poll(&one, 1, LATE_MS), 1);
		assert_int_equal(read(b->pipe[0], pairs[i], 2), 2);
	}
	qsort(pairs, count, sizeof *pairs,
	    (int (*)(const void *, const void *))strcmp);
	for (unsigned i = 0; i < count; i++)
		g_string_append_printf(all, "%s%s", i > 0 ? " " : "",
		    pairs[i]);
	assert_string_equal(all->str, text);
	(void)g_string_free(all, TRUE);
}

static void
renew(struct bench *b, char scanner, char front, char way, unsigned which)
{
	static struct role roles[MS_STAFF_KINDS];
	struct ms_staff_row rows[MS_STAFF_KINDS] = { { .name = "none" } };

	memset(roles, 0, sizeof roles);
	roles[MS_STAFF_SCANNER] = (struct role){ scanner, way, b->pipe[1] };
	roles[MS_STAFF_FRONT] = (struct role){ front, strchr("kt", way) ? way :
		'g', b->pipe[1] };
	rows[MS_STAFF_SCANNER] = (struct ms_staff_row){ .name = "scanner",
		.body = play, .arg = &roles[MS_STAFF_SCANNER],
		.keep = &b->pipe[1], .count = 1 };
	rows[MS_STAFF_FRONT] = (struct ms_staff_row){ .name = "front",
		.body = play, .arg = &roles[MS_STAFF_FRONT],
		.keep = &b->pipe[1], .count = 1 };
	ms_staff_renew(b->staff, rows, which);
}

static void
test_takes_over(void **state)
{
	struct bench b;

	(void)state;
	set_up(&b);
	renew(&b, 's', 'f', 'g', MS_STAFF_ALL);
	assert_true(ms_staff_is_renewing(b.staff));
	run(&b, &b.renewed, 1);
	assert_false(ms_staff_is_renewing(b.staff));
	expect(&b, 2, "fp sp");
	/* Another scanner: the front is told of it, the old one leaves. */
	renew(&b, 'S', 'x', 'g', 1u << MS_STAFF_SCANNER);
	run(&b, &b.renewed, 2);
	expect(&b, 3, "Sp fp sd");
	/* Both. */
	renew(&b, 't', 'g', 'g', MS_STAFF_ALL);
	run(&b, &b.renewed, 3);
	expect(&b, 6, "Sd fp fr gp tp tp");
	ms_staff_drain(b.staff);
	run(&b, &b.drained, 1);
	expect(&b, 1, "gd");
	tear_down(&b);
}

/* Fronts whose sessions do not end are too many at some time: then those of
 * the oldest do. */
static void
test_leaves_too_slowly(void **state)
{
	struct bench b;

	(void)state;
	set_up(&b);
	renew(&b, 's', 'a', 'k', MS_STAFF_ALL);
	run(&b, &b.renewed, 1);
	expect(&b, 2, "ap sp");
	for (unsigned i = 1; i <= 8; i++) {
		const char text[] = { (char)('a' + i - 1), 'r', ' ',
			(char)('a' + i), 'p', ' ', 's', 'p', '\0' };

		renew(&b, 's', (char)('a' + i), 'k', 1u << MS_STAFF_FRONT);
		run(&b, &b.renewed, i + 1);
		expect(&b, 3, text);
	}
	renew(&b, 's', 'j', 'k', 1u << MS_STAFF_FRONT);
	run(&b, &b.renewed, 10);
	expect(&b, 4, "ad ir jp sp");
	tear_down(&b);
}

/* What one front tells, the others get, and whoever owns them. */
static void
test_deaths(void **state)
{
	struct bench b;

	(void)state;
	set_up(&b);
	renew(&b, 's', 'f', 'k', MS_STAFF_ALL);
	run(&b, &b.renewed, 1);
	expect(&b, 2, "fp sp");
	renew(&b, 's', 'g', 't', 1u << MS_STAFF_FRONT);
	run(&b, &b.deaths, 1);
	run(&b, &b.renewed, 2);
	expect(&b, 4, "fr ft gp sp");
	tear_down(&b);
}

static void
test_stays_as_it_was(void **state)
{
	struct bench b;

	(void)state;
	set_up(&b);
	renew(&b, 's', 'f', 'g', MS_STAFF_ALL);
	run(&b, &b.renewed, 1);
	expect(&b, 2, "fp sp");
	renew(&b, 'S', 'F', 'f', MS_STAFF_ALL);
	run(&b, &b.refused, 1);
	assert_string_equal(b.why, "broken");
	renew(&b, 'S', 'F', 'd', MS_STAFF_ALL);
	run(&b, &b.refused, 2);
	assert_string_equal(b.why, "ended with status 3");
	assert_false(ms_staff_is_renewing(b.staff));
	ms_staff_tell(b.staff, MS_STAFF_SCANNER, MS_CONTROL_END, NULL, -1);
	expect(&b, 1, "se");
	assert_int_equal(b.renewed, 1);
	tear_down(&b);
}

static void
test_cannot_begin(void **state)
{
	struct bench b;

	(void)state;
	set_up(&b);
	renew(&b, 's', 'f', 'd', MS_STAFF_ALL);
	run(&b, &b.refused, 1);
	assert_int_equal(b.renewed, 0);
	tear_down(&b);
}

/* Is there more to do than to ask whether they are alive? */
static bool
is_due_soon(const struct bench *b)
{
	return ms_staff_due(b->staff) < ms_clock_ms() + 10000;
}

/* One that dies is there again soon, and known to the others. */
static void
test_starts_again(void **state)
{
	struct bench b;

	(void)state;
	set_up(&b);
	renew(&b, 's', 'f', 'g', MS_STAFF_ALL);
	run(&b, &b.renewed, 1);
	expect(&b, 2, "fp sp");
	assert_false(is_due_soon(&b));
	ms_staff_tell(b.staff, MS_STAFF_SCANNER, MS_CONTROL_END, NULL, -1);
	expect(&b, 1, "se");
	for (unsigned none = 0; !is_due_soon(&b); ) {
		(void)poll(NULL, 0, 5);
		run(&b, &none, 0);
		ms_staff_reap(b.staff);
	}
	assert_true(ms_staff_due(b.staff) > ms_clock_ms());
	/* A renewal comes before that is due. */
	renew(&b, 'S', 'F', 'g', 1u << MS_STAFF_SCANNER);
	run(&b, &b.renewed, 2);
	expect(&b, 2, "Sp fp");
	assert_false(is_due_soon(&b));
	tear_down(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_takes_over),
		cmocka_unit_test(test_leaves_too_slowly),
		cmocka_unit_test(test_deaths),
		cmocka_unit_test(test_stays_as_it_was),
		cmocka_unit_test(test_cannot_begin),
		cmocka_unit_test(test_starts_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
