#include "command.h"
#include "exit.h"
#include "mailscan.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

struct db_options {
	const char *database;
	int64_t fail_if_older_days;
};

static const struct opt rows[] = {
	{ "database", 'd', OPT_STRING, true, "Engine", "PATH",
	  "signature database: a directory or a file",
	  offsetof(struct db_options, database), 0, 0, NULL },
	{ "fail-if-cvd-older-than", 0, OPT_NUMBER, true, NULL, "DAYS",
	  "exit with 2 if the database is older",
	  offsetof(struct db_options, fail_if_older_days), 1, 36500, NULL },
	{ 0 },
};
static const struct opt *const tables[] = { rows, NULL };

static void
print_date(int64_t time)
{
	time_t seconds = (time_t)time;
	struct tm tm;
	char text[32];

	if (!gmtime_r(&seconds, &tm) ||
	    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		(void)snprintf(text, sizeof text, "?");
	(void)printf("%s", text);
}

static void
print_file(const struct ms_database_file *file)
{
	char *name = ms_quote_string(file->name);

	(void)printf("File: %s, %" PRIu64 " bytes, ", name, file->size);
	print_date(file->time);
	if (file->version > 0)
		(void)printf(", version %" PRIu64 ", %" PRIu64
		    " signatures", file->version, file->signatures);
	(void)printf("\n");
	g_free(name);
}

static int
fail(const struct ms_error *err)
{
	char *text = ms_quote_string(err->text);

	(void)fprintf(stderr, "mailscan: %s\n", text);
	g_free(text);
	return EXIT_TROUBLE;
}

/* Count the signatures by loading them, which also shows that they load. */
static int
print_loaded(const char *path)
{
	const struct ms_engine_config config = {
		.database = path,
		.max_filesize = 1 << 20,
		.max_scansize = 1 << 20,
		.max_files = 1,
		.max_recursion = 1,
		.max_scantime_ms = 1000,
	};
	struct ms_engine_info info;
	struct ms_engine *engine;
	struct ms_error err;

	if (ms_engine_open(&ms_clamav, &config, &engine, &err) != MS_OK)
		return fail(&err);
	ms_engine_info(engine, &info);
	(void)printf("Signatures: %" PRIu64 "\n", info.signatures);
	(void)printf("Engine: %s %s\n", info.name, info.version);
	ms_engine_info_clear(&info);
	ms_engine_close(engine);
	return EXIT_CLEAN;
}

static int
info(const struct db_options *options)
{
	const char *path = options->database ? options->database :
	    ms_database_default();
	struct ms_database *database;
	struct ms_error err;
	int64_t days;
	int status;
	char *name;

	if (ms_database_open(path, &database, &err) != MS_OK)
		return fail(&err);
	name = ms_quote_string(path);
	(void)printf("Database: %s\n", name);
	g_free(name);
	for (guint i = 0; i < database->files->len; i++)
		print_file(database->files->pdata[i]);
	days = (ms_clock_wall() - database->newest) / 86400;
	if (database->files->len > 0)
		(void)printf("Age: %" PRId64 " days\n", days);
	status = print_loaded(path);
	ms_database_free(database);
	if (options->fail_if_older_days > 0 &&
	    days >= options->fail_if_older_days)
		return EXIT_TROUBLE;
	return status;
}

static void
defaults(void *into)
{
	*(struct db_options *)into = (struct db_options){ .database = NULL };
}

int
cmd_db_run(int argc, char **argv)
{
	struct db_options options = { 0 };
	int status;
	int count = option_parse(&cmd_db, argc, argv, &options, &status);

	if (count < 0)
		return status;
	if (count != 1 || strcmp(argv[1], "info") != 0)
		return count > 1 ? option_error(&cmd_db, "want info alone") :
		    option_no_word(&cmd_db, argv[1]);
	status = info(&options);
	option_free(&cmd_db, &options);
	return status;
}

const struct command cmd_db = {
	.name = "db",
	.synopsis = "[options] info",
	.summary = "Show the signature database: files, versions, age",
	.options = tables,
	.words = "info",
	.config = true,
	.size = sizeof(struct db_options),
	.defaults = defaults,
};
