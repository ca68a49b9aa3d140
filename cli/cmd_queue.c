#include "command.h"
#include "door.h"
#include "exit.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <unistd.h>

/* Exit statuses of qmail-queue(8) and of its patches. */
enum {
	QUEUE_DONE = 0,
	QUEUE_REFUSED = 31,	/* for ever */
	QUEUE_UNREADABLE = 54,	/* message or envelope */
	QUEUE_TROUBLE = 71,	/* later */
	QUEUE_SAID = 82,	/* as the text on descriptor 4 says */
	QUEUE_BAD_ENVELOPE = 91
};

/* Where a program in place of qmail-queue says why, and most of it. */
#define SAY_FD 4
#define SAY_MAX 255

/* Of an envelope. */
#define ENVELOPE_MAX ((size_t)16 << 20)

enum { CUSTOM_AUTO, CUSTOM_YES, CUSTOM_NO };

struct queue_options {
	struct door_options door;	/* first */
	const char *next;
	int custom_reject;
	bool received, leave_temps;
};

#define TO(field) offsetof(struct queue_options, field), 0, 0, NULL
#define ONE_OF(field, choices) \
	offsetof(struct queue_options, field), 0, 0, choices

static const struct opt_choice customs[] = {
	{ "auto", CUSTOM_AUTO },
	{ "yes", CUSTOM_YES },
	{ "no", CUSTOM_NO },
	{ 0 },
};

static const struct opt rows[] = {
	{ "next", 0, OPT_STRING, true, "Queue", "PROGRAM",
	  "what gets mail that goes on (default: /var/qmail/bin/qmail-queue)",
	  TO(next) },
	{ "custom-reject", 0, OPT_CHOICE, true, NULL, "WHEN",
	  "refuse with exit status 82 and a text on descriptor 4, not with "
	  "31: auto, if that one is open", ONE_OF(custom_reject, customs) },
	{ "received-header", 0, OPT_FLAG, true, NULL, NULL,
	  "put a Received field with our version and the scanner's into "
	  "mail that goes on (the default)", TO(received) },
	{ "leave-temps", 0, OPT_FLAG, false, NULL, NULL,
	  "keep what came and what went on in a new directory (also if "
	  "MAILSCAN_DEBUG is set, to anything but 0)", TO(leave_temps) },
	{ 0 },
};

static const struct opt *const tables[] = { rows, door_service,
	door_rows, serve_notices_program, DOOR_STANDALONE, NULL };

static void
defaults(void *into)
{
	struct queue_options *options = into;

	*options = (struct queue_options){
		.next = "/var/qmail/bin/qmail-queue",
		.received = true,
	};
	door_defaults(&options->door);
}

/* A message, and what it came with. */
struct queue {
	struct queue_options options;
	bool can_say;		/* somebody listens on SAY_FD */
	char *temps;		/* directory that is left; NULL: none */
	GByteArray *envelope;	/* as it came */
	struct door door;
};

/* Is there somebody to whom we can say why? Not a file, or whatever else
 * happens to be open. */
static bool
is_heard(void)
{
	const int flags = fcntl(SAY_FD, F_GETFL);
	struct stat st;

	return flags >= 0 && (flags & O_ACCMODE) != O_RDONLY &&
	    fstat(SAY_FD, &st) == 0 &&
	    (S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode));
}

/* LETTER: Z, later; D, for ever. TEXT is said, and logged; STATUS is what to
 * exit with. */
static int
leave(const struct queue *q, int status, char letter, const char *text)
{
	char *quoted = ms_quote_string(text);
	char *line = g_strdup_printf("%c%.*s", letter, SAY_MAX - 1, quoted);

	(void)fprintf(stderr, "mailscan: queue: %s\n", quoted);
	/* Whoever does not read it has the status. */
	if (q->can_say)
		(void)ms_write(SAY_FD, line, strlen(line));
	g_free(line);
	g_free(quoted);
	return status;
}

static int
fail(const struct queue *q, int status, const struct ms_error *err)
{
	char *text = g_strdup_printf("4.3.0 %s", err->text);
	const int result = leave(q, status, 'Z', text);

	g_free(text);
	return result;
}

/* Put the SIZE bytes at DATA into the file NAME of the directory that is
 * left. */
static void
leave_data(const struct queue *q, const char *name, const void *data,
    size_t size)
{
	char *path;

	if (!q->temps)
		return;
	path = g_strdup_printf("%s/%s", q->temps, name);
	(void)g_file_set_contents_full(path, data, (gssize)size,
	    G_FILE_SET_CONTENTS_NONE, 0600, NULL);
	g_free(path);
}

