#include "command.h"
#include "exit.h"
#include "mailscan.h"
#include "samples.h"
#include "value.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct selftest_options {
	const char *serve, *milter, *scan_socket;	/* one of them */
	const char *from, *to;
	int64_t timeout;
};

/* Who is asked if nobody is named. */
#define SERVE "127.0.0.1:10026"

#define TO(field) offsetof(struct selftest_options, field), 0, 0, NULL

static const struct opt rows[] = {
	{ "serve", 0, OPT_STRING, true, "Test", "ADDRESS",
	  "where the service listens (default: 127.0.0.1:10026)",
	  TO(serve) },
	{ "milter", 0, OPT_STRING, true, NULL, "ADDRESS",
	  "test the filter there, as a mail server asks it: unix:PATH or "
	  "inet:PORT@HOST", TO(milter) },
	{ "scan-socket", 0, OPT_STRING, true, NULL, "PATH",
	  "test the service there, as filter and queue ask it",
	  TO(scan_socket) },
	{ "from", 0, OPT_STRING, true, NULL, "ADDRESS",
	  "the sender (default: the null one)", TO(from) },
	{ "to", 0, OPT_STRING, true, NULL, "ADDRESS",
	  "who gets the mail without a virus (default: postmaster)", TO(to) },
	{ "timeout", 0, OPT_NUMBER, false, NULL, "SECONDS",
	  "most time for each reply (default: 120)",
	  offsetof(struct selftest_options, timeout), 1, 86400, NULL },
	{ 0 },
};
static const struct opt *const tables[] = { rows, NULL };

/* What became of a sample; by these, the first digit of a reply. */
enum { LOST = 0, ACCEPTED = 2, DEFERRED = 4, REFUSED = 5 };

/* What was said to one sample. */
struct fate {
	int what;
	char *text;	/* for g_free() */
};

/* The message as a file; -1: ERR says why there is none. */
static int
open_mail(const GString *mail, struct ms_error *err)
{
	const int fd = memfd_create("mailscan-selftest", MFD_CLOEXEC);

	if (fd >= 0 && ms_write(fd, mail->str, mail->len) == MS_OK)
		return fd;
	(void)ms_error_errno(err, "memory for a message");
	if (fd >= 0)
		(void)close(fd);
	return -1;
}

/* Who is asked. */
static const char *
target(const struct selftest_options *options)
{
	return options->milter ? options->milter :
	    options->scan_socket ? options->scan_socket :
	    options->serve ? options->serve : SERVE;
}

static enum ms_status
by_smtp(const struct selftest_options *options, int fd, uint64_t size,
    struct fate *fate, struct ms_error *err)
{
	const char *recipients[] = { options->to, NULL };
	const struct ms_submit_config config = {
		.address = target(options),
		.helo = "selftest.invalid",
		.timeout_ms = options->timeout * 1000,
	};
	const struct ms_submit_mail letter = { options->from, recipients, fd,
		size };
	bool uncertain;
	const enum ms_status status = ms_submit(&config, &letter, &fate->text,
	    &uncertain, err);

	if (fate->text && (status == MS_OK || status == MS_E_PEER))
		fate->what = *fate->text - '0';
	return status;
}

static enum ms_status
by_milter(const struct selftest_options *options, const GString *mail,
    struct fate *fate, struct ms_error *err)
{
	static const struct {
		int what;
		const char *text;
	} fates[] = {
		[MS_TRIAL_ACCEPTED] = { ACCEPTED, "it may go on" },
		[MS_TRIAL_REFUSED] = { REFUSED, "refused" },
		[MS_TRIAL_DEFERRED] = { DEFERRED, "deferred" },
		[MS_TRIAL_DROPPED] = { REFUSED, "dropped, or in quarantine" },
		[MS_TRIAL_KEPT] = { REFUSED, "the mail server is to keep it" },
	};
	const struct ms_trial trial = { options->milter,
		options->timeout * 1000, options->from, options->to,
		mail->str, mail->len };
	struct ms_trial_answer answer;
	const enum ms_status status = ms_trial(&trial, &answer, err);

	if (status != MS_OK)
		return status;
	fate->what = fates[answer.fate].what;
	fate->text = g_strdup(answer.reply ? answer.reply :
	    fates[answer.fate].text);
	ms_trial_clear(&answer);
	return MS_OK;
}

static enum ms_status
by_socket(const struct selftest_options *options, int fd, uint64_t size,
    struct fate *fate, struct ms_error *err)
{
	struct ms_envelope *envelope = ms_envelope_new(options->from);
	const struct ms_counter_question question = {
		.fd = fd,
		.size = size,
		.door = "selftest",
		.envelope = envelope,
		.deadline_ms = ms_clock_ms() + options->timeout * 1000,
	};
	char *address = value_socket(options->scan_socket);
	struct ms_counter_reply reply;
	enum ms_status status;

