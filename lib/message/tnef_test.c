#include "message/tnef.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "message/block_test.h"

static enum ms_status
walk(const void *data, size_t size, const struct ms_budget_limits *limits,
    GString *seen)
{
	GString *text = g_string_new_len(data, (gssize)size);
	enum ms_status status = block_test(ms_tnef_walk, text, limits, seen);

	g_string_free(text, TRUE);
	return status;
}

/* As the format has them: the least significant byte first. */
static void
add(GString *to, uint32_t value, int bytes)
{
	for (int i = 0; i < bytes; i++)
		g_string_append_c(to, (char)(value >> 8 * i));
}

static GString *
stream(void)
{
	GString *tnef = g_string_new(NULL);

	add(tnef, 0x223e9f78, 4);
	add(tnef, 1, 2);
	return tnef;
}

static void
add_attribute(GString *tnef, int level, uint32_t id, const char *data,
    size_t size)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < size; i++)
		sum += (unsigned char)data[i];
	add(tnef, (uint32_t)level, 1);
	add(tnef, id, 4);
	add(tnef, (uint32_t)size, 4);
	g_string_append_len(tnef, data, (gssize)size);
	add(tnef, sum, 2);
}

static void
add_text(GString *tnef, int level, uint32_t id, const char *text)
{
	add_attribute(tnef, level, id, text, strlen(text));
}

#define BODY 0x0002800c
#define DATA 0x0006800f
#define TITLE 0x00018010
#define RENDERING 0x00069002
#define MESSAGE_PROPERTIES 0x00069003
#define ATTACHMENT_PROPERTIES 0x00069005

#define STRING8 0x1e
#define UNICODE 0x1f
#define BINARY 0x102
#define OBJECT 0x0d

static void
add_property(GString *list, uint32_t type, uint32_t id, const char *data,
    size_t size)
{
	add(list, type, 2);
	add(list, id, 2);
	add(list, 1, 4);
	add(list, (uint32_t)size, 4);
	g_string_append_len(list, data, (gssize)size);
	while (size++ % 4 != 0)
		g_string_append_c(list, '\0');
}

static void
check(GString *tnef, const char *want)
{
	GString *seen = g_string_new(NULL);

	assert_int_equal(MS_OK, walk(tnef->str, tnef->len, &block_roomy, seen));
	assert_string_equal(want, seen->str);
	g_string_free(seen, TRUE);
	g_string_free(tnef, TRUE);
}

static void
test_attachments(void **state)
{
	GString *tnef = stream();

	(void)state;
	add_text(tnef, 1, BODY, "Hello");
	add_text(tnef, 2, RENDERING, "01234567890123");
	add_text(tnef, 2, TITLE, "a.exe");
	add_text(tnef, 2, DATA, "Cat");
	add_text(tnef, 2, RENDERING, "01234567890123");
	add_text(tnef, 2, DATA, "Dog");
	add_text(tnef, 2, DATA, "Second");
	add_text(tnef, 2, TITLE, "late.exe");
	add_text(tnef, 2, RENDERING, "01234567890123");
	add_text(tnef, 2, DATA, "");
	add_text(tnef, 2, DATA, "Cow");
	check(tnef, "body.txt=Hello;a.exe=Cat;unnamed=Dog;late.exe=Second;"
	    "unnamed=Cow;");
}

