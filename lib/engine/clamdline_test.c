#include "engine/clamdline.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

struct row {
	const char *line;
	size_t size;
	int kind;
	bool known;
	const char *text;
};

#define LINE(text) text, sizeof(text) - 1

#define MD5 "0123456789abcdef0123456789abcdef"

static const struct row rows[] = {
	{ LINE("stream: OK"), MS_ENGINE_CLEAN, true, "" },
	{ LINE("fd[12]: OK"), MS_ENGINE_CLEAN, true, "" },
	{ LINE("stream: Win.Test.EICAR_HDB-1 FOUND"), MS_ENGINE_FOUND, true,
	  "Win.Test.EICAR_HDB-1" },
	{ LINE("fd[0]: {HEX}php.base64.v23au.185.UNOFFICIAL FOUND"),
	  MS_ENGINE_FOUND, true, "{HEX}php.base64.v23au.185.UNOFFICIAL" },
	{ LINE("stream: X(" MD5 ":68) FOUND"), MS_ENGINE_FOUND, true, "X" },
	{ LINE("stream: X(" MD5 ":) FOUND"), MS_ENGINE_FOUND, true,
	  "X(" MD5 ":)" },
	{ LINE("stream: X(1:68) FOUND"), MS_ENGINE_FOUND, true, "X(1:68)" },
	{ LINE("stream: (" MD5 ":68) FOUND"), MS_ENGINE_FOUND, true,
	  "(" MD5 ":68)" },
	/* Words in names are no answers. */
	{ LINE("stream: OK FOUND"), MS_ENGINE_FOUND, true, "OK" },
	{ LINE("stream: x ERROR FOUND"), MS_ENGINE_FOUND, true, "x ERROR" },
	{ LINE("stream: FOUND ERROR"), MS_ENGINE_FAILED, true,
	  "it says FOUND" },
	/* Hostile names stay findings, on one line. */
	{ LINE("stream: x\r\nY: z FOUND"), MS_ENGINE_FOUND, true,
	  "x\\x0d\\x0aY: z" },
	{ LINE("stream: \x1b[2J\xff FOUND"), MS_ENGINE_FOUND, true,
	  "\\x1b[2J\\xff" },
	{ LINE("stream: a\0b FOUND"), MS_ENGINE_FOUND, true, "a\\x00b" },
	/* Limits and errors. */
	{ LINE("INSTREAM size limit exceeded. ERROR"), MS_ENGINE_TOO_LARGE,
	  true, "larger than clamd's StreamMaxLength" },
	{ LINE("stream: INSTREAM size limit exceeded. ERROR"),
	  MS_ENGINE_TOO_LARGE, true, "larger than clamd's StreamMaxLength" },
	{ LINE("stream: INSTREAM size limit exceeded."), MS_ENGINE_FAILED,
	  false, "it says what clamd does not say: stream: INSTREAM size "
	  "limit exceeded." },
	{ LINE("fd[12]: Can't allocate memory ERROR"), MS_ENGINE_FAILED, true,
	  "it says Can't allocate memory" },
	{ LINE("No file descriptor received. ERROR"), MS_ENGINE_FAILED, true,
	  "it says No file descriptor received." },
	{ LINE("UNKNOWN COMMAND"), MS_ENGINE_FAILED, true,
	  "it says UNKNOWN COMMAND" },
	/* What is not quite an answer is none. */
	{ LINE(""), MS_ENGINE_FAILED, false, NULL },
	{ LINE("OK"), MS_ENGINE_FAILED, false, NULL },
	{ LINE("stream: ok"), MS_ENGINE_FAILED, false, NULL },
	{ LINE("stream: OK "), MS_ENGINE_FAILED, false, NULL },
	{ LINE("stream: OK\n"), MS_ENGINE_FAILED, false, NULL },
	{ LINE("stream: OK\0"), MS_ENGINE_FAILED, false, NULL },
	{ LINE("stream: x\0OK"), MS_ENGINE_FAILED, false, NULL },
	{ LINE("stream:OK"), MS_ENGINE_FAILED, false, NULL },
	{ LINE("stream:  FOUND"), MS_ENGINE_FAILED, false, NULL },
	{ LINE("stream: FOUND"), MS_ENGINE_FAILED, false, NULL },
	{ LINE("X FOUND"), MS_ENGINE_FAILED, false, NULL },
	{ LINE("fd[]: OK"), MS_ENGINE_FAILED, false, NULL },
	{ LINE("fd[-1]: OK"), MS_ENGINE_FAILED, false, NULL },
	{ LINE("fd[12345678901]: OK"), MS_ENGINE_FAILED, false, NULL },
	{ LINE("1: stream: OK"), MS_ENGINE_FAILED, false, NULL },
	{ LINE("220 mail.example.org ESMTP"), MS_ENGINE_FAILED, false, NULL },
};

