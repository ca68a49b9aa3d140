#include "describe.h"
#include "exit.h"
#include "giveback.h"
#include "holdings.h"
#include "when.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define TO(field) offsetof(struct quarantine_options, field), 0, 0, NULL

static const struct opt rows[] = {
	{ "quarantine", 0, OPT_STRING, true, "Quarantine", "DIR",
	  "the directory; it must be given", TO(quarantine) },
	{ "json", 0, OPT_FLAG, true, NULL, NULL,
	  "print a line of JSON for each message", TO(json) },
	{ "quiet", 0, OPT_FLAG, true, NULL, NULL,
	  "print errors only", TO(quiet) },
	{ "dry-run", 0, OPT_FLAG, true, NULL, NULL,
	  "say what release, delete or purge would do",
	  TO(dry_run) },
	{ "all", 0, OPT_FLAG, true, "Which messages", NULL,
	  "every one, where ids or filters are wanted", TO(all) },
	{ "since", 0, OPT_STRING, true, NULL, "WHEN",
	  "only those stored since (2026-11-01, or 7d)", TO(since) },
	{ "until", 0, OPT_STRING, true, NULL, "WHEN",
	  "only those stored before", TO(until) },
	{ "verdict", 0, OPT_STRING, true, NULL, "LIST",
	  "only those with one of these verdicts", TO(verdict) },
	{ "name", 0, OPT_LIST, true, NULL, "GLOB",
	  "only those with a finding of such a name", TO(name) },
	{ "source", 0, OPT_LIST, true, NULL, "GLOB",
	  "only those from such a path", TO(source) },
	{ "from", 0, OPT_LIST, true, NULL, "GLOB",
	  "only those from such a sender",
	  TO(from) },
	{ "to", 0, OPT_LIST, true, NULL, "GLOB",
	  "only those with such an envelope recipient", TO(to) },
	{ "subject", 0, OPT_LIST, true, NULL, "GLOB",
	  "only those with such a subject", TO(subject) },
	{ "unreleased", 0, OPT_FLAG, true, NULL, NULL,
	  "only those that were not released yet", TO(unreleased) },
	{ "into", 0, OPT_STRING, true, "Release", "PATH",
	  "release: into this Maildir or mbox",
	  TO(into) },
	{ "lock-order", 0, OPT_STRING, false, NULL, "LOCKS",
	  "how an mbox is locked: fcntl, flock, dotlock or some of these, "
	  "with commas between", TO(lock_order) },
	{ "lock-timeout", 0, OPT_NUMBER, false, NULL, "SECONDS",
	  "how long to wait for a mailbox that others have locked",
	  offsetof(struct quarantine_options, lock_timeout), 0, 86400, NULL },
	{ "smtp", 0, OPT_STRING, true, NULL, "ADDRESS",
	  "release: send it to HOST:PORT or unix:PATH", TO(smtp) },
	{ "sender", 0, OPT_STRING, true, NULL, "ADDRESS",
	  "release: envelope sender, instead of its own", TO(sender) },
	{ "recipient", 0, OPT_LIST, true, NULL, "ADDRESS",
	  "release: envelope recipient, instead of its own", TO(recipients) },
	{ "helo", 0, OPT_STRING, false, NULL, "NAME",
	  "name of this host in EHLO", TO(helo) },
	{ "smtp-timeout", 0, OPT_NUMBER, false, NULL, "SECONDS",
	  "most time for each reply (the default: as RFC 5321 has it)",
	  offsetof(struct quarantine_options, smtp_timeout), 1, 3600, NULL },
	{ "again", 0, OPT_FLAG, true, NULL, NULL,
	  "release: even what was released there before", TO(again) },
	{ "directory", 'd', OPT_STRING, true, "Extract", "DIR",
	  "extract: to files in DIR, not standard output",
	  TO(directory) },
	{ "unquoted", 0, OPT_FLAG, true, NULL, NULL,
	  "extract: without mbox quoting (\">From \")", TO(unquoted) },
	{ "older-than", 0, OPT_STRING, true, "Purge", "WHEN",
	  "purge: what was stored before (30d, 2026-11-01)", TO(older_than) },
	{ 0 },
};

static const struct opt *const tables[] = { rows, NULL };

