#include "help.h"

#include <stdio.h>
#include <string.h>

enum { HELP_COLUMN = 32, LINE_END = 79 };

void
help_choices(GString *out, const struct opt *opt)
{
	const char *before = " ";

	for (const struct opt_choice *c = opt->choices; c->name; c++) {
		g_string_append_printf(out, "%s%s", before, c->name);
		before = c[1].name && c[2].name ? ", " : " or ";
	}
}

/* Print TEXT by words from HELP_COLUMN on; the cursor is at COLUMN. */
static void
print_wrapped(const char *text, int column)
{
	char **words = g_strsplit(text, " ", -1);

	if (column >= HELP_COLUMN) {
		putchar('\n');
		column = 0;
	}
	printf("%*s", HELP_COLUMN - column, "");
	column = HELP_COLUMN;
	for (char **w = words; *w != NULL; w++) {
		int width = (int)g_utf8_strlen(*w, -1);

		if (column > HELP_COLUMN && column + 1 + width > LINE_END) {
			printf("\n%*s", HELP_COLUMN, "");
			column = HELP_COLUMN;
		} else if (column > HELP_COLUMN) {
			putchar(' ');
			column++;
		}
		fputs(*w, stdout);
		column += width;
	}
	putchar('\n');
	g_strfreev(words);
}

static bool
is_word_of(const struct command *cmd, const char *word)
{
	char **words = g_strsplit(cmd->words ? cmd->words : "", " ", -1);
	const bool found = g_strv_contains((const char *const *)words, word);

	g_strfreev(words);
	return found;
}

/* The help on OPT if WORD (NULL: any) is what CMD is to do, or NULL: what only
 * goes with one of its words begins with that, as "list: print JSON". */
static const char *
help_with(const struct command *cmd, const char *word, const struct opt *opt)
{
	const char *rest = word ? strstr(opt->help, ": ") : NULL;
	const char *help = opt->help;
	char *first;

	if (!rest)
		return help;
	first = g_strndup(help, (gsize)(rest - help));
	if (strcmp(first, word) == 0)
		help = rest + 2;
	else if (is_word_of(cmd, first))
		help = NULL;
	g_free(first);
	return help;
}

static void
print_option(const struct opt *opt, const char *text)
{
	GString *help = g_string_new(text);
	int column;

	if (opt->short_name != 0)
		column = printf("  -%c, --%s", opt->short_name, opt->name);
	else
		column = printf("      --%s", opt->name);
	if (opt->placeholder != NULL)
		column += printf("=%s", opt->placeholder);
	if (opt->type == OPT_CHOICE) {
		g_string_append_c(help, ':');
		help_choices(help, opt);
	}
	print_wrapped(help->str, column);
	g_string_free(help, TRUE);
}

/* Print the rows: all of them under headings, or the usual ones, a screenful,
 * as they come. WORD: only what goes with it. */
static void
print_rows(const struct command *cmd, const char *word, bool all)
{
	GPtrArray *rows = option_rows(cmd);
	const char *section = NULL;

	if (!all)
		putchar('\n');
	for (guint i = 0; i < rows->len; i++) {
		const struct opt *row = rows->pdata[i];
		const char *text = help_with(cmd, word, row);

		if (row->section != NULL)
			section = row->section;
		if (!text || (!all && !row->basic))
			continue;
		if (section != NULL && all)
			printf("\n%s:\n", section);
		section = NULL;
		print_option(row, text);
	}
	g_ptr_array_unref(rows);
}

void
help_command(const struct command *cmd, const char *word, bool all)
{
	printf("Usage: mailscan %s%s%s\n%s.\n", cmd->name,
	    cmd->synopsis ? " " : "", cmd->synopsis ? cmd->synopsis : "",
	    cmd->summary);
	print_rows(cmd, word && is_word_of(cmd, word) ? word : NULL, all);
	/* What has no options of its own has no page of its own. */
	if (cmd->options != NULL)
		printf("\nThe manual: man mailscan-%s\n", cmd->name);
	else
		printf("\nThe manual: man mailscan\n");
}
