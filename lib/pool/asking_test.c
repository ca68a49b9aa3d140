#include "pool/asking.h"

#include "base/clock.h"
#include "pool/sealed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct ms_asking_servers *
list_of(const char *const *servers, int64_t patience_ms)
{
	struct ms_asking_servers *list = NULL;
	struct ms_error err;

	assert_int_equal(ms_asking_servers(servers, patience_ms, &list, &err),
	    MS_OK);
	return list;
}

static void
test_addresses(void **state)
{
	static const char *const good[] = { "/run/x", "unix:/run/y",
		"192.0.2.1:3310", "[::1]:3310", "localhost:3310", NULL };
	static const char *const bad[] = { "/run/x", "localhost", NULL };
	static const char *const none[] = { NULL };
	const char *many[MS_ROSTER_MAX + 2];
	struct ms_asking_servers *list = list_of(good, 1000);
	struct ms_error err;

	(void)state;
	assert_int_equal(list->count, 5);
	assert_string_equal(list->servers[0].address, "unix:/run/x");
	assert_string_equal(list->servers[0].text, "/run/x");
	for (unsigned i = 0; i < list->count; i++)
		assert_int_equal(list->servers[i].is_unix, i < 2);
	ms_asking_servers_free(list);
	ms_asking_servers_free(NULL);
	assert_int_equal(ms_asking_servers(bad, 1000, &list, &err),
	    MS_E_USAGE);
	assert_int_equal(ms_asking_servers(none, 1000, &list, &err),
	    MS_E_USAGE);
	for (int i = 0; i <= MS_ROSTER_MAX; i++)
		many[i] = "/run/x";
	many[MS_ROSTER_MAX + 1] = NULL;
	assert_int_equal(ms_asking_servers(many, 1000, &list, &err),
	    MS_E_USAGE);
	many[MS_ROSTER_MAX] = NULL;
	ms_asking_servers_free(list_of(many, 1000));
}

/* Where time is what the test says it is: nobody is there to be waited for. */
static int64_t
answer_after(struct ms_asking_servers *list, int64_t now, int64_t time_ms,
    struct ms_engine_answer *answer)
{
	const int64_t begun = now;
	struct ms_asking *asking;
	struct ms_error err;
	int fd;

	assert_int_equal(ms_sealed_make("bytes", 5, &fd, &err), MS_OK);
	asking = ms_asking_new(list, fd, 5, now + time_ms);
	while (!ms_asking_go(asking, now, answer)) {
		assert_int_equal(ms_asking_poll(asking).fd, -1);
		assert_true(ms_asking_wake_ms(asking) > now);
		now = ms_asking_wake_ms(asking);
	}
	ms_asking_free(asking);
	return now - begun;
}

/* All are down: it is waited for them until the deadline, but only once. */
static void
test_nobody(void **state)
{
	static const char *const servers[] = { "/not/there", "/neither", NULL };
	struct ms_asking_servers *list = list_of(servers, 10000);
	struct ms_engine_answer answer;
	int64_t now = ms_clock_ms();

	(void)state;
	assert_int_equal(answer_after(list, now, 5000, &answer), 5000);
	assert_int_equal(answer.kind, MS_ENGINE_FAILED);
	assert_non_null(strstr(answer.text, ": No such file"));
	now += 11000;
	(void)answer_after(list, now, 5000, &answer);
	assert_int_equal(answer_after(list, now + 1, 5000, &answer), 0);
	assert_int_equal(answer.kind, MS_ENGINE_FAILED);
	assert_non_null(strstr(answer.text, ": No such file"));
	ms_asking_servers_free(list);
}

static void
test_no_time(void **state)
{
	static const char *const servers[] = { "/not/there", NULL };
	struct ms_asking_servers *list = list_of(servers, 10000);
	struct ms_engine_answer answer;

	(void)state;
	assert_int_equal(answer_after(list, ms_clock_ms(), 0, &answer), 0);
	assert_int_equal(answer.kind, MS_ENGINE_FAILED);
	assert_string_equal(answer.text, "no time left to ask clamd");
	ms_asking_servers_free(list);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_nobody),
		cmocka_unit_test(test_no_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
