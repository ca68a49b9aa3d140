#include "unpack/rardir.h"

#include <glib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SIGNATURE "Rar!\032\7\1\0"
#define MAIN "abcd\3\1\0\0"
/* checksum, size of header, type, flags (extra and data), sizes of both,
 * flags (checksum), size, attributes, checksum, method, system, name, extra */
#define ENCRYPTED(name) \
	"abcd\26\2\3\3\4\4\1\1abcd\0\1" "\5" name "\2\1\0" "body"
#define TIMED(name) \
	"abcd\32\2\3\3\4\6\1\1timeabcd\0\1" "\5" name "\2\1\0" "body"
#define OTHER(name) "abcd\26\2\3\3\4\4\1\1abcd\0\1" "\5" name "\2\2\0" "body"
#define END "abcd\3\5\0\0"

static void
on_sealed(void *arg, const char *name)
{
	g_string_append_printf(arg, "%s;", name);
}

static void
test_names(void **state)
{
	static const struct {
		const char *name, *data;
		size_t size;
		const char *want;
	} cases[] = {
#define ROW(name, data, want) { name, data, sizeof data - 1, want }
		ROW("two", SIGNATURE MAIN ENCRYPTED("a.exe") TIMED("b.exe")
		    END, "a.exe;b.exe;"),
		ROW("another record", SIGNATURE MAIN OTHER("a.exe")
		    ENCRYPTED("b.exe") END, "b.exe;"),
		ROW("behind the end", SIGNATURE MAIN END ENCRYPTED("a.exe"),
		    ""),
		ROW("nothing", "", ""),
		ROW("a number without end", SIGNATURE
		    "abcd\377\377\377\377\377\377\377\377\377\377\377", ""),
		ROW("a header of nothing", SIGNATURE "abcd\0abcd\0", ""),
#undef ROW
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		GString *seen = g_string_new(NULL);

		print_message("  %s\n", cases[i].name);
		ms_rardir_sealed((const unsigned char *)cases[i].data,
		    cases[i].size, on_sealed, seen);
		assert_string_equal(cases[i].want, seen->str);
		g_string_free(seen, TRUE);
	}
}

/* Cut anywhere, it reads nothing that is not there. */
static void
test_cut(void **state)
{
	static const char whole[] = SIGNATURE MAIN ENCRYPTED("a.exe");

	(void)state;
	for (size_t size = 0; size < sizeof whole; size++) {
		unsigned char *data = g_memdup2(whole, size);
		GString *seen = g_string_new(NULL);

		ms_rardir_sealed(data, size, on_sealed, seen);
		/* The packed bytes may be missing, the header may not. */
		assert_string_equal(size >= sizeof whole - 5 ? "a.exe;" : "",
		    seen->str);
		g_string_free(seen, TRUE);
		g_free(data);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
