#include "action/slice.h"

#include <glib.h>

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define FROM "From a@x Mon Mar  2 09:14:07 2026\n"
#define CRLF "From a@x Mon Mar  2 09:14:07 2026\r\n"

/* A mailbox; the slice of it from OFFSET, of LENGTH bytes, with MESSAGE; and
 * where that is found, and ends: 0: not any more. */
static const struct {
	const char *name, *box;
	uint64_t offset, length;
	const char *message;
	uint64_t at, end;
	bool crlf;
} cases[] = {
	{ "the only one", FROM "S: x\n\ny\n\n", 0, 43, "S: x\n\ny\n", 34, 42,
	    false },
	{ "the first", FROM "S: x\n\ny\n\n" FROM "z\n", 0, 43,
	    "S: x\n\ny\n", 34, 42, false },
	{ "the second", FROM "S: x\n\ny\n\n" FROM "z\n", 43, 36, "z\n", 77,
	    79, false },
	{ "no line end", FROM "z", 0, 35, "z", 34, 35, false },
	{ "CR LF", CRLF "z\r\n\r\n" CRLF, 0, 40, "z\r\n", 35, 38, true },
	{ "empty lines before", "\n\n" FROM "z\n\n", 0, 39, "z\n", 36, 38,
	    false },
	{ "no From_ line", "S: x\n\n\n" FROM "z\n", 0, 7, "S: x\n\n", 0, 6,
	    false },
	{ "nothing in it", FROM "\n" FROM, 0, 35, "", 34, 34, false },
	{ "another text", FROM "S: z\n\ny\n\n", 0, 43, "S: x\n\ny\n", 0, 0,
	    false },
	{ "cut off", FROM "S: x\n\ny", 0, 43, "S: x\n\ny\n", 0, 0, false },
	{ "moved", "\n" FROM "S: x\n\ny\n\n", 43, 43, "S: x\n\ny\n", 0, 0,
	    false },
	{ "longer by now", FROM "S: x\n\ny\n\nmore\n", 0, 43, "S: x\n\ny\n",
	    0, 0, false },
	{ "past the end", FROM "z\n", UINT64_MAX - 1, 36, "z\n", 0, 0,
	    false },
};

static void
test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		const char *text = cases[i].message;
		const struct ms_mailbox_slice slice = { cases[i].offset,
			cases[i].length, strlen(text),
			ms_hash_of(text, strlen(text)) };
		struct ms_lock_target box = { .dir = -1, .path = "box" };
		struct ms_slice found = { 0 };
		struct ms_error err = { "" };
		enum ms_status status;

		assert_true(g_file_set_contents("box", cases[i].box, -1,
		    NULL));
		box.fd = open("box", O_RDONLY | O_CLOEXEC);
		status = ms_slice_find(&box, &slice, &found, &err);
		if (status != (cases[i].end > 0 ? MS_OK : MS_E_PEER) ||
		    (status == MS_OK && (found.message != cases[i].at ||
		    found.end != cases[i].end || found.crlf != cases[i].crlf
		    || found.next != cases[i].offset + cases[i].length)))
			fail_msg("%s: %d, %d to %d: %s", cases[i].name, status,
			    (int)found.message, (int)found.end, err.text);
		assert_int_equal(0, close(box.fd));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
