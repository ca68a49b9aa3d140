#include "scan_options.h"

#include "block_options.h"
#include "scanner_options.h"
#include "scan_rows.h"
#include "when.h"

#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

/* Message bodies up to these are gathered on the heap, and stay in memory on
 * their way to a worker. */
#define HEAP_MAX ((size_t)64 << 10)
#define MEMFD_MAX ((size_t)32 << 20)

/* Where Debian's clamd listens. */
#define CLAMD_DEFAULT "unix:/run/clamav/clamd.ctl"

const struct scan_options scan_options_default = {
	.policy = {
		.conflict = MS_POLICY_STRICTEST,
		.unmatched = POLICY_SCAN,
		.scan_local = true,
		.scan_outgoing = true,
	},
	.recursion = true,
	.cross_fs = true,
	.follow_dirs = MS_SOURCE_FOLLOW_DIRECT,
	.follow_files = MS_SOURCE_FOLLOW_DIRECT,
	.max_filesize = (uint64_t)100 << 20,
	.max_scansize = (uint64_t)400 << 20,
	.max_memory = (uint64_t)256 << 20,
	.max_files = 10000,
	.max_recursion = 17,
	.max_mime_depth = 100,
	.max_ratio = 250,
	.max_scantime_ms = 120000,
	.summary = true,
	.act_on = "infected",
	.lock_timeout_s = 30,
	.sendmail = "/usr/sbin/sendmail",
	.fail_on = "infected,blocked,spam",
};

static const struct opt_choice formats[] = {
	{ "auto", MS_SOURCE_AUTO },
	{ "eml", MS_SOURCE_EML },
	{ "mbox", MS_SOURCE_MBOX },
	{ "maildir", MS_SOURCE_MAILDIR },
	{ "mh", MS_SOURCE_MH },
	{ "archive", MS_SOURCE_ARCHIVE },
	{ "pcap", MS_SOURCE_PCAP },
	{ "smtp", MS_SOURCE_SMTP },
	{ "postfix", MS_SOURCE_POSTFIX },
	{ "exim", MS_SOURCE_EXIM },
	{ "sendmail", MS_SOURCE_SENDMAIL },
	{ "qmail", MS_SOURCE_QMAIL },
	{ "cyrus", MS_SOURCE_CYRUS },
	{ "dbox", MS_SOURCE_DBOX },
	{ "raw", MS_SOURCE_RAW },
	{ 0 },
};

static const struct opt_choice variants[] = {
	{ "auto", MS_SOURCE_VARIANT_AUTO },
	{ "o", MS_SOURCE_MBOXO },
	{ "rd", MS_SOURCE_MBOXRD },
	{ "cl", MS_SOURCE_MBOXCL },
	{ "cl2", MS_SOURCE_MBOXCL2 },
	{ 0 },
};

static const struct opt_choice parities[] = {
	{ "full", PARITY_FULL },
	{ "parts", PARITY_PARTS },
	{ 0 },
};

static const struct opt_choice doubts[] = {
	{ "report", AMBIGUOUS_REPORT },
	{ "incomplete", AMBIGUOUS_INCOMPLETE },
	{ 0 },
};

static const struct opt_choice engines[] = {
	{ "clamav", ENGINE_CLAMAV },
	{ "clamd", ENGINE_CLAMD },
	{ "none", ENGINE_NONE },
	{ 0 },
};

static const struct opt_choice rescans[] = {
	{ "database", RESCAN_DATABASE },
	{ "changed", RESCAN_CHANGED },
	{ "all", RESCAN_ALL },
	{ 0 },
};

static const struct opt_choice progresses[] = {
	{ "auto", PROGRESS_AUTO },
	{ "always", PROGRESS_ALWAYS },
	{ "never", PROGRESS_NEVER },
	{ 0 },
};

