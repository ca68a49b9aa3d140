#include "command.h"
#include "door.h"
#include "exit.h"
#include "nondelivery.h"
#include "places.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Exit statuses of sysexits.h, which mail systems understand. */
enum { SENT = 0, REFUSED = 69, LATER = 75 };

enum { EXIT_AS_SYSEXITS, EXIT_AS_CLAMSCAN };

/* Bytes of the message at a time. */
#define PIECE ((size_t)64 << 10)

#define SENDMAIL "/usr/sbin/sendmail"

struct filter_options {
	struct door_options door;	/* first */
	const char *from, *client, *helo, *lmtp, *authenticated;
	const char *const *to;
	bool sendmail;		/* was said, and not to others as well, who
				 * take it for the name of a program */
	int exit_as;
	char *const *words;	/* of the command behind "--", or NULL */
};

#define TO(field) offsetof(struct filter_options, field), 0, 0, NULL
#define ONE_OF(field, choices) \
	offsetof(struct filter_options, field), 0, 0, choices

static const struct opt_choice exits[] = {
	{ "sysexits", EXIT_AS_SYSEXITS },
	{ "clamscan", EXIT_AS_CLAMSCAN },
	{ 0 },
};

static const struct opt_choice nameless[] = {
	{ "yes", 0 },
	{ 0 },
};

static const struct opt_choice sendmails[] = {
	{ SENDMAIL, 0 },
	{ 0 },
};

static const struct opt rows_envelope[] = {
	{ "from", 0, OPT_STRING, true, "Envelope", "ADDRESS",
	  "the sender (default: as the header has it)", TO(from) },
	{ "to", 0, OPT_LIST, true, NULL, "ADDRESS",
	  "a recipient (default: likewise)", TO(to) },
	{ "client", 0, OPT_STRING, false, NULL, "ADDRESS",
	  "where it came from, as 192.0.2.1", TO(client) },
	{ "helo", 0, OPT_STRING, false, NULL, "NAME",
	  "what that one calls itself", TO(helo) },
	{ "authenticated", 0, OPT_STRING, false, NULL, "NAME",
	  "it has proven who it is (default: yes, the name is not known)",
	  offsetof(struct filter_options, authenticated), 0, 0, nameless },
	{ 0 },
};

static const struct opt rows_result[] = {
	{ "exit", 0, OPT_CHOICE, true, "Result", "WHAT",
	  "exit status: 0 for mail that goes on, 69 for mail that is refused, "
	  "75 for later; or as that of clamscan: 0, 1, 2",
	  ONE_OF(exit_as, exits) },
	{ "sendmail", 0, OPT_STRING, true, NULL, "FILE",
	  "do not print it, give it to the command behind --, or to this "
	  "program (default: " SENDMAIL "), which gets notices, too",
	  offsetof(struct filter_options, door.serve.sendmail), 0, 0,
	  sendmails },
	{ "lmtp", 0, OPT_STRING, true, NULL, "ADDRESS",
	  "do not print it, give it to the LMTP server there", TO(lmtp) },
	{ 0 },
};

static const struct opt *const tables[] = { rows_envelope, rows_result,
	door_service, door_rows, DOOR_STANDALONE, NULL };

static void
defaults(void *into)
{
	struct filter_options *options = into;

	*options = (struct filter_options){ .exit_as = EXIT_AS_SYSEXITS };
	door_defaults(&options->door);
}

/* Say why, as mail systems pass it on: a status code (RFC 3463) first. */
static int
leave(const struct filter_options *options, int status, const char *text)
{
	char *quoted = ms_quote_string(text);

	(void)fprintf(stderr, "%s\n", quoted);
	g_free(quoted);
	if (options->exit_as == EXIT_AS_SYSEXITS)
		return status;
	return status == REFUSED ? EXIT_FOUND : EXIT_TROUBLE;
}

static int
fail(const struct filter_options *options, const struct ms_error *err)
{
	char *text = g_strdup_printf("4.3.0 mailscan: %s", err->text);
	const int status = leave(options, LATER, text);

	g_free(text);
	return status;
}

/* Who sent it, as far as the header or a From_ line says so. Whom it is for it
 * is not asked: a sender who chose that would choose the policy, too. */
static void
take_sender(struct door *door)
{
	struct ms_envelope *said = ms_envelope_new(NULL);
	const size_t most = (size_t)MIN(ms_spool_size(door->spool),
	    MS_HEAD_MAX);
	unsigned char *head = g_malloc(most + 1);
	struct ms_error err;
	size_t size = 0;

	if (ms_spool_read(door->spool, 0, head, most, &size, &err) != MS_OK)
		size = 0;
	if (size > 5 && memcmp(head, "From ", 5) == 0) {
		const char *name = (const char *)head + 5;
		size_t n = 0;

		while (n + 5 < size && (unsigned char)name[n] > ' ')
			n++;
		said->sender = g_strndup(name, n);
	}
	ms_heads(head, ms_head_body(head, size), said);
	door->envelope->sender = g_steal_pointer(&said->sender);
	ms_envelope_free(said);
	g_free(head);
}

