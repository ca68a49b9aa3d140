#include "source/queue.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "source/queue_test.h"

#define ID "1abcde-000001-2B"
#define HEADER ID "-H\nmail 8 8\n<a@x>\n1700000000 0\nXX\n1\nb@x\n\n" \
    "005  A: b\n"

static struct ms_source_config source = {
	.since = INT64_MIN, .until = INT64_MAX,
	.spool = { .heap_max = 1 << 20 },
};

static void
describe(GString *out, const struct ms_source_item *item)
{
	static const char *const kinds[] = {
		"message", "unselected", "gone", "empty", "skipped", "failed"
	};
	const struct ms_message *m = item->message;

	g_string_append_printf(out, "%s", kinds[item->kind]);
	if (item->text)
		g_string_append_printf(out, ": %s", item->text);
	if (m) {
		assert_int_equal(0, m->origin.dev);
		assert_int_equal(0, m->origin.ino);
		g_string_append_printf(out, " %s %s%d %d@%d%s",
		    m->origin.format, m->envelope ? m->envelope->queue_id :
		    "-", m->envelope ? (int)m->envelope->count : 0,
		    (int)m->size, (int)m->origin.delivered,
		    m->cut ? " cut" : "");
	}
	g_string_append_c(out, '\n');
}

/* All items of the file at PATH, which is an operand if PATH has a slash,
 * else a name in the directory. NULL: it is no queue's. GONE: it is removed
 * before it is read. */
static char *
items(const char *path, bool gone)
{
	const struct ms_intake_config intake_config = {
		.spool = source.spool, .max_bytes = 1 << 20
	};
	struct ms_intake *intake = ms_intake_new(&intake_config);
	char *name = g_strdup(path);
	struct ms_origin origin = {
		.source = name, .delivered = 7, .dev = 1, .ino = 1
	};
	int fd = open(path, O_RDONLY), dir = open(".", O_RDONLY);
	struct stat st;
	struct ms_queue_config config = {
		.source = &source, .intake = intake, .origin = &origin,
		.place = { strchr(path, '/') ? AT_FDCWD : dir, path },
	};
	struct ms_source_item item = { 0 };
	struct ms_queue *queue;
	GString *out = g_string_new(NULL);

	assert_int_equal(0, fstat(fd, &st));
	config.input = ms_input_file(fd, (uint64_t)st.st_size);
	queue = ms_queue_new(&config);
	if (!queue)
		ms_input_free(config.input);
	if (gone)
		assert_int_equal(0, unlink(path));
	while (queue && ms_queue_next(queue, &item, NULL) == MS_OK) {
		describe(out, &item);
		ms_source_item_clear(&item);
	}
	ms_queue_free(queue);
	ms_intake_free(intake);
	g_free(name);
	(void)close(dir);
	return g_string_free(out, FALSE);
}

static void
check(const char *path, bool gone, const char *want)
{
	char *got = items(path, gone);

	assert_string_equal(want, got);
	g_free(got);
}

static void
test_exim(void **state)
{
	(void)state;
	queue_put(ID "-H", HEADER);
	check(ID "-H", false, "failed: " ID "-D is missing beside it\n");
	queue_put(ID "-D", ID "-D\ntext\n");
	check(ID "-H", false, "message exim " ID "1 11@1700000000\n");
	check(ID "-D", false, "");
	check("./" ID "-D", false, "failed: a part of the message that " ID
	    "-H stands for: scan that\n");
	queue_put(ID "-J", "b@X\n");
	check(ID "-H", false, "message exim " ID "0 11@1700000000\n");
	check(ID "-J", false, "");
	queue_put(ID "-D", "text\n");
	check(ID "-H", false, "message exim " ID "0 5@1700000000 cut\n"
	    "failed: a damaged spool file: the data file does not begin with "
	    "its name\n");
	source.since = 1800000000;
	queue_put(ID "-D", ID "-D\ntext\n");
	check(ID "-H", false, "unselected\n");
	source.since = INT64_MIN;
	assert_int_equal(0, unlink(ID "-D"));
	check(ID "-H", true, "gone: vanished before it could be read\n");
}

static void
test_postfix(void **state)
{
	const char *whole = "T\x01" "1S\x01" "aR\x01" "bM";
	GString *file = g_string_new(whole);

	(void)state;
	g_string_append_len(file, "\0N\1xX\0E\0", 8);
	assert_true(g_file_set_contents("4A", file->str, (gssize)file->len,
	    NULL));
	check("4A", false, "message postfix 4A1 2@1\n");
	assert_true(g_file_set_contents("4A", file->str,
	    (gssize)file->len - 2, NULL));
	check("4A", false, "skipped: still being received\n");
	assert_int_equal(0, chmod("4A", 0700));
	check("4A", false, "message postfix 4A1 2@1 cut\n"
	    "failed: a damaged queue file: no end at byte 16\n");
	g_string_free(file, TRUE);
}

static void
test_sendmail(void **state)
{
	(void)state;
	queue_put("q/qf/qfA1", "V8\nT5\nS<>\nRPFD:<b@x>\nH??A: b\n.\n");
	queue_put("q/df/dfA1", "");
	check("q/qf/qfA1", false, "message sendmail A11 6@5\n");
	assert_int_equal(0, unlink("q/df/dfA1"));
	assert_int_equal(0, symlink("/dev/null", "q/df/dfA1"));
	check("q/qf/qfA1", false, "failed: ../df/dfA1: a symbolic link\n");
	assert_int_equal(0, unlink("q/df/dfA1"));
	check("q/qf/qfA1", true, "gone: vanished before it could be read\n");
}

static void
test_qmail(void **state)
{
	(void)state;
	source.format = MS_SOURCE_QMAIL;
	queue_put("q/mess/3/26", "A: b\n\n");
	check("q/mess/3/26", false, "skipped: still being received\n");
	queue_put("q/info/3/26", "F");
	check("q/mess/3/26", false,
	    "failed: info/3/26: a damaged envelope: byte 1\n");
	assert_true(g_file_set_contents("q/info/3/26", "Fa@x", 5, NULL));
	check("q/mess/3/26", false, "message qmail 260 6@7\n");
	queue_put("q/todo", NULL);
	assert_true(g_file_set_contents("q/todo/26", "Fa@x\0Tb@x", 10, NULL));
	check("q/mess/3/26", false, "message qmail 261 6@7\n");
	assert_int_equal(0, unlink("q/todo/26"));
	assert_int_equal(0, unlink("q/info/3/26"));
	check("q/mess/3/26", true, "gone: vanished before it could be read\n");
	source.format = MS_SOURCE_AUTO;
}

static void
test_stores(void **state)
{
	(void)state;
	source.format = MS_SOURCE_CYRUS;
	queue_put("12.", "A: b\r\n\r\n");
	check("12.", false, "message cyrus -0 8@7\n");
	queue_put("13.", "");
	check("13.", false, "failed: an empty file\n");
	source.format = MS_SOURCE_AUTO;
	check("12.", false, "");
	queue_put("u.1", "2 M1e C1\n\001\002N          0000000000000001\nx"
	    "\n\001\003\nR9\n\n");
	check("u.1", false, "message sdbox -0 1@9\n");
	queue_put("m.1", "2 M1e C1\n");
	check("m.1", false, "empty: no message in it\n");
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, queue_setup, queue_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_exim), TEST(test_postfix), TEST(test_sendmail),
		TEST(test_qmail), TEST(test_stores),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
