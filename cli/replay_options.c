#include "replay_options.h"

#include "replay_offline.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Copies of messages up to these are kept on the heap, and in memory. */
#define HEAP_MAX ((size_t)64 << 10)
#define MEMFD_MAX ((size_t)32 << 20)

#define TO(field) offsetof(struct replay_options, field), 0, 0, NULL
#define WITHIN(field, min, max) \
	offsetof(struct replay_options, field), min, max, NULL
#define ONE_OF(field, choices) \
	offsetof(struct replay_options, field), 0, 0, choices

const struct replay_options replay_options_default = {
	.format = MS_CAPTURE_AUTO,
	.mail_format = MS_SOURCE_AUTO,
	.sessions = 1,
	.count = 1,
	.speed = "max",
	.helo = "localhost",
	.timeout_s = 300,
	.connect_timeout_s = 30,
	.summary = true,
};

static const struct opt_choice formats[] = {
	{ "auto", MS_CAPTURE_AUTO },
	{ "pcap", MS_CAPTURE_PCAP },
	{ "transcript", MS_CAPTURE_TRANSCRIPT },
	{ "swaks", MS_CAPTURE_SWAKS },
	{ "postfix", MS_CAPTURE_POSTFIX },
	{ "sink", MS_CAPTURE_SINK },
	{ "clamsmtpd", MS_CAPTURE_CLAMSMTPD },
	{ "curl", MS_CAPTURE_CURL },
	{ "bsmtp", MS_CAPTURE_BSMTP },
	{ "stream", MS_CAPTURE_STREAM },
	{ "flowsynth", MS_CAPTURE_FLOWSYNTH },
	{ "curltest", MS_CAPTURE_CURLTEST },
	{ 0 },
};

static const struct opt_choice mail_formats[] = {
	{ "auto", MS_SOURCE_AUTO },
	{ "eml", MS_SOURCE_EML },
	{ "mbox", MS_SOURCE_MBOX },
	{ "maildir", MS_SOURCE_MAILDIR },
	{ "mh", MS_SOURCE_MH },
	{ 0 },
};

static const struct opt_choice expectations[] = {
	{ "codes", MS_EXPECT_CODES },
	{ "enhanced", MS_EXPECT_ENHANCED },
	{ "exact", MS_EXPECT_EXACT },
	{ "none", MS_EXPECT_NONE },
	{ 0 },
};

static const struct opt_choice tls_modes[] = {
	{ "recorded", MS_DRESS_TLS_RECORDED },
	{ "off", MS_DRESS_TLS_OFF },
	{ "may", MS_DRESS_TLS_MAY },
	{ "require", MS_DRESS_TLS_REQUIRE },
	{ "connect", MS_DRESS_TLS_CONNECT },
	{ 0 },
};

static const struct opt_choice bdat_modes[] = {
	{ "as-recorded", MS_DRESS_BDAT_RECORDED },
	{ "on", MS_DRESS_BDAT_ON },
	{ "off", MS_DRESS_BDAT_OFF },
	{ 0 },
};

static const struct opt_choice mutations[] = {
	{ "none", MS_FAULT_NONE },
	{ "bare-lf", MS_FAULT_BARE_LF },
	{ "bare-cr", MS_FAULT_BARE_CR },
	{ "nul", MS_FAULT_NUL },
	{ "long-line", MS_FAULT_LONG_LINE },
	{ "no-dot-stuffing", MS_FAULT_NO_DOT_STUFFING },
	{ "lf-dot-lf", MS_FAULT_LF_DOT_LF },
	{ "lf-dot-crlf", MS_FAULT_LF_DOT_CRLF },
	{ "crlf-dot-lf", MS_FAULT_CRLF_DOT_LF },
	{ "cr-dot-cr", MS_FAULT_CR_DOT_CR },
	{ "lf-commands", MS_FAULT_LF_COMMANDS },
	{ 0 },
};

