#ifndef SERVE_OPTIONS_H
#define SERVE_OPTIONS_H

#include "mailscan.h"
#include "scan_options.h"
#include "scanner_options.h"

/* Everything that "mailscan serve" and "mailscan pool" can be told. */
struct serve_options {
	struct scan_options scan;	/* first: its rows are ours, too */
	bool pool;		/* nothing is asked by SMTP */
	const char *const *listen, *const *upstream, *const *allow_clients;
	const char *hostname;
	int64_t max_connections, max_client_connections;
	int64_t connect_timeout_s, upstream_timeout_s, client_timeout_s;
	int64_t scan_wait_s, grace_s, max_scans;
	int64_t database_s;	/* between two looks at it */
	/* serve_service */
	const char *user, *group, *pidfile;
	bool daemon;
	uint64_t max_message_size;
	int bare_newline;
	/* serve_peers */
	bool transparent, sink, xclient, pass_unknown;
	const char *const *trust_xclient, *const *trust_xforward;
	const char *const *trust_proxy, *const *hide, *const *refuse;
	const char *banner;
	/* serve_talks */
	int lmtp;
	int tls;		/* or SERVE_TLS_UNSAID */
	const char *certificate, *key;
	const char *const *listen_smtps;
	int upstream_tls;
	const char *upstream_ca, *upstream_name;
	int64_t keepalive_s;
	uint64_t min_rate;
	/* on_infected and so on, by enum ms_occasion; NULL: the default */
	const char *on[MS_OCCASIONS];
	const char *reject_reply, *defer_reply, *subject_tag;
	const char *sign_file, *sign_text;
	const char *const *drop_message_id;
	const char *header;
	bool status_header;
	int status_words;
	int log_format;
	const char *log_to;
	int64_t debug;
	const char *const *metrics;
	const char *scan_socket, *scan_group, *scan_mode, *record;
	int64_t record_limit;
	const char *quarantine, *event_command, *hole_command;
	int64_t hole_timeout_s;
	int64_t event_timeout_s;
	bool compat_shell;
	/* serve_notices */
	const char *notify, *postmaster, *notify_from, *phish_report_to;
	const char *phish_fp_report_to, *trust_authserv;
	const char *event_udp, *event_udp_interface;
	bool notify_headers;
	const char *notify_template, *notify_template_headers, *sendmail;
	int64_t notify_limit;
};

/* In place of a choice that was not made. */
#define SERVE_TLS_UNSAID (-1)

extern const struct serve_options serve_options_default;
extern const struct opt *const serve_options_tables[];
extern const struct opt *const serve_options_pool[];	/* likewise */
extern const struct opt serve_options_name[];	/* one of both */

/* What takes another value of one of ROWS, a table of these: a new front (any
 * of them does that), a new scanner, too, or a new start. */
enum serve_when { SERVE_FRONT, SERVE_SCANNER, SERVE_AT_START };
enum serve_when serve_options_when(const struct opt *rows);

/* What the options mean to the library; parts of it point into them. */
struct serve_plan {
	const struct serve_plan *before;	/* what is in force; NULL:
						 * nothing yet */
	struct ms_master_config master;
	struct ms_chronicle_config log;
	char *scan_socket;
	const char *scan_sockets[2];	/* the same, and NULL */
	struct ms_rules rules;
	struct ms_policy *policy;
	char **fields;		/* names of those that only we add */
	struct ms_signature *signature;	/* NULL: none */
	char *quarantine;	/* from the root; NULL: none */
	char **event, **hole;	/* words of the commands; NULL: none */
	char *notice, *notice_fields;	/* texts of files; NULL: none */
	char *notice_key;	/* by which notices of ours are known */
	bool notice_key_lasts;	/* and by who comes after this process, too */
	GArray *allowed;	/* of struct ms_network; NULL: all may come */
	char *hostname;
	struct ms_tls *tls, *upstream_tls;
	const char *certificate, *key;	/* what TLS was made of */
	char **names;		/* of next hops */
	char **passwords;
	struct ms_rulebook *blocked;
	struct scanner_plan others;	/* scanners besides the engine */
	char **inherited;	/* what is listened on; NULL: options say */
};

/* BEFORE is set in PLAN. False: it has been said what is wrong. Fine to clear
 * in any case. */
bool serve_options_plan(const struct command *cmd,
    const struct serve_options *options, struct serve_plan *plan);
void serve_options_clear(struct serve_plan *plan);

/* Only the rules, the policy and the host's name of it. */
bool serve_options_policy(const struct command *cmd,
    const struct serve_options *options, struct serve_plan *plan);

/* Are other passwords tried, or is something else blocked? */
bool serve_options_files_differ(const struct serve_plan *a,
    const struct serve_plan *b);

/* The same for parts of them, which serve_options calls. */
extern const struct opt serve_service_rows[];
bool serve_service_plan(const struct command *cmd,
    const struct serve_options *options, struct serve_plan *plan);
void serve_service_clear(struct serve_plan *plan);
extern const struct opt serve_peers_sockets[], serve_peers_rows[];
bool serve_peers_plan(const struct command *cmd,
    const struct serve_options *options, struct serve_plan *plan);
void serve_peers_clear(struct serve_plan *plan);
extern const struct opt serve_talks_rows[];
extern const struct opt serve_log_rows[];
extern const struct opt serve_watch_rows[];
bool serve_talks_plan(const struct command *cmd,
    const struct serve_options *options, struct serve_plan *plan);
void serve_talks_clear(struct serve_plan *plan);
/* An octal number, of the bits of what is no directory, and no program. */
bool serve_watch_mode(const char *text, unsigned *mode);
bool serve_watch_plan(const struct command *cmd,
    const struct serve_options *options, struct serve_plan *plan);
extern const struct opt serve_actions_rows[];
bool serve_actions_rules(const struct command *cmd,
    const struct serve_options *options, struct serve_plan *plan);
bool serve_actions_plan(const struct command *cmd,
    const struct serve_options *options, struct serve_plan *plan);
void serve_actions_clear(struct serve_plan *plan);
/* The limit is a service's, which sees all messages. */
extern const struct opt serve_notices_rows[], serve_notices_program[];
extern const struct opt serve_notices_limits[];
bool serve_notices_plan(const struct command *cmd,
    const struct serve_options *options, struct serve_plan *plan);
void serve_notices_clear(struct serve_plan *plan);

#endif
