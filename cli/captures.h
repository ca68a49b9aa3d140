#ifndef CAPTURES_H
#define CAPTURES_H

#include "scan_options.h"

#include "mailscan.h"

/* What `mailscan capture` does with captures. */

enum capture_to { CAPTURE_TO_TRANSCRIPT, CAPTURE_TO_PCAP };

struct capture_options {
	struct scan_options scan;	/* its tempdir */
	int from;		/* enum ms_capture_format */
	int to;			/* enum capture_to */
	bool redact, json;
	const char *output;	/* NULL: standard output */
};

/* Each: COUNT captures at PATHS, one after the other; returns what to exit
 * with. What is wrong with one was said on stderr. */
int capture_convert(const struct command *cmd,
    const struct capture_options *options, int count, char **paths);
int capture_list(const struct command *cmd,
    const struct capture_options *options, int count, char **paths);

/* ms_captured_open(); of a capture that is not known by itself ERR names
 * OPTION, too, which says what it is. */
enum ms_status captures_open(const char *path, enum ms_capture_format format,
    const char *tempdir, const char *option, struct ms_captured **captured,
    struct ms_error *err);

/* Does something with a dialogue of the capture at PATH. MS_OK: go on. What
 * cannot be written ends it all. */
typedef enum ms_status captures_visit(void *arg, const char *path,
    enum ms_capture_format format, struct ms_dialogue *dialogue,
    struct ms_error *err);

/* Call VISIT for every dialogue of every capture. *LOST: VISIT failed, and
 * that was said. False: so it is, or a capture is damaged or cannot be
 * read. */
bool captures_each(const struct capture_options *options, int count,
    char **paths, captures_visit *visit, void *arg, bool *lost);

/* Say on stderr what is wrong with NAME. */
void captures_complain(const char *name, const struct ms_error *err);

#endif