/* holdings_visit */
static void
list(struct holdings *holdings, struct ms_holding *holding)
{
	struct ms_error err = { "" };
	size_t size;
	char *line;

	holdings->messages++;
	if (!holding->custody) {
		(void)ms_error_set(&err, MS_E_FORMAT, "%s",
		    holding->trouble.text);
		holdings_complain(holdings, holding->id, &err);
		return;
	}
	if (!holdings->options->json) {
		describe_line(holding);
		return;
	}
	line = ms_custody_dump(holding->custody, true, &size, &err);
	if (line)
		(void)puts(line);
	else
		holdings_complain(holdings, holding->id, &err);
	g_free(line);
}

/* holdings_visit */
static void
show(struct holdings *holdings, struct ms_holding *holding)
{
	if (holdings->options->json) {
		list(holdings, holding);
		return;
	}
	holdings->messages++;
	holdings->failed |= !holding->custody || holding->fd < 0;
	describe_whole(holding);
}

/* holdings_visit */
static void
verify(struct holdings *holdings, struct ms_holding *holding)
{
	struct ms_receipt receipt = { .id = holding->id, .action = "verify",
		.state = "done" };
	struct ms_error err = { "" };
	char *text = NULL;

	holdings->messages++;
	if (ms_holding_verify(holding, &err) != MS_OK) {
		receipt.state = "failed";
		receipt.detail = err.text;
		text = g_strdup_printf("BAD: %s", err.text);
	}
	holdings_tell(holdings, &receipt, text ? text : "good");
	g_free(text);
}

/* holdings_other: what verify says of what is no message. */
static void
verify_other(struct holdings *holdings, const struct ms_inventory_name *name)
{
	const char *what = name->leftover ?
	    "left over from a store that was interrupted (purge removes it)" :
	    "nothing that was put here by mailscan";
	char *id = ms_quote_string(name->id);
	const struct ms_receipt receipt = { .id = id, .action = "verify",
		.state = name->leftover ? "leftover" : "foreign",
		.detail = what };

	if (!holdings->filtered)
		holdings_tell(holdings, &receipt, what);
	g_free(id);
}

/* Say that ID was removed, or would be. */
static void
tell_removed(struct holdings *holdings, const char *id)
{
	const bool dry = holdings->options->dry_run;
	const struct ms_receipt receipt = { .id = id, .action = "delete",
		.state = dry ? "would" : "done" };

	holdings->messages++;
	holdings_tell(holdings, &receipt, dry ? "would be deleted" :
	    "deleted");
}

/* holdings_visit */
static void
delete(struct holdings *holdings, struct ms_holding *holding)
{
	struct ms_error err = { "" };

	if (holdings->options->dry_run ||
	    ms_holding_delete(holding, &err) == MS_OK)
		tell_removed(holdings, holding->id);
	else
		holdings_complain(holdings, holding->id, &err);
}

/* holdings_other: the day of what is left over is that of its name. */
static void
purge_other(struct holdings *holdings, const struct ms_inventory_name *name)
{
	struct ms_error err = { "" };

	if (!name->leftover || holdings->filtered)
		return;
	if (holdings->options->dry_run ||
	    ms_inventory_sweep(holdings->q, name->id, &err) == MS_OK)
		tell_removed(holdings, name->id);
	else
		holdings_complain(holdings, name->id, &err);
}

/* What can be done. */
static const struct verb {
	const char *name;
	holdings_visit *visit;
	holdings_other *other;
	bool chosen;		/* ids or filters are wanted */
	bool lock;
} verbs[] = {
	{ "list", list, NULL, false, false },
	{ "show", show, NULL, true, false },
	{ "extract", giveback_extract, NULL, true, false },
	{ "release", giveback_release, NULL, true, true },
	{ "delete", delete, NULL, true, true },
	{ "purge", delete, purge_other, false, true },
	{ "verify", verify, verify_other, false, false },
};

static const struct verb *
find_verb(const char *name)
{
	for (size_t i = 0; name && i < G_N_ELEMENTS(verbs); i++)
		if (strcmp(verbs[i].name, name) == 0)
			return &verbs[i];
	return NULL;
}

