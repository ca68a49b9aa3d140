#include "scan/classes.h"

#include "unpack/sniff.h"

#include <glib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define OLE "\320\317\021\340\241\261\032\341"
#define ROW(data, is_text, want) { data, sizeof data - 1, is_text, want }

/* The classes of the bytes, with blanks behind them. */
static char *
classes_of(const char *data, size_t size, bool is_text)
{
	const unsigned char *bytes = (const unsigned char *)data;
	const char *type = ms_sniff(bytes, size)->name;
	GString *out = g_string_new(NULL);

	for (int i = 0; i < MS_CLASSES; i++)
		if (ms_classes_has((enum ms_class)i, type, bytes, size,
		    is_text))
			g_string_append_printf(out, "%s ",
			    ms_classes_name((enum ms_class)i));
	return g_string_free(out, FALSE);
}

static void
test_classes(void **state)
{
	static const struct {
		const char *data;
		size_t size;
		bool is_text;
		const char *want;
	} rows[] = {
		ROW("MZ\220\0\003\0\0\0\004\0\0\0\377\377\0\0\270\0\0\0"
		    "\0\0\0\0\0\0\0\0", false, "executable "),
		ROW("MZ is how the text of this mail begins, you see",
		    false, ""),
		ROW("\177ELF\002\001", false, "executable "),
		ROW("\312\376\272\276\0\0", false, "executable "),
		ROW("\317\372\355\376", false, "executable "),
		ROW("dex\n035", false, "executable "),
		ROW("L\0\0\0\001\024\002\0\0", false, "executable "),
		ROW("#!/bin/sh\n", true, "script "),
		ROW("\357\273\277 <?PHP", true, "script "),
		ROW("\r\n@Echo Off\r\n", true, "script "),
		ROW("\377\376#\0!\0/\0", false, "script "),
		ROW("x = new ActiveXObject('y')", false, "script "),
		ROW("x = new ActiveXObject('y')", true, ""),
		ROW("<html><script language=\"VBScript\">", false,
		    "script html "),
		ROW("PK\003\004..........................a.txt", false,
		    "archive "),
		ROW("PK\003\004..........................word/x", false,
		    "office "),
		ROW("PK\003\004..........................mimetypeapplication"
		    "/vnd.oasis.opendocument.text", false, "office "),
		ROW("GIF89aPK\001\002PK\005\006", false, "archive image "),
		ROW("textPK\001\002PK\005\006", false, "archive "),
		ROW("%PDF-1.4PK\001\002PK\005\006", false, "pdf "),
		ROW(OLE "x", false, "office "),
		ROW(OLE "x_\0V\0B\0A\0_\0P\0R\0O\0J\0E\0C\0T\0", false,
		    "office office-macro "),
		ROW("ActiveMime\0\0", false, "office office-macro "),
		ROW("{\\rtf1}", false, "office "),
		ROW("%PDF-1.4", false, "pdf "),
		ROW("GIF89a", false, "image "),
		ROW("ID3", false, "audio "),
		ROW("\0\0\0\030ftypmp42", false, "video "),
		ROW("KDMV", false, "disk-image "),
		ROW("just text", true, ""),
		ROW("", false, ""),
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		char *text = classes_of(rows[i].data, rows[i].size,
		    rows[i].is_text);

		if (strcmp(text, rows[i].want) != 0)
			fail_msg("%zu: %s", i, text);
		g_free(text);
	}
}

/* An installer is an OLE file whose root has one class. */
static void
test_installer(void **state)
{
	static const char class[] = "\x84\x10\x0c\0\0\0\0\0\xc0\0\0\0\0\0\0F";
	char data[2048] = OLE;
	char *text;

	(void)state;
	data[30] = 9;
	data[48] = 1;
	memcpy(data + 1024 + 80, class, 16);
	text = classes_of(data, sizeof data, false);
	assert_string_equal(text, "executable ");
	g_free(text);
	/* A directory that is not there. */
	memset(data + 48, 0xff, 4);
	text = classes_of(data, sizeof data, false);
	assert_string_equal(text, "office ");
	g_free(text);
}

/* A program with no NUL where there nearly always is one. */
static void
test_far_header(void **state)
{
	static const size_t at = 0x01010101;
	char *data = g_strnfill(at + 64, 'x');
	char *text;

	(void)state;
	memcpy(data, "MZ", 2);
	memset(data + 60, 1, 4);
	text = classes_of(data, at + 64, false);
	assert_string_equal(text, "");
	g_free(text);
	memcpy(data + at, "PE\0\0", 4);
	text = classes_of(data, at + 64, false);
	assert_string_equal(text, "executable ");
	g_free(text);
	g_free(data);
}

static void
test_names(void **state)
{
	(void)state;
	for (int i = 0; i < MS_CLASSES; i++)
		assert_int_equal(ms_classes_by_name(ms_classes_name(
		    (enum ms_class)i)), i);
	assert_int_equal(ms_classes_by_name("exe"), MS_CLASSES);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_classes),
		cmocka_unit_test(test_installer),
		cmocka_unit_test(test_far_header),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