static void
test_scan(void **state)
{
	struct ms_engine_answer answer;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct row *row = &rows[i];

		assert_int_equal(ms_clamdline_scan(row->line, row->size,
		    &answer), row->known);
		assert_int_equal(answer.kind, row->kind);
		if (row->text)
			assert_string_equal(answer.text, row->text);
	}
}

static void
test_long_name(void **state)
{
	struct ms_engine_answer answer;
	char line[MS_CLAMDLINE_MAX];

	(void)state;
	memset(line, 1, sizeof line);
	memcpy(line, "stream: ", 8);
	memcpy(line + sizeof line - 6, " FOUND", 6);
	assert_true(ms_clamdline_scan(line, sizeof line, &answer));
	assert_int_equal(answer.kind, MS_ENGINE_FOUND);
	assert_int_equal(strlen(answer.text), 4 * MS_CLAMDLINE_NAME_MAX);
}

static const struct {
	const char *line;
	bool known;
	const char *version, *database;
	int64_t time;
} versions[] = {
	{ "ClamAV 1.4.6", true, "1.4.6", "", -1 },
	{ "ClamAV 1.4.6/27840/Sat Nov 21 08:02:11 2026", true, "1.4.6",
	  "daily 27840 of 2026-11-21", 1795248131 },
	{ "ClamAV 0.103.8/1/Mon Feb  2 00:00:00 2004", true, "0.103.8",
	  "daily 1 of 2004-02-02", 1075680000 },
	{ "ClamAV devel-20040101/27840/", true, "devel-20040101",
	  "daily 27840", -1 },
	{ "ClamAV 1.4.6/27840/Sat Now 21 08:02:11 2026", true, "1.4.6",
	  "daily 27840", -1 },
	{ "ClamAV 1.4.6/27840/Sat Nov 21 08:02:1x 2026", true, "1.4.6",
	  "daily 27840", -1 },
	{ "ClamAV 1.4.6/27840", false, NULL, NULL, 0 },
	{ "ClamAV 1.4.6/x/y", false, NULL, NULL, 0 },
	{ "ClamAV 1.4.6 /1/", false, NULL, NULL, 0 },
	{ "ClamAV ", false, NULL, NULL, 0 },
	{ "ClamAV \x1b[2J", false, NULL, NULL, 0 },
	{ "clamav 1.4.6", false, NULL, NULL, 0 },
	{ "", false, NULL, NULL, 0 },
	{ "PONG", false, NULL, NULL, 0 },
};

static void
test_version(void **state)
{
	struct ms_clamdline_version version;

	(void)state;
	for (size_t i = 0; i < sizeof versions / sizeof *versions; i++) {
		const char *line = versions[i].line;

		assert_int_equal(ms_clamdline_version(line, strlen(line),
		    &version), versions[i].known);
		if (!versions[i].known)
			continue;
		assert_string_equal(version.version, versions[i].version);
		assert_string_equal(version.database, versions[i].database);
		assert_int_equal(version.database_time, versions[i].time);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_scan),
		cmocka_unit_test(test_long_name),
		cmocka_unit_test(test_version),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
