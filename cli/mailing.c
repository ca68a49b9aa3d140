#include "mailing.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* More is not read on a telephone in the morning; the report has the rest. */
#define TEXT_MAX ((size_t)64 << 10)

/* Complaints repeat themselves. */
#define COMPLAINTS_MAX ((size_t)8 << 10)

/* A mail server that is busy takes its time. */
#define TIMEOUT_MS 60000

struct mailing {
	const struct scan_options *options;
	struct ms_report_engine engine;
	struct ms_notify_text lines, complaints;
	char host[256];
};

enum ms_status
mailing_new(const struct scan_options *options, struct mailing **mailing,
    struct ms_error *err)
{
	struct mailing *m;

	*mailing = NULL;
	if (!options->mail_report)
		return MS_OK;
	if (access(options->sendmail, X_OK) != 0)
		return ms_error_errno(err, "--sendmail %s", options->sendmail),
		    MS_E_USAGE;
	m = *mailing = g_new0(struct mailing, 1);
	m->options = options;
	m->lines = (struct ms_notify_text){ g_string_new(NULL), TEXT_MAX, 0,
		false };
	m->complaints = (struct ms_notify_text){ g_string_new(NULL),
		COMPLAINTS_MAX, 0, false };
	if (gethostname(m->host, sizeof m->host - 1) != 0)
		m->host[0] = '\0';
	return MS_OK;
}

/* The signature is libc's. */
static ssize_t
keep(void *cookie, const char *data, size_t size)
{
	ms_notify_text_add(cookie, data, size);
	return (ssize_t)size;
}

void
mailing_add(struct mailing *mailing, struct outputs *outputs,
    const struct ms_report_engine *engine)
{
	const struct ms_report_options options = { .only_not_ok = true };
	const cookie_io_functions_t keeper = { .write = keep };
	FILE *stream = fopencookie(&mailing->lines, "w", keeper);

	mailing->engine = *engine;
	if (!stream)
		g_error("no memory for a stream");
	outputs_add(outputs, ms_report_new("text", stream, &options, engine),
	    stream, "the mail report");
}

void
mailing_complain(struct mailing *mailing, const char *text)
{
	ms_notify_text_add(&mailing->complaints, text, strlen(text));
	ms_notify_text_add(&mailing->complaints, "\n", 1);
}

/* "2 infected, 1 incomplete, 3 unreadable" */
static char *
headline(const struct ms_report_totals *totals)
{
	GString *out = g_string_new(NULL);

	if (!totals)
		return g_string_free(g_string_append(out,
		    "the scan did not begin"), FALSE);
	for (int v = 0; v < MS_VERDICTS; v++)
		if (totals->verdicts[v] > 0 && v != MS_VERDICT_CLEAN &&
		    v != MS_VERDICT_SKIPPED)
			g_string_append_printf(out, "%s%" G_GUINT64_FORMAT
			    " %s", out->len > 0 ? ", " : "",
			    totals->verdicts[v],
			    ms_verdict_name((enum ms_verdict)v));
	if (totals->failed > 0)
		g_string_append_printf(out, "%s%" G_GUINT64_FORMAT
		    " unreadable", out->len > 0 ? ", " : "", totals->failed);
	if (totals->actions.failed > 0)
		g_string_append_printf(out, "%s%" G_GUINT64_FORMAT
		    " actions failed", out->len > 0 ? ", " : "",
		    (uint64_t)totals->actions.failed);
	if (totals->interrupted)
		g_string_append_printf(out, "%sinterrupted",
		    out->len > 0 ? ", " : "");
	if (out->len == 0)
		g_string_append(out, "something went wrong");
	return g_string_free(out, FALSE);
}

