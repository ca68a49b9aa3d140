#ifndef MILTER_OPTIONS_H
#define MILTER_OPTIONS_H

#include "serve_options.h"

/* Everything that "mailscan milter" can be told. */
struct milter_options {
	struct serve_options serve;	/* first: some of its rows are ours,
					 * too; no other part is used */
	const char *listen, *socket_mode, *socket_group, *service;
	const char *chroot;
	int on_error;			/* enum ms_action */
	int after_wait;
	int64_t max_scans, max_scan_wait_s, answer_timeout_s;
	int64_t mta_timeout_s, grace_s;
};

extern const struct milter_options milter_options_default;
extern const struct opt *const milter_options_tables[];

/* What may change while it runs? */
bool milter_options_may_change(const struct opt *rows);

/* What the options mean to the library; parts of it point into them. */
struct milter_plan {
	struct serve_plan serve;	/* log and service */
	struct ms_milterd_config filter;
	char *service;		/* address of the scan socket */
};

/* False: it has been said what is wrong. Fine to clear in any case. */
bool milter_options_plan(const struct command *cmd,
    const struct milter_options *options, struct milter_plan *plan);
void milter_options_clear(struct milter_plan *plan);

#endif
