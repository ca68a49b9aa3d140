#ifndef MS_REPORT_H
#define MS_REPORT_H

#include "scan/outcome.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/*
 * Reports: one interface, one module per format. A report is opened on a
 * stream that stays the caller's, gets every outcome in input order and is
 * closed with the totals. Everything from outside is written through
 * base/quote.
 */

/* What was used; strings are loans for the life of the report. */
struct ms_report_engine {
	const char *name;		/* "clamav" */
	const char *version;		/* "1.4.6" */
	const char *database;		/* "daily 27451, main 62" */
	uint64_t signatures;
	int64_t database_age_days;	/* -1: unknown */
	int64_t database_time;		/* when it was made, in seconds since
					 * 1970; 0: unknown */
	const char *sandbox;		/* "seccomp, landlock 3, rlimits" */
	bool blind;			/* it looks for nothing */
};

struct ms_report_totals {
	uint64_t messages;		/* with a verdict */
	uint64_t verdicts[MS_VERDICTS];
	uint64_t ambiguous;		/* whatever the verdict */
	uint64_t unselected;
	uint64_t gone;
	uint64_t passed_over;		/* links not followed, no regular
					 * files */
	uint64_t failed;		/* paths that could not be read */
	uint64_t known;			/* of the messages: not scanned, since a
					 * state says what they are */
	uint64_t bytes;			/* of all messages, as found */
	int64_t elapsed_ms;
	int64_t finished;		/* seconds since 1970; 0: unknown */
	bool interrupted;
	/* What was done with messages: all of it zero unless asked for. */
	struct ms_report_actions {
		bool asked;
		bool dry_run;		/* only would have been: */
		uint64_t moved;		/* messages, as all below */
		uint64_t copied;
		uint64_t removed;
		uint64_t flagged;
		uint64_t refiled;	/* to another folder */
		uint64_t failed;	/* of which something was not done */
	} actions;
};

struct ms_report_options {
	bool parts;		/* list parts (JSONL) */
	bool only_found;	/* all but JSONL: only messages with a
				 * finding (-i) */
	bool only_not_ok;	/* likewise: no lines for clean ones (-o) */
	bool summary;		/* text: the block at the end */
	bool skipped;		/* text: what was passed over, too, and the
				 * envelopes of captured messages (-v) */
	bool tree;		/* JSONL: all that is known of a part */
	bool files;		/* JSONL: the files of parts that were
				 * picked, as scan/filename.h names them */
	bool digests;		/* tree: the beginning of digests */
	int64_t last_success;	/* prom: when the last run before ended that
				 * went well; 0: unknown */
	bool utf8;		/* tree: lines may be drawn in UTF-8 */
	const char *dir;	/* HTML, JUnit: for a temporary file of what
				 * has to wait; a loan for the life of the
				 * report; NULL: memory */
};

/* What became of a path that gave no message. */
enum ms_report_notice {
	MS_REPORT_GONE,
	MS_REPORT_EMPTY,
	MS_REPORT_SKIPPED,
	MS_REPORT_FAILED
};

/* What was done at the end of a mailbox, that its messages had waited for. */
struct ms_report_action {
	const char *source;	/* of the mailbox */
	const char *action;	/* "expunge" */
	enum ms_deed_state state;	/* DONE or FAILED */
	uint64_t messages;
	const char *detail;	/* why not; NULL: nothing to say */
};

struct ms_report;

/* One format. Each function returns MS_OK or MS_E_IO (the stream). */
struct ms_report_ops {
	const char *name;
	bool whole;		/* half of one is of no use to anybody */
	enum ms_status (*message)(struct ms_report *report,
	    const struct ms_outcome *outcome, struct ms_error *err);
	enum ms_status (*notice)(struct ms_report *report,
	    enum ms_report_notice kind, const struct ms_origin *origin,
	    const char *text, struct ms_error *err);
	/* NULL: nothing is said of it. */
	enum ms_status (*action)(struct ms_report *report,
	    const struct ms_report_action *action, struct ms_error *err);
	enum ms_status (*summary)(struct ms_report *report,
	    const struct ms_report_totals *totals, struct ms_error *err);
	void (*free)(struct ms_report *report);	/* its state; NULL: nothing */
};

/* For the formats' own use. */
struct ms_report {
	const struct ms_report_ops *ops;
	FILE *stream;
	struct ms_report_options options;
	struct ms_report_engine engine;
	void *state;		/* what the format remembers; NULL at first */
};

/* A report in FORMAT ("text", "jsonl", "tree", ...) on STREAM; NULL: no such
 * format. OPTIONS and ENGINE are copied. */
struct ms_report *ms_report_new(const char *format, FILE *stream,
    const struct ms_report_options *options,
    const struct ms_report_engine *engine);

/* Frees the report, not the stream. */
void ms_report_free(struct ms_report *report);

/* The names of the formats that suit a scan, NULL-ended, for help texts. */
const char *const *ms_report_formats(void);

/* Is a file in FORMAT to be replaced as a whole, because half of one would be
 * taken for all of it, or for nothing? */
bool ms_report_is_whole(const char *format);

/* Known only now: what was used, and what is listed of a message. Copied, as
 * at the beginning. */
void ms_report_set(struct ms_report *report,
    const struct ms_report_options *options,
    const struct ms_report_engine *engine);

/* For the formats: is OUTCOME to be listed, by only_found and only_not_ok? */
bool ms_report_wants(const struct ms_report *report,
    const struct ms_outcome *outcome);

/* "gone", "empty", "skipped", "failed". */
const char *ms_report_notice_name(enum ms_report_notice kind);

enum ms_status ms_report_message(struct ms_report *report,
    const struct ms_outcome *outcome, struct ms_error *err);
enum ms_status ms_report_notice(struct ms_report *report,
    enum ms_report_notice kind, const struct ms_origin *origin,
    const char *text, struct ms_error *err);
enum ms_status ms_report_action(struct ms_report *report,
    const struct ms_report_action *action, struct ms_error *err);
enum ms_status ms_report_summary(struct ms_report *report,
    const struct ms_report_totals *totals, struct ms_error *err);

#endif
