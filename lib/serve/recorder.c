#include "serve/recorder.h"

#include "base/clock.h"
#include "base/write.h"
#include "capture/script.h"
#include "serve/chronicle.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

struct ms_recorder {
	struct ms_script *script;	/* NULL: it failed */
	struct ms_recorder_room *room;
	char *name;
	int fd;
};

/* Take SIZE bytes of it; false: there are not as many. */
static bool
take(struct ms_recorder_room *room, uint64_t size)
{
	if (size <= room->left) {
		room->left -= size;
		return true;
	}
	room->left = 0;
	if (!room->told)
		ms_chronicle_tell(MS_LOGENTRY_WARNING, NULL, "no more is "
		    "recorded: there is as much as may be (--record-limit)");
	room->told = true;
	return false;
}

static enum ms_status
put(void *arg, const void *data, size_t size, struct ms_error *err)
{
	const struct ms_recorder *recorder = arg;

	if (!take(recorder->room, size))
		return MS_E_LIMIT;
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
	if (status != MS_E_LIMIT)
		ms_chronicle_tell(MS_LOGENTRY_WARNING, recorder->name, "%s",
		    err->text);
	(void)ms_script_close(recorder->script, &ignored);
	recorder->script = NULL;
}

int
ms_recorder_open(const char *path)
{
	const int fd = path ? open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) :
	    -1;

	if (path && fd < 0)
		ms_chronicle_tell(MS_LOGENTRY_WARNING, NULL,
		    "nothing is recorded: %s: %s", path, g_strerror(errno));
	return fd;
}

struct ms_recorder_room
ms_recorder_measure(int dir, uint64_t limit)
{
	struct ms_recorder_room room = { .left = limit };
	const int again = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *stream = again >= 0 ? fdopendir(again) : NULL;
	const struct dirent *entry;
	struct stat st;

	while (stream && (entry = readdir(stream))) {
		if (fstatat(dir, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) !=
		    0 || !S_ISREG(st.st_mode))
			continue;
		room.left -= MIN(room.left, (uint64_t)st.st_size +
		    MS_RECORDER_FILE);
	}
	if (stream)
		(void)closedir(stream);
	else if (again >= 0)
		(void)close(again);
	return room;
}

struct ms_recorder *
ms_recorder_new(const struct ms_recorder_config *config)
{
	char *file = g_strdup_printf("%s.transcript", config->name);
	struct ms_recorder *recorder = NULL;
	struct ms_error err;
	int fd;

	if (!take(config->room, MS_RECORDER_FILE)) {
		g_free(file);
		return NULL;
	}
	fd = openat(config->dir, file, O_WRONLY | O_CREAT | O_EXCL |
	    O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0) {
		(void)ms_error_errno(&err, "cannot record it in %s", file);
		ms_chronicle_tell(MS_LOGENTRY_WARNING, config->name, "%s",
		    err.text);
	} else {
		recorder = g_new0(struct ms_recorder, 1);
		recorder->room = config->room;
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
	if (recorder->script) {
		const enum ms_status status = ms_script_close(
		    recorder->script, &err);

		if (status != MS_OK && status != MS_E_LIMIT)
			ms_chronicle_tell(MS_LOGENTRY_WARNING, recorder->name,
			    "%s", err.text);
	}
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