static void
test_properties(void **state)
{
	GString *tnef = stream(), *list = g_string_new(NULL);

	(void)state;
	add(list, 9, 4);
	add(list, 0x0003, 2);		/* a number */
	add(list, 0x0e08, 2);
	add(list, 77, 4);
	add(list, 0x000b, 2);		/* a boolean with a name */
	add(list, 0x8001, 2);
	g_string_append(list, "0123456789abcdef");
	add(list, 1, 4);
	add(list, 6, 4);
	g_string_append_len(list, "a\0b\0\0\0\0\0", 8);
	add(list, 1, 4);
	add(list, 0x1003, 2);		/* two numbers */
	add(list, 0x0e09, 2);
	add(list, 2, 4);
	add(list, 1, 4);
	add(list, 2, 4);
	add(list, 0x0040, 2);		/* a time with a numbered name */
	add(list, 0x8002, 2);
	g_string_append(list, "0123456789abcdef");
	add(list, 0, 4);
	add(list, 5, 4);
	g_string_append(list, "01234567");
	add_property(list, STRING8, 0x1000, "Plain", 5);
	add_property(list, UNICODE, 0x1013, "<\0\344\0\75\330\0\336", 8);
	add_property(list, BINARY, 0x3701, "Cat", 3);
	add_property(list, STRING8, 0x3704, "SHORT~1.EXE", 11);
	add_property(list, UNICODE, 0x3707, "l\0o\0n\0g\0\0\0", 10);
	add_text(tnef, 2, TITLE, "title.exe");
	add_attribute(tnef, 2, ATTACHMENT_PROPERTIES, list->str, list->len);
	g_string_free(list, TRUE);
	check(tnef, "body.txt=Plain;body.html=<\303\244\360\237\230\200;"
	    "title.exe~;SHORT~1.EXE~;long=Cat;");
}

/* A message in a message: the stream goes out as it is, for the next
 * level. */
static void
test_object(void **state)
{
	GString *tnef = stream(), *list = g_string_new(NULL);

	(void)state;
	add(list, 2, 4);
	add_property(list, STRING8, 0x3001, "Re: it", 6);
	add_property(list, OBJECT, 0x3701, "interfaceis16byxyz", 18);
	add_attribute(tnef, 2, ATTACHMENT_PROPERTIES, list->str, list->len);
	g_string_free(list, TRUE);
	check(tnef, "Re: it=yz;");
}

