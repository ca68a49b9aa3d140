#include "scan/scan.h"

#include <archive.h>
#include <archive_entry.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* What the engine sees of a message, with config.parts_only and without. */

#define MARKER "the-marker-of-this-test"

/* "size[ma] " of each call: m, a: without mail, archives. */
static GString *calls;
static unsigned found, gaps;

static const char *
version_fake(void)
{
	return "1";
}

static enum ms_status
open_fake(const struct ms_engine_config *engine, void **state,
    struct ms_error *err)
{
	(void)engine;
	(void)state;
	(void)err;
	return MS_OK;
}

static void
close_fake(void *state)
{
	(void)state;
}

static enum ms_status
scan_fake(void *state, const struct ms_engine_input *input,
    const struct ms_engine_sink *sink, void *arg, struct ms_error *err)
{
	(void)state;
	(void)err;
	g_string_append_printf(calls, "%u%s%s ", (unsigned)input->size,
	    input->without & MS_ENGINE_WITHOUT_MAIL ? "m" : "",
	    input->without & MS_ENGINE_WITHOUT_ARCHIVES ? "a" : "");
	if (input->looked_at)
		*input->looked_at = input->size;
	if (memmem(input->data, input->size, MARKER, strlen(MARKER)))
		sink->found(arg, "Marker");
	return MS_OK;
}

static const struct ms_engine_ops fake = {
	.name = "fake",
	.version = version_fake,
	.open = open_fake,
	.close = close_fake,
	.scan = scan_fake,
};

static void
on_headers(void *arg, const struct ms_headers *headers)
{
	(void)arg;
	(void)headers;
}

static void
on_finding(void *arg, const char *engine, const char *name, const char *part)
{
	(void)arg;
	(void)engine;
	(void)name;
	(void)part;
	found++;
}

static void
on_gap(void *arg, enum ms_reason reason, const char *part,
    const char *detail)
{
	(void)arg;
	(void)reason;
	(void)part;
	(void)detail;
	gaps++;
}

static void
on_ambiguity(void *arg, const char *reason, const char *part,
    const char *detail)
{
	(void)arg;
	(void)reason;
	(void)part;
	(void)detail;
}

static struct ms_scan_config config;

static int
fresh(void **state)
{
	const struct ms_engine_config engine = { .database = NULL };
	struct ms_error err = { "" };

	(void)state;
	calls = g_string_new(NULL);
	config = (struct ms_scan_config){
		.layers = ms_layers_new(true),
		.limits = { 1 << 20, 10 << 20, 1000, 1000, 10, 10, 60000 },
		.spool = { .heap_max = 1 << 20 },
		.parts_only = true,
	};
	return ms_engine_open(&fake, &engine, &config.engine, &err) == MS_OK ?
	    0 : -1;
}

static int
stale(void **state)
{
	(void)state;
	ms_engine_close(config.engine);
	ms_layers_free(config.layers);
	g_string_free(calls, TRUE);
	return 0;
}

static void
scan(const char *message, bool raw)
{
	static const struct ms_scan_sink sink = { on_headers, on_finding,
		on_gap, on_ambiguity, NULL, NULL, NULL, NULL, NULL };
	const struct ms_scan_input input = {
		.data = (const unsigned char *)message,
		.size = strlen(message),
		.raw = raw,
	};

	found = gaps = 0;
	g_string_truncate(calls, 0);
	ms_scan(&config, &input, &sink, NULL);
}

/* Scan MESSAGE and compare what the engine was asked. */
static void
check(const char *want, const char *message, bool raw)
{
	scan(message, raw);
	assert_string_equal(want, calls->str);
}

#define MIXED "Subject: s\nMIME-Version: 1.0\n" \
    "Content-Type: multipart/mixed; boundary=b\n\n"
#define TEXT(text) "--b\nContent-Type: text/plain\n\n" text "\n"

static char *
attached(const char *type, const void *data, size_t size)
{
	char *base64 = g_base64_encode(data, size);
	char *message = g_strdup_printf(MIXED "--b\nContent-Type: %s\n"
	    "Content-Transfer-Encoding: base64\n\n%s\n--b--\n", type, base64);

	g_free(base64);
	return message;
}