static const struct opt rows_sessions[] = {
	{ "to", 0, OPT_STRING, true, "Sessions", "ADDRESS",
	  "the server: HOST:PORT, [IPV6]:PORT or unix:PATH", TO(to) },
	{ "listen", 0, OPT_STRING, true, NULL, "ADDRESS",
	  "be the recorded server, there, for clients that connect",
	  TO(listen) },
	{ "from-mail", 0, OPT_FLAG, true, NULL, NULL,
	  "the paths are mail: mbox, Maildir, messages", TO(from_mail) },
	{ "sessions", 0, OPT_NUMBER, true, NULL, "N", "connections at once",
	  WITHIN(sessions, 1, 10000) },
	{ "count", 0, OPT_NUMBER, true, NULL, "N",
	  "how often each session is played", WITHIN(count, 1, 100000000) },
	{ "speed", 0, OPT_STRING, true, NULL, "SPEED",
	  "max (the default), or as it was (1x), or faster (10x)",
	  TO(speed) },
	{ "rewrite", 0, OPT_LIST, true, NULL, "OLD=NEW",
	  "other addresses or domains in MAIL and RCPT", TO(rewrites) },
	{ "from", 0, OPT_STRING, true, NULL, "ADDRESS",
	  "with --from-mail: the envelope sender", TO(sender) },
	{ "rcpt", 0, OPT_LIST, true, NULL, "ADDRESS",
	  "with --from-mail: an envelope recipient", TO(recipients) },
	{ "helo", 0, OPT_STRING, false, NULL, "NAME",
	  "with --from-mail: name of this host in EHLO", TO(helo) },
	{ "capture-format", 0, OPT_CHOICE, false, NULL, "FORMAT",
	  "what the captures are, whatever they look like",
	  ONE_OF(format, formats) },
	{ "mail-format", 0, OPT_CHOICE, false, NULL, "FORMAT",
	  "with --from-mail: what the paths are",
	  ONE_OF(mail_format, mail_formats) },
	{ "tempdir", 0, OPT_STRING, false, NULL, "DIR",
	  "where temporary files go (default: TMPDIR, or /tmp)",
	  TO(tempdir) },
	{ 0 },
};

static const struct opt rows_replies[] = {
	{ "expect", 0, OPT_CHOICE, true, "Replies", "WHAT",
	  "what of a reply must be as recorded", ONE_OF(expect,
	  expectations) },
	{ "allow-partial", 0, OPT_FLAG, false, NULL, NULL,
	  "sessions of which a part cannot be played are no failure",
	  TO(allow_partial) },
	{ "timeout", 0, OPT_NUMBER, false, NULL, "SECONDS",
	  "most time for each reply", WITHIN(timeout_s, 1, 86400) },
	{ "connect-timeout", 0, OPT_NUMBER, false, NULL, "SECONDS",
	  "most time for a connection", WITHIN(connect_timeout_s, 1, 3600) },
	{ "json", 0, OPT_STRING, true, NULL, "FILE",
	  "a line of JSON for each session (-: standard output)", TO(json) },
	{ "junit", 0, OPT_STRING, true, NULL, "FILE",
	  "a test report for CI, with a case for each session", TO(junit) },
	{ "quiet", 0, OPT_FLAG, false, NULL, NULL, "print errors only",
	  TO(quiet) },
	{ "verbose", 'v', OPT_FLAG, false, NULL, NULL,
	  "also name sessions without a difference", TO(verbose) },
	{ "summary", 0, OPT_FLAG, false, NULL, NULL,
	  "end with a summary (the default)", TO(summary) },
	{ 0 },
};

static const struct opt rows_connection[] = {
	{ "tls", 0, OPT_CHOICE, true, "Connection", "WHEN",
	  "STARTTLS as recorded, or otherwise; connect: from the start",
	  ONE_OF(tls, tls_modes) },
	{ "tls-ca", 0, OPT_STRING, false, NULL, "FILE",
	  "check the server's certificate against those in FILE", TO(ca) },
	{ "tls-cert", 0, OPT_STRING, false, NULL, "FILE",
	  "with --listen: the certificate, where TLS was recorded",
	  TO(certificate) },
	{ "tls-key", 0, OPT_STRING, false, NULL, "FILE",
	  "its key, if that is not in the same file", TO(key) },
	{ "auth-user", 0, OPT_STRING, false, NULL, "NAME",
	  "log in with that name, and not as recorded", TO(user) },
	{ "auth-password-file", 0, OPT_STRING, false, NULL, "FILE",
	  "with the password on the first line of FILE",
	  TO(password_file) },
	{ "xclient", 0, OPT_STRING, false, NULL, "ATTRIBUTES",
	  "send XCLIENT, as \"ADDR=192.0.2.1\"; recorded: the client's",
	  TO(xclient) },
	{ "xforward", 0, OPT_STRING, false, NULL, "ATTRIBUTES",
	  "send XFORWARD, likewise", TO(xforward) },
	{ "proxy", 0, OPT_STRING, false, NULL, "FROM:PORT,TO:PORT",
	  "send a line of the PROXY protocol; recorded: as recorded",
	  TO(proxy) },
	{ "lmtp", 0, OPT_FLAG, false, NULL, NULL,
	  "speak LMTP", TO(lmtp) },
	{ "bdat", 0, OPT_CHOICE, false, NULL, "WHEN",
	  "messages in chunks: always, never, or as recorded",
	  ONE_OF(bdat, bdat_modes) },
	{ 0 },
};

