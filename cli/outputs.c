#include "outputs.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct output {
	struct ms_report *report;
	FILE *stream;		/* to close, or NULL */
	struct ms_whole *whole;	/* to commit, or NULL */
	const char *file;	/* NULL: standard output */
	bool failed;		/* and that was said */
};

struct outputs {
	const struct scan_options *options;
	GArray *list;		/* of struct output */
	struct ms_progress *progress;
	uint64_t total_bytes;
};

/* Note that OUTPUT could not be written, and say so once. */
static bool
complain(struct output *output, const struct ms_error *err)
{
	char *name = ms_quote_string(output->file ? output->file :
	    "standard output");
	char *text = ms_quote_string(err->text);

	if (!output->failed)
		(void)fprintf(stderr, "mailscan: %s: %s\n",
		    name, text);
	output->failed = true;
	g_free(text);
	g_free(name);
	return false;
}

void
outputs_add(struct outputs *outputs, struct ms_report *report, FILE *stream,
    const char *file)
{
	const struct output output = { .report = report, .stream = stream,
		.file = file };

	g_array_append_val(outputs->list, output);
}

/* When the last run ended that went well, by the metrics in FILE. */
static int64_t
last_success(const char *file)
{
	FILE *stream = fopen(file, "re");
	struct stat st;
	int64_t when = 0;

	if (!stream)
		return 0;
	if (fstat(fileno(stream), &st) == 0 && S_ISREG(st.st_mode))
		when = ms_prom_last_success(stream);
	(void)fclose(stream);
	return when;
}

/* Open FILE for OUTPUT, to be replaced as a whole if FORMAT wants that. */
static bool
open_file(const struct command *cmd, const struct scan_options *options,
    const char *format, const char *file, struct output *output)
{
	struct ms_error err;

	output->file = file;
	if (!ms_report_is_whole(format)) {
		output->stream = fopen(file, file == options->log ? "ae" :
		    "we");
		if (output->stream)
			return true;
		(void)option_error(cmd, "cannot open %s: %s", file,
		    strerror(errno));
		return false;
	}
	if (ms_whole_open(file, &output->whole, &err) == MS_OK)
		return true;
	(void)option_error(cmd, "%s", err.text);
	return false;
}

/* Add a report in FORMAT; FILE NULL is standard output. */
static bool
add(const struct command *cmd, struct outputs *outputs, const char *format,
    const char *file, const struct ms_report_engine *engine)
{
	const struct scan_options *o = outputs->options;
	const struct ms_report_options options = {
		.parts = o->parts,
		.only_found = o->only_found,
		.only_not_ok = o->only_not_ok,
		.summary = o->summary,
		.skipped = o->verbose,
		.dir = scan_options_tempdir(o),
		.last_success = file && strcmp(format, "prom") == 0 ?
		    last_success(file) : 0,
	};
	struct output output = { 0 };
	FILE *stream = stdout;

	if (file && !open_file(cmd, o, format, file, &output))
		return false;
	if (file)
		stream = output.whole ? ms_whole_stream(output.whole) :
		    output.stream;
	output.report = ms_report_new(format, stream, &options, engine);
	g_array_append_val(outputs->list, output);
	return true;
}

/* The FILE of FORMAT[:FILE], or NULL for standard output. */
static const char *
report_file(const char *name)
{
	const char *colon = strchr(name, ':');

	return colon && strcmp(colon + 1, "-") != 0 ? colon + 1 : NULL;
}

static bool
add_named(const struct command *cmd, struct outputs *outputs,
    const char *name, const struct ms_report_engine *engine)
{
	const char *const *known = ms_report_formats();
	const char *colon = strchr(name, ':');
	size_t size = colon ? (size_t)(colon - name) : strlen(name);
	char *all;

	for (; *known; known++)
		if (strlen(*known) == size &&
		    strncmp(*known, name, size) == 0)
			return add(cmd, outputs, *known,
			    report_file(name), engine);
	all = g_strjoinv(", ", (char **)(uintptr_t)ms_report_formats());
	(void)option_error(cmd, "'%s' is no report: want one of %s, "
	    "and :FILE behind it unless it is for standard output", name,
	    all);
	g_free(all);
	return false;
}

static bool
on_stdout(const struct outputs *outputs)
{
	for (guint i = 0; i < outputs->list->len; i++)
		if (!g_array_index(outputs->list, struct output, i).file)
			return true;
	return false;
}

