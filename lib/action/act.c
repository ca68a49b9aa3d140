#include "action/act.h"

#include "action/expunge.h"
#include "action/grip.h"
#include "action/lone.h"
#include "action/stubtext.h"
#include "action/quarantine.h"
#include "base/clock.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* A quarantine that messages go to. */
struct store {
	const char *action;	/* "copy", "quarantine" */
	const char *by;
	const char *path;	/* NULL: is not to be used */
	struct ms_quarantine *quarantine;	/* NULL: dry run */
	dev_t dev;		/* of the directory */
	ino_t ino;		/* 0: there is none */
};

enum { COPY, MOVE, STORES };

struct ms_act {
	struct ms_act_config config;
	struct store stores[STORES];
	struct ms_expunge *expunge;	/* what has to wait */
	char *source;			/* of that, as reported */
	/* A mailbox that cannot be had is not asked for with every message:
	 * to find out that it is locked takes half a minute. */
	struct {
		uint64_t dev, ino;	/* INO 0: none */
		struct ms_error why;
	} refused;
	struct ms_report_actions totals;
};

bool
ms_act_is_asked(const struct ms_act_config *config)
{
	return config->copy || config->move || config->remove ||
	    config->flag || config->folder;
}

static enum ms_status
open_store(struct store *store, const struct ms_act_config *config,
    struct ms_error *err)
{
	enum ms_status status;
	struct stat st;

	if (!store->path)
		return MS_OK;
	if (!config->dry_run) {
		status = ms_quarantine_open(store->path, true,
		    &store->quarantine, err);
		if (status != MS_OK)
			return status;
		ms_quarantine_defang(store->quarantine, config->zip);
	}
	if (stat(store->path, &st) == 0) {
		store->dev = st.st_dev;
		store->ino = st.st_ino;
	}
	return MS_OK;
}

enum ms_status
ms_act_open(const struct ms_act_config *config, struct ms_act **act,
    struct ms_error *err)
{
	struct ms_act *made = g_new0(struct ms_act, 1);
	enum ms_status status = MS_OK;

	made->config = *config;
	made->totals.asked = ms_act_is_asked(config);
	made->totals.dry_run = config->dry_run;
	made->expunge = ms_expunge_new();
	made->stores[COPY] = (struct store){ .action = "copy",
		.by = "scan --copy", .path = config->copy };
	made->stores[MOVE] = (struct store){ .action = "quarantine",
		.by = "scan --move", .path = config->move };
	for (int i = 0; i < STORES && status == MS_OK; i++)
		status = open_store(&made->stores[i], config, err);
	if (status != MS_OK) {
		ms_act_close(made);
		return status;
	}
	*act = made;
	return MS_OK;
}

void
ms_act_close(struct ms_act *act)
{
	if (!act)
		return;
	for (int i = 0; i < STORES; i++)
		ms_quarantine_close(act->stores[i].quarantine);
	ms_expunge_free(act->expunge);
	g_free(act->source);
	g_free(act);
}

/* Note that something was not done. */
static void
fail(struct ms_act *act, struct ms_outcome *outcome, const char *action,
    const char *why)
{
	ms_outcome_deed(outcome, action, MS_DEED_FAILED, why);
	act->totals.failed++;
}

/* Note what is to be done, in a dry run, or was. */
static void
note(const struct ms_act *act, struct ms_outcome *outcome,
    const char *action, const char *detail)
{
	ms_outcome_deed(outcome, action, act->config.dry_run ?
	    MS_DEED_WOULD : MS_DEED_DONE, detail);
}

static bool
is_store(const struct stat *st, const struct store *store)
{
	return store->ino != 0 && st->st_dev == store->dev &&
	    st->st_ino == store->ino;
}

/* Is the message in one of our quarantines already? That it stays there is
 * the point of them. */
static bool
is_stored(const struct ms_act *act, const struct ms_origin *origin)
{
	bool found = false;
	char *dir;

	if (act->stores[COPY].ino == 0 && act->stores[MOVE].ino == 0)
		return false;
	dir = g_canonicalize_filename(origin->source, NULL);
	/* Names of members in archives lead nowhere, those above them do. */
	while (!found) {
		char *up = g_path_get_dirname(dir);
		char *real = realpath(up, NULL);
		bool top = strcmp(up, dir) == 0;
		struct stat st;

		g_free(dir);
		dir = real ? g_strdup(real) : g_strdup(up);
		g_free(up);
		free(real);
		if (top)
			break;
		found = stat(dir, &st) == 0 &&
		    (is_store(&st, &act->stores[COPY]) ||
		    is_store(&st, &act->stores[MOVE]));
	}
	g_free(dir);
	return found;
}

