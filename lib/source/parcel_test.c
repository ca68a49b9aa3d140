#include "source/parcel.h"

#include "source/compressed.h"
#include "source/record.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <glib.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define EML "From: a@example.org\nSubject: x\n\nbody\n"
#define MBOX "From a Thu Jan  1 00:00:00 1998\n\nx\n\n" \
	     "From b Thu Jan  1 00:00:00 1998\n\ny\n"

/* As lib/pool does it, without the box. */
static enum ms_status
start_reader(void *arg, enum ms_source_reader reader, int fd, int *stream,
    struct ms_error *err)
{
	int ends[2];
	pid_t pid;

	(void)reader;
	(void)arg;
	if (pipe(ends) != 0)
		return ms_error_errno(err, "pipe");
	pid = fork();
	if (pid == 0) {
		(void)close(ends[0]);
		ms_compressed_run(fd, ends[1]);
		_exit(0);
	}
	(void)close(ends[1]);
	*stream = ends[0];
	return pid > 0 ? MS_OK : ms_error_errno(err, "fork");
}

static enum ms_status
start_nothing(void *arg, enum ms_source_reader reader, int fd, int *stream,
    struct ms_error *err)
{
	(void)reader;
	(void)arg;
	(void)fd;
	(void)stream;
	return ms_error_set(err, MS_E_IO, "no more processes");
}

/* A reader that was killed. */
static enum ms_status
start_dead(void *arg, enum ms_source_reader reader, int fd, int *stream,
    struct ms_error *err)
{
	(void)reader;
	(void)arg;
	(void)fd;
	*stream = open("/dev/null", O_RDONLY);
	return *stream >= 0 ? MS_OK : ms_error_errno(err, "/dev/null");
}

/* An archive of a message and of what never ends: see ARG. */
static enum ms_status
start_endless(void *arg, enum ms_source_reader reader, int fd, int *stream,
    struct ms_error *err)
{
	static char zeros[MS_RECORD_MAX];
	const char *text = arg;
	int ends[2];
	pid_t pid;

	(void)reader;
	(void)fd;
	if (pipe(ends) != 0)
		return ms_error_errno(err, "pipe");
	pid = fork();
	if (pid == 0) {
		(void)close(ends[0]);
		(void)ms_record_write_member(ends[1], "m", 0);
		(void)ms_record_write(ends[1], MS_RECORD_DATA, text,
		    strlen(text));
		(void)ms_record_write(ends[1], MS_RECORD_DONE, "", 0);
		(void)ms_record_write_member(ends[1], "x", 0);
		(void)ms_record_write(ends[1], MS_RECORD_DATA, text,
		    strlen(text));
		while (ms_record_write(ends[1], MS_RECORD_DATA, zeros,
		    sizeof zeros) == MS_OK)
			;
		_exit(0);
	}
	(void)close(ends[1]);
	*stream = ends[0];
	return pid > 0 ? MS_OK : ms_error_errno(err, "fork");
}

struct member {
	const char *name;
	const char *data;
};

static void
add(struct archive *a, const char *name, const void *data, size_t size)
{
	struct archive_entry *e = archive_entry_new();

	archive_entry_set_pathname(e, name);
	archive_entry_set_size(e, (la_int64_t)size);
	archive_entry_set_filetype(e, g_str_has_suffix(name, "/") ?
	    AE_IFDIR : AE_IFREG);
	archive_entry_set_perm(e, 0600);
	/* It warns of names that the C locale cannot express. */
	assert_true(archive_write_header(a, e) >= ARCHIVE_WARN);
	if (size > 0)
		assert_int_equal(size, archive_write_data(a, data, size));
	archive_entry_free(e);
}

