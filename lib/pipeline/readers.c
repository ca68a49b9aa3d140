#include "pipeline/readers.h"

#include "pool/reader.h"
#include "source/compressed.h"

#include <glib.h>
#include <signal.h>
#include <sys/wait.h>

struct ms_readers {
	int pid;	/* 0: none */
};

struct ms_readers *
ms_readers_new(void)
{
	return g_new0(struct ms_readers, 1);
}

static void
reap(struct ms_readers *readers)
{
	if (readers->pid == 0)
		return;
	(void)kill(readers->pid, SIGKILL);
	(void)waitpid(readers->pid, NULL, 0);
	readers->pid = 0;
}

void
ms_readers_free(struct ms_readers *readers)
{
	if (!readers)
		return;
	reap(readers);
	g_free(readers);
}

static void
read_archive(const struct ms_reader_place *place)
{
	ms_compressed_run(place->in, place->out);
}

enum ms_status
ms_readers_start(struct ms_readers *readers, int fd, int *stream,
    struct ms_error *err)
{
	const struct ms_reader_place place = { .in = fd, .tmp = -1 };
	enum ms_status status;
	int pid;

	/* An old one that hangs ends here. */
	reap(readers);
	status = ms_reader_start(read_archive, &place, stream, &pid, err);
	if (status == MS_OK)
		readers->pid = pid;
	return status;
}