const struct opt scan_options_input[] = {
	{ "format", 0, OPT_CHOICE, false, "Input", "FORMAT",
	  "what the paths are, whatever they look like",
	  ONE_OF(format, formats) },
	{ "mbox-variant", 0, OPT_CHOICE, false, NULL, "VARIANT",
	  "how an mbox separates and quotes", ONE_OF(variant, variants) },
	{ "recursion", 0, OPT_FLAG, false, NULL, NULL,
	  "descend into directories (the default)", TO(recursion) },
	{ "recursive", 'r', OPT_FLAG, false, NULL, NULL,
	  "the same, as clamscan calls it", TO(recursion) },
	{ "file-list", 'f', OPT_LIST, true, NULL, "FILE",
	  "paths from FILE, one a line (-: standard input)",
	  TO(file_lists) },
	{ "paths", 0, OPT_LIST, false, NULL, "PATH",
	  "what to read where neither a path nor a file list is given",
	  TO(paths) },
	{ "null", '0', OPT_FLAG, false, NULL, NULL,
	  "paths in file lists end with a NUL byte", TO(null) },
	{ "include", 0, OPT_LIST, false, NULL, "GLOB",
	  "only files whose path or name matches", TO(include) },
	{ "exclude", 0, OPT_LIST, false, NULL, "GLOB",
	  "no files or directories whose path or name matches",
	  TO(exclude) },
	{ "since", 0, OPT_STRING, true, NULL, "WHEN",
	  "messages delivered since (2026-11-01, or 7d)", TO(since) },
	{ "until", 0, OPT_STRING, false, NULL, "WHEN",
	  "messages delivered before", TO(until) },
	{ "follow-dir-symlinks", 0, OPT_NUMBER, false, NULL, "N",
	  "follow links to directories: 0 never, 1 on the command line, "
	  "2 always", WITHIN(follow_dirs, 0, 2) },
	{ "follow-file-symlinks", 0, OPT_NUMBER, false, NULL, "N",
	  "follow links to files, likewise", WITHIN(follow_files, 0, 2) },
	{ "cross-fs", 0, OPT_FLAG, false, NULL, NULL,
	  "descend into other file systems (the default)", TO(cross_fs) },
	{ 0 },
};

const struct opt scan_options_engine[] = {
	{ "engine", 0, OPT_CHOICE, false, "Engine", "ENGINE",
	  "what looks for malware; with none, messages are only taken apart",
	  ONE_OF(engine, engines) },
	{ "clamd", 0, OPT_LIST, false, NULL, "ADDRESS",
	  "where clamd listens: unix:PATH or HOST:PORT (default: "
	  CLAMD_DEFAULT ")", TO(clamd) },
	{ "database", 'd', OPT_STRING, true, NULL, "PATH",
	  "signature database: a directory or a file", TO(database) },
	{ "official-db-only", 0, OPT_FLAG, false, NULL, NULL,
	  "load only officially signed databases", TO(official_only) },
	{ "detect-pua", 0, OPT_FLAG, false, NULL, NULL,
	  "load signatures of possibly unwanted applications",
	  TO(detect_pua) },
	{ "allmatch", 'z', OPT_FLAG, false, NULL, NULL,
	  "report every signature that matches a part, not just the first",
	  TO(all_matches) },
	{ "parity", 0, OPT_CHOICE, false, NULL, "WHAT",
	  "see all that clamscan sees, or decoded parts only, for less",
	  ONE_OF(parity, parities) },
	{ "on-ambiguous", 0, OPT_CHOICE, false, NULL, "WHAT",
	  "what to make of mail that readers may disagree about",
	  ONE_OF(on_ambiguous, doubts) },
	{ "fail-if-cvd-older-than", 0, OPT_NUMBER, false, NULL, "DAYS",
	  "exit with 2 if the database is older",
	  WITHIN(fail_if_older_days, 1, 36500) },
	{ "alert-broken", 0, OPT_FLAG, false, NULL, NULL,
	  "broken executables are findings", TO(alert_broken) },
	{ "alert-broken-media", 0, OPT_FLAG, false, NULL, NULL,
	  "broken images are findings", TO(alert_broken_media) },
	{ "alert-encrypted", 0, OPT_FLAG, false, NULL, NULL,
	  "encrypted archives and documents are findings",
	  TO(alert_encrypted) },
	{ "alert-encrypted-archive", 0, OPT_FLAG, false, NULL, NULL,
	  "encrypted archives are findings", TO(alert_encrypted_archive) },
	{ "alert-encrypted-doc", 0, OPT_FLAG, false, NULL, NULL,
	  "encrypted documents are findings", TO(alert_encrypted_doc) },
	{ "alert-macros", 0, OPT_FLAG, false, NULL, NULL,
	  "documents with VBA macros are findings", TO(alert_macros) },
	{ "alert-exceeds-max", 0, OPT_FLAG, false, NULL, NULL,
	  "what exceeds a limit of the engine is a finding",
	  TO(alert_exceeds_max) },
	{ "alert-phishing-ssl", 0, OPT_FLAG, false, NULL, NULL,
	  "SSL mismatches in URLs are findings", TO(alert_phishing_ssl) },
	{ "alert-phishing-cloak", 0, OPT_FLAG, false, NULL, NULL,
	  "cloaked URLs are findings", TO(alert_phishing_cloak) },
	{ "alert-partition-intersection", 0, OPT_FLAG, false, NULL, NULL,
	  "disk images with overlapping partitions are findings",
	  TO(alert_partition) },
	{ 0 },
};