/* Store the message in all quarantines it is to go to. ID becomes the one of
 * the move. */
static bool
store(struct ms_act *act, struct ms_outcome *outcome,
    const struct ms_grip *grip, char id[MS_QUARANTINE_ID_MAX])
{
	struct ms_error err;

	for (int i = 0; i < STORES; i++) {
		struct store *to = &act->stores[i];

		if (!to->path)
			continue;
		*id = '\0';
		if (to->quarantine && ms_quarantine_put(to->quarantine,
		    &grip->content, outcome, to->by, id, &err) != MS_OK) {
			fail(act, outcome, to->action, err.text);
			return false;
		}
		note(act, outcome, to->action, *id ? id : NULL);
		act->totals.copied += i == COPY;
	}
	return true;
}

static enum ms_status
put_notice(const struct ms_act *act, const struct ms_outcome *outcome,
    struct ms_grip *grip, const char *id, struct ms_error *err)
{
	char **lines = ms_stubtext_lines(outcome, act->config.move ? id : NULL,
	    ms_clock_wall());
	enum ms_status status = ms_mailbox_stub(grip->box, &grip->slice,
	    MS_STUBTEXT_SUBJECT, (const char *const *)lines, err);

	g_strfreev(lines);
	return status;
}

static void
count_removed(struct ms_act *act, uint64_t count)
{
	if (act->config.move)
		act->totals.moved += count;
	else
		act->totals.removed += count;
}

static void
remove_message(struct ms_act *act, struct ms_outcome *outcome,
    struct ms_grip *grip, const char *id)
{
	bool waits = grip->box && act->config.expunge;
	enum ms_status status = MS_OK;
	struct ms_error err = { "" };

	if (!act->config.dry_run && waits) {
		if (ms_expunge_count(act->expunge) == 0) {
			g_free(act->source);
			act->source = g_strdup(outcome->origin.source);
		}
		ms_expunge_add(act->expunge, outcome, grip);
		ms_outcome_deed(outcome, "remove", MS_DEED_PENDING, NULL);
		return;
	}
	if (!act->config.dry_run)
		status = grip->box ? put_notice(act, outcome, grip, id,
		    &err) : ms_maildrop_remove(&grip->file, &err);
	if (status != MS_OK) {
		fail(act, outcome, "remove", err.text);
		return;
	}
	note(act, outcome, "remove", NULL);
	count_removed(act, 1);
}

/* Set the flag. The file has another name then, which is the grip's. */
static bool
flag(struct ms_act *act, struct ms_outcome *outcome, struct ms_grip *grip)
{
	const char letter[] = { act->config.flag, '\0' };
	struct ms_error err = { "" };
	char *path = NULL;

	if (!act->config.dry_run && ms_maildrop_flag(&grip->file,
	    act->config.flag, &path, &err) != MS_OK) {
		fail(act, outcome, "flag", err.text);
		return false;
	}
	if (path) {
		g_free(grip->path);
		grip->path = path;
		grip->file.path = path;
	}
	note(act, outcome, "flag", letter);
	act->totals.flagged++;
	return true;
}

static void
refile(struct ms_act *act, struct ms_outcome *outcome, struct ms_grip *grip)
{
	struct ms_error err = { "" };
	char *path = NULL;

	if (!act->config.dry_run && ms_maildrop_to_folder(&grip->file,
	    act->config.folder, &path, &err) != MS_OK) {
		fail(act, outcome, "to-folder", err.text);
		return;
	}
	note(act, outcome, "to-folder", path ? path : act->config.folder);
	g_free(path);
	act->totals.refiled++;
}

/* What is done to messages where they are; NULL: nothing. */
static const char *
change_name(const struct ms_act_config *config)
{
	if (config->move || config->remove)
		return "remove";
	if (config->flag)
		return "flag";
	return config->folder ? "to-folder" : NULL;
}

static void
change(struct ms_act *act, struct ms_outcome *outcome, struct ms_grip *grip,
    const char *id)
{
	if (act->config.move || act->config.remove)
		remove_message(act, outcome, grip, id);
	else if ((!act->config.flag || flag(act, outcome, grip)) &&
	    act->config.folder)
		refile(act, outcome, grip);
}

/* Is the message all of its file? If not, the grip is given back. */
static bool
is_lone(struct ms_act *act, const struct ms_outcome *outcome,
    struct ms_grip *grip)
{
	if (act->config.sure ||
	    g_strcmp0(outcome->origin.format, "eml") != 0 ||
	    ms_lone_check(grip->fd, outcome->size, &act->refused.why) ==
	    MS_OK)
		return true;
	ms_grip_give(grip);
	return false;
}

