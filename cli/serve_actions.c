#include "program.h"
#include "serve_options.h"

#include <string.h>

/* Options for what is done with mail that is not clean. */

#define TO(field) offsetof(struct serve_options, field), 0, 0, NULL
#define WITHIN(field, min, max) \
	offsetof(struct serve_options, field), min, max, NULL
#define ON(name, occasion, help) \
	{ name, 0, OPT_STRING, true, NULL, "ACTION", help, TO(on[occasion]) }

static const struct opt_choice status_words[] = {
	{ "modern", MS_MARKING_MODERN },
	{ "classic", MS_MARKING_CLASSIC },
	{ 0 },
};

const struct opt serve_actions_rows[] = {
	{ "on-infected", 0, OPT_STRING, true, "Actions", "ACTION",
	  "what to do with mail in which something was found: reject (the "
	  "default), drop, quarantine, redirect:ADDRESS, defer, tag or pass, "
	  "or quarantine+ and one of them", TO(on[MS_ON_INFECTED]) },
	ON("on-blocked", MS_ON_BLOCKED,
	    "with mail that has what must not be in it (default: reject)"),
	ON("on-spam", MS_ON_SPAM,
	    "with mail that another scanner calls spam (default: reject)"),
	ON("on-error", MS_ON_ERROR,
	    "with mail the scan of which failed (default: defer)"),
	ON("on-encrypted", MS_ON_ENCRYPTED,
	    "with mail that has encrypted content (default: tag)"),
	ON("on-incomplete", MS_ON_INCOMPLETE,
	    "with mail that was not examined in full (default: tag)"),
	ON("on-limit", MS_ON_LIMIT,
	    "because of a limit (default: as on-incomplete)"),
	ON("on-malformed", MS_ON_MALFORMED,
	    "because something is damaged (default: likewise)"),
	ON("on-unsupported", MS_ON_UNSUPPORTED,
	    "because nothing opens it (default: likewise)"),
	ON("on-phishing", MS_ON_PHISHING,
	    "with mail in which phishing was found, as the signature's name "
	    "says (default: as on-infected)"),
	ON("on-macro", MS_ON_MACRO, "a macro (default: likewise)"),
	ON("on-pua", MS_ON_PUA,
	    "a possibly unwanted application (default: likewise)"),
	ON("on-unofficial", MS_ON_UNOFFICIAL,
	    "what a signature found that is not the engine's own (default: "
	    "likewise)"),
	{ "reject-reply", 0, OPT_STRING, false, NULL, "TEXT",
	  "the reply to mail that is rejected; %v is what was found",
	  TO(reject_reply) },
	{ "defer-reply", 0, OPT_STRING, false, NULL, "TEXT",
	  "the reply to mail that is deferred", TO(defer_reply) },
	{ "header", 0, OPT_STRING, false, NULL, "TEXT",
	  "the field that mail gets, \"Name: text\" (\"\": none); %i is the "
	  "client's address, %l the server's, %d the date", TO(header) },
	{ "status-header", 0, OPT_FLAG, false, NULL, NULL,
	  "add X-Virus-Status (the default)", TO(status_header) },
	{ "status-words", 0, OPT_CHOICE, false, NULL, "WHOSE",
	  "its words: modern, Infected (NAME), or those of the classic "
	  "clamav-milter, Infected with NAME",
	  offsetof(struct serve_options, status_words), 0, 0,
	  status_words },
	{ "subject-tag", 0, OPT_STRING, false, NULL, "TEXT",
	  "what mail with findings that goes on has before its subject, as "
	  "\"[Virus] %v\"", TO(subject_tag) },
	{ "sign-file", 0, OPT_STRING, false, NULL, "FILE",
	  "a text, UTF-8, that is appended to clean mail (plain text and HTML; "
	  "signatures of DKIM break)", TO(sign_file) },
	{ "sign-text", 0, OPT_STRING, false, NULL, "TEXT",
	  "the same, said here", TO(sign_text) },
	{ "drop-message-id", 0, OPT_LIST, false, NULL, "GLOB",
	  "drop what would be rejected because it is infected, if its "
	  "Message-ID is so, as \"<MDAEMON*\"", TO(drop_message_id) },
	{ "quarantine", 0, OPT_STRING, true, NULL, "DIR",
	  "the directory in which mail is kept, made if there is none",
	  TO(quarantine) },
	{ "on-event-command", 0, OPT_STRING, true, NULL, "COMMAND",
	  "a program to run for mail in which something was found",
	  TO(event_command) },
	{ "event-timeout", 0, OPT_NUMBER, false, NULL, "SECONDS",
	  "how long it may run", WITHIN(event_timeout_s, 1, 3600) },
	{ "blackhole-command", 0, OPT_STRING, false, NULL, "COMMAND",
	  "a program that is asked whether to throw away all mail for a "
	  "recipient, its last argument: 0, yes; 1, no", TO(hole_command) },
	{ "blackhole-timeout", 0, OPT_NUMBER, false, NULL, "SECONDS",
	  "how long it may run, and the recipients of a message take",
	  WITHIN(hole_timeout_s, 1, 300) },
	{ "compat-shell", 0, OPT_FLAG, false, NULL, NULL,
	  "have a shell run it, as clamsmtpd does (dangerous)",
	  TO(compat_shell) },
	{ 0 },
};

