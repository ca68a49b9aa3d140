#include "replay/review.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

struct output {
	char *text;
	size_t size;
	FILE *stream;
};

static void
output_open(struct output *output)
{
	output->text = NULL;
	output->stream = open_memstream(&output->text, &output->size);
	assert_non_null(output->stream);
}

/* What was written; to be freed by free(). */
static const char *
output_close(struct output *output)
{
	assert_int_equal(0, fclose(output->stream));
	return output->text;
}

/* Two clients: one said other things, with bytes that terminals mind; one was
 * lost. */
static void
tell(struct ms_review *review, struct ms_role *role)
{
	struct ms_acted *acted = ms_acted_new(role, 1, "127.0.0.1:4000");
	struct ms_error err = { "" };

	acted->heard = 5;
	acted->compared = 3;
	acted->messages = 1;
	ms_acted_surprise(acted, MS_SURPRISE_OTHER, g_strdup("NOOP"),
	    g_strdup("NOOP \033[2J"), NULL);
	ms_acted_surprise(acted, MS_SURPRISE_MORE, NULL, g_strdup("VRFY x"),
	    "252 perhaps");
	ms_acted_surprise(acted, MS_SURPRISE_GONE, g_strdup("QUIT"), NULL,
	    NULL);
	assert_int_equal(MS_OK, ms_review_acted(review, acted, &err));
	ms_acted_free(acted);
	acted = ms_acted_new(role, 2, "127.0.0.1:4001");
	acted->failed = g_strdup("Connection reset by peer");
	assert_int_equal(MS_OK, ms_review_acted(review, acted, &err));
	ms_acted_free(acted);
	/* Of this one nothing is said. */
	acted = ms_acted_new(role, 3, "127.0.0.1:4002");
	assert_int_equal(MS_OK, ms_review_acted(review, acted, &err));
	ms_acted_free(acted);
	assert_int_equal(MS_OK, ms_review_end(review, 7, &err));
}

static void
test_all(void **state)
{
	struct ms_role *role = ms_role_new();
	struct output text, json, junit;
	struct ms_telling_config config = { .summary = true };
	struct ms_review *review;

	(void)state;
	role->source = g_strdup("a.pcap");
	role->number = 2;
	output_open(&text);
	output_open(&json);
	output_open(&junit);
	config.text = text.stream;
	config.json = json.stream;
	config.junit = junit.stream;
	review = ms_review_new(&config);
	tell(review, role);
	assert_int_equal(3, ms_review_totals(review)->clients);
	assert_int_equal(1, ms_review_totals(review)->different);
	assert_int_equal(1, ms_review_totals(review)->failed);
	ms_review_free(review);
	assert_string_equal("a.pcap dialogue 2 (client 127.0.0.1:4000): "
	    "3 differences in 5 commands\n- C: NOOP\n+ C: NOOP \\x1b[2J\n"
	    "+ C: VRFY x\n  S: 252 perhaps\n- C: QUIT\n"
	    "+ (the client has gone)\n"
	    "a.pcap dialogue 2 run 2 (client 127.0.0.1:4001): 0 differences "
	    "in 0 commands, and then: Connection reset by peer\n"
	    "Clients: 3\nCommands: 5\nAs recorded: 3\nMessages: 1\n"
	    "Differences: 3\nLost: 1\n", output_close(&text));
	assert_non_null(strstr(output_close(&json), "{\"kind\":\"more\","
	    "\"recorded\":null,\"received\":\"VRFY x\","
	    "\"reply\":\"252 perhaps\"}"));
	assert_non_null(strstr(json.text, "\"result\":\"failed\""));
	assert_non_null(strstr(json.text, "\"result\":\"same\""));
	assert_non_null(strstr(json.text, "{\"schema\":1,\"type\":\"summary\","
	    "\"clients\":3,\"different\":1,\"failed\":1,\"commands\":5,"
	    "\"compared\":3,\"messages\":1,\"differences\":3,\"bytes\":0,"
	    "\"elapsed_ms\":7}\n"));
	assert_non_null(strstr(output_close(&junit), "tests=\"3\""));
	assert_non_null(strstr(junit.text, "Connection reset by peer"));
	free(text.text);
	free(json.text);
	free(junit.text);
	ms_role_free(role);
}

/* Many surprises are counted, and some are kept. */
static void
test_many(void **state)
{
	struct ms_role *role = ms_role_new();
	struct ms_acted *acted = ms_acted_new(role, 1, "x");
	struct ms_error err;
	struct output text;
	struct ms_telling_config config = { 0 };
	struct ms_review *review;

	(void)state;
	for (int i = 0; i < MS_ACTED_KEPT + 5; i++)
		ms_acted_surprise(acted, MS_SURPRISE_LESS, g_strdup("NOOP"),
		    NULL, "250");
	assert_int_equal(MS_ACTED_KEPT, acted->surprises->len);
	output_open(&text);
	config.text = text.stream;
	review = ms_review_new(&config);
	assert_int_equal(MS_OK, ms_review_acted(review, acted, &err));
	assert_int_equal(MS_OK, ms_review_end(review, 0, &err));
	assert_non_null(strstr(output_close(&text), "  (and 5 more)\n"));
	free(text.text);
	ms_review_free(review);
	ms_review_free(NULL);
	ms_acted_free(acted);
	ms_acted_free(NULL);
	ms_role_free(role);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all),
		cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
