#include "replay/scene.h"

#include "replay/role_test.h"

#include <sys/socket.h>
#include <unistd.h>

/* A client at one end of a pair of sockets, a scene at the other. */
struct stage {
	struct ms_stash *stash;
	struct ms_role *role;
	struct ms_loop *loop;
	struct ms_scene *scene;
	struct ms_acted *acted;
	unsigned done;
	int client;
};

static void
on_done(void *arg, struct ms_acted *acted)
{
	struct stage *stage = arg;

	stage->done++;
	stage->acted = acted;
	stage->scene = NULL;
	ms_loop_stop(stage->loop);
}

static void
stage_up(struct stage *stage, struct ms_scene_config *config,
    const char *dialogue)
{
	struct ms_error err;
	int fds[2];

	*stage = (struct stage){ .stash = role_stash() };
	assert_int_equal(MS_OK, ms_learn(role_dialogue(stage->stash,
	    dialogue), &stage->role, NULL));
	assert_int_equal(MS_OK, ms_loop_new(&stage->loop, &err));
	assert_int_equal(0, socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC |
	    SOCK_NONBLOCK, 0, fds));
	stage->client = fds[0];
	config->loop = stage->loop;
	stage->scene = ms_scene_start(config, fds[1], NULL, ms_acted_new(
	    stage->role, 1, "client"), on_done, stage);
}

static void
stage_down(struct stage *stage)
{
	ms_scene_free(stage->scene);
	ms_acted_free(stage->acted);
	ms_loop_free(stage->loop);
	(void)close(stage->client);
	ms_role_free(stage->role);
	ms_stash_free(stage->stash);
}

static void
run(struct stage *stage)
{
	struct ms_error err;

	assert_int_equal(MS_OK, ms_loop_run(stage->loop, &err));
	assert_int_equal(1, stage->done);
}

/* What a client that says all it has to say at once hears, and what of that
 * was a surprise. */
static void
test_clients(void **state)
{
	static const struct {
		const char *said, *heard;
		size_t count;
		enum ms_surprise_kind kind;	/* of the first */
		size_t messages;
		bool leaves;
	} rows[] = {
		{ "EHLO b\r\nDATA\r\nx\r\n.\r\nQUIT\r\n",
		  "220 a\r\n250 a\r\n354 go\r\n250 kept\r\n221 x\r\n", 0,
		  MS_SURPRISE_OTHER, 1, false },
		{ "EHLO b\r\nQUIT\r\n", "220 a\r\n250 a\r\n221 x\r\n", 2,
		  MS_SURPRISE_LESS, 0, false },
		{ "EHLO b\r\nVRFY c\r\nDATA\r\n.\r\nQUIT\r\n", "220 a\r\n"
		  "250 a\r\n252 2.1.5 perhaps\r\n354 go\r\n250 kept\r\n"
		  "221 x\r\n", 1, MS_SURPRISE_MORE, 1, false },
		{ "EHLO b\r\n", "220 a\r\n250 a\r\n", 1, MS_SURPRISE_GONE, 0,
		  true },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		struct ms_scene_config config = { .timeout_ms = 10000 };
		struct stage stage;
		char heard[200];
		ssize_t got;

		print_message("  %zu\n", i);
		stage_up(&stage, &config, "S 220 a|\nC EHLO b|\nS 250 a|\n"
		    "C DATA|\nS 354 go|\nC x|.|\nS 250 kept|\nC QUIT|\n"
		    "S 221 x|\nE");
		assert_int_equal(strlen(rows[i].said), write(stage.client,
		    rows[i].said, strlen(rows[i].said)));
		if (rows[i].leaves)
			assert_int_equal(0, shutdown(stage.client, SHUT_WR));
		run(&stage);
		got = read(stage.client, heard, sizeof heard - 1);
		assert_true(got >= 0);
		heard[got] = '\0';
		assert_string_equal(rows[i].heard, heard);
		assert_null(stage.acted->failed);
		assert_int_equal(rows[i].count, stage.acted->count);
		if (rows[i].count > 0)
			assert_int_equal(rows[i].kind, g_array_index(
			    stage.acted->surprises, struct ms_surprise,
			    0).kind);
		assert_int_equal(rows[i].messages, stage.acted->messages);
		assert_int_equal(strlen(rows[i].said), stage.acted->bytes);
		stage_down(&stage);
	}
}

/* A client that says nothing is not waited for for ever. */
static void
test_silent(void **state)
{
	struct ms_scene_config config = { .timeout_ms = 5 };
	struct stage stage;

	(void)state;
	stage_up(&stage, &config, "S 220 a|\nC QUIT|\nS 221 x|\nE");
	run(&stage);
	assert_non_null(stage.acted->failed);
	assert_int_equal(1, stage.acted->count);
	stage_down(&stage);
}

/* Replies come after as long as they did, or so many times faster. */
static void
test_speed(void **state)
{
	struct ms_scene_config config = { .timeout_ms = 10000, .speed = 10 };
	struct stage stage;

	(void)state;
	stage_up(&stage, &config, "S 220 a|\nC NOOP|\nS 250 a|\nC QUIT|\n"
	    "S 221 x|\nE");
	assert_int_equal(12, write(stage.client, "NOOP\r\nQUIT\r\n", 12));
	run(&stage);
	assert_null(stage.acted->failed);
	assert_true(stage.acted->elapsed_ms >= 19);
	stage_down(&stage);
}

/* Freed before its end, it is over without a word. */
static void
test_given_up(void **state)
{
	struct ms_scene_config config = { .timeout_ms = 10000 };
	struct stage stage;
	char heard[20];

	(void)state;
	stage_up(&stage, &config, "S 220 a|\nC QUIT|\nS 221 x|\nE");
	ms_scene_free(stage.scene);
	stage.scene = NULL;
	assert_true(read(stage.client, heard, sizeof heard) <= 0 ||
	    memcmp(heard, "220 a\r\n", 7) == 0);
	assert_int_equal(0, stage.done);
	stage_down(&stage);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_clients),
		cmocka_unit_test(test_silent),
		cmocka_unit_test(test_speed),
		cmocka_unit_test(test_given_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
