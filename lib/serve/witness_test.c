#include "serve/witness.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <glib.h>

/* Is WORDS in what METRICS print? */
static void
check(const struct ms_metrics *metrics, const char *words)
{
	GString *text = g_string_new(NULL);

	ms_metrics_print(metrics, 0, text);
	if (!strstr(text->str, words))
		fail_msg("no \"%s\" in\n%s", words, text->str);
	(void)g_string_free(text, TRUE);
}

static void
say(struct ms_witness *witness, enum ms_proxy_side side, bool sent,
    const char *text)
{
	const struct ms_witness_words words = { .side = side, .sent = sent,
		.data = text, .size = strlen(text) };

	ms_witness_said(witness, &words);
}

/* What client and service say is recorded, and nothing of the next hop. */
static void
test_record(void **state)
{
	char dir[] = "/tmp/mailscan-witness-XXXXXX";
	struct ms_recorder_room room = { 1000000, false };
	struct ms_witness_config config = { .room = &room };
	struct ms_witness *witness;
	char *file, *text;

	(void)state;
	assert_non_null(mkdtemp(dir));
	config.record = open(dir, O_RDONLY | O_DIRECTORY);
	assert_true(config.record >= 0);
	witness = ms_witness_new(&config, "7-1", "192.0.2.1:25", NULL);
	say(witness, MS_PROXY_CLIENT, true, "220 a\r\n");
	say(witness, MS_PROXY_HOP, false, "220 hop\r\n");
	say(witness, MS_PROXY_CLIENT, false, "STARTTLS\r\n");
	ms_witness_secured(witness, MS_PROXY_HOP);
	say(witness, MS_PROXY_CLIENT, true, "220 go\r\n");
	ms_witness_secured(witness, MS_PROXY_CLIENT);
	say(witness, MS_PROXY_HOP, true, "QUIT\r\n");
	ms_witness_ended(witness, false);
	ms_witness_ended(witness, false);
	ms_witness_ended(witness, true);
	ms_witness_free(witness);
	file = g_build_filename(dir, "7-1.transcript", NULL);
	assert_true(g_file_get_contents(file, &text, NULL, NULL));
	assert_null(strstr(text, "hop"));
	assert_null(strstr(text, "QUIT"));
	assert_non_null(strstr(text, "S: 220 a\n"));
	assert_non_null(strstr(text, "C: STARTTLS\n"));
	assert_non_null(strstr(text, "#: tls\n"));
	assert_ptr_equal(strstr(text, "#: end client\n"),
	    g_strrstr(text, "#: end client\n"));
	assert_non_null(strstr(text, "#: end server\n"));
	assert_int_equal(unlink(file), 0);
	(void)close(config.record);
	assert_int_equal(rmdir(dir), 0);
	g_free(text);
	g_free(file);
}

static void
test_counts(void **state)
{
	struct ms_witness_config config = { .record = -1 };
	struct ms_witness *one, *two;
	struct ms_error err;

	(void)state;
	assert_int_equal(ms_metrics_new(&config.metrics, &err), MS_OK);
	one = ms_witness_new(&config, "7-1", "192.0.2.1:25", NULL);
	two = ms_witness_new(&config, "7-2", "192.0.2.1:26", "[::1]:25");
	say(two, MS_PROXY_CLIENT, false, "x");
	ms_witness_secured(two, MS_PROXY_CLIENT);
	ms_witness_ended(two, true);
	ms_witness_free(one);
	check(config.metrics, "\nmailscan_serve_sessions_total 2\n");
	check(config.metrics, "\nmailscan_serve_sessions 1\n");
	ms_witness_count(two, MS_METRICS_UPSTREAM_LOST);
	check(config.metrics, "kind=\"lost\"} 1\n");
	ms_witness_free(two);
	ms_witness_free(NULL);
	check(config.metrics, "\nmailscan_serve_sessions 0\n");
	ms_metrics_free(config.metrics);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_record),
		cmocka_unit_test(test_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
