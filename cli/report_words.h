#ifndef REPORT_WORDS_H
#define REPORT_WORDS_H

#include "scan_options.h"

/* What "mailscan report" does, by its first operand. */

struct report_options {
	struct scan_options scan;	/* where it is written to */
	bool json;
};

/* Each: COUNT FILES as operands; the exit status. */
int report_convert(const struct command *cmd,
    const struct report_options *options, int count, char **files);
int report_merge(const struct command *cmd,
    const struct report_options *options, int count, char **files);
int report_diff(const struct command *cmd,
    const struct report_options *options, int count, char **files);
int report_state(const struct command *cmd,
    const struct report_options *options, int count, char **files);

#endif
