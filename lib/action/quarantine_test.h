#ifndef MS_QUARANTINE_TEST_H
#define MS_QUARANTINE_TEST_H

/* For tests of what works on a quarantine: include after cmocka.h. */

#include "action/quarantine.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define QUARANTINE_TEXT "Subject: x\n\n>From here\n"
#define QUARANTINE_FROM "From a@example.org Mon Mar  2 09:14:07 2026"

/* What is said of the SIZE bytes at DATA, which were found at PATH. */
static inline struct ms_outcome *
quarantine_outcome(const char *path, const char *format, const void *data,
    size_t size)
{
	const struct ms_message message = {
		.origin = { .source = (char *)path, .format = format,
		    .many = strcmp(format, "mbox") == 0, .index = 3,
		    .offset = 81920, .length = 60, .dev = 1, .ino = 2,
		    .flags = strcmp(format, "maildir") == 0 ? (char *)"FS" :
		    NULL, .delivered = -1 },
		.size = size,
		.sha256 = ms_hash_of(data, size),
		.sha256_canonical = ms_hash_of("Subject: x\n\nFrom here\n",
		    22),
	};
	struct ms_outcome *outcome = ms_outcome_new(&message);

	outcome->envelope = ms_envelope_new("anna@example.org");
	ms_envelope_add(outcome->envelope, "otto@example.org");
	ms_facts_finding(&outcome->facts, "clamav", "Win.Test\x1b", "2");
	outcome->verdict = ms_verdict_of(&outcome->facts);
	return outcome;
}

/* The SIZE bytes at DATA, behind three of something else. */
static inline int
quarantine_bytes(const void *data, size_t size)
{
	int fd = memfd_create("test", MFD_CLOEXEC);

	assert_int_equal(3, pwrite(fd, "abc", 3, 0));
	assert_int_equal(size, pwrite(fd, data, size, 3));
	return fd;
}

/* Put the SIZE bytes at DATA, found at PATH, into Q. */
static inline enum ms_status
quarantine_put(struct ms_quarantine *q, const char *path, const char *format,
    const void *data, size_t size, char *id)
{
	const bool mbox = strcmp(format, "mbox") == 0;
	struct ms_outcome *outcome = quarantine_outcome(path, format, data,
	    size);
	const struct ms_quarantine_content content = {
		.fd = quarantine_bytes(data, size), .offset = 3, .size = size,
		.sha256 = outcome->sha256, .quoted = mbox,
		.from_line = mbox ? QUARANTINE_FROM : NULL,
	};
	struct ms_error err = { "" };
	enum ms_status status = ms_quarantine_put(q, &content, outcome,
	    "scan --move", id, &err);

	if (status != MS_OK)
		print_message("  %s\n", err.text);
	assert_int_equal(0, close(content.fd));
	ms_outcome_free(outcome);
	return status;
}

/* The message of the texts above. */
static inline void
quarantine_put_text(struct ms_quarantine *q, const char *path, char *id)
{
	assert_int_equal(MS_OK, quarantine_put(q, path, "mbox",
	    QUARANTINE_TEXT, strlen(QUARANTINE_TEXT), id));
}

static inline struct ms_quarantine *
quarantine_open(const char *path)
{
	struct ms_quarantine *q;
	struct ms_error err = { "" };

	if (ms_quarantine_open(path, true, &q, &err) != MS_OK)
		fail_msg("%s", err.text);
	return q;
}

/* All files below PATH. */
static inline unsigned
quarantine_files(const char *path)
{
	GDir *dir = g_dir_open(path, 0, NULL);
	const char *name;
	unsigned n = 0;

	while (dir && (name = g_dir_read_name(dir))) {
		char *below = g_build_filename(path, name, NULL);

		n += g_file_test(below, G_FILE_TEST_IS_DIR) ?
		    quarantine_files(below) : 1;
		g_free(below);
	}
	if (dir)
		g_dir_close(dir);
	return n;
}

/* The path of the file of ID in Q that ends with END; to be freed. */
static inline char *
quarantine_path(const char *q, const char *id, const char *end)
{
	return g_strdup_printf("%s/%s%s", q, id, end);
}

#endif
