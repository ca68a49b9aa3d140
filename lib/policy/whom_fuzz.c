#include "policy/whom.h"

#include <glib.h>

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

/* Expressions are the administrator's: those that take a regular expression
 * library long are none of what is tested here. */
#define EXPRESSION_MAX 60

/* Read the SIZE bytes at TEXT as the file of an old milter, of either. */
static void
read_file(const char *text, size_t size, struct ms_whom *from,
    struct ms_whom *to)
{
	static const char *const grammars[] = { "", "classic:", "modern:" };
	char *copy = g_strndup(text, size), path[64];
	const int fd = memfd_create("fuzz", MFD_CLOEXEC);
	struct ms_error err;

	size = strlen(copy);
	g_strdelimit(copy, "\\{", '.');
	if (fd < 0 || write(fd, copy, size) != (ssize_t)size)
		abort();
	for (size_t i = 0; i < G_N_ELEMENTS(grammars); i++) {
		(void)snprintf(path, sizeof path, "%s/proc/self/fd/%d",
		    grammars[i], fd);
		(void)ms_whom_read(path, from, to, &err);
	}
	(void)close(fd);
	g_free(copy);
}

/* The same in upper and lower case; nobody is on an empty list. */
static void
check(const struct ms_whom *whom, const char *address)
{
	char *low = g_ascii_strdown(address, -1);
	char *high = g_ascii_strup(address, -1);

	if (ms_whom_has(whom, low) != ms_whom_has(whom, high))
		abort();
	if (ms_whom_is_empty(whom) && ms_whom_has(whom, address))
		abort();
	g_free(low);
	g_free(high);
}

/* Lines up to an empty one are patterns, those up to another one a file, and
 * the others addresses. */
int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	char *text = g_strndup((const char *)data, MIN(size, (size_t)4096));
	char **pieces = g_strsplit(text, "\n\n", 3);
	const guint count = g_strv_length(pieces);
	struct ms_whom *whom = ms_whom_new(), *from = ms_whom_new();
	char **lines = g_strsplit(count > 0 ? pieces[0] : "", "\n", 40);
	struct ms_error err;

	for (char **line = lines; *line; line++)
		if (!g_str_has_prefix(*line, "re:") ||
		    strlen(*line) < EXPRESSION_MAX)
			(void)ms_whom_add(whom, *line, &err);
	if (count > 1)
		read_file(pieces[1], strlen(pieces[1]), from, whom);
	g_strfreev(lines);
	lines = g_strsplit(count > 2 ? pieces[2] : "", "\n", 20);
	for (char **line = lines; *line; line++) {
		check(whom, *line);
		check(from, *line);
	}
	check(whom, "");
	g_strfreev(lines);
	g_strfreev(pieces);
	ms_whom_free(whom);
	ms_whom_free(from);
	g_free(text);
	return 0;
}
