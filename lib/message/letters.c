#include "message/letters.h"

#include "message/mbox.h"

#include <glib.h>

#include <stdio.h>
#include <string.h>

/* Memory as the source of an mbox splitter. */
struct window {
	const unsigned char *data;
	size_t size;
};

static enum ms_status
fill_from_window(void *arg, void *data, size_t size, size_t *got,
    struct ms_error *err)
{
	struct window *window = arg;

	(void)err;
	*got = MIN(size, window->size);
	memcpy(data, window->data, *got);
	window->data += *got;
	window->size -= *got;
	return MS_OK;
}

/* Load the message at which MBOX stands into SPOOL. */
static enum ms_status
load(const struct ms_letters_input *input, struct ms_mbox *mbox,
    struct ms_spool *spool, struct ms_error *err)
{
	enum ms_status status;
	const unsigned char *piece;
	size_t size;

	do {
		status = ms_mbox_read(mbox, &piece, &size, err);
		if (status == MS_OK)
			status = ms_budget_bytes(input->budget, size, err);
		if (status == MS_OK)
			status = ms_spool_write(spool, piece, size, err);
	} while (status == MS_OK && size > 0);
	return status;
}

enum ms_status
ms_letters(const struct ms_letters_input *input, ms_letters_visit *visit,
    void *arg, struct ms_error *err)
{
	struct window window = { input->data, input->size };
	const struct ms_mbox_config config = { .fill = fill_from_window,
		.arg = &window };
	struct ms_mbox *mbox = ms_mbox_new(&config);
	struct ms_mbox_slice slice;
	enum ms_status status = MS_OK;
	char name[32];

	while (status == MS_OK &&
	    (status = ms_mbox_next(mbox, &slice, err)) == MS_OK) {
		struct ms_spool *spool = ms_spool_new(input->spool);
		struct ms_letter letter = { .name = name };

		(void)snprintf(name, sizeof name, "#%" G_GUINT64_FORMAT,
		    slice.index);
		status = ms_budget_part(input->budget, err);
		if (status == MS_OK)
			status = load(input, mbox, spool, err);
		if (status == MS_OK)
			status = ms_spool_map(spool, &letter.data, err);
		letter.size = ms_spool_size(spool);
		if (status == MS_OK)
			status = visit(arg, &letter, err);
		ms_spool_free(spool);
	}
	ms_mbox_free(mbox);
	return status == MS_END ? MS_OK : status;
}
