#include "base/conf.h"

#include "base/rights_test.h"

#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* libconfuse keeps some bytes of a text that it cannot parse. */
const char *__lsan_default_suppressions(void);

const char *
__lsan_default_suppressions(void)
{
	return "leak:libconfuse";
}

static const char *const keys[] = { "jobs", "paths", "include", "max-size",
	NULL };
static const char *const few[] = { "jobs", NULL };
static const struct ms_conf_section sections[] = {
	{ "", false, keys },
	{ "scan", false, keys },
	{ "db", false, few },
	{ "profile", true, keys },
	{ 0 },
};

/* All settings as one line each: "[section title] key=a|b @line". */
static char *
describe(const struct ms_conf *conf)
{
	const GPtrArray *settings = ms_conf_settings(conf);
	GString *out = g_string_new(NULL);

	for (guint i = 0; i < settings->len; i++) {
		const struct ms_conf_setting *s = settings->pdata[i];

		g_string_append_printf(out, "[%s%s%s] %s=", s->section,
		    s->title ? " " : "", s->title ? s->title : "", s->key);
		for (const char *const *v = s->values; *v; v++)
			g_string_append_printf(out, "%s%s",
			    v == s->values ? "" : "|", *v);
		g_string_append_printf(out, " @%u\n", s->line);
	}
	return g_string_free(out, FALSE);
}

