#ifndef SCAN_OPTIONS_H
#define SCAN_OPTIONS_H

#include "mailscan.h"
#include "option.h"
#include "policy_options.h"

#include <stdbool.h>
#include <stdint.h>

/* Everything that "mailscan scan" can be told. */
struct scan_options {
	struct policy_options policy;	/* first: its rows are ours */
	/* input */
	int format, variant;
	bool recursion, cross_fs, null;
	int64_t follow_dirs, follow_files;
	const char *const *paths;
	const char *const *file_lists, *const *include, *const *exclude;
	const char *since, *until;
	/* engine */
	int engine;
	const char *const *clamd;
	const char *database;
	bool official_only, detect_pua, all_matches;
	bool alert_broken, alert_broken_media, alert_encrypted;
	bool alert_encrypted_archive, alert_encrypted_doc, alert_macros;
	bool alert_exceeds_max, alert_phishing_ssl, alert_phishing_cloak;
	bool alert_partition;
	int on_ambiguous, parity;
	int64_t fail_if_older_days;
	/* encrypted content */
	const char *password_file;
	bool passwords_from_body;
	/* block_options */
	const char *const *block_names, *const *block_name_files;
	const char *const *block_types, *const *block_regexes;
	bool block_double_ext;
	const char *const *scanners;	/* scanner_options */
	/* limits */
	uint64_t max_filesize, max_scansize, max_memory;
	int64_t max_files, max_recursion, max_mime_depth, max_ratio;
	int64_t max_scantime_ms;
	/* workers */
	int64_t jobs, nice, rate;
	bool in_process, require_sandbox;
	const char *tempdir;
	/* actions */
	const char *copy, *move, *flag, *to_folder, *act_on;
	bool remove, dry_run;
	int mbox_remove, defang;
	const char *lock_order;
	int64_t lock_timeout_s;
	/* report */
	bool only_found, only_not_ok, summary, quiet, verbose, parts;
	const char *const *reports, *log;
	const char *const *mail_report, *sendmail;
	int progress;
	/* incremental audits */
	const char *state;
	int rescan;
	bool resume, only_new;
	/* exit status */
	const char *fail_on;
	bool strict_exit, exit_zero;
};

enum { AMBIGUOUS_REPORT, AMBIGUOUS_INCOMPLETE };
enum { PARITY_FULL, PARITY_PARTS };
enum { RESCAN_DATABASE = MS_RUNS_DATABASE, RESCAN_CHANGED = MS_RUNS_CHANGED,
	RESCAN_ALL = MS_RUNS_ALL };
enum { ENGINE_CLAMAV, ENGINE_CLAMD, ENGINE_NONE };
enum { MBOX_REMOVE_STUB, MBOX_REMOVE_EXPUNGE };
enum { DEFANG_NONE, DEFANG_ZIP };
enum { PROGRESS_AUTO, PROGRESS_ALWAYS, PROGRESS_NEVER };

/* The built-in defaults, the rows by section, and the tables of all of them.
 * Other commands take what they need of it. */
extern const struct scan_options scan_options_default;
extern const struct opt scan_options_input[];
extern const struct opt scan_options_engine[];
extern const struct opt scan_options_passwords[];
extern const struct opt scan_options_limits[];
extern const struct opt scan_options_workers[];
extern const struct opt scan_options_actions[];	/* actions.c */
extern const struct opt scan_options_report[];
extern const struct opt scan_options_audit[];
extern const struct opt scan_options_exit[];
extern const struct opt *const scan_options_tables[];

/* The directory for temporary files that nobody need find. A loan. */
const char *scan_options_tempdir(const struct scan_options *options);

/* The COUNT operands at *OPERANDS, or the paths of OPTIONS if there are none;
 * returns how many. */
int scan_options_paths(const struct scan_options *options, int count,
    char ***operands);

/* Is there anything wrong with them that no row says? It has been said. */
bool scan_options_check(const struct command *cmd,
    const struct scan_options *options);

/* The same of those of scan_options_engine. */
bool scan_options_check_engine(const struct command *cmd,
    const struct scan_options *options);

/* What the options mean to the library. Each false: option_error() has said
 * what is wrong. */
bool scan_options_source(const struct command *cmd,
    const struct scan_options *options, struct ms_source_config *config);
void scan_options_pipeline(const struct scan_options *options,
    struct ms_pipeline_config *config);

#endif
