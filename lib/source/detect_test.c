#include "source/detect.h"

#include <glib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void
test_cases(void **state)
{
#define CASE(want, text) { MS_DETECT_##want, text, sizeof text - 1 }
	static const struct {
		enum ms_detect_kind want;
		const char *text;
		size_t size;
	} cases[] = {
		CASE(EMPTY, ""),
		CASE(RAW, "\n"),
		CASE(RAW, " \t"),
		CASE(RAW, "\r\n\r\n"),
		CASE(RAW, "hello\n"),
		CASE(RAW, "note: not a mail\n\ntext\n"),
		CASE(RAW, "hello\nworld\n\nSubject: x\nTo: y\n"),
		CASE(RAW, "MZ\0\0"),
		CASE(RAW, "BZh is how this text begins\n"),
		CASE(RAW, "From"),
		CASE(MBOX, "From "),
		CASE(MBOX, "From a@b\n"),
		CASE(MBOX, "\n\r\nFrom a@b\n"),
		CASE(MBOX, "\xef\xbb\xbf" "From a@b\n"),
		CASE(EML, "From: a\n"),
		CASE(EML, "From  : a\n"),
		CASE(EML, "from:a\r\n\r\n"),
		CASE(EML, "\xef\xbb\xbf" "From: a\n"),
		CASE(EML, "\n\nSubject: x\n"),
		CASE(EML, ">From a b\nUnknown: x\nReceived: y\n"),
		CASE(EML, "1234\nReceived: emlx\n  more\nSubject: x\n"),
		CASE(EML, "Odd: y\nX-Other: z\n\n"),
		CASE(EML, "Received: one line without end"),
		CASE(EML, "Subject: x\n\n\n\n"
		    "From a Thu Jan  1 00:00:00 1998\n"),
		CASE(MBOX, "junk\n\nFrom a Thu Jan  1 00:00:00 1998\n"),
		CASE(MBOX, "  \nFrom a Thu Jan  1 00:00:00 1998\n"
		    "From: a\nTo: b\n\nx\n\n"
		    "From a Thu Jan  1 00:00:00 1998\n"),
		CASE(RAW, "junk\n\nFrom here to there\n"),
		CASE(RAW, "junk\nFrom a Thu Jan  1 00:00:00 1998\n"),
		CASE(ARCHIVE, "\x1f\x8b\x08\0"),
		CASE(ARCHIVE, "BZh91AY&SY"),
		CASE(ARCHIVE, "\xfd" "7zXZ\0"),
		CASE(ARCHIVE, "\x28\xb5\x2f\xfd"),
		CASE(ARCHIVE, "\x04\x22\x4d\x18"),
		CASE(ARCHIVE, "\x1f\x9d\x90"),
		CASE(ARCHIVE, "PK\3\4"),
		CASE(ARCHIVE, "7z\xbc\xaf\x27\x1c"),
		CASE(RAW, "PK\3"),
		CASE(ARCHIVE, "\x53\x2a\x4d\x18\2\0\0\0xy\x28\xb5\x2f\xfd"),
		CASE(ARCHIVE, "\x5f\x2a\x4d\x18\0\0\0\0"
		    "\x50\x2a\x4d\x18\1\0\0\0z\x04\x22\x4d\x18"),
		CASE(ARCHIVE, "\x50\x2a\x4d\x18\xff\xff\xff\xff"),
		CASE(RAW, "\x50\x2a\x4d\x18\2\0\0\0xyPK\3\4"),
		CASE(RAW, "\x50\x2a\x4d\x18\1\0\0\0\x28\x28\xb5\x2f"),
		CASE(RAW, "\x40\x2a\x4d\x18\1\0\0\0\x28\x28\xb5\x2f"),
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		/* Not a byte more than there is. */
		unsigned char *copy = malloc(cases[i].size + 1);

		memcpy(copy + 1, cases[i].text, cases[i].size);
		print_message("  %zu %.20s\n", i, cases[i].text);
		assert_int_equal(cases[i].want,
		    ms_detect(copy + 1, cases[i].size));
		free(copy);
	}
}

/* What fills all that is looked at, after how it begins. */
static void
test_full(void **state)
{
	static const struct {
		enum ms_detect_kind want;
		const char *begin, *fill;
		size_t less;		/* than would fill it */
	} cases[] = {
		{ MS_DETECT_EML, "Odd: x\n", " folded\n", 0 },
		{ MS_DETECT_EML, "Odd: x\r\n", "\tfolded\r\n", 0 },
		{ MS_DETECT_EML, "Odd: ", "x", 0 },
		{ MS_DETECT_EML, "", "Odd: y\n folded\n", 0 },
		{ MS_DETECT_EML, "\n\nOdd: x\n", " folded\n", 0 },
		{ MS_DETECT_RAW, "Odd: x\n", " folded\n", 1 },
		{ MS_DETECT_RAW, "Odd: x\n", " folded\ntext\n", 0 },
		{ MS_DETECT_RAW, "Odd: x\n\n", " folded\n", 0 },
		{ MS_DETECT_RAW, "Odd", " folded\n", 0 },
		{ MS_DETECT_RAW, "{\"a\": ", "x", 0 },
		{ MS_DETECT_RAW, "", "\0", 0 },
		{ MS_DETECT_RAW, "", "\xff", 0 },
		{ MS_DETECT_MBOX, "", "\n", 0 },
		{ MS_DETECT_MBOX, "\n", "\r\n", 0 },
		{ MS_DETECT_RAW, "", "\n", 1 },
		{ MS_DETECT_RAW, " ", "\n", 0 },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		size_t size = MS_DETECT_HEAD - cases[i].less;
		size_t n = MAX(strlen(cases[i].fill), 1), at;
		unsigned char *text = malloc(size);

		at = strlen(cases[i].begin);
		memcpy(text, cases[i].begin, at);
		for (size_t j = 0; at < size; at++, j++)
			text[at] = (unsigned char)cases[i].fill[j % n];
		print_message("  %zu\n", i);
		assert_int_equal(cases[i].want, ms_detect(text, size));
		free(text);
	}
}

/* "ustar" where a tar has it makes no tar; a header with its sum does. */
static void
test_tar(void **state)
{
	unsigned char block[1024] = "name";
	unsigned sum = 0;

	(void)state;
	memcpy(block + 257, "ustar", 5);
	memset(block + 148, ' ', 8);
	assert_int_equal(MS_DETECT_RAW, ms_detect(block, sizeof block));
	for (size_t i = 0; i < 512; i++)
		sum += block[i];
	for (int i = 0; i < 6; i++)
		block[148 + i] = (unsigned char)('0' +
		    (sum >> (15 - 3 * i) & 7));
	assert_int_equal(MS_DETECT_ARCHIVE, ms_detect(block, sizeof block));
	assert_int_equal(MS_DETECT_RAW, ms_detect(block, 300));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_tar),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
