#include "replay/telling.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* What is said of a session with a difference, by all three; the names are as
 * hostile as can be. */
static void
test_formats(void **state)
{
	char *texts[3] = { NULL };
	size_t sizes[3];
	struct ms_telling_config config = { .summary = true };
	struct ms_role *role = ms_role_new();
	struct ms_step step = ms_role_command("RCPT", "TO:<\033[2J&\"'>");
	const struct ms_recorded recorded = { 250, (char *)"a\n\002b" };
	struct ms_played *played;
	struct ms_telling *telling;
	struct ms_error err;

	(void)state;
	config.text = open_memstream(&texts[0], &sizes[0]);
	config.json = open_memstream(&texts[1], &sizes[1]);
	config.junit = open_memstream(&texts[2], &sizes[2]);
	role->source = g_strdup("x<\n\xff>");
	role->number = 2;
	role->cut = g_strdup("because");
	played = ms_played_new(role, 1);
	played->compared = 3;
	ms_played_differ(played, MS_DIFFERENCE_REPLY, &step, &recorded, 550,
	    "no\x7f]]>\nnever");
	ms_played_differ(played, MS_DIFFERENCE_UNASKED, NULL, NULL, 421, "");
	telling = ms_telling_new(&config);
	assert_int_equal(MS_OK, ms_telling_played(telling, played, &err));
	assert_int_equal(MS_OK, ms_telling_trouble(telling, "y", "<why>",
	    &err));
	assert_int_equal(MS_OK, ms_telling_end(telling, 1234, &err));
	assert_int_equal(1, ms_telling_totals(telling)->different);
	(void)fclose(config.text);
	(void)fclose(config.json);
	(void)fclose(config.junit);
	assert_string_equal("x<\\x0a\\xff> dialogue 2: 2 differences in 3 "
	    "replies\n"
	    "  C: RCPT TO:<\\x1b[2J&\"'>\n- S: 250-a\n- S: 250 \\x02b\n"
	    "+ S: 550-no\\x7f]]>\n+ S: 550 never\n+ S: 421\n"
	    "  played in part: because\n"
	    "Sessions: 1\nReplies: 0\nCompared: 3\nDifferences: 2\n"
	    "Played in part: 1\nNot played: 1\n", texts[0]);
	assert_non_null(strstr(texts[1], "\"recorded\":[\"250-a\","
	    "\"250 \\\\x02b\"],\"received\":[\"550-no\\\\x7f]]>\","
	    "\"550 never\"]"));
	assert_non_null(strstr(texts[2], "tests=\"2\" failures=\"1\" "
	    "errors=\"1\" skipped=\"0\" time=\"1.234\""));
	assert_non_null(strstr(texts[2], "<error message=\"&lt;why&gt;\">"
	    "&lt;why&gt;</error>"));
	assert_non_null(strstr(texts[2], "<failure message=\"2 differences in "
	    "3 replies\">  C: RCPT TO:&lt;\\x1b[2J&amp;"));
	assert_non_null(strstr(texts[2], "name=\"x&lt;\\x0a\\xff&gt; "
	    "dialogue 2\""));
	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
		free(texts[i]);
	ms_telling_free(telling);
	ms_played_free(played);
	ms_role_free(role);
	g_free(step.line);
}

/* No more differences are kept than somebody reads. */
static void
test_many(void **state)
{
	struct ms_role *role = ms_role_new();
	struct ms_played *played = ms_played_new(role, 1);

	(void)state;
	for (int i = 0; i < 100000; i++)
		ms_played_differ(played, MS_DIFFERENCE_UNASKED, NULL, NULL,
		    250, "x");
	assert_int_equal(100000, played->count);
	assert_int_equal(MS_PLAYED_KEPT, played->differences->len);
	ms_played_free(played);
	ms_role_free(role);
}

/* A report that cannot be written is an error. */
static void
test_full(void **state)
{
	struct ms_telling_config config = { .summary = true,
		.text = fopen("/dev/full", "w") };
	struct ms_telling *telling = ms_telling_new(&config);
	struct ms_error err;

	(void)state;
	(void)setvbuf(config.text, NULL, _IONBF, 0);
	assert_int_equal(MS_E_IO, ms_telling_end(telling, 0, &err));
	(void)fclose(config.text);
	ms_telling_free(telling);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_formats),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
