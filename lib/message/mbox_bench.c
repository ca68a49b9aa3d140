#include "base/clock.h"
#include "message/intake.h"
#include "message/mbox.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/*
 * How fast mailboxes are split, and split and taken in: of a given file, or
 * of a made-up one of 1 GiB that is never kept.
 */

struct text {
	int fd;			/* -1: made up */
	uint64_t left;
};

static const char message[] =
    "From sender@example.org Thu Jan  1 00:00:00 1998\n"
    "Received: from a.example (a.example [192.0.2.1]) by b.example\n"
    "From: <sender@example.org>\nTo: <b@example.org>\nSubject: bench\n\n"
    "Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do\n"
    "eiusmod tempor incididunt ut labore et dolore magna aliqua. Ut\n"
    "> enim ad minim veniam, quis nostrud exercitation ullamco laboris\n"
    "TVqQAAMAAAAEAAAA//8AALgAAAAAAAAAQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n\n";

static enum ms_status
fill(void *arg, void *data, size_t size, size_t *got, struct ms_error *err)
{
	struct text *t = arg;
	ssize_t n;

	if (t->fd >= 0) {
		n = read(t->fd, data, size);
		if (n < 0)
			return ms_error_errno(err, "read");
		*got = (size_t)n;
		return MS_OK;
	}
	*got = 0;
	while (t->left > 0 && size - *got >= sizeof message - 1) {
		memcpy((char *)data + *got, message, sizeof message - 1);
		*got += sizeof message - 1;
		t->left -= t->left < sizeof message ? t->left :
		    sizeof message - 1;
	}
	return MS_OK;
}

static void
run(const char *name, struct text *t, struct ms_intake *intake)
{
	struct ms_mbox_config config = { .fill = fill, .arg = t };
	struct ms_mbox *m = ms_mbox_new(&config);
	int64_t start = ms_clock_ms(), ms;
	struct ms_mbox_slice slice;
	struct ms_message *got;
	const unsigned char *data;
	uint64_t count = 0;
	size_t size;

	while (ms_mbox_next(m, &slice, NULL) == MS_OK) {
		count++;
		if (!intake)
			continue;
		ms_intake_begin(intake, MS_INTAKE_UNQUOTE_ALL);
		while (ms_mbox_read(m, &data, &size, NULL) == MS_OK &&
		    size > 0)
			(void)ms_intake_feed(intake, data, size, NULL);
		if (ms_intake_end(intake, &got, NULL) == MS_OK)
			ms_message_free(got);
	}
	ms = ms_clock_ms() - start;
	(void)printf("%s: %llu messages, %llu MB, %lld ms, %.0f MB/s\n", name,
	    (unsigned long long)count,
	    (unsigned long long)ms_mbox_offset(m) / 1000000, (long long)ms,
	    (double)ms_mbox_offset(m) / 1000 / (double)(ms > 0 ? ms : 1));
	ms_mbox_free(m);
}

int
main(int argc, char **argv)
{
	static const struct ms_intake_config config = {
		.spool = { .heap_max = 1 << 20, .memfd_max = 64 << 20 },
		.max_bytes = 32 << 20,
	};
	struct ms_intake *intake = ms_intake_new(&config);
	struct text t = { -1, (uint64_t)1 << 30 };

	for (int i = 0; i < 2; i++) {
		t.left = (uint64_t)1 << 30;
		if (argc > 1 && (t.fd = open(argv[1], O_RDONLY)) < 0) {
			perror(argv[1]);
			return 2;
		}
		run(i == 0 ? "split" : "split and take in", &t,
		    i == 0 ? NULL : intake);
		if (t.fd >= 0)
			(void)close(t.fd);
	}
	ms_intake_free(intake);
	return 0;
}
