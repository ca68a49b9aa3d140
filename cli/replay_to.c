#include "replay_to.h"

#include "captures.h"
#include "exit.h"
#include "passwords.h"
#include "replay_offline.h"
#include "replay_streams.h"

#include <signal.h>
#include <stdio.h>

/* Messages over that are not sent. */
#define MESSAGE_MAX ((uint64_t)1 << 30)

struct replay {
	const struct command *cmd;
	const struct replay_options *options;
	struct ms_dress dress;
	const char *path;	/* of the capture that is open */
	struct ms_captured *captured;
	bool vain;		/* nothing came out of it, not even trouble */
	struct ms_source *source;	/* of mail */
	struct ms_telling_config streams;
	struct ms_telling *telling;
	char **passwords;
	struct replay_offline *offline;	/* NULL: there is a server */
	bool failed;
};

/* The report has that SOURCE was in trouble. */
static void
report(struct replay *replay, const char *source, const struct ms_error *err)
{
	struct ms_error lost;

	if (ms_telling_trouble(replay->telling, source, err->text, &lost) !=
	    MS_OK)
		replay_streams_complain(NULL, &lost);
	replay->failed = true;
}

/* So it was said, too. */
static void
complain(struct replay *replay, const char *source, const struct ms_error *err)
{
	replay_streams_complain(source, err);
	report(replay, source, err);
}

/* Nothing can be played, or nothing more: the fault of no source, but CI is to
 * see it. */
static void
give_up(struct replay *replay, const struct ms_error *err)
{
	const char *name = replay->path ? replay->path : replay->options->to;

	replay_streams_complain(NULL, err);
	report(replay, name ? name : "--offline", err);
}

/* ms_player_next: from dialogue to dialogue of a capture. */
static enum ms_status
next_of_capture(void *arg, struct ms_role **role, struct ms_error *err)
{
	struct replay *replay = arg;
	struct ms_dialogue *dialogue;
	enum ms_status status;

	for (;;) {
		status = ms_captured_next(replay->captured, &dialogue, err);
		replay->vain &= status == MS_END;
		if (status != MS_OK)
			break;
		status = ms_learn(dialogue, role, err);
		if (status == MS_OK) {
			(*role)->source = g_strdup(replay->path);
			status = ms_dress(*role, &replay->dress, err);
			if (status == MS_OK)
				return MS_OK;
			ms_role_free(*role);
		}
		/* One that cannot be played is not the capture's end. */
		complain(replay, replay->path, err);
	}
	if (status < 0)
		complain(replay, replay->path, err);
	return MS_END;
}

/* A role that sends MESSAGE, dressed; NULL: that was complained about. */
static struct ms_role *
make(struct replay *replay, const struct ms_message *message)
{
	const struct replay_options *options = replay->options;
	const struct ms_made made = { .helo = options->helo,
		.sender = options->sender, .recipients = options->recipients,
		.spool = replay->dress.spool };
	struct ms_role *role = NULL;
	struct ms_error err = { "" };
	enum ms_status status;

	if (g_strcmp0(message->origin.format, "raw") == 0)
		status = ms_error_set(&err, MS_E_FORMAT, "it is no mail");
	else
		status = ms_made(&made, message, &role, &err);
	if (status == MS_OK)
		status = ms_dress(role, &replay->dress, &err);
	if (status == MS_OK)
		return role;
	if (message->origin.many)
		ms_error_context(&err, "message %lu",
		    (unsigned long)message->origin.index);
	complain(replay, message->origin.source, &err);
	ms_role_free(role);
	return NULL;
}

/* ms_player_next: from message to message. */
static enum ms_status
next_of_mail(void *arg, struct ms_role **role, struct ms_error *err)
{
	struct replay *replay = arg;
	enum ms_status status = MS_OK;

	*role = NULL;
	while (!*role && status == MS_OK) {
		struct ms_source_item item = { .message = NULL };

		status = ms_source_next(replay->source, &item, err);
		if (status == MS_OK && item.kind == MS_SOURCE_MESSAGE)
			*role = make(replay, item.message);
		else if (status == MS_OK && item.text &&
		    item.kind != MS_SOURCE_GONE) {
			struct ms_error trouble;

			(void)ms_error_set(&trouble, MS_E_IO, "%s",
			    item.text);
			complain(replay, item.origin.source, &trouble);
		}
		ms_source_item_clear(&item);
	}
	return status;
}

/* ms_player_tell */
static bool
on_played(void *arg, const struct ms_played *played)
{
	struct replay *replay = arg;
	struct ms_error err = { "" };

	if (ms_telling_played(replay->telling, played, &err) == MS_OK)
		return true;
	replay_streams_complain(NULL, &err);
	replay->failed = true;
	return false;
}

