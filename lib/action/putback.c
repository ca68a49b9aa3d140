#include "action/putback.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "action/beneath.h"
#include "action/mailbox.h"
#include "action/newfile.h"
#include "message/intake.h"
#include "message/mbox.h"

struct ms_putback {
	struct ms_release_way way;
	char *to;
	char *path;		/* of the Maildir, the mbox or the file */
	char *flags;		/* into cur of the Maildir, with these; NULL:
				 * into new */
	char *name;		/* the new one in a Maildir, all but its last
				 * number */
	int64_t mark;
	const struct ms_lock_config *locking;
	struct ms_mailbox *box;	/* while it is locked */
	char *from_line;
	bool quote;		/* the mbox wants it quoted */
};

/* The name in a Maildir, which differs from try to try. */
static char *
unique_name(const struct ms_putback *p, int64_t mark)
{
	return g_strdup_printf("%s_%" PRId64, p->name, mark);
}

/* Each try gets a number of its own. */
static enum ms_status
prepare_maildir(void *arg, const struct ms_custody *custody, int64_t *mark,
    struct ms_error *err)
{
	struct ms_putback *p = arg;

	(void)err;
	p->mark = 0;
	for (guint i = 0; i < custody->releases->len; i++) {
		const struct ms_custody_release *release =
		    g_ptr_array_index(custody->releases, i);

		/* A record says what it likes. */
		if (release->mark < INT32_MAX && release->mark >= p->mark &&
		    strcmp(release->to, p->to) == 0)
			p->mark = release->mark + 1;
	}
	*mark = p->mark;
	return MS_OK;
}

static enum ms_status
look_maildir(void *arg, const struct ms_release_message *message,
    int64_t mark, struct ms_error *err)
{
	const struct ms_putback *p = arg;
	char *unique = unique_name(p, mark);
	enum ms_status status = ms_newfile_look(p->path, unique, err);

	(void)message;
	g_free(unique);
	return status;
}

static enum ms_status
deliver_maildir(void *arg, const struct ms_release_message *message,
    char **answer, bool *uncertain, struct ms_error *err)
{
	const struct ms_putback *p = arg;
	const struct ms_newfile content = { message->fd, message->size };
	char *unique = unique_name(p, p->mark);
	enum ms_status status = ms_newfile_deliver(p->path, unique, p->flags,
	    &content, err);

	(void)uncertain;
	if (status == MS_OK)
		*answer = g_strdup_printf("%s/%s", p->flags ? "cur" : "new",
		    unique);
	g_free(unique);
	return status;
}

/* Is what PATH is that message? */
static enum ms_status
same_file(const char *path, const struct ms_release_message *message,
    struct ms_error *err)
{
	unsigned char ours[16384], theirs[sizeof ours];
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	enum ms_status status = MS_OK;
	uint64_t at = 0;
	struct stat st;

	if (fd < 0)
		return errno == ENOENT ? MS_END :
		    ms_error_errno(err, "%s", path);
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) ||
	    (uint64_t)st.st_size != message->size)
		status = MS_END;
	while (status == MS_OK && at < message->size) {
		size_t want = MIN(sizeof ours, message->size - at);
		ssize_t n = pread(fd, theirs, want, (off_t)at);
		ssize_t m = pread(message->fd, ours, want, (off_t)at);

		if (n <= 0 || n != m || memcmp(ours, theirs, (size_t)n) != 0)
			status = MS_END;
		else
			at += (uint64_t)n;
	}
	(void)close(fd);
	return status;
}

static enum ms_status
look_file(void *arg, const struct ms_release_message *message, int64_t mark,
    struct ms_error *err)
{
	const struct ms_putback *p = arg;

	(void)mark;
	return same_file(p->path, message, err);
}

static enum ms_status
prepare_file(void *arg, const struct ms_custody *custody, int64_t *mark,
    struct ms_error *err)
{
	(void)arg, (void)custody, (void)err;
	*mark = 0;
	return MS_OK;
}

static enum ms_status
deliver_file(void *arg, const struct ms_release_message *message,
    char **answer, bool *uncertain, struct ms_error *err)
{
	const struct ms_putback *p = arg;
	const struct ms_newfile content = { message->fd, message->size };
	char *temporary = g_strdup_printf(".mailscan-%s.new",
	    strchr(message->custody->id, '/') + 1);
	enum ms_status status = ms_newfile_put(p->path, temporary, &content,
	    err);

	(void)uncertain;
	g_free(temporary);
	if (status != MS_END)
		return status;
	if (same_file(p->path, message, err) == MS_OK) {
		*answer = g_strdup("it was there");
		return MS_OK;
	}
	return ms_error_set(err, MS_E_USAGE,
	    "there is something else at %s by now", p->path);
}

