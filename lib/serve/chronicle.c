#include "serve/chronicle.h"

#include "base/clock.h"
#include "base/rights.h"
#include "base/write.h"
#include "capture/stamp.h"
#include "net/post.h"
#include "smtp/standing.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Recipients that are named; the others are counted. */
#define RECIPIENTS_MAX 20

/* Lines of one piece of what was heard, and characters of each. */
#define HEARD_LINES 20
#define HEARD_COLUMNS 79

/* What is said seldom. */
#define SELDOM_MS 60000

/* Bytes of a datagram: what is longer the system's log would cut as well. */
#define POST_MAX ((size_t)8000)

/* "mail", as syslog numbers what entries are about. */
#define FACILITY 2
#define SEVERITY 3	/* of an error */

enum place { STDERR, SYSLOG, JOURNAL, FILE_, PLACES };

static const struct {
	const char *name, *path;
} places[] = {
	[STDERR] = { "stderr", NULL },
	[SYSLOG] = { "syslog", "/dev/log" },
	[JOURNAL] = { "journal", "/run/systemd/journal/socket" },
};

/*
 * A process has one log, as it has one standard error, and whoever finds
 * something to log is not to be handed it through all layers. The one mutable
 * variable of this folder.
 */
static struct {
	enum ms_chronicle_form form;
	enum ms_logentry_level level;
	const char *name;
	enum place place;
	char *path;		/* of a socket or file */
	int fd;			/* of a socket */
	unsigned lost;		/* entries that nobody took */
	GHashTable *said;	/* keys, to when that was */
	int64_t minute;		/* of the last refusal, */
	unsigned refusals;	/* and those in it */
} log_to = {
	.level = MS_LOGENTRY_INFO,
	.fd = -1,
};

/* Where TO is; *PATH is what it needs. */
static enum ms_status
parse(const char *to, enum place *place, const char **path,
    struct ms_error *err)
{
	*place = FILE_;
	*path = to;
	for (int i = 0; i < (int)G_N_ELEMENTS(places); i++) {
		const size_t size = strlen(places[i].name);

		if (strncmp(to, places[i].name, size) != 0 ||
		    (to[size] != '\0' && (to[size] != ':' ||
		    !places[i].path)))
			continue;
		*place = (enum place)i;
		*path = to[size] == ':' ? to + size + 1 : places[i].path;
		return *path ? ms_post_check(*path, err) : MS_OK;
	}
	if (*to == '/')
		return MS_OK;
	return ms_error_set(err, MS_E_USAGE, "%s: want stderr, syslog, "
	    "journal or a path from the root", to);
}

enum ms_status
ms_chronicle_check(const char *to, struct ms_error *err)
{
	enum place place;
	const char *path;

	return parse(to, &place, &path, err);
}

/* PATH cannot be opened: errno says why. What may be done if the rights are
 * missing is the REMEDY, and what happens now follows. */
static enum ms_status
say_closed(const char *path, const char *remedy, const char *now,
    struct ms_error *err)
{
	char *user;

	if (errno != EACCES)
		return ms_error_set(err, MS_E_IO, "log %s: %s%s", path,
		    g_strerror(errno), now);
	user = ms_rights_name(geteuid());
	(void)ms_error_set(err, MS_E_IO, "log %s: %s: user %s cannot write "
	    "there%s%s", path, g_strerror(EACCES), user, remedy, now);
	g_free(user);
	return MS_E_IO;
}

static int
open_file(const char *path)
{
	return open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC |
	    O_NOCTTY | O_NONBLOCK, 0640);
}

enum ms_status
ms_chronicle_open(const struct ms_chronicle_config *config,
    struct ms_error *err)
{
	enum ms_status status;
	enum place place;
	const char *path;
	int fd = -1;

