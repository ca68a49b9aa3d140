#ifndef MS_CHRONICLE_H
#define MS_CHRONICLE_H

#include "smtp/proxy.h"

#include <stdint.h>

/*
 * The log of a service: lines of text on standard error, each written at once,
 * so that those of several processes do not mix. Whatever comes from outside is
 * quoted (base/quote.h) and stands in quotation marks, so that none of it can
 * pass for something else.
 */

/* A line that says the formatted text. */
void ms_chronicle_say(const char *format, ...) G_GNUC_PRINTF(1, 2);

/* What became of a message. Strings may be NULL. */
struct ms_chronicle_message {
	const char *id;
	const char *client;
	const struct ms_session_state *envelope;
	const char *message_id;
	bool scanned;
	enum ms_verdict verdict;	/* if it was */
	const char *what, *part;
	const struct ms_proxy_end *end;
	int64_t scan_ms, whole_ms;
};

/* A line of words KEY=VALUE. */
void ms_chronicle_message(const struct ms_chronicle_message *message);

/* The same, without "mailscan: " and line end, appended to OUT. */
void ms_chronicle_compose(const struct ms_chronicle_message *message,
    GString *out);

#endif
