#include "serve/vault.h"

#include "action/quarantine.h"
#include "pool/sandbox.h"
#include "report/readback.h"
#include "serve/clerk.h"
#include "serve/control.h"

#include <string.h>

/* Keep the message of TASK, of which ITEM tells. */
static enum ms_status
keep(struct ms_quarantine *q, const struct ms_task *task,
    const struct ms_readback_item *item, char id[MS_QUARANTINE_ID_MAX],
    struct ms_error *err)
{
	struct ms_quarantine_content content = {
		.fd = task->body,
		.size = task->body_size,
	};

	if (item->kind != MS_READBACK_MESSAGE || task->body < 0)
		return ms_error_set(err, MS_E_PEER, "no message came along");
	content.sha256 = item->outcome->sha256;
	return ms_quarantine_put(q, &content, item->outcome, "serve", id, err);
}

static void
work_on(struct ms_clerk *clerk, struct ms_quarantine *q,
    const struct ms_task *task)
{
	struct ms_readback_item item = { .kind = MS_READBACK_NOTICE };
	char id[MS_QUARANTINE_ID_MAX] = "";
	struct ms_error err = { "" };
	char *note = NULL;
	size_t size;
	enum ms_status status = ms_clerk_read_note(task, &note, &size, &err);

	if (status == MS_OK) {
		status = ms_readback_parse(note, size, &item, &err);
		if (status == MS_END)
			status = ms_error_set(&err, MS_E_PEER,
			    "the note says nothing");
	}
	if (status == MS_OK)
		status = keep(q, task, &item, id, &err);
	ms_clerk_answer(clerk, ms_clerk_front(clerk), task->id,
	    status == MS_OK, status == MS_OK ? id : err.text);
	ms_readback_item_clear(&item);
	g_free(note);
}

/* What reads notes takes a random seed, once, from a file. */
static void
read_first(void)
{
	struct ms_readback_item item = { .kind = MS_READBACK_NOTICE };
	struct ms_error err;

	(void)ms_readback_parse("{}", 2, &item, &err);
	ms_readback_item_clear(&item);
}

int
ms_vault_run(void *arg, int control)
{
	const struct ms_vault_config *config = arg;
	const struct ms_sandbox_profile profile = {
		.dir = config->quarantine, .keeper = true };
	struct ms_clerk *clerk;
	struct ms_quarantine *q;
	struct ms_error err;
	struct ms_task task;

	if (ms_quarantine_open(config->quarantine, true, &q, &err) != MS_OK) {
		(void)ms_control_send(control, MS_CONTROL_FAILED, err.text,
		    -1);
		return 1;
	}
	read_first();
	if (ms_sandbox_enter(&profile, &err) != MS_OK) {
		(void)ms_control_send(control, MS_CONTROL_FAILED, err.text,
		    -1);
		ms_quarantine_close(q);
		return 1;
	}
	clerk = ms_clerk_new(control, "");
	ms_task_init(&task);
	while (ms_clerk_wait(clerk, true, NULL, 0, &task) == MS_OK) {
		if (task.id != 0)
			work_on(clerk, q, &task);
		ms_task_clear(&task);
	}
	ms_clerk_free(clerk);
	ms_quarantine_close(q);
	return 0;
}
