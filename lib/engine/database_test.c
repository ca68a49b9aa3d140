#include "engine/database.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <utime.h>

#include <cmocka.h>

#include "base/rights_test.h"

static void
make(const char *path, const char *text, time_t when)
{
	const struct utimbuf times = { when, when };

	assert_true(g_file_set_contents(path, text, -1, NULL));
	assert_int_equal(0, utime(path, &times));
}

/* A head as sigtool writes it, with room for the rest of its 512 bytes. */
static char *
head(const char *version, const char *signatures)
{
	char *text = g_strdup_printf("ClamAV-VDB:09 Sep 2001 01-46 +0000:"
	    "%s:%s:77:00000000000000000000000000000000:sig:me:1000000000",
	    version, signatures);
	char *padded = g_strdup_printf("%-512s", text);

	g_free(text);
	return padded;
}

static void
test_directory(void **state)
{
	char *daily = head("27451", "2000000"), *main_db = head("62", "600");
	struct ms_database *database;
	const struct ms_database_file *file;
	struct ms_error err = { "" };
	char *text;

	(void)state;
	assert_int_equal(0, mkdir("db", 0700));
	make("db/main.cvd", main_db, 5);
	make("db/daily.cld", daily, 5);
	make("db/own.ndb", "x", 1100000000);
	make("db/more.hdb", "xy", 1050000000);
	make("db/readme.txt", "x", 1900000000);
	make("db/mirrors.dat", "x", 1900000000);
	assert_int_equal(MS_OK, ms_database_open("db", &database, &err));
	assert_int_equal(4, database->files->len);
	file = database->files->pdata[0];
	assert_string_equal("daily.cld", file->name);
	assert_int_equal(27451, file->version);
	assert_int_equal(2000000, file->signatures);
	assert_int_equal(1000000000, file->time);
	assert_int_equal(512, file->size);
	file = database->files->pdata[3];
	assert_string_equal("own.ndb", file->name);
	assert_int_equal(0, file->version);
	assert_int_equal(1100000000, file->time);
	assert_int_equal(1100000000, database->newest);
	text = ms_database_describe(database);
	assert_string_equal("daily 27451, main 62, 2 other files", text);
	g_free(text);
	ms_database_free(database);
	g_free(daily);
	g_free(main_db);
}

/* 0: nobody is kept from what is root's. */
static int
be_kept_out(void)
{
	static const char *const cases[][2] = { { "all", NULL },
		{ "all/a.ndb", NULL }, { "none", NULL },
		{ "file", "nobody cannot read file/b.ndb: Permission denied "
		  "(chmod a+rX file/b.ndb, or chown nobody file/b.ndb)" },
		{ "file/b.ndb", "nobody cannot read file/b.ndb: Permission "
		  "denied (chmod a+rX file/b.ndb, or chown nobody "
		  "file/b.ndb)" },
		{ "dir", "nobody cannot read dir: Permission denied (chmod "
		  "a+rX dir, or chown nobody dir)" },
		{ "dir/a.ndb", "nobody cannot read dir/a.ndb: Permission "
		  "denied: that user may not enter dir (chmod a+x dir)" },
		{ "listed", "nobody cannot read listed: Permission denied "
		  "(chmod a+rX listed, or chown nobody listed)" } };

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		char *text = ms_database_denied(cases[i][0]);
		const bool same = g_strcmp0(text, cases[i][1]) == 0;

		g_free(text);
		if (!same)
			return (int)i + 1;
	}
	return 0;
}

static void
test_denied(void **state)
{
	static const struct {
		const char *dir, *file;
		mode_t dir_mode, mode;
	} cases[] = {
		{ "all", "all/a.ndb", 0755, 0644 },
		{ "file", "file/a.ndb", 0755, 0644 },
		{ "file", "file/b.ndb", 0755, 0600 },
		{ "file", "file/text", 0755, 0600 },
		{ "dir", "dir/a.ndb", 0700, 0644 },
		{ "listed", "listed/a.ndb", 0744, 0644 },
	};
	char place[] = "/tmp/database_test.XXXXXX";
	char *before = g_get_current_dir();

	(void)state;
	assert_non_null(mkdtemp(place));
	assert_int_equal(0, chmod(place, 0755));
	assert_int_equal(0, chdir(place));
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		(void)mkdir(cases[i].dir, cases[i].dir_mode);
		make(cases[i].file, "x", 5);
		assert_int_equal(0, chmod(cases[i].dir, cases[i].dir_mode));
		assert_int_equal(0, chmod(cases[i].file, cases[i].mode));
	}
	/* Others have no rights to give up. */
	if (ms_rights_are_all())
		assert_int_equal(0, rights_test_as_nobody(be_kept_out));
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		assert_int_equal(0, unlink(cases[i].file));
		(void)rmdir(cases[i].dir);
	}
	assert_int_equal(0, chdir(before));
	assert_int_equal(0, rmdir(place));
	g_free(before);
}

