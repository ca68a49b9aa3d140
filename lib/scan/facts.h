#ifndef MS_FACTS_H
#define MS_FACTS_H

#include "base/error.h"
#include "base/hash.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * What is known of one message after looking: findings (what was found),
 * gaps (what could not be examined), ambiguities (what readers may disagree
 * about), parts (what was there) and a few header fields for people. Plain
 * values; all strings belong to the facts. Parts are named by path, "" being
 * the message as a whole.
 */

enum ms_reason {
	MS_REASON_LIMIT_SIZE,
	MS_REASON_LIMIT_TIME,
	MS_REASON_LIMIT_MEMORY,
	MS_REASON_LIMIT_DEPTH,
	MS_REASON_LIMIT_COUNT,
	MS_REASON_LIMIT_RATIO,
	MS_REASON_MALFORMED,
	MS_REASON_TRUNCATED,
	MS_REASON_UNSUPPORTED,
	MS_REASON_ENCRYPTED,
	MS_REASON_WORKER_DIED,
	MS_REASON_ENGINE_FAILED,
	MS_REASON_AMBIGUOUS,	/* only if asked for */
	MS_REASONS
};

/* What a finding says of its part. */
enum ms_finding_kind {
	MS_FINDING_MALWARE,	/* an engine knows it */
	MS_FINDING_BLOCKED,	/* a rule of the administrator's says no */
	MS_FINDING_SPAM,
	MS_FINDING_KINDS
};

struct ms_finding {
	enum ms_finding_kind kind;
	char *engine;		/* "clamav"; "policy" for rules */
	char *name;		/* exactly as the engine gives it */
	char *part;
	uint32_t within;	/* the innermost listed part around it, as
				 * numbered; 0: not known */
};

struct ms_gap {
	enum ms_reason reason;
	char *part;
	char *detail;
	uint32_t within;	/* as of a finding */
};

/* Why a message, or one inside it, can be read in more than one way. */
struct ms_ambiguity {
	char *reason;		/* "duplicate-content-type" */
	char *part;
	char *detail;
};

/* How a part came to be. The last two have no bytes of their own. */
enum ms_part_kind {
	MS_PART_MEMBER,		/* of an archive or a mailbox, or a block in
				 * text */
	MS_PART_LEAF,		/* of a MIME tree */
	MS_PART_MULTIPART,
	MS_PART_MESSAGE,
	MS_PART_KINDS
};

/* Parts are listed as they are met, each before what is in it. */
struct ms_part {
	char *path;
	char *content_type;	/* declared; NULL for archive members */
	char *filename;		/* declared; NULL: none */
	char *encoding;		/* declared; NULL: none */
	char *charset;		/* likewise */
	char *boundary;		/* of a multipart; NULL: none */
	uint32_t id;		/* its number, greater than that of what it is
				 * in; 0: none */
	uint32_t parent;	/* that of the innermost listed part around
				 * it; 0: none */
	enum ms_part_kind kind;
	uint32_t level;		/* 1: the message's own body; what is in it
				 * is one deeper */
	const char *detected_type;	/* by content; static; NULL: no
					 * bytes */
	uint64_t size;			/* decoded */
	struct ms_digest sha256;	/* of the decoded bytes */
};

/* The message is a piece of another (RFC 2046, 5.2.2). */
struct ms_facts_piece {
	char *id;		/* of the whole; NULL: it is no piece */
	uint32_t number;	/* from 1 */
	uint32_t total;		/* 0: not said */
	uint64_t offset;	/* of its share of the whole, up to its end */
};

/* Bytes that were picked out of a message. */
struct ms_blob {
	struct ms_digest sha256;
	uint64_t size;
	const char *detected_type;	/* static */
};

/* Header fields, decoded to UTF-8 as far as they could be; NULL: absent. */
struct ms_headers {
	char *message_id;	/* with its angle brackets, as written */
	char *subject;
	char *from;
	char *to;
	char *date;		/* RFC 3339, else as written */
};

