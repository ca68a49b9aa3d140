#include "pipeline/readers.h"

#include "base/tempdir.h"
#include "capture/capture.h"
#include "capture/messages.h"
#include "source/compressed.h"

#include <glib.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

struct ms_readers {
	const char *dir;
	int pid;	/* 0: none */
};

struct ms_readers *
ms_readers_new(const char *dir)
{
	struct ms_readers *readers = g_new0(struct ms_readers, 1);

	readers->dir = dir;
	return readers;
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

enum ms_status
ms_readers_start(struct ms_readers *readers, ms_reader_body *body,
    const struct ms_reader_place *from, int *stream, struct ms_error *err)
{
	struct ms_reader_place place = *from;
	enum ms_status status;
	int pid;

	/* An old one that hangs ends here. */
	reap(readers);
	if (place.tmp >= 0)
		place.tmp = ms_tempdir_file(readers->dir);
	if (from->tmp >= 0 && place.tmp < 0)
		return ms_error_errno(err, "temporary storage in %s",
		    readers->dir);
	status = ms_reader_start(body, &place, stream, &pid, err);
	if (place.tmp >= 0)
		(void)close(place.tmp);
	if (status == MS_OK)
		readers->pid = pid;
	return status;
}

static void
read_archive(const struct ms_reader_place *place)
{
	ms_compressed_run(place->in, place->out);
}

static void
read_capture(const struct ms_reader_place *place)
{
	ms_messages_run(place->in, place->tmp, place->out,
	    place->what == MS_SOURCE_READ_PCAP);
}

enum ms_status
ms_readers_source(struct ms_readers *readers, enum ms_source_reader reader,
    int fd, int *stream, struct ms_error *err)
{
	bool archive = reader == MS_SOURCE_READ_ARCHIVE;
	const struct ms_reader_place place = { .in = fd,
		.tmp = archive ? -1 : 0, .what = (int)reader };

	return ms_readers_start(readers, archive ? read_archive :
	    read_capture, &place, stream, err);
}

enum ms_source_capture
ms_readers_detect(const unsigned char *head, size_t size)
{
	switch (ms_capture_detect(head, size)) {
	case MS_CAPTURE_NONE:
		return MS_SOURCE_NO_CAPTURE;
	case MS_CAPTURE_PCAP:
		return MS_SOURCE_IS_PCAP;
	default:
		return MS_SOURCE_IS_SMTP;
	}
}
