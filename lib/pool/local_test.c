#include "pool/local.h"

#include "engine/none.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void
on_fact(void *arg, uint64_t id, const unsigned char *frame, size_t size)
{
	assert_int_equal(7, id);
	assert_int_equal(MS_OK, ms_frame_read_fact(frame, size, arg));
}

static void
on_done(void *arg, uint64_t id, int64_t elapsed_ms)
{
	struct ms_facts *facts = arg;

	assert_int_equal(7, id);
	assert_true(elapsed_ms >= 0);
	ms_facts_gap(facts, MS_REASON_MALFORMED, "", "the end");
}

/* Add the facts of TEXT to FACTS. */
static void
scan(struct ms_local *local, const char *text, bool joined,
    struct ms_facts *facts)
{
	FILE *file = tmpfile();
	const struct ms_pool_job job = { .id = 7, .fd = fileno(file),
		.size = strlen(text), .joined = joined };

	fputs(text, file);
	fflush(file);
	assert_int_equal(MS_OK, ms_local_scan(local, &job, NULL));
	assert_int_equal(1, facts->gaps->len);
	fclose(file);
}

static void
test_scan(void **state)
{
	const struct ms_zygote_config config = {
		.ops = &ms_none,
		.scan = { .limits = { .part_bytes = 1000,
		    .total_bytes = 1000, .ratio = 10, .parts = 10,
		    .mime_depth = 5, .archive_depth = 5,
		    .time_ms = 60000 } },
		.parts = true,
		.dir = "/tmp",
	};
	static const char text[] = "Subject: one\n\ntwo\n";
	static const struct ms_pool_events events = { NULL, on_fact, on_done,
		NULL };
	struct ms_facts facts;
	struct ms_local *local;
	const struct ms_part *part;

	(void)state;
	assert_int_equal(MS_OK, ms_local_open(&config, &events,
	    &facts, &local, NULL));
	assert_string_equal("none", ms_local_ready(local)->engine);
	ms_facts_init(&facts);
	scan(local, text, false, &facts);
	assert_string_equal("one", facts.headers.subject);
	part = facts.parts->pdata[0];
	assert_string_equal("1", part->path);
	ms_facts_clear(&facts);
	/* Of a message put together, the paths say so. */
	ms_facts_init(&facts);
	scan(local, text, true, &facts);
	assert_null(facts.headers.subject);
	part = facts.parts->pdata[0];
	assert_string_equal("joined/1", part->path);
	ms_facts_clear(&facts);
	ms_local_close(local);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_scan),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
