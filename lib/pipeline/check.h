#ifndef MS_CHECK_H
#define MS_CHECK_H

#include "base/error.h"
#include "scan/facts.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Scanners besides the engine: spamd, any program, Sophie or Trophie. One of
 * them looks at one message, and whoever asks waits for it, in a process of
 * its own (pipeline/checking.h).
 */

enum ms_check_type {
	MS_CHECK_SPAMC,
	MS_CHECK_COMMAND,
	MS_CHECK_SOPHIE
};

/* What of what it says a message looks like takes the message's place. */
enum ms_check_pass {
	MS_CHECK_KEEP,		/* nothing */
	MS_CHECK_HEADERS,	/* its header */
	MS_CHECK_MESSAGE
};

/* What an exit status of a program says. */
enum ms_check_exit {
	MS_CHECK_FAILED,
	MS_CHECK_CLEAN,
	MS_CHECK_INFECTED,
	MS_CHECK_BLOCKED,
	MS_CHECK_SPAM,
	MS_CHECK_OUTPUT		/* look what it printed: if the pattern is
				 * there, it has found something */
};

struct ms_check {
	const char *name;		/* it is called so in findings */
	enum ms_check_type type;
	const char *address;		/* not of COMMAND */
	const char *const *argv;	/* of COMMAND; NULL-ended */
	unsigned char exits[256];	/* likewise: enum ms_check_exit */
	const char *pattern;		/* a Perl expression for what it
					 * prints: its first group, or all of
					 * it, is what was found; or NULL */
	enum ms_finding_kind finds;	/* by OUTPUT */
	double score;			/* of SPAMC: so much is spam; < 0:
					 * it says itself */
	enum ms_check_pass pass;
	const char *user;		/* NULL: nobody's settings */
	uint64_t size_max;		/* larger messages are not shown to
					 * it */
	int64_t timeout_ms;
};

/* One message. */
struct ms_check_question {
	const struct ms_check *check;
	const unsigned char *data;
	size_t size;
	const char *path;	/* a file with it, for SOPHIE */
	int fd;			/* the same, at its start, for COMMAND */
	const char *user;	/* or NULL */
	double score;
	enum ms_check_pass pass;
};

struct ms_check_answer {
	char *found;		/* NULL: nothing */
	enum ms_finding_kind kind;
	GByteArray *rewritten;	/* NULL: the message stays as it is */
};

/* Can CHECK find nothing but spam? */
bool ms_check_is_for_spam(const struct ms_check *check);

/*
 * Ask, and wait for the answer.
 *
 * MS_OK     *ANSWER is for ms_check_answer_clear()
 * negative  it is not known what is in the message: ERR says why
 */
enum ms_status ms_check_ask(const struct ms_check_question *question,
    struct ms_check_answer *answer, struct ms_error *err);
void ms_check_answer_clear(struct ms_check_answer *answer);

#endif
