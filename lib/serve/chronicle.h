#ifndef MS_CHRONICLE_H
#define MS_CHRONICLE_H

#include "base/error.h"
#include "message/envelope.h"
#include "serve/logentry.h"
#include "smtp/proxy.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * The log of a service: entries (serve/logentry.h) on standard error, in a
 * file, or in the system's log, each written at once, so that those of several
 * processes do not mix. There is one for all processes of a service, which
 * inherit it. Until it is opened it is standard error, with all entries but
 * those for debugging, as text.
 */

enum ms_chronicle_form { MS_CHRONICLE_TEXT, MS_CHRONICLE_JSON };

struct ms_chronicle_config {
	enum ms_chronicle_form form;
	enum ms_logentry_level level;	/* what says less is left out */
	const char *name;	/* of the service among ours: "milter"; static.
				 * NULL: none */
	/* "stderr", "syslog", "journal", or the path of a file; the two in the
	 * middle also with the path of their socket: "syslog:/dev/log".
	 * NULL: stderr */
	const char *to;
};

/* Can TO be a log? MS_OK or MS_E_USAGE. */
enum ms_status ms_chronicle_check(const char *to, struct ms_error *err);

/*
 * From now on, also in processes that are started later. A file is appended to,
 * and takes the place of standard error.
 *
 * MS_OK
 * MS_E_USAGE  as ms_chronicle_check()
 * MS_E_IO     the file cannot be opened; the log is as it was. If rights are
 *             missing ERR says whose
 */
enum ms_status ms_chronicle_open(const struct ms_chronicle_config *config,
    struct ms_error *err);

/* What a process must keep besides standard error to write to it; -1:
 * nothing. */
int ms_chronicle_fd(void);

/*
 * Somebody has moved the file away: open it again, and take that in the place
 * of standard error. If the log is no file that does nothing. *FD, or -1, is
 * the caller's, who hands it to processes that run: ms_chronicle_take().
 * MS_E_IO: it cannot be opened, and the log goes on in the old one; ERR says
 * so, and what may be done.
 */
enum ms_status ms_chronicle_reopen(int *fd, struct ms_error *err);
void ms_chronicle_take(int fd);

/* Would an entry of LEVEL be written? */
bool ms_chronicle_wants(enum ms_logentry_level level);

/* An entry, which is then gone. */
void ms_chronicle_put(struct ms_logentry *entry);

/* A notice that says the formatted text. */
void ms_chronicle_say(const char *format, ...) G_GNUC_PRINTF(1, 2);

/* The same with a level; ID is what it is about, or NULL. */
void ms_chronicle_tell(enum ms_logentry_level level, const char *id,
    const char *format, ...) G_GNUC_PRINTF(3, 4);

/* The same of a message that is refused before it is there: what is known of
 * it, its queue id, its sender and its recipients, is added. Of no more than so
 * many in a minute; then it is said how many there were besides. */
#define MS_CHRONICLE_REFUSALS_MAX 1000
void ms_chronicle_refusal(const struct ms_envelope *envelope,
    const char *format, ...) G_GNUC_PRINTF(2, 3);

/* Is it time to say again what KEY names? So it is once a minute, for so many
 * keys; beyond those it is not. */
#define MS_CHRONICLE_KEYS_MAX 64
bool ms_chronicle_is_due(const char *key, int64_t now_ms);

/* DATA is what was said by WHO ("client", "next hop"): its first lines, and
 * the beginnings of them, as entries for debugging. */
void ms_chronicle_heard(const char *id, const char *who, const void *data,
    size_t size);

/* What became of a message. Strings may be NULL. */
struct ms_chronicle_message {
	const char *id;
	const char *client;
	const char *door;	/* by which it came, static; NULL: a visit's */
	const char *protocol;	/* "ESMTP" */
	const struct ms_session_state *envelope;	/* of a visit, */
	const struct ms_envelope *known;	/* or of another door */
	const char *message_id;
	bool scanned;
	enum ms_verdict verdict;	/* if it was */
	const char *what, *part;
	const char *why;	/* a scanner failed, and how */
	const char *quarantine;	/* the id it has there */
	const struct ms_proxy_end *end;
	/* Its phases: until it was here, until it was scanned, until it was
	 * over; and all of them. -1: it did not come so far. */
	int64_t receive_ms, scan_ms, deliver_ms, whole_ms;
};

void ms_chronicle_message(const struct ms_chronicle_message *message);

/* The same as an entry, for ms_logentry_free(). */
struct ms_logentry *ms_chronicle_compose(
    const struct ms_chronicle_message *message);

#endif
