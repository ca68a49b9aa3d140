#include "base/listfile.h"

#include <glib.h>
#include <glib/gstdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static enum ms_status
note(void *arg, const struct ms_listfile_line *line, struct ms_error *err)
{
	GString *out = arg;

	g_string_append_printf(out, "%u-%u-%zu-", line->number,
	    (unsigned)line->end, line->size);
	g_string_append_len(out, line->text, (gssize)line->size);
	return line->text[0] == '!' ? ms_error_set(err, MS_E_FORMAT,
	    "enough") : MS_OK;
}

static enum ms_status
read_text(const char *text, gssize size, GString *out, struct ms_error *err)
{
	char path[] = "/tmp/mailscan-listfile-XXXXXX";
	const int fd = g_mkstemp(path);
	enum ms_status status;

	assert_true(fd >= 0);
	(void)close(fd);
	assert_true(g_file_set_contents(path, text, size, NULL));
	g_string_truncate(out, 0);
	status = ms_listfile_read(path, note, out, err);
	assert_int_equal(0, g_unlink(path));
	return status;
}

static void
test_lines(void **state)
{
	GString *out = g_string_new(NULL);
	struct ms_error err;

	(void)state;
	assert_int_equal(MS_OK, read_text("", 0, out, &err));
	assert_string_equal("", out->str);
	assert_int_equal(MS_OK, read_text("ab\r\n\nc", -1, out, &err));
	assert_string_equal("1-4-4-ab\r\n2-5-1-\n3-6-1-c", out->str);
	assert_int_equal(MS_OK, read_text("a\0b\n", 4, out, &err));
	assert_memory_equal("1-4-4-a\0b\n", out->str, 10);
	(void)g_string_free(out, TRUE);
}

static void
test_ends(void **state)
{
	GString *out = g_string_new(NULL);
	struct ms_error err;

	(void)state;
	assert_int_equal(MS_E_FORMAT, read_text("a\n!\nb\n", -1, out,
	    &err));
	assert_string_equal("1-2-2-a\n2-4-2-!\n", out->str);
	assert_string_equal("enough", err.text);
	assert_int_equal(MS_E_IO, ms_listfile_read("/nowhere/at all", note,
	    out, &err));
	assert_string_equal("/nowhere/at all: No such file or directory",
	    err.text);
	assert_int_equal(MS_E_IO, ms_listfile_read("/tmp", note, out, &err));
	assert_string_equal("/tmp: Is a directory", err.text);
	(void)g_string_free(out, TRUE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
