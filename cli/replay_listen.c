#include "replay_listen.h"

#include "captures.h"
#include "exit.h"
#include "replay_streams.h"

#include <signal.h>
#include <stdio.h>

struct listening {
	const struct replay_options *options;
	GPtrArray *captured;	/* struct ms_captured, freed after: */
	GPtrArray *roles;	/* struct ms_role */
	struct ms_telling_config streams;
	struct ms_review *review;
	bool failed;
};

/* The report has that SOURCE was in trouble. */
static void
report(struct listening *listening, const char *source,
    const struct ms_error *err)
{
	struct ms_error lost;

	if (ms_review_trouble(listening->review, source, err->text, &lost) !=
	    MS_OK)
		replay_streams_complain(NULL, &lost);
	listening->failed = true;
}

/* So it was said, too. */
static void
complain(struct listening *listening, const char *source,
    const struct ms_error *err)
{
	replay_streams_complain(source, err);
	report(listening, source, err);
}

/* What was to be reported is lost. */
static void
lose(struct listening *listening, const struct ms_error *err)
{
	replay_streams_complain(NULL, err);
	listening->failed = true;
}

/* All dialogues of PATH. One that cannot be played is said, and left out. */
static void
learn_all(struct listening *listening, const char *path)
{
	struct ms_captured *captured;
	struct ms_dialogue *dialogue;
	struct ms_role *role;
	struct ms_error err = { "" };
	bool vain = true;
	enum ms_status status = captures_open(path,
	    (enum ms_capture_format)listening->options->format,
	    replay_options_tempdir(listening->options), "--capture-format",
	    &captured, &err);

	if (status != MS_OK) {
		complain(listening, path, &err);
		return;
	}
	g_ptr_array_add(listening->captured, captured);
	while ((status = ms_captured_next(captured, &dialogue, &err)) ==
	    MS_OK) {
		vain = false;
		if (ms_learn(dialogue, &role, &err) != MS_OK) {
			complain(listening, path, &err);
			continue;
		}
		role->source = g_strdup(path);
		g_ptr_array_add(listening->roles, role);
	}
	if (status == MS_END && vain)
		status = ms_error_set(&err, MS_E_FORMAT, "no SMTP in it");
	if (status < 0)
		complain(listening, path, &err);
}

static void
on_ready(void *arg, const char *address)
{
	const struct listening *listening = arg;
	char *quoted = ms_quote_string(address);

	if (!listening->options->quiet)
		(void)fprintf(stderr, "mailscan: listening on %s\n", quoted);
	g_free(quoted);
}

static void
on_done(void *arg, struct ms_acted *acted)
{
	struct listening *listening = arg;
	struct ms_error err = { "" };

	if (ms_review_acted(listening->review, acted, &err) != MS_OK)
		lose(listening, &err);
	ms_acted_free(acted);
}

static void
play(struct listening *listening)
{
	const struct replay_options *options = listening->options;
	struct ms_actor_config config = {
		.address = options->listen,
		.roles = (struct ms_role *const *)(void *)
		    listening->roles->pdata,
		.count = listening->roles->len,
		.runs = (uint64_t)options->count * listening->roles->len,
		.expect = (enum ms_expect)options->expect,
		.timeout_ms = options->timeout_s * 1000,
		.certificate = options->certificate,
		.key = options->key,
		.ready = on_ready,
		.done = on_done,
		.arg = listening,
	};
	struct ms_error err = { "" };
	bool interrupted = false;

	(void)replay_options_speed(options->speed, &config.speed);
	if (ms_actor_run(&config, &interrupted, &err) != MS_OK) {
		replay_streams_complain(NULL, &err);
		report(listening, options->listen, &err);
	}
	listening->failed |= interrupted;
}

static void
free_captured(void *captured)
{
	ms_captured_free(captured);
}

static void
free_role(void *role)
{
	ms_role_free(role);
}

/* Learn what COUNT captures at PATHS have, play it, and say what came of it.
 * Was there a difference? */
static bool
listen_all(struct listening *listening, int count, char **paths)
{
	const struct ms_review_totals *totals;
	const int64_t began = ms_clock_ms();
	struct ms_error err = { "" };

	listening->review = ms_review_new(&listening->streams);
	for (int i = 0; i < count; i++)
		learn_all(listening, paths[i]);
	if (listening->roles->len > 0)
		play(listening);
	if (ms_review_end(listening->review, ms_clock_ms() - began, &err) !=
	    MS_OK)
		lose(listening, &err);
	totals = ms_review_totals(listening->review);
	listening->failed |= totals->failed > 0;
	return totals->different > 0;
}

int
replay_listen(const struct command *cmd, const struct replay_options *options,
    int count, char **paths)
{
	struct listening listening = { .options = options };
	bool different = false;

	(void)cmd;
	(void)signal(SIGPIPE, SIG_IGN);
	listening.captured = g_ptr_array_new_with_free_func(free_captured);
	listening.roles = g_ptr_array_new_with_free_func(free_role);
	if (replay_streams_open(options, &listening.streams))
		different = listen_all(&listening, count, paths);
	else
		listening.failed = true;
	ms_review_free(listening.review);
	if (!replay_streams_close(options, &listening.streams))
		listening.failed = true;
	g_ptr_array_unref(listening.roles);
	g_ptr_array_unref(listening.captured);
	if (listening.failed)
		return EXIT_TROUBLE;
	return different ? EXIT_FOUND : EXIT_CLEAN;
}
