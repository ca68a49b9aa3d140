#ifndef SERVE_OPTIONS_H
#define SERVE_OPTIONS_H

#include "mailscan.h"
#include "scan_options.h"

/* Everything that "mailscan serve" can be told. */
struct serve_options {
	struct scan_options scan;	/* first: its rows are ours, too */
	const char *const *listen, *const *upstream, *const *allow_clients;
	const char *hostname;
	int64_t max_connections, max_client_connections;
	int64_t connect_timeout_s, upstream_timeout_s, client_timeout_s;
	int64_t scan_wait_s, grace_s;
	uint64_t max_message_size;
	int bare_newline;
	/* on_infected and so on, by enum ms_occasion; NULL: the default */
	const char *on[MS_OCCASIONS];
	const char *reject_reply, *defer_reply;
};

extern const struct serve_options serve_options_default;
extern const struct opt *const serve_options_tables[];

/* What the options mean to the library; parts of it point into them. */
struct serve_plan {
	struct ms_master_config master;
	struct ms_rules rules;
	struct ms_upstream upstream;
	GArray *allowed;	/* of struct ms_network; NULL: all may come */
	char *hostname;
	char **passwords;
};

/* False: it has been said what is wrong. Fine to clear in any case. */
bool serve_options_plan(const struct command *cmd,
    const struct serve_options *options, struct serve_plan *plan);
void serve_options_clear(struct serve_plan *plan);

#endif