static void
leave_spool(const struct queue *q, const char *name, struct ms_spool *spool)
{
	const unsigned char *data;
	struct ms_error err;

	if (q->temps && ms_spool_map(spool, &data, &err) == MS_OK)
		leave_data(q, name, data, (size_t)ms_spool_size(spool));
}

static void
begin_temps(struct queue *q)
{
	const char *debug = getenv("MAILSCAN_DEBUG");
	const char *dir = scan_options_tempdir(&q->options.door.serve.scan);

	if (!q->options.leave_temps &&
	    (!debug || *debug == '\0' || strcmp(debug, "0") == 0))
		return;
	q->temps = g_strdup_printf("%s/mailscan-queue-XXXXXX",
	    dir ? dir : "/tmp");
	if (mkdtemp(q->temps))
		(void)fprintf(stderr, "mailscan: queue: temporary files stay "
		    "in %s\n", q->temps);
	else
		g_clear_pointer(&q->temps, g_free);
}

/* All that descriptor 1 gives. */
static enum ms_status
read_envelope(struct queue *q)
{
	guint8 piece[8192];
	ssize_t n;

	while ((n = read(STDOUT_FILENO, piece, sizeof piece)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return ms_error_errno(&q->door.err,
			    "the envelope cannot be read");
		g_byte_array_append(q->envelope, piece, (guint)n);
		if (q->envelope->len > ENVELOPE_MAX)
			return ms_error_set(&q->door.err, MS_E_FORMAT,
			    "the envelope is too large");
	}
	return ms_handed_read(q->envelope->data, q->envelope->len,
	    &q->door.envelope, &q->door.err);
}

/* What is known of the client by environment (tcp-environ(5)). */
static void
note_client(struct queue *q)
{
	struct ms_envelope *envelope = q->door.envelope;

	envelope->client_address = g_strdup(getenv("TCPREMOTEIP"));
	envelope->client_name = g_strdup(getenv("TCPREMOTEHOST"));
	envelope->helo = g_strdup(getenv("SMTPHELO"));
	q->door.authenticated = getenv("RELAYCLIENT") != NULL;
}

/* TEXT as a comment of a header takes it. */
static void
append_comment(GString *out, const char *text)
{
	for (; *text != '\0'; text++)
		if (*text >= ' ' && *text < 0x7f && !strchr("()\\", *text))
			g_string_append_c(out, *text);
}

/* A Received field (RFC 5321, 4.4), for g_free(); NULL: none is wanted. */
static char *
make_trace(const struct queue *q)
{
	const struct ms_counter_reply *reply = &q->door.reply;
	char name[256] = "";
	GString *out;

	if (!q->options.received)
		return NULL;
	out = g_string_new("Received: ");
	g_string_append_printf(out, "by %s (mailscan %s, pid %d",
	    door_host(name), MS_VERSION, (int)getpid());
	if (reply->scanned) {
		g_string_append(out, ";\n\tscanners: ");
		append_comment(out, reply->done.scanner);
		g_string_append_printf(out, ";\n\t%s in %" G_GUINT64_FORMAT
		    " ms", ms_verdict_name(reply->ruling.verdict),
		    reply->done.elapsed_ms);
	} else {
		g_string_append(out, ";\n\tnot scanned");
	}
	g_string_append(out, ");\n\t");
	ms_date_append(out, ms_clock_wall());
	g_string_append_c(out, '\n');
	return g_string_free(out, FALSE);
}

/* Become the program that takes it; returns if that fails. */
static int
hand_over(struct queue *q, struct ms_spool *spool)
{
	const char *next = q->door.reply.ruling.next;
	const char *const argv[] = { next ? next : q->options.next, NULL };
	struct ms_launch launch = { argv, -1, -1, command_program };
	const char *list[2];
	GByteArray *envelope = g_byte_array_new();
	struct ms_spool_config memory = { 0, SIZE_MAX, NULL };
	struct ms_spool *second = ms_spool_new(&memory);
	struct ms_error *err = &q->door.err;

	ms_handed_write(q->door.envelope->sender,
	    door_recipients(&q->door, list), envelope);
	leave_data(q, "envelope.out", envelope->data, envelope->len);
	leave_spool(q, "message.out", spool);
	if (ms_spool_write(second, envelope->data, envelope->len, err) ==
	    MS_OK &&
	    ms_spool_seal(second, &launch.second, err) == MS_OK &&
	    ms_spool_seal(spool, &launch.input, err) == MS_OK)
		(void)ms_launch(&launch, err);
	g_byte_array_unref(envelope);
	ms_spool_free(second);
	return fail(q, QUEUE_TROUBLE, err);
}

static int
go_on(struct queue *q)
{
	char *trace = make_trace(q);
	struct ms_spool *spool = NULL;
	const enum ms_status status = door_depart(&q->door, trace, &spool);
	int result;

	g_free(trace);
	if (status != MS_OK)
		return fail(q, QUEUE_TROUBLE, &q->door.err);
	result = hand_over(q, spool);
	ms_spool_free(spool);
	return result;
}

/* Say the reply of the ruling, without its three digits. */
static int
refuse(const struct queue *q, const char *reply, char letter)
{
	const int custom = q->options.custom_reject;
	const bool said = custom == CUSTOM_YES ||
	    (custom == CUSTOM_AUTO && q->can_say);
	const char *text = reply ? reply : "";
	const int plain = letter == 'D' ? QUEUE_REFUSED : QUEUE_TROUBLE;

	text += strspn(text, "0123456789");
	text += strspn(text, " ");
	return leave(q, said ? QUEUE_SAID : plain, letter, *text != '\0' ?
	    text : "4.7.1 the message is deferred");
}

/* As the service has ruled. */
static int
obey(struct queue *q)
{
	const struct ms_errand_ruling *ruling = &q->door.reply.ruling;

	if (door_passes(&q->door))
		return go_on(q);
	switch (ruling->action) {
	case MS_ACTION_REJECT:
		return refuse(q, ruling->reply, 'D');
	case MS_ACTION_QUARANTINE:
	case MS_ACTION_DROP:
		return QUEUE_DONE;
	default:
		return refuse(q, ruling->reply, 'Z');
	}
}

static int
work(struct queue *q)
{
	struct door *door = &q->door;
	enum ms_status status;

	if (door_begin(door) != MS_OK)
		return fail(q, QUEUE_TROUBLE, &door->err);
	begin_temps(q);
	if (door_read(door, STDIN_FILENO) != MS_OK)
		return fail(q, QUEUE_UNREADABLE, &door->err);
	leave_spool(q, "message", door->spool);
	status = read_envelope(q);
	leave_data(q, "envelope", q->envelope->data, q->envelope->len);
	if (status != MS_OK)
		return fail(q, status == MS_E_FORMAT ? QUEUE_BAD_ENVELOPE :
		    QUEUE_UNREADABLE, &door->err);
	note_client(q);
	if (door_ask(door) != MS_OK)
		return fail(q, QUEUE_TROUBLE, &door->err);
	return obey(q);
}

/* With somebody else's rights, his environment would be ours. */
static bool
is_borrowed(void)
{
	return getauxval(AT_SECURE) != 0 || getuid() != geteuid() ||
	    getgid() != getegid();
}

int
cmd_queue_run(int argc, char **argv)
{
	struct queue q = { .can_say = is_heard() };
	struct ms_error err;
	int count, status;

	(void)signal(SIGPIPE, SIG_IGN);
	if (is_borrowed())
		return leave(&q, QUEUE_TROUBLE, 'Z', "4.3.0 it is installed "
		    "setuid or setgid, and must not be");
	/* What is opened below would be taken for them. */
	if (fcntl(STDIN_FILENO, F_GETFD) < 0 ||
	    fcntl(STDOUT_FILENO, F_GETFD) < 0)
		return leave(&q, QUEUE_UNREADABLE, 'Z',
		    "4.3.0 there is no message or no envelope");
	defaults(&q.options);
	count = option_parse(&cmd_queue, argc, argv, &q.options, &status);
	if (count < 0 && status == EXIT_CLEAN)
		return EXIT_CLEAN;
	if (count != 0 || !door_check(&cmd_queue, &q.options.door)) {
		(void)ms_error_set(&err, MS_E_USAGE, "%s", count > 0 ?
		    "there are no operands" : "its configuration is wrong");
		return fail(&q, QUEUE_TROUBLE, &err);
	}
	q.envelope = g_byte_array_new();
	door_open(&q.door, &cmd_queue, &q.options.door);
	status = work(&q);
	door_close(&q.door);
	g_byte_array_unref(q.envelope);
	g_free(q.temps);
	option_free(&cmd_queue, &q.options);
	return status;
}

const struct command cmd_queue = {
	.name = "queue",
	.synopsis = "[options] <message 1<envelope",
	.summary = "Scan one message in place of qmail-queue",
	.options = tables,
	.config = true,
	.size = sizeof(struct queue_options),
	.defaults = defaults,
};
