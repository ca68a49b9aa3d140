#include "serve/recorder.h"

#include "base/clock.h"
#include "base/write.h"
#include "capture/script.h"
#include "serve/chronicle.h"

#include <fcntl.h>
#include <unistd.h>

struct ms_recorder {
	struct ms_script *script;	/* NULL: it failed */
	char *name;
	int fd;
};

static enum ms_status
put(void *arg, const void *data, size_t size, struct ms_error *err)
{
	const struct ms_recorder *recorder = arg;

	return ms_write(recorder->fd, data, size) == MS_OK ? MS_OK :
	    ms_error_errno(err, "cannot record any more of it");
}

/* STATUS is what came of writing to it. */
static void
check(struct ms_recorder *recorder, enum ms_status status,
    const struct ms_error *err)
{
	struct ms_error ignored;

	if (status == MS_OK)
		return;
	ms_chronicle_tell(MS_LOGENTRY_WARNING, recorder->name, "%s",
	    err->text);
	(void)ms_script_close(recorder->script, &ignored);
	recorder->script = NULL;
}

struct ms_recorder *
ms_recorder_new(const struct ms_recorder_config *config)
{
	char *file = g_strdup_printf("%s.transcript", config->name);
	struct ms_recorder *recorder = NULL;
	struct ms_error err;
	const int fd = openat(config->dir, file, O_WRONLY | O_CREAT | O_EXCL |
	    O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0) {
		(void)ms_error_errno(&err, "cannot record it in %s", file);
		ms_chronicle_tell(MS_LOGENTRY_WARNING, config->name, "%s",
		    err.text);
	} else {
		recorder = g_new0(struct ms_recorder, 1);
		recorder->fd = fd;
		recorder->name = g_strdup(config->name);
		recorder->script = ms_script_open(config->client,
		    config->server, put, recorder);
		check(recorder, ms_script_begin(put, recorder, &err), &err);
	}
	g_free(file);
	return recorder;
}

void
ms_recorder_free(struct ms_recorder *recorder)
{
	struct ms_error err;

	if (!recorder)
		return;
	if (recorder->script &&
	    ms_script_close(recorder->script, &err) != MS_OK)
		ms_chronicle_tell(MS_LOGENTRY_WARNING, recorder->name, "%s",
		    err.text);
	(void)close(recorder->fd);
	g_free(recorder->name);
	g_free(recorder);
}

void
ms_recorder_said(struct ms_recorder *recorder, enum ms_side side,
    const void *data, size_t size)
{
	struct ms_error err;

	if (recorder && recorder->script && size > 0)
		check(recorder, ms_script_say(recorder->script, side,
		    ms_clock_wall_us(), data, size, &err), &err);
}

void
ms_recorder_secured(struct ms_recorder *recorder)
{
	struct ms_error err;

	if (recorder && recorder->script)
		check(recorder, ms_script_secure(recorder->script,
		    ms_clock_wall_us(), &err), &err);
}

void
ms_recorder_ended(struct ms_recorder *recorder, enum ms_side side)
{
	struct ms_error err;

	if (recorder && recorder->script)
		check(recorder, ms_script_end(recorder->script, side,
		    ms_clock_wall_us(), &err), &err);
}