static void
test_parts_alone(void **state)
{
	(void)state;
	check("5m 9m ", MIXED TEXT("hello") TEXT("something") "--b--\n",
	    false);
	assert_int_equal(0, found);
	check("5m 23m ", MIXED TEXT("jello") TEXT(MARKER) "--b--\n", false);
	assert_int_equal(1, found);
	/* What was seen in a clean message before is not looked at again;
	 * what was seen in another is. */
	check("23m ", MIXED TEXT("hello") TEXT(MARKER) "--b--\n", false);
	assert_int_equal(1, found);
	check("5m ", MIXED TEXT("jello") TEXT("hello") "--b--\n", false);
	assert_int_equal(0, gaps);
}

/* A file is no message, and with full parity the message comes first. */
static void
test_wholes(void **state)
{
	(void)state;
	check("23 ", MARKER, true);
	assert_int_equal(1, found);
	config.parts_only = false;
	check("114 5 ", MIXED TEXT("hello") "--b--\n", false);
}

/* The same bytes may be a message here and none there. */
static void
test_declared_differently(void **state)
{
	static const char inner[] = "no field of a header\n\nbut text\n";
	char *opaque = attached("application/octet-stream", inner,
	    strlen(inner));
	char *message = attached("application/octet-stream; name=a.eml",
	    inner, strlen(inner));

	(void)state;
	check("31m ", opaque, false);
	check("", opaque, false);
	scan(message, false);
	assert_true(g_str_has_prefix(calls->str, "31m "));
	g_free(opaque);
	g_free(message);
}

/* A zip of one stored member with TEXT in it. */
static size_t
make_zip(char *buffer, size_t size, const char *text)
{
	struct archive *a = archive_write_new();
	struct archive_entry *entry = archive_entry_new();
	size_t used = 0;

	assert_int_equal(ARCHIVE_OK, archive_write_set_format_zip(a));
	assert_int_equal(ARCHIVE_OK, archive_write_set_options(a,
	    "zip:compression=store"));
	assert_int_equal(ARCHIVE_OK, archive_write_open_memory(a, buffer,
	    size, &used));
	archive_entry_set_pathname(entry, "name");
	archive_entry_set_filetype(entry, AE_IFREG);
	archive_entry_set_size(entry, (la_int64_t)strlen(text));
	assert_int_equal(ARCHIVE_OK, archive_write_header(a, entry));
	assert_int_equal(strlen(text), archive_write_data(a, text,
	    strlen(text)));
	archive_entry_free(entry);
	assert_int_equal(ARCHIVE_OK, archive_write_close(a));
	assert_int_equal(ARCHIVE_OK, archive_write_free(a));
	return used;
}

/* An archive is opened here, unless that does not work. */
static void
test_archives(void **state)
{
	char *zip = g_malloc0(1 << 16);
	size_t size = make_zip(zip, 1 << 16, MARKER);
	char *message = attached("application/zip", zip, size);
	char *want = g_strdup_printf("%um" "a 23m ", (unsigned)size);

	(void)state;
	check(want, message, false);
	assert_int_equal(2, found);
	assert_int_equal(0, gaps);
	g_free(want);
	g_free(message);
	*(char *)memmem(zip, size, MARKER, strlen(MARKER)) ^= 1;
	message = attached("application/zip", zip, size);
	want = g_strdup_printf("%um" "a %um ", (unsigned)size,
	    (unsigned)size);
	check(want, message, false);
	assert_true(gaps > 0);
	g_free(want);
	g_free(message);
	g_free(zip);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_parts_alone, fresh,
		    stale),
		cmocka_unit_test_setup_teardown(test_wholes, fresh, stale),
		cmocka_unit_test_setup_teardown(test_declared_differently,
		    fresh, stale),
		cmocka_unit_test_setup_teardown(test_archives, fresh, stale),
	};

	ms_scan_start();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