/* libclamav would read it for ever. */
static void
test_no_file(void **state)
{
	struct ms_database *database;
	struct ms_error err;

	(void)state;
	assert_int_equal(0, mkdir("odd", 0700));
	assert_int_equal(0, mkdir("odd/dir.ndb", 0700));
	make("odd/own.ndb", "x", 1100000000);
	assert_int_equal(MS_E_FORMAT, ms_database_open("odd", &database,
	    &err));
	assert_non_null(strstr(err.text, "odd/dir.ndb: not a regular"));
	assert_int_equal(MS_E_FORMAT, ms_database_open("/dev/null",
	    &database, &err));
}

static void
test_describe(void **state)
{
	static const struct {
		const char *path, *want;
	} cases[] = {
		{ "one/a.ndb", "1 file" }, { "one", "1 file" },
		{ "two", "2 files" }, { "none", "" },
	};

	(void)state;
	assert_int_equal(0, mkdir("one", 0700));
	assert_int_equal(0, mkdir("two", 0700));
	assert_int_equal(0, mkdir("none", 0700));
	make("one/a.ndb", "x", 7);
	make("two/a.ndb", "x", 7);
	/* What claims to be signed and is not. */
	make("two/b.cvd", "nonsense", 9);
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct ms_database *database;
		struct ms_error err = { "" };
		char *text;

		print_message("  %s\n", cases[i].path);
		assert_int_equal(MS_OK, ms_database_open(cases[i].path,
		    &database, &err));
		text = ms_database_describe(database);
		assert_string_equal(cases[i].want, text);
		assert_int_equal(database->files->len == 0 ? -1 :
		    database->files->len == 1 ? 7 : 9, database->newest);
		g_free(text);
		ms_database_free(database);
	}
	ms_database_free(NULL);
}

static void
test_body_bytes(void **state)
{
	struct ms_database *database = NULL;
	struct ms_error err = { "" };

	(void)state;
	assert_int_equal(0, mkdir("bodies", 0700));
	make("bodies/a.ndb", "1234", 7);
	make("bodies/b.ldb", "123", 7);
	make("bodies/c.hdb", "1234567", 7);
	make("bodies/d.mdb", "1234567", 7);
	make("bodies/e.cvd", "12", 7);
	assert_int_equal(MS_OK, ms_database_open("bodies", &database, &err));
	assert_int_equal(9, ms_database_body_bytes(database));
	ms_database_free(database);
}

static void
test_missing(void **state)
{
	struct ms_database *database = NULL;
	struct ms_error err = { "" };

	(void)state;
	assert_int_equal(MS_E_IO, ms_database_open("./not/there", &database,
	    &err));
	assert_non_null(strstr(err.text, "./not/there"));
	assert_null(database);
	assert_true(*ms_database_default() == '/');
}

static void
put(const char *path, const char *text)
{
	assert_true(g_file_set_contents(path, text, -1, NULL));
}

static void
test_stamp(void **state)
{
	uint64_t first, second;

	(void)state;
	assert_int_equal(ms_database_stamp("./not/there"), 0);
	assert_int_equal(mkdir("stamp", 0700), 0);
	assert_int_equal(ms_database_stamp("stamp"), 0);
	put("stamp/a.ndb", "one");
	first = ms_database_stamp("stamp");
	assert_int_not_equal(first, 0);
	put("stamp/readme", "no database");
	assert_int_equal(ms_database_stamp("stamp"), first);
	/* The same size, and perhaps the same time. */
	put("stamp/new.ndb", "two");
	assert_int_equal(rename("stamp/new.ndb", "stamp/a.ndb"), 0);
	second = ms_database_stamp("stamp");
	assert_int_not_equal(second, first);
	put("stamp/b.hdb", "x");
	assert_int_not_equal(ms_database_stamp("stamp"), second);
	assert_int_equal(unlink("stamp/b.hdb"), 0);
	assert_int_equal(ms_database_stamp("stamp"), second);
	assert_int_not_equal(ms_database_stamp("stamp/a.ndb"), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_directory),
		cmocka_unit_test(test_denied),
		cmocka_unit_test(test_no_file),
		cmocka_unit_test(test_describe),
		cmocka_unit_test(test_body_bytes),
		cmocka_unit_test(test_missing),
		cmocka_unit_test(test_stamp),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
