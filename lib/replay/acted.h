#ifndef MS_ACTED_H
#define MS_ACTED_H

#include "replay/role.h"

/* What came of playing the server's side of a role to a client once. */

enum ms_surprise_kind {
	MS_SURPRISE_OTHER,	/* it said that in place of what was recorded */
	MS_SURPRISE_MORE,	/* it said that, and nothing of the kind was
				 * recorded, here */
	MS_SURPRISE_LESS,	/* it did not say what was recorded */
	MS_SURPRISE_GONE	/* it went before the end: all that was
				 * recorded behind it is one surprise */
};

/* For people; nothing is quoted. */
struct ms_surprise {
	enum ms_surprise_kind kind;
	char *recorded;		/* "RCPT TO:<b@example.org>"; NULL: nothing */
	char *received;		/* likewise */
	char *reply;		/* what it was told: "503 5.5.1 .."; or NULL */
};

/* As many are kept, the others are counted. */
#define MS_ACTED_KEPT 200

struct ms_acted {
	const struct ms_role *role;
	uint64_t run;		/* of this role, from 1 */
	char *client;		/* "127.0.0.1:40000" */
	size_t heard;		/* commands, messages and the like */
	size_t compared;	/* of them, those that were recorded, too */
	size_t messages;	/* whole ones */
	uint64_t bytes;		/* that the client sent */
	size_t count;		/* of surprises */
	GArray *surprises;	/* struct ms_surprise */
	char *failed;		/* the connection was lost, or the client too
				 * late: why, not quoted. NULL: it ended in
				 * good order */
	bool tls;		/* TLS stood at its end */
	int64_t elapsed_ms;
};

struct ms_acted *ms_acted_new(const struct ms_role *role, uint64_t run,
    const char *client);
void ms_acted_free(struct ms_acted *acted);

/* Count a surprise, and keep it if there is room. RECORDED and RECEIVED are
 * taken over, REPLY is copied; all may be NULL. */
void ms_acted_surprise(struct ms_acted *acted, enum ms_surprise_kind kind,
    char *recorded, char *received, const char *reply);

#endif
