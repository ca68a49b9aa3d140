#include "command.h"
#include "exit.h"
#include "help.h"

#include <errno.h>
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

/* Is the program called by the name that it has in place of qmail-queue? */
static bool
is_queue(const char *name)
{
	const char *slash = name ? strrchr(name, '/') : NULL;

	return name && strcmp(slash ? slash + 1 : name, "mailscan-queue") == 0;
}

/* What only the first argument can be. */
static const struct {
	const char *name;
	int (*run)(int argc, char **argv);
} first_options[] = {
	{ "--help", help_first },
	{ "-h", help_first },
	{ "--help-all", help_all },
	{ "--version", cmd_version },
	{ "-V", cmd_version },
	{ "--dump-options", dump },	/* for scripts, so not in the help */
};

static int
dispatch(int argc, char **argv)
{
	const struct command *cmd;

	for (size_t i = 0; i < sizeof first_options / sizeof *first_options;
	    i++)
		if (strcmp(first_options[i].name, argv[1]) == 0)
			return first_options[i].run(argc - 1, argv + 1);
	cmd = command_find(argv[1]);
	if (cmd != NULL)
		return cmd->run(argc - 1, argv + 1);
	return cmd_scan.run(argc, argv);
}

int
main(int argc, char **argv)
{
	int status;

	/* Names in archives become UTF-8, whatever the user's locale. */
	(void)setlocale(LC_CTYPE, "C.UTF-8");
	if (is_queue(argv[0]))
		/* Its standard output is an envelope. */
		return cmd_queue.run(argc, argv);
	if (argc < 2) {
		fputs("mailscan: nothing to do; mailscan --help shows what "
		    "there is\n", stderr);
		return EXIT_TROUBLE;
	}
	status = dispatch(argc, argv);
	/* A report that did not get out must not pass for a clean one. */
	errno = 0;
	if (fflush(stdout) != 0 || ferror(stdout)) {
		fprintf(stderr, "mailscan: cannot write the output%s%s\n",
		    errno != 0 ? ": " : "",
		    errno != 0 ? strerror(errno) : "");
		return EXIT_TROUBLE;
	}
	return status;
}