static void
test_rtf(void **state)
{
	/* The example of MS-OXRTFCP 3.1.1, its second one, stored, and what
	 * is none. */
	static const struct {
		const char *name, *data;
		size_t size;
		const char *want;
	} cases[] = {
		{ "text", "\x2d\0\0\0\x2b\0\0\0LZFu\xf1\xc5\xc7\xa7\x03\0\x0a\0"
		  "rcpg125\x42\x32\x0a\xf3 hel\x09\0 bw\x05\xb0ld}\x0a\x80\x0f"
		  "\xa0", 49, "body.rtf={\\rtf1\\ansi\\ansicpg1252\\pard "
		  "hello world}\r\n;" },
		{ "overlapping", "\x1a\0\0\0\x1c\0\0\0LZFu\xe2\xd4KQA\0\x04 "
		  "WXYZ\x0d\x6e\x7d\x01\x0e\xb0", 30,
		  "body.rtf={\\rtf1 WXYZWXYZWXYZWXYZWXYZ};" },
		{ "stored", "\x10\0\0\0\4\0\0\0MELA\0\0\0\0{\\}!", 20,
		  "body.rtf={\\}!;" },
		{ "cut off", "\x2d\0\0\0\x2b\0\0\0LZFu\xf1\xc5\xc7\xa7\x03\0"
		  "\x0a\0rcpg12", 26, "body.rtf={\\rtf1\\ansi\\ansicpg12;" },
		{ "none", "\x10\0\0\0\4\0\0\0ABCD\0\0\0\0{\\}!", 20,
		  "body.rtf!-2 no compressed RTF;" },
		{ "too short", "\x10\0\0\0LZFu", 8,
		  "body.rtf!-2 no compressed RTF;" },
		{ "empty", "", 0, "" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		GString *tnef = stream(), *list = g_string_new(NULL);
		GString *seen = g_string_new(NULL);

		print_message("  %s\n", cases[i].name);
		add(list, 1, 4);
		add_property(list, BINARY, 0x1009, cases[i].data,
		    cases[i].size);
		add_attribute(tnef, 1, MESSAGE_PROPERTIES, list->str,
		    list->len);
		assert_int_equal(MS_OK, walk(tnef->str, tnef->len, &block_roomy,
		    seen));
		g_string_truncate(seen, strlen(cases[i].want) > 0 &&
		    strchr(cases[i].want, '!') == cases[i].want + 8 ?
		    strlen(cases[i].want) : seen->len);
		assert_string_equal(cases[i].want, seen->str);
		g_string_free(seen, TRUE);
		g_string_free(list, TRUE);
		g_string_free(tnef, TRUE);
	}
}

/* What is wrong is told once, and what can be read is read. */
static void
test_damage(void **state)
{
	static const char list[] = "\2\0\0\0\2\1\x01\x37\1\0\0\0\3\0\0\0Cat\0"
	    "\2\1\x01\x37\1\0\0\0\xff\xff\xff\xff" "Dog";
	GString *tnef;

	(void)state;
	tnef = stream();
	add_text(tnef, 2, DATA, "Cat");
	tnef->str[tnef->len - 1] ^= 1;
	add_text(tnef, 2, DATA, "Dog");
	check(tnef, "-!-2 the checksum of an attribute is wrong;unnamed=Cat;"
	    "unnamed=Dog;");
	tnef = stream();
	add_text(tnef, 2, DATA, "Catalogue");
	g_string_truncate(tnef, tnef->len - 6);
	check(tnef, "-!-2 Truncated TNEF;unnamed=Catal;");
	tnef = stream();
	add(tnef, 2, 1);
	add(tnef, DATA, 3);
	check(tnef, "-!-2 Truncated TNEF;");
	tnef = stream();
	add_text(tnef, 2, DATA, "Cat");
	add_text(tnef, 3, DATA, "Dog");
	check(tnef, "-!-2 no attribute where one should be;unnamed=Cat;");
	tnef = stream();
	add_text(tnef, 2, DATA, "Cat");
	g_string_append(tnef, "\r\n");
	check(tnef, "unnamed=Cat;");
	tnef = stream();
	add_attribute(tnef, 2, ATTACHMENT_PROPERTIES, list, sizeof list - 1);
	check(tnef, "unnamed=Cat;-!-2 properties could not be read;"
	    "unnamed=Dog;");
	tnef = stream();
	add_attribute(tnef, 2, ATTACHMENT_PROPERTIES, "\377\377\377\377", 4);
	check(tnef, "-!-2 properties could not be read;");
	tnef = stream();
	add_attribute(tnef, 2, ATTACHMENT_PROPERTIES,
	    "\377\377\377\377\3\20\1\0\377\377\377\377", 12);
	check(tnef, "-!-2 properties could not be read;");
	check(g_string_new("x\237>\"x"), "-!-2 no TNEF;");
	check(g_string_new("mail"), "-!-2 no TNEF;");
}

static void
test_limits(void **state)
{
	struct ms_budget_limits limits = block_roomy;
	GString *tnef = stream(), *seen = g_string_new(NULL);

	(void)state;
	add_text(tnef, 2, DATA, "Cat");
	add_text(tnef, 2, DATA, "Dog");
	limits.parts = 1;
	assert_int_equal(MS_E_LIMIT, walk(tnef->str, tnef->len, &limits,
	    seen));
	assert_string_equal("unnamed=Cat;", seen->str);
	limits = block_roomy;
	limits.total_bytes = 5;
	assert_int_equal(MS_E_LIMIT, walk(tnef->str, tnef->len, &limits,
	    seen));
	assert_string_equal("unnamed=Cat;unnamed=Cat;", seen->str);
	g_string_free(seen, TRUE);
	g_string_free(tnef, TRUE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_attachments),
		cmocka_unit_test(test_properties),
		cmocka_unit_test(test_object),
		cmocka_unit_test(test_rtf),
		cmocka_unit_test(test_damage),
		cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