const struct opt scan_options_passwords[] = {
	{ "password-file", 0, OPT_STRING, false, "Encrypted content", "FILE",
	  "try the passwords in FILE, one a line, on encrypted zip archives",
	  TO(password_file) },
	{ "passwords-from-body", 0, OPT_FLAG, false, NULL, NULL,
	  "try words of the message's own text, those near \"password\" first",
	  TO(passwords_from_body) },
	{ 0 },
};

const struct opt scan_options_limits[] = {
	{ "max-filesize", 0, OPT_SIZE, true, "Limits", "SIZE",
	  "most bytes of one message or part to scan",
	  WITHIN(max_filesize, 1, 1023 << 20) },
	{ "max-scansize", 0, OPT_SIZE, false, NULL, "SIZE",
	  "decoded bytes of one message in all",
	  WITHIN(max_scansize, 1, (int64_t)64 << 30) },
	{ "max-files", 0, OPT_NUMBER, false, NULL, "N",
	  "parts and archive members of one message",
	  WITHIN(max_files, 1, 10000000) },
	{ "max-recursion", 0, OPT_NUMBER, false, NULL, "N",
	  "levels of archives in archives", WITHIN(max_recursion, 1, 100) },
	{ "max-mime-depth", 0, OPT_NUMBER, false, NULL, "N",
	  "levels of multiparts and messages in a message",
	  WITHIN(max_mime_depth, 1, 500) },
	{ "max-ratio", 0, OPT_NUMBER, false, NULL, "N",
	  "times that an archive may grow when unpacked",
	  WITHIN(max_ratio, 1, 1000000) },
	{ "max-scantime", 0, OPT_NUMBER, false, NULL, "MS",
	  "milliseconds for one message",
	  WITHIN(max_scantime_ms, 1, 86400000) },
	{ "max-memory", 0, OPT_SIZE, false, NULL, "SIZE",
	  "memory of a worker beyond its signatures",
	  WITHIN(max_memory, 64 << 20, (int64_t)64 << 30) },
	{ 0 },
};

const struct opt scan_options_workers[] = {
	{ "jobs", 'j', OPT_NUMBER, true, "Workers", "N",
	  "messages at once; 0: one for each processor",
	  WITHIN(jobs, 0, 256) },
	{ "nice", 0, OPT_NUMBER, false, NULL, "N",
	  "give way to other processes: 0 (the default) to 19",
	  WITHIN(nice, 0, 19) },
	{ "rate", 0, OPT_NUMBER, false, NULL, "MB",
	  "read at most so many megabytes of mail a second",
	  WITHIN(rate, 1, 65536) },
	{ "tempdir", 0, OPT_STRING, false, NULL, "DIR",
	  "where temporary files go (default: TMPDIR, or /tmp and memory)",
	  TO(tempdir) },
	{ "require-sandbox", 0, OPT_FLAG, false, NULL, NULL,
	  "do not run where the kernel has no seccomp and Landlock",
	  TO(require_sandbox) },
	{ "in-process", 0, OPT_FLAG, false, NULL, NULL,
	  "scan in this process, without a box: for debuggers",
	  TO(in_process) },
	{ 0 },
};

