#include "pipeline/check.h"

#include "action/hook.h"
#include "base/clock.h"
#include "engine/sophie.h"
#include "engine/spamc.h"
#include "message/head.h"
#include "net/dial.h"

#include <string.h>

/* What may be put to a message by those who look at it. */
#define MORE ((size_t)1 << 20)

/* Bytes of what a program prints, where that is no message. */
#define OUTPUT_MAX ((size_t)64 << 10)

/* Read until the other end closes: no more than MAX bytes. */
static enum ms_status
read_all(struct ms_dial *dial, size_t max, int64_t deadline_ms,
    GByteArray *into, struct ms_error *err)
{
	unsigned char block[16384];
	enum ms_status status;
	size_t got;

	while ((status = ms_dial_read(dial, block, sizeof block, deadline_ms,
	    &got, err)) == MS_OK) {
		if (into->len + got > max)
			return ms_error_set(err, MS_E_PEER,
			    "the answer is too long");
		g_byte_array_append(into, block, (guint)got);
	}
	return status == MS_END ? MS_OK : status;
}

/* Append the message with LINES, what spamd makes of its header, in place of
 * its own. */
static void
join(const struct ms_check_question *q, const unsigned char *header,
    size_t size, GByteArray *out)
{
	size_t body = ms_head_body(q->data, q->size);

	while (size > 0 && (header[size - 1] == '\n' ||
	    header[size - 1] == '\r'))
		size--;
	g_byte_array_append(out, header, (guint)size);
	g_byte_array_append(out, (const guint8 *)"\r\n\r\n", 4);
	g_byte_array_append(out, q->data + body, (guint)(q->size - body));
}

/* What spamd says of it, which is all in ALL. */
static enum ms_status
take_spamc(const struct ms_check_question *q, const GByteArray *all,
    struct ms_check_answer *answer, struct ms_error *err)
{
	struct ms_spamc_answer said;
	enum ms_status status = ms_spamc_read(all->data, all->len, &said,
	    err);
	char score[G_ASCII_DTOSTR_BUF_SIZE], limit[G_ASCII_DTOSTR_BUF_SIZE];
	const double threshold = q->score >= 0 ? q->score : said.threshold;

	if (status != MS_OK)
		return status;
	if (q->score >= 0 ? said.score >= q->score :
	    said.spam && q->pass == MS_CHECK_KEEP) {
		answer->kind = MS_FINDING_SPAM;
		answer->found = g_strdup_printf("hits %s of %s",
		    g_ascii_formatd(score, sizeof score, "%.1f", said.score),
		    g_ascii_formatd(limit, sizeof limit, "%.1f", threshold));
		return MS_OK;
	}
	if (q->pass == MS_CHECK_KEEP)
		return MS_OK;
	if (said.size == 0)
		return ms_error_set(err, MS_E_PEER, "spamd has made nothing "
		    "of the message");
	answer->rewritten = g_byte_array_new();
	if (q->pass == MS_CHECK_HEADERS)
		join(q, all->data + said.at, said.size, answer->rewritten);
	else
		g_byte_array_append(answer->rewritten, all->data + said.at,
		    (guint)said.size);
	return MS_OK;
}

static enum ms_status
ask_spamc(const struct ms_check_question *q, struct ms_check_answer *answer,
    struct ms_error *err)
{
	static const enum ms_spamc_command commands[] = {
		[MS_CHECK_KEEP] = MS_SPAMC_SYMBOLS,
		[MS_CHECK_HEADERS] = MS_SPAMC_HEADERS,
		[MS_CHECK_MESSAGE] = MS_SPAMC_PROCESS,
	};
	const int64_t until = ms_clock_ms() + q->check->timeout_ms;
	GString *request = ms_spamc_request(commands[q->pass], q->size,
	    q->user);
	GByteArray *all = g_byte_array_new();
	struct ms_dial *dial = NULL;
	enum ms_status status = ms_dial_open(q->check->address, until, &dial,
	    err);

