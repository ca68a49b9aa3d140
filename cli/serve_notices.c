#include "program.h"
#include "serve_options.h"

#include <string.h>
#include <sys/random.h>
#include <unistd.h>

/* Options for mail to people about mail that is not clean. */

#define TO(field) offsetof(struct serve_options, field), 0, 0, NULL
#define WITHIN(field, min, max) \
	offsetof(struct serve_options, field), min, max, NULL

/* Largest file with a text of the administrator's. */
#define TEXT_MAX (64 << 10)

const struct opt serve_notices_rows[] = {
	{ "notify", 0, OPT_STRING, true, "Notices", "WHOM",
	  "mail to people about mail in which something was found: "
	  "postmaster, recipients, sender (forged, mostly), with commas "
	  "between, or none (the default)", TO(notify) },
	{ "postmaster", 0, OPT_STRING, false, NULL, "ADDRESS",
	  "who that is (default: postmaster)", TO(postmaster) },
	{ "notify-from", 0, OPT_STRING, false, NULL, "ADDRESS",
	  "who writes (default: MAILER-DAEMON); \"sender\": the message's "
	  "sender", TO(notify_from) },
	{ "notify-headers", 0, OPT_FLAG, false, NULL, NULL,
	  "with the header of the message", TO(notify_headers) },
	{ "notify-template", 0, OPT_STRING, false, NULL, "FILE",
	  "the text, UTF-8; %v is what was found, %h the header, %q the id in "
	  "quarantine, ${NAME} a value", TO(notify_template) },
	{ "notify-template-headers", 0, OPT_STRING, false, NULL, "FILE",
	  "more of the header", TO(notify_template_headers) },
	{ "phish-report-to", 0, OPT_STRING, false, NULL, "ADDRESS",
	  "whom mail is forwarded to in which phishing was found",
	  TO(phish_report_to) },
	{ "phish-fp-report-to", 0, OPT_STRING, false, NULL, "ADDRESS",
	  "whom it is forwarded to if --trust-authserv says that it comes from "
	  "the domain in its From", TO(phish_fp_report_to) },
	{ "trust-authserv", 0, OPT_STRING, false, NULL, "NAME",
	  "whose Authentication-Results that is (default: --hostname)",
	  TO(trust_authserv) },
	{ "event-udp", 0, OPT_STRING, false, NULL, "ADDRESS",
	  "whom a datagram with one line of JSON goes to for each such "
	  "message, as 192.0.2.255:3310", TO(event_udp) },
	{ "event-udp-interface", 0, OPT_STRING, false, NULL, "NAME",
	  "over no other interface than this", TO(event_udp_interface) },
	{ 0 },
};

const struct opt serve_notices_program[] = {
	{ "sendmail", 0, OPT_STRING, false, NULL, "FILE",
	  "program that takes that mail, as sendmail does", TO(sendmail) },
	{ 0 },
};

const struct opt serve_notices_limits[] = {
	{ "notify-limit", 0, OPT_NUMBER, false, NULL, "N",
	  "messages in a minute that anybody is told of",
	  WITHIN(notify_limit, 1, 100000) },
	{ 0 },
};

static bool
plan_whom(const struct command *cmd, const char *text, unsigned *who)
{
	static const struct {
		const char *name;
		unsigned who;
	} names[] = {
		{ "postmaster", MS_NOTICES_POSTMASTER },
		{ "recipients", MS_NOTICES_RECIPIENTS },
		{ "sender", MS_NOTICES_SENDER },
		{ "none", 0 },
	};
	char **words = g_strsplit(text, ",", -1);
	bool good = true;

	for (char **word = words; good && *word; word++) {
		size_t i = 0;

		g_strstrip(*word);
		while (i < G_N_ELEMENTS(names) &&
		    strcmp(names[i].name, *word) != 0)
			i++;
		good = i < G_N_ELEMENTS(names);
		if (good)
			*who |= names[i].who;
		else
			(void)option_error(cmd, "--notify: \"%s\" is none of "
			    "postmaster, recipients, sender, none", *word);
	}
	g_strfreev(words);
	return good;
}

static bool
is_address(const struct command *cmd, const char *option, const char *address)
{
	if (!address || ms_notify_is_address(address))
		return true;
	(void)option_error(cmd, "--%s: \"%s\" is no mail address", option,
	    address);
	return false;
}

/* The text in the file at PATH, which CHECK takes; NULL: it has been said what
 * is wrong. */
static char *
read_text(const struct command *cmd, const char *option, const char *path,
    enum ms_status (*check)(const char *text, struct ms_error *err))
{
	GError *error = NULL;
	struct ms_error err = { "" };
	char *text = NULL;
	gsize size = 0;

