#include "giveback.h"

#include "describe.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A way by SMTP. */
struct postman {
	struct ms_release_way way;
	const struct quarantine_options *options;
	char *to;
	const char *sender;
	const char *const *recipients;
};

bool
giveback_check(struct holdings *holdings)
{
	const struct quarantine_options *o = holdings->options;
	struct ms_error err = { "" };
	bool good = true;

	if (!o->smtp && (o->sender || o->recipients))
		good = ms_error_set(&err, MS_E_USAGE,
		    "--sender and --recipient are for --smtp") == MS_OK;
	else if (o->smtp && o->into)
		good = ms_error_set(&err, MS_E_USAGE,
		    "want either --into or --smtp") == MS_OK;
	else if (o->smtp)
		good = ms_dial_check(o->smtp, &err) == MS_OK && (!o->sender ||
		    ms_address_check(o->sender, true, &err) == MS_OK);
	for (const char *const *r = o->recipients; good && r && *r; r++)
		good = ms_address_check(*r, false, &err) == MS_OK;
	holdings->locking = ms_lock_default;
	holdings->locking.timeout_ms = o->lock_timeout * 1000;
	if (good && o->lock_order)
		good = ms_lock_parse(o->lock_order, &holdings->locking,
		    &err) == MS_OK;
	if (!good)
		(void)option_error(holdings->cmd, "%s", err.text);
	return good;
}

/* The name of this host as EHLO wants it; an address if it has none. */
static char *
host_name(const char *given)
{
	char name[256] = "";

	if (given)
		return g_strdup(given);
	if (gethostname(name, sizeof name - 1) != 0 || name[0] == '\0' ||
	    strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "0123456789.-") != strlen(name))
		return g_strdup("[127.0.0.1]");
	return g_strdup(name);
}

static enum ms_status
deliver(void *arg, const struct ms_release_message *message, char **answer,
    bool *uncertain, struct ms_error *err)
{
	const struct postman *postman = arg;
	char *helo = host_name(postman->options->helo);
	const struct ms_submit_config config = {
		.address = postman->options->smtp,
		.helo = helo,
		.timeout_ms = postman->options->smtp_timeout * 1000,
	};
	const struct ms_submit_mail mail = {
		.sender = postman->sender,
		.recipients = postman->recipients,
		.fd = message->fd,
		.size = message->size,
	};
	enum ms_status status = ms_submit(&config, &mail, answer, uncertain,
	    err);

	if (status != MS_OK && *uncertain)
		ms_error_context(err, "it may have arrived");
	g_free(helo);
	return status;
}

/* Whom it goes to is a part of where. */
static enum ms_status
postman_init(struct postman *postman,
    const struct quarantine_options *options,
    const struct ms_custody *custody, struct ms_error *err)
{
	const struct ms_envelope *envelope = custody->outcome->envelope;
	char *list;

	*postman = (struct postman){ .options = options };
	postman->sender = options->sender ? options->sender :
	    envelope && envelope->sender ? envelope->sender : "";
	postman->recipients = options->recipients ? options->recipients :
	    envelope && envelope->count > 0 ?
	    (const char *const *)envelope->recipients : NULL;
	if (!postman->recipients)
		return ms_error_set(err, MS_E_UNSUPPORTED, "it came without "
		    "an envelope: say who is to get it (--recipient)");
	list = g_strjoinv(",", (char **)postman->recipients);
	postman->to = g_strdup_printf("smtp:%s %s", options->smtp, list);
	g_free(list);
	postman->way = (struct ms_release_way){
		.to = postman->to,
		.unquoted = true,
		.arg = postman,
		.deliver = deliver,
	};
	return MS_OK;
}

static void
tell(struct holdings *holdings, const struct ms_holding *holding,
    enum ms_release_result result, const char *to)
{
	static const struct {
		const char *state, *text;
	} results[] = {
		[MS_RELEASE_DONE] = { "done", "released to" },
		[MS_RELEASE_BEFORE] = { "unchanged",
		    "was released before to" },
		[MS_RELEASE_FOUND] = { "done", "had been released to" },
		[MS_RELEASE_REPEATED] = { "done", "released, perhaps for the "
		    "second time, to" },
	};
	const struct ms_receipt receipt = {
		.id = holding->id,
		.action = "release",
		.state = results[result].state,
		.to = to,
		.detail = result == MS_RELEASE_REPEATED ? "perhaps for the "
		    "second time" : NULL,
	};
	char *text = g_strdup_printf("%s %s", results[result].text, to);

	holdings_tell(holdings, &receipt, text);
	g_free(text);
}