	if (status == MS_OK)
		status = ms_dial_write(dial, request->str, request->len,
		    until, err);
	if (status == MS_OK)
		status = ms_dial_write(dial, q->data, q->size, until, err);
	if (status == MS_OK)
		status = read_all(dial, 2 * q->size + MORE, until, all, err);
	if (status == MS_OK)
		status = take_spamc(q, all, answer, err);
	ms_dial_close(dial);
	g_byte_array_unref(all);
	(void)g_string_free(request, TRUE);
	return status;
}

static enum ms_status
ask_sophie(const struct ms_check_question *q, struct ms_check_answer *answer,
    struct ms_error *err)
{
	const int64_t until = ms_clock_ms() + q->check->timeout_ms;
	char *line = g_strconcat(q->path, "\n", NULL);
	GByteArray *all = g_byte_array_new();
	struct ms_dial *dial = NULL;
	enum ms_status status = ms_dial_open(q->check->address, until, &dial,
	    err);

	if (status == MS_OK)
		status = ms_dial_write(dial, line, strlen(line), until, err);
	if (status == MS_OK)
		status = read_all(dial, MS_SOPHIE_MAX, until, all, err);
	if (status == MS_OK)
		status = ms_sophie_read(all->data, all->len, &answer->found,
		    err);
	answer->kind = MS_FINDING_MALWARE;
	ms_dial_close(dial);
	g_byte_array_unref(all);
	g_free(line);
	return status == MS_END ? MS_OK : status;
}

/* What the pattern finds in the SIZE bytes at TEXT, for g_free(); NULL: it is
 * not there. */
static enum ms_status
match(const char *pattern, const char *text, size_t size, char **found,
    struct ms_error *err)
{
	GError *error = NULL;
	GRegex *regex = g_regex_new(pattern, G_REGEX_RAW | G_REGEX_MULTILINE |
	    G_REGEX_NEWLINE_ANYCRLF, 0, &error);
	GMatchInfo *info = NULL;

	*found = NULL;
	if (regex && g_regex_match_full(regex, text, (gssize)size, 0, 0,
	    &info, &error)) {
		*found = g_match_info_fetch(info, 1);
		if (!*found)
			*found = g_match_info_fetch(info, 0);
	}
	g_match_info_free(info);
	if (regex)
		g_regex_unref(regex);
	if (!error)
		return MS_OK;
	(void)ms_error_set(err, MS_E_PEER, "what it printed: %s",
	    error->message);
	g_error_free(error);
	return MS_E_PEER;
}

/* What the end of the program says. */
static enum ms_status
take_exit(const struct ms_check_question *q,
    const struct ms_hook_result *result, struct ms_check_answer *answer,
    struct ms_error *err)
{
	const struct ms_check *check = q->check;
	const enum ms_check_exit said = (enum ms_check_exit)
	    check->exits[result->exit_status & 255];
	enum ms_status status = MS_OK;

	if (said == MS_CHECK_FAILED)
		return ms_error_set(err, MS_E_PEER, "%s ended with status "
		    "%d%s%.200s", check->argv[0], result->exit_status,
		    result->errors && *result->errors ? ": " : "",
		    result->errors ? result->errors : "");
	if (check->pattern && said != MS_CHECK_CLEAN)
		status = match(check->pattern, result->output,
		    result->output_size, &answer->found, err);
	switch (said) {
	case MS_CHECK_INFECTED:
		answer->kind = MS_FINDING_MALWARE;
		break;
	case MS_CHECK_BLOCKED:
		answer->kind = MS_FINDING_BLOCKED;
		break;
	case MS_CHECK_SPAM:
		answer->kind = MS_FINDING_SPAM;
		break;
	default:
		answer->kind = check->finds;
		return status;
	}
	if (!answer->found)
		answer->found = g_strdup_printf("status %d",
		    result->exit_status);
	return status;
}

