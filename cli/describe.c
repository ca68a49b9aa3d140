#include "describe.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

void
describe_time(int64_t seconds, char text[32])
{
	time_t time = (time_t)seconds;
	struct tm tm;

	if (!gmtime_r(&time, &tm) ||
	    strftime(text, 32, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		(void)g_strlcpy(text, "?", 32);
}

/* Print TEXT quoted. */
static void
put(const char *text)
{
	char *quoted = ms_quote_string(text);

	(void)fputs(quoted ? quoted : "-", stdout);
	g_free(quoted);
}

/* Print "KEY: TEXT", if there is TEXT. */
static void
put_field(const char *key, const char *text)
{
	if (!text)
		return;
	(void)printf("%s: ", key);
	put(text);
	(void)putchar('\n');
}

/* Where it was, with its number if there were others. */
static void
put_source(const struct ms_origin *origin)
{
	put(origin->source);
	if (origin->stream > 0)
		(void)printf("[stream %" PRIu64 " #%" PRIu64 "]",
		    origin->stream, origin->index);
	else if (origin->many)
		(void)printf("[#%" PRIu64 "]", origin->index);
}

static void
put_names(const struct ms_facts *facts)
{
	const GPtrArray *findings = facts->findings;

	for (guint i = 0; i < findings->len; i++) {
		const struct ms_finding *finding =
		    g_ptr_array_index(findings, i);

		if (i > 0)
			(void)fputs(", ", stdout);
		put(finding->name);
	}
	if (findings->len == 0)
		(void)putchar('-');
}

void
describe_line(const struct ms_holding *holding)
{
	const struct ms_custody *custody = holding->custody;

	if (!custody) {
		(void)printf("%s: ?: ", holding->id);
		put(holding->trouble.text);
		(void)putchar('\n');
		return;
	}
	(void)printf("%s: %s: ", holding->id,
	    ms_verdict_name(custody->outcome->verdict));
	put_names(&custody->outcome->facts);
	(void)fputs(": ", stdout);
	put_source(&custody->outcome->origin);
	(void)fputs(": ", stdout);
	put(custody->outcome->facts.headers.subject);
	for (guint i = custody->releases->len; i > 0; i--) {
		const struct ms_custody_release *release =
		    g_ptr_array_index(custody->releases, i - 1);

		if (release->state == MS_CUSTODY_FAILED)
			continue;
		(void)printf(" (%s)", ms_custody_state_name(release->state));
		break;
	}
	(void)putchar('\n');
}

static void
put_facts(const struct ms_facts *facts)
{
	for (guint i = 0; i < facts->findings->len; i++) {
		const struct ms_finding *finding =
		    g_ptr_array_index(facts->findings, i);

		(void)fputs("Finding: ", stdout);
		put(finding->name);
		if (finding->part[0] != '\0') {
			(void)fputs(" in ", stdout);
			put(finding->part);
		}
		(void)putchar('\n');
	}
	for (guint i = 0; i < facts->gaps->len; i++) {
		const struct ms_gap *gap = g_ptr_array_index(facts->gaps, i);

		(void)printf("Gap: %s", ms_facts_reason_name(gap->reason));
		if (gap->part[0] != '\0') {
			(void)fputs(" in ", stdout);
			put(gap->part);
		}
		if (gap->detail) {
			(void)fputs(": ", stdout);
			put(gap->detail);
		}
		(void)putchar('\n');
	}
}

static void
put_envelope(const struct ms_envelope *envelope)
{
	if (!envelope)
		return;
	put_field("Envelope sender", envelope->sender);
	for (unsigned i = 0; i < envelope->count; i++)
		put_field("Envelope recipient", envelope->recipients[i]);
	for (unsigned i = 0; i < envelope->refusals; i++)
		put_field("Refused recipient",
		    envelope->refused[i].recipient);
	put_field("Client", envelope->client_address);
	put_field("Server", envelope->server_address);
	put_field("Protocol", envelope->protocol);
	put_field("Reply", envelope->reply);
	put_field("Queue id", envelope->queue_id);
}

static void
put_releases(const GPtrArray *releases)
{
	for (guint i = 0; i < releases->len; i++) {
		const struct ms_custody_release *release =
		    g_ptr_array_index(releases, i);
		char time[32];

		describe_time(release->at, time);
		(void)printf("Release: %s, %s, to ", time,
		    ms_custody_state_name(release->state));
		put(release->to);
		if (release->detail) {
			(void)fputs(": ", stdout);
			put(release->detail);
		}
		(void)putchar('\n');
	}
}

static void
put_custody(const struct ms_custody *custody)
{
	const struct ms_outcome *outcome = custody->outcome;
	char hex[MS_HASH_HEX], time[32];

	describe_time(custody->stored, time);
	(void)printf("Stored: %s by ", time);
	put(custody->by);
	(void)printf("\nVerdict: %s\n", ms_verdict_name(outcome->verdict));
	put_facts(&outcome->facts);
	(void)fputs("Source: ", stdout);
	put_source(&outcome->origin);
	(void)putchar('\n');
	put_field("Place", custody->place);
	put_field("Flags", outcome->origin.flags);
	put_field("From", outcome->facts.headers.from);
	put_field("Subject", outcome->facts.headers.subject);
	put_field("Date", outcome->facts.headers.date);
	put_field("Message-ID", outcome->facts.headers.message_id);
	put_envelope(outcome->envelope);
	put_field("From_ line", custody->from_line);
	ms_hash_hex(&custody->sha256, hex);
	(void)printf("Size: %" PRIu64 "\nSHA-256: %s\n", custody->size, hex);
	put_releases(custody->releases);
}

void
describe_whole(const struct ms_holding *holding)
{
	(void)printf("Id: %s\n", holding->id);
	if (holding->fd >= 0)
		(void)printf("File: %s.%s\n", holding->id,
		    holding->zip ? "zip" : "eml");
	else
		(void)puts("File: missing");
	if (holding->custody)
		put_custody(holding->custody);
	else
		put_field("Record", holding->trouble.text);
	(void)putchar('\n');
}
