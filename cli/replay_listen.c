#include "replay_listen.h"

#include "exit.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

struct listening {
	const struct replay_options *options;
	GPtrArray *captured;	/* struct ms_captured, freed after: */
	GPtrArray *roles;	/* struct ms_role */
	FILE *json, *junit;
	struct ms_review *review;
	bool failed;
};

static void
complain(struct listening *listening, const char *source,
    const struct ms_error *err)
{
	char *text = ms_quote_string(err->text);
	char *name = ms_quote_string(source);

	(void)fprintf(stderr, "mailscan: %s%s%s\n", name ? name : "",
	    name ? ": " : "", text);
	g_free(text);
	g_free(name);
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
	enum ms_status status = ms_captured_open(path,
	    (enum ms_capture_format)listening->options->format,
	    replay_options_tempdir(listening->options), &captured, &err);

	if (status != MS_OK) {
		complain(listening, path, &err);
		return;
	}
	g_ptr_array_add(listening->captured, captured);
	while ((status = ms_captured_next(captured, &dialogue, &err)) ==
	    MS_OK) {
		if (ms_learn(dialogue, &role, &err) != MS_OK) {
			complain(listening, path, &err);
			continue;
		}
		role->source = g_strdup(path);
		g_ptr_array_add(listening->roles, role);
	}
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
		complain(listening, NULL, &err);
	ms_acted_free(acted);
}

static bool
open_stream(struct listening *listening, const char *path, FILE **stream)
{
	struct ms_error err;

	if (!path)
		return true;
	*stream = strcmp(path, "-") == 0 ? stdout : fopen(path, "we");
	if (*stream)
		return true;
	(void)ms_error_errno(&err, "%s", path);
	complain(listening, NULL, &err);
	return false;
}

static void
close_stream(struct listening *listening, FILE *stream, const char *path)
{
	struct ms_error err;

	if (!stream || stream == stdout || fclose(stream) == 0)
		return;
	(void)ms_error_errno(&err, "%s", path);
	complain(listening, NULL, &err);
}

static bool
open_outputs(struct listening *listening)
{
	const struct replay_options *options = listening->options;
	struct ms_telling_config config = { .summary = options->summary,
		.verbose = options->verbose };

	if (!open_stream(listening, options->json, &listening->json) ||
	    !open_stream(listening, options->junit, &listening->junit))
		return false;
	config.json = listening->json;
	config.junit = listening->junit;
	config.text = options->quiet || listening->json == stdout ||
	    listening->junit == stdout ? NULL : stdout;
	listening->review = ms_review_new(&config);
	return true;
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
	if (ms_actor_run(&config, &interrupted, &err) != MS_OK)
		complain(listening, NULL, &err);
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

int
replay_listen(const struct command *cmd, const struct replay_options *options,
    int count, char **paths)
{
	struct listening listening = { .options = options };
	const int64_t began = ms_clock_ms();
	struct ms_error err = { "" };
	bool different = false;

	(void)signal(SIGPIPE, SIG_IGN);
	listening.captured = g_ptr_array_new_with_free_func(free_captured);
	listening.roles = g_ptr_array_new_with_free_func(free_role);
	for (int i = 0; i < count; i++)
		learn_all(&listening, paths[i]);
	if (listening.roles->len == 0) {
		if (!listening.failed)
			(void)option_error(cmd, "no SMTP in what was given");
		listening.failed = true;
	} else if (open_outputs(&listening)) {
		play(&listening);
		if (ms_review_end(listening.review, ms_clock_ms() - began,
		    &err) != MS_OK)
			complain(&listening, NULL, &err);
		different = ms_review_totals(listening.review)->different > 0;
		listening.failed |=
		    ms_review_totals(listening.review)->failed > 0;
	}
	ms_review_free(listening.review);
	close_stream(&listening, listening.json, options->json);
	close_stream(&listening, listening.junit, options->junit);
	g_ptr_array_unref(listening.roles);
	g_ptr_array_unref(listening.captured);
	if (listening.failed)
		return EXIT_TROUBLE;
	return different ? EXIT_FOUND : EXIT_CLEAN;
}
