#include "command.h"
#include "config.h"
#include "exit.h"

#include <glib.h>
#include <stdio.h>
#include <string.h>

/*
 * Shell completion, made from the option rows. Names of options, commands
 * and choices hold letters, digits and hyphens only; help texts may hold
 * anything and are quoted.
 */

typedef void visit_row(const struct command *cmd, const struct opt *opt);

/* Call VISIT for every row of CMD, its own and the common ones. */
static void
each_row(const struct command *cmd, visit_row *visit)
{
	GPtrArray *rows = option_rows(cmd);

	for (guint i = 0; i < rows->len; i++)
		visit(cmd, rows->pdata[i]);
	g_ptr_array_unref(rows);
}

static void
bash_values(const struct command *cmd, const struct opt *opt)
{
	if (opt->type == OPT_FLAG)
		return;
	printf("\t'%s --%s'", cmd->name, opt->name);
	if (opt->short_name != 0)
		printf("|'%s -%c'", cmd->name, opt->short_name);
	fputs(") values='", stdout);
	for (const struct opt_choice *c = opt->choices; c && c->name; c++)
		printf("%s ", c->name);
	fputs("'; value=1;;\n", stdout);
}

static void
bash_name(const struct command *cmd, const struct opt *opt)
{
	(void)cmd;
	printf(" --%s%s", opt->name, opt->type == OPT_FLAG ? "" : "=");
}

/* Keys of the configuration file, behind "config dump". */
static void
print_keys(void)
{
	GPtrArray *rows = option_rows(&cmd_scan);

	for (guint i = 0; i < rows->len; i++) {
		const struct opt *row = rows->pdata[i];

		if (config_has_row(row))
			printf("%s ", row->name);
	}
	g_ptr_array_unref(rows);
}

static void
bash_words(const struct command *cmd)
{
	if (cmd->words)
		printf("\t\ttest \"$COMP_CWORD\" -ne 2 || words='%s'\n",
		    cmd->words);
	if (cmd == &cmd_config) {
		fputs("\t\ttest \"$COMP_CWORD\" -eq 2 || "
		    "test \"${COMP_WORDS[2]}\" != dump ||\n"
		    "\t\t    words='", stdout);
		print_keys();
		fputs("'\n", stdout);
	}
}

/* Values that are no choices, and operands, are left to readline's file
 * names (-o default). Readline takes --name=value for three words. */
static void
bash(void)
{
	fputs("# bash completion for mailscan\n\n_mailscan()\n{\n"
	    "\tlocal cur=${COMP_WORDS[COMP_CWORD]} cmd=scan\n"
	    "\tlocal prev=${COMP_WORDS[COMP_CWORD-1]} names= values= value=\n"
	    "\tlocal words=\n"
	    "\tlocal all='", stdout);
	for (size_t i = 0; commands[i] != NULL; i++)
		printf("%s ", commands[i]->name);
	fputs("'\n\n\tCOMPREPLY=()\n"
	    "\tif [ \"$cur\" = = ]; then cur=\n"
	    "\telif [ \"$prev\" = = ]; then "
	    "prev=${COMP_WORDS[COMP_CWORD-2]}; fi\n"
	    "\tif [ \"$COMP_CWORD\" -gt 1 ]; then\n"
	    "\t\tcase \" $all\" in\n"
	    "\t\t*\" ${COMP_WORDS[1]} \"*) cmd=${COMP_WORDS[1]};;\n"
	    "\t\tesac\n\tfi\n\tcase \"$cmd $prev\" in\n", stdout);
	for (size_t i = 0; commands[i] != NULL; i++)
		each_row(commands[i], bash_values);
	fputs("\tesac\n\tcase $cmd in\n", stdout);
	for (size_t i = 0; commands[i] != NULL; i++) {
		printf("\t%s) names='", commands[i]->name);
		each_row(commands[i], bash_name);
		fputs("'\n", stdout);
		bash_words(commands[i]);
		fputs("\t\t;;\n", stdout);
	}
	fputs("\tesac\n\tif [ -n \"$value\" ]; then names=$values\n"
	    "\telif [ \"${cur#-}\" = \"$cur\" ]; then\n"
	    "\t\tif [ \"$COMP_CWORD\" -gt 1 ]; then names=$words\n"
	    "\t\telse names=$all; fi\n\tfi\n"
	    "\tCOMPREPLY=($(compgen -W \"$names\" -- \"$cur\"))\n"
	    "\tcase ${COMPREPLY[0]} in *=) compopt -o nospace "
	    "2>/dev/null;; esac\n}\n"
	    "complete -o default -F _mailscan mailscan\n", stdout);
}

