#include "background.h"

#include "exit.h"

#include <stdio.h>

int
background_read(const struct command *cmd, int argc, char **argv, void *into,
    int *status)
{
	/* The parser writes to it. */
	char **words = g_memdup2(argv, ((gsize)argc + 1) * sizeof *words);
	int count = option_parse(cmd, argc, words, into, status);

	if (count > 0) {
		*status = option_error(cmd, "%s: there are no operands",
		    words[1]);
		count = 1;
	}
	g_free(words);
	return count;
}

int
background_begin(const struct command *cmd, bool background,
    struct ms_service_config *config, int (*run)(void *arg), void *arg)
{
	struct ms_error err = { "" };

	if (!background)
		return run(arg);
	switch (ms_detach_begin(&config->detach, &err)) {
	case MS_OK:
		config->detached = true;
		return run(arg);
	case MS_END:
		return EXIT_CLEAN;
	case MS_E_PEER:
		return EXIT_TROUBLE;
	default:
		return option_error(cmd, "--daemon: %s", err.text);
	}
}

void
background_complain(const struct command *cmd, bool elsewhere, int before,
    const char *text)
{
	char *quoted = ms_quote_string(text);

	if (elsewhere && before >= 0)
		(void)dprintf(before, "mailscan: %s: %s\n", cmd->name,
		    quoted);
	ms_chronicle_tell(MS_LOGENTRY_ERROR, NULL, "%s", text);
	g_free(quoted);
}
