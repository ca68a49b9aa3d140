#include "command.h"
#include "exit.h"
#include "standalone.h"

#include <stdio.h>
#include <string.h>

/*
 * The program that people call: mailscan, and mailscan-queue. filter and queue
 * are started for every single message, and to load what scans takes ten times
 * as long as to ask a service that has it. So they are here, linked with no
 * library but what they use, and for all else this becomes the whole program
 * (main.c), which lies beside it.
 */

/* From where this program lies. */
#define WHOLE "../libexec/mailscan/mailscan"

/* The command line, before anybody has sorted it, as the whole program wants
 * it. */
static GPtrArray *words;

static enum ms_status
become_whole(struct ms_error *err)
{
	return ms_launch_beside(WHOLE, (const char **)words->pdata, err);
}

static void
keep_words(int argc, char **argv, bool is_queue)
{
	words = g_ptr_array_new();
	g_ptr_array_add(words, NULL);
	if (is_queue)
		g_ptr_array_add(words, (void *)(uintptr_t)cmd_queue.name);
	for (int i = 1; i < argc; i++)
		g_ptr_array_add(words, argv[i]);
	g_ptr_array_add(words, NULL);
}

enum ms_status
standalone_begin(struct ms_error *err)
{
	return become_whole(err);
}

enum ms_status
standalone_ask(const struct command *cmd, const struct serve_options *options,
    const struct ms_counter_question *question,
    struct ms_counter_reply *reply, struct ms_error *err)
{
	(void)cmd, (void)options, (void)question, (void)reply;
	return ms_error_set(err, MS_E_ENGINE, "there is no engine here");
}

int
main(int argc, char **argv)
{
	const bool is_queue = command_is_queue(argv[0]);
	const char *first = argc > 1 ? argv[1] : "";
	struct ms_error err;

	keep_words(argc, argv, is_queue);
	if (is_queue)
		/* Its standard output is an envelope. */
		return cmd_queue_run(argc, argv);
	if (strcmp(first, cmd_queue.name) == 0)
		return command_end(cmd_queue_run(argc - 1, argv + 1));
	if (strcmp(first, cmd_filter.name) == 0)
		return command_end(cmd_filter_run(argc - 1, argv + 1));
	(void)become_whole(&err);
	fprintf(stderr, "mailscan: %s\n", err.text);
	return EXIT_TROUBLE;
}