static void
tell_would(struct holdings *holdings, const struct ms_holding *holding,
    const char *to)
{
	const struct ms_receipt receipt = { .id = holding->id,
		.action = "release", .state = "would", .to = to };
	char *text = g_strdup_printf("would be released to %s", to);

	holdings_tell(holdings, &receipt, text);
	g_free(text);
}

/* TO: NULL, if that is what could not be found out. */
static void
tell_failed(struct holdings *holdings, const struct ms_holding *holding,
    const char *to, const struct ms_error *err)
{
	const struct ms_receipt receipt = { .id = holding->id,
		.action = "release", .state = "failed", .to = to,
		.detail = err->text };
	char *text;

	if (!holdings->options->json) {
		holdings_complain(holdings, holding->id, err);
		return;
	}
	text = g_strdup_printf("not released: %s", err->text);
	holdings_tell(holdings, &receipt, text);
	g_free(text);
}

static void
release_by(struct holdings *holdings, struct ms_holding *holding,
    const struct ms_release_way *way)
{
	enum ms_release_result result;
	struct ms_error err = { "" };

	if (holdings->options->dry_run) {
		tell_would(holdings, holding, way->to);
	} else if (ms_release(holding, way, holdings->options->again,
	    &result, &err) == MS_OK) {
		holdings->messages++;
		tell(holdings, holding, result, way->to);
	} else {
		tell_failed(holdings, holding, way->to, &err);
	}
}

void
giveback_release(struct holdings *holdings, struct ms_holding *holding)
{
	const struct quarantine_options *options = holdings->options;
	struct ms_putback *putback = NULL;
	struct postman postman = { 0 };
	struct ms_error err = { "" };
	enum ms_status status;

	if (!holding->custody) {
		tell_failed(holdings, holding, NULL, &holding->trouble);
		return;
	}
	status = options->smtp ? postman_init(&postman, options,
	    holding->custody, &err) : ms_putback_open(holding->custody,
	    options->into, &holdings->locking, &putback, &err);
	if (status != MS_OK)
		tell_failed(holdings, holding, NULL, &err);
	else
		release_by(holdings, holding, putback ?
		    ms_putback_way(putback) : &postman.way);
	g_free(postman.to);
	ms_putback_close(putback);
}

/* Copy all of FROM to TO. */
static enum ms_status
copy(int from, uint64_t size, int to, struct ms_error *err)
{
	char block[65536];
	uint64_t at = 0;

	while (at < size) {
		ssize_t n = pread(from, block, MIN(sizeof block, size - at),
		    (off_t)at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return ms_error_set(err, MS_E_IO,
			    "the message cannot be read");
		if (ms_write(to, block, (size_t)n) != MS_OK)
			return ms_error_errno(err, "cannot write");
		at += (uint64_t)n;
	}
	return MS_OK;
}

/* The file for it, in *PATH, which is made. */
static enum ms_status
make_file(const char *directory, const char *id, char **path, int *fd,
    struct ms_error *err)
{
	*path = g_strdup_printf("%s/%s.eml", directory, strchr(id, '/') + 1);
	if (mkdir(directory, 0700) != 0 && errno != EEXIST)
		return ms_error_errno(err, "cannot make %s", directory);
	*fd = open(*path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW |
	    O_CLOEXEC, 0600);
	return *fd >= 0 ? MS_OK : ms_error_errno(err, "cannot make %s",
	    *path);
}

static enum ms_status
extract_to_file(struct holdings *holdings, const char *id, int from,
    uint64_t size, struct ms_error *err)
{
	struct ms_receipt receipt = { .id = id, .action = "extract",
		.state = "done" };
	char *path = NULL, *text;
	enum ms_status status;
	int fd = -1;

	status = make_file(holdings->options->directory, id, &path, &fd, err);
	if (status == MS_OK) {
		status = copy(from, size, fd, err);
		if (close(fd) != 0 && status == MS_OK)
			status = ms_error_errno(err, "cannot write");
		if (status != MS_OK)
			(void)unlink(path);
	}
	if (status == MS_OK) {
		receipt.to = path;
		text = g_strdup_printf("written to %s", path);
		holdings_tell(holdings, &receipt, text);
		g_free(text);
	}
	g_free(path);
	return status;
}

void
giveback_extract(struct holdings *holdings, struct ms_holding *holding)
{
	const struct quarantine_options *options = holdings->options;
	struct ms_error err = { "" };
	enum ms_status status;
	uint64_t size;
	int fd;

	status = ms_holding_message(holding, options->unquoted, &fd, &size,
	    &err);
	if (status == MS_OK) {
		status = options->directory ? extract_to_file(holdings,
		    holding->id, fd, size, &err) :
		    copy(fd, size, STDOUT_FILENO, &err);
		(void)close(fd);
	}
	if (status != MS_OK)
		holdings_complain(holdings, holding->id, &err);
	else
		holdings->messages++;
}