/* Can ADDRESS stand in RCPT? */
static bool
is_address(const char *address)
{
	char *path = g_strdup_printf("<%s>", address);
	struct ms_address parsed;
	size_t used;
	const bool good = ms_address_parse(path, strlen(path), &parsed,
	    &used) == MS_OK && used == strlen(path) &&
	    (parsed.flaws & ~(unsigned)MS_ADDRESS_LITERAL) == 0 &&
	    parsed.domain;

	ms_address_clear(&parsed);
	g_free(path);
	return good;
}

static bool
plan_rule(const struct command *cmd, const struct serve_options *options,
    enum ms_occasion occasion, struct ms_rules *rules)
{
	const struct ms_choice *choice = &rules->on[occasion];
	const char *name = ms_decide_occasion_name(occasion);
	const char *text = options->on[occasion];
	struct ms_error err;

	if (!text)
		return true;
	if (ms_decide_choose(rules, occasion, text, &err) != MS_OK)
		(void)option_error(cmd, "--%s", err.text);
	else if (choice->quarantine && !options->quarantine)
		(void)option_error(cmd, "--on-%s=%s: say in which directory "
		    "(--quarantine)", name, text);
	else if (choice->address && !is_address(choice->address))
		(void)option_error(cmd, "--on-%s=%s: that is no address",
		    name, text);
	else
		return true;
	return false;
}

static bool
plan_marking(const struct command *cmd, const struct serve_options *options,
    struct serve_plan *plan)
{
	const struct ms_marking_config marking = { options->header,
		options->status_header,
		(enum ms_marking_words)options->status_words };
	struct ms_error err;

	if (ms_marking_check(options->header, &err) != MS_OK) {
		(void)option_error(cmd, "--header: %s", err.text);
		return false;
	}
	plan->fields = ms_marking_names(&marking);
	return true;
}

static bool
plan_texts(const struct command *cmd, const struct serve_options *options)
{
	struct ms_error err;

	if (options->reject_reply &&
	    ms_ruling_check(options->reject_reply, '5', &err) != MS_OK) {
		(void)option_error(cmd, "--reject-reply: %s", err.text);
		return false;
	}
	if (options->subject_tag &&
	    (ms_wording_check(options->subject_tag, &err) != MS_OK ||
	    strpbrk(options->subject_tag, "\\") ||
	    strlen(options->subject_tag) > 200)) {
		(void)option_error(cmd, "--subject-tag: want up to 200 bytes "
		    "of text in one line, and %%%% for a percent sign");
		return false;
	}
	if (options->defer_reply &&
	    ms_ruling_check(options->defer_reply, '4', &err) != MS_OK) {
		(void)option_error(cmd, "--defer-reply: %s", err.text);
		return false;
	}
	return true;
}

/* The words of COMMAND, of the option NAME, for g_strfreev(); NULL: it has been
 * said why there is nothing to be run. */
static char **
plan_program(const struct command *cmd, const char *name, const char *command)
{
	GError *error = NULL;
	char **words, *fault;

	if (!g_shell_parse_argv(command, NULL, &words, &error)) {
		(void)option_error(cmd, "--%s: %s", name, error->message);
		g_error_free(error);
		return NULL;
	}
	fault = program_fault(words[0]);
	if (!fault)
		return words;
	(void)option_error(cmd, "--%s: %s: %s", name, words[0], fault);
	g_free(fault);
	g_strfreev(words);
	return NULL;
}

