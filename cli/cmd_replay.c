#include "exit.h"
#include "replay_listen.h"
#include "replay_options.h"
#include "replay_to.h"

#include <string.h>

/* What can be done with captures: the option that asks for it, where in the
 * options it is, and what does it. */
static const struct mode {
	const char *option;
	size_t at;		/* of a const char *, */
	bool flag;		/* or of a bool */
	int (*run)(const struct command *cmd,
	    const struct replay_options *options, int count, char **paths);
} modes[] = {
	{ "--to", offsetof(struct replay_options, to), false, replay_to },
	{ "--listen", offsetof(struct replay_options, listen), false,
	  replay_listen },
	{ "--offline", offsetof(struct replay_options, offline), true,
	  replay_to },
};

static bool
is_asked(const struct mode *mode, const struct replay_options *options)
{
	const char *at = (const char *)options + mode->at, *value;

	if (mode->flag)
		return *(const bool *)at;
	memcpy(&value, at, sizeof value);
	return value != NULL;
}

/* NULL: there is not exactly one, and that has been said. */
static const struct mode *
find_mode(const struct replay_options *options)
{
	const struct mode *found = NULL;

	for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
		if (!is_asked(&modes[i], options))
			continue;
		if (found) {
			(void)option_error(&cmd_replay, "%s and %s exclude "
			    "each other", found->option, modes[i].option);
			return NULL;
		}
		found = &modes[i];
	}
	if (!found)
		(void)option_error(&cmd_replay, "no server given "
		    "(--to=ADDRESS), none to be (--listen=ADDRESS), and not "
		    "--offline");
	return found;
}

static void
defaults(void *into)
{
	struct replay_options *options = into;

	*options = replay_options_default;
	options->scan = scan_options_default;
}

static int
run(const struct command *cmd, const void *into, int count, char **operands)
{
	const struct replay_options *options = into;
	const struct mode *mode = find_mode(options);

	if (!mode || !replay_options_check(cmd, options))
		return EXIT_TROUBLE;
	if (count == 0)
		return option_error(cmd, "no capture given");
	return mode->run(cmd, options, count, operands);
}

int
cmd_replay_run(int argc, char **argv)
{
	return option_run(&cmd_replay, argc, argv, run);
}

const struct command cmd_replay = {
	.name = "replay",
	.synopsis = "[options] --to=ADDRESS | --listen=ADDRESS | --offline "
	    "CAPTURE ...",
	.summary = "Play recorded SMTP sessions again, compare the replies",
	.options = replay_options_tables,
	.config = true,
	.size = sizeof(struct replay_options),
	.defaults = defaults,
};
