#include "action/expunge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define ONE "From a Mon Mar  2 09:14:07 2026\n\none\n"
#define TWO "From b Mon Mar  2 09:14:07 2026\n\ntwo\n"
#define SLICE (sizeof ONE)	/* with the empty line behind it */
#define FROM (sizeof ONE - 1 - 5)	/* bytes of the From_ line */

static const char content[] = ONE "\n" TWO "\n" ONE "\n";

/* Note down message I of the mailbox "box", whose contents are TEXT. */
static void
add(struct ms_expunge *expunge, size_t i, const char *text)
{
	struct ms_message message = { .origin = {
		.source = (char *)"box", .offset = i * SLICE,
		.length = SLICE, .dev = 1, .ino = 2 }, .size = 5 };
	struct ms_outcome *outcome = ms_outcome_new(&message);
	struct ms_grip grip = { .path = (char *)"box", .slice = {
		i * SLICE, SLICE, 5, ms_hash_of(text, 5) } };

	ms_expunge_add(expunge, outcome, &grip);
	ms_outcome_free(outcome);
}

static struct ms_origin
at(uint64_t ino, uint64_t offset)
{
	return (struct ms_origin){ .dev = 1, .ino = ino, .offset = offset };
}

static void
test_list(void **state)
{
	struct ms_expunge *expunge = ms_expunge_new();
	struct ms_expunge_result result;
	struct ms_origin origin = at(2, 0);

	(void)state;
	assert_false(ms_expunge_is_of(expunge, &origin));
	assert_false(ms_expunge_has(expunge, &origin));
	assert_true(ms_expunge_takes(expunge, &origin));
	for (size_t i = 1; i < 100; i += 2)
		add(expunge, i, "\none\n");
	assert_int_equal(50, ms_expunge_count(expunge));
	for (size_t i = 0; i < 102; i++) {
		origin = at(2, i * SLICE);
		assert_true(ms_expunge_is_of(expunge, &origin));
		assert_int_equal(i % 2 == 1 && i < 100,
		    ms_expunge_has(expunge, &origin));
		assert_int_equal(i > 99, ms_expunge_takes(expunge, &origin));
	}
	origin = at(3, 200 * SLICE);
	assert_false(ms_expunge_is_of(expunge, &origin));
	assert_false(ms_expunge_takes(expunge, &origin));
	ms_expunge_drop(expunge, "why", &result);
	assert_int_equal(0, result.removed);
	assert_int_equal(50, result.left);
	assert_string_equal("why", result.why.text);
	assert_int_equal(0, ms_expunge_count(expunge));
	ms_expunge_run(expunge, &ms_lock_default, &result);
	assert_int_equal(0, result.removed + result.left);
	ms_expunge_free(expunge);
	ms_expunge_free(NULL);
}

/* What has changed since it was noted down stays; the others go. */
static void
test_run(void **state)
{
	struct ms_expunge *expunge = ms_expunge_new();
	struct ms_expunge_result result;
	char *got;

	(void)state;
	assert_int_equal(5 + FROM + 1, SLICE);
	/* Not a mailbox of this device. */
	assert_true(g_file_set_contents("box", content, -1, NULL));
	add(expunge, 0, "\none\n");
	ms_expunge_run(expunge, &ms_lock_default, &result);
	assert_int_equal(0, result.removed);
	assert_int_equal(1, result.left);
	assert_true(*result.why.text != '\0');
	assert_true(g_file_get_contents("box", &got, NULL, NULL));
	assert_string_equal(content, got);
	g_free(got);
	ms_expunge_free(expunge);
	assert_int_equal(0, unlink("box"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_list),
		cmocka_unit_test(test_run),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
