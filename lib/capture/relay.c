#include "capture/relay.h"

#include "capture/parley.h"

#include <stddef.h>

/* Send dialogues until there are no more, or nobody wants them. */
static enum ms_status
relay(struct ms_parley_out *to, struct ms_capture *capture,
    struct ms_error *err)
{
	struct ms_dialogue *dialogue;
	enum ms_status status;

	for (;;) {
		status = ms_capture_next(capture, &dialogue, err);
		if (status != MS_OK)
			return status;
		status = ms_parley_send(to, dialogue, err);
		ms_dialogue_free(dialogue);
		if (status != MS_OK)
			return status;
	}
}

void
ms_relay_run(int in, int tmp, int out, enum ms_capture_format format)
{
	const struct ms_stash_config config = {
		.memory_max = MS_RELAY_MEMORY, .fd = tmp,
		.file_max = MS_RELAY_FILE,
	};
	struct ms_parley_out *to = ms_parley_out_new(out);
	struct ms_stash *stash = ms_stash_new(&config);
	struct ms_capture *capture = NULL;
	struct ms_error err = { "" };
	enum ms_status status = ms_capture_open(in, format, stash, &capture,
	    &err);

	if (status == MS_OK)
		status = ms_parley_send_kind(to, ms_capture_kind(capture));
	if (status == MS_OK)
		status = relay(to, capture, &err);
	/* Nobody may be there to listen any more: that is fine. */
	if (status == MS_END)
		(void)ms_parley_send_over(to);
	else if (status < 0)
		(void)ms_parley_send_failed(to, status, err.text);
	ms_capture_free(capture);
	ms_stash_free(stash);
	ms_parley_out_free(to);
}
