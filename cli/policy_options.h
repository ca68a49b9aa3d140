#ifndef POLICY_OPTIONS_H
#define POLICY_OPTIONS_H

#include "mailscan.h"
#include "option.h"

/*
 * Options for who gets what scanned (mailscan-policy(5)), which commands share
 * whose struct of options begins with a struct scan_options: a struct
 * policy_options is the first of that.
 */

enum policy_unmatched { POLICY_SCAN, POLICY_SKIP };

struct policy_options {
	const char *const *maps, *const *lines, *const *clients;
	const char *ext_sep;
	int conflict, unmatched;
	const char *const *allow_from, *const *allow_to, *const *allow_lists;
	const char *const *allow_signatures, *allow_sha256;
	const char *const *local_nets;
	bool scan_local, scan_outgoing, force_scan;
	const char *const *skip_auth;
	int64_t block_client_s;
	const char *const *block_exempt;
	const char *reject_forged;
	const char *const *local_domains, *const *blackhole;
	const char *address_chars;
};

/* Two tables: what is scanned, and who is let through or refused. */
extern const struct opt policy_options_rules[];
extern const struct opt policy_options_people[];

/* Make the policy of OPTIONS; CONFIG has what is not among those: the actions,
 * our name, the scanners that there are. False: it has been said what is
 * wrong. */
bool policy_options_open(const struct command *cmd,
    const struct policy_options *options, struct ms_policy_config *config,
    struct ms_policy **policy);

#endif