/* Take hold of the message; if that is refused, act->refused.why says why. */
static bool
take(struct ms_act *act, const struct ms_outcome *outcome, bool changes,
    struct ms_grip *grip)
{
	const struct ms_origin *origin = &outcome->origin;
	const struct ms_lock_config *locking = act->config.dry_run ? NULL :
	    &act->config.locking;
	bool same = act->refused.ino == origin->ino &&
	    act->refused.dev == origin->dev;

	if (same && origin->ino != 0)
		return false;
	act->refused.ino = 0;
	if (ms_grip_take(outcome, changes, locking, grip,
	    &act->refused.why) == MS_OK)
		return !changes || is_lone(act, outcome, grip);
	if (grip->refused) {
		act->refused.dev = origin->dev;
		act->refused.ino = origin->ino;
	}
	return false;
}

static void
act_on(struct ms_act *act, struct ms_outcome *outcome)
{
	const struct ms_act_config *config = &act->config;
	const char *changes = change_name(config);
	const char *first = config->copy ? "copy" : config->move ?
	    "quarantine" : changes;
	const char *fixed = changes ? ms_grip_fixed(outcome,
	    strcmp(changes, "remove") != 0) : NULL;
	char id[MS_QUARANTINE_ID_MAX] = "";
	struct ms_grip grip;

	if (fixed && !config->copy && !config->move) {
		fail(act, outcome, changes, fixed);
		return;
	}
	if (!take(act, outcome, changes && !fixed, &grip)) {
		fail(act, outcome, first, act->refused.why.text);
		return;
	}
	if (store(act, outcome, &grip, id)) {
		if (fixed)
			fail(act, outcome, changes, fixed);
		else if (changes)
			change(act, outcome, &grip, id);
	}
	ms_grip_give(&grip);
}

static void
tell(struct ms_act *act, enum ms_deed_state state, uint64_t messages,
    const char *detail)
{
	const struct ms_report_action action = { act->source, "expunge",
		state, messages, detail };

	if (messages > 0 && act->config.tell)
		act->config.tell(act->config.arg, &action);
}

static void
account(struct ms_act *act, const struct ms_expunge_result *result)
{
	tell(act, MS_DEED_DONE, result->removed, NULL);
	tell(act, MS_DEED_FAILED, result->left, result->why.text);
	count_removed(act, result->removed);
	act->totals.failed += result->left;
}

/* Do what had to wait. */
static void
carry_out(struct ms_act *act)
{
	struct ms_expunge_result result;

	if (ms_expunge_count(act->expunge) == 0)
		return;
	ms_expunge_run(act->expunge, &act->config.locking, &result);
	account(act, &result);
}

void
ms_act_message(struct ms_act *act, struct ms_outcome *outcome)
{
	const struct ms_origin *origin = &outcome->origin;

	if (!ms_expunge_is_of(act->expunge, origin))
		carry_out(act);
	if (!(act->config.verdicts & 1u << outcome->verdict) ||
	    is_stored(act, origin))
		return;
	/* A mailbox may have been named twice. */
	if (ms_expunge_is_of(act->expunge, origin) &&
	    ms_expunge_has(act->expunge, origin)) {
		ms_outcome_deed(outcome, "remove", MS_DEED_PENDING, NULL);
		return;
	}
	if (!ms_expunge_takes(act->expunge, origin))
		carry_out(act);
	act_on(act, outcome);
}

void
ms_act_end(struct ms_act *act, bool interrupted)
{
	struct ms_expunge_result result;

	if (!interrupted) {
		carry_out(act);
		return;
	}
	if (ms_expunge_count(act->expunge) == 0)
		return;
	ms_expunge_drop(act->expunge, "interrupted: they are still there",
	    &result);
	account(act, &result);
}

unsigned
ms_act_verdicts(const struct ms_act *act)
{
	return act ? act->config.verdicts : 0;
}

int64_t
ms_act_policy(const struct ms_act *act)
{
	const struct ms_act_config *config;
	struct ms_digest digest;
	uint64_t number = 0;
	char *text;

	if (!act)
		return 0;
	config = &act->config;
	text = g_strdup_printf("%s\n%s\n%d\n%d\n%s", config->copy ?
	    config->copy : "", config->move ? config->move : "",
	    config->remove, config->flag, config->folder ? config->folder :
	    "");
	digest = ms_hash_of(text, strlen(text));
	g_free(text);
	for (int i = 0; i < 7; i++)
		number = number << 8 | digest.bytes[i];
	return (int64_t)number + 1;
}

const struct ms_report_actions *
ms_act_totals(const struct ms_act *act)
{
	return &act->totals;
}