const struct opt scan_options_report[] = {
	{ "infected", 'i', OPT_FLAG, true, "Report", NULL,
	  "list only messages with a finding", TO(only_found) },
	{ "suppress-ok-results", 'o', OPT_FLAG, true, NULL, NULL,
	  "list all but clean messages", TO(only_not_ok) },
	{ "report", 0, OPT_LIST, true, NULL, "FORMAT[:FILE]",
	  "text, jsonl, csv, junit, sarif, prom or html",
	  TO(reports) },
	{ "parts", 0, OPT_FLAG, false, NULL, NULL,
	  "list every part in jsonl reports", TO(parts) },
	{ "log", 'l', OPT_STRING, false, NULL, "FILE",
	  "append a text report to FILE", TO(log) },
	{ "mail-report", 0, OPT_LIST, false, NULL, "ADDRESS",
	  "mail a report if something was found or went wrong",
	  TO(mail_report) },
	{ "sendmail", 0, OPT_STRING, false, NULL, "FILE",
	  "program that takes that mail, as sendmail does", TO(sendmail) },
	{ "summary", 0, OPT_FLAG, true, NULL, NULL,
	  "end with a summary (the default)", TO(summary) },
	{ "quiet", 0, OPT_FLAG, true, NULL, NULL,
	  "print errors only", TO(quiet) },
	{ "verbose", 'v', OPT_FLAG, false, NULL, NULL,
	  "also say what was passed over and why", TO(verbose) },
	{ "progress", 0, OPT_CHOICE, false, NULL, "WHEN",
	  "a progress line on standard error", ONE_OF(progress, progresses) },
	{ 0 },
};

const struct opt scan_options_audit[] = {
	{ "state", 0, OPT_STRING, true, "Incremental audits", "FILE",
	  "keep in FILE what was judged; scan what is new",
	  TO(state) },
	{ "rescan", 0, OPT_CHOICE, false, NULL, "WHAT",
	  "what of it to scan again: what another database judged (the "
	  "default), only what has changed itself, or all",
	  ONE_OF(rescan, rescans) },
	{ "resume", 0, OPT_FLAG, false, NULL, NULL,
	  "go on where the last run was interrupted", TO(resume) },
	{ "only-new-findings", 0, OPT_FLAG, false, NULL, NULL,
	  "report only what no earlier run has found", TO(only_new) },
	{ 0 },
};

const struct opt scan_options_exit[] = {
	{ "fail-on", 0, OPT_STRING, false, "Exit status", "VERDICTS",
	  "verdicts that make it 1, with commas between", TO(fail_on) },
	{ "strict-exit", 0, OPT_FLAG, false, NULL, NULL,
	  "2 for what could not be scanned beats 1 for what was found",
	  TO(strict_exit) },
	{ "exit-zero", 0, OPT_FLAG, true, NULL, NULL,
	  "0 instead of 1 for what was found", TO(exit_zero) },
	{ 0 },
};

const struct opt *const scan_options_tables[] = {
	scan_options_input, scan_options_engine, scan_options_passwords,
	block_options_rows, scanner_options_rows, scan_options_limits,
	scan_options_workers, scan_options_actions, scan_options_report,
	scan_options_audit,
	scan_options_exit, NULL
};

int
scan_options_paths(const struct scan_options *options, int count,
    char ***operands)
{
	if (count > 0 || options->file_lists || !options->paths)
		return count;
	/* Paths are read, whether they come from here or from there. */
	*operands = (char **)(uintptr_t)options->paths;
	return (int)MIN(g_strv_length(*operands), INT_MAX);
}

static bool
get_time(const struct command *cmd, const char *option, const char *text,
    int64_t *when)
{
	if (!text || when_parse(text, ms_clock_wall(), when))
		return true;
	(void)option_error(cmd, "--%s %s: want a date such as 2026-11-01 or "
	    "2026-11-01T08:00, or an age such as 7d or 12h", option, text);
	return false;
}