static void
make_envelope(struct door *door, const struct filter_options *options)
{
	door->envelope = ms_envelope_new(options->from);
	for (const char *const *to = options->to; to && *to; to++)
		ms_envelope_add(door->envelope, *to);
	door->envelope->client_address = g_strdup(options->client);
	door->envelope->helo = g_strdup(options->helo);
	door_authenticated(door, options->authenticated);
	if (!options->from)
		take_sender(door);
}

/* What the exit status says of a message that has gone on. */
static int
status_of(const struct door *door, const struct filter_options *options)
{
	switch (door->reply.ruling.verdict) {
	case MS_VERDICT_INFECTED:
	case MS_VERDICT_BLOCKED:
	case MS_VERDICT_SPAM:
		return options->exit_as == EXIT_AS_CLAMSCAN ? EXIT_FOUND :
		    SENT;
	case MS_VERDICT_ERROR:
	case MS_VERDICT_INCOMPLETE:
		return options->exit_as == EXIT_AS_CLAMSCAN ? EXIT_TROUBLE :
		    SENT;
	default:
		return SENT;
	}
}

/* Write it to standard output, now that all of it is there. */
static int
print(struct door *door, const struct filter_options *options,
    struct ms_spool *spool)
{
	char *piece = g_malloc(PIECE);
	enum ms_status status = MS_OK;
	uint64_t at = 0;
	size_t got = 1;

	while (status == MS_OK && got > 0) {
		status = ms_spool_read(spool, at, piece, PIECE, &got,
		    &door->err);
		if (status == MS_OK &&
		    ms_write(STDOUT_FILENO, piece, got) != MS_OK)
			status = ms_error_errno(&door->err,
			    "cannot write the message");
		at += got;
	}
	g_free(piece);
	return status == MS_OK ? status_of(door, options) :
	    fail(options, &door->err);
}

/* Become the command that takes it. */
static int
hand_over(struct door *door, const struct filter_options *options,
    struct ms_spool *spool)
{
	const char *list[2];
	const char *const *to = door_recipients(door, list);
	GPtrArray *words = g_ptr_array_new();
	struct ms_launch launch = { .input = -1, .second = -1 };
	const char *sender = door->envelope->sender;

	for (char *const *w = options->words; w && *w; w++)
		g_ptr_array_add(words, *w);
	if (words->len == 0) {
		/* As Postfix's filters do (FILTER_README). */
		static const char *const usual[] = { "-G", "-i", "-f" };

		g_ptr_array_add(words,
		    (char *)(uintptr_t)options->door.serve.sendmail);
		for (size_t i = 0; i < G_N_ELEMENTS(usual); i++)
			g_ptr_array_add(words, (char *)(uintptr_t)usual[i]);
		g_ptr_array_add(words, (char *)(uintptr_t)(sender ? sender :
		    ""));
		g_ptr_array_add(words, (char *)(uintptr_t)"--");
		for (; *to; to++)
			g_ptr_array_add(words, (char *)(uintptr_t)*to);
	}
	g_ptr_array_add(words, NULL);
	launch.argv = (const char *const *)words->pdata;
	launch.self = command_program;
	if (ms_spool_seal(spool, &launch.input, &door->err) == MS_OK)
		(void)ms_launch(&launch, &door->err);
	if (launch.input >= 0)
		(void)close(launch.input);
	g_ptr_array_unref(words);
	return fail(options, &door->err);
}

static int
send_on(struct door *door, const struct filter_options *options,
    struct ms_spool *spool)
{
	const char *list[2];
	int code = 0;
	GPtrArray *failed = g_ptr_array_new_with_free_func(
	    (GDestroyNotify)ms_submit_failure_free);
	const struct ms_submit_config config = {
		.address = options->lmtp,
		.helo = "localhost",
		.lmtp = true,
		.failed = failed,
		.code = &code,
	};
	struct ms_submit_mail mail = {
		.sender = door->envelope->sender ? door->envelope->sender : "",
		.recipients = door_recipients(door, list),
		.fd = -1,
		.size = ms_spool_size(spool),
	};
	bool uncertain = false;
	char *answer = NULL, *text;
	enum ms_status status = ms_spool_seal(spool, &mail.fd, &door->err);
	int result;

