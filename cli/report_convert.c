#include "report_words.h"

#include "exit.h"
#include "outputs.h"
#include "report_input.h"

/* Write one item as it is; false: it could not be written, which was said. */
static bool
write_item(struct outputs *outputs, const struct ms_readback_item *item,
    const struct ms_report_engine *engine)
{
	switch (item->kind) {
	case MS_READBACK_MESSAGE:
		outputs_set(outputs, engine, item->has_parts, item->has_tree,
		    item->has_files);
		return outputs_message(outputs, item->outcome);
	case MS_READBACK_NOTICE:
		return outputs_note(outputs, item->notice, &item->origin,
		    item->text);
	case MS_READBACK_ACTION:
		return outputs_action(outputs, &item->action);
	default:
		return true;
	}
}

/* Write all that the report says. */
static bool
convert(struct outputs *outputs, struct report_input *input,
    struct ms_report_engine *engine)
{
	struct ms_readback_item item;
	bool ok = true;

	while (!outputs_are_lost(outputs) && report_input_next(input, &item)) {
		ok = write_item(outputs, &item, engine) && ok;
		ms_readback_item_clear(&item);
	}
	if (input->failed) {
		outputs_abandon(outputs);
		return false;
	}
	if (input->summary.strings) {
		*engine = input->summary.engine;
		outputs_set(outputs, engine, false, false, false);
	}
	ok = outputs_close(outputs, &input->totals) && ok;
	return ok && report_input_is_fine(input);
}

int
report_convert(const struct command *cmd,
    const struct report_options *options, int count, char **files)
{
	static const char *const text[] = { "text", NULL };
	struct ms_report_engine engine = { .database_age_days = -1 };
	struct report_input input = { 0 };
	struct scan_options scan = options->scan;
	struct outputs *outputs = NULL;
	bool ok;

	/* Nothing is to stand beside what was asked for. */
	scan.quiet = true;
	if (!scan.reports)
		scan.reports = text;
	ok = outputs_check(cmd, &scan, count, files) &&
	    report_input_open(&input, files[0], scan_options_tempdir(&scan));
	if (ok) {
		(void)report_input_peek(&input, &engine);
		outputs = outputs_open(cmd, &scan, &engine, 0);
		ok = outputs && convert(outputs, &input, &engine);
	}
	report_input_close(&input);
	return ok ? EXIT_CLEAN : EXIT_TROUBLE;
}

/* All reports, and which of them tells of what. */
struct merging {
	struct report_input *inputs;
	int count;
	struct ms_merge *merge;
	struct ms_report_totals totals;
	struct ms_report_engine engine;	/* of the run that ended last */
	bool fine;
};

/* Read them all for the first time. */
static void
survey(struct merging *merging)
{
	int64_t *finished = g_new0(int64_t, (gsize)merging->count);
	int64_t last = -1;

	for (int i = 0; i < merging->count; i++) {
		struct report_input *input = &merging->inputs[i];
		struct ms_readback_item item;

		(void)ms_merge_run(merging->merge);
		while (report_input_next(input, &item)) {
			if (item.kind == MS_READBACK_MESSAGE)
				ms_merge_note(merging->merge, item.outcome);
			else if (item.kind == MS_READBACK_NOTICE)
				ms_merge_note_notice(merging->merge,
				    item.notice, &item.origin);
			ms_readback_item_clear(&item);
		}
		merging->fine &= report_input_is_fine(input);
		finished[i] = input->totals.finished;
		ms_totals_add(&merging->totals, &input->totals);
		if (input->summary.strings && finished[i] >= last) {
			merging->engine = input->summary.engine;
			last = finished[i];
		}
	}
	ms_merge_settle(merging->merge, finished);
	g_free(finished);
}

/* Does the report RUN tell of ITEM? If not, the totals are less by one. */
static bool
take(struct merging *merging, unsigned run,
    const struct ms_readback_item *item)
{
	bool taken = true;

	if (item->kind == MS_READBACK_MESSAGE) {
		taken = ms_merge_take(merging->merge, run, item->outcome);
		if (!taken)
			ms_totals_drop(&merging->totals, item->outcome);
	} else if (item->kind == MS_READBACK_NOTICE) {
		taken = ms_merge_take_notice(merging->merge, run,
		    item->notice, &item->origin);
		if (!taken)
			ms_totals_drop_notice(&merging->totals,
			    item->notice);
	}
	return taken;
}

static bool
write_merged(struct merging *merging, struct outputs *outputs)
{
	struct ms_readback_item item;
	bool ok = true;

	for (int i = 0; i < merging->count; i++) {
		struct report_input *input = &merging->inputs[i];

		report_input_rewind(input);
		while (!outputs_are_lost(outputs) &&
		    report_input_next(input, &item)) {
			if (take(merging, (unsigned)i, &item))
				ok = write_item(outputs, &item,
				    &merging->engine) && ok;
			ms_readback_item_clear(&item);
		}
	}
	return outputs_close(outputs, &merging->totals) && ok;
}

int
report_merge(const struct command *cmd, const struct report_options *options,
    int count, char **files)
{
	static const char *const jsonl[] = { "jsonl", NULL };
	struct merging merging = { .count = count, .fine = true,
		.engine = { .database_age_days = -1 } };
	struct scan_options scan = options->scan;
	struct outputs *outputs = NULL;
	bool ok;

	scan.quiet = true;
	if (!scan.reports)
		scan.reports = jsonl;
	merging.inputs = g_new0(struct report_input, (gsize)count);
	merging.merge = ms_merge_new();
	ok = outputs_check(cmd, &scan, count, files);
	for (int i = 0; i < count && ok; i++)
		ok = report_input_open(&merging.inputs[i], files[i],
		    scan_options_tempdir(&scan));
	if (ok) {
		survey(&merging);
		for (int i = 0; i < count; i++)
			ok = ok && !merging.inputs[i].failed;
	}
	if (ok) {
		outputs = outputs_open(cmd, &scan, &merging.engine, 0);
		ok = outputs && write_merged(&merging, outputs) &&
		    merging.fine;
	}
	for (int i = 0; i < count; i++)
		report_input_close(&merging.inputs[i]);
	ms_merge_free(merging.merge);
	g_free(merging.inputs);
	return ok ? EXIT_CLEAN : EXIT_TROUBLE;
}