	if (!g_file_get_contents(path, &text, &size, &error)) {
		(void)option_error(cmd, "--%s: %s", option, error->message);
		g_error_free(error);
		return NULL;
	}
	if (size > TEXT_MAX || strlen(text) != size)
		(void)ms_error_set(&err, MS_E_USAGE, "%s", size > TEXT_MAX ?
		    "larger than 64 KB" : "there is a NUL in it");
	else if (check(text, &err) == MS_OK)
		return text;
	(void)option_error(cmd, "--%s: %s: %s", option, path, err.text);
	g_free(text);
	return NULL;
}

static bool
plan_texts(const struct command *cmd, const struct serve_options *options,
    struct serve_plan *plan)
{
	if (options->notify_template && !(plan->notice = read_text(cmd,
	    "notify-template", options->notify_template,
	    ms_noticetext_check)))
		return false;
	return !options->notify_template_headers ||
	    (plan->notice_fields = read_text(cmd, "notify-template-headers",
	    options->notify_template_headers, ms_notices_check_fields));
}

/* A secret of this machine, from which nobody can learn the one that it is made
 * of (machine-id(5)); or, without that, one of this process. False: the system
 * has no random numbers. */
static bool
plan_key(const struct command *cmd, struct serve_plan *plan)
{
	static const char purpose[] = "mailscan notices";
	char secret[32];
	char *id = NULL;
	gsize size = 0;

	plan->notice_key_lasts = g_file_get_contents("/etc/machine-id", &id,
	    &size, NULL) && size >= sizeof secret;
	if (!plan->notice_key_lasts &&
	    getrandom(secret, sizeof secret, 0) != sizeof secret) {
		(void)option_error(cmd, "--notify: there are no random "
		    "numbers");
		g_free(id);
		return false;
	}
	plan->notice_key = g_compute_hmac_for_string(G_CHECKSUM_SHA256,
	    (const guchar *)(plan->notice_key_lasts ? id : secret),
	    sizeof secret, purpose, -1);
	g_free(id);
	return true;
}

bool
serve_notices_plan(const struct command *cmd,
    const struct serve_options *options, struct serve_plan *plan)
{
	struct ms_mailer_config *mailer = &plan->master.runner.mailer;
	const struct ms_herald_config herald = { options->event_udp,
		options->event_udp_interface };
	struct ms_error err;
	const char *from = options->notify_from;
	unsigned who = 0;
	char *fault;

	if (from && strcmp(from, "sender") == 0)
		from = "";
	if ((options->notify && !plan_whom(cmd, options->notify, &who)) ||
	    !is_address(cmd, "postmaster", options->postmaster) ||
	    (from != NULL && *from != '\0' &&
	    !is_address(cmd, "notify-from", from)) ||
	    !is_address(cmd, "phish-report-to", options->phish_report_to) ||
	    !is_address(cmd, "phish-fp-report-to",
	    options->phish_fp_report_to) || !plan_texts(cmd, options, plan))
		return false;
	if (herald.address && ms_herald_check(&herald, &err) != MS_OK) {
		(void)option_error(cmd, "--event-udp: %s", err.text);
		return false;
	}
	plan->master.runner.herald = herald;
	plan->master.runner.timeout_ms = options->event_timeout_s * 1000;
	plan->master.front.runner |= herald.address != NULL;
	if (who == 0 && !options->phish_report_to &&
	    !options->phish_fp_report_to)
		return true;
	fault = program_fault(options->sendmail);
	if (fault) {
		(void)option_error(cmd, "--sendmail: %s: %s",
		    options->sendmail, fault);
		g_free(fault);
		return false;
	}
	if (!plan_key(cmd, plan))
		return false;
	*mailer = (struct ms_mailer_config){
		.sendmail = options->sendmail,
		.minute_max = (unsigned)options->notify_limit,
		.notices = {
			.who = who,
			.postmaster = options->postmaster,
			.from = from ? from : "MAILER-DAEMON",
			.template = plan->notice,
			.fields = plan->notice_fields,
			.headers = options->notify_headers,
			.phishing = options->phish_report_to,
			.false_phishing = options->phish_fp_report_to,
			.trusted = options->trust_authserv,
			.version = "mailscan " MS_VERSION,
			.key = plan->notice_key,
		},
	};
	plan->master.front.runner = true;
	plan->master.front.runner_body = true;
	return true;
}

void
serve_notices_clear(struct serve_plan *plan)
{
	g_free(plan->notice);
	g_free(plan->notice_fields);
	g_free(plan->notice_key);
}