	status = parse(config->to ? config->to : "stderr", &place, &path,
	    err);
	if (status == MS_OK && place == FILE_ && (fd = open_file(path)) < 0)
		status = say_closed(path, "", "", err);
	else if (status == MS_OK && place != STDERR && place != FILE_)
		status = ms_post_open(&fd, err);
	if (status != MS_OK)
		return status;
	if (log_to.fd >= 0)
		(void)close(log_to.fd);
	log_to.form = config->form;
	log_to.level = config->level;
	log_to.name = config->name;
	log_to.place = place;
	g_free(log_to.path);
	log_to.path = g_strdup(path);
	log_to.fd = place == FILE_ ? -1 : fd;
	if (place == FILE_) {
		ms_chronicle_take(fd);
		(void)close(fd);
	}
	return MS_OK;
}

int
ms_chronicle_fd(void)
{
	return log_to.fd;
}

enum ms_status
ms_chronicle_reopen(int *fd, struct ms_error *err)
{
	*fd = -1;
	if (log_to.place != FILE_)
		return MS_OK;
	*fd = open_file(log_to.path);
	if (*fd < 0)
		return say_closed(log_to.path, " (let the directory and the "
		    "file belong to it, or logrotate use copytruncate)",
		    "; the log goes on in the old file", err);
	ms_chronicle_take(*fd);
	return MS_OK;
}

void
ms_chronicle_take(int fd)
{
	/* What others write to standard error belongs there as well. */
	(void)dup2(fd, STDERR_FILENO);
}

bool
ms_chronicle_wants(enum ms_logentry_level level)
{
	return level <= log_to.level;
}

/* "<22>Nov 21 10:30:00 mailscan[17]: ", as syslog(3) writes it. */
static void
append_syslog_head(GString *out, const struct ms_logentry *entry)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	const time_t now = (time_t)ms_clock_wall();
	struct tm tm = { .tm_year = 70 };

	(void)localtime_r(&now, &tm);
	g_string_append_printf(out, "<%d>%.3s %2d %02d:%02d:%02d "
	    "mailscan[%d]: ",
	    FACILITY * 8 + (int)ms_logentry_level(entry) + SEVERITY,
	    months + (ptrdiff_t)3 * CLAMP(tm.tm_mon, 0, 11), tm.tm_mday,
	    tm.tm_hour, tm.tm_min, tm.tm_sec, (int)getpid());
}

static void
append_head(GString *out, const struct ms_logentry *entry)
{
	char time[MS_STAMP_SIZE];

	if (log_to.place == SYSLOG) {
		append_syslog_head(out, entry);
	} else if (log_to.form == MS_CHRONICLE_TEXT) {
		if (log_to.place == FILE_) {
			ms_stamp_format(ms_clock_wall_us(), time);
			g_string_append_printf(out, "%s ", time);
		}
		if (log_to.place != JOURNAL)
			g_string_append(out, "mailscan: ");
	}
	if (log_to.name && log_to.form == MS_CHRONICLE_TEXT)
		g_string_append_printf(out, "%s: ", log_to.name);
}

/* Not longer than a datagram may be, and no character is cut. */
static void
cut(GString *line)
{
	size_t size = POST_MAX;

	if (line->len <= size)
		return;
	while (((unsigned char)line->str[size] & 0xc0) == 0x80)
		size--;
	g_string_truncate(line, size);
}

/* Who reads the log finds out that something is missing. */
static void
post(const struct ms_logentry *entry, GString *line)
{
	GString *fields = NULL;

	cut(line);
	if (log_to.place == JOURNAL) {
		fields = g_string_new(NULL);
		ms_logentry_as_journal(entry, line->str, fields);
		if (log_to.lost > 0)
			g_string_append_printf(fields, "MAILSCAN_LOST=%u\n",
			    log_to.lost);
		line = fields;
	} else if (log_to.lost > 0) {
		g_string_append_printf(line, " (%u entries before this are "
		    "lost)", log_to.lost);
	}
	if (ms_post_send(log_to.fd, log_to.path, line->str, line->len) ==
	    MS_OK)
		log_to.lost = 0;
	else
		log_to.lost++;
	if (fields)
		(void)g_string_free(fields, TRUE);
}

