#include "unpack/zipdir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define LOCAL "PK\003\004"
#define CENTRAL "PK\001\002"
#define END(count) "PK\005\006\0\0\0\0\0\0" count "\0\0\0\0\0\0\0\0\0\0"

struct text {
	const char *name;
	const char *data;
	size_t size;
	uint64_t headers, stated;
	bool ends;
};
#define TEXT(name, data) name, data, sizeof data - 1

static void
test_all(void **state)
{
	static const struct text cases[] = {
		{ TEXT("nothing", ""), 0, 0, false },
		{ TEXT("no zip", "some text"), 0, 0, false },
		{ TEXT("one member", LOCAL "x" CENTRAL END("\1\0")), 1, 1,
		  true },
		{ TEXT("more headers", LOCAL LOCAL "x" CENTRAL END("\1\0")),
		  2, 1, true },
		{ TEXT("more listed", LOCAL CENTRAL CENTRAL END("\2\1")), 1,
		  258, true },
		{ TEXT("another record", LOCAL CENTRAL END("\377\377")), 1,
		  0, true },
		{ TEXT("cut record", LOCAL CENTRAL "PK\005\006\0\0"), 1, 0,
		  true },
		{ TEXT("no directory", LOCAL END("\1\0")), 1, 1, false },
		{ TEXT("behind something", "GIF89a" LOCAL CENTRAL
		  END("\1\0")), 1, 1, true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct text *c = &cases[i];
		const unsigned char *data = (const unsigned char *)c->data;

		print_message("  %s\n", c->name);
		assert_int_equal(c->headers,
		    ms_zipdir_headers(data, c->size));
		assert_int_equal(c->stated, ms_zipdir_stated(data, c->size));
		assert_int_equal(c->ends, ms_zipdir_ends(data, c->size));
	}
}

/* An entry of METHOD with the sizes of four bytes each. */
#define ENTRY(method, packed, size) "PK\001\002" "\24\0\24\0\0\0" \
	method "\0\0\0\0" "\0\0\0\0" packed size \
	"\1\0" "\0\0" "\0\0" "\0\0" "\0\0" "\0\0\0\0" "\0\0\0\0"

static void
test_largest(void **state)
{
	static const struct {
		const char *name, *data;
		size_t size;
		uint64_t want;
	} cases[] = {
		{ TEXT("nothing", ""), 0 },
		{ TEXT("one", ENTRY("\10\0", "\4\0\0\0", "\3\2\1\0") "x"),
		  0x010203 },
		{ TEXT("two", ENTRY("\10\0", "\4\0\0\0", "\3\2\1\0") "x"
		  ENTRY("\0\0", "\4\0\0\0", "\4\0\0\0") "y"), 0x010203 },
		{ TEXT("behind something", "GIF89a" ENTRY("\10\0",
		  "\4\0\0\0", "\0\0\0\200")), 0x80000000 },
		{ TEXT("zip64", ENTRY("\10\0", "\377\377\377\377",
		  "\377\377\377\377")), 0xffffffff },
		{ TEXT("no method", ENTRY("\10\1", "\4\0\0\0",
		  "\3\2\1\0")), 0 },
		{ TEXT("more than there is", ENTRY("\10\0", "\0\1\0\0",
		  "\3\2\1\0")), 0 },
		{ "cut", ENTRY("\10\0", "\4\0\0\0", "\3\2\1\0"), 45, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		print_message("  %s\n", cases[i].name);
		assert_int_equal(cases[i].want, ms_zipdir_largest(
		    (const unsigned char *)cases[i].data, cases[i].size));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all),
		cmocka_unit_test(test_largest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