static const struct opt rows_faults[] = {
	{ "abort-after", 0, OPT_STRING, false, "Faults", "VERB",
	  "break the connection off when VERB is answered; content: before "
	  "the end of a message", TO(abort_after) },
	{ "slow", 0, OPT_SIZE, false, NULL, "BYTES",
	  "send so many bytes a second", WITHIN(slow, 1, 1 << 30) },
	{ "split", 0, OPT_SIZE, false, NULL, "BYTES",
	  "send so many bytes at a time", WITHIN(split, 1, 65536) },
	{ "mutate", 0, OPT_CHOICE, false, NULL, "HOW",
	  "spoil messages (or commands) on the way",
	  ONE_OF(mutate, mutations) },
	{ 0 },
};

const struct opt *const replay_options_tables[] = {
	rows_sessions, rows_replies, rows_connection, rows_faults,
	replay_offline_rows, scan_options_limits, NULL
};

bool
replay_options_speed(const char *text, double *speed)
{
	char *end;

	*speed = 0;
	if (strcmp(text, "max") == 0)
		return true;
	if (!g_ascii_isdigit(text[0]))
		return false;
	*speed = g_ascii_strtod(text, &end);
	return isfinite(*speed) && *speed >= 0.001 && *speed <= 1000000 &&
	    (strcmp(end, "x") == 0 || *end == '\0');
}

const char *
replay_options_tempdir(const struct replay_options *options)
{
	const char *dir = options->tempdir;

	if (!dir)
		dir = getenv("TMPDIR");
	return dir && *dir != '\0' ? dir : "/tmp";
}

struct ms_dress
replay_options_dress(const struct replay_options *options)
{
	return (struct ms_dress){
		.lmtp = options->lmtp,
		.tls = (enum ms_dress_tls)options->tls,
		.bdat = (enum ms_dress_bdat)options->bdat,
		.login = options->user != NULL,
		.xclient = options->xclient,
		.xforward = options->xforward,
		.proxy = options->proxy,
		.rewrites = options->rewrites,
		.fault = (enum ms_fault)options->mutate,
		.spool = { HEAP_MAX, MEMFD_MAX,
		    replay_options_tempdir(options) },
	};
}

static bool
check_addresses(const struct command *cmd,
    const struct replay_options *options)
{
	struct ms_error err;
	const char *option = NULL;

	if (options->to && ms_endpoint_check(options->to, &err) != MS_OK)
		option = "to";
	else if (options->listen &&
	    ms_endpoint_check_listen(options->listen, &err) != MS_OK)
		option = "listen";
	else if (options->sender &&
	    ms_address_check(options->sender, true, &err) != MS_OK)
		option = "from";
	for (const char *const *r = options->recipients; !option && r && *r;
	    r++)
		if (ms_address_check(*r, false, &err) != MS_OK)
			option = "rcpt";
	if (option)
		(void)option_error(cmd, "--%s: %s", option, err.text);
	return !option;
}

/* What only makes sense for who plays a client. */
static bool
is_client(const struct replay_options *options)
{
	return options->from_mail || options->rewrites || options->user ||
	    options->xclient || options->xforward || options->proxy ||
	    options->ca || options->abort_after || options->slow ||
	    options->split || options->mutate || options->lmtp ||
	    options->bdat || options->tls || options->sessions > 1;
}

bool
replay_options_check(const struct command *cmd,
    const struct replay_options *options)
{
	const struct ms_dress dress = replay_options_dress(options);
	const char *wrong = NULL;
	struct ms_error err = { "" };
	double speed;

	if (!options->from_mail && (options->sender || options->recipients))
		wrong = "--from and --rcpt are for --from-mail; see --rewrite";
	else if (!options->user != !options->password_file)
		wrong = "--auth-user and --auth-password-file go together";
	else if (options->bdat == MS_DRESS_BDAT_ON && options->mutate !=
	    MS_FAULT_NONE && options->mutate != MS_FAULT_LF_COMMANDS)
		wrong = "--mutate is about what follows DATA, and --bdat=on "
		    "leaves nothing there";
	else if (options->listen && is_client(options))
		wrong = "--listen only goes with --count, --speed, --tls-cert, "
		    "--tls-key, and with what is said of replies";
	else if (options->key && !options->certificate)
		wrong = "--tls-key is for --tls-cert";
	else if (!replay_options_speed(options->speed, &speed))
		wrong = "--speed: want max, 1x, or another number of times";
	if (wrong || ms_dress_check(&dress, &err) != MS_OK) {
		(void)option_error(cmd, "%s", wrong ? wrong : err.text);
		return false;
	}
	return check_addresses(cmd, options) &&
	    replay_offline_check(cmd, options) &&
	    scan_options_check(cmd, &options->scan);
}
