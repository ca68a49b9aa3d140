#ifndef MS_WALK_H
#define MS_WALK_H

#include "scan/enforce.h"
#include "scan/held.h"
#include "scan/scan.h"

/*
 * Everything inside a message: MIME parts, uuencoded blocks, members of
 * archives, messages in any of them, and so on down, under one budget. Each
 * distinct content is looked at once.
 */

struct ms_walk {
	const struct ms_scan_config *config;
	const struct ms_scan_sink *sink;
	void *arg;
	struct ms_budget budget;
	GHashTable *known;	/* struct ms_mark of a content to what it
				 * turned out to be */
	GHashTable *named;	/* names of what was found */
	const unsigned char *data;	/* of all, a message or a file */
	size_t size;
	bool is_file;
	bool parts_only;	/* as in CONFIG, for a message */
	struct ms_held *held;	/* NULL: there are no passwords */
	char **words;		/* NULL, or passwords, as found in it */
	struct ms_enforce enforce;	/* of CONFIG's rules */
	uint32_t numbers;	/* the last one that a part got */
	uint32_t within;	/* of the part that is looked at, or 0 */
	bool clean;		/* nothing found, no gap, not ambiguous */
	bool gap;		/* something was left out */
};

/* A walk for one message. HELD is what was kept back in the look at its raw
 * bytes, and NULL without passwords. */
void ms_walk_init(struct ms_walk *walk, const struct ms_scan_config *config,
    const struct ms_scan_sink *sink, void *arg, struct ms_held *held);
void ms_walk_clear(struct ms_walk *walk);

/*
 * Look at what is inside the message (or file) of INPUT. If ATTRIBUTE, the raw
 * bytes have a finding, and contents that the engine has examined are looked
 * at again until it is known which holds it.
 */
void ms_walk_message(struct ms_walk *walk,
    const struct ms_scan_input *input, bool attribute);

/* May encrypted zips be opened under CONFIG? */
bool ms_walk_unlocks(const struct ms_scan_config *config);

/* The path of the message itself. */
const char *ms_walk_path(const struct ms_scan_input *input);

#endif