/* The time that --older-than says is the filter. */
static bool
select_purge(struct holdings *holdings)
{
	const char *text = holdings->options->older_than;
	int64_t when;

	if (!text) {
		(void)option_error(holdings->cmd, "how old is what may go? "
		    "(--older-than=30d)");
		return false;
	}
	if (!when_parse(text, ms_clock_wall(), &when)) {
		(void)option_error(holdings->cmd, "--older-than=%s is no "
		    "point in time (30d, or 2026-11-01)", text);
		return false;
	}
	if (holdings->count > 0) {
		(void)option_error(holdings->cmd,
		    "purge takes no ids: see delete");
		return false;
	}
	if (holdings->until < 0 || when < holdings->until)
		holdings->until = when;
	return true;
}

/* Standard output is for one message, and not for a terminal. */
static bool
select_extract(const struct holdings *holdings)
{
	if (holdings->options->directory)
		return true;
	if (holdings->count != 1) {
		(void)option_error(holdings->cmd, "more than one message: "
		    "where to? (--directory=DIR)");
		return false;
	}
	if (isatty(STDOUT_FILENO)) {
		(void)option_error(holdings->cmd, "this goes to a terminal, "
		    "which may obey it: where to? (--directory=DIR)");
		return false;
	}
	return true;
}

/* Everything that can be wrong with a command line. */
static bool
check(struct holdings *holdings, const struct verb *verb, int count,
    char **ids)
{
	const struct quarantine_options *o = holdings->options;

	if (!o->quarantine) {
		(void)option_error(holdings->cmd,
		    "no quarantine given: --quarantine=DIR, or quarantine = "
		    "DIR above all sections of the configuration");
		return false;
	}
	if (!holdings_select(holdings, count, ids))
		return false;
	if (verb->chosen && count == 0 && !holdings->filtered &&
	    !o->since && !o->until && !o->all) {
		(void)option_error(holdings->cmd, "%s which messages? name "
		    "ids, filters, or --all", verb->name);
		return false;
	}
	if (verb->other == purge_other)
		return select_purge(holdings);
	if (verb->visit == giveback_extract)
		return select_extract(holdings);
	return verb->visit != giveback_release || giveback_check(holdings);
}

/* Both have been said by then: what failed, and what did not. */
static int
work(struct holdings *holdings, const struct verb *verb)
{
	struct ms_error err = { "" };

	if (ms_quarantine_open(holdings->options->quarantine, false,
	    &holdings->q, &err) != MS_OK) {
		holdings_complain(holdings, NULL, &err);
		return EXIT_TROUBLE;
	}
	holdings->lock = verb->lock;
	holdings_each(holdings, verb->visit, verb->other);
	if (verb->visit == delete && holdings->messages > 0 &&
	    ms_quarantine_sync(holdings->q, &err) != MS_OK)
		holdings_complain(holdings, NULL, &err);
	ms_quarantine_close(holdings->q);
	return holdings->failed ? EXIT_TROUBLE : EXIT_CLEAN;
}

static void
defaults(void *into)
{
	*(struct quarantine_options *)into = (struct quarantine_options){
		.lock_timeout = ms_lock_default.timeout_ms / 1000,
	};
}

static int
run(const struct command *cmd, const void *options, int count,
    char **operands)
{
	struct holdings holdings = { .cmd = cmd, .options = options };
	const struct verb *verb = find_verb(operands[0]);

	(void)signal(SIGPIPE, SIG_IGN);
	if (!verb)
		return option_no_word(cmd, operands[0]);
	return check(&holdings, verb, count - 1, operands + 1) ?
	    work(&holdings, verb) : EXIT_TROUBLE;
}

int
cmd_quarantine_run(int argc, char **argv)
{
	return option_run(&cmd_quarantine, argc, argv, run);
}

const struct command cmd_quarantine = {
	.name = "quarantine",
	.synopsis = "[options] list | show | extract | release | delete |\n"
	    "           purge | verify --quarantine=DIR [ID ...]",
	.summary = "List, give back and remove what is in quarantine",
	.options = tables,
	.words = "list show extract release delete purge verify",
	.config = true,
	.section = "mailscan-quarantine",
	.size = sizeof(struct quarantine_options),
	.defaults = defaults,
};
