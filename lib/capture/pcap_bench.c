#include "capture/pcap.h"

#include "base/clock.h"
#include "base/write.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "capture/packets_test.h"

/*
 * How fast packets become dialogues: of a given file, or of 1 GB that is made
 * up: connections one after the other, and 10 000 of them that send a segment
 * each in turn.
 */

#define SEGMENT 1460u
#define TOTAL ((uint64_t)1000 * 1000 * 1000)

static int
temporary(void)
{
	const char *dir = getenv("TMPDIR");
	char *path = g_strdup_printf("%s/pcap_bench-XXXXXX",
	    dir ? dir : "/tmp");
	int fd = mkstemp(path);

	if (fd < 0)
		perror(path);
	else
		(void)unlink(path);
	g_free(path);
	return fd;
}

static enum ms_status
read_fd(void *arg, void *data, size_t size, size_t *got,
    struct ms_error *err)
{
	ssize_t n = read(*(int *)arg, data, size);

	if (n < 0)
		return ms_error_errno(err, "read");
	*got = (size_t)n;
	return MS_OK;
}

/* The packet ROUND of the connection K. */
static void
make_packet(struct pack_file *file, unsigned k, uint64_t round,
    uint64_t last)
{
	static unsigned char body[SEGMENT];
	struct pack p = { .client = k, .flags = F_ACK, .seq = 1,
		.data = body, .size = SEGMENT };

	if (body[0] == 0)
		memset(body, 'x', sizeof body);
	if (round == 0) {
		p.seq = 0;
		p.flags = F_SYN;
		p.size = 0;
	} else if (round == 1) {
		p.data = "EHLO client.example.org\r\n";
		p.size = 25;
	} else {
		p.seq = 26 + (uint32_t)(round - 2) * SEGMENT;
	}
	if (round == last) {
		p.flags |= F_FIN;
		p.size = 0;
	}
	pack_add(file, &p);
}

/* A capture of ALL connections, of which WIDTH are open at a time. */
static int
make(unsigned all, unsigned width)
{
	struct pack_file file = pack_begin(1, false, false, 262144);
	uint64_t last = TOTAL / all / SEGMENT + 2;
	int fd = temporary();

	for (unsigned first = 0; fd >= 0 && first < all; first += width) {
		for (uint64_t round = 0; round <= last; round++) {
			for (unsigned k = 0; k < width; k++)
				make_packet(&file, first + k, round, last);
			if (file.bytes->len < 1 << 20 && (round < last ||
			    first + width < all))
				continue;
			if (ms_write(fd, file.bytes->data, file.bytes->len) !=
			    MS_OK)
				perror("capture");
			g_byte_array_set_size(file.bytes, 0);
		}
	}
	g_byte_array_unref(file.bytes);
	(void)lseek(fd, 0, SEEK_SET);
	return fd;
}

static void
run(const char *name, int fd)
{
	int spill = temporary();
	const struct ms_stash_config stash_config = { 64 << 20, spill,
		(uint64_t)8 << 30 };
	struct ms_stash *stash = ms_stash_new(&stash_config);
	const struct ms_pcap_config config = { stash, read_fd, &fd };
	int64_t start = ms_clock_cpu_ms(), ms;
	const struct ms_pcap_counts *counts;
	struct ms_error err = { "" };
	struct ms_dialogue *d;
	struct ms_pcap *pcap;
	struct rusage usage;
	uint64_t said = 0;

	if (ms_pcap_open(&config, &pcap, &err) != MS_OK) {
		(void)fprintf(stderr, "%s\n", err.text);
		return;
	}
	while (ms_pcap_next(pcap, &d, &err) == MS_OK) {
		for (size_t i = 0; i < d->turns->len; i++)
			said += ms_dialogue_turn(d, i)->kind ==
			    MS_TURN_BYTES ? ms_dialogue_turn(d, i)->size : 0;
		ms_dialogue_free(d);
	}
	ms = ms_clock_cpu_ms() - start;
	counts = ms_pcap_counts(pcap);
	(void)getrusage(RUSAGE_SELF, &usage);
	(void)printf("%s: %llu packets, %llu MB, %llu dialogues with %llu "
	    "MB, %lld ms, %.0f MB/s, %ld MB of memory at most\n", name,
	    (unsigned long long)counts->packets,
	    (unsigned long long)counts->bytes / 1000000,
	    (unsigned long long)counts->dialogues,
	    (unsigned long long)said / 1000000, (long long)ms,
	    (double)counts->bytes / 1000 / (double)(ms > 0 ? ms : 1),
	    usage.ru_maxrss / 1024);
	ms_pcap_free(pcap);
	ms_stash_free(stash);
	(void)close(spill);
}

int
main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		int fd = open(argv[i], O_RDONLY);

		if (fd < 0) {
			perror(argv[i]);
			return 2;
		}
		run(argv[i], fd);
		(void)close(fd);
	}
	if (argc == 1) {
		int fd = make(100, 1);

		run("one after the other", fd);
		(void)close(fd);
		fd = make(10000, 10000);
		run("10 000 at a time", fd);
		(void)close(fd);
	}
	return 0;
}
