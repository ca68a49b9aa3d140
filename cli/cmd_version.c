#include "command.h"
#include "exit.h"
#include "mailscan.h"

#include <stdio.h>

int
cmd_version_run(int argc, char **argv)
{
	const char *path = ms_database_default();
	struct ms_database *database = NULL;
	char *sandbox = ms_sandbox_describe();
	const char *packets = ms_pcap_version();
	char *milter = ms_milter_version();
	char *text = NULL;

	(void)argc;
	(void)argv;
	if (ms_database_open(path, &database, NULL) == MS_OK &&
	    database->files->len > 0)
		text = ms_database_describe(database);
	(void)printf("mailscan %s\n", MS_VERSION);
	(void)printf("engine: %s %s\n", ms_clamav.name,
	    ms_clamav.version());
	(void)printf("database: %s: %s\n", path, text ? text : "none");
	if (text)
		(void)printf("database age: %" G_GINT64_FORMAT " days\n",
		    (ms_clock_wall() - database->newest) / 86400);
	(void)printf("sandbox: %s\n", sandbox);
	(void)printf("packets: %s\n", packets ? packets :
	    "none (built without libpcap)");
	(void)printf("milter: %s%s\n", milter ? "libmilter " : "",
	    milter ? milter : "none (built without libmilter)");
	g_free(milter);
	ms_database_free(database);
	g_free(text);
	g_free(sandbox);
	return EXIT_CLEAN;
}

const struct command cmd_version = {
	.name = "version",
	.summary = "Show versions, the database and the sandbox",
};