	if (status == MS_OK)
		status = ms_submit(&config, &mail, &answer, &uncertain,
		    &door->err);
	if (mail.fd >= 0)
		(void)close(mail.fd);
	g_free(answer);
	/* If he cannot be told it is tried again for all: some get it twice,
	 * but nobody loses it. */
	if (status == MS_OK && failed->len > 0 &&
	    nondelivery(door, failed) != MS_OK)
		status = MS_E_IO;
	g_ptr_array_unref(failed);
	if (status == MS_OK)
		return status_of(door, options);
	if (status == MS_E_IO || code / 100 != 5)
		return fail(options, &door->err);
	text = g_strdup_printf("5.0.0 mailscan: %s", door->err.text);
	result = leave(options, REFUSED, text);
	g_free(text);
	return result;
}

static int
go_on(struct door *door, const struct filter_options *options)
{
	const bool redirected = door->reply.ruling.address != NULL;
	struct ms_spool *spool = NULL;
	int status;

	if (redirected && !options->lmtp &&
	    (!options->sendmail || options->words)) {
		(void)ms_error_set(&door->err, MS_E_USAGE, "a redirected "
		    "message needs --lmtp, or --sendmail without a command");
		return fail(options, &door->err);
	}
	if ((options->lmtp || (options->sendmail && !options->words)) &&
	    !redirected && door->envelope->count == 0) {
		(void)ms_error_set(&door->err, MS_E_USAGE, "nobody is to get "
		    "it: say who (--to)");
		return fail(options, &door->err);
	}
	if (door_depart(door, NULL, &spool) != MS_OK)
		return fail(options, &door->err);
	if (options->lmtp)
		status = send_on(door, options, spool);
	else if (options->sendmail)
		status = hand_over(door, options, spool);
	else
		status = print(door, options, spool);
	ms_spool_free(spool);
	return status;
}

/* As the service has ruled. */
static int
obey(struct door *door, const struct filter_options *options)
{
	const struct ms_errand_ruling *ruling = &door->reply.ruling;
	const char *text = ruling->reply ? ruling->reply : "";

	if (door_passes(door))
		return go_on(door, options);
	/* Without the three digits. */
	text += strspn(text, "0123456789");
	text += strspn(text, " ");
	switch (ruling->action) {
	case MS_ACTION_REJECT:
		return leave(options, REFUSED, text);
	case MS_ACTION_QUARANTINE:
	case MS_ACTION_DROP:
		return options->exit_as == EXIT_AS_CLAMSCAN ? EXIT_FOUND :
		    SENT;
	default:
		return leave(options, LATER, *text != '\0' ? text :
		    "4.7.1 mailscan: the message is deferred");
	}
}

static bool
check(const struct filter_options *options, int count)
{
	struct ms_error err;

	if (options->lmtp && options->sendmail)
		(void)option_error(&cmd_filter, "--lmtp: there is --sendmail "
		    "as well");
	else if (count > 0 && !options->sendmail)
		(void)option_error(&cmd_filter, "a command is for "
		    "--sendmail");
	else if (options->lmtp && ms_dial_check(options->lmtp, &err) != MS_OK)
		(void)option_error(&cmd_filter, "--lmtp: %s", err.text);
	else
		return door_check(&cmd_filter, &options->door);
	return false;
}

int
cmd_filter_run(int argc, char **argv)
{
	struct filter_options options;
	struct door door;
	int count, status = LATER;

	(void)signal(SIGPIPE, SIG_IGN);
	defaults(&options);
	count = option_parse(&cmd_filter, argc, argv, &options, &status);
	if (count < 0)
		/* Nobody should lose mail by a mistyped option. */
		return status == EXIT_TROUBLE &&
		    options.exit_as == EXIT_AS_SYSEXITS ? LATER : status;
	options.words = count > 0 ? argv + 1 : NULL;
	options.sendmail = places_own("sendmail");
	door_open(&door, &cmd_filter, &options.door);
	if (!check(&options, count)) {
		status = options.exit_as == EXIT_AS_SYSEXITS ? LATER :
		    EXIT_TROUBLE;
	} else if (door_begin(&door) != MS_OK ||
	    door_read(&door, STDIN_FILENO) != MS_OK) {
		status = fail(&options, &door.err);
	} else {
		make_envelope(&door, &options);
		status = door_ask(&door) == MS_OK ? obey(&door, &options) :
		    fail(&options, &door.err);
	}
	door_close(&door);
	option_free(&cmd_filter, &options);
	return status;
}

const struct command cmd_filter = {
	.name = "filter",
	.synopsis = "[options] [-- command [argument...]] <message",
	.summary = "Scan one message on its way through a pipe",
	.options = tables,
	.config = true,
	.size = sizeof(struct filter_options),
	.defaults = defaults,
};