/* Lock it: the message will stand where the mailbox ends now. */
static enum ms_status
prepare_mbox(void *arg, const struct ms_custody *custody, int64_t *mark,
    struct ms_error *err)
{
	struct ms_putback *p = arg;
	enum ms_status status;
	struct stat st;

	(void)custody;
	status = ms_mailbox_open(p->path, 0, 0, p->locking, &p->box, err);
	if (status == MS_END)
		return ms_error_set(err, MS_E_IO, "%s is not there",
		    p->path);
	if (status != MS_OK)
		return status;
	if (fstat(ms_mailbox_fd(p->box), &st) != 0)
		return ms_error_errno(err, "%s", p->path);
	*mark = st.st_size;
	return MS_OK;
}

/* Where one reads in a mailbox. */
struct reading {
	int fd;
	uint64_t at;
};

static enum ms_status
fill(void *arg, void *data, size_t size, size_t *got, struct ms_error *err)
{
	struct reading *reading = arg;
	ssize_t n;

	do
		n = pread(reading->fd, data, size, (off_t)reading->at);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return ms_error_errno(err, "cannot read the mailbox");
	*got = (size_t)n;
	reading->at += (uint64_t)n;
	return MS_OK;
}

/* Take the first message of MBOX into INTAKE: MAX bytes are enough. */
static enum ms_status
take_first(struct ms_mbox *mbox, struct ms_intake *intake, uint64_t max,
    struct ms_error *err)
{
	struct ms_mbox_slice slice;
	const unsigned char *data;
	enum ms_status status;
	uint64_t total = 0;
	size_t size = 1;

	status = ms_mbox_next(mbox, &slice, err);
	if (status == MS_OK && slice.from[0] == '\0')
		status = MS_END;
	while (status == MS_OK && size > 0 && total <= max) {
		status = ms_mbox_read(mbox, &data, &size, err);
		if (status == MS_OK)
			status = ms_intake_feed(intake, data, size, err);
		total += size;
	}
	return status;
}

/* Are the bytes in BODY those of the message, but for an end of line that
 * the mailbox wanted? */
static enum ms_status
same_body(struct ms_spool *body, const struct ms_release_message *message,
    struct ms_error *err)
{
	const struct ms_digest *sha256 = &message->custody->sha256;
	const uint64_t size = ms_spool_size(body);
	const unsigned char *data;
	struct ms_digest digest;
	enum ms_status status;

	if (size < message->size || size > message->size + 2)
		return MS_END;
	status = ms_spool_map(body, &data, err);
	if (status != MS_OK)
		return status;
	digest = ms_hash_of(data, (size_t)message->size);
	return ms_hash_equal(&digest, sha256) ? MS_OK : MS_END;
}

/* Is the message the one that begins at MARK? */
static enum ms_status
look_mbox(void *arg, const struct ms_release_message *message, int64_t mark,
    struct ms_error *err)
{
	const struct ms_putback *p = arg;
	struct reading reading = { ms_mailbox_fd(p->box), (uint64_t)mark };
	const struct ms_mbox_config mbox_config = { .fill = fill,
		.arg = &reading };
	const struct ms_intake_config intake_config = {
		.spool = { .memfd_max = SIZE_MAX },
		.max_bytes = message->size + 2,
	};
	struct ms_mbox *mbox = ms_mbox_new(&mbox_config);
	struct ms_intake *intake = ms_intake_new(&intake_config);
	struct ms_message *found;
	enum ms_status status;

	ms_intake_begin(intake, p->quote ? MS_INTAKE_UNQUOTE_ALL :
	    MS_INTAKE_AS_IS);
	/* Quoting doubles the bytes at worst. */
	status = take_first(mbox, intake, 2 * message->size + 65536, err);
	if (status == MS_OK) {
		status = ms_intake_end(intake, &found, err);
		if (status == MS_OK) {
			status = same_body(found->body, message, err);
			ms_message_free(found);
		}
	}
	ms_intake_free(intake);
	ms_mbox_free(mbox);
	return status;
}

static enum ms_status
deliver_mbox(void *arg, const struct ms_release_message *message,
    char **answer, bool *uncertain, struct ms_error *err)
{
	const struct ms_putback *p = arg;
	char *what = NULL;
	enum ms_status status;
	const struct ms_mailbox_message appended = {
		.from_line = p->from_line,
		.fd = message->fd,
		.size = message->size,
		.quote = p->quote,
	};

	(void)answer;
	status = ms_mailbox_append(p->box, &appended, err);
	/* It will be there when the journal is, so look there then. */
	*uncertain = status != MS_OK &&
	    ms_mailbox_pending(p->path, &what, NULL) == MS_OK;
	g_free(what);
	return status;
}

