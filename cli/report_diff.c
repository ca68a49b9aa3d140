#include "report_words.h"

#include "exit.h"
#include "report_input.h"

#include <stdio.h>

static const enum ms_changes_side sides[] = {
	MS_CHANGES_OLD, MS_CHANGES_NEW
};

static bool
complain(const struct ms_error *err)
{
	char *text = ms_quote_string(err->text);

	(void)fprintf(stderr, "mailscan: %s\n", text);
	g_free(text);
	return false;
}

/* Note every finding. */
static void
survey(struct report_input *input, struct ms_changes *changes,
    enum ms_changes_side side)
{
	struct ms_readback_item item;

	while (report_input_next(input, &item)) {
		if (item.kind == MS_READBACK_MESSAGE)
			ms_changes_note(changes, side, item.outcome);
		ms_readback_item_clear(&item);
	}
}

static bool
print_message(struct ms_changes *changes, enum ms_changes_side side,
    const struct ms_outcome *outcome, bool json)
{
	const GPtrArray *findings = outcome->facts.findings;
	struct ms_error err;

	for (guint i = 0; i < findings->len; i++)
		if (ms_changes_next(changes, side) == MS_CHANGE_ALONE &&
		    ms_changes_write(stdout, json, side, outcome,
		    g_ptr_array_index(findings, i), &err) != MS_OK)
			return complain(&err);
	return true;
}

/* Print what is on SIDE alone. */
static bool
print_side(struct report_input *input, struct ms_changes *changes,
    enum ms_changes_side side, bool json)
{
	struct ms_readback_item item;
	bool ok = true;

	if (ms_changes_count(changes, side, MS_CHANGE_ALONE) == 0)
		return true;
	report_input_rewind(input);
	while (ok && report_input_next(input, &item)) {
		if (item.kind == MS_READBACK_MESSAGE)
			ok = print_message(changes, side, item.outcome,
			    json);
		ms_readback_item_clear(&item);
	}
	return ok;
}

static bool
print(struct report_input *inputs, struct ms_changes *changes, bool json)
{
	struct ms_error err;

	for (int i = 0; i < MS_CHANGES_SIDES; i++)
		if (!print_side(&inputs[i], changes, sides[i], json))
			return false;
	return ms_changes_write_counts(stdout, json, changes, &err) == MS_OK ||
	    complain(&err);
}

int
report_diff(const struct command *cmd, const struct report_options *options,
    int count, char **files)
{
	struct report_input inputs[MS_CHANGES_SIDES] = { { 0 } };
	struct ms_changes *changes = ms_changes_new();
	bool ok = true, found = false, told = false;

	(void)cmd;
	(void)count;	/* two, by the table of commands */
	for (int i = 0; i < MS_CHANGES_SIDES && ok; i++)
		ok = report_input_open(&inputs[i], files[i],
		    scan_options_tempdir(&options->scan));
	if (ok) {
		for (int i = 0; i < MS_CHANGES_SIDES; i++)
			survey(&inputs[i], changes, sides[i]);
		ms_changes_settle(changes);
		found = ms_changes_count(changes, MS_CHANGES_NEW,
		    MS_CHANGE_ALONE) > 0;
		ok = told = print(inputs, changes, options->json);
		for (int i = 0; i < MS_CHANGES_SIDES; i++)
			ok = report_input_is_fine(&inputs[i]) && ok;
	}
	for (int i = 0; i < MS_CHANGES_SIDES; i++)
		report_input_close(&inputs[i]);
	ms_changes_free(changes);
	/* As for a scan: what is new beats what could not be read, but not
	 * that it could not be said. */
	if (found && told)
		return EXIT_FOUND;
	return ok ? EXIT_CLEAN : EXIT_TROUBLE;
}
