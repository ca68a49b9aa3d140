#ifndef MS_PLAYER_H
#define MS_PLAYER_H

#include "replay/compare.h"
#include "replay/played.h"

#include <stdint.h>

/*
 * Parts, one after the other or many at once, on connections to one server.
 */

/* The next role, which becomes the player's. MS_END: there are no more. A
 * failure ends the player when all that was begun is over. */
typedef enum ms_status ms_player_next(void *arg, struct ms_role **role,
    struct ms_error *err);

/* PLAYED, and the role that it points to, are loans. False: play no more. */
typedef bool ms_player_tell(void *arg, const struct ms_played *played);

struct ms_player_config {
	const char *to;		/* as net/endpoint.h has it */
	unsigned sessions;	/* at once; at least 1 */
	uint64_t runs;		/* of each role; at least 1 */
	enum ms_expect expect;
	double speed;		/* pauses are as long as they were, divided by
				 * that; 0: none */
	int64_t connect_ms;
	int64_t timeout_ms;	/* for each reply */
	const char *ca;		/* PEM file of those whom we trust about
				 * certificates; NULL: they are not looked at */
	const char *user, *password;	/* of steps that log in, or NULL */
	const char *abort_after;	/* these as struct ms_call_config */
	uint64_t slow;
	size_t split;
	ms_player_next *next;
	ms_player_tell *tell;
	void *arg;
};

/*
 * Play all of them.
 *
 * MS_OK        it is done; *INTERRUPTED: SIGINT or SIGTERM ended it early
 * MS_E_USAGE   the address is none
 * MS_E_PEER    nobody knows the name in it
 * MS_E_IO, MS_E_FORMAT
 *              the certificates cannot be read; or the system has no
 *              descriptors left
 * other        what NEXT said
 */
enum ms_status ms_player(const struct ms_player_config *config,
    bool *interrupted, struct ms_error *err);

#endif