static void
test_good(void **state)
{
	static const struct {
		const char *text;
		const char *want;
	} cases[] = {
		{ "", "" },
		{ "jobs = 4", "[] jobs=4 @1\n" },
		{ "jobs=4 max-size=1M", "[] jobs=4 @1\n[] max-size=1M @1\n" },
		{ "# one\n// two\n/* three\nfour */ jobs = 4 # x\n"
		  "max-size = 5 // y\ninclude = a\n",
		  "[] jobs=4 @4\n[] max-size=5 @5\n[] include=a @6\n" },
		{ "paths = {/a, \"b c\",\n 'd',\n}\njobs = 1",
		  "[] paths=/a|b c|d @1\n[] jobs=1 @4\n" },
		{ "paths = /a+b*~$HOME${HOME", NULL },
		{ "paths = a+b*~[$HOME]//x", "[] paths=a+b*~[$HOME]//x @1\n" },
		{ "paths = '${HOME} \\x41 \\' \\\\'",
		  "[] paths=${HOME} \\x41 ' \\ @1\n" },
		{ "paths = \"${HOME} \\x41b \\\" \\\\ \\101b \\t.\\q\"",
		  "[] paths=${HOME} Ab \" \\ Ab \t.q @1\n" },
		{ "paths = { \"\\x1b[31m1\", 1, \"\\x0155\" }",
		  "[] paths=\033[31m1|1|\00155 @1\n" },
		{ "paths = \"a\nb\"\njobs = 2", "[] paths=a\nb @1\n"
		  "[] jobs=2 @3\n" },
		{ "paths = \"# // /* { }\"", "[] paths=# // /* { } @1\n" },
		{ "paths = \"\"", "[] paths= @1\n" },
		{ "paths = \303\251\377", "[] paths=\303\251\377 @1\n" },
		{ "paths = {}", "[] paths= @0\n" },
		{ "scan { jobs = 1 }\nscan { paths = x\n}",
		  "[scan] jobs=1 @1\n[scan] paths=x @2\n" },
		{ "profile a { jobs = 1 }\nprofile \"b c\" {\njobs = 2 }\n"
		  "profile c { paths = {} }", "[profile a] jobs=1 @1\n"
		  "[profile b c] jobs=2 @3\n[profile c] paths= @0\n" },
		{ "jobs = 1 scan { jobs = 2 } profile x { jobs = 3 }",
		  "[] jobs=1 @1\n[scan] jobs=2 @1\n[profile x] jobs=3 @1\n" },
		{ "\"jobs\" = 4", "[] jobs=4 @1\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct ms_error err = { "" };
		struct ms_conf *conf;
		enum ms_status status = ms_conf_parse(cases[i].text,
		    strlen(cases[i].text), "f", sections, &conf, &err);
		char *got;

		print_message("  %s: %s\n", cases[i].text, err.text);
		if (!cases[i].want) {
			assert_int_equal(status, MS_E_FORMAT);
			continue;
		}
		assert_int_equal(status, MS_OK);
		got = describe(conf);
		assert_string_equal(got, cases[i].want);
		g_free(got);
		ms_conf_free(conf);
	}
}

static void
test_bad(void **state)
{
	static const struct {
		const char *text;
		const char *want;
	} cases[] = {
		{ "jbs = 1", "f:1: there is no key jbs; did you mean jobs?" },
		{ "\n\nxyzzyplugh = 1", "f:3: there is no key xyzzyplugh" },
		{ "# c\nscan {\n# c\n max-sise = 1 }", "f:4: there is no key "
		  "max-sise in a section scan; did you mean max-size?" },
		{ "db { paths = x }", "f:1: there is no key paths in a section "
		  "db" },
		{ "scn { }", "f:1: there is no key scn; did you mean scan?" },
		{ "jobs = 1\njobs = 2", "f:2: jobs is set already, at f:1" },
		{ "scan { jobs = 1 }\n\nscan { jobs = 2 }",
		  "f:3: jobs is set already, at f:1" },
		{ "profile a { jobs = 1 }\nprofile a { paths = x }",
		  "f:2: found duplicate title 'a'" },
		{ "paths = {}\nscan { paths = {} }\nscan { paths = {} }",
		  "f:3: paths is set already, in f" },
		{ "paths = x\npaths = {}", "f:2: paths is set already, "
		  "at f:1" },
		{ "jobs += 1", "f:1: there is no +=: a list is set as a whole, "
		  "and that of a section replaces the common one" },
		{ "jobs 1", "f:1: missing equal sign after option 'jobs'" },
		{ "jobs =", "f:1: premature end of file" },
		{ "jobs = }", "f:1: unexpected token '}'" },
		{ "}", "f:1: unexpected closing brace" },
		{ "jobs = 1\nscan {\njobs = 2\n", "f:2: what { opens here is "
		  "not closed" },
		{ "\njobs = \"1\n\n", "f:2: this string does not end: there "
		  "is no other \"" },
		{ "\n/* x\n\n", "f:2: this comment does not end" },
		{ "jobs = \"\\x4\"", "f:1: \\x wants two digits behind it" },
		{ "jobs = \"\\0\"", "f:1: a string cannot hold the byte 0" },
		{ "jobs = \"\\777\"", "f:1: a string cannot hold the byte "
		  "511" },
		{ "profile { }", "f:1: missing title for section 'profile'" },
		{ "scan x { }", "f:1: missing opening brace for section "
		  "'scan'" },
		{ "paths = { a b }", "f:1: a comma is missing before 'b': a "
		  "list is { \"a\", \"b\" }" },
		{ "paths = {\n\"a\",\n\"b c\"\n'd/e'\n}", "f:4: a comma is "
		  "missing before 'd/e': a list is { \"a\", \"b\" }" },
		{ "paths = a, b", "f:1: no value is before this comma: a list "
		  "is { \"a\", \"b\" }, and a text \"a, b\"" },
		{ "paths = { a,, b }", "f:1: no value is before this comma: "
		  "a list is { \"a\", \"b\" }, and a text \"a, b\"" },
		{ "include-file(a)", "f:1: include-file is not for here, but "
		  "for files, outside of sections" },
		{ "include-file()", "f:1: include-file wants the name of one "
		  "file" },
		{ "include-file = 3", "f:1: missing parenthesis for function "
		  "'include-file'" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct ms_error err = { "" };
		struct ms_conf *conf;

		print_message("  %s\n", cases[i].text);
		assert_int_equal(ms_conf_parse(cases[i].text,
		    strlen(cases[i].text), "f", sections, &conf, &err),
		    MS_E_FORMAT);
		assert_null(conf);
		assert_string_equal(err.text, cases[i].want);
	}
}

static void
test_nul(void **state)
{
	static const char text[] = "jobs = 1\n\0jobs = 2";
	struct ms_error err;
	struct ms_conf *conf;

	(void)state;
	assert_int_equal(ms_conf_parse(text, sizeof text - 1, "f", sections,
	    &conf, &err), MS_E_FORMAT);
	assert_string_equal(err.text, "f:2: a NUL byte");
	/* Nor inside a word or a string. */
	assert_int_equal(ms_conf_parse("jobs = 1\0", 9, "f", sections, &conf,
	    &err), MS_E_FORMAT);
	assert_int_equal(ms_conf_parse("jobs = '\0'", 10, "f", sections, &conf,
	    &err), MS_E_FORMAT);
}

static void
test_limits(void **state)
{
	GString *text = g_string_new(NULL);
	struct ms_error err;
	struct ms_conf *conf;

	(void)state;
	for (int i = 0; i <= MS_CONF_SECTIONS_MAX; i++)
		g_string_append_printf(text, "profile p%d {}\n", i);
	assert_int_equal(ms_conf_parse(text->str, text->len, "f", sections,
	    &conf, &err), MS_E_LIMIT);
	assert_string_equal(err.text, "f:1001: more than 1000 sections");
	g_string_assign(text, "paths = { ");
	for (int i = 0; i <= MS_CONF_VALUES_MAX; i++)
		g_string_append(text, "x,");
	g_string_append(text, "}");
	assert_int_equal(ms_conf_parse(text->str, text->len, "f", sections,
	    &conf, &err), MS_E_LIMIT);
	g_string_set_size(text, MS_CONF_BYTES_MAX + 1);
	assert_int_equal(ms_conf_parse(text->str, text->len, "f", sections,
	    &conf, &err), MS_E_LIMIT);
	g_string_free(text, TRUE);
}

static void
test_find(void **state)
{
	static const char text[] = "jobs = 1 scan { jobs = 2 } "
	    "profile a { jobs = 3 } profile \"b\\nc\" { jobs = 4 } "
	    "profile e {}";
	struct ms_conf *conf;
	const char **titles;

	(void)state;
	assert_int_equal(ms_conf_parse(text, strlen(text), "f", sections,
	    &conf, NULL), MS_OK);
	assert_string_equal(ms_conf_find(conf, "", NULL, "jobs")->values[0],
	    "1");
	assert_string_equal(ms_conf_find(conf, "scan", NULL,
	    "jobs")->values[0], "2");
	assert_string_equal(ms_conf_find(conf, "profile", "a",
	    "jobs")->values[0], "3");
	assert_string_equal(ms_conf_find(conf, "profile", "b\nc",
	    "jobs")->values[0], "4");
	assert_null(ms_conf_find(conf, "profile", "z", "jobs"));
	assert_null(ms_conf_find(conf, "profile", NULL, "jobs"));
	assert_null(ms_conf_find(conf, "db", NULL, "jobs"));
	titles = ms_conf_titles(conf, "profile");
	assert_string_equal(titles[0], "a");
	assert_string_equal(titles[1], "b\nc");
	assert_string_equal(titles[2], "e");
	assert_null(titles[3]);
	g_free(titles);
	ms_conf_free(conf);
	ms_conf_free(NULL);
}

/* A folder with files, by name. */
static char dir[64];

static char *
put(const char *name, const char *text, mode_t mode)
{
	char *path = g_build_filename(dir, name, NULL);

	assert_true(g_file_set_contents(path, text, -1, NULL));
	assert_int_equal(chmod(path, mode), 0);
	return path;
}

static void
check_read(const char *name, enum ms_status want, const char *text)
{
	char *path = g_build_filename(dir, name, NULL);
	struct ms_error err = { "" };
	struct ms_conf *conf;

	print_message("  %s\n", name);
	assert_int_equal(ms_conf_read(path, sections, &conf, &err), want);
	print_message("    %s\n", err.text);
	if (text)
		assert_non_null(strstr(err.text, text));
	assert_true((conf != NULL) == (want == MS_OK));
	ms_conf_free(conf);
	g_free(path);
}

static void
test_files(void **state)
{
	static const struct {
		const char *name, *text;
		mode_t mode;
	} files[] = {
		{ "good", "jobs = 1\ninclude-file(\"other\") "
		  "scan { jobs = 2 }\n", 0644 },
		{ "other", "paths = /x\nscan {\npaths = /y }\n", 0644 },
		{ "open", "jobs = 1", 0646 },
		{ "opens", "include-file(open)", 0644 },
		{ "twice", "jobs = 1 include-file(again)", 0644 },
		{ "again", "\n\njobs = 2", 0644 },
		{ "itself", "\ninclude-file(itself)", 0644 },
		{ "misses", "include-file(missing)", 0644 },
		{ "wrong", "include-file(wronger)", 0644 },
		{ "wronger", "# c\njbs = 1", 0644 },
	};
	GPtrArray *paths = g_ptr_array_new_with_free_func(g_free);
	struct ms_conf *conf;
	char *got;

	(void)state;
	(void)g_strlcpy(dir, "/tmp/conf_test.XXXXXX", sizeof dir);
	assert_non_null(mkdtemp(dir));
	for (size_t i = 0; i < sizeof files / sizeof *files; i++)
		g_ptr_array_add(paths, put(files[i].name, files[i].text,
		    files[i].mode));
	check_read("good", MS_OK, NULL);
	check_read("missing", MS_END, "No such file");
	check_read("open", MS_E_USAGE, "open: anybody may write it (mode "
	    "0646), so it is not used: chmod o-w ");
	check_read("opens", MS_E_USAGE, "/open: anybody may write it");
	check_read("twice", MS_E_FORMAT, "/again:3: jobs is set already, at ");
	check_read("itself", MS_E_FORMAT, "itself is read already");
	check_read("misses", MS_E_IO, "misses:1: cannot read ");
	check_read("wrong", MS_E_FORMAT, "wronger:2: there is no key jbs; "
	    "did you mean jobs?");
	check_read(".", MS_E_IO, "it is a directory");
	/* Ten failures leave nothing behind for the next one. */
	for (int i = 0; i < 10; i++)
		check_read("wrong", MS_E_FORMAT, NULL);
	assert_int_equal(ms_conf_read(paths->pdata[0], sections, &conf, NULL),
	    MS_OK);
	got = describe(conf);
	assert_string_equal(got, "[] jobs=1 @1\n[scan] jobs=2 @2\n"
	    "[] paths=/x @1\n[scan] paths=/y @3\n");
	g_free(got);
	assert_string_equal(ms_conf_file(conf, 0), paths->pdata[0]);
	assert_string_equal(ms_conf_file(conf, 1), paths->pdata[1]);
	assert_null(ms_conf_file(conf, 2));
	ms_conf_free(conf);
	/* Nothing, and as it is everybody's, it is no file. */
	assert_int_equal(ms_conf_read("/dev/null", sections, &conf, NULL),
	    MS_OK);
	assert_int_equal(ms_conf_settings(conf)->len, 0);
	ms_conf_free(conf);
	for (guint i = 0; i < paths->len; i++)
		assert_int_equal(unlink(paths->pdata[i]), 0);
	assert_int_equal(rmdir(dir), 0);
	g_ptr_array_unref(paths);
}

/* 0: nobody is told why the file is not read. */
static int
be_kept_out(void)
{
	static const struct {
		const char *path, *said;
	} cases[] = {
		{ "closed", "closed: Permission denied: it has to be readable "
		  "by user nobody (chmod or chgrp)" },
		{ "shut/open", "shut/open: Permission denied: user nobody may "
		  "not enter shut (chmod a+x shut)" },
	};
	struct ms_conf *conf;
	struct ms_error err;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		if (ms_conf_read(cases[i].path, sections, &conf, &err) !=
		    MS_E_IO || strcmp(err.text, cases[i].said) != 0)
			return 2 + (int)i;
	return 0;
}

static void
test_kept_out(void **state)
{
	(void)state;
	if (!ms_rights_are_all())
		return;
	(void)g_strlcpy(dir, "/tmp/conf_test.XXXXXX", sizeof dir);
	assert_non_null(mkdtemp(dir));
	assert_int_equal(chmod(dir, 0755), 0);
	assert_int_equal(chdir(dir), 0);
	assert_int_equal(mkdir("shut", 0700), 0);
	g_free(put("closed", "jobs = 1", 0600));
	g_free(put("shut/open", "jobs = 1", 0644));
	assert_int_equal(rights_test_as_nobody(be_kept_out), 0);
	assert_int_equal(unlink("shut/open"), 0);
	assert_int_equal(rmdir("shut"), 0);
	assert_int_equal(unlink("closed"), 0);
	assert_int_equal(chdir("/"), 0);
	assert_int_equal(rmdir(dir), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_nul),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_kept_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
