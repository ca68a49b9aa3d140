#ifndef MS_LOGLINE_H
#define MS_LOGLINE_H

#include "capture/textlines.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Lines as syslog and its kin write them: a time, a host, a program with its
 * process in brackets, a colon, and the text. */

struct ms_logline {
	int64_t time_us;		/* -1: none, or it lacks the year */
	const char *who;		/* host, program, process: "mx a[12]" */
	size_t who_size;
	const char *program;		/* within it: "a" */
	size_t program_size;
	struct ms_piece text;
};

/* Take PIECE, the first of its line, apart; false: it is none. */
bool ms_logline(const struct ms_piece *piece, struct ms_logline *line);

#endif
