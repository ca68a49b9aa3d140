#include "capture/capture.h"

#include "capture/dialogue_test.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

/* Every format has a word, and the word is that format's. */
static void
test_names(void **state)
{
	(void)state;
	for (int i = MS_CAPTURE_AUTO; i <= MS_CAPTURE_CURLTEST; i++) {
		const char *name = ms_capture_name((enum ms_capture_format)i);

		assert_true(*name != '\0');
		assert_int_equal(i, ms_capture_by_name(name));
	}
	assert_int_equal(MS_CAPTURE_NONE, ms_capture_by_name("tcpdump"));
	assert_int_equal(MS_CAPTURE_NONE, ms_capture_by_name(""));
}

static const struct {
	const char *name, *head;
	size_t size;
	enum ms_capture_format want;
} heads[] = {
	{ "nothing", "", 0, MS_CAPTURE_NONE },
	{ "pcap", "\xd4\xc3\xb2\xa1\2\0\4\0", 8, MS_CAPTURE_PCAP },
	{ "pcap, swapped", "\xa1\xb2\xc3\xd4\0\2\0\4", 8, MS_CAPTURE_PCAP },
	{ "pcap, nanoseconds", "\x4d\x3c\xb2\xa1\2\0\4\0", 8,
	  MS_CAPTURE_PCAP },
	{ "pcapng", "\x0a\x0d\x0d\x0a", 4, MS_CAPTURE_PCAP },
	{ "too short", "\xd4\xc3\xb2", 3, MS_CAPTURE_NONE },
	{ "transcript", "S: 220 hi\nC: QUIT\nS: 221 bye\n", 30,
	  MS_CAPTURE_TRANSCRIPT },
	{ "mail", "From: a@b\nSubject: c\n\nS: 220 hi\n", 35,
	  MS_CAPTURE_NONE },
};

static void
test_detect(void **state)
{
	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(heads); i++) {
		print_message("  %s\n", heads[i].name);
		assert_int_equal(heads[i].want, ms_capture_detect(
		    (const unsigned char *)heads[i].head, heads[i].size));
	}
}

/* Text and packets through the same door; what it is not is an error. */
static void
test_open(void **state)
{
	static const char text[] = "S: 220 hi\nC: QUIT\nS: 221 bye\n";
	static const char empty[24] = "\xd4\xc3\xb2\xa1\2\0\4\0\0\0\0\0"
	    "\0\0\0\0\0\0\4\0\1\0\0";
	const struct ms_stash_config config = { .memory_max = 1 << 20,
		.fd = -1 };
	struct ms_stash *stash = ms_stash_new(&config);
	int fd = memfd_create("capture", MFD_CLOEXEC);
	struct ms_capture *capture;
	struct ms_dialogue *dialogue;
	struct ms_error err = { "" };

	(void)state;
	assert_int_equal(MS_E_FORMAT, ms_capture_open(fd, MS_CAPTURE_AUTO,
	    stash, &capture, &err));
	assert_string_equal("is empty", err.text);
	assert_int_equal(sizeof text - 1, write(fd, text, sizeof text - 1));
	assert_int_equal(MS_OK, ms_capture_open(fd, MS_CAPTURE_AUTO, stash,
	    &capture, &err));
	assert_int_equal(MS_CAPTURE_TRANSCRIPT, ms_capture_kind(capture));
	assert_int_equal(MS_OK, ms_capture_next(capture, &dialogue, &err));
	assert_int_equal(1, dialogue->number);
	ms_dialogue_free(dialogue);
	assert_int_equal(MS_END, ms_capture_next(capture, &dialogue, &err));
	assert_int_equal(MS_END, ms_capture_next(capture, &dialogue, &err));
	ms_capture_free(capture);
	assert_int_equal(MS_E_FORMAT, ms_capture_open(fd, MS_CAPTURE_PCAP,
	    stash, &capture, &err));
	assert_int_equal(0, ftruncate(fd, 0));
	assert_int_equal(sizeof empty, pwrite(fd, empty, sizeof empty, 0));
	assert_int_equal(MS_OK, ms_capture_open(fd, MS_CAPTURE_AUTO, stash,
	    &capture, &err));
	assert_int_equal(MS_CAPTURE_PCAP, ms_capture_kind(capture));
	assert_int_equal(MS_END, ms_capture_next(capture, &dialogue, &err));
	ms_capture_free(capture);
	ms_capture_free(NULL);
	ms_stash_free(stash);
	assert_int_equal(0, close(fd));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_detect),
		cmocka_unit_test(test_open),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