struct ms_facts {
	GPtrArray *findings;	/* of struct ms_finding * */
	GPtrArray *gaps;	/* of struct ms_gap * */
	GPtrArray *ambiguities;	/* of struct ms_ambiguity * */
	GPtrArray *parts;	/* of struct ms_part * */
	uint64_t parts_omitted;	/* not listed: too many for a report */
	GHashTable *blobs;	/* set of struct ms_digest *; NULL: empty */
	struct ms_headers headers;
	struct ms_facts_piece piece;
	uint32_t within;	/* of findings and gaps that come now */
};

/* Parts of a message that was put together have numbers from here on. */
#define MS_FACTS_JOINED (1u << 31)

/* Most that one message's facts may list; what is over is counted (parts)
 * or folded into what is there (findings, gaps). */
#define MS_FACTS_FINDINGS_MAX 1000
#define MS_FACTS_GAPS_MAX 1000
#define MS_FACTS_AMBIGUITIES_MAX 100
#define MS_FACTS_PARTS_BYTES_MAX (4u << 20)

/* The name of a finding that stands for more of its kind and engine, which are
 * not listed: not all findings need to count, so that none is taken for those
 * that are. It is in no part, and never allowed. */
#define MS_FACTS_MORE "more-than-are-listed"

/* Kinds and engines for which there is such a one. */
#define MS_FACTS_MORE_MAX 16

void ms_facts_init(struct ms_facts *facts);
void ms_facts_clear(struct ms_facts *facts);

/* Add a fact, copying what is passed. The same finding or the same reason
 * for the same path is listed once; if it is of two parts, of none. */
void ms_facts_finding(struct ms_facts *facts, const char *engine,
    const char *name, const char *part);
/* The same for a finding of any kind: that one is of MALWARE. */
void ms_facts_found(struct ms_facts *facts, enum ms_finding_kind kind,
    const char *engine, const char *name, const char *part);
void ms_facts_gap(struct ms_facts *facts, enum ms_reason reason,
    const char *part, const char *detail);
void ms_facts_ambiguity(struct ms_facts *facts, const char *reason,
    const char *part, const char *detail);
void ms_facts_piece(struct ms_facts *facts,
    const struct ms_facts_piece *piece);
void ms_facts_part(struct ms_facts *facts, const struct ms_part *part);

/* The bytes with this digest were picked; were those of PART? */
void ms_facts_blob(struct ms_facts *facts, const struct ms_digest *sha256);
bool ms_facts_is_picked(const struct ms_facts *facts,
    const struct ms_part *part);

/*
 * When all is known: a finding in a container (or in the message as a whole)
 * that was also made in something inside it goes, because the inner part
 * says more; likewise a gap for the same reason. Unless ALL_MATCHES, each
 * part keeps only the first finding of each engine. Findings of rules all
 * stay: not all of them need to apply.
 */
void ms_facts_settle(struct ms_facts *facts, bool all_matches);

/* An ambiguous message counts as not examined in full: a gap says so, with
 * the reasons. */
void ms_facts_doubt(struct ms_facts *facts);

/* "a, b": the reasons why the message is ambiguous, each once, for the
 * caller to g_free(); NULL if it is not. */
char *ms_facts_reasons(const struct ms_facts *facts);

/* "limit-size", ... and back; MS_REASONS if there is no such reason. */
const char *ms_facts_reason_name(enum ms_reason reason);
enum ms_reason ms_facts_reason(const char *name);

/* "malware", "blocked", "spam", and back; MS_FINDING_KINDS if there is no such
 * kind. */
const char *ms_facts_finding_name(enum ms_finding_kind kind);
enum ms_finding_kind ms_facts_finding_kind(const char *name);

/* "member", "part", "multipart", "message". */
const char *ms_facts_kind_name(enum ms_part_kind kind);

/* Does a part of this kind have bytes of its own? */
bool ms_facts_has_bytes(const struct ms_part *part);

#endif
