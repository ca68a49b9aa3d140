#include "door.h"

#include "places.h"
#include "standalone.h"
#include "value.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* A message up to this is kept in memory. */
#define MEMFD_MAX ((size_t)1 << 20)

#define PIECE ((size_t)64 << 10)

#define TO(field) offsetof(struct door_options, field), 0, 0, NULL
#define WITHIN(field, min, max) \
	offsetof(struct door_options, field), min, max, NULL

const struct opt door_service[] = {
	{ "scan-socket", 0, OPT_STRING, true, "Service", "PATH",
	  "the socket of the service that scans (default: "
	  "/run/mailscan/scan.sock)", TO(serve.scan_socket) },
	{ "answer-timeout", 0, OPT_NUMBER, false, NULL, "SECONDS",
	  "how long it may take", WITHIN(answer_timeout_s, 1, 86400) },
	{ 0 },
};

const struct opt door_rows[] = {
	{ "standalone", 0, OPT_FLAG, true, NULL, NULL,
	  "load an engine for this message, and ask no service; only then "
	  "count the options for actions, notices, policies, blocking, the "
	  "engine and limits", TO(standalone) },
	{ "tempdir", 0, OPT_STRING, false, NULL, "DIR",
	  "where temporary files go (default: TMPDIR, or /tmp and memory)",
	  TO(serve.scan.tempdir) },
	{ 0 },
};

void
door_defaults(struct door_options *options)
{
	*options = (struct door_options){ .serve = serve_options_default,
		.answer_timeout_s = 600 };
	options->serve.scan = scan_options_default;
	options->serve.scan.jobs = 1;
	options->serve.pool = true;
	options->serve.scan_socket = MS_COUNTER_USUAL;
}

/* The first row of TABLE that CMD itself was told; or NULL. */
static const struct opt *
find_own(const struct opt *table)
{
	for (; table->name; table++)
		if (places_own(table->name))
			return table;
	return NULL;
}

bool
door_check(const struct command *cmd, const struct door_options *options)
{
	static const struct opt *const tables[] = { DOOR_STANDALONE };
	const struct opt *row = NULL;

	if (options->standalone) {
		row = find_own(door_service);
		if (row)
			(void)option_error(cmd, "--%s: no service is asked "
			    "with --standalone", row->name);
		return !row;
	}
	for (size_t i = 0; i < G_N_ELEMENTS(tables) && !row; i++)
		row = find_own(tables[i]);
	if (row)
		(void)option_error(cmd, "--%s: it is the service that "
		    "decides, so tell it that (mailscan pool --%s), or decide "
		    "here (--standalone)", row->name, row->name);
	return !row;
}

static struct ms_spool *
new_spool(const struct door *door)
{
	const struct ms_spool_config config = { 0, MEMFD_MAX,
		scan_options_tempdir(&door->options->serve.scan) };

	return ms_spool_new(&config);
}

void
door_open(struct door *door, const struct command *cmd,
    const struct door_options *options)
{
	*door = (struct door){ .cmd = cmd, .options = options,
		.name = cmd->name, .fd = -1 };
	door->spool = new_spool(door);
}

void
door_close(struct door *door)
{
	if (door->asked)
		ms_counter_reply_clear(&door->reply);
	if (door->fd >= 0)
		(void)close(door->fd);
	ms_envelope_free(door->envelope);
	ms_spool_free(door->spool);
}

void
door_authenticated(struct door *door, const char *text)
{
	door->authenticated = text && strcmp(text, "no") != 0;
	door->login = door->authenticated && strcmp(text, "yes") != 0 ? text :
	    NULL;
}

enum ms_status
door_begin(struct door *door)
{
	return door->options->standalone ? standalone_begin(&door->err) :
	    MS_OK;
}

enum ms_status
door_read(struct door *door, int in)
{
	char *piece = g_malloc(PIECE);
	enum ms_status status = MS_OK;
	ssize_t n;

	while (status == MS_OK && (n = read(in, piece, PIECE)) != 0) {
		if (n > 0)
			status = ms_spool_write(door->spool, piece, (size_t)n,
			    &door->err);
		else if (errno != EINTR)
			status = ms_error_errno(&door->err,
			    "the message cannot be read");
	}
	g_free(piece);
	if (status != MS_OK)
		return status;
	return ms_spool_seal(door->spool, &door->fd, &door->err);
}

/* Nobody could be asked: ERR, who has said why, says what to do as well. */
static void
advise(const char *path, struct ms_error *err)
{
	const bool shut = access(path, R_OK | W_OK) != 0 && errno == EACCES;
	char *said = g_strdup(err->text);

	(void)ms_error_set(err, MS_E_PEER, "%s (%s)", said, shut ?
	    "the service's --scan-socket-group says who may" :
	    "is mailscan pool or serve running?");
	g_free(said);
}

static enum ms_status
ask_service(struct door *door, const struct ms_counter_question *question)
{
	const char *path = door->options->serve.scan_socket;
	char *address = value_socket(path);
	const enum ms_status status = ms_counter_once(address, question,
	    &door->reply, &door->err);

	if (status == MS_E_PEER &&
	    g_str_has_prefix(door->err.text, "cannot connect "))
		advise(address + strlen("unix:"), &door->err);
	g_free(address);
	return status;
}

enum ms_status
door_ask(struct door *door)
{
	const struct ms_counter_question question = {
		.fd = door->fd,
		.size = ms_spool_size(door->spool),
		.door = door->name,
		.authenticated = door->authenticated,
		.login = door->login,
		.envelope = door->envelope,
		.deadline_ms = ms_clock_ms() +
		    door->options->answer_timeout_s * 1000,
	};
	const enum ms_status status = door->options->standalone ?
	    standalone_ask(door->cmd, &door->options->serve, &question,
	    &door->reply, &door->err) : ask_service(door, &question);

	door->asked = status == MS_OK;
	return status;
}

bool
door_passes(const struct door *door)
{
	const enum ms_action action = door->reply.ruling.action;

	return action == MS_ACTION_PASS || action == MS_ACTION_TAG ||
	    action == MS_ACTION_REDIRECT;
}

enum ms_status
door_depart(struct door *door, const char *trace, struct ms_spool **spool)
{
	const struct ms_departure departure = {
		.reply = &door->reply,
		.fd = door->fd,
		.size = ms_spool_size(door->spool),
		.trace = trace,
	};
	enum ms_status status;

	*spool = new_spool(door);
	status = ms_departure(&departure, *spool, &door->err);
	if (status != MS_OK) {
		ms_spool_free(*spool);
		*spool = NULL;
	}
	return status;
}

const char *const *
door_recipients(const struct door *door, const char *list[2])
{
	list[0] = door->reply.ruling.address;
	list[1] = NULL;
	return list[0] ? list :
	    (const char *const *)door->envelope->recipients;
}

const char *
door_host(char name[256])
{
	if (gethostname(name, 255) != 0 || *name == '\0' ||
	    name[strspn(name, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS
	    ".-")] != '\0')
		return "localhost";
	return name;
}