static void
open_mail(struct replay *replay, int count, char **paths)
{
	const struct ms_source_config config = {
		.format = (enum ms_source_format)replay->options->mail_format,
		.recurse = true,
		.follow_dirs = MS_SOURCE_FOLLOW_DIRECT,
		.follow_files = MS_SOURCE_FOLLOW_DIRECT,
		.cross_fs = true,
		.since = INT64_MIN,
		.until = INT64_MAX,
		.spool = replay->dress.spool,
		.message_max = MESSAGE_MAX,
		.detect_capture = ms_readers_detect,
	};

	replay->source = ms_source_new(&config);
	for (int i = 0; i < count; i++)
		ms_source_add(replay->source, paths[i]);
}

/* What NEXT gives. False: it is not to go on. */
static bool
play(struct replay *replay, ms_player_next *next)
{
	const struct replay_options *options = replay->options;
	struct ms_player_config config = {
		.to = options->to,
		.sessions = (unsigned)options->sessions,
		.runs = (uint64_t)options->count,
		.expect = (enum ms_expect)options->expect,
		.connect_ms = options->connect_timeout_s * 1000,
		.timeout_ms = options->timeout_s * 1000,
		.ca = options->ca,
		.user = options->user,
		.password = replay->passwords ? replay->passwords[0] : NULL,
		.abort_after = options->abort_after,
		.slow = options->slow,
		.split = (size_t)options->split,
		.next = next,
		.tell = on_played,
		.arg = replay,
	};
	struct ms_error err = { "" };
	bool interrupted = false;

	(void)replay_options_speed(options->speed, &config.speed);
	if (replay->offline) {
		if (replay_offline_play(replay->offline, next, on_played,
		    replay, &err) == MS_OK)
			return true;
	} else if (ms_player(&config, &interrupted, &err) == MS_OK)
		return !interrupted;
	give_up(replay, &err);
	return false;
}

static bool
play_capture(struct replay *replay, const char *path)
{
	struct ms_error err = { "" };
	bool go_on = true;

	replay->path = path;
	replay->vain = true;
	if (captures_open(path,
	    (enum ms_capture_format)replay->options->format,
	    replay->dress.spool.dir, "--capture-format", &replay->captured,
	    &err) == MS_OK) {
		go_on = play(replay, next_of_capture);
		/* A test of nothing is none that passes. */
		if (go_on && replay->vain) {
			(void)ms_error_set(&err, MS_E_FORMAT,
			    "no SMTP in it");
			complain(replay, path, &err);
		}
	} else
		complain(replay, path, &err);
	ms_captured_free(replay->captured);
	replay->captured = NULL;
	return go_on;
}

static void
play_all(struct replay *replay, int count, char **paths)
{
	bool go_on = true;

	if (replay->options->from_mail) {
		open_mail(replay, count, paths);
		go_on = play(replay, next_of_mail);
	} else
		for (int i = 0; i < count && go_on; i++)
			go_on = play_capture(replay, paths[i]);
	replay->failed |= !go_on;
}

/* What is played, and with what. */
static bool
get_ready(struct replay *replay)
{
	const struct replay_options *options = replay->options;
	struct ms_error err = { "" };

	if ((!options->password_file || passwords_read(options->password_file,
	    &replay->passwords, &err) == MS_OK) && (!options->offline ||
	    (replay->offline = replay_offline_open(options, &err)) != NULL))
		return true;
	give_up(replay, &err);
	return false;
}

static void
finish(struct replay *replay)
{
	replay_offline_close(replay->offline);
	ms_source_free(replay->source);
	ms_telling_free(replay->telling);
	passwords_free(replay->passwords);
	if (!replay_streams_close(replay->options, &replay->streams))
		replay->failed = true;
}

int
replay_to(const struct command *cmd, const struct replay_options *options,
    int count, char **paths)
{
	struct replay replay = { .cmd = cmd, .options = options,
		.dress = replay_options_dress(options) };
	const int64_t began = ms_clock_ms();
	struct ms_error err = { "" };
	bool different = false;

	(void)signal(SIGPIPE, SIG_IGN);
	if (replay_streams_open(options, &replay.streams)) {
		const struct ms_telling_totals *totals;

		replay.telling = ms_telling_new(&replay.streams);
		if (get_ready(&replay))
			play_all(&replay, count, paths);
		if (ms_telling_end(replay.telling, ms_clock_ms() - began,
		    &err) != MS_OK) {
			replay_streams_complain(NULL, &err);
			replay.failed = true;
		}
		totals = ms_telling_totals(replay.telling);
		different = totals->different > 0;
		replay.failed |= totals->failed > 0 ||
		    (totals->partial > 0 && !options->allow_partial);
	} else
		replay.failed = true;
	finish(&replay);
	if (replay.failed)
		return EXIT_TROUBLE;
	return different ? EXIT_FOUND : EXIT_CLEAN;
}