static bool
plan_event(const struct command *cmd, const struct serve_options *options,
    struct serve_plan *plan)
{
	struct ms_runner_config *runner = &plan->master.runner;
	const char *text = options->event_command;

	if (!text) {
		if (!options->compat_shell)
			return true;
		(void)option_error(cmd, "--compat-shell: there is no "
		    "--on-event-command");
		return false;
	}
	if (options->compat_shell) {
		const char *const words[] = { "/bin/sh", "-c", text, NULL };

		plan->event = g_strdupv((char **)(uintptr_t)words);
	} else {
		plan->event = plan_program(cmd, "on-event-command", text);
	}
	if (!plan->event)
		return false;
	plan->master.front.runner = true;
	runner->argv = (const char *const *)plan->event;
	runner->timeout_ms = options->event_timeout_s * 1000;
	runner->environment = (struct ms_hookenv_config){
		scan_options_tempdir(&options->scan), plan->quarantine };
	return true;
}

static bool
plan_hole(const struct command *cmd, const struct serve_options *options,
    struct serve_plan *plan)
{
	struct ms_hole_config hole = { NULL, options->hole_timeout_s * 1000 };

	if (!options->hole_command)
		return true;
	plan->hole = plan_program(cmd, "blackhole-command",
	    options->hole_command);
	if (!plan->hole)
		return false;
	hole.argv = (const char *const *)plan->hole;
	plan->master.runner.hole = hole;
	plan->master.front.visit.cargo.cases.hole = hole;
	plan->master.front.hole_ms = hole.timeout_ms;
	return true;
}

bool
serve_actions_rules(const struct command *cmd,
    const struct serve_options *options, struct serve_plan *plan)
{
	ms_decide_init(&plan->rules);
	for (unsigned i = 0; i < MS_OCCASIONS; i++)
		if (!plan_rule(cmd, options, (enum ms_occasion)i,
		    &plan->rules))
			return false;
	return true;
}

/* The text that is appended to clean mail is TEXT, for g_free(), of SIZE bytes:
 * what the option NAME says or names. */
static bool
take_signature(const struct command *cmd, const char *name, char *text,
    size_t size, struct serve_plan *plan)
{
	struct ms_error err = { "there is a NUL in it" };
	const bool good = strlen(text) == size && ms_signature_new(text,
	    &plan->signature, &err) == MS_OK;

	if (!good)
		(void)option_error(cmd, "--%s: %s", name, err.text);
	g_free(text);
	return good;
}

static bool
plan_signature(const struct command *cmd, const struct serve_options *options,
    struct serve_plan *plan)
{
	GError *error = NULL;
	char *text = NULL, *name;
	gsize size;
	bool good;

	if (options->sign_file && options->sign_text) {
		(void)option_error(cmd, "--sign-text: --sign-file says "
		    "another text");
		return false;
	}
	if (options->sign_text)
		return take_signature(cmd, "sign-text",
		    g_strdup(options->sign_text), strlen(options->sign_text),
		    plan);
	if (!options->sign_file)
		return true;
	if (!g_file_get_contents(options->sign_file, &text, &size, &error)) {
		(void)option_error(cmd, "--sign-file: %s", error->message);
		g_error_free(error);
		return false;
	}
	name = g_strconcat("sign-file: ", options->sign_file, NULL);
	good = take_signature(cmd, name, text, size, plan);
	g_free(name);
	return good;
}

bool
serve_actions_plan(const struct command *cmd,
    const struct serve_options *options, struct serve_plan *plan)
{
	if (options->quarantine) {
		/* Programs are told where it is, and run elsewhere. */
		plan->quarantine = g_canonicalize_filename(
		    options->quarantine, NULL);
		plan->master.front.store = true;
		plan->master.store.quarantine = plan->quarantine;
	}
	return plan_texts(cmd, options) &&
	    plan_signature(cmd, options, plan) &&
	    plan_hole(cmd, options, plan) &&
	    plan_marking(cmd, options, plan) && plan_event(cmd, options, plan);
}

void
serve_actions_clear(struct serve_plan *plan)
{
	ms_decide_clear(&plan->rules);
	ms_signature_free(plan->signature);
	g_strfreev(plan->event);
	g_strfreev(plan->hole);
	g_strfreev(plan->fields);
	g_free(plan->quarantine);
}
