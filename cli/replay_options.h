#ifndef REPLAY_OPTIONS_H
#define REPLAY_OPTIONS_H

#include "command.h"
#include "mailscan.h"
#include "scan_options.h"

#include <stdbool.h>
#include <stdint.h>

/* Everything that "mailscan replay" can be told. */
struct replay_options {
	struct scan_options scan;	/* first: rows of it are ours, too */
	/* which side is played, and to whom */
	const char *to, *listen;
	bool from_mail;
	/* sessions */
	int format;
	int64_t sessions, count;
	const char *speed;
	const char *const *rewrites;
	const char *sender, *helo;
	const char *const *recipients;
	int mail_format;
	/* replies */
	int expect;
	bool allow_partial;
	int64_t timeout_s, connect_timeout_s;
	/* output */
	const char *json, *junit;
	bool quiet, verbose, summary;
	/* the connection */
	int tls;
	const char *ca;
	const char *certificate, *key;
	const char *user, *password_file;
	const char *xclient, *xforward, *proxy;
	bool lmtp;
	int bdat;
	/* faults */
	const char *abort_after;
	uint64_t slow, split;
	int mutate;
	const char *tempdir;
	/* the proxy's own answers */
	bool offline;
	const char *on_infected, *on_encrypted, *on_incomplete, *on_limit;
	const char *on_malformed, *on_unsupported, *on_error;
	int bare_newline;
};

extern const struct replay_options replay_options_default;
extern const struct opt *const replay_options_tables[];

/* What --speed says: times faster than it was, 0: without pauses. False: that
 * is no speed. */
bool replay_options_speed(const char *text, double *speed);

/* The directory for temporary files. A loan. */
const char *replay_options_tempdir(const struct replay_options *options);

/* What is done to every role. The result points into OPTIONS. */
struct ms_dress replay_options_dress(const struct replay_options *options);

/* Is there anything wrong that no row says? It has been said. */
bool replay_options_check(const struct command *cmd,
    const struct replay_options *options);

#endif
