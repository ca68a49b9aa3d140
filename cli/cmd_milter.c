#include "background.h"
#include "command.h"
#include "exit.h"
#include "milter_options.h"
#include "value.h"

#include <fcntl.h>
#include <unistd.h>

/* What was said at one time, on the command line and in the file. */
struct saying {
	struct milter_options options;
	struct milter_plan plan;
};

/* How it is asked again. */
struct asked {
	int argc;
	char **argv;		/* as they were */
	struct saying *first;	/* parts of it are used to the end */
	struct saying *last;	/* or the same */
};

static void
defaults(void *into)
{
	struct milter_options *options = into;

	*options = milter_options_default;
}

static void
free_saying(struct saying *saying)
{
	if (!saying)
		return;
	milter_options_clear(&saying->plan);
	option_free(&cmd_milter, &saying->options);
	g_free(saying);
}

/* NULL: it was explained, or helped; *STATUS is what to exit with. */
static struct saying *
listen_to(const struct asked *asked, int *status)
{
	struct saying *saying = g_new0(struct saying, 1);
	int count;
	bool good;

	defaults(&saying->options);
	count = background_read(&cmd_milter, asked->argc, asked->argv,
	    &saying->options, status);
	good = count == 0;
	if (count < 0) {
		g_free(saying);
		return NULL;
	}
	if (good) {
		good = milter_options_plan(&cmd_milter, &saying->options,
		    &saying->plan);
		*status = EXIT_TROUBLE;
	}
	if (good)
		return saying;
	free_saying(saying);
	return NULL;
}

/* Say what is other in NEW than what is in force. */
static void
compare(const struct asked *asked, const struct saying *new)
{
	for (const struct opt *const *t = milter_options_tables; *t; t++) {
		const bool may = milter_options_may_change(*t);
		const struct saying *old = may ? asked->last : asked->first;

		for (const struct opt *row = *t; row->name; row++)
			if (!value_equal(row, &old->options, &new->options))
				ms_chronicle_say("%s has changed%s",
				    row->name, may ? "" :
				    ": that takes a restart");
	}
}

static enum ms_status
on_reload(void *arg, struct ms_milter_terms *terms, struct ms_error *err)
{
	struct asked *asked = arg;
	GString *text = g_string_new(NULL);
	struct saying *new;
	int status;

	option_errors_to(text);
	new = listen_to(asked, &status);
	option_errors_to(NULL);
	if (new) {
		compare(asked, new);
		if (asked->last != asked->first)
			free_saying(asked->last);
		asked->last = new;
		*terms = new->plan.filter.terms;
	} else {
		(void)ms_error_set(err, MS_E_USAGE, "%s", g_strchomp(
		    text->str));
	}
	(void)g_string_free(text, TRUE);
	return new ? MS_OK : MS_E_USAGE;
}

static int
run(void *arg)
{
	struct asked *asked = arg;
	static const struct ms_milterd_events events = { on_reload };
	struct milter_plan *plan = &asked->last->plan;
	const bool elsewhere = plan->serve.log.to != NULL;
	int before = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
	struct ms_error err = { "" };
	int status = EXIT_TROUBLE;

	plan->filter.service.terminal = &before;
	if (ms_chronicle_open(&plan->serve.log, &err) == MS_OK &&
	    ms_milterd_run(&plan->filter, &events, asked, &err) == MS_OK)
		status = EXIT_CLEAN;
	else
		background_complain(&cmd_milter, elsewhere, before, err.text);
	if (before >= 0)
		(void)close(before);
	return status;
}

int
cmd_milter_run(int argc, char **argv)
{
	struct asked asked = { .argc = argc, .argv = argv };
	int status;

	asked.first = asked.last = listen_to(&asked, &status);
	if (asked.first)
		status = background_begin(&cmd_milter,
		    asked.first->options.serve.daemon,
		    &asked.first->plan.filter.service, run, &asked);
	if (asked.last != asked.first)
		free_saying(asked.last);
	free_saying(asked.first);
	return status;
}

const struct command cmd_milter = {
	.name = "milter",
	.synopsis = "[options]",
	.summary = "Scan mail for the mail server that it came to, as a milter",
	.options = milter_options_tables,
	.config = true,
	.asks = "pool",
	.size = sizeof(struct milter_options),
	.defaults = defaults,
};
