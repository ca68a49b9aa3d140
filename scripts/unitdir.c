/*
 * Part of each unit test. What tests make they make in the directory where they
 * are started, which scripts/run-unit has made for them; started by hand
 * elsewhere, they go to one of their own, and take it away in the end.
 */

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char place[] = "/tmp/mailscan-unit-XXXXXX";
static pid_t maker;

static int
is_empty(void)
{
	DIR *dir = opendir(".");
	const struct dirent *entry = NULL;

	while (dir && (entry = readdir(dir)) != NULL)
		if (strcmp(entry->d_name, ".") != 0 &&
		    strcmp(entry->d_name, "..") != 0)
			break;
	if (dir)
		(void)closedir(dir);
	return !entry;
}

__attribute__((constructor)) static void
go_elsewhere(void)
{
	char here[PATH_MAX], data[PATH_MAX + sizeof "/testdata"];

	if (is_empty() || !getcwd(here, sizeof here))
		return;
	(void)snprintf(data, sizeof data, "%s/testdata", here);
	if (access(data, R_OK) == 0)
		(void)setenv("TESTDATA", data, 0);
	if (!mkdtemp(place) || chdir(place) != 0) {
		perror(place);
		exit(2);
	}
	maker = getpid();
}

__attribute__((destructor)) static void
clean_up(void)
{
	char command[128];

	if (getpid() != maker || chdir("/") != 0)
		return;
	(void)snprintf(command, sizeof command,
	    "chmod -R u+rwx %s; rm -rf %s", place, place);
	if (system(command) != 0)
		perror(place);
}