void
ms_chronicle_put(struct ms_logentry *entry)
{
	GString *line;

	if (ms_chronicle_wants(ms_logentry_level(entry))) {
		line = g_string_new(NULL);
		append_head(line, entry);
		if (log_to.form == MS_CHRONICLE_TEXT)
			ms_logentry_as_text(entry, line);
		/* A text begins with it. */
		ms_logentry_plain(entry, "command", log_to.name);
		if (log_to.form == MS_CHRONICLE_JSON)
			ms_logentry_as_json(entry, ms_clock_wall_us(), line);
		if (log_to.fd >= 0) {
			post(entry, line);
		} else {
			g_string_append_c(line, '\n');
			/* A log that cannot be written to is nobody's but its
			 * reader's business. */
			(void)ms_write(STDERR_FILENO, line->str, line->len);
		}
		(void)g_string_free(line, TRUE);
	}
	ms_logentry_free(entry);
}

static void
put_text(enum ms_logentry_level level, const char *id, const char *text)
{
	struct ms_logentry *entry = ms_logentry_new(level, "note", id);

	ms_logentry_text(entry, text);
	ms_chronicle_put(entry);
}

void
ms_chronicle_say(const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	text = g_strdup_vprintf(format, args);
	va_end(args);
	put_text(MS_LOGENTRY_NOTICE, NULL, text);
	g_free(text);
}

void
ms_chronicle_tell(enum ms_logentry_level level, const char *id,
    const char *format, ...)
{
	va_list args;
	char *text;

	if (!ms_chronicle_wants(level))
		return;
	va_start(args, format);
	text = g_strdup_vprintf(format, args);
	va_end(args);
	put_text(level, id, text);
	g_free(text);
}

bool
ms_chronicle_is_due(const char *key, int64_t now_ms)
{
	int64_t *said;

	if (!log_to.said)
		log_to.said = g_hash_table_new_full(g_str_hash, g_str_equal,
		    g_free, g_free);
	said = g_hash_table_lookup(log_to.said, key);
	if (said ? now_ms - *said < SELDOM_MS :
	    g_hash_table_size(log_to.said) >= MS_CHRONICLE_KEYS_MAX)
		return false;
	(void)g_hash_table_replace(log_to.said, g_strdup(key),
	    g_memdup2(&now_ms, sizeof now_ms));
	return true;
}

void
ms_chronicle_heard(const char *id, const char *who, const void *data,
    size_t size)
{
	const char *at = data, *end = at + size;

	if (!ms_chronicle_wants(MS_LOGENTRY_DEBUG))
		return;
	for (unsigned lines = 0; at < end; lines++) {
		const char *lf = memchr(at, '\n', (size_t)(end - at));
		const char *stop = lf ? lf : end;
		struct ms_logentry *entry = ms_logentry_new(MS_LOGENTRY_DEBUG,
		    "line", id);
		char *text;

		if (lines == HEARD_LINES)
			text = g_strdup_printf("(%zu bytes more)",
			    (size_t)(end - at));
		else
			text = g_strndup(at, MIN((size_t)(stop - at -
			    (stop > at && stop[-1] == '\r')), HEARD_COLUMNS));
		ms_logentry_word(entry, who, text);
		ms_chronicle_put(entry);
		g_free(text);
		if (lines == HEARD_LINES)
			return;
		at = lf ? lf + 1 : end;
	}
}

static void
add_addresses(struct ms_logentry *entry, const struct ms_envelope *envelope)
{
	ms_logentry_word(entry, "from", envelope->sender);
	for (unsigned i = 0; i < MIN(envelope->count, RECIPIENTS_MAX); i++)
		ms_logentry_item(entry, "to", envelope->recipients[i]);
	if (envelope->count > RECIPIENTS_MAX)
		ms_logentry_number(entry, "more-recipients",
		    envelope->count - RECIPIENTS_MAX);
}

/* Is there room for another refusal in this minute? */
static bool
has_room(void)
{
	const int64_t minute = ms_clock_ms() / SELDOM_MS;

	if (log_to.minute != minute) {
		if (log_to.refusals > MS_CHRONICLE_REFUSALS_MAX)
			ms_chronicle_say("%u refusals more within a minute",
			    log_to.refusals - MS_CHRONICLE_REFUSALS_MAX);
		log_to.minute = minute;
		log_to.refusals = 0;
	}
	return log_to.refusals++ < MS_CHRONICLE_REFUSALS_MAX;
}

