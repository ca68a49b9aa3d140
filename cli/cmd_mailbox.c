#include "command.h"
#include "exit.h"
#include "mailscan.h"

#include <stdio.h>
#include <string.h>

struct mailbox_options {
	const char *lock_order;
	int64_t lock_timeout;
};

static const struct opt rows[] = {
	{ "lock-order", 0, OPT_STRING, true, "Locks", "LOCKS",
	  "of fcntl, flock, dotlock (default: all three)",
	  offsetof(struct mailbox_options, lock_order), 0, 0, NULL },
	{ "lock-timeout", 0, OPT_NUMBER, true, NULL, "SECONDS",
	  "how long to wait for a lock (default: 30)",
	  offsetof(struct mailbox_options, lock_timeout), 0, 86400, NULL },
	{ 0 },
};
static const struct opt *const tables[] = { rows, NULL };

static void
print(const char *path, const char *what)
{
	char *name = ms_quote_string(path);

	(void)printf("%s: %s\n", name, what);
	g_free(name);
}

static int
complain(const struct ms_error *err)
{
	char *text = ms_quote_string(err->text);

	(void)fflush(stdout);
	(void)fprintf(stderr, "mailscan: mailbox: %s\n", text);
	g_free(text);
	return EXIT_TROUBLE;
}

static int
recover(const char *path, const struct ms_lock_config *locking)
{
	struct ms_error err = { "" };
	char *what;

	if (ms_mailbox_recover(path, locking, &what, &err) != MS_OK)
		return complain(&err);
	print(path, what ? what : "nothing is pending");
	g_free(what);
	return EXIT_CLEAN;
}

static int
show(const char *path, const struct ms_lock_config *locking)
{
	struct ms_error err = { "" };
	char *text = NULL, *what;
	int result = EXIT_FOUND;

	(void)locking;
	switch (ms_mailbox_pending(path, &what, &err)) {
	case MS_OK:
		text = g_strdup_printf("pending: %s", what);
		print(path, text);
		break;
	case MS_END:
		print(path, "nothing is pending");
		result = EXIT_CLEAN;
		break;
	default:
		result = complain(&err);
	}
	g_free(text);
	g_free(what);
	return result;
}

static const struct {
	const char *name;
	int (*run)(const char *path, const struct ms_lock_config *locking);
} words[] = {
	{ "recover", recover },
	{ "status", show },
};

static int
run(const struct mailbox_options *options, int count, char **argv)
{
	struct ms_lock_config locking = ms_lock_default;
	struct ms_error err = { "" };
	int result = EXIT_CLEAN;
	size_t word = 0;

	if (options->lock_order && ms_lock_parse(options->lock_order,
	    &locking, &err) != MS_OK)
		return option_error(&cmd_mailbox, "--lock-order: %s",
		    err.text);
	locking.timeout_ms = options->lock_timeout * 1000;
	while (word < G_N_ELEMENTS(words) &&
	    (count == 0 || strcmp(argv[1], words[word].name) != 0))
		word++;
	if (word == G_N_ELEMENTS(words))
		return option_no_word(&cmd_mailbox, argv[1]);
	if (count < 2)
		return option_error(&cmd_mailbox, "%s: want mailboxes",
		    words[word].name);
	for (int i = 2; i <= count; i++) {
		int one = words[word].run(argv[i], &locking);

		result = MAX(result, one);
	}
	return result;
}

static void
defaults(void *into)
{
	*(struct mailbox_options *)into = (struct mailbox_options){
		.lock_timeout = ms_lock_default.timeout_ms / 1000,
	};
}

int
cmd_mailbox_run(int argc, char **argv)
{
	struct mailbox_options options;
	int status, count;

	defaults(&options);
	count = option_parse(&cmd_mailbox, argc, argv, &options, &status);
	if (count < 0)
		return status;
	status = run(&options, count, argv);
	option_free(&cmd_mailbox, &options);
	return status;
}

const struct command cmd_mailbox = {
	.name = "mailbox",
	.synopsis = "[options] recover | status PATH ...",
	.summary = "Finish what was interrupted while it changed an mbox",
	.options = tables,
	.words = "recover status",
	.config = true,
	.size = sizeof(struct mailbox_options),
	.defaults = defaults,
};