	ms_envelope_add(envelope, options->to);
	status = ms_counter_once(address, &question, &reply, err);
	if (status == MS_OK) {
		const enum ms_action action = reply.ruling.action;

		fate->what = action == MS_ACTION_DEFER ? DEFERRED :
		    action == MS_ACTION_PASS || action == MS_ACTION_TAG ||
		    action == MS_ACTION_REDIRECT ? ACCEPTED : REFUSED;
		fate->text = reply.ruling.reply ?
		    g_strdup(reply.ruling.reply) :
		    g_strdup_printf("%s: %s",
		    ms_verdict_name(reply.ruling.verdict),
		    ms_decide_action_name(action));
		ms_counter_reply_clear(&reply);
	}
	g_free(address);
	ms_envelope_free(envelope);
	return status;
}

static enum ms_status
submit(const struct selftest_options *options, const GString *mail,
    struct fate *fate, struct ms_error *err)
{
	enum ms_status status;
	int fd;

	if (options->milter)
		return by_milter(options, mail, fate, err);
	fd = open_mail(mail, err);
	if (fd < 0)
		return MS_E_IO;
	status = options->scan_socket ?
	    by_socket(options, fd, mail->len, fate, err) :
	    by_smtp(options, fd, mail->len, fate, err);
	(void)close(fd);
	return status;
}

/* Send SAMPLE and print what was said to it. */
static int
try(const struct selftest_options *options, enum sample sample, const char *id)
{
	GString *mail = sample_mail(sample, options->from, options->to, id);
	struct fate fate = { LOST, NULL };
	struct ms_error err = { "" };
	char *quoted;

	(void)submit(options, mail, &fate, &err);
	quoted = ms_quote_string(fate.text ? fate.text : err.text);
	(void)printf("%-10s%-10s%s\n", sample_name(sample),
	    fate.what == ACCEPTED ? "accepted" :
	    fate.what == REFUSED ? "refused" :
	    fate.what == DEFERRED ? "deferred" : "not sent", quoted);
	(void)fflush(stdout);
	g_free(quoted);
	g_free(fate.text);
	g_string_free(mail, TRUE);
	return fate.what;
}

static int
conclude(const struct selftest_options *options, bool clean,
    const unsigned counts[])
{
	const unsigned infected = SAMPLES - 1;
	char *address = ms_quote_string(target(options));
	int status = EXIT_CLEAN;

	if (counts[ACCEPTED] > 0) {
		(void)printf("%s: %u of %u that are infected were accepted: "
		    "dropped, tagged, or NOT SCANNED\n", address,
		    counts[ACCEPTED], infected);
		status = EXIT_FOUND;
	} else if (!clean || counts[REFUSED] < infected) {
		(void)printf("%s: mail does not get through: nothing is known "
		    "about the scanner\n", address);
		status = EXIT_TROUBLE;
	} else {
		(void)printf("%s scans mail\n", address);
	}
	g_free(address);
	return status;
}

static int
test(const struct selftest_options *options)
{
	unsigned counts[10] = { 0 };
	char *id = g_uuid_string_random();
	bool clean = try(options, SAMPLE_CLEAN, id) == ACCEPTED;

	for (enum sample i = SAMPLE_CLEAN + 1; i < SAMPLES; i++)
		counts[try(options, i, id) % 10]++;
	g_free(id);
	return conclude(options, clean, counts);
}

static bool
check(const struct selftest_options *options)
{
	struct ms_error err = { "" };
	char *name = options->milter ? ms_socketname_dial(options->milter,
	    &err) : NULL;
	const bool filter = !options->milter || name;

	g_free(name);
	if (!!options->serve + !!options->milter + !!options->scan_socket > 1)
		(void)option_error(&cmd_selftest, "--serve, --milter and "
		    "--scan-socket: one at a time");
	else if (!filter)
		(void)option_error(&cmd_selftest, "--milter: %s", err.text);
	else if (options->serve &&
	    ms_dial_check(options->serve, &err) != MS_OK)
		(void)option_error(&cmd_selftest, "--serve: %s", err.text);
	else if (ms_address_check(options->from, true, &err) != MS_OK)
		(void)option_error(&cmd_selftest, "--from: %s", err.text);
	else if (ms_address_check(options->to, false, &err) != MS_OK)
		(void)option_error(&cmd_selftest, "--to: %s", err.text);
	else
		return true;
	return false;
}

int
cmd_selftest_run(int argc, char **argv)
{
	struct selftest_options options = { .from = "", .to = "postmaster",
		.timeout = 120 };
	int status;
	int count = option_parse(&cmd_selftest, argc, argv, &options, &status);

	if (count < 0)
		return status;
	if (count > 0)
		return option_error(&cmd_selftest, "%s: there are no operands",
		    argv[1]);
	return check(&options) ? test(&options) : EXIT_TROUBLE;
}

const struct command cmd_selftest = {
	.name = "selftest",
	.synopsis = "[options]",
	.summary = "Send harmless test files to see whether mail is scanned",
	.options = tables,
};