/* The directory that the user named, or NULL. */
static const char *
named_tempdir(const struct scan_options *options)
{
	const char *dir = options->tempdir;

	if (!dir)
		dir = getenv("TMPDIR");
	return dir && *dir != '\0' ? dir : NULL;
}

const char *
scan_options_tempdir(const struct scan_options *options)
{
	const char *dir = named_tempdir(options);

	return dir ? dir : "/tmp";
}

bool
scan_options_source(const struct command *cmd,
    const struct scan_options *options, struct ms_source_config *config)
{
	*config = (struct ms_source_config){
		.format = (enum ms_source_format)options->format,
		.variant = (enum ms_source_variant)options->variant,
		.recurse = options->recursion,
		.follow_dirs = (enum ms_source_follow)options->follow_dirs,
		.follow_files = (enum ms_source_follow)options->follow_files,
		.cross_fs = options->cross_fs,
		.include = options->include,
		.exclude = options->exclude,
		.since = INT64_MIN,
		.until = INT64_MAX,
		.spool = { .heap_max = HEAP_MAX, .memfd_max = MEMFD_MAX },
		.message_max = options->max_filesize,
		.start_reader = ms_pipeline_start_reader,
		.detect_capture = ms_readers_detect,
	};
	return get_time(cmd, "since", options->since, &config->since) &&
	    get_time(cmd, "until", options->until, &config->until);
}

static bool
check_fail_on(const struct command *cmd, const struct scan_options *options)
{
	char **names = g_strsplit(options->fail_on, ",", -1);
	bool ok = true;

	for (char **name = names; *name && ok; name++) {
		ok = ms_verdict_by_name(*name) != MS_VERDICTS;
		if (!ok)
			(void)option_error(cmd, "--fail-on: %s is no verdict; "
			    "there are infected, blocked, spam, error, "
			    "incomplete, encrypted, clean and skipped",
			    *name);
	}
	g_strfreev(names);
	return ok;
}

static bool
check_mail(const struct command *cmd, const struct scan_options *options)
{
	for (const char *const *a = options->mail_report; a && *a; a++)
		if (!ms_notify_is_address(*a)) {
			(void)option_error(cmd, "--mail-report: '%s' is no "
			    "mail address", *a);
			return false;
		}
	if (options->sendmail && options->sendmail[0] == '/')
		return true;
	(void)option_error(cmd, "--sendmail %s: want the whole path",
	    options->sendmail);
	return false;
}