/* "From SENDER DATE", for what never was in an mbox (RFC 4155). */
static char *
make_from_line(const struct ms_custody *custody)
{
	const struct ms_envelope *envelope = custody->outcome->envelope;
	const char *sender = envelope ? envelope->sender : NULL;
	time_t seconds = (time_t)custody->stored;
	char date[64];
	struct tm tm;

	/* A blank or a line end in it would make it another line. */
	if (!sender || sender[0] == '\0' || strpbrk(sender, " \t\r\n"))
		sender = "MAILER-DAEMON";
	if (!gmtime_r(&seconds, &tm) ||
	    strftime(date, sizeof date, "%a %b %e %H:%M:%S %Y", &tm) == 0)
		(void)g_strlcpy(date, "Thu Jan  1 00:00:00 1970", sizeof date);
	return g_strdup_printf("From %s %s", sender, date);
}

static void
use_mbox(struct ms_putback *p, const struct ms_custody *custody)
{
	p->to = g_strconcat("mbox:", p->path, NULL);
	p->way.prepare = prepare_mbox;
	p->way.look = look_mbox;
	p->way.deliver = deliver_mbox;
	p->from_line = custody->from_line ? g_strdup(custody->from_line) :
	    make_from_line(custody);
	p->quote = !custody->quoted;
}

static void
use_maildir(struct ms_putback *p, const struct ms_custody *custody)
{
	p->to = g_strconcat("maildir:", p->path, NULL);
	p->way.unquoted = true;
	p->way.prepare = prepare_maildir;
	p->way.look = look_maildir;
	p->way.deliver = deliver_maildir;
	/* Digits, points and letters: the points are for the host's name. */
	p->name = g_strdup_printf("%" PRId64 ".Q%s.mailscan",
	    custody->stored, strchr(custody->id, '/') + 1);
}

static void
use_file(struct ms_putback *p)
{
	p->to = g_strconcat("file:", p->path, NULL);
	p->way.prepare = prepare_file;
	p->way.look = look_file;
	p->way.deliver = deliver_file;
}

/* Maildir flags are letters; a record may say anything. */
static bool
are_flags(const char *text)
{
	for (; *text; text++)
		if (!g_ascii_isalpha(*text))
			return false;
	return true;
}

/* Where it was: PLACE is MAILDIR/cur/NAME, and so on. */
static enum ms_status
use_place(struct ms_putback *p, const struct ms_custody *custody,
    struct ms_error *err)
{
	const struct ms_origin *origin = &custody->outcome->origin;
	const char *format = origin->format ? origin->format : "";
	char *above;

	if (!custody->place)
		return ms_error_set(err, MS_E_UNSUPPORTED, "it was in no file "
		    "to which it could go back (see --into and --smtp)");
	if (strcmp(format, "maildir") == 0) {
		above = g_path_get_dirname(custody->place);
		p->path = g_path_get_dirname(above);
		if (g_str_has_suffix(above, "/cur"))
			p->flags = g_strdup(origin->flags &&
			    are_flags(origin->flags) ? origin->flags : "");
		g_free(above);
		use_maildir(p, custody);
		return MS_OK;
	}
	p->path = g_strdup(custody->place);
	if (strcmp(format, "mbox") == 0)
		use_mbox(p, custody);
	else if (strcmp(format, "eml") == 0 || strcmp(format, "mh") == 0 ||
	    strcmp(format, "raw") == 0)
		use_file(p);
	else
		return ms_error_set(err, MS_E_UNSUPPORTED, "nothing is put "
		    "back into %s (see --into and --smtp)", format);
	return MS_OK;
}

enum ms_status
ms_putback_open(const struct ms_custody *custody, const char *into,
    const struct ms_lock_config *locking, struct ms_putback **putback,
    struct ms_error *err)
{
	struct ms_putback *p = g_new0(struct ms_putback, 1);
	enum ms_status status = MS_OK;

	p->locking = locking;
	if (into) {
		p->path = g_canonicalize_filename(into, NULL);
		if (ms_newfile_is_maildir(p->path))
			use_maildir(p, custody);
		else
			use_mbox(p, custody);
	} else {
		status = use_place(p, custody, err);
	}
	if (status != MS_OK) {
		ms_putback_close(p);
		return status;
	}
	p->way.to = p->to;
	p->way.arg = p;
	*putback = p;
	return MS_OK;
}

void
ms_putback_close(struct ms_putback *putback)
{
	if (!putback)
		return;
	ms_mailbox_close(putback->box);
	g_free(putback->to);
	g_free(putback->path);
	g_free(putback->flags);
	g_free(putback->name);
	g_free(putback->from_line);
	g_free(putback);
}

const struct ms_release_way *
ms_putback_way(const struct ms_putback *putback)
{
	return &putback->way;
}