void
ms_chronicle_refusal(const struct ms_envelope *envelope, const char *format,
    ...)
{
	struct ms_logentry *entry;
	va_list args;
	char *text;

	if (!ms_chronicle_wants(MS_LOGENTRY_INFO) || !has_room())
		return;
	entry = ms_logentry_new(MS_LOGENTRY_INFO, "note", envelope->queue_id);
	va_start(args, format);
	text = g_strdup_vprintf(format, args);
	va_end(args);
	ms_logentry_text(entry, text);
	add_addresses(entry, envelope);
	ms_chronicle_put(entry);
	g_free(text);
}

/* Of another door than that of SMTP. */
static void
add_known(struct ms_logentry *entry, const struct ms_envelope *envelope)
{
	ms_logentry_word(entry, "helo", envelope->helo);
	ms_logentry_word(entry, "queue-id", envelope->queue_id);
	add_addresses(entry, envelope);
}

static void
add_envelope(struct ms_logentry *entry,
    const struct ms_session_state *envelope)
{
	unsigned named = 0;

	ms_logentry_word(entry, "helo", envelope->helo);
	ms_logentry_word(entry, "remote", ms_standing_said(envelope, "ADDR"));
	ms_logentry_word(entry, "remote-helo", ms_standing_said(envelope,
	    "HELO"));
	ms_logentry_word(entry, "from", envelope->sender.text);
	for (guint i = 0; i < envelope->recipients->len; i++) {
		const struct ms_recipient *one = &g_array_index(
		    envelope->recipients, struct ms_recipient, i);

		if (one->code / 100 != 2 || !one->address.text)
			continue;
		if (named++ < RECIPIENTS_MAX)
			ms_logentry_item(entry, "to", one->address.text);
	}
	if (named > RECIPIENTS_MAX)
		ms_logentry_number(entry, "more-recipients",
		    named - RECIPIENTS_MAX);
}

static void
add_phase(struct ms_logentry *entry, const char *name, int64_t ms)
{
	if (ms >= 0)
		ms_logentry_number(entry, name, ms);
}

struct ms_logentry *
ms_chronicle_compose(const struct ms_chronicle_message *message)
{
	const struct ms_proxy_end *end = message->end;
	struct ms_logentry *entry = ms_logentry_new(MS_LOGENTRY_INFO,
	    "message", message->id);

	ms_logentry_plain(entry, "door", message->door);
	ms_logentry_word(entry, "client", message->client);
	ms_logentry_plain(entry, "protocol", message->protocol);
	if (message->envelope)
		add_envelope(entry, message->envelope);
	else if (message->known)
		add_known(entry, message->known);
	ms_logentry_word(entry, "message-id", message->message_id);
	ms_logentry_number(entry, "size", (int64_t)MIN(end->size, INT64_MAX));
	if (message->scanned)
		ms_logentry_plain(entry, "verdict",
		    ms_verdict_name(message->verdict));
	ms_logentry_word(entry, "found", message->what);
	if (message->part && *message->part != '\0')
		ms_logentry_word(entry, "part", message->part);
	ms_logentry_word(entry, "why", message->why);
	ms_logentry_plain(entry, "action", end->decided ?
	    ms_decide_action_name(end->action) : "none");
	ms_logentry_word(entry, "quarantine", message->quarantine);
	if (!message->door)
		ms_logentry_plain(entry, "delivered", end->delivered ? "yes" :
		    "no");
	if (end->code > 0) {
		char *reply = g_strdup_printf("%d %s", end->code,
		    end->text ? end->text : "");

		ms_logentry_word(entry, "reply", reply);
		g_free(reply);
	}
	add_phase(entry, "receive-ms", message->receive_ms);
	add_phase(entry, "scan-ms", message->scan_ms);
	add_phase(entry, "deliver-ms", message->deliver_ms);
	ms_logentry_number(entry, "ms", message->whole_ms);
	return entry;
}

void
ms_chronicle_message(const struct ms_chronicle_message *message)
{
	ms_chronicle_put(ms_chronicle_compose(message));
}
