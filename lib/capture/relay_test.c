#include "capture/relay.h"

#include "capture/dialogue_test.h"
#include "capture/parley.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

static const struct {
	const char *name, *text;
	enum ms_capture_format format;
	unsigned dialogues;
	enum ms_status want;	/* at the end */
} cases[] = {
	{ "one", "S: 220 hi\nC: QUIT\n", MS_CAPTURE_AUTO, 1, MS_END },
	{ "two", "#: mailscan-transcript 1\n\n#: dialogue 1\nS: 220 hi\n"
	  "C: QUIT\n\n#: dialogue 2\nC: NOOP\nS: 250 ok\n",
	  MS_CAPTURE_AUTO, 2, MS_END },
	{ "none", "nothing\n", MS_CAPTURE_AUTO, 0, MS_E_FORMAT },
	{ "empty", "", MS_CAPTURE_PCAP, 0, MS_E_FORMAT },
};

/* What is read of a capture arrives at the other end of the pipe. */
static void
test_relay(void **state)
{
	const struct ms_stash_config room = { .memory_max = 1 << 20,
		.fd = -1 };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct ms_stash *stash = ms_stash_new(&room);
		int in = memfd_create("in", MFD_CLOEXEC);
		int out = memfd_create("out", MFD_CLOEXEC);
		const struct ms_parley_config config = { .stream = out,
			.stash = stash };
		struct ms_parley *parley = ms_parley_new(&config);
		enum ms_capture_format format;
		struct ms_dialogue *dialogue;
		unsigned count = 0;
		enum ms_status status;
		struct ms_error err;

		print_message("  %s\n", cases[i].name);
		assert_int_equal(strlen(cases[i].text), write(in,
		    cases[i].text, strlen(cases[i].text)));
		ms_relay_run(in, -1, out, cases[i].format);
		assert_int_equal(0, lseek(out, 0, SEEK_SET));
		status = ms_parley_kind(parley, &format, &err);
		while (status == MS_OK && (status = ms_parley_next(parley,
		    &dialogue, &err)) == MS_OK) {
			assert_int_equal(++count, dialogue->number);
			assert_int_equal(2, dialogue->turns->len);
			ms_dialogue_free(dialogue);
		}
		assert_int_equal(cases[i].want, status);
		assert_int_equal(cases[i].dialogues, count);
		ms_parley_free(parley);
		ms_stash_free(stash);
		assert_int_equal(0, close(in));
		assert_int_equal(0, close(out));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_relay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