/* An archive as libarchive calls it: FORMAT and FILTER by name. */
static GByteArray *
pack(const char *format, const char *filter, const struct member *members)
{
	static unsigned char buffer[1 << 20];
	struct archive *a = archive_write_new();
	size_t used = 0;

	assert_int_equal(ARCHIVE_OK,
	    archive_write_set_format_by_name(a, format));
	if (filter)
		assert_int_equal(ARCHIVE_OK,
		    archive_write_add_filter_by_name(a, filter));
	assert_int_equal(ARCHIVE_OK, archive_write_open_memory(a, buffer,
	    sizeof buffer, &used));
	for (; members->name; members++)
		add(a, members->name, members->data, strlen(members->data));
	assert_int_equal(ARCHIVE_OK, archive_write_close(a));
	archive_write_free(a);
	return g_byte_array_append(g_byte_array_new(), buffer, (guint)used);
}

static struct ms_source_config
plain(void)
{
	return (struct ms_source_config){
		.since = INT64_MIN,
		.until = INT64_MAX,
		.spool = { .heap_max = 1 << 16, .memfd_max = 64 << 20 },
		.message_max = 64 << 20,
		.start_reader = start_reader,
	};
}

static void
describe(GString *out, struct ms_source_item *item)
{
	static const char *const kinds[] = {
		"message", "unselected", "gone", "empty", "skipped", "failed"
	};
	const struct ms_origin *o = item->kind == MS_SOURCE_MESSAGE ?
	    &item->message->origin : &item->origin;

	g_string_append_printf(out, "%s %s", kinds[item->kind],
	    strrchr(o->source, '=') ? strrchr(o->source, '=') + 1 : "?");
	if (item->kind == MS_SOURCE_MESSAGE)
		g_string_append_printf(out, " %s#%d%s %d%s", o->format,
		    (int)o->index, o->many ? "" : " alone",
		    (int)item->message->size,
		    item->message->cut ? " cut" : "");
	else if (item->text)
		g_string_append_printf(out, ": %s", item->text);
	g_string_append_c(out, '\n');
	ms_source_item_clear(item);
}

/* All items of a file of these bytes, called "=". */
static char *
items(const struct ms_source_config *config, const GByteArray *bytes)
{
	char *path = g_strdup("/tmp/mailscan-parcel-XXXXXX=");
	struct ms_source *source = ms_source_new(config);
	GString *out = g_string_new(NULL);
	struct ms_source_item item;
	int fd = mkstemps(path, 1);

	assert_int_equal(bytes->len, write(fd, bytes->data, bytes->len));
	(void)close(fd);
	ms_source_add(source, path);
	while (ms_source_next(source, &item, NULL) == MS_OK)
		describe(out, &item);
	assert_true(ms_source_bytes(source) == bytes->len ||
	    config->start_reader == start_nothing);
	ms_source_free(source);
	(void)unlink(path);
	g_free(path);
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
	return g_string_free(out, FALSE);
}

static void
check(const struct ms_source_config *config, GByteArray *bytes,
    const char *want)
{
	char *got = items(config, bytes);

	if (strcmp(want, got) != 0)
		print_message("%s\n", got);
	assert_string_equal(want, got);
	g_free(got);
	g_byte_array_unref(bytes);
}

static void
test_bare(void **state)
{
	static const char *const filters[] = {
		"gzip", "bzip2", "xz", "zstd", "lz4", "compress"
	};
	static const struct member eml[] = { { "x", EML }, { NULL, NULL } };
	static const struct member mbox[] = { { "x", MBOX }, { NULL, NULL } };
	static const struct member text[] = { { "x", "text" },
		{ NULL, NULL } };
	struct ms_source_config config = plain();

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(filters); i++) {
		GByteArray *packed = pack("raw", filters[i], text);
		char *want = g_strdup_printf("message  raw#1 alone %d\n",
		    (int)packed->len);

		print_message("  %s\n", filters[i]);
		check(&config, pack("raw", filters[i], eml),
		    "message  eml#1 alone 37\n");
		check(&config, pack("raw", filters[i], mbox),
		    "message  mbox#1 3\nmessage  mbox#2 3\n");
		/* No mail in it: left to whoever scans files. */
		check(&config, packed, want);
		g_free(want);
	}
}

