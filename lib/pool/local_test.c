#include "pool/local.h"

#include "engine/none.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void
keep(void *arg, GByteArray *frame)
{
	assert_int_equal(MS_OK, ms_frame_read_fact(frame->data, frame->len,
	    arg));
	g_byte_array_unref(frame);
}

/* The facts of TEXT, described as REQUEST says. */
static void
scan(struct ms_local *local, const char *text, bool joined,
    struct ms_facts *facts)
{
	const struct ms_frame_scan request = { .size = strlen(text),
		.joined = joined };
	struct ms_teller teller = { keep, NULL, facts };

	ms_facts_init(facts);
	ms_local_scan(local, &request, text, &teller);
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
	struct ms_facts facts;
	struct ms_local *local;
	const struct ms_part *part;

	(void)state;
	assert_int_equal(MS_OK, ms_local_open(&config, &local, NULL));
	assert_string_equal("none", ms_local_ready(local)->engine);
	scan(local, text, false, &facts);
	assert_string_equal("one", facts.headers.subject);
	part = facts.parts->pdata[0];
	assert_string_equal("1", part->path);
	ms_facts_clear(&facts);
	/* Of a message put together, the paths say so. */
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
