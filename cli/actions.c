#include "actions.h"

#include "scan_rows.h"

#include <string.h>

static const struct opt_choice removals[] = {
	{ "stub", MBOX_REMOVE_STUB },
	{ "expunge", MBOX_REMOVE_EXPUNGE },
	{ 0 },
};

static const struct opt_choice defangs[] = {
	{ "none", DEFANG_NONE },
	{ "zip", DEFANG_ZIP },
	{ 0 },
};

/* What --flag alone stands for. */
static const struct opt_choice flags[] = {
	{ "F", 0 },
	{ 0 },
};

const struct opt scan_options_actions[] = {
	{ "copy", 0, OPT_STRING, false, "Actions", "DIR",
	  "copy what is found to the quarantine DIR", TO(copy) },
	{ "move", 0, OPT_STRING, true, NULL, "DIR",
	  "take what is found to the quarantine DIR",
	  TO(move) },
	{ "remove", 0, OPT_FLAG, false, NULL, NULL,
	  "remove it from where it is", TO(remove) },
	{ "flag", 0, OPT_STRING, false, NULL, "LETTER",
	  "set a flag on it in its Maildir; F, if only --flag is said",
	  ONE_OF(flag, flags) },
	{ "to-folder", 0, OPT_STRING, false, NULL, "NAME",
	  "move it to the folder NAME of its Maildir", TO(to_folder) },
	{ "act-on", 0, OPT_STRING, false, NULL, "VERDICTS",
	  "verdicts of what counts as found for these, with commas between",
	  TO(act_on) },
	{ "dry-run", 0, OPT_FLAG, true, NULL, NULL,
	  "say what would be done to mail, and do nothing", TO(dry_run) },
	{ "mbox-remove", 0, OPT_CHOICE, false, NULL, "HOW",
	  "what takes the place of a message in an mbox: a notice of the "
	  "same size, or nothing",
	  ONE_OF(mbox_remove, removals) },
	{ "defang", 0, OPT_CHOICE, false, NULL, "HOW",
	  "store messages in a form that other scanners leave alone",
	  ONE_OF(defang, defangs) },
	{ "lock-order", 0, OPT_STRING, false, NULL, "LOCKS",
	  "how an mbox is locked: fcntl, flock, dotlock or some of these, "
	  "with commas between", TO(lock_order) },
	{ "lock-timeout", 0, OPT_NUMBER, false, NULL, "SECONDS",
	  "how long to wait for a mailbox that others have locked",
	  WITHIN(lock_timeout_s, 0, 86400) },
	{ 0 },
};

static bool
get_verdicts(const struct command *cmd, const char *text, unsigned *verdicts)
{
	char **names = g_strsplit(text, ",", -1);
	bool ok = *names != NULL;

	*verdicts = 0;
	for (char **name = names; *name && ok; name++) {
		enum ms_verdict verdict = ms_verdict_by_name(*name);

		ok = verdict < MS_VERDICT_CLEAN;
		if (ok)
			*verdicts |= 1u << verdict;
	}
	g_strfreev(names);
	if (!ok)
		(void)option_error(cmd, "--act-on: '%s' should be verdicts "
		    "that something can be done about: infected, blocked, "
		    "spam, error, incomplete, encrypted", text);
	return ok;
}

/* What does not go together. */
static bool
check_pairs(const struct command *cmd, const struct scan_options *o)
{
	const struct {
		bool both;
		const char *text;
	} rows[] = {
		{ o->move && o->remove,
		  "--move removes already; say --move or --remove" },
		{ o->move && o->copy,
		  "--move stores already; say --move or --copy" },
		{ (o->move || o->remove) && o->flag,
		  "--flag is for messages that stay, and these are to be "
		  "removed" },
		{ (o->move || o->remove) && o->to_folder,
		  "--to-folder is for messages that stay, and these are to "
		  "be removed" },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
		if (rows[i].both) {
			(void)option_error(cmd, "%s", rows[i].text);
			return false;
		}
	return true;
}

static bool
check_flag(const struct command *cmd, const char *flag)
{
	if (!flag || (strlen(flag) == 1 && g_ascii_isalpha(*flag)))
		return true;
	(void)option_error(cmd, "--flag: want one letter, not %s", flag);
	return false;
}

static bool
check_names(const struct command *cmd, const struct scan_options *o)
{
	const struct {
		const char *option, *value;
	} rows[] = {
		{ "copy", o->copy }, { "move", o->move },
		{ "to-folder", o->to_folder },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
		if (rows[i].value && *rows[i].value == '\0') {
			(void)option_error(cmd, "--%s wants a name",
			    rows[i].option);
			return false;
		}
	return true;
}

bool
actions_check(const struct command *cmd, const struct scan_options *options,
    struct ms_act_config *config)
{
	struct ms_error err = { "" };

	*config = (struct ms_act_config){
		.copy = options->copy,
		.move = options->move,
		.remove = options->remove,
		.flag = options->flag ? *options->flag : '\0',
		.folder = options->to_folder,
		.expunge = options->mbox_remove == MBOX_REMOVE_EXPUNGE,
		.zip = options->defang == DEFANG_ZIP,
		.sure = options->format == MS_SOURCE_EML,
		.dry_run = options->dry_run,
		.locking = ms_lock_default,
	};
	config->locking.timeout_ms = options->lock_timeout_s * 1000;
	if (options->lock_order && ms_lock_parse(options->lock_order,
	    &config->locking, &err) != MS_OK) {
		(void)option_error(cmd, "--lock-order: %s", err.text);
		return false;
	}
	return get_verdicts(cmd, options->act_on, &config->verdicts) &&
	    check_pairs(cmd, options) && check_flag(cmd, options->flag) &&
	    check_names(cmd, options);
}

void
actions_pipeline(const struct ms_act_config *actions,
    struct ms_pipeline_config *config)
{
	static const unsigned found = 1u << MS_VERDICT_INFECTED |
	    1u << MS_VERDICT_BLOCKED | 1u << MS_VERDICT_SPAM;
	bool stores = (actions->copy || actions->move) && !actions->dry_run;

	config->keep_found = stores && (actions->verdicts & found);
	config->keep_gaps = stores && (actions->verdicts & ~found);
}
