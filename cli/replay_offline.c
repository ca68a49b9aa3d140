#include "replay_offline.h"

#include <string.h>

#define TO(field) offsetof(struct replay_options, field), 0, 0, NULL

struct replay_offline {
	struct ms_pipeline *pipeline;
	struct ms_rules rules;
	struct ms_offline_config config;
};

static const struct opt_choice newlines[] = {
	{ "reject", MS_PROXY_REJECT },
	{ "normalise", MS_PROXY_NORMALISE },
	{ 0 },
};

const struct opt replay_offline_rows[] = {
	{ "offline", 0, OPT_FLAG, true, "What the proxy would say", NULL,
	  "no server: the proxy's own answers, with the recorded server "
	  "behind it", TO(offline) },
	{ "database", 'd', OPT_STRING, true, NULL, "PATH",
	  "with --offline: signatures (file or directory)",
	  TO(scan.database) },
	{ "on-infected", 0, OPT_STRING, true, NULL, "ACTION",
	  "pass, tag, reject (the default), defer, drop, quarantine, "
	  "redirect:ADDRESS", TO(on_infected) },
	{ "on-encrypted", 0, OPT_STRING, false, NULL, "ACTION",
	  "for what nobody could open (default: tag)", TO(on_encrypted) },
	{ "on-incomplete", 0, OPT_STRING, false, NULL, "ACTION",
	  "for what was not examined (default: tag)", TO(on_incomplete) },
	{ "on-limit", 0, OPT_STRING, false, NULL, "ACTION",
	  "for what is over a limit (default: as --on-incomplete)",
	  TO(on_limit) },
	{ "on-malformed", 0, OPT_STRING, false, NULL, "ACTION",
	  "for what is damaged (default: as --on-incomplete)",
	  TO(on_malformed) },
	{ "on-unsupported", 0, OPT_STRING, false, NULL, "ACTION",
	  "for what nothing here reads (default: as --on-incomplete)",
	  TO(on_unsupported) },
	{ "on-error", 0, OPT_STRING, false, NULL, "ACTION",
	  "for what could not be scanned (default: defer)", TO(on_error) },
	{ "bare-newline", 0, OPT_CHOICE, false, NULL, "HOW",
	  "CR, LF and NUL that stand alone in a message",
	  offsetof(struct replay_options, bare_newline), 0, 0, newlines },
	{ 0 },
};

/* Which option says what is to be done when. */
static const struct {
	enum ms_occasion occasion;
	size_t at;		/* of a const char * */
} choices[] = {
	{ MS_ON_INFECTED, offsetof(struct replay_options, on_infected) },
	{ MS_ON_ENCRYPTED, offsetof(struct replay_options, on_encrypted) },
	{ MS_ON_INCOMPLETE, offsetof(struct replay_options, on_incomplete) },
	{ MS_ON_LIMIT, offsetof(struct replay_options, on_limit) },
	{ MS_ON_MALFORMED, offsetof(struct replay_options, on_malformed) },
	{ MS_ON_UNSUPPORTED,
	    offsetof(struct replay_options, on_unsupported) },
	{ MS_ON_ERROR, offsetof(struct replay_options, on_error) },
};

static enum ms_status
choose(struct ms_rules *rules, const struct replay_options *options,
    struct ms_error *err)
{
	enum ms_status status = MS_OK;

	ms_decide_init(rules);
	for (size_t i = 0; i < sizeof choices / sizeof *choices; i++) {
		const enum ms_occasion occasion = choices[i].occasion;
		const char *text;

		memcpy(&text, (const char *)options + choices[i].at,
		    sizeof text);
		if (text)
			status = ms_decide_choose(rules, occasion, text, err);
		if (status != MS_OK)
			break;
	}
	return status;
}

bool
replay_offline_check(const struct command *cmd,
    const struct replay_options *options)
{
	struct ms_rules rules;
	struct ms_error err = { "" };
	const bool good = choose(&rules, options, &err) == MS_OK;

	ms_decide_clear(&rules);
	if (!good)
		(void)option_error(cmd, "--%s", err.text);
	return good;
}

struct replay_offline *
replay_offline_open(const struct replay_options *options,
    struct ms_error *err)
{
	struct replay_offline *offline = g_new0(struct replay_offline, 1);
	const struct ms_dress dress = replay_options_dress(options);
	struct scan_options scan = options->scan;
	struct ms_pipeline_config pipeline;

	/* One message is scanned at a time. */
	scan.jobs = 1;
	scan.tempdir = replay_options_tempdir(options);
	scan_options_pipeline(&scan, &pipeline);
	pipeline.join = false;
	offline->config = (struct ms_offline_config){
		.rules = &offline->rules,
		.intake = { dress.spool, scan.max_scansize },
		.hostname = options->helo,
		.newlines = (enum ms_proxy_newlines)options->bare_newline,
		.expect = (enum ms_expect)options->expect,
	};
	if (choose(&offline->rules, options, err) == MS_OK &&
	    ms_pipeline_open(&pipeline, &offline->pipeline, err) == MS_OK) {
		offline->config.pipeline = offline->pipeline;
		return offline;
	}
	replay_offline_close(offline);
	return NULL;
}

void
replay_offline_close(struct replay_offline *offline)
{
	if (!offline)
		return;
	ms_pipeline_close(offline->pipeline);
	ms_decide_clear(&offline->rules);
	g_free(offline);
}

enum ms_status
replay_offline_play(struct replay_offline *offline, ms_player_next *next,
    ms_player_tell *tell, void *arg, struct ms_error *err)
{
	struct ms_role *role;
	enum ms_status status;
	bool go_on = true;

	while (go_on && (status = next(arg, &role, err)) == MS_OK) {
		struct ms_played *played;

		status = ms_offline(&offline->config, role, &played, err);
		if (status == MS_OK)
			go_on = tell(arg, played);
		ms_played_free(played);
		ms_role_free(role);
		if (status != MS_OK)
			return status;
	}
	return go_on && status < 0 ? status : MS_OK;
}
