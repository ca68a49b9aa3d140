#include "action/holding.h"

#include "action/inventory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "action/quarantine_test.h"

static struct ms_holding *
open_it(struct ms_quarantine *q, const char *id, bool lock)
{
	struct ms_holding *holding;
	struct ms_error err = { "" };

	if (ms_holding_open(q, id, lock, &holding, &err) != MS_OK)
		fail_msg("%s", err.text);
	return holding;
}

static void
check_message(struct ms_holding *holding, bool unquoted, const char *want)
{
	struct ms_error err = { "" };
	char got[100];
	uint64_t size;
	int fd;

	assert_int_equal(MS_OK, ms_holding_message(holding, unquoted, &fd,
	    &size, &err));
	assert_int_equal(strlen(want), size);
	assert_int_equal(size, pread(fd, got, sizeof got, 0));
	assert_memory_equal(want, got, size);
	assert_int_equal(0, close(fd));
}

static void
read_back(bool zip)
{
	struct ms_quarantine *q = quarantine_open(zip ? "zip" : "plain");
	char id[MS_QUARANTINE_ID_MAX];
	struct ms_holding *holding;
	const struct ms_outcome *outcome;
	struct ms_error err = { "" };

	ms_quarantine_defang(q, zip);
	quarantine_put_text(q, "dir/../inbox", id);
	holding = open_it(q, id, false);
	assert_int_equal(zip, holding->zip);
	assert_int_equal(MS_OK, ms_holding_verify(holding, &err));
	check_message(holding, false, QUARANTINE_TEXT);
	check_message(holding, true, "Subject: x\n\nFrom here\n");
	assert_string_equal(id, holding->custody->id);
	assert_string_equal("scan --move", holding->custody->by);
	assert_string_equal(QUARANTINE_FROM, holding->custody->from_line);
	assert_true(g_path_is_absolute(holding->custody->place));
	assert_true(g_str_has_suffix(holding->custody->place, "/inbox"));
	assert_null(strstr(holding->custody->place, ".."));
	assert_int_equal(ms_custody_time(id), holding->custody->stored);
	outcome = holding->custody->outcome;
	assert_string_equal("dir/../inbox", outcome->origin.source);
	assert_int_equal(3, outcome->origin.index);
	assert_int_equal(MS_VERDICT_INFECTED, outcome->verdict);
	assert_string_equal("Win.Test\x1b", ((const struct ms_finding *)
	    g_ptr_array_index(outcome->facts.findings, 0))->name);
	assert_string_equal("otto@example.org",
	    outcome->envelope->recipients[0]);
	ms_holding_close(holding);
	ms_holding_close(NULL);
	ms_quarantine_close(q);
}

static void
test_read(void **state)
{
	(void)state;
	read_back(false);
	read_back(true);
}

/* Quoting goes only if it is known which it was. */
static void
test_quoting_unknown(void **state)
{
	static const char text[] = "Subject: y\n\n>From here\n";
	struct ms_quarantine *q = quarantine_open("quoting");
	char id[MS_QUARANTINE_ID_MAX];
	struct ms_holding *holding;

	(void)state;
	assert_int_equal(MS_OK, quarantine_put(q, "inbox", "mbox", text,
	    strlen(text), id));
	holding = open_it(q, id, false);
	check_message(holding, true, text);
	ms_holding_close(holding);
	ms_quarantine_close(q);
}

static void
test_lock(void **state)
{
	struct ms_quarantine *q = quarantine_open("lock");
	struct ms_holding *first, *second;
	char id[MS_QUARANTINE_ID_MAX];
	struct ms_error err = { "" };

	(void)state;
	quarantine_put_text(q, "inbox", id);
	first = open_it(q, id, true);
	assert_int_equal(MS_E_PEER, ms_holding_open(q, id, true, &second,
	    &err));
	second = open_it(q, id, false);
	ms_holding_close(second);
	/* Who had to wait finds that it is gone. */
	assert_int_equal(MS_OK, ms_holding_delete(first, &err));
	assert_int_equal(MS_END, ms_holding_open(q, id, true, &second,
	    &err));
	ms_holding_close(first);
	/* So is the day. */
	assert_int_equal(0, quarantine_files("lock"));
	id[8] = '\0';
	assert_int_equal(0, fchdir(ms_quarantine_fd(q)));
	assert_int_equal(-1, access(id, F_OK));
	assert_int_equal(0, chdir(".."));
	ms_quarantine_close(q);
}

static void
write_file(const char *q, const char *id, const char *end, const char *text)
{
	char *path = quarantine_path(q, id, end);

	assert_true(g_file_set_contents(path, text, -1, NULL));
	g_free(path);
}

