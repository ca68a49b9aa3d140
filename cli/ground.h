#ifndef GROUND_H
#define GROUND_H

#include "option.h"

/*
 * What a service needs of the machine that it is to run on: is it there, and
 * may those use it whom it will be used by? What would keep the service from
 * starting is wrong; it is only warned of if the machine may be another one, or
 * if nobody but root could tell. What is said names the option NAME, as
 * option_error() does, and a remedy.
 */
struct ground {
	const struct command *cmd;
	const char *user, *group;	/* whose rights it will have; NULL:
					 * those of who starts it */
	bool here;		/* it is this machine, and we are root */
	bool known;		/* there are such a user and group */
	bool mild;		/* it would start without what is looked at */
	bool good;		/* nothing was wrong so far */
};

/* Is there the user, and the group? ELSEWHERE: the service is another
 * machine's. */
void ground_open(struct ground *ground, const struct command *cmd,
    const char *user, const char *group, bool elsewhere);

/* Something is wrong, or only warned of. */
void ground_fault(struct ground *ground, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Have LOOK look at something with the rights that the service will have, as
 * far as we can have them; ARG is handed to it. */
void ground_look(struct ground *ground,
    void (*look)(struct ground *ground, const void *arg), const void *arg);

/* Each with the rights that it is called with. Of a PATH that is NULL nothing
 * is said; of one that is not from the root, that it depends on where the
 * service starts. */

/* There is a group GROUP. */
void ground_group(struct ground *ground, const char *name, const char *group);
/* PATH is a directory in which files can be made. */
void ground_directory(struct ground *ground, const char *name,
    const char *path);
/* A file can be made at PATH, or is there. */
void ground_file(struct ground *ground, const char *name, const char *path);
/* The directory PATH, which is not there, can be made. */
void ground_made(struct ground *ground, const char *name, const char *path);
/* As ground_file() of those of TEXTS, addresses to listen on, that are unix
 * sockets. */
void ground_sockets(struct ground *ground, const char *name,
    const char *const *texts);
/* PATH, which whoever starts it has read, can be read again when the service is
 * told to; a warning otherwise. */
void ground_again(const struct ground *ground, const char *name,
    const char *path);

#endif
