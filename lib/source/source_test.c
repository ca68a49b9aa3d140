#include "source/source.h"

#include "source/compressed.h"

#include <dirent.h>
#include <fcntl.h>
#include <glib.h>
#include <jansson.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static const struct ms_source_config plain = {
	.recurse = true,
	.follow_dirs = MS_SOURCE_FOLLOW_DIRECT,
	.follow_files = MS_SOURCE_FOLLOW_DIRECT,
	.cross_fs = true,
	.since = INT64_MIN,
	.until = INT64_MAX,
	.spool = { .heap_max = 1 << 16, .memfd_max = 64 << 20 },
	.message_max = 64 << 20,
};

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

static char *dir;		/* of this test */

static int
setup(void **state)
{
	(void)state;
	dir = g_strdup("/tmp/mailscan-source-XXXXXX");
	return g_mkdtemp(dir) && chdir(dir) == 0 ? 0 : -1;
}

static void
remove_all(const char *path)
{
	DIR *list = opendir(path);
	struct dirent *entry;

	while (list && (entry = readdir(list))) {
		char *name = g_build_filename(path, entry->d_name, NULL);
		struct stat st;

		if (strcmp(entry->d_name, ".") != 0 &&
		    strcmp(entry->d_name, "..") != 0 &&
		    lstat(name, &st) == 0) {
			if (S_ISDIR(st.st_mode))
				remove_all(name);
			else
				(void)unlink(name);
		}
		g_free(name);
	}
	if (list)
		(void)closedir(list);
	(void)rmdir(path);
}

static int
teardown(void **state)
{
	(void)state;
	if (chdir("/") != 0)
		return -1;
	remove_all(dir);
	g_free(dir);
	while (wait(NULL) > 0)
		;
	return 0;
}

/* Make the file at PATH with its directories; NULL: a directory. */
static void
put(const char *path, const char *text)
{
	char *up = text ? g_path_get_dirname(path) : g_strdup(path);

	assert_int_equal(0, g_mkdir_with_parents(up, 0700));
	if (text)
		assert_true(g_file_set_contents(path, text, -1, NULL));
	g_free(up);
}

static void
describe(GString *out, const struct ms_source_item *item)
{
	static const char *const kinds[] = {
		"message", "unselected", "gone", "empty", "skipped", "failed"
	};
	const struct ms_origin *o = item->kind == MS_SOURCE_MESSAGE ?
	    &item->message->origin : &item->origin;

	g_string_append_printf(out, "%s %s", kinds[item->kind], o->source);
	if (item->kind == MS_SOURCE_MESSAGE) {
		g_string_append_printf(out, " %s", o->format);
		if (o->many)
			g_string_append_printf(out, " #%d@%d+%d",
			    (int)o->index, (int)o->offset, (int)o->length);
		if (o->flags)
			g_string_append_printf(out, " flags=%s", o->flags);
		g_string_append_printf(out, " %d",
		    (int)item->message->size);
	} else if (item->text) {
		g_string_append_printf(out, ": %s", item->text);
	}
	g_string_append_c(out, '\n');
}

/* All items of PATH, a line each. */
static char *
items(const struct ms_source_config *config, const char *path)
{
	struct ms_source *source = ms_source_new(config);
	GString *out = g_string_new(NULL);
	struct ms_source_item item;
	struct ms_error err;

	ms_source_add(source, path);
	while (ms_source_next(source, &item, &err) == MS_OK) {
		describe(out, &item);
		ms_source_item_clear(&item);
	}
	ms_source_free(source);
	return g_string_free(out, FALSE);
}

static void
check(const struct ms_source_config *config, const char *path,
    const char *want)
{
	char *got = items(config, path);

	if (strcmp(want, got) != 0)
		print_message("%s\n", got);
	assert_string_equal(want, got);
	g_free(got);
}

#define EML "From: a@example.org\nDate: Mon, 01 Jan 2001 00:00:00 +0000\n\nx\n"

static void
test_files(void **state)
{
	(void)state;
	put("a.eml", EML);
	put("b", "just text");
	put("c", "");
	put("d", "From a Thu Jan  1 00:00:00 1998\n\nx\n\n"
	    "From b Thu Jan  1 00:00:00 1998\n\ny\n");
	check(&plain, "a.eml", "message a.eml eml 61\n");
	check(&plain, "b", "message b raw 9\n");
	check(&plain, "c", "empty c: an empty file\n");
	check(&plain, "d",
	    "message d mbox #1@0+36 3\nmessage d mbox #2@36+35 3\n");
	check(&plain, "nothing", "failed nothing: No such file or directory\n");
}

