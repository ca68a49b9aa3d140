#include "option.h"

#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct fields {
	bool recursive;
	bool summary;
	const char *log;
	int64_t jobs;
	int64_t offset;
	uint64_t max_size;
	const char *const *exclude;
	int format;
};

static const struct opt_choice formats[] = {
	{ "text", 10 }, { "json", 11 }, { "csv", 12 }, { 0 },
};

static const struct opt rows[] = {
	{ .name = "recursive", .short_name = 'r', .type = OPT_FLAG,
	  .section = "Input", .basic = true, .help = "go into directories",
	  .to = offsetof(struct fields, recursive) },
	{ .name = "summary", .short_name = 's', .type = OPT_FLAG,
	  .help = "add up", .to = offsetof(struct fields, summary) },
	{ .name = "log", .short_name = 'l', .type = OPT_STRING,
	  .placeholder = "FILE", .help = "write to FILE",
	  .to = offsetof(struct fields, log) },
	{ .name = "jobs", .short_name = 'j', .type = OPT_NUMBER,
	  .placeholder = "N", .help = "workers", .min = 1, .max = 256,
	  .to = offsetof(struct fields, jobs) },
	{ .name = "offset", .type = OPT_NUMBER, .placeholder = "N",
	  .help = "may be negative", .min = -5,
	  .to = offsetof(struct fields, offset) },
	{ .name = "max-size", .type = OPT_SIZE, .section = "Limits",
	  .placeholder = "SIZE", .help = "largest part",
	  .to = offsetof(struct fields, max_size) },
	{ .name = "exclude", .short_name = 'x', .type = OPT_LIST,
	  .placeholder = "GLOB", .help = "leave out",
	  .to = offsetof(struct fields, exclude) },
	{ .name = "format", .short_name = 'f', .type = OPT_CHOICE,
	  .placeholder = "NAME", .choices = formats, .help = "report as",
	  .to = offsetof(struct fields, format) },
	{ 0 },
};
static const struct opt *const tables[] = { rows, NULL };

static const struct command cmd = {
	.name = "scan", .synopsis = "[OPTION]... PATH...",
	.summary = "Scan", .options = tables,
};

/* What a parse gives: the fields, and all that it said. */
struct result {
	struct fields fields;
	int operands;
	int status;
	char *argv[16];
	char said[8192];
};

/* Put FD into a temporary file; the return value is what it was. */
static int
divert(int fd, FILE *to)
{
	int before = dup(fd);

	fflush(NULL);
	dup2(fileno(to), fd);
	return before;
}

static void
restore(int fd, int before)
{
	fflush(NULL);
	dup2(before, fd);
	close(before);
}

/* Parse LINE, whose words are separated by single spaces. LINE is changed,
 * and has to live as long as the result. */
static void
parse(struct result *r, char *line)
{
	FILE *said = tmpfile();
	int argc = 1, out, err;
	size_t n;

	assert_non_null(said);
	memset(r, 0, sizeof *r);
	r->fields.jobs = 4;
	r->fields.summary = true;
	r->fields.format = 10;
	r->argv[0] = line;
	for (char *w = strtok_r(line, " ", &line); w != NULL;
	    w = strtok_r(NULL, " ", &line))
		r->argv[argc++] = w;
	out = divert(STDOUT_FILENO, said);
	err = divert(STDERR_FILENO, said);
	r->operands = option_parse(&cmd, argc, r->argv, &r->fields,
	    &r->status);
	restore(STDERR_FILENO, err);
	restore(STDOUT_FILENO, out);
	rewind(said);
	n = fread(r->said, 1, sizeof r->said - 1, said);
	r->said[n] = '\0';
	fclose(said);
}

/* The fields and operands as one line, to compare. */
static void
describe(char *text, size_t size, const struct result *r)
{
	const struct fields *f = &r->fields;
	int n = snprintf(text, size, "r%d s%d l%s j%d o%d m%llu f%d",
	    f->recursive, f->summary, f->log ? f->log : "-", (int)f->jobs,
	    (int)f->offset, (unsigned long long)f->max_size, f->format);

	for (size_t i = 0; f->exclude != NULL && f->exclude[i] != NULL; i++)
		n += snprintf(text + n, size - (size_t)n, " x%s",
		    f->exclude[i]);
	for (int i = 1; i <= r->operands; i++)
		n += snprintf(text + n, size - (size_t)n, " [%s]",
		    r->argv[i]);
}

