#ifndef GROUND_H
#define GROUND_H

#include "mailscan.h"
#include "option.h"

/* What is asked about. */
struct ground_scene {
	const struct ms_conf *conf;	/* what the service was told, and will
					 * read again */
	bool elsewhere;		/* it is another machine's */
};

/*
 * What a service needs of the machine that it is to run on: is it there, and
 * may those use it whom it will be used by? What would keep the service from
 * starting is wrong; it is only warned of if the machine may be another one, or
 * if nobody but root could tell. What is said names the option NAME, as
 * option_error() does, and a remedy.
 */
struct ground {
	const struct command *cmd;
	const struct ms_conf *conf;
	const char *user, *group;	/* whose rights it will have; NULL:
					 * those of who starts it */
	bool here;		/* it is this machine, and we are root */
	bool known;		/* there are such a user and group */
	bool mild;		/* it would start without what is looked at */
	bool good;		/* nothing was wrong so far */
	GHashTable *common;	/* missing directories that not only the service
				 * will go into */
};

/* Is there the user, and the group? */
void ground_open(struct ground *ground, const struct command *cmd,
    const char *user, const char *group, const struct ground_scene *scene);

/* True: nothing was wrong. */
bool ground_close(struct ground *ground);

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
/* PATH is a directory in which files can be made, and nobody else goes into it:
 * what is beside it had better be looked at before. */
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
 * told to. */
void ground_again(struct ground *ground, const char *name, const char *path);
/* The same of the files of the configuration. */
void ground_conf_again(struct ground *ground);
/* The log at PATH can be opened again when another one has its name; a warning
 * otherwise. */
void ground_log_again(const struct ground *ground, const char *name,
    const char *path);
/* The program PATH can be run. */
void ground_program(struct ground *ground, const char *name,
    const char *path);

#endif
