#include "command.h"
#include "exit.h"
#include "mailscan.h"
#include "when.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

struct state_options {
	const char *older_than;
};

static const struct opt rows[] = {
	{ "older-than", 0, OPT_STRING, true, "What to forget", "WHEN",
	  "prune: not seen since (2026-11-01, or 90d)",
	  offsetof(struct state_options, older_than), 0, 0, NULL },
	{ 0 },
};
static const struct opt *const tables[] = { rows, NULL };

static void
print_time(const char *name, int64_t seconds)
{
	time_t when = (time_t)seconds;
	struct tm tm;
	char text[32];

	if (seconds < 0 || !gmtime_r(&when, &tm) ||
	    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		(void)snprintf(text, sizeof text, "never");
	(void)printf("%s: %s\n", name, text);
}

static void
print_engine(const char *engine)
{
	char *text, *quoted;

	if (!engine)
		return;
	text = g_strdelimit(g_strdup(engine), "\t", ' ');
	quoted = ms_quote_string(text);
	(void)printf("Engine: %s signatures\n", quoted);
	g_free(quoted);
	g_free(text);
}

static enum ms_status
print_info(struct ms_store *store, const struct state_options *options,
    struct ms_error *err)
{
	struct ms_upkeep_info info;
	enum ms_status status = ms_upkeep_info(store, &info, err);

	(void)options;
	if (status == MS_OK) {
		(void)printf("Folders: %" PRIu64 "\nFiles: %" PRIu64
		    "\nMessages: %" PRIu64 "\nNot clean: %" PRIu64
		    "\nDigests: %" PRIu64 "\nRuns: %" PRIu64 "\n",
		    info.folders, info.files, info.messages, info.found,
		    info.digests, info.runs);
		print_time("Last run", info.began);
		print_time("Ended", info.ended);
		(void)printf("Complete: %s\n", info.whole ? "yes" : "no");
		print_engine(info.engine);
		(void)printf("Bytes: %" PRIu64 "\n", info.bytes);
	}
	ms_upkeep_info_clear(&info);
	return status;
}

static enum ms_status
check(struct ms_store *store, const struct state_options *options,
    struct ms_error *err)
{
	enum ms_status status = ms_store_check(store, true, err);

	(void)options;
	if (status == MS_OK)
		(void)printf("The state is sound.\n");
	return status;
}

static enum ms_status
prune(struct ms_store *store, const struct state_options *options,
    struct ms_error *err)
{
	struct ms_upkeep_pruned pruned;
	enum ms_status status;
	int64_t before = 0;

	if (!options->older_than)
		return ms_error_set(err, MS_E_USAGE,
		    "prune: want --older-than=WHEN");
	if (!when_parse(options->older_than, ms_clock_wall(), &before))
		return ms_error_set(err, MS_E_USAGE, "--older-than %s: want a "
		    "date such as 2026-11-01, or an age such as 90d",
		    options->older_than);
	status = ms_upkeep_prune(store, before, &pruned, err);
	if (status == MS_OK)
		(void)printf("Forgotten: %" PRIu64 " folders, %" PRIu64
		    " digests\n", pruned.folders, pruned.digests);
	return status;
}

static const struct {
	const char *word;
	enum ms_store_access access;
	enum ms_status (*run)(struct ms_store *store,
	    const struct state_options *options, struct ms_error *err);
} words[] = {
	{ "check", MS_STORE_READ, check },
	{ "info", MS_STORE_READ, print_info },
	{ "prune", MS_STORE_WRITE, prune },
};

static int
run(const struct state_options *options, size_t word, const char *file)
{
	struct ms_store *store = NULL;
	struct ms_error err;
	enum ms_status status = ms_store_open(file, words[word].access,
	    &store, &err);
	char *text;

	if (status == MS_OK)
		status = words[word].run(store, options, &err);
	ms_store_close(store);
	if (status == MS_OK)
		return EXIT_CLEAN;
	text = ms_quote_string(err.text);
	(void)fprintf(stderr, "mailscan: %s\n", text);
	g_free(text);
	return EXIT_TROUBLE;
}

static void
defaults(void *into)
{
	*(struct state_options *)into = (struct state_options){
		.older_than = NULL,
	};
}

int
cmd_state_run(int argc, char **argv)
{
	struct state_options options = { 0 };
	int status;
	int count = option_parse(&cmd_state, argc, argv, &options, &status);
	size_t word = 0;

	if (count < 0)
		return status;
	while (count > 0 && word < G_N_ELEMENTS(words) &&
	    strcmp(words[word].word, argv[1]) != 0)
		word++;
	if (count == 0 || word == G_N_ELEMENTS(words))
		status = option_no_word(&cmd_state, argv[1]);
	else if (count != 2)
		status = option_error(&cmd_state, "%s: want one file, that of "
		    "--state", argv[1]);
	else
		status = run(&options, word, argv[2]);
	option_free(&cmd_state, &options);
	return status;
}

const struct command cmd_state = {
	.name = "state",
	.synopsis = "[options] check | info | prune FILE",
	.summary = "Check, describe and prune the state of incremental audits",
	.options = tables,
	.words = "check info prune",
	.config = true,
	.section = "mailscan-state",
	.size = sizeof(struct state_options),
	.defaults = defaults,
};