static void
test_containers(void **state)
{
	static const char *const formats[] = { "ustar", "pax", "gnutar",
		"zip", "7zip" };
	static const struct member members[] = {
		{ "d/", "" }, { "d/readme", "some text" }, { "a.eml", EML },
		{ "empty", "" }, { "b\xc3\xa4.mbox", MBOX }, { NULL, NULL }
	};
	static const struct member files[] = {
		{ "a", "text" }, { "b", "more" }, { NULL, NULL }
	};
	struct ms_source_config config = plain();

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(formats); i++) {
		GByteArray *packed = pack(formats[i], NULL, files);
		char *want = g_strdup_printf("message  raw#1 alone %d\n",
		    (int)packed->len);

		print_message("  %s\n", formats[i]);
		/* 7z puts empty files last. */
		check(&config, pack(formats[i], NULL, members),
		    strcmp(formats[i], "7zip") == 0 ?
		    "message /d/readme raw#1 9\nmessage /a.eml eml#1 37\n"
		    "message /unnamed-3 mbox#1 3\n"
		    "message /unnamed-3 mbox#2 3\n"
		    "empty /empty: an empty file\n" :
		    "message /d/readme raw#1 9\nmessage /a.eml eml#1 37\n"
		    "empty /empty: an empty file\n"
		    "message /b\xc3\xa4.mbox mbox#1 3\n"
		    "message /b\xc3\xa4.mbox mbox#2 3\n");
		check(&config, packed, want);
		g_free(want);
	}
	check(&config, pack("ustar", "gzip", members),
	    "message /d/readme raw#1 9\nmessage /a.eml eml#1 37\n"
	    "empty /empty: an empty file\n"
	    "message /b\xc3\xa4.mbox mbox#1 3\n"
	    "message /b\xc3\xa4.mbox mbox#2 3\n");
}

/* An archive of compressed mailboxes. */
static GByteArray *
pack_nested(int times, const char *filter)
{
	static const struct member mbox[] = { { "x", MBOX }, { NULL, NULL } };
	static unsigned char buffer[1 << 20];
	GByteArray *inner = pack("raw", filter, mbox);
	struct archive *a = archive_write_new();
	size_t used = 0;

	while (--times > 0) {
		struct archive *again = archive_write_new();

		(void)archive_write_set_format_raw(again);
		(void)archive_write_add_filter_gzip(again);
		(void)archive_write_open_memory(again, buffer, sizeof buffer,
		    &used);
		add(again, "x", inner->data, inner->len);
		(void)archive_write_free(again);
		g_byte_array_set_size(inner, 0);
		g_byte_array_append(inner, buffer, (guint)used);
	}
	(void)archive_write_set_format_ustar(a);
	(void)archive_write_open_memory(a, buffer, sizeof buffer, &used);
	add(a, "text", "text", 4);
	add(a, "a.gz", inner->data, inner->len);
	add(a, "broken.gz", inner->data, inner->len / 2);
	add(a, "b.eml", EML, sizeof EML - 1);
	(void)archive_write_free(a);
	g_byte_array_set_size(inner, 0);
	return g_byte_array_append(inner, buffer, (guint)used);
}

static char *
nested_items(const struct ms_source_config *config, int times,
    const char *filter)
{
	GByteArray *packed = pack_nested(times, filter);
	char *got = items(config, packed);

	g_byte_array_unref(packed);
	return got;
}

static void
test_nested(void **state)
{
	struct ms_source_config config = plain();
	char *got = nested_items(&config, 1, "gzip");

	(void)state;
	assert_true(g_str_has_prefix(got, "message /text raw#1 4\n"
	    "message /a.gz mbox#1 3\nmessage /a.gz mbox#2 3\n"
	    "failed /broken.gz: "));
	assert_true(g_str_has_suffix(got, "\nmessage /b.eml eml#1 37\n"));
	g_free(got);
	got = nested_items(&config, 3, "xz");
	assert_true(g_str_has_prefix(got, "message /text raw#1 4\n"
	    "message /a.gz mbox#1 3\n"));
	g_free(got);
	got = nested_items(&config, 4, "gzip");
	assert_non_null(strstr(got,
	    "failed /a.gz: byte 0: compressed too many times over\n"));
	g_free(got);
}

