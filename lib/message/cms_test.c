#include "message/cms.h"

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
	enum ms_status status = block_test(ms_cms_walk, text, limits, seen);

	g_string_free(text, TRUE);
	return status;
}

#define OID(last) "\6\11\x2a\x86\x48\x86\xf7\xd\1\7" last
#define OID_DATA OID("\1")
#define OID_SIGNED OID("\2")
#define OID_ENVELOPED OID("\3")
#define OID_COMPRESSED "\6\13\x2a\x86\x48\x86\xf7\xd\1\11\20\1\11"
#define OID_AUTH_ENVELOPED "\6\13\x2a\x86\x48\x86\xf7\xd\1\11\20\1\27"

/* Wrap what TEXT has from AT on in TAG; with an end mark if ENDLESS. */
static void
wrap(GString *text, size_t at, unsigned tag, bool endless)
{
	size_t size = text->len - at;
	char header[4] = { (char)tag, (char)0x82, (char)(size >> 8),
		(char)size };

	if (endless) {
		header[1] = (char)0x80;
		g_string_append_len(text, "\0\0", 2);
		g_string_insert_len(text, (gssize)at, header, 2);
	} else if (size < 128) {
		header[1] = (char)size;
		g_string_insert_len(text, (gssize)at, header, 2);
	} else {
		g_string_insert_len(text, (gssize)at, header, 4);
	}
}

/* Signed data around CONTENT, which is the inside of [0]; none if NULL. */
static GString *
signed_data(const char *content, size_t size, bool endless)
{
	GString *text = g_string_new(OID_SIGNED);
	size_t outer = text->len, inner, start;

	start = text->len;
	g_string_append(text, "\2\1\1");
	inner = text->len;
	g_string_append_len(text, "\x30\xd\6\11\x60\x86\x48\1\x65\3\4\2\1\5\0",
	    15);
	wrap(text, inner, 0x31, false);
	inner = text->len;
	g_string_append(text, OID_DATA);
	if (content) {
		size_t explicit = text->len;

		g_string_append_len(text, content, (gssize)size);
		wrap(text, explicit, 0xa0, endless);
	}
	wrap(text, inner, 0x30, endless);
	g_string_append_len(text, "\x31\0", 2);
	wrap(text, start, 0x30, endless);
	wrap(text, outer, 0xa0, endless);
	wrap(text, 0, 0x30, endless);
	return text;
}

static void
test_signed(void **state)
{
	static const struct {
		const char *name, *content;
		size_t size;
		const char *want;
	} cases[] = {
#define ROW(name, content, want) { name, content, sizeof content - 1, want }
		ROW("one piece", "\4\3Cat", "content=Cat;"),
		ROW("pieces", "\x24\x80\4\1C\4\2at\0\0", "content=Cat;"),
		ROW("pieces of known size", "\x24\7\4\1C\4\2at",
		    "content=Cat;"),
		ROW("pieces of pieces", "\x24\x80\x24\x80\4\1C\0\0\x24\4\4"
		    "\2at\0\0", "content=Cat;"),
				ROW("empty", "\4\0", "content=;"),
		ROW("a size of eight bytes", "\4\x88\0\0\0\0\0\0\0\3Cat",
		    "content=Cat;"),
		ROW("too long", "\4\x84\xff\xff\xff\xff" "Cat", NULL),
		ROW("pieces without end", "\x24\x80\4\1C", NULL),
		ROW("something else among pieces", "\x24\x80\4\1C\2\1\1\0\0",
		    NULL),
#undef ROW
		{ "elsewhere", NULL, 0, "" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		for (int endless = 0; endless < 2; endless++) {
			GString *text = signed_data(cases[i].content,
			    cases[i].size, endless == 1);
			GString *seen = g_string_new(NULL);

			print_message("  %s %d\n", cases[i].name, endless);
			assert_true(ms_cms_is((unsigned char *)text->str,
			    text->len));
			assert_int_equal(MS_OK, walk(text->str, text->len,
			    &block_roomy, seen));
			if (cases[i].want)
				assert_string_equal(cases[i].want, seen->str);
			/* An end mark closes what has none of its own. */
			else if (i != 7 || !endless)
				assert_true(g_str_has_prefix(seen->str,
				    "content!-2 Truncated S/MIME content;"
				    "content=C"));
			g_string_free(seen, TRUE);
			g_string_free(text, TRUE);
		}
	}
}

/* Before RFC 2630 it was any value. */
static void
test_value(void **state)
{
	GString *text = signed_data("\x30\3\2\1\5", 5, false);
	GString *seen = g_string_new(NULL);

	(void)state;
	assert_int_equal(MS_OK, walk(text->str, text->len, &block_roomy, seen));
	assert_string_equal("content=0\3\2\1\5;", seen->str);
	g_string_free(seen, TRUE);
	g_string_free(text, TRUE);
}

static void
test_closed(void **state)
{
	static const struct {
		const char *name, *text;
		size_t size;
		const char *want;
	} cases[] = {
#define ROW(name, text, want) { name, text, sizeof text - 1, want }
		ROW("enveloped", "\x30\x80" OID_ENVELOPED "\xa0\x80",
		    "-!-4 S/MIME, enveloped data;"),
		ROW("authenticated", "\x30\x80" OID_AUTH_ENVELOPED,
		    "-!-4 S/MIME, authenticated and enveloped data;"),
		ROW("compressed", "\x30\x80" OID_COMPRESSED,
		    "-!-5 S/MIME, compressed data;"),
		ROW("cut off", "\x30\x80" OID_SIGNED "\xa0\x80\x30\x80\2",
		    "-!-2 the signed data could not be read;"),
		ROW("elsewhere, and cut off", "\x30\x80" OID_SIGNED "\xa0\x80"
		    "\x30\x80\2\1\1\x31\0\x30\xb" OID_DATA "\xa0\x82\4\0\x30",
		    ""),
		ROW("cut off before", "\x30\x80" OID_SIGNED,
		    "-!-2 the signed data could not be read;"),
		ROW("another type", "\x30\x80" OID_DATA, "-!-2 no S/MIME;"),
		ROW("something else", "\x30\3\2\1\1", "-!-2 no S/MIME;"),
		ROW("nothing", "", "-!-2 no S/MIME;"),
#undef ROW
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		GString *seen = g_string_new(NULL);

		print_message("  %s\n", cases[i].name);
		assert_int_equal(MS_OK, walk(cases[i].text, cases[i].size,
		    &block_roomy, seen));
		assert_string_equal(cases[i].want, seen->str);
		assert_int_equal(!strstr(seen->str, "no S/MIME"),
		    ms_cms_is((const unsigned char *)cases[i].text,
		    cases[i].size));
		g_string_free(seen, TRUE);
	}
}

static void
test_limits(void **state)
{
	GString *text = signed_data("\4\3Cat", 5, false);
	struct ms_budget_limits limits = block_roomy;
	GString *seen = g_string_new(NULL);

	(void)state;
	limits.part_bytes = 2;
	assert_int_equal(MS_OK, walk(text->str, text->len, &limits, seen));
	assert_string_equal("content!-3 larger than 2 bytes (max-filesize);"
	    "content=;", seen->str);
	limits = block_roomy;
	limits.total_bytes = 2;
	assert_int_equal(MS_E_LIMIT, walk(text->str, text->len, &limits,
	    seen));
	g_string_free(seen, TRUE);
	g_string_free(text, TRUE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_signed),
		cmocka_unit_test(test_value),
		cmocka_unit_test(test_closed),
		cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
