#include "action/holder.h"

#include <glib.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* Lines of /proc/locks that are read: a machine with more of them is told
 * less. */
#define LINES_MAX 100000

char *
ms_holder_process(int64_t pid)
{
	char *path = g_strdup_printf("/proc/%" PRId64 "/comm", pid);
	FILE *file = fopen(path, "re");
	char name[64] = "";

	g_free(path);
	if (file) {
		if (!fgets(name, sizeof name, file))
			*name = '\0';
		(void)fclose(file);
	}
	name[strcspn(name, "\n")] = '\0';
	return *name ? g_strdup_printf("process %" PRId64 " (%s)", pid, name) :
	    g_strdup_printf("process %" PRId64, pid);
}

/* "1: POSIX  ADVISORY  WRITE 4711 08:01:1234 0 EOF": the process, if the rest
 * is what is asked for; else 0. */
static int64_t
holder_in(char **words, const char *kind, const char *file)
{
	const char *field[6];
	size_t n = 0;

	for (size_t i = 0; words[i] && n < G_N_ELEMENTS(field); i++)
		if (*words[i])
			field[n++] = words[i];
	/* Who waits for a lock has an arrow in place of the kind. */
	if (n < G_N_ELEMENTS(field) || strcmp(field[1], kind) != 0 ||
	    strcmp(field[5], file) != 0)
		return 0;
	return g_ascii_strtoll(field[4], NULL, 10);
}

char *
ms_holder_find(const struct stat *st, const char *kind)
{
	char *file = g_strdup_printf("%02x:%02x:%ju", major(st->st_dev),
	    minor(st->st_dev), (uintmax_t)st->st_ino);
	FILE *locks = fopen("/proc/locks", "re");
	int64_t pid = 0;
	char line[256];

	for (unsigned i = 0; locks && pid <= 0 && i < LINES_MAX &&
	    fgets(line, sizeof line, locks); i++) {
		char **words = g_strsplit_set(line, " \n", 32);

		pid = holder_in(words, kind, file);
		if (pid == getpid())
			pid = 0;
		g_strfreev(words);
	}
	if (locks)
		(void)fclose(locks);
	g_free(file);
	return pid > 0 ? ms_holder_process(pid) : NULL;
}
