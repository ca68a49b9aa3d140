#include "command.h"

#include "exit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define ADDRESS(name) &cmd_##name,

const char *command_program;

const struct command *const commands[] = { COMMANDS(ADDRESS) NULL };

const struct command *
command_find(const char *name)
{
	for (size_t i = 0; commands[i] != NULL; i++)
		if (strcmp(commands[i]->name, name) == 0)
			return commands[i];
	return NULL;
}

void
command_help(void)
{
	fputs("Usage: mailscan [COMMAND] [OPTION]... [OPERAND]...\n"
	    "Scan mail for malware: mailboxes, messages, and what is in them."
	    "\n\nCommands:\n", stdout);
	for (size_t i = 0; commands[i] != NULL; i++)
		printf("  %-14s%s\n", commands[i]->name,
		    commands[i]->summary);
	fputs("\nWithout a command, scan is meant: mailscan -r Maildir\n"
	    "mailscan COMMAND --help shows the options of a command.\n",
	    stdout);
}

static void
dump_rows(const struct command *cmd)
{
	GPtrArray *rows = option_rows(cmd);

	static const char *const types[] = {
		[OPT_FLAG] = "flag", [OPT_STRING] = "string",
		[OPT_NUMBER] = "number", [OPT_SIZE] = "size",
		[OPT_LIST] = "list", [OPT_CHOICE] = "choice",
	};

	for (guint i = 0; i < rows->len; i++) {
		const struct opt *row = rows->pdata[i];

		printf("%s\t%s\t%c\t%s\n", cmd->name, row->name,
		    row->short_name ? row->short_name : '-',
		    types[row->type]);
	}
	g_ptr_array_unref(rows);
}

void
command_dump(void)
{
	for (size_t i = 0; commands[i] != NULL; i++)
		dump_rows(commands[i]);
}

bool
command_is_queue(const char *name)
{
	static const char *const names[] = { "mailscan-queue", "qmail-queue",
		NULL };
	const char *slash = name ? strrchr(name, '/') : NULL;

	return name && g_strv_contains(names, slash ? slash + 1 : name);
}

int
command_end(int status)
{
	errno = 0;
	if (fflush(stdout) == 0 && !ferror(stdout))
		return status;
	fprintf(stderr, "mailscan: cannot write the output%s%s\n",
	    errno != 0 ? ": " : "", errno != 0 ? strerror(errno) : "");
	return EXIT_TROUBLE;
}