/* The block that ends a report, which is never left out. */
static void
append_summary(const struct mailing *mailing,
    const struct ms_report_totals *totals, GString *out)
{
	const struct ms_report_options options = { .summary = true };
	char *text = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);
	struct ms_report *report = stream ? ms_report_new("text", stream,
	    &options, &mailing->engine) : NULL;

	if (report)
		/* Memory takes it all. */
		(void)ms_report_summary(report, totals, NULL);
	ms_report_free(report);
	if (stream)
		(void)fclose(stream);
	if (text)
		g_string_append_len(out, text, (gssize)size);
	free(text);
}

/* Lines of a kind, and how many there were more. */
static void
append_lines(GString *out, const struct ms_notify_text *text,
    const char *where)
{
	g_string_append_len(out, text->text->str, (gssize)text->text->len);
	if (text->omitted > 0)
		g_string_append_printf(out, "... and %" G_GUINT64_FORMAT
		    " lines more, %s\n", text->omitted, where);
}

static char *
body(const struct mailing *mailing, const struct ms_report_totals *totals)
{
	GString *out = g_string_new(NULL);
	bool complaints = mailing->complaints.text->len > 0;

	if (totals)
		append_lines(out, &mailing->lines, "which are in the reports "
		    "that the scan wrote itself");
	else if (!complaints)
		g_string_append(out, "Its standard error says why.\n");
	if (complaints)
		g_string_append_printf(out, "%sWhat went wrong:\n",
		    out->len > 0 ? "\n" : "");
	append_lines(out, &mailing->complaints, "on its standard error");
	if (totals)
		append_summary(mailing, totals, out);
	return g_string_free(out, FALSE);
}

/* Mail servers complete a name that has no domain, and know better which. */
static char *
sender(const struct mailing *mailing)
{
	const struct passwd *user = getpwuid(geteuid());
	const char *name = user && ms_notify_is_address(user->pw_name) ?
	    user->pw_name : "mailscan";
	char *whole = g_strconcat(name, "@", mailing->host, NULL);

	if (strchr(mailing->host, '.') && ms_notify_is_address(whole))
		return whole;
	g_free(whole);
	return g_strdup(name);
}

static enum ms_status
deliver(const struct mailing *mailing, const char *from, const GString *mail,
    struct ms_error *err)
{
	/* Only the header says who gets it; no line of dots ends it. */
	const char *const argv[] = { mailing->options->sendmail, "-i", "-t",
		"-f", from, NULL };
	struct ms_hook hook = { .argv = argv, .input = -1,
		.timeout_ms = TIMEOUT_MS };
	struct ms_hook_result result;
	enum ms_status status = ms_hook_input(mail->str, mail->len,
	    &hook.input, err);

	if (status != MS_OK)
		return status;
	status = ms_hook_run(&hook, &result, err);
	if (status == MS_OK)
		status = ms_hook_succeeded(&hook, &result, err);
	ms_hook_result_clear(&result);
	(void)close(hook.input);
	return status;
}

enum ms_status
mailing_send(struct mailing *mailing, const struct ms_report_totals *totals,
    struct ms_error *err)
{
	char *line = headline(totals), *text = body(mailing, totals);
	char *subject = g_strdup_printf("mailscan%s%s: %s",
	    mailing->host[0] ? " on " : "", mailing->host, line);
	char *from = sender(mailing);
	const struct ms_notify notify = { .from = from,
		.to = mailing->options->mail_report, .subject = subject,
		.text = text, .host = mailing->host, .time = ms_clock_wall() };
	GString *mail = g_string_new(NULL);
	enum ms_status status = ms_notify_build(&notify, mail, err);

	if (status == MS_OK)
		status = deliver(mailing, from, mail, err);
	if (status != MS_OK)
		ms_error_context(err, "the report cannot be mailed");
	g_string_free(mail, TRUE);
	g_free(from);
	g_free(subject);
	g_free(text);
	g_free(line);
	return status;
}

void
mailing_free(struct mailing *mailing)
{
	if (!mailing)
		return;
	g_string_free(mailing->lines.text, TRUE);
	g_string_free(mailing->complaints.text, TRUE);
	g_free(mailing);
}
