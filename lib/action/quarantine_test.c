#include "action/quarantine.h"

#include "action/defang.h"
#include "base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static const char text[] = "Subject: x\n\n>From here\n";
static const size_t text_size = sizeof text - 1;

static struct ms_outcome *
outcome_of(const void *data, size_t size)
{
	struct ms_message message = {
		.origin = { .source = (char *)"inbox", .format = "mbox",
		    .many = true, .index = 3, .offset = 81920, .length = 60,
		    .dev = 1, .ino = 2, .delivered = -1 },
		.size = size,
		.sha256 = ms_hash_of(data, size),
	};
	struct ms_outcome *outcome = ms_outcome_new(&message);

	ms_facts_finding(&outcome->facts, "clamav", "Win.Test\x1b", "2");
	outcome->verdict = ms_verdict_of(&outcome->facts);
	return outcome;
}

/* The message stands behind three bytes of something else. */
static int
bytes(const void *data, size_t size)
{
	int fd = memfd_create("test", MFD_CLOEXEC);

	assert_int_equal(3, write(fd, "abc", 3));
	assert_int_equal(size, write(fd, data, size));
	return fd;
}

static enum ms_status
put_bytes(struct ms_quarantine *q, const void *data, size_t size, char *id,
    struct ms_error *err)
{
	struct ms_outcome *outcome = outcome_of(data, size);
	const struct ms_quarantine_content content = {
		.fd = bytes(data, size), .offset = 3, .size = size,
		.sha256 = outcome->sha256, .quoted = true,
		.from_line = "From a@example.org Mon Mar  2 09:14:07 2026",
	};
	enum ms_status status = ms_quarantine_put(q, &content, outcome,
	    "scan --move", id, err);

	assert_int_equal(0, close(content.fd));
	ms_outcome_free(outcome);
	return status;
}

static enum ms_status
put(struct ms_quarantine *q, char *id, struct ms_error *err)
{
	return put_bytes(q, text, text_size, id, err);
}

/* All files below PATH. */
static unsigned
count(const char *path)
{
	GDir *dir = g_dir_open(path, 0, NULL);
	const char *name;
	unsigned n = 0;

	while (dir && (name = g_dir_read_name(dir))) {
		char *below = g_build_filename(path, name, NULL);

		n += g_file_test(below, G_FILE_TEST_IS_DIR) ? count(below) : 1;
		g_free(below);
	}
	if (dir)
		g_dir_close(dir);
	return n;
}

static void
test_put(void **state)
{
	struct ms_quarantine *q;
	struct ms_error err = { "" };
	char id[MS_QUARANTINE_ID_MAX], again[MS_QUARANTINE_ID_MAX];
	char *path, *got;
	struct stat st;
	gsize size;

	(void)state;
	assert_int_equal(MS_OK, ms_quarantine_open("q", true, &q, &err));
	assert_int_equal(MS_OK, put(q, id, &err));
	assert_int_equal(MS_OK, put(q, again, &err));
	assert_string_not_equal(id, again);
	assert_int_equal(4, count("q"));
	assert_int_equal(0, stat("q", &st));
	assert_int_equal(0700, st.st_mode & 07777);
	path = g_strdup_printf("q/%s.eml", id);
	assert_int_equal(0, stat(path, &st));
	assert_int_equal(0600, st.st_mode & 07777);
	assert_true(g_file_get_contents(path, &got, &size, NULL));
	assert_int_equal(text_size, size);
	assert_memory_equal(text, got, size);
	g_free(got);
	g_free(path);
	path = g_strdup_printf("q/%s.json", id);
	assert_int_equal(0, stat(path, &st));
	assert_int_equal(0600, st.st_mode & 07777);
	assert_true(g_file_get_contents(path, &got, NULL, NULL));
	assert_non_null(strstr(got, "\"name\": \"Win.Test\\\\x1b\""));
	assert_non_null(strstr(got, "\"by\": \"scan --move\""));
	g_free(got);
	g_free(path);
	ms_quarantine_close(q);
	ms_quarantine_close(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_put),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
