/*
 * How fast captures become messages: the reader alone, as it runs in its box,
 * with nobody at the other end but a pipe. Takes a capture, or makes one of
 * CONNECTIONS connections, interleaved, with a message of SIZE bytes each.
 */
#include "capture/messages.h"

#include <fcntl.h>
#include <glib.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define CONNECTIONS 400
#define SIZE 250000
#define SEGMENT 1448

static void
put(FILE *out, uint64_t number, int bytes, bool big)
{
	for (int i = 0; i < bytes; i++)
		(void)putc((int)(number >> 8 * (big ? bytes - 1 - i : i) &
		    255), out);
}

/* A segment without checksums. */
struct segment {
	unsigned n;		/* of the connection */
	int side;
	uint32_t sequence;
	int flags;
};

static void
put_segment(FILE *out, const struct segment *segment, const char *data,
    size_t size)
{
	const unsigned n = segment->n;
	const int side = segment->side;
	const uint64_t ends[2] = { 0x0a000000 + (uint64_t)(n >> 8),
		0x0aff0001 };
	const uint64_t ports[2] = { 20000 + (n & 255), 25 };

	put(out, 1700000000, 4, false);
	put(out, 0, 4, false);
	put(out, 40 + size, 4, false);
	put(out, 40 + size, 4, false);
	put(out, 0x4500, 2, true);
	put(out, 40 + size, 2, true);
	put(out, 0, 4, true);
	put(out, 0x4006, 2, true);
	put(out, 0, 2, true);
	put(out, ends[side], 4, true);
	put(out, ends[1 - side], 4, true);
	put(out, ports[side], 2, true);
	put(out, ports[1 - side], 2, true);
	put(out, segment->sequence, 4, true);
	put(out, 0, 4, true);
	put(out, 0x5000 + (uint64_t)segment->flags, 2, true);
	put(out, 65535, 2, true);
	put(out, 0, 4, true);
	(void)fwrite(data, 1, size, out);
}

/* What is said before the content, by turns; and behind it. */
static const char *const said[] = { "220 mx\r\n", "EHLO a\r\n", "250 b\r\n",
	"MAIL FROM:<s@x>\r\n", "250 ok\r\n", "RCPT TO:<r@x>\r\n",
	"250 ok\r\n", "DATA\r\n", "354 go\r\n", NULL, "250 queued\r\n",
	"QUIT\r\n", "221 bye\r\n" };

static void
make(FILE *out)
{
	GString *content = g_string_new("From: a@x\r\nSubject: x\r\n\r\n");
	uint32_t at[2] = { 1000, 5000 };

	while (content->len < SIZE)
		g_string_append(content, "The quick brown fox jumps over the "
		    "lazy dog, and goes on to do more.\r\n");
	g_string_append(content, ".\r\n");
	put(out, 0xa1b2c3d4, 4, false);
	put(out, 0x00040002, 4, false);
	put(out, 0, 8, false);
	put(out, 65535, 4, false);
	put(out, 101, 4, false);	/* raw IP */
	for (unsigned n = 0; n < CONNECTIONS; n++)
		put_segment(out, &(struct segment){ n, 0, at[0] - 1, 2 }, "",
		    0);
	for (size_t i = 0; i < G_N_ELEMENTS(said); i++) {
		const char *text = said[i] ? said[i] : content->str;
		size_t size = strlen(text);
		int side = i % 2 == 0;

		for (size_t j = 0; j < size; j += SEGMENT) {
			size_t piece = MIN(SEGMENT, size - j);

			for (unsigned n = 0; n < CONNECTIONS; n++)
				put_segment(out, &(struct segment){ n, side,
				    at[side], 0x18 }, text + j, piece);
			at[side] += (uint32_t)piece;
		}
	}
	for (unsigned n = 0; n < CONNECTIONS; n++)
		put_segment(out, &(struct segment){ n, 0, at[0], 0x11 }, "",
		    0);
	g_string_free(content, TRUE);
}

/* What the reader sends, to nowhere. */
static uint64_t
drain(int fd)
{
	static char block[1 << 16];
	uint64_t size = 0;
	ssize_t n;

	while ((n = read(fd, block, sizeof block)) > 0)
		size += (uint64_t)n;
	return size;
}

int
main(int argc, char **argv)
{
	int in = argc > 1 ? open(argv[1], O_RDONLY | O_CLOEXEC) :
	    memfd_create("capture", MFD_CLOEXEC);
	FILE *tmp = tmpfile();
	struct rusage usage;
	uint64_t sent;
	struct stat st;
	double seconds;
	int ends[2];
	pid_t pid;

	if (argc <= 1 && in >= 0) {
		FILE *out = fdopen(dup(in), "w");

		if (!out)
			return 1;
		make(out);
		(void)fclose(out);
	}
	if (in < 0 || !tmp || pipe(ends) != 0 || fstat(in, &st) != 0)
		return 1;
	pid = fork();
	if (pid == 0) {
		(void)close(ends[0]);
		ms_messages_run(in, fileno(tmp), ends[1], true);
		_exit(0);
	}
	(void)close(ends[1]);
	sent = drain(ends[0]);
	if (wait4(pid, NULL, 0, &usage) != pid)
		return 1;
	seconds = (double)usage.ru_utime.tv_sec +
	    (double)usage.ru_utime.tv_usec / 1e6 +
	    (double)usage.ru_stime.tv_sec +
	    (double)usage.ru_stime.tv_usec / 1e6;
	printf("%.0f MB, %.0f MB sent, %.2f s of CPU: %.0f MB/s, "
	    "%ld MB resident\n", (double)st.st_size / 1e6,
	    (double)sent / 1e6, seconds,
	    (double)st.st_size / 1e6 / seconds, usage.ru_maxrss / 1024);
	return 0;
}