static void
test_good(void **state)
{
	static const struct {
		const char *line;
		const char *want;
	} cases[] = {
		{ "", "r0 s1 l- j4 o0 m0 f10" },
		{ "a b", "r0 s1 l- j4 o0 m0 f10 [a] [b]" },
		{ "-r a", "r1 s1 l- j4 o0 m0 f10 [a]" },
		{ "a -r b", "r1 s1 l- j4 o0 m0 f10 [a] [b]" },
		{ "--recursive --no-summary", "r1 s0 l- j4 o0 m0 f10" },
		{ "--recursive=yes --summary=no", "r1 s0 l- j4 o0 m0 f10" },
		{ "-r --no-recursive", "r0 s1 l- j4 o0 m0 f10" },
		{ "-rs -j9 -l log", "r1 s1 llog j9 o0 m0 f10" },
		{ "-rsj 9 x", "r1 s1 l- j9 o0 m0 f10 [x]" },
		{ "-rllog", "r1 s1 llog j4 o0 m0 f10" },
		{ "--log=a=b", "r0 s1 la=b j4 o0 m0 f10" },
		{ "--log= a", "r0 s1 l j4 o0 m0 f10 [a]" },
		{ "--log --recursive", "r0 s1 l--recursive j4 o0 m0 f10" },
		{ "--jobs 1 --jobs=256", "r0 s1 l- j256 o0 m0 f10" },
		{ "--offset -5", "r0 s1 l- j4 o-5 m0 f10" },
		{ "--max-size 17", "r0 s1 l- j4 o0 m17 f10" },
		{ "--max-size 2k", "r0 s1 l- j4 o0 m2048 f10" },
		{ "--max-size=3M", "r0 s1 l- j4 o0 m3145728 f10" },
		{ "--max-size=1G", "r0 s1 l- j4 o0 m1073741824 f10" },
		{ "-x a --exclude b -xc",
		  "r0 s1 l- j4 o0 m0 f10 xa xb xc" },
		{ "-f json", "r0 s1 l- j4 o0 m0 f11" },
		{ "--format=csv", "r0 s1 l- j4 o0 m0 f12" },
		{ "-- -r --jobs", "r0 s1 l- j4 o0 m0 f10 [-r] [--jobs]" },
		{ "a -- -- -r", "r0 s1 l- j4 o0 m0 f10 [a] [--] [-r]" },
		{ "- -r", "r1 s1 l- j4 o0 m0 f10 [-]" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct result r;
		char line[128], got[256];

		print_message("  %s\n", cases[i].line);
		snprintf(line, sizeof line, "%s", cases[i].line);
		parse(&r, line);
		assert_string_equal("", r.said);
		describe(got, sizeof got, &r);
		assert_string_equal(cases[i].want, got);
		assert_null(r.argv[r.operands + 1]);
		option_free(&cmd, &r.fields);
		assert_null(r.fields.exclude);
	}
}

static void
test_bad(void **state)
{
	static const struct {
		const char *line;
		const char *want;
	} cases[] = {
		{ "--max-sise=1", "there is no option --max-sise; "
		  "did you mean --max-size?" },
		{ "--recurse", "there is no option --recurse; "
		  "did you mean --recursive?" },
		{ "--xyzzyplugh", "there is no option --xyzzyplugh; "
		  "--help-all shows all that there are" },
		{ "--max", "there is no option --max; "
		  "did you mean --max-size?" },
		{ "--no-jobs", "there is no option --no-jobs; "
		  "--help-all shows all that there are" },
		{ "-rQ", "there is no option -Q; "
		  "--help-all shows all that there are" },
		{ "--jobs", "--jobs wants a number from 1 to 256 after it" },
		{ "-j", "-j wants a number from 1 to 256 after it" },
		{ "--jobs 0", "--jobs: '0' is not a number from 1 to 256" },
		{ "-j257", "-j: '257' is not a number from 1 to 256" },
		{ "-j2x", "-j: '2x' is not a number from 1 to 256" },
		{ "--offset=-6", "--offset: '-6' is not a number from -5" },
		{ "--max-size=M", "--max-size: 'M' is not a size (bytes, "
		  "or with K, M or G) from 0" },
		{ "--max-size=9999999999G", "--max-size: '9999999999G' is "
		  "not a size (bytes, or with K, M or G) from 0" },
		{ "--max-size=-1", "--max-size: '-1' is not a size (bytes, "
		  "or with K, M or G) from 0" },
		{ "--format=xml", "--format: 'xml' is not one of "
		  "text, json or csv" },
		{ "--recursive=maybe", "--recursive: 'maybe' is not "
		  "yes or no" },
		{ "--exclude", "--exclude wants GLOB after it" },
		{ "-x a --log", "--log wants FILE after it" },
		{ "--lo\033", "there is no option --lo\\x1b; "
		  "did you mean --log?" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct result r;
		char line[128], want[256];

		print_message("  %s\n", cases[i].line);
		snprintf(line, sizeof line, "%s", cases[i].line);
		snprintf(want, sizeof want, "mailscan: scan: %s\n",
		    cases[i].want);
		parse(&r, line);
		assert_int_equal(-1, r.operands);
		assert_int_equal(2, r.status);
		assert_string_equal(want, r.said);
		assert_null(r.fields.exclude);
	}
}

static void
test_environment(void **state)
{
	struct result r;
	char line[64], got[256];

	(void)state;
	setenv("MAILSCAN_JOBS", "7", 1);
	setenv("MAILSCAN_MAX_SIZE", "1K", 1);
	setenv("MAILSCAN_EXCLUDE", "a b\n\nc", 1);
	setenv("MAILSCAN_LOG", "", 1);
	setenv("MAILSCAN_SUMMARY", "no", 1);
	snprintf(line, sizeof line, "p");
	parse(&r, line);
	describe(got, sizeof got, &r);
	assert_string_equal("r0 s0 l- j7 o0 m1024 f10 xa b xc [p]", got);
	option_free(&cmd, &r.fields);

	/* The command line is stronger, and replaces lists. */
	snprintf(line, sizeof line, "-j2 -x z --summary");
	parse(&r, line);
	describe(got, sizeof got, &r);
	assert_string_equal("r0 s1 l- j2 o0 m1024 f10 xz", got);
	option_free(&cmd, &r.fields);

	setenv("MAILSCAN_JOBS", "many", 1);
	snprintf(line, sizeof line, "p");
	parse(&r, line);
	assert_int_equal(2, r.status);
	assert_string_equal("mailscan: scan: MAILSCAN_JOBS: 'many' is not "
	    "a number from 1 to 256\n", r.said);
	unsetenv("MAILSCAN_JOBS");
	unsetenv("MAILSCAN_MAX_SIZE");
	unsetenv("MAILSCAN_EXCLUDE");
	unsetenv("MAILSCAN_LOG");
	unsetenv("MAILSCAN_SUMMARY");
}

static void
test_help(void **state)
{
	struct result r;
	char line[64];

	(void)state;
	snprintf(line, sizeof line, "a --help --nonsense");
	parse(&r, line);
	assert_int_equal(-1, r.operands);
	assert_int_equal(0, r.status);
	assert_non_null(strstr(r.said, "  -r, --recursive "));
	assert_null(strstr(r.said, "--max-size"));
	assert_null(strstr(r.said, "Limits:"));

	snprintf(line, sizeof line, "-rh");
	parse(&r, line);
	assert_int_equal(0, r.status);

	snprintf(line, sizeof line, "--help-all");
	parse(&r, line);
	assert_int_equal(0, r.status);
	assert_non_null(strstr(r.said, "\nLimits:\n"));
	assert_non_null(strstr(r.said, "      --max-size=SIZE "));
	assert_non_null(strstr(r.said, "report as: text, json or csv\n"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_environment),
		cmocka_unit_test(test_help),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