static enum ms_status
ask_command(const struct ms_check_question *q, struct ms_check_answer *answer,
    struct ms_error *err)
{
	/* A recipient's address may mean something to a shell. */
	char *user = g_strconcat("MAILSCAN_USER=", q->user &&
	    ms_spamc_is_user(q->user) ? q->user : "", NULL);
	const char *const environment[] = { MS_HOOK_PATH, user, NULL };
	const struct ms_hook hook = {
		.argv = q->check->argv,
		.environment = environment,
		.input = q->fd,
		.timeout_ms = q->check->timeout_ms,
		.output_max = q->pass == MS_CHECK_KEEP ? OUTPUT_MAX :
		    2 * q->size + MORE,
	};
	struct ms_hook_result result = { .exit_status = -1 };
	enum ms_status status = ms_hook_run(&hook, &result, err);

	if (status == MS_OK && (result.timed_out || result.exit_status < 0))
		status = ms_hook_succeeded(&hook, &result, err);
	if (status == MS_OK)
		status = take_exit(q, &result, answer, err);
	if (status == MS_OK && q->pass != MS_CHECK_KEEP && !answer->found) {
		/* What may have been cut is no message. */
		if (result.output_size == 0 ||
		    result.output_size >= hook.output_max)
			status = ms_error_set(err, MS_E_PEER, "%s has made "
			    "nothing of the message", hook.argv[0]);
		else
			answer->rewritten = g_byte_array_append(
			    g_byte_array_new(), (guint8 *)result.output,
			    (guint)result.output_size);
	}
	ms_hook_result_clear(&result);
	g_free(user);
	return status;
}

/* Lines end in what becomes of the message as they do in it. */
static void
keep_line_ends(const struct ms_check_question *q, GByteArray **bytes)
{
	const unsigned char *line = memchr(q->data, '\n', q->size);
	GByteArray *out;

	if (!*bytes || !line || line == q->data || line[-1] != '\r')
		return;
	out = g_byte_array_sized_new((*bytes)->len + 4096);
	for (guint i = 0; i < (*bytes)->len; i++) {
		const guint8 *p = (*bytes)->data + i;

		if (*p == '\n' && (i == 0 || p[-1] != '\r'))
			g_byte_array_append(out, (const guint8 *)"\r", 1);
		g_byte_array_append(out, p, 1);
	}
	g_byte_array_unref(*bytes);
	*bytes = out;
}

bool
ms_check_is_for_spam(const struct ms_check *check)
{
	if (check->type != MS_CHECK_COMMAND)
		return check->type == MS_CHECK_SPAMC;
	for (size_t i = 0; i < sizeof check->exits; i++)
		if (check->exits[i] == MS_CHECK_INFECTED ||
		    check->exits[i] == MS_CHECK_BLOCKED ||
		    (check->exits[i] == MS_CHECK_OUTPUT &&
		    check->finds != MS_FINDING_SPAM))
			return false;
	return true;
}

enum ms_status
ms_check_ask(const struct ms_check_question *question,
    struct ms_check_answer *answer, struct ms_error *err)
{
	enum ms_status status;

	*answer = (struct ms_check_answer){ .found = NULL };
	switch (question->check->type) {
	case MS_CHECK_SPAMC:
		status = ask_spamc(question, answer, err);
		break;
	case MS_CHECK_COMMAND:
		status = ask_command(question, answer, err);
		break;
	default:
		status = ask_sophie(question, answer, err);
		break;
	}
	keep_line_ends(question, &answer->rewritten);
	if (status == MS_OK)
		return MS_OK;
	ms_check_answer_clear(answer);
	ms_error_context(err, "%s", question->check->name);
	return status;
}

void
ms_check_answer_clear(struct ms_check_answer *answer)
{
	g_free(answer->found);
	if (answer->rewritten)
		g_byte_array_unref(answer->rewritten);
	*answer = (struct ms_check_answer){ .found = NULL };
}
