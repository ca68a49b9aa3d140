#include "command.h"
#include "config.h"
#include "exit.h"
#include "import.h"
#include "policy_import.h"
#include "sense.h"
#include "value.h"

#include <stdio.h>
#include <string.h>

struct config_options {
	const char *file, *profile, *command, *mta;
	bool non_default, elsewhere;
};

#define TO(field) offsetof(struct config_options, field), 0, 0, NULL

static const struct opt rows[] = {
	{ "config", 'c', OPT_STRING, true, "Configuration", "FILE",
	  "instead of " CONFIG_DEFAULT, TO(file) },
	{ "profile", 0, OPT_STRING, true, NULL, "NAME",
	  "dump what holds with this profile", TO(profile) },
	{ "command", 0, OPT_STRING, true, NULL, "COMMAND",
	  "dump what holds for COMMAND, not for scan", TO(command) },
	{ "mta-config", 0, OPT_STRING, false, NULL, "FILE",
	  "check: does this main.cf or sendmail.cf name the filter?", TO(mta) },
	{ "elsewhere", 0, OPT_FLAG, false, NULL, NULL,
	  "check: it is for another machine, which may have what this one has "
	  "not", TO(elsewhere) },
	{ "non-default", 0, OPT_FLAG, true, NULL, NULL,
	  "dump only what differs from the defaults", TO(non_default) },
	{ 0 },
};
static const struct opt *const tables[] = { rows, NULL };

/* Where dumped values end and their origins begin. */
enum { ORIGIN_COLUMN = 40 };

static int
check(const struct config_options *options, const char *operand)
{
	const char *file = operand ? operand : options->file;
	struct ms_conf *conf = NULL;
	struct ms_error err = { "" };
	char *name = ms_quote_string(file ? file : CONFIG_DEFAULT);
	int status = EXIT_TROUBLE;

	/* Not even the default one may be missing here. */
	if (config_open(file ? file : CONFIG_DEFAULT, options->profile, &conf,
	    &err) != MS_OK) {
		(void)option_error(&cmd_config, "%s", err.text);
	} else if (sense_check(conf, options->mta, options->elsewhere)) {
		const guint count = ms_conf_settings(conf)->len;

		(void)printf("%s: %u setting%s: good\n", name, count,
		    count == 1 ? "" : "s");
		status = EXIT_CLEAN;
	}
	ms_conf_free(conf);
	g_free(name);
	return status;
}

/* What is being dumped. */
struct dump {
	const struct command *cmd;
	GPtrArray *rows;
	char **origins;		/* by index of those */
	void *values, *defaults;
	char **keys;		/* only these; or none */
	bool non_default;
};

static bool
is_wanted(const struct dump *d, guint i)
{
	const struct opt *row = d->rows->pdata[i];

	if (!config_has_row(row))
		return false;
	if (d->non_default && value_equal(row, d->values, d->defaults))
		return false;
	return !d->keys[0] || g_strv_contains((const char *const *)d->keys,
	    row->name);
}

/* "KEY = VALUE # ORIGIN", which is good as a file again. */
static void
dump_row(const struct dump *d, guint i)
{
	const struct opt *row = d->rows->pdata[i];
	GString *value = g_string_new(NULL);
	char *origin = ms_quote_string(d->origins[i]);
	int column;

	if (value_print(row, d->values, value))
		column = printf("%s = %s", row->name, value->str);
	else
		column = printf("# %s is not set", row->name);
	(void)printf("%*s # %s\n", MAX(ORIGIN_COLUMN - column, 0), "",
	    origin ? origin : "default");
	g_free(origin);
	g_string_free(value, TRUE);
}

/* Rows of one field, as --recursion and --recursive: the one that was set
 * speaks for all, else the first. */
static bool
is_spoken_for(const struct dump *d, guint i)
{
	const struct opt *row = d->rows->pdata[i];

	for (guint k = 0; k < d->rows->len; k++) {
		const struct opt *other = d->rows->pdata[k];

		if (k == i || !config_has_row(other) || other->to != row->to)
			continue;
		if (d->origins[k] ? !d->origins[i] || k < i :
		    !d->origins[i] && k < i)
			return true;
	}
	return false;
}

