#ifndef IMPORTING_H
#define IMPORTING_H

#include "command.h"

#include <glib.h>

/*
 * A configuration of clamav-milter, the newer or the older program of that
 * name, on its way to become one of "mailscan milter" and of "mailscan pool".
 */

enum importing_section { IMPORTING_MILTER, IMPORTING_POOL,
	IMPORTING_SECTIONS };

struct importing {
	const struct command *cmd;
	const char *source;
	GString *out[IMPORTING_SECTIONS];
	char *origin;		/* of what is being put; NULL: our own */
	unsigned line;		/* where that is; 0: in no file */
	bool wrong;
	/* What takes several of the old ones together. */
	const char *action;	/* ours, for what is infected */
	char *redirect;		/* the same, if it has an address; or NULL */
	bool marks;		/* X-Virus-* are added */
	bool keeps;		/* a copy */
	/* Of the older one: */
	bool scans_outgoing, any_address, external, signs, has_signature;
	bool forces, hurries;
	const char *notify;
	char *ban_s;		/* for which a client is refused; or NULL */
	bool has_timeout;	/* of the newer one */
	/* Of both: */
	bool scans_local;	/* mail of clients in local nets */
	const char *why_not_local;	/* or NULL */
	GPtrArray *clamds, *nets;	/* of char * */
	char *user, *chroot;	/* of the filter; or NULL */
};

void importing_init(struct importing *i, const struct command *cmd,
    const char *source);

/* What several say together, and all of it on standard output, unless something
 * was wrong. Returns an exit status; I is cleared. */
int importing_end(struct importing *i);

/* Only the first thing that is wrong is said: others may follow from it. */
void importing_fail(struct importing *i, const char *format, ...)
    G_GNUC_PRINTF(2, 3);

/* A setting with one value; a list of them; NOTE may be NULL. */
void importing_put(struct importing *i, enum importing_section where,
    const char *name, const char *text, const char *note);
void importing_list(struct importing *i, enum importing_section where,
    const char *name, const char *const *texts, const char *note);

/* It has no setting of its own, for a reason. */
void importing_remark(struct importing *i, const char *why);

void importing_listen(struct importing *i, const char *text);
void importing_clamd(struct importing *i, const char *text);
void importing_chroot(struct importing *i, const char *text);
void importing_net(struct importing *i, const char *text);
void importing_on_error(struct importing *i, const char *action);

/* The options of the older program, as words. */
void importing_options(struct importing *i, char **words);

#endif