/* Each kind of damage is said, and hurts nothing else. */
static void
test_damage(void **state)
{
	struct ms_quarantine *q = quarantine_open("damage");
	char id[MS_QUARANTINE_ID_MAX], other[MS_QUARANTINE_ID_MAX];
	struct ms_holding *holding;
	struct ms_error err = { "" };
	char *path, *text;
	uint64_t size;
	int fd;

	(void)state;
	quarantine_put_text(q, "inbox", id);
	quarantine_put_text(q, "inbox", other);
	/* one bit */
	write_file("damage", id, ".eml", "subject: x\n\n>From here\n");
	holding = open_it(q, id, false);
	assert_int_equal(MS_E_FORMAT, ms_holding_verify(holding, &err));
	assert_non_null(strstr(err.text, "not the one"));
	assert_int_equal(MS_E_FORMAT, ms_holding_message(holding, false, &fd,
	    &size, &err));
	ms_holding_close(holding);
	/* the record of another one */
	path = quarantine_path("damage", other, ".json");
	assert_true(g_file_get_contents(path, &text, NULL, NULL));
	write_file("damage", id, ".json", text);
	g_free(text);
	holding = open_it(q, id, false);
	assert_null(holding->custody);
	assert_non_null(strstr(holding->trouble.text, "another message"));
	ms_holding_close(holding);
	/* no record: the name still says what the message was */
	assert_int_equal(0, unlink(path));
	g_free(path);
	holding = open_it(q, other, false);
	assert_null(holding->custody);
	assert_int_equal(MS_E_FORMAT, ms_holding_verify(holding, &err));
	assert_non_null(strstr(err.text, "record is missing"));
	check_message(holding, true, QUARANTINE_TEXT);
	ms_holding_close(holding);
	write_file("damage", other, ".eml", "something else");
	holding = open_it(q, other, false);
	assert_int_equal(MS_E_FORMAT, ms_holding_message(holding, false, &fd,
	    &size, &err));
	ms_holding_close(holding);
	/* no message */
	path = quarantine_path("damage", id, ".eml");
	assert_int_equal(0, unlink(path));
	g_free(path);
	holding = open_it(q, id, true);
	assert_int_equal(-1, holding->fd);
	assert_int_equal(MS_E_FORMAT, ms_holding_message(holding, false, &fd,
	    &size, &err));
	assert_int_equal(MS_OK, ms_holding_delete(holding, &err));
	ms_holding_close(holding);
	ms_quarantine_close(q);
}

/* Links and devices in the place of our files are not followed or read. */
static void
test_in_the_way(void **state)
{
	struct ms_quarantine *q = quarantine_open("way");
	char id[MS_QUARANTINE_ID_MAX];
	struct ms_holding *holding;
	struct ms_error err = { "" };
	char *message, *record;

	(void)state;
	quarantine_put_text(q, "inbox", id);
	message = quarantine_path("way", id, ".eml");
	record = quarantine_path("way", id, ".json");
	assert_true(g_file_set_contents("victim", QUARANTINE_TEXT, -1, NULL));
	assert_int_equal(0, unlink(message));
	assert_int_equal(0, symlink("../../victim", message));
	assert_int_equal(MS_E_IO, ms_holding_open(q, id, false, &holding,
	    &err));
	assert_int_equal(0, unlink(message));
	assert_int_equal(0, mkfifo(message, 0600));
	assert_int_equal(MS_E_IO, ms_holding_open(q, id, false, &holding,
	    &err));
	assert_int_equal(0, unlink(message));
	assert_true(g_file_set_contents(message, QUARANTINE_TEXT, -1, NULL));
	assert_int_equal(0, unlink(record));
	assert_int_equal(0, mkfifo(record, 0600));
	holding = open_it(q, id, true);
	assert_null(holding->custody);
	assert_non_null(strstr(holding->trouble.text, "no regular file"));
	ms_holding_close(holding);
	g_free(record);
	g_free(message);
	ms_quarantine_close(q);
}

static void
test_no_ids(void **state)
{
	static const char *const ids[] = {
		"", "/", "20261121", "20261121/", "../etc/passwd",
		"20261121/../20261121/090000.1.1.0123456789abcdef",
		"20261121/090000.1.1.0123456789abcde",
		"20261121/090000.1.1.0123456789abcdef0",
		"20261121/090000.1.1.0123456789abcdeF",
		"20261121/090000..1.0123456789abcdef",
		"2026112/090000.1.1.0123456789abcdef",
		"20261121/090000.1.1.0123456789abcdef.eml",
		("20261121/090000.11111111111111111111111111111111.1."
		    "0123456789abcdef"),
	};
	struct ms_quarantine *q = quarantine_open("ids");
	struct ms_holding *holding;

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(ids); i++) {
		assert_false(ms_custody_is_id(ids[i]));
		assert_int_equal(-1, ms_custody_time(ids[i]));
		assert_int_equal(MS_E_USAGE, ms_holding_open(q, ids[i], false,
		    &holding, NULL));
	}
	assert_int_equal(MS_END, ms_holding_open(q,
	    "20261121/090000.1.1.0123456789abcdef", false, &holding, NULL));
	assert_int_equal(1795251600, ms_custody_time(
	    "20261121/090000.1.1.0123456789abcdef"));
	ms_quarantine_close(q);
}