static void
test_forced(void **state)
{
	struct ms_source_config config = plain;

	(void)state;
	put("m", "From a Thu Jan  1 00:00:00 1998\n\nx\n");
	put("blank", "\n\n");
	put("text", "no From_ line\n\n");
	config.format = MS_SOURCE_EML;
	check(&config, "m", "message m eml 35\n");
	config.format = MS_SOURCE_RAW;
	check(&config, "m", "message m raw 35\n");
	config.format = MS_SOURCE_MBOX;
	check(&config, "text", "message text mbox #0@0+15 15\n");
	check(&config, "blank", "empty blank: no message in it\n");
	config.format = MS_SOURCE_MAILDIR;
	check(&config, "m", "failed m: not a directory, as the format asked "
	    "for has to be\n");
	config.format = MS_SOURCE_ARCHIVE;
	check(&config, "m", "failed m: there is no reader for archives\n");
	config.start_reader = start_reader;
	check(&config, "m", "failed m: no archive that can be opened\n");
}

static void
test_stdin(void **state)
{
	static const char two[] = "From a\nx\n\nFrom b\ny\n";
	struct ms_source_config config = plain;
	int saved = dup(STDIN_FILENO), ends[2];

	(void)state;
	for (int i = 0; i < 3; i++) {
		if (i == 0) {
			put("in", two);
			ends[0] = open("in", O_RDONLY);
		} else {
			assert_int_equal(0, pipe(ends));
			assert_int_equal(sizeof two - 1,
			    write(ends[1], two, sizeof two - 1));
			(void)close(ends[1]);
		}
		config.variant = i == 2 ? MS_SOURCE_MBOXCL :
		    MS_SOURCE_VARIANT_AUTO;
		assert_int_equal(0, dup2(ends[0], STDIN_FILENO));
		(void)close(ends[0]);
		check(&config, "-", "message - mbox #1@0+10 2\n"
		    "message - mbox #2@10+9 2\n");
	}
	assert_int_equal(0, dup2(saved, STDIN_FILENO));
	(void)close(saved);
}

static void
test_lists(void **state)
{
	struct ms_source *source = ms_source_new(&plain);
	GString *out = g_string_new(NULL);
	struct ms_source_item item;
	struct ms_error err;
	GString *list = g_string_new("a.eml\n\nb\n");

	(void)state;
	put("a.eml", EML);
	put("b", "text");
	for (int i = 0; i < 5000; i++)
		g_string_append_c(list, 'x');
	g_string_append(list, "\n-\na.eml");
	put("list", list->str);
	assert_int_equal(MS_E_IO,
	    ms_source_add_list(source, "none", false, &err));
	assert_string_equal("none: No such file or directory", err.text);
	assert_int_equal(MS_OK,
	    ms_source_add_list(source, "list", false, &err));
	ms_source_add(source, "b");
	while (ms_source_next(source, &item, &err) == MS_OK) {
		describe(out, &item);
		ms_source_item_clear(&item);
	}
	assert_string_equal("message a.eml eml 61\nmessage b raw 4\n"
	    "failed list: list: line 4: longer than any path (4096 bytes)\n"
	    "failed -: No such file or directory\n"
	    "message a.eml eml 61\nmessage b raw 4\n", out->str);
	assert_int_equal(61 + 4 + 61 + 4, ms_source_bytes(source));
	g_string_free(out, TRUE);
	g_string_free(list, TRUE);
	ms_source_free(source);
}

static void
test_times(void **state)
{
	struct ms_source_config config = plain;

	(void)state;
	put("m", "From a Thu Jan  1 00:00:00 1998\n\nx\n\n"
	    "From b Fri Jan  1 00:00:00 1999\n\ny\n\n"
	    "From c\nDate: Thu, 01 Jan 1998 00:00:00 +0000\n\nz\n\n"
	    "From d\n\nno date\n");
	config.since = 900000000;
	check(&config, "m", "unselected m\nmessage m mbox #2@36+36 3\n"
	    "unselected m\nmessage m mbox #4@121+16 9\n");
	config = plain;
	config.until = 900000000;
	check(&config, "m", "message m mbox #1@0+36 3\nunselected m\n"
	    "message m mbox #3@72+49 41\nmessage m mbox #4@121+16 9\n");
	put("a.eml", EML);
	check(&config, "a.eml", "unselected a.eml\n");
}

/* A file of HEAD kilobytes, cut to CUT while it is being read. */
static void
test_shrinking(void **state)
{
	struct ms_source *source = ms_source_new(&plain);
	GString *text = g_string_new(NULL);
	struct ms_source_item item;
	struct ms_error err;
	int count = 0, cut = 0;

	(void)state;
	while (text->len < 1000000)
		g_string_append(text, "From a Thu Jan  1 00:00:00 1998\n\n"
		    "Some text that is not very long\n\n");
	put("m", text->str);
	ms_source_add(source, "m");
	assert_int_equal(MS_OK, ms_source_next(source, &item, &err));
	ms_source_item_clear(&item);
	assert_int_equal(0, truncate("m", 500000));
	while (ms_source_next(source, &item, &err) == MS_OK &&
	    item.kind == MS_SOURCE_MESSAGE) {
		cut += item.message->cut;
		ms_source_item_clear(&item);
		count++;
	}
	assert_int_equal(1, cut);
	assert_int_equal(MS_SOURCE_FAILED, item.kind);
	assert_true(g_str_has_prefix(item.text, "shortened while it was "
	    "read: ends at byte 500000 of 10000"));
	assert_int_equal(500000 / 66, count);
	assert_int_equal(500000 / 66 * 66, item.origin.offset);
	ms_source_item_clear(&item);
	assert_int_equal(MS_END, ms_source_next(source, &item, &err));
	g_string_free(text, TRUE);
	ms_source_free(source);
}

