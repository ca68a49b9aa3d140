#include "command.h"
#include "exit.h"
#include "mailscan.h"
#include "samples.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct selftest_options {
	const char *serve, *from, *to;
	int64_t timeout;
};

#define TO(field) offsetof(struct selftest_options, field), 0, 0, NULL

static const struct opt rows[] = {
	{ "serve", 0, OPT_STRING, true, "Test", "ADDRESS",
	  "where the service listens (default: 127.0.0.1:10026)",
	  TO(serve) },
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

static enum ms_status
submit(const struct selftest_options *options, const GString *mail,
    char **answer, struct ms_error *err)
{
	const char *recipients[] = { options->to, NULL };
	struct ms_submit_config config = {
		.address = options->serve,
		.helo = "selftest.invalid",
		.timeout_ms = options->timeout * 1000,
	};
	struct ms_submit_mail letter = {
		.sender = options->from,
		.recipients = recipients,
		.fd = memfd_create("mailscan-selftest", MFD_CLOEXEC),
		.size = mail->len,
	};
	enum ms_status status;
	bool uncertain;

	if (letter.fd < 0)
		return ms_error_errno(err, "memory for a message");
	status = ms_write(letter.fd, mail->str, mail->len);
	if (status != MS_OK)
		(void)ms_error_set(err, status, "no memory for a message");
	else
		status = ms_submit(&config, &letter, answer, &uncertain, err);
	(void)close(letter.fd);
	return status;
}

/* Send SAMPLE and print what was said to it. */
static int
try(const struct selftest_options *options, enum sample sample, const char *id)
{
	GString *mail = sample_mail(sample, options->from, options->to, id);
	struct ms_error err = { "" };
	char *answer = NULL, *quoted;
	enum ms_status status = submit(options, mail, &answer, &err);
	int what = answer ? *answer - '0' : LOST;

	quoted = ms_quote_string(answer ? answer : err.text);
	(void)printf("%-10s%-10s%s\n", sample_name(sample),
	    what == ACCEPTED ? "accepted" : what == REFUSED ? "refused" :
	    what == DEFERRED ? "deferred" : "not sent", quoted);
	(void)fflush(stdout);
	g_free(quoted);
	g_free(answer);
	g_string_free(mail, TRUE);
	return status == MS_E_PEER || status == MS_OK ? what : LOST;
}

static int
conclude(const struct selftest_options *options, bool clean,
    const unsigned counts[])
{
	const unsigned infected = SAMPLES - 1;
	char *address = ms_quote_string(options->serve);
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

	if (ms_dial_check(options->serve, &err) != MS_OK)
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
	struct selftest_options options = { "127.0.0.1:10026", "",
		"postmaster", 120 };
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
