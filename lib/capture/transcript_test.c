#include "capture/transcript.h"

#include "capture/forms_test.h"

/* Each form has its own tests; here is what they share. */

static void
test_explicit(void **state)
{
	static const struct form_case any[] = {
		{ "prose before", "As follows.\nS: 220 a\nC: QUIT\n",
		  "\n#: dialogue 1 line 2\nS: 220 a\nC: QUIT\n" },
		{ "our own", "#: mailscan-transcript 1\nC: \\x41\n",
		  "\n#: dialogue 1 line 2\nC: A\n" },
	};
	static const struct form_case automatic[] = {
		{ "mail", "Subject: a\n\nS: 220 b\n", "! -2 no transcript of "
		  "a form that is known here\n" },
		{ "nothing", "", "! -2 no transcript of a form that is known "
		  "here\n" },
	};

	(void)state;
	form_check(MS_CAPTURE_TRANSCRIPT, any, G_N_ELEMENTS(any));
	form_check(MS_CAPTURE_AUTO, automatic, G_N_ELEMENTS(automatic));
	form_check(MS_CAPTURE_PCAP, automatic, G_N_ELEMENTS(automatic));
}

/* Reads what INPUT has, and fails then. */
static enum ms_status
read_and_fail(void *arg, void *data, size_t size, size_t *got,
    struct ms_error *err)
{
	enum ms_status status = text_read(arg, data, size, got, err);

	return status == MS_OK && *got == 0 ?
	    ms_error_set(err, MS_E_IO, "gone") : status;
}

static void
test_failure(void **state)
{
	char *text = g_strnfill(70000, 'x');
	struct text_input input = { .text = text, .size = 70000 };
	struct ms_stash *stash = text_stash(1 << 24);
	const struct ms_transcript_config config = {
		.stash = stash, .read = read_and_fail, .read_arg = &input,
	};
	struct ms_transcript *transcript;
	struct ms_dialogue *dialogue;
	struct ms_error err = { "" };
	const struct ms_turn *last;

	(void)state;
	memcpy(text, "S: 220 a\nC: ", 12);
	assert_int_equal(MS_OK, ms_transcript_open(&config, &transcript,
	    &err));
	/* What was begun is given, and cut. */
	assert_int_equal(MS_OK, ms_transcript_next(transcript, &dialogue,
	    &err));
	assert_int_equal(5, dialogue->turns->len);
	last = ms_dialogue_turn(dialogue, 4);
	assert_int_equal(MS_TURN_NOTE, last->kind);
	ms_dialogue_free(dialogue);
	for (int i = 0; i < 2; i++) {
		err.text[0] = '\0';
		assert_int_equal(MS_E_IO, ms_transcript_next(transcript,
		    &dialogue, &err));
		assert_null(dialogue);
		assert_string_equal("gone", err.text);
	}
	ms_transcript_free(transcript);
	ms_transcript_free(NULL);
	ms_stash_free(stash);
	g_free(text);
}

/* A line of many megabytes, in each form that could be meant. */
static void
test_long(void **state)
{
	static const struct {
		enum ms_capture_format format;
		const char *before;
		size_t added;		/* bytes said before and after it */
	} cases[] = {
		{ MS_CAPTURE_TRANSCRIPT, "C: ", 2 },
		{ MS_CAPTURE_TRANSCRIPT, "#: mailscan-transcript 1\nC: ", 2 },
		{ MS_CAPTURE_SWAKS, " -> ", 2 },
		{ MS_CAPTURE_POSTFIX, "Nov 21 07:00:00 mx postfix/smtpd[1]: "
		  "< a[b]: ", 2 },
		{ MS_CAPTURE_CURL, "> ", 2 },
		{ MS_CAPTURE_BSMTP, "", 2 },
		{ MS_CAPTURE_STREAM, "", 1 },
		{ MS_CAPTURE_FLOWSYNTH, "flow a tcp b:1 > c:2;\n"
		  "a > (content:\"", 1 },
	};
	const size_t size = (size_t)8 << 20;

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		size_t skip = strlen(cases[i].before);
		char *text = g_strnfill(skip + size + 1, 'x');
		struct text_input input = { .text = text,
			.size = skip + size + 1 };
		struct ms_stash *stash = text_stash(16 << 20);
		const struct ms_transcript_config config = {
			.format = cases[i].format, .stash = stash,
			.read = text_read, .read_arg = &input,
		};
		struct ms_transcript *transcript;
		struct ms_dialogue *dialogue;

		memcpy(text, cases[i].before, skip);
		text[skip + size] = '\n';
		assert_int_equal(MS_OK, ms_transcript_open(&config,
		    &transcript, NULL));
		assert_int_equal(MS_OK, ms_transcript_next(transcript,
		    &dialogue, NULL));
		assert_int_equal(size + cases[i].added,
		    ms_dialogue_turn(dialogue, 0)->size);
		ms_dialogue_free(dialogue);
		ms_transcript_free(transcript);
		ms_stash_free(stash);
		g_free(text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_explicit),
		cmocka_unit_test(test_failure),
		cmocka_unit_test(test_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