/* Cut anywhere: what is whole comes out, then a failure, and no crash. */
static void
test_truncated(void **state)
{
	static const struct member members[] = {
		{ "a.eml", EML }, { "b.eml", EML }, { NULL, NULL }
	};
	struct ms_source_config config = plain();
	GByteArray *packed = pack("ustar", NULL, members);
	char *got;

	(void)state;
	g_byte_array_set_size(packed, 512 + 512 + 512 + 20);
	check(&config, packed, "message /a.eml eml#1 37\n"
	    "message /b.eml eml#1 20 cut\n"
	    "failed /b.eml: byte 20: Truncated tar archive\n");
	packed = pack("ustar", "gzip", members);
	g_byte_array_set_size(packed, packed->len - 30);
	config.format = MS_SOURCE_ARCHIVE;
	got = items(&config, packed);
	assert_non_null(strstr(got, "failed "));
	g_free(got);
	g_byte_array_unref(packed);
}

static void
test_readers(void **state)
{
	static const struct member eml[] = { { "x", EML }, { NULL, NULL } };
	struct ms_source_config config = plain();
	GByteArray *packed = pack("ustar", NULL, eml);
	char *raw = g_strdup_printf("message  raw#1 alone %d\n",
	    (int)packed->len);

	(void)state;
	config.start_reader = NULL;
	check(&config, g_byte_array_ref(packed), raw);
	config.start_reader = start_nothing;
	check(&config, g_byte_array_ref(packed), "failed : the archive reader "
	    "cannot be started: no more processes\n");
	config.start_reader = start_dead;
	check(&config, g_byte_array_ref(packed), raw);
	config.format = MS_SOURCE_ARCHIVE;
	check(&config, packed,
	    "failed : the reader ended unexpectedly\n");
	g_free(raw);
}

/* What goes on for ever ends, whatever it goes on in. */
static void
test_endless(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ EML, "message /m eml#1 37\nmessage /x eml#1 " },
		{ MBOX "\nFrom c\n", "message /m mbox#1 3\n"
		    "message /m mbox#2 3\nmessage /m mbox#3 0\n"
		    "message /x mbox#1 3\nmessage /x mbox#2 3\n"
		    "message /x mbox#3 " },
		{ MBOX "\nFrom c", "message /m mbox#1 3\n"
		    "message /m mbox#2 3\nmessage /m mbox#3 0\n"
		    "message /x mbox#1 3\nmessage /x mbox#2 3\n" },
	};
	static const struct member eml[] = { { "x", EML }, { NULL, NULL } };
	struct ms_source_config config = plain();

	(void)state;
	config.start_reader = start_endless;
	config.message_max = 1000;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		GByteArray *packed = pack("ustar", NULL, eml);
		char text[100], *got;

		print_message("  %zu\n", i);
		(void)snprintf(text, sizeof text, "%s", cases[i].text);
		config.reader_arg = text;
		got = items(&config, packed);
		assert_true(g_str_has_prefix(got, cases[i].want));
		assert_non_null(strstr(got, i < 2 ? " cut\nfailed /x: " :
		    "failed /x: "));
		assert_true(g_str_has_suffix(got, "unpacks to more than "
		    "64 MB of no use: the rest is not read\n"));
		g_free(got);
		g_byte_array_unref(packed);
	}
}

/* To ask whether it is mail takes no longer, either. */
static void
test_endless_look(void **state)
{
	static const struct member eml[] = { { "x", EML }, { NULL, NULL } };
	struct ms_source_config config = plain();
	GByteArray *packed = pack("ustar", NULL, eml);
	char *raw = g_strdup_printf("message  raw#1 alone %d\n",
	    (int)packed->len), text[] = "text";

	(void)state;
	config.start_reader = start_endless;
	config.reader_arg = text;
	check(&config, packed, raw);
	g_free(raw);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bare),
		cmocka_unit_test(test_containers),
		cmocka_unit_test(test_nested),
		cmocka_unit_test(test_truncated),
		cmocka_unit_test(test_readers),
		cmocka_unit_test(test_endless),
		cmocka_unit_test(test_endless_look),
	};

	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
