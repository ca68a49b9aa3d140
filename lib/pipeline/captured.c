#include "pipeline/captured.h"

#include "base/tempdir.h"
#include "capture/parley.h"
#include "capture/relay.h"
#include "pool/reader.h"
#include "source/file.h"

#include <fcntl.h>
#include <glib.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* How long the reader may have nothing to say: this, and as long as it may
 * take to read through a capture of that size (10 MB a second). */
#define PATIENCE_S 60
#define PATIENCE_BYTES ((uint64_t)10 << 20)
#define PATIENCE_MAX_S 100000

/* What is compressed may unpack to so much, whatever its size, and to so many
 * times its size, with as much again for what the records cost. */
#define WORTH ((uint64_t)4 << 30)
#define RATIO 1000

struct ms_captured {
	enum ms_capture_format format;
	int pid;		/* of the reader; 0: none */
	int stream;		/* -1: none */
	int tmp;		/* of the stash; -1: none */
	struct ms_stash *stash;
	struct ms_parley *parley;
};

static void
read_capture(const struct ms_reader_place *place)
{
	ms_relay_run(place->in, place->tmp, place->out,
	    (enum ms_capture_format)place->what);
}

/* Open PATH; *SIZE is 0 if nobody knows it. */
static enum ms_status
open_path(const char *path, int *fd, uint64_t *size, struct ms_error *err)
{
	struct ms_file file;
	enum ms_status status;

	*size = 0;
	if (strcmp(path, "-") == 0) {
		*fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0);
		return *fd >= 0 ? MS_OK : ms_error_errno(err,
		    "cannot be read");
	}
	file = ms_file_look(AT_FDCWD, path, err);
	if (file.type == MS_FILE_DIRECTORY)
		return ms_error_set(err, MS_E_IO, "is a directory");
	if (file.type == MS_FILE_OTHER)
		return ms_error_set(err, MS_E_IO, "is %s, which is not read; "
		    "give it as standard input (-)", ms_file_what(&file));
	if (file.type == MS_FILE_DANGLING)
		return ms_error_set(err, MS_E_IO, "is a link to nothing");
	if (file.type != MS_FILE_REGULAR)
		return MS_E_IO;
	*size = (uint64_t)file.st.st_size;
	status = ms_file_open(AT_FDCWD, path, &file, fd, err);
	return status == MS_END ? ms_error_set(err, MS_E_IO,
	    "vanished while it was opened") : status;
}

/* Start the reader on FD. */
static enum ms_status
start(struct ms_captured *captured, enum ms_capture_format format, int fd,
    const char *tempdir, struct ms_error *err)
{
	struct ms_reader_place place = { .in = fd, .what = (int)format };
	enum ms_status status;

	place.tmp = ms_tempdir_file(tempdir);
	captured->tmp = ms_tempdir_file(tempdir);
	if (place.tmp < 0 || captured->tmp < 0)
		status = ms_error_errno(err, "temporary storage in %s",
		    tempdir);
	else
		status = ms_reader_start(read_capture, &place,
		    &captured->stream, &captured->pid, err);
	if (place.tmp >= 0)
		(void)close(place.tmp);
	return status;
}

static void
listen_to(struct ms_captured *captured, uint64_t size)
{
	const struct ms_stash_config stash = {
		.memory_max = MS_RELAY_MEMORY, .fd = captured->tmp,
		.file_max = MS_RELAY_FILE,
	};
	struct ms_parley_config parley = { .stream = captured->stream };

	captured->stash = ms_stash_new(&stash);
	parley.stash = captured->stash;
	if (size > 0) {
		uint64_t wait = PATIENCE_S + size / PATIENCE_BYTES;

		/* At most PATIENCE_MAX_S: that fits. */
		parley.wait_ms = 1000 * (int)MIN(wait, PATIENCE_MAX_S);
		parley.bytes_max = WORTH + MIN(size, UINT64_MAX / 2 / RATIO) *
		    RATIO;
	}
	captured->parley = ms_parley_new(&parley);
}

enum ms_status
ms_captured_open(const char *path, enum ms_capture_format format,
    const char *tempdir, struct ms_captured **captured, struct ms_error *err)
{
	struct ms_captured *opened;
	enum ms_status status;
	uint64_t size = 0;
	int fd = -1;

	status = open_path(path, &fd, &size, err);
	if (status != MS_OK)
		return status;
	opened = g_new0(struct ms_captured, 1);
	opened->stream = opened->tmp = -1;
	status = start(opened, format, fd, tempdir, err);
	(void)close(fd);
	if (status == MS_OK) {
		listen_to(opened, size);
		status = ms_parley_kind(opened->parley, &opened->format, err);
	}
	if (status != MS_OK) {
		ms_captured_free(opened);
		return status;
	}
	*captured = opened;
	return MS_OK;
}

void
ms_captured_free(struct ms_captured *captured)
{
	if (!captured)
		return;
	if (captured->pid > 0) {
		(void)kill(captured->pid, SIGKILL);
		(void)waitpid(captured->pid, NULL, 0);
	}
	if (captured->stream >= 0)
		(void)close(captured->stream);
	ms_parley_free(captured->parley);
	ms_stash_free(captured->stash);
	if (captured->tmp >= 0)
		(void)close(captured->tmp);
	g_free(captured);
}

enum ms_capture_format
ms_captured_format(const struct ms_captured *captured)
{
	return captured->format;
}

enum ms_status
ms_captured_next(struct ms_captured *captured,
    struct ms_dialogue **dialogue, struct ms_error *err)
{
	return ms_parley_next(captured->parley, dialogue, err);
}