/* Over the limit: hashed whole, kept up to it. */
static void
test_message_max(void **state)
{
	struct ms_source_config config = plain;
	struct ms_digest whole = ms_hash_of(EML, sizeof EML - 1);
	struct ms_source *source;
	struct ms_source_item item;

	(void)state;
	put("a.eml", EML);
	config.message_max = 10;
	source = ms_source_new(&config);
	ms_source_add(source, "a.eml");
	assert_int_equal(MS_OK, ms_source_next(source, &item, NULL));
	assert_int_equal(51, item.message->omitted);
	assert_int_equal(10, ms_spool_size(item.message->body));
	assert_true(ms_hash_equal(&whole, &item.message->sha256));
	ms_source_item_clear(&item);
	ms_source_free(source);
}

static const char *
corpus(void)
{
	static char path[4096];
	const char *given = getenv("MAILSCAN_CORPUS");
	const char *testdata = getenv("TESTDATA");
	char *name;

	if (path[0])
		return path;
	/* The tests run elsewhere, but are told where testdata is. */
	name = given ? g_strdup(given) : g_build_filename(testdata ?
	    testdata : "testdata", "../../shared/corpus", NULL);
	if (!realpath(name, path))
		path[0] = '\0';
	g_free(name);
	return path;
}

static void
check_message(const struct ms_source_item *item, const json_t *want)
{
	const struct ms_origin *o = &item->message->origin;
	char hex[MS_HASH_HEX];

	assert_int_equal(json_integer_value(json_object_get(want, "n")),
	    o->index);
	/* Empty lines in front count to the first slice. */
	if (o->offset > 0 || o->index > 1)
		assert_int_equal(json_integer_value(json_object_get(want,
		    "offset")), o->offset);
	assert_int_equal(json_integer_value(json_object_get(want, "size")),
	    item->message->size);
	ms_hash_hex(&item->message->sha256, hex);
	assert_string_equal(json_string_value(json_object_get(want,
	    "sha256")), hex);
	assert_string_equal("mbox", o->format);
}

/* One mailbox against what the independent oracle says of it. */
static void
check_mailbox(const json_t *want, enum ms_source_format format)
{
	const char *file = json_string_value(json_object_get(want, "file"));
	char *path = g_build_filename(corpus(), file, NULL);
	const json_t *messages = json_object_get(want, "messages");
	struct ms_source_config config = plain;
	struct ms_source_item item;
	struct ms_source *source;
	uint64_t sum = 0;
	size_t n = 0;

	/* By content these are single messages, and no wonder. */
	if (format == MS_SOURCE_AUTO && json_array_size(messages) == 0) {
		g_free(path);
		return;
	}
	config.format = format;
	source = ms_source_new(&config);
	print_message("  %s\n", file);
	ms_source_add(source, path);
	while (ms_source_next(source, &item, NULL) == MS_OK) {
		assert_int_equal(MS_SOURCE_MESSAGE, item.kind);
		if (sum > 0 || item.message->origin.index > 0)
			assert_true(item.message->origin.offset == sum);
		sum += item.message->origin.length;
		if (item.message->origin.index > 0)
			check_message(&item, json_array_get(messages, n++));
		ms_source_item_clear(&item);
	}
	assert_int_equal(json_integer_value(json_object_get(want, "size")),
	    sum);
	assert_int_equal(json_array_size(messages), n);
	ms_source_free(source);
	g_free(path);
}

static void
test_corpus(void **state)
{
	char *path = g_build_filename(corpus(), "expected/mbox.json", NULL);
	json_t *expected = *corpus() ? json_load_file(path, 0, NULL) : NULL;

	(void)state;
	g_free(path);
	if (!expected) {
		print_message("SKIPPED: no corpus (set MAILSCAN_CORPUS)\n");
		skip();
	}
	for (size_t i = 0; i < json_array_size(expected); i++) {
		check_mailbox(json_array_get(expected, i), MS_SOURCE_MBOX);
		check_mailbox(json_array_get(expected, i), MS_SOURCE_AUTO);
	}
	json_decref(expected);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_files, setup, teardown),
		cmocka_unit_test_setup_teardown(test_forced, setup, teardown),
		cmocka_unit_test_setup_teardown(test_stdin, setup, teardown),
		cmocka_unit_test_setup_teardown(test_lists, setup, teardown),
		cmocka_unit_test_setup_teardown(test_times, setup, teardown),
		cmocka_unit_test_setup_teardown(test_shrinking, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(test_message_max, setup,
		    teardown),
		cmocka_unit_test(test_corpus),
	};

	/* Before the tests change directory. */
	(void)corpus();
	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