/* A record is written anew as a whole, with what we do not know in it. */
static void
test_save(void **state)
{
	struct ms_quarantine *q = quarantine_open("save");
	char id[MS_QUARANTINE_ID_MAX];
	struct ms_holding *holding;
	struct ms_custody_release *release;
	char *record, *text, *more;

	(void)state;
	quarantine_put_text(q, "inbox", id);
	record = quarantine_path("save", id, ".json");
	assert_true(g_file_get_contents(record, &text, NULL, NULL));
	more = g_strconcat("{\"new\": [1, \"x\"], ", text + 1, NULL);
	assert_true(g_file_set_contents(record, more, -1, NULL));
	g_free(more);
	g_free(text);
	holding = open_it(q, id, true);
	release = ms_custody_begin(holding->custody, "mbox:/a\nb", 7, 99);
	release->detail = g_strdup("no");
	release->state = MS_CUSTODY_FAILED;
	assert_int_equal(MS_OK, ms_holding_save(holding, NULL));
	ms_holding_close(holding);
	assert_int_equal(2, quarantine_files("save"));
	holding = open_it(q, id, true);
	assert_int_equal(1, holding->custody->releases->len);
	release = g_ptr_array_index(holding->custody->releases, 0);
	assert_string_equal("mbox:/a\nb", release->to);
	assert_string_equal("no", release->detail);
	assert_int_equal(MS_CUSTODY_FAILED, release->state);
	assert_int_equal(7, release->at);
	assert_int_equal(99, release->mark);
	ms_holding_close(holding);
	assert_true(g_file_get_contents(record, &text, NULL, NULL));
	assert_non_null(strstr(text, "\"new\""));
	g_free(text);
	g_free(record);
	ms_quarantine_close(q);
}

static enum ms_status
note(void *arg, const struct ms_inventory_name *name, struct ms_error *err)
{
	(void)err;
	g_string_append_printf(arg, "%s %s%s%s%s;", name->id,
	    name->message ? "m" : "", name->record ? "r" : "",
	    name->leftover ? "l" : "", name->foreign ? "f" : "");
	return MS_OK;
}

static enum ms_status
stop(void *arg, const struct ms_inventory_name *name, struct ms_error *err)
{
	(void)name, (void)err;
	++*(int *)arg;
	return MS_END;
}

static void
test_inventory(void **state)
{
#define NAME "/090000.1.1.0123456789abcdef"
	static const char *const files[] = {
		"note", "20260102" NAME ".eml", "20260102" NAME ".json",
		"20260101" NAME ".zip", "20260103" NAME ".json",
		"20260103/.090000.1.1.0123456789abcdef.eml.new",
		"20260103/.x.new", "20260103/x.eml",
	};
	struct ms_quarantine *q = quarantine_open("inventory");
	GString *seen = g_string_new(NULL);
	int visits = 0;

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(files); i++) {
		char *path = g_build_filename("inventory", files[i], NULL);
		char *dir = g_path_get_dirname(path);

		(void)mkdir(dir, 0700);
		assert_true(g_file_set_contents(path, "", 0, NULL));
		g_free(dir);
		g_free(path);
	}
	assert_int_equal(MS_OK, ms_inventory_each(q, 0, 99999999, note, seen,
	    NULL));
	assert_string_equal("note f;20260101" NAME " m;20260102" NAME " mr;"
	    "20260103/.090000.1.1.0123456789abcdef.eml.new l;"
	    "20260103/.x.new f;20260103" NAME " r;20260103/x.eml f;",
	    seen->str);
	g_string_truncate(seen, 0);
	assert_int_equal(MS_OK, ms_inventory_each(q, 20260102, 20260102, note,
	    seen, NULL));
	assert_string_equal("note f;20260102" NAME " mr;", seen->str);
	assert_int_equal(MS_OK, ms_inventory_each(q, 0, 99999999, stop,
	    &visits, NULL));
	assert_int_equal(1, visits);
	assert_int_equal(MS_E_USAGE, ms_inventory_sweep(q, "20260103/x.eml",
	    NULL));
	assert_int_equal(MS_E_USAGE, ms_inventory_sweep(q, "20260103/../note",
	    NULL));
	assert_int_equal(MS_OK, ms_inventory_sweep(q,
	    "20260103/.090000.1.1.0123456789abcdef.eml.new", NULL));
	assert_int_equal(7, quarantine_files("inventory"));
	g_string_free(seen, TRUE);
	ms_quarantine_close(q);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_read),
		cmocka_unit_test(test_quoting_unknown),
		cmocka_unit_test(test_lock),
		cmocka_unit_test(test_damage),
		cmocka_unit_test(test_in_the_way),
		cmocka_unit_test(test_no_ids),
		cmocka_unit_test(test_save),
		cmocka_unit_test(test_inventory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
