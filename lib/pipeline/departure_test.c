#include "pipeline/departure.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

static int
file_of(const char *text)
{
	const int fd = memfd_create("test", MFD_CLOEXEC);

	assert_int_equal(write(fd, text, strlen(text)),
	    (ssize_t)strlen(text));
	return fd;
}

static char *names[] = { (char *)(uintptr_t)"X-Virus-Status", NULL };
static char *fields[] = { (char *)(uintptr_t)"X-Virus-Scanned: a\r\n b",
	(char *)(uintptr_t)"X-Virus-Status: Clean", NULL };

/* What becomes of MAIL, or of what has taken its place, by REPLY. */
static void
assert_becomes(struct ms_counter_reply *reply, const char *mail,
    const char *trace, const char *wanted)
{
	static const struct ms_spool_config memory = { 1 << 20, 0, NULL };
	struct ms_spool *out = ms_spool_new(&memory);
	const struct ms_departure departure = { .reply = reply,
		.fd = file_of(mail), .size = strlen(mail),
		.trace = trace };
	const unsigned char *data;
	struct ms_error err;

	reply->ruling.names = names;
	if (!reply->ruling.fields)
		reply->ruling.fields = fields;
	assert_int_equal(ms_departure(&departure, out, &err), MS_OK);
	assert_int_equal(ms_spool_map(out, &data, &err), MS_OK);
	assert_int_equal(ms_spool_size(out), strlen(wanted));
	assert_memory_equal(data, wanted, strlen(wanted));
	(void)close(departure.fd);
	ms_spool_free(out);
}

static void
test_lines(void **state)
{
	struct ms_counter_reply reply = { .rewritten = -1 };
	char *none[] = { NULL };

	(void)state;
	assert_becomes(&reply, "X-Virus-Status: Forged\nSubject: x\n\ntext\n",
	    NULL, "X-Virus-Scanned: a\n b\nX-Virus-Status: Clean\n"
	    "Subject: x\n\ntext\n");
	assert_becomes(&reply, "Subject: x\r\n\r\ntext\r\n",
	    "Received: by me;\n\ttoday\n", "Received: by me;\r\n\ttoday\r\n"
	    "X-Virus-Scanned: a\r\n b\r\nX-Virus-Status: Clean\r\n"
	    "Subject: x\r\n\r\ntext\r\n");
	assert_becomes(&reply, "", NULL, "X-Virus-Scanned: a\n b\n"
	    "X-Virus-Status: Clean\n\n");
	reply.ruling.fields = none;
	assert_becomes(&reply, "Subject: x\n\ntext", NULL,
	    "Subject: x\n\ntext");
	assert_becomes(&reply, "From a@b today\nSubject: x\n\n", NULL,
	    "From a@b today\nSubject: x\n\n");
}

/* How lines end is seen however long the first one is. */
static void
test_long_line(void **state)
{
	static const size_t sizes[] = { 65526, 65527, 65528, 200000 };
	struct ms_counter_reply reply = { .rewritten = -1 };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
		char *line = g_strnfill(sizes[i], 'x');
		char *mail = g_strdup_printf("Subject: %s\r\n\r\n", line);
		char *wanted = g_strconcat("X-Virus-Scanned: a\r\n b\r\n"
		    "X-Virus-Status: Clean\r\n", mail, NULL);

		assert_becomes(&reply, mail, NULL, wanted);
		g_free(line);
		g_free(mail);
		g_free(wanted);
	}
}

static void
test_rewritten(void **state)
{
	struct ms_counter_reply reply = { .rewritten = file_of(
	    "Subject: spam\n\n"), .ruling.size = 15 };
	static const struct ms_spool_config memory = { 1 << 20, 0, NULL };
	struct ms_spool *out = ms_spool_new(&memory);
	struct ms_departure departure = { .reply = &reply,
		.fd = reply.rewritten, .size = 100 };
	struct ms_error err;

	(void)state;
	assert_becomes(&reply, "Subject: x\n\n", NULL, "X-Virus-Scanned: a\n"
	    " b\nX-Virus-Status: Clean\nSubject: spam\n\n");
	/* Shorter than was said. */
	reply.ruling.size = 16;
	assert_int_equal(ms_departure(&departure, out, &err), MS_E_IO);
	(void)close(reply.rewritten);
	ms_spool_free(out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_long_line),
		cmocka_unit_test(test_rewritten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