/* Is each of the keys one of the command's? */
static bool
check_keys(const struct dump *d)
{
	GPtrArray *names = g_ptr_array_new();
	bool good = true;

	for (guint i = 0; i < d->rows->len; i++) {
		const struct opt *row = d->rows->pdata[i];

		if (config_has_row(row))
			g_ptr_array_add(names, (void *)(uintptr_t)row->name);
	}
	g_ptr_array_add(names, NULL);
	for (char **key = d->keys; good && *key; key++) {
		const char *guess = ms_nearest(*key,
		    (const char *const *)names->pdata);

		good = g_strv_contains((const char *const *)names->pdata,
		    *key);
		if (!good)
			(void)option_error(&cmd_config, "there is no key %s%s%s"
			    "%s", *key, guess ? "; did you mean " : "",
			    guess ? guess : "", guess ? "?" : "");
	}
	g_ptr_array_unref(names);
	return good;
}

static int
dump_command(struct dump *d, const struct ms_conf *conf, const char *profile)
{
	int status = EXIT_TROUBLE;

	d->rows = option_rows(d->cmd);
	d->origins = g_new0(char *, d->rows->len + 1);
	d->values = g_malloc0(d->cmd->size);
	d->defaults = g_malloc0(d->cmd->size);
	d->cmd->defaults(d->values);
	d->cmd->defaults(d->defaults);
	if (check_keys(d) && option_settle(d->cmd, conf, profile, true,
	    d->values, d->origins)) {
		for (guint i = 0; i < d->rows->len; i++)
			if (is_wanted(d, i) && !is_spoken_for(d, i))
				dump_row(d, i);
		status = EXIT_CLEAN;
	}
	option_free(d->cmd, d->values);
	for (guint i = 0; i < d->rows->len; i++)
		g_free(d->origins[i]);
	g_free(d->values);
	g_free(d->defaults);
	g_free(d->origins);
	g_ptr_array_unref(d->rows);
	return status;
}

static int
dump(const struct config_options *options, char **keys)
{
	const char *name = options->command ? options->command : "scan";
	struct dump d = { .cmd = command_find(name), .keys = keys,
		.non_default = options->non_default };
	struct ms_conf *conf = NULL;
	struct ms_error err = { "" };
	int status;

	if (!d.cmd || !d.cmd->config)
		return option_error(&cmd_config, "--command %s: the "
		    "configuration is for no such command", name);
	if (config_open(options->file, options->profile, &conf, &err) != MS_OK)
		return option_error(&cmd_config, "%s", err.text);
	status = dump_command(&d, conf, options->profile);
	ms_conf_free(conf);
	return status;
}

int
cmd_config_run(int argc, char **argv)
{
	struct config_options options = { .file = NULL };
	int status;
	int count = option_parse(&cmd_config, argc, argv, &options, &status);

	if (count < 0)
		return status;
	if (count >= 1 && count <= 2 && strcmp(argv[1], "check") == 0)
		return check(&options, argv[2]);
	if (count >= 1 && strcmp(argv[1], "dump") == 0)
		return dump(&options, argv + 2);
	if (count == 3 && strcmp(argv[1], "import") == 0 &&
	    strcmp(argv[2], "clamsmtpd") == 0)
		return import_clamsmtpd(&cmd_config, argv[3]);
	if (count >= 3 && strcmp(argv[1], "import") == 0 &&
	    strcmp(argv[2], "clamav-milter") == 0)
		return import_clamav_milter(&cmd_config, argv + 3);
	if (count == 3 && strcmp(argv[1], "import") == 0 &&
	    policy_import_knows(argv[2]))
		return policy_import(&cmd_config, argv[2], argv[3]);
	if (count > 0 && strcmp(argv[1], "import") == 0)
		return option_error(&cmd_config, "import: want clamsmtpd, "
		    "clamav-milter, simcontrol, ssattach or whitelist-file, "
		    "and its file");
	if (count > 0 && strcmp(argv[1], "check") == 0)
		return option_error(&cmd_config, "check: want one file");
	return option_no_word(&cmd_config, argv[1]);
}

const struct command cmd_config = {
	.name = "config",
	.synopsis = "[options] check [FILE] | dump [KEY ...] | import ...",
	.summary = "Check a configuration, show what it comes to, import one",
	.options = tables,
	.words = "check dump import",
};