static void
free_outputs(struct outputs *outputs)
{
	ms_progress_free(outputs->progress);
	for (guint i = 0; i < outputs->list->len; i++) {
		struct output *output = &g_array_index(outputs->list,
		    struct output, i);

		ms_report_free(output->report);
		if (output->stream)
			(void)fclose(output->stream);
		ms_whole_discard(output->whole);
	}
	g_array_unref(outputs->list);
	g_free(outputs);
}

bool
outputs_show_progress(const struct scan_options *options)
{
	if (options->progress == PROGRESS_AUTO)
		return !options->quiet && isatty(STDERR_FILENO);
	return options->progress == PROGRESS_ALWAYS;
}

static bool
same_file(const char *a, const char *b)
{
	struct stat x, y;

	if (strcmp(a, b) == 0)
		return true;
	return stat(a, &x) == 0 && stat(b, &y) == 0 &&
	    S_ISREG(x.st_mode) && x.st_dev == y.st_dev &&
	    x.st_ino == y.st_ino;
}

bool
outputs_check(const struct command *cmd, const struct scan_options *options,
    int count, char **paths)
{
	GPtrArray *files = g_ptr_array_new_with_free_func(g_free);
	bool ok = true;

	for (const char *const *name = options->reports; name && *name; name++)
		if (report_file(*name))
			g_ptr_array_add(files, g_strdup(report_file(*name)));
	if (options->log)
		g_ptr_array_add(files, g_strdup(options->log));
	for (guint i = 0; ok && i < files->len; i++) {
		const char *file = files->pdata[i];

		for (guint k = 0; ok && k < i; k++)
			ok = !same_file(file, files->pdata[k]);
		for (int k = 0; ok && k < count; k++)
			ok = !same_file(file, paths[k]);
		if (!ok)
			(void)option_error(cmd, "%s is to be written, and "
			    "is named for something else, too", file);
	}
	g_ptr_array_unref(files);
	return ok;
}

struct outputs *
outputs_new(const struct scan_options *options, uint64_t total_bytes)
{
	struct outputs *outputs = g_new0(struct outputs, 1);

	outputs->options = options;
	outputs->total_bytes = total_bytes;
	outputs->list = g_array_new(FALSE, FALSE, sizeof(struct output));
	if (outputs_show_progress(options))
		outputs->progress = ms_progress_new(stderr, NULL);
	return outputs;
}

struct outputs *
outputs_open(const struct command *cmd, const struct scan_options *options,
    const struct ms_report_engine *engine, uint64_t total_bytes)
{
	struct outputs *outputs = outputs_new(options, total_bytes);
	bool ok = true;

	for (const char *const *name = options->reports; ok && name && *name;
	    name++)
		ok = add_named(cmd, outputs, *name, engine);
	if (ok && options->log)
		ok = add(cmd, outputs, "text", options->log, engine);
	if (ok && !options->quiet && !on_stdout(outputs))
		ok = add(cmd, outputs, "text", NULL, engine);
	if (!ok) {
		free_outputs(outputs);
		return NULL;
	}
	return outputs;
}

/* Write one thing to one report; WHAT is that thing. */
typedef enum ms_status write_one(struct ms_report *report, const void *what,
    struct ms_error *err);

/* Have WRITE write WHAT to every report. */
static bool
write_all(struct outputs *outputs, write_one *write, const void *what)
{
	struct ms_error err;
	bool ok = true;

	if (outputs->progress)
		ms_progress_clear(outputs->progress);
	for (guint i = 0; i < outputs->list->len; i++) {
		struct output *output = &g_array_index(outputs->list,
		    struct output, i);

		if (write(output->report, what, &err) != MS_OK)
			ok = complain(output, &err);
	}
	return ok;
}

static enum ms_status
write_message(struct ms_report *report, const void *what,
    struct ms_error *err)
{
	return ms_report_message(report, what, err);
}

/* Print what failed, if no report on standard output says it. */
static void
print_failed(const struct outputs *outputs, const char *source,
    const char *action, const char *why)
{
	char *name, *text;

	if (on_stdout(outputs))
		return;
	name = ms_quote_string(source);
	text = ms_quote_string(why);
	(void)fprintf(stderr, "mailscan: %s: %s failed: %s\n", name, action,
	    text ? text : "no reason is known");
	g_free(text);
	g_free(name);
}

