#include "report_words.h"

#include "exit.h"
#include "outputs.h"

#include <stdio.h>

struct telling {
	struct outputs *outputs;
	struct ms_report_totals totals;
	bool failed;
};

static void
tell(void *arg, struct ms_outcome *outcome,
    const struct ms_found_kept *kept)
{
	struct telling *telling = arg;

	(void)kept;
	telling->totals.verdicts[outcome->verdict]++;
	telling->totals.ambiguous += outcome->facts.ambiguities->len > 0;
	if (!outputs_message(telling->outputs, outcome))
		telling->failed = true;
}

static void
complain(const struct ms_error *err)
{
	char *text = ms_quote_string(err->text);

	(void)fprintf(stderr, "mailscan: %s\n", text);
	g_free(text);
}

/* What the last run used; strings are loans of WORDS. */
static struct ms_report_engine
engine_of(char *const *words)
{
	struct ms_report_engine engine = { .database_age_days = -1 };
	guint count = words ? g_strv_length((char **)(uintptr_t)words) : 0;

	engine.name = count > 0 ? words[0] : NULL;
	engine.version = count > 1 ? words[1] : NULL;
	engine.database = count > 2 ? words[2] : NULL;
	engine.signatures = count > 3 ?
	    g_ascii_strtoull(words[3], NULL, 10) : 0;
	return engine;
}

static bool
report(struct telling *telling, struct ms_store *store,
    const struct ms_upkeep_info *info)
{
	struct ms_report_totals *totals = &telling->totals;
	enum ms_status status;
	struct ms_error err;
	uint64_t found = 0;

	status = ms_upkeep_tell(store, tell, telling, &err);
	if (status != MS_OK)
		complain(&err);
	for (int i = 0; i < MS_VERDICTS; i++)
		found += totals->verdicts[i];
	totals->messages = totals->known = MAX(info->messages, found);
	totals->verdicts[MS_VERDICT_CLEAN] += totals->known - found;
	totals->interrupted = !info->whole;
	return status == MS_OK;
}

int
report_state(const struct command *cmd, const struct report_options *options,
    int count, char **files)
{
	struct telling telling = { 0 };
	struct ms_upkeep_info info = { 0 };
	struct ms_report_engine engine;
	struct ms_store *store = NULL;
	struct ms_error err;
	enum ms_status status = ms_store_open(files[0], MS_STORE_READ, &store,
	    &err);
	char **words;
	bool ok;

	(void)count;
	if (status == MS_OK)
		status = ms_upkeep_info(store, &info, &err);
	if (status != MS_OK) {
		complain(&err);
		ms_store_close(store);
		return EXIT_TROUBLE;
	}
	words = info.engine ? g_strsplit(info.engine, "\t", -1) : NULL;
	engine = engine_of(words);
	telling.outputs = outputs_open(cmd, &options->scan, &engine, 0);
	ok = telling.outputs && report(&telling, store, &info);
	if (telling.outputs)
		ok = outputs_close(telling.outputs, &telling.totals) && ok;
	g_strfreev(words);
	ms_upkeep_info_clear(&info);
	ms_store_close(store);
	return ok && !telling.failed ? EXIT_CLEAN : EXIT_TROUBLE;
}
