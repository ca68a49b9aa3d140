#include "action/expunge.h"

#include <string.h>

struct ms_expunge {
	char *path;		/* of the mailbox; NULL: none yet */
	uint64_t dev, ino;
	GArray *slices;		/* of struct ms_mailbox_slice, by offset */
};

struct ms_expunge *
ms_expunge_new(void)
{
	struct ms_expunge *expunge = g_new0(struct ms_expunge, 1);

	expunge->slices = g_array_new(FALSE, FALSE,
	    sizeof(struct ms_mailbox_slice));
	return expunge;
}

void
ms_expunge_free(struct ms_expunge *expunge)
{
	if (!expunge)
		return;
	g_array_unref(expunge->slices);
	g_free(expunge->path);
	g_free(expunge);
}

uint64_t
ms_expunge_count(const struct ms_expunge *expunge)
{
	return expunge->slices->len;
}

static const struct ms_mailbox_slice *
slice_at(const struct ms_expunge *expunge, guint i)
{
	return &g_array_index(expunge->slices, struct ms_mailbox_slice, i);
}

bool
ms_expunge_is_of(const struct ms_expunge *expunge,
    const struct ms_origin *origin)
{
	return expunge->slices->len > 0 && expunge->dev == origin->dev &&
	    expunge->ino == origin->ino;
}

bool
ms_expunge_has(const struct ms_expunge *expunge,
    const struct ms_origin *origin)
{
	guint low = 0, high = expunge->slices->len;

	while (low < high) {
		guint middle = low + (high - low) / 2;
		uint64_t offset = slice_at(expunge, middle)->offset;

		if (offset == origin->offset)
			return true;
		if (offset < origin->offset)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

bool
ms_expunge_takes(const struct ms_expunge *expunge,
    const struct ms_origin *origin)
{
	guint count = expunge->slices->len;

	return count == 0 || (ms_expunge_is_of(expunge, origin) &&
	    origin->offset > slice_at(expunge, count - 1)->offset);
}

void
ms_expunge_add(struct ms_expunge *expunge, const struct ms_outcome *outcome,
    const struct ms_grip *grip)
{
	if (expunge->slices->len == 0) {
		g_free(expunge->path);
		expunge->path = g_strdup(grip->path);
		expunge->dev = outcome->origin.dev;
		expunge->ino = outcome->origin.ino;
	}
	g_array_append_val(expunge->slices, grip->slice);
}

static void
forget(struct ms_expunge *expunge)
{
	/* There may have been millions of them. */
	g_array_unref(expunge->slices);
	expunge->slices = g_array_new(FALSE, FALSE,
	    sizeof(struct ms_mailbox_slice));
}

/* Have those that are still what they were stand first; how many that is. */
static guint
sort_out(struct ms_expunge *expunge, struct ms_mailbox *box,
    struct ms_error *why)
{
	guint good = 0;

	for (guint i = 0; i < expunge->slices->len; i++) {
		const struct ms_mailbox_slice slice = *slice_at(expunge, i);
		struct ms_error err = { "" };

		if (ms_mailbox_find(box, &slice, NULL, &err) == MS_OK)
			g_array_index(expunge->slices,
			    struct ms_mailbox_slice, good++) = slice;
		else if (!*why->text)
			*why = err;
	}
	return good;
}

void
ms_expunge_run(struct ms_expunge *expunge,
    const struct ms_lock_config *locking, struct ms_expunge_result *result)
{
	struct ms_mailbox *box = NULL;
	struct ms_error err = { "" };
	guint count = expunge->slices->len, good = 0;

	*result = (struct ms_expunge_result){ 0 };
	if (count == 0)
		return;
	if (ms_mailbox_open(expunge->path, expunge->dev, expunge->ino,
	    locking, &box, &result->why) == MS_OK)
		good = sort_out(expunge, box, &result->why);
	if (good > 0 && ms_mailbox_expunge(box,
	    (const struct ms_mailbox_slice *)(void *)expunge->slices->data,
	    good, &err) != MS_OK) {
		result->why = err;
		good = 0;
	}
	ms_mailbox_close(box);
	result->removed = good;
	result->left = count - good;
	forget(expunge);
}

void
ms_expunge_drop(struct ms_expunge *expunge, const char *why,
    struct ms_expunge_result *result)
{
	*result = (struct ms_expunge_result){
		.left = expunge->slices->len };
	(void)ms_error_set(&result->why, MS_E_PEER, "%s", why);
	forget(expunge);
}