/* Print TEXT for inside single quotes and _arguments' brackets. */
static void
zsh_text(const char *text)
{
	for (; *text != '\0'; text++) {
		if (*text == '\'')
			fputs("'\\'", stdout);
		else if (strchr("[]:\\", *text) != NULL)
			putchar('\\');
		putchar(*text);
	}
}

/* What is completed behind an option, by its placeholder. */
static void
zsh_value(const struct opt *opt)
{
	fputc(':', stdout);
	zsh_text(opt->placeholder);
	fputc(':', stdout);
	if (opt->type == OPT_CHOICE) {
		fputc('(', stdout);
		for (const struct opt_choice *c = opt->choices; c->name; c++)
			printf("%s%s", c == opt->choices ? "" : " ", c->name);
		fputc(')', stdout);
	} else if (strstr(opt->placeholder, "DIR") != NULL) {
		fputs("_files -/", stdout);
	} else if (strstr(opt->placeholder, "FILE") != NULL ||
	    strstr(opt->placeholder, "PATH") != NULL) {
		fputs("_files", stdout);
	}
}

static void
zsh_spec(const struct opt *opt, const char *name, const char *sign)
{
	printf("\t\t'%s%s%s[", opt->type == OPT_LIST ? "*" : "", name, sign);
	zsh_text(opt->help);
	putchar(']');
	if (opt->type != OPT_FLAG)
		zsh_value(opt);
	fputs("' \\\n", stdout);
}

static void
zsh_row(const struct command *cmd, const struct opt *opt)
{
	char short_name[] = { '-', opt->short_name, '\0' };
	char *name = g_strconcat("--", opt->name, NULL);

	(void)cmd;
	zsh_spec(opt, name, opt->type == OPT_FLAG ? "" : "=");
	if (opt->short_name != 0)
		zsh_spec(opt, short_name, opt->type == OPT_FLAG ? "" : "+");
	g_free(name);
}

static void
zsh_operands(const struct command *cmd)
{
	if (cmd->words)
		printf("\t\t'1:word:(%s)' \\\n", cmd->words);
	fputs(cmd == &cmd_config ? "\t\t'*:key:_mailscan_keys'\n\t\t;;\n" :
	    "\t\t'*:file:_files'\n\t\t;;\n", stdout);
}

static void
zsh(void)
{
	fputs("#compdef mailscan\n\n_mailscan_keys()\n{\n"
	    "\tif (( ${words[(I)dump]} )); then\n\t\tcompadd - ", stdout);
	print_keys();
	fputs("\n\telse\n\t\t_files\n\tfi\n}\n\n", stdout);
	fputs("_mailscan()\n{\n"
	    "\tlocal cmd=scan\n\tlocal -a names=(\n", stdout);
	for (size_t i = 0; commands[i] != NULL; i++) {
		printf("\t\t'%s:", commands[i]->name);
		zsh_text(commands[i]->summary);
		fputs("'\n", stdout);
	}
	fputs("\t)\n\tif (( CURRENT == 2 )) && [[ $words[2] != -* ]]; then\n"
	    "\t\t_describe command names\n\t\t_files\n\t\treturn\n\tfi\n"
	    "\tif (( ${names[(I)${words[2]}:*]} )); then\n"
	    "\t\tcmd=$words[2]\n\t\tshift words\n\t\t(( CURRENT-- ))\n"
	    "\tfi\n\tcase $cmd in\n", stdout);
	for (size_t i = 0; commands[i] != NULL; i++) {
		printf("\t(%s)\n\t\t_arguments -s -S : \\\n",
		    commands[i]->name);
		each_row(commands[i], zsh_row);
		zsh_operands(commands[i]);
	}
	fputs("\tesac\n}\n\n_mailscan \"$@\"\n", stdout);
}

int
cmd_completion_run(int argc, char **argv)
{
	int status;
	int n = option_parse(&cmd_completion, argc, argv, NULL, &status);

	if (n < 0)
		return status;
	if (n == 1 && strcmp(argv[1], "bash") == 0)
		bash();
	else if (n == 1 && strcmp(argv[1], "zsh") == 0)
		zsh();
	else
		return n > 1 ? option_error(&cmd_completion, "want one word") :
		    option_no_word(&cmd_completion, argv[1]);
	return EXIT_CLEAN;
}

const struct command cmd_completion = {
	.name = "completion",
	.synopsis = "bash | zsh",
	.summary = "Print a script that completes command lines",
	.words = "bash zsh",
};