/* What an engine that is not ours is not told; NULL: nothing was asked. */
static const char *
not_for_clamd(const struct scan_options *o)
{
	const struct {
		bool on;
		const char *name;
	} rows[] = {
		{ o->database != NULL, "database" },
		{ o->official_only, "official-db-only" },
		{ o->detect_pua, "detect-pua" },
		{ o->all_matches, "allmatch" },
		{ o->alert_broken, "alert-broken" },
		{ o->alert_broken_media, "alert-broken-media" },
		{ o->alert_encrypted, "alert-encrypted" },
		{ o->alert_encrypted_archive, "alert-encrypted-archive" },
		{ o->alert_encrypted_doc, "alert-encrypted-doc" },
		{ o->alert_macros, "alert-macros" },
		{ o->alert_exceeds_max, "alert-exceeds-max" },
		{ o->alert_phishing_ssl, "alert-phishing-ssl" },
		{ o->alert_phishing_cloak, "alert-phishing-cloak" },
		{ o->alert_partition, "alert-partition-intersection" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (rows[i].on)
			return rows[i].name;
	return NULL;
}

bool
scan_options_check_engine(const struct command *cmd,
    const struct scan_options *options)
{
	const char *name = not_for_clamd(options);
	struct ms_error err;

	if (options->engine != ENGINE_CLAMD) {
		if (options->clamd)
			(void)option_error(cmd, "--clamd needs "
			    "--engine=clamd");
		return !options->clamd;
	}
	if (name)
		(void)option_error(cmd, "--%s is not for --engine=clamd: "
		    "clamd does what its clamd.conf says", name);
	for (const char *const *a = options->clamd; a && *a && !name; a++)
		if (**a != '/' && ms_endpoint_check(*a, &err) != MS_OK) {
			(void)option_error(cmd, "--clamd: %s", err.text);
			return false;
		}
	return !name;
}

bool
scan_options_check(const struct command *cmd,
    const struct scan_options *options)
{
	struct ms_source_config source;

	return check_fail_on(cmd, options) && check_mail(cmd, options) &&
	    scan_options_check_engine(cmd, options) &&
	    scan_options_source(cmd, options, &source);
}

static unsigned
alerts(const struct scan_options *o)
{
	const struct {
		bool on;
		unsigned alerts;
	} rows[] = {
		{ o->alert_broken, MS_ENGINE_ALERT_BROKEN },
		{ o->alert_broken_media, MS_ENGINE_ALERT_BROKEN_MEDIA },
		{ o->alert_encrypted, MS_ENGINE_ALERT_ENCRYPTED_ARCHIVE |
		  MS_ENGINE_ALERT_ENCRYPTED_DOC },
		{ o->alert_encrypted_archive,
		  MS_ENGINE_ALERT_ENCRYPTED_ARCHIVE },
		{ o->alert_encrypted_doc, MS_ENGINE_ALERT_ENCRYPTED_DOC },
		{ o->alert_macros, MS_ENGINE_ALERT_MACROS },
		{ o->alert_exceeds_max, MS_ENGINE_ALERT_EXCEEDS_MAX },
		{ o->alert_phishing_ssl, MS_ENGINE_ALERT_PHISHING_SSL },
		{ o->alert_phishing_cloak, MS_ENGINE_ALERT_PHISHING_CLOAK },
		{ o->alert_partition, MS_ENGINE_ALERT_PARTITION },
	};
	unsigned set = 0;

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (rows[i].on)
			set |= rows[i].alerts;
	return set;
}

static unsigned
workers(const struct scan_options *options)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);

	if (options->jobs > 0)
		return (unsigned)options->jobs;
	return cores > 0 && cores <= 256 ? (unsigned)cores : 1;
}

/* What the engine unpacks is small and short-lived: in memory, if there is
 * plenty and nobody said otherwise. */
static const char *
workdir(const struct scan_options *options)
{
	const char *dir = named_tempdir(options);

	if (!dir)
		dir = ms_tempdir_memory(2 * workers(options) *
		    options->max_scansize);
	return dir ? dir : "/tmp";
}

void
scan_options_pipeline(const struct scan_options *options,
    struct ms_pipeline_config *config)
{
	static const struct ms_engine_ops *const ops[] = {
		[ENGINE_CLAMAV] = &ms_clamav,
		[ENGINE_CLAMD] = &ms_clamd,
		[ENGINE_NONE] = &ms_none,
	};
	static const char *const clamd[] = { CLAMD_DEFAULT, NULL };

	*config = (struct ms_pipeline_config){
		.ops = ops[options->engine],
		.engine = {
			.servers = options->clamd ? options->clamd : clamd,
			.database = options->database,
			.official_only = options->official_only,
			.detect_pua = options->detect_pua,
			.alerts = alerts(options),
			.max_filesize = options->max_filesize,
			.max_scansize = options->max_scansize,
			.max_files = (uint32_t)options->max_files,
			.max_recursion = (uint32_t)options->max_recursion,
			.max_scantime_ms = (uint32_t)options->max_scantime_ms,
		},
		.limits = {
			.part_bytes = options->max_filesize,
			.total_bytes = options->max_scansize,
			.ratio = (uint64_t)options->max_ratio,
			.parts = (uint64_t)options->max_files,
			.mime_depth = (unsigned)options->max_mime_depth,
			.archive_depth = (unsigned)options->max_recursion,
			.time_ms = options->max_scantime_ms,
		},
		.workers = workers(options),
		.in_process = options->in_process,
		.require_sandbox = options->require_sandbox,
		.parts = options->parts,
		.parts_only = options->parity == PARITY_PARTS,
		.all_matches = options->all_matches,
		.passwords_from_body = options->passwords_from_body,
		.join = true,
		.doubt = options->on_ambiguous == AMBIGUOUS_INCOMPLETE,
		.worker_memory = options->max_memory,
		.tempdir = scan_options_tempdir(options),
		.workdir = workdir(options),
	};
}