bool
outputs_message(struct outputs *outputs, const struct ms_outcome *outcome)
{
	for (guint i = 0; i < outcome->deeds->len; i++) {
		const struct ms_deed *deed = outcome->deeds->pdata[i];

		if (deed->state == MS_DEED_FAILED)
			print_failed(outputs, outcome->origin.source,
			    deed->action, deed->detail);
	}
	return write_all(outputs, write_message, outcome);
}

/* As what a report writes down. */
struct notice {
	enum ms_report_notice kind;
	const struct ms_origin *origin;
	const char *text;
};

static enum ms_status
write_notice(struct ms_report *report, const void *what,
    struct ms_error *err)
{
	const struct notice *notice = what;

	return ms_report_notice(report, notice->kind, notice->origin,
	    notice->text, err);
}

static enum ms_status
write_action(struct ms_report *report, const void *what,
    struct ms_error *err)
{
	return ms_report_action(report, what, err);
}

bool
outputs_action(struct outputs *outputs,
    const struct ms_report_action *action)
{
	if (action->state == MS_DEED_FAILED)
		print_failed(outputs, action->source, action->action,
		    action->detail);
	return write_all(outputs, write_action, action);
}

static enum ms_status
write_summary(struct ms_report *report, const void *what,
    struct ms_error *err)
{
	return ms_report_summary(report, what, err);
}

static void
print_error(const struct ms_source_item *item)
{
	char *source = ms_quote_string(item->origin.source);
	char *text = ms_quote_string(item->text);

	(void)fprintf(stderr, "mailscan: %s: %s\n", source ? source : "?",
	    text ? text : "cannot be read");
	g_free(text);
	g_free(source);
}

bool
outputs_note(struct outputs *outputs, enum ms_report_notice kind,
    const struct ms_origin *origin, const char *text)
{
	const struct notice notice = { kind, origin, text };

	return write_all(outputs, write_notice, &notice);
}

bool
outputs_notice(struct outputs *outputs, const struct ms_source_item *item)
{
	static const enum ms_report_notice kinds[] = {
		[MS_SOURCE_GONE] = MS_REPORT_GONE,
		[MS_SOURCE_EMPTY] = MS_REPORT_EMPTY,
		[MS_SOURCE_SKIPPED] = MS_REPORT_SKIPPED,
		[MS_SOURCE_FAILED] = MS_REPORT_FAILED,
	};

	if (outputs->progress)
		ms_progress_clear(outputs->progress);
	if (item->kind == MS_SOURCE_FAILED && !on_stdout(outputs))
		print_error(item);
	return outputs_note(outputs, kinds[item->kind], &item->origin,
	    item->text);
}

void
outputs_set(struct outputs *outputs, const struct ms_report_engine *engine,
    bool parts, bool tree, bool files)
{
	for (guint i = 0; i < outputs->list->len; i++) {
		struct ms_report *report = g_array_index(outputs->list,
		    struct output, i).report;
		struct ms_report_options options = report->options;

		options.parts = parts;
		options.tree = tree;
		options.files = files;
		ms_report_set(report, &options, engine);
	}
}

/* What was written in full gets its name. */
static bool
commit(struct output *output)
{
	struct ms_whole *whole = output->whole;
	struct ms_error err;

	if (!whole || output->failed)
		return true;
	output->whole = NULL;
	return ms_whole_commit(whole, &err) == MS_OK ||
	    complain(output, &err);
}

bool
outputs_close(struct outputs *outputs, const struct ms_report_totals *totals)
{
	bool ok = write_all(outputs, write_summary, totals);

	for (guint i = 0; i < outputs->list->len; i++)
		ok = commit(&g_array_index(outputs->list, struct output,
		    i)) && ok;
	free_outputs(outputs);
	return ok;
}

void
outputs_abandon(struct outputs *outputs)
{
	if (outputs)
		free_outputs(outputs);
}

void
outputs_progress(struct outputs *outputs,
    const struct ms_report_totals *totals, uint64_t bytes)
{
	const struct ms_progress_counts counts = {
		.messages = totals->messages,
		.bytes = bytes,
		.total_bytes = outputs->total_bytes,
		.found = totals->verdicts[MS_VERDICT_INFECTED],
	};

	if (outputs->progress)
		ms_progress_update(outputs->progress, &counts);
}

bool
outputs_are_lost(const struct outputs *outputs)
{
	for (guint i = 0; i < outputs->list->len; i++)
		if (!g_array_index(outputs->list, struct output, i).failed)
			return false;
	return outputs->list->len > 0;
}
