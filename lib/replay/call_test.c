#include "replay/call.h"

#include "replay/role_test.h"

#include <stdio.h>
#include <unistd.h>

/*
 * Calls that come to nothing; see player_test.c for what is said in those that
 * do not. The server is a socket that somebody listens on and nobody accepts
 * from: connected, and silent.
 */

struct caller {
	struct ms_stash *stash;
	struct ms_role *role;
	struct ms_loop *loop;
	struct ms_call_config config;
	struct ms_endpoint at;
	struct ms_played *played;
	unsigned done;
	int server;
};

static void
on_done(void *arg, struct ms_played *played)
{
	struct caller *caller = arg;

	caller->done++;
	caller->played = played;
}

static void
caller_up(struct caller *caller, bool listens)
{
	static const char name[] = "\0mailscan call_test";
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	struct ms_error err;

	*caller = (struct caller){ .stash = role_stash() };
	assert_int_equal(MS_OK, ms_learn(role_dialogue(caller->stash,
	    "S 220 a|\nC EHLO b|\nS 250 a|\nC QUIT|\nS 221 x|\nE"),
	    &caller->role, NULL));
	assert_int_equal(MS_OK, ms_loop_new(&caller->loop, &err));
	memcpy(un.sun_path, name, sizeof name - 1);
	(void)snprintf(un.sun_path + sizeof name - 1, 20, "%ld",
	    (long)getpid());
	ms_endpoint_take(&caller->at, (const struct sockaddr *)&un,
	    sizeof un);
	caller->server = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(0, bind(caller->server, &caller->at.u.any,
	    caller->at.size));
	if (listens)
		assert_int_equal(0, listen(caller->server, 5));
	caller->config = (struct ms_call_config){ .loop = caller->loop,
		.list = &caller->at, .count = 1, .connect_ms = 10000,
		.timeout_ms = 10 };
}

static void
caller_down(struct caller *caller)
{
	ms_played_free(caller->played);
	ms_loop_free(caller->loop);
	(void)close(caller->server);
	ms_role_free(caller->role);
	ms_stash_free(caller->stash);
}

static void
call(struct caller *caller)
{
	struct ms_error err;

	assert_non_null(ms_call_start(&caller->config, caller->role, 7,
	    on_done, caller));
	assert_int_equal(0, caller->done);
	assert_int_equal(MS_OK, ms_loop_run(caller->loop, &err));
	assert_int_equal(1, caller->done);
	assert_ptr_equal(caller->role, caller->played->role);
	assert_int_equal(7, caller->played->run);
	assert_int_equal(2, caller->played->unsent);
	assert_int_equal(0, caller->played->sent);
	assert_int_equal(0, caller->played->replies);
}

static void
test_refused(void **state)
{
	struct caller caller;

	(void)state;
	caller_up(&caller, false);
	call(&caller);
	assert_false(caller.played->connected);
	assert_non_null(caller.played->failed);
	assert_int_equal(0, caller.played->count);
	caller_down(&caller);
}

/* No greeting in time: a difference, unless nothing is expected. */
static void
test_late(void **state)
{
	static const enum ms_expect expects[] = { MS_EXPECT_CODES,
		MS_EXPECT_NONE };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(expects); i++) {
		struct caller caller;

		caller_up(&caller, true);
		caller.config.expect = expects[i];
		call(&caller);
		assert_true(caller.played->connected);
		assert_null(caller.played->failed);
		assert_int_equal(expects[i] != MS_EXPECT_NONE,
		    caller.played->count);
		if (caller.played->count > 0)
			assert_int_equal(MS_DIFFERENCE_LATE, g_array_index(
			    caller.played->differences,
			    struct ms_difference, 0).kind);
		caller_down(&caller);
	}
}

/* TLS that nobody has set up. */
static void
test_tls(void **state)
{
	struct caller caller;

	(void)state;
	caller_up(&caller, true);
	caller.role->tls_first = true;
	call(&caller);
	assert_non_null(strstr(caller.played->failed, "TLS"));
	caller_down(&caller);
}

/* Given up, it is over without a word. */
static void
test_given_up(void **state)
{
	struct caller caller;
	struct ms_error err;

	(void)state;
	caller_up(&caller, true);
	ms_call_free(ms_call_start(&caller.config, caller.role, 1, on_done,
	    &caller));
	assert_int_equal(MS_OK, ms_loop_run(caller.loop, &err));
	assert_int_equal(0, caller.done);
	ms_call_free(NULL);
	caller_down(&caller);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_late),
		cmocka_unit_test(test_tls),
		cmocka_unit_test(test_given_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
