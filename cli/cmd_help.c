#include "command.h"
#include "exit.h"
#include "help.h"

int
cmd_help_run(int argc, char **argv)
{
	const struct command *cmd;
	int status;
	int n = option_parse(&cmd_help, argc, argv, NULL, &status);

	if (n < 0)
		return status;
	if (n == 0) {
		command_help();
		return EXIT_CLEAN;
	}
	cmd = command_find(argv[1]);
	if (cmd == NULL || n > 1)
		return option_error(&cmd_help, "there is no command %s",
		    argv[n]);
	help_command(cmd, NULL, false);
	return EXIT_CLEAN;
}

const struct command cmd_help = {
	.name = "help",
	.synopsis = "[COMMAND]",
	.summary = "Show what there is, or the options of a command",
};
