#include "command.h"
#include "exit.h"
#include "help.h"

#include <locale.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static int
help_first(int argc, char **argv)
{
	(void)argc, (void)argv;
	command_help();
	return EXIT_CLEAN;
}

static int
help_all(int argc, char **argv)
{
	(void)argc, (void)argv;
	command_help();
	for (size_t i = 0; commands[i] != NULL; i++) {
		putchar('\n');
		help_command(commands[i], NULL, true);
	}
	return EXIT_CLEAN;
}

static int
dump(int argc, char **argv)
{
	(void)argc, (void)argv;
	command_dump();
	return EXIT_CLEAN;
}

/* What only the first argument can be. */
static const struct {
	const char *name;
	command_run *run;
} first_options[] = {
	{ "--help", help_first },
	{ "-h", help_first },
	{ "--help-all", help_all },
	{ "--version", cmd_version_run },
	{ "-V", cmd_version_run },
	{ "--dump-options", dump },	/* for scripts, so not in the help */
};

#define ROW(name) { &cmd_##name, cmd_##name##_run },

static const struct {
	const struct command *command;
	command_run *run;
} runs[] = { COMMANDS(ROW) };

static int
dispatch(int argc, char **argv)
{
	for (size_t i = 0; i < sizeof first_options / sizeof *first_options;
	    i++)
		if (strcmp(first_options[i].name, argv[1]) == 0)
			return first_options[i].run(argc - 1, argv + 1);
	for (size_t i = 0; i < sizeof runs / sizeof *runs; i++)
		if (strcmp(runs[i].command->name, argv[1]) == 0)
			return runs[i].run(argc - 1, argv + 1);
	return cmd_scan_run(argc, argv);
}

int
main(int argc, char **argv)
{
	/* Names in archives become UTF-8, whatever the user's locale. */
	(void)setlocale(LC_CTYPE, "C.UTF-8");
	if (argc > 0 && g_path_is_absolute(argv[0]))
		command_program = argv[0];
	if (command_is_queue(argv[0]))
		/* Its standard output is an envelope. */
		return cmd_queue_run(argc, argv);
	if (argc < 2) {
		fputs("mailscan: nothing to do; mailscan --help shows what "
		    "there is\n", stderr);
		return EXIT_TROUBLE;
	}
	return command_end(dispatch(argc, argv));
}
