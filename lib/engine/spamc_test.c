#include "engine/spamc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define OK "SPAMD/1.1 0 EX_OK\r\n"

static void
test_request(void **state)
{
	static const struct {
		enum ms_spamc_command command;
		const char *user, *want;
	} rows[] = {
		{ MS_SPAMC_SYMBOLS, NULL,
		  "SYMBOLS SPAMC/1.5\r\nContent-length: 5\r\n\r\n" },
		{ MS_SPAMC_PROCESS, "anna@example.org", "PROCESS SPAMC/1.5"
		  "\r\nContent-length: 5\r\nUser: anna@example.org\r\n\r\n" },
		{ MS_SPAMC_HEADERS, "a\r\nX: y",
		  "HEADERS SPAMC/1.5\r\nContent-length: 5\r\n\r\n" },
		{ MS_SPAMC_SYMBOLS, "../x",
		  "SYMBOLS SPAMC/1.5\r\nContent-length: 5\r\n\r\n" },
		{ MS_SPAMC_SYMBOLS, "x@..",
		  "SYMBOLS SPAMC/1.5\r\nContent-length: 5\r\n\r\n" },
		{ MS_SPAMC_SYMBOLS, ".@x",
		  "SYMBOLS SPAMC/1.5\r\nContent-length: 5\r\n\r\n" },
		{ MS_SPAMC_SYMBOLS, "",
		  "SYMBOLS SPAMC/1.5\r\nContent-length: 5\r\n\r\n" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		GString *text = ms_spamc_request(rows[i].command, 5,
		    rows[i].user);

		assert_string_equal(text->str, rows[i].want);
		(void)g_string_free(text, TRUE);
	}
}

static void
test_good(void **state)
{
	static const struct {
		const char *text;
		bool spam;
		double score, threshold;
		const char *rest;
	} rows[] = {
		{ OK "Content-length: 3\r\nSpam: True ; 15.3 / 5.0\r\n\r\nabc",
		  true, 15.3, 5, "abc" },
		{ OK "Spam: False ; -1.2 / 5.0\r\n\r\n", false, -1.2, 5, "" },
		{ OK "spam: No;0/5\r\n\r\nx\r\n\r\ny", false, 0, 5,
		  "x\r\n\r\ny" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		struct ms_spamc_answer answer;
		struct ms_error err;
		size_t size = strlen(rows[i].text);

		assert_int_equal(ms_spamc_read(rows[i].text, size, &answer,
		    &err), MS_OK);
		assert_int_equal(answer.spam, rows[i].spam);
		assert_true(answer.score == rows[i].score);
		assert_true(answer.threshold == rows[i].threshold);
		assert_string_equal(rows[i].text + answer.at, rows[i].rest);
		assert_int_equal(answer.at + answer.size, size);
	}
}

static void
test_bad(void **state)
{
	static const char *const rows[] = {
		"", "x", "\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n",
		"SPAMD/1.0 76 Bad header line\r\n",
		"SPAMD/1.1 74 EX_IOERR\r\nSpam: False ; 0 / 5\r\n\r\n",
		"SPAMD/1.1 00 EX_OK\r\nSpam: False ; 0 / 5\r\n\r\n",
		OK, OK "\r\n", OK "Spam: False ; 0 / 5",
		OK "Spam: Maybe ; 0 / 5\r\n\r\n",
		OK "Spam: True 0 / 5\r\n\r\n",
		OK "Spam: True ; nan / 5\r\n\r\n",
		OK "Spam: True ; 1e300 / 5\r\n\r\n",
		OK "Spam: True ; 1 / \r\n\r\n",
		OK "Spam: True ; 1 / 5 x\r\n\r\n",
		OK "Spam: False ; 0 / 5\r\nSpam: True ; 9 / 5\r\n\r\n",
		OK "Content-length: 9\r\nSpam: False ; 0 / 5\r\n\r\nabc",
		OK "Content-length: -1\r\nSpam: False ; 0 / 5\r\n\r\nabc",
		OK "Content-length: x\r\nSpam: False ; 0 / 5\r\n\r\nabc",
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		struct ms_spamc_answer answer;
		struct ms_error err;

		if (ms_spamc_read(rows[i], strlen(rows[i]), &answer, &err) !=
		    MS_E_PEER)
			fail_msg("%s", rows[i]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_request),
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_bad),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
