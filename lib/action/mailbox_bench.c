#include "action/mailbox.h"

#include "base/clock.h"
#include "message/mbox.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/*
 * How fast an mbox of MEGABYTES is compacted; or, for check-mailboxes, take
 * away whatever comes into a mailbox and says that it is a victim, for some
 * seconds, while others append to it.
 *
 * mailbox_bench [MEGABYTES]
 * mailbox_bench stub|expunge PATH LOCKS SECONDS
 */

static const char victim[] = "Subject: victim ";

/* A message that is to go. */
struct hit {
	struct ms_mailbox_slice slice;
	char id[32];
};

static void
fail(const struct ms_error *err)
{
	(void)fprintf(stderr, "mailbox_bench: %s\n", err->text);
	exit(1);
}

static enum ms_status
fill(void *arg, void *data, size_t size, size_t *got, struct ms_error *err)
{
	ssize_t n = read(*(int *)arg, data, size);

	(void)err;
	*got = n > 0 ? (size_t)n : 0;
	return MS_OK;
}

/* Without any lock, as a scan reads. */
static GArray *
find_victims(const char *path)
{
	GArray *hits = g_array_new(FALSE, TRUE, sizeof(struct hit));
	int fd = open(path, O_RDONLY);
	const struct ms_mbox_config config = { .fill = fill, .arg = &fd };
	struct ms_mbox *mbox = ms_mbox_new(&config);
	struct ms_mbox_slice slice;

	while (ms_mbox_next(mbox, &slice, NULL) == MS_OK) {
		struct hit hit = { .slice.offset = slice.offset };
		struct ms_hash *hash = ms_hash_new();
		GString *text = g_string_new(NULL);
		const unsigned char *piece;
		size_t n;

		while (ms_mbox_read(mbox, &piece, &n, NULL) == MS_OK && n) {
			ms_hash_feed(hash, piece, n);
			hit.slice.size += n;
			if (text->len < 100)
				g_string_append_len(text, (const char *)piece,
				    (gssize)MIN(n, 100));
		}
		hit.slice.sha256 = ms_hash_end(hash);
		ms_hash_free(hash);
		hit.slice.length = ms_mbox_offset(mbox) - slice.offset;
		if (g_str_has_prefix(text->str, victim)) {
			(void)g_strlcpy(hit.id, text->str + sizeof victim - 1,
			    sizeof hit.id);
			hit.id[strcspn(hit.id, "\r\n")] = '\0';
			g_array_append_val(hits, hit);
		}
		g_string_free(text, TRUE);
	}
	ms_mbox_free(mbox);
	(void)close(fd);
	return hits;
}

static unsigned
stub(struct ms_mailbox *box, const GArray *hits, struct ms_error *err)
{
	unsigned done = 0;

	for (guint i = 0; i < hits->len; i++) {
		struct hit *hit = &g_array_index(hits, struct hit, i);
		char *subject = g_strdup_printf("gone %s", hit->id);
		const char *const lines[] = { "", "It was a victim.", NULL };
		enum ms_status status = ms_mailbox_stub(box, &hit->slice,
		    subject, lines, err);

		g_free(subject);
		if (status != MS_OK && status != MS_E_PEER)
			fail(err);
		done += status == MS_OK;
	}
	return done;
}

static unsigned
expunge(struct ms_mailbox *box, const GArray *hits, struct ms_error *err)
{
	struct ms_mailbox_slice *slices = g_new(struct ms_mailbox_slice,
	    hits->len);
	unsigned n = 0;

	for (guint i = 0; i < hits->len; i++) {
		struct hit *hit = &g_array_index(hits, struct hit, i);

		if (ms_mailbox_find(box, &hit->slice, NULL, err) == MS_OK)
			slices[n++] = hit->slice;
	}
	if (ms_mailbox_expunge(box, slices, n, err) != MS_OK)
		fail(err);
	g_free(slices);
	return n;
}

static void
hunt(bool stubs, const char *path, const char *locks, int64_t seconds)
{
	struct ms_lock_config locking = ms_lock_default;
	int64_t end = ms_clock_ms() + seconds * 1000;
	struct ms_error err = { "" };
	unsigned rounds = 0, done = 0;

	if (ms_lock_parse(locks, &locking, &err) != MS_OK)
		fail(&err);
	while (ms_clock_ms() < end) {
		GArray *hits = find_victims(path);
		struct ms_mailbox *box;

		if (hits->len > 0) {
			if (ms_mailbox_open(path, 0, 0, &locking, &box,
			    &err) != MS_OK)
				fail(&err);
			done += stubs ? stub(box, hits, &err) :
			    expunge(box, hits, &err);
			ms_mailbox_close(box);
			rounds++;
		}
		g_array_unref(hits);
	}
	(void)printf("%u %u\n", rounds, done);
}

/* One message in a hundred goes. */
static void
bench(unsigned megabytes)
{
	char path[] = "mailbox_bench.XXXXXX";
	int fd = mkstemp(path);
	FILE *file = fdopen(fd, "w");
	char *text = g_strnfill(10000, 'x');
	struct ms_error err = { "" };
	struct ms_mailbox *box;
	int64_t began;
	struct rusage usage;
	GArray *hits;
	unsigned n;

	for (unsigned i = 0; i < megabytes * 100; i++)
		(void)fprintf(file, "From a\n%s%u\n\n%s\n\n", i % 100 ? "S: " :
		    victim, i, text);
	(void)fclose(file);
	hits = find_victims(path);
	began = ms_clock_ms();
	if (ms_mailbox_open(path, 0, 0, &ms_lock_default, &box, &err) !=
	    MS_OK)
		fail(&err);
	n = expunge(box, hits, &err);
	ms_mailbox_close(box);
	(void)getrusage(RUSAGE_SELF, &usage);
	(void)printf("expunge: %u of %u messages, %u MB: %" PRId64 " ms, "
	    "%ld KiB\n", n, megabytes * 100, megabytes, ms_clock_ms() - began,
	    usage.ru_maxrss);
	(void)unlink(path);
	g_array_unref(hits);
	g_free(text);
}

int
main(int argc, char **argv)
{
	if (argc == 5)
		hunt(strcmp(argv[1], "stub") == 0, argv[2], argv[3],
		    g_ascii_strtoll(argv[4], NULL, 10));
	else
		bench(argc > 1 ? (unsigned)g_ascii_strtoull(argv[1], NULL,
		    10) : 256);
	return 0;
}
