#include "captures.h"
#include "command.h"
#include "exit.h"

#include <string.h>

#define TO(field) offsetof(struct capture_options, field), 0, 0, NULL

/* What a capture can be told to be; MS_CAPTURE_NONE is none of them. */
static const struct opt_choice formats[] = {
	{ "auto", MS_CAPTURE_AUTO }, { "pcap", MS_CAPTURE_PCAP },
	{ "transcript", MS_CAPTURE_TRANSCRIPT },
	{ "swaks", MS_CAPTURE_SWAKS }, { "postfix", MS_CAPTURE_POSTFIX },
	{ "clamsmtpd", MS_CAPTURE_CLAMSMTPD }, { "curl", MS_CAPTURE_CURL },
	{ "bsmtp", MS_CAPTURE_BSMTP }, { "stream", MS_CAPTURE_STREAM },
	{ "sink", MS_CAPTURE_SINK },
	{ "flowsynth", MS_CAPTURE_FLOWSYNTH },
	{ "curltest", MS_CAPTURE_CURLTEST }, { NULL, 0 },
};

static const struct opt_choice kinds[] = {
	{ "transcript", CAPTURE_TO_TRANSCRIPT },
	{ "pcap", CAPTURE_TO_PCAP }, { NULL, 0 },
};

static const struct opt rows[] = {
	{ "from", 0, OPT_CHOICE, true, "Input", "FORMAT",
	  "what the captures are (default: auto, see what they are)",
	  offsetof(struct capture_options, from), 0, 0, formats },
	{ "to", 0, OPT_CHOICE, true, "Output", "FORMAT",
	  "convert: what to make of them (default: transcript)",
	  offsetof(struct capture_options, to), 0, 0, kinds },
	{ "redact", 0, OPT_FLAG, true, NULL, NULL,
	  "convert: without addresses and contents, but of the same structure "
	  "and sizes", TO(redact) },
	{ "output", 'o', OPT_STRING, true, NULL, "FILE",
	  "convert: write to FILE instead of standard output", TO(output) },
	{ "json", 0, OPT_FLAG, true, NULL, NULL,
	  "list: print a line of JSON for each dialogue", TO(json) },
	{ "tempdir", 0, OPT_STRING, false, NULL, "DIR",
	  "where temporary files go (default: TMPDIR, or /tmp)",
	  TO(scan.tempdir) },
	{ 0 },
};
static const struct opt *const tables[] = { rows, NULL };

/* What can be done with captures. */
static const struct {
	const char *word;
	int (*run)(const struct command *cmd,
	    const struct capture_options *options, int count, char **paths);
} words[] = {
	{ "convert", capture_convert },
	{ "list", capture_list },
};

static int
run(const struct command *cmd, const void *options, int count,
    char **operands)
{
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (count == 0 || strcmp(words[i].word, operands[0]) != 0)
			continue;
		if (count == 1)
			return option_error(cmd, "%s: want captures",
			    operands[0]);
		return words[i].run(cmd, options, count - 1, operands + 1);
	}
	return option_no_word(cmd, operands[0]);
}

static void
defaults(void *into)
{
	struct capture_options *options = into;

	*options = (struct capture_options){ .scan = scan_options_default };
}

int
cmd_capture_run(int argc, char **argv)
{
	return option_run(&cmd_capture, argc, argv, run);
}

const struct command cmd_capture = {
	.name = "capture",
	.synopsis = "[options] convert | list CAPTURE ...",
	.summary = "List and convert captures of SMTP",
	.options = tables,
	.words = "convert list",
	.config = true,
	.section = "mailscan-capture",
	.size = sizeof(struct capture_options),
	.defaults = defaults,
};
