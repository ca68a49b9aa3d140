#include "serve/account.h"

#include "base/at.h"
#include "base/spool.h"
#include "message/head.h"
#include "report/jsonl.h"
#include "smtp/standing.h"

#include <string.h>

/* Of a header that is read here, and of one field, most bytes. */
#define HEADER_MAX ((size_t)65536)
#define VALUE_MAX ((size_t)1000)

struct ms_envelope *
ms_account_envelope(const struct ms_session_state *state,
    const struct ms_account_ends *ends, const char *id)
{
	struct ms_envelope *envelope = ms_envelope_new(state->sender.text);
	const char *address = ms_standing_said(state, "ADDR");
	const char *helo = ms_standing_said(state, "HELO");

	envelope->queue_id = g_strdup(id);
	envelope->client_address = g_strdup(address ? address : ends->client);
	envelope->client_name = g_strdup(ms_standing_said(state, "NAME"));
	envelope->helo = g_strdup(helo ? helo : state->helo);
	envelope->server_address = g_strdup(ends->server);
	envelope->protocol = g_strdup(ends->protocol);
	envelope->omitted = state->lost;
	for (guint i = 0; i < state->recipients->len; i++) {
		const struct ms_recipient *one = &g_array_index(
		    state->recipients, struct ms_recipient, i);
		const char *name = one->address.text ? one->address.text : "";

		if (one->code / 100 == 2)
			ms_envelope_add(envelope, name);
		else
			ms_envelope_refuse(envelope, name, one->reply);
	}
	return envelope;
}

void
ms_account_words(const struct ms_session_state *state,
    const struct ms_account_ends *ends, struct ms_task_words *words)
{
	*words = (struct ms_task_words){
		.client = g_strdup(ends->client),
		.server = g_strdup(ends->server),
		.remote = g_strdup(ms_standing_said(state, "ADDR")),
		.remote_helo = g_strdup(ms_standing_said(state, "HELO")),
	};
}

static void
copy_facts(const struct ms_facts *from, struct ms_facts *to)
{
	for (guint i = 0; i < from->findings->len; i++) {
		const struct ms_finding *one = from->findings->pdata[i];

		ms_facts_found(to, one->kind, one->engine, one->name,
		    one->part);
	}
	for (guint i = 0; i < from->gaps->len; i++) {
		const struct ms_gap *one = from->gaps->pdata[i];

		ms_facts_gap(to, one->reason, one->part, one->detail);
	}
	for (guint i = 0; i < from->ambiguities->len; i++) {
		const struct ms_ambiguity *one = from->ambiguities->pdata[i];

		ms_facts_ambiguity(to, one->reason, one->part, one->detail);
	}
	to->headers = (struct ms_headers){
		.message_id = g_strdup(from->headers.message_id),
		.subject = g_strdup(from->headers.subject),
		.from = g_strdup(from->headers.from),
		.to = g_strdup(from->headers.to),
		.date = g_strdup(from->headers.date),
	};
}

/* RFC 5322, 2.2.3. */
static void
unfold(char *text)
{
	char *to = text;

	for (const char *from = text; *from; from++)
		if (*from != '\r' && *from != '\n')
			*to++ = *from == '\t' ? ' ' : *from;
	*to = '\0';
}

/* The field of SIZE bytes at DATA, into one of HEADERS if it is one of those
 * and the first one. */
static void
take_field(const unsigned char *data, size_t size, struct ms_headers *headers)
{
	const struct {
		const char *name;
		char **value;
	} wanted[] = {
		{ "message-id", &headers->message_id },
		{ "subject", &headers->subject },
		{ "from", &headers->from },
		{ "to", &headers->to },
		{ "date", &headers->date },
	};
	const size_t name = ms_head_name(data, size);

	for (size_t i = 0; i < G_N_ELEMENTS(wanted); i++) {
		const char *at = (const char *)data;
		char *text;

		if (name != strlen(wanted[i].name) || *wanted[i].value ||
		    g_ascii_strncasecmp(at, wanted[i].name, name) != 0)
			continue;
		at = memchr(at, ':', size);
		if (!at)
			return;
		at++;
		text = g_strndup(at, MIN(size - (size_t)(at -
		    (const char *)data), VALUE_MAX));
		unfold(text);
		*wanted[i].value = g_strstrip(text);
	}
}

void
ms_account_headers(int fd, struct ms_headers *headers)
{
	unsigned char *data = g_malloc(HEADER_MAX);
	size_t size = 0, at = 0, end;

	if (ms_at_read(fd, 0, data, HEADER_MAX, &size) != MS_OK)
		size = 0;
	for (; at < size && data[at] != '\r' && data[at] != '\n'; at = end) {
		const unsigned char *line;

		end = at;
		do {
			line = memchr(data + end, '\n', size - end);
			end = line ? (size_t)(line - data) + 1 : size;
		} while (end < size && (data[end] == ' ' ||
		    data[end] == '\t'));
		take_field(data + at, end - at, headers);
	}
	g_free(data);
}

struct ms_outcome *
ms_account(const struct ms_answer *answer, const char *door, uint64_t size,
    struct ms_envelope *envelope)
{
	const struct ms_message message = {
		.origin = { .source = (char *)(uintptr_t)door,
		    .format = strcmp(door, "smtp") == 0 ? "smtp" : "eml",
		    .index = 1, .length = size, .delivered = -1 },
		.size = size,
		.sha256 = answer->sha256,
		.sha256_canonical = answer->sha256_canonical,
	};
	struct ms_outcome *outcome = ms_outcome_new(&message);

	copy_facts(answer->facts, &outcome->facts);
	outcome->verdict = answer->verdict;
	outcome->elapsed_ms = answer->elapsed_ms;
	outcome->deaths = answer->deaths;
	outcome->envelope = envelope;
	return outcome;
}

enum ms_status
ms_account_note(const struct ms_outcome *outcome, struct ms_task *task,
    struct ms_error *err)
{
	static const struct ms_report_options options = { .parts = false };
	static const struct ms_spool_config memory = { 0, SIZE_MAX, NULL };
	char *line = ms_jsonl_line(outcome, &options, err);
	struct ms_spool *spool;
	enum ms_status status;

	if (!line)
		return MS_E_IO;
	spool = ms_spool_new(&memory);
	status = ms_spool_write(spool, line, strlen(line), err);
	if (status == MS_OK)
		status = ms_spool_write(spool, "\n", 1, err);
	if (status == MS_OK)
		status = ms_spool_seal(spool, &task->note, err);
	if (status == MS_OK)
		task->note_size = ms_spool_size(spool);
	ms_spool_free(spool);
	g_free(line);
	return status;
}
