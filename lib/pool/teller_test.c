#include "pool/teller.h"

#include "pool/frame.h"
#include "pool/sealed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

/* Takes a frame, and what it says. */
static void
tell(void *arg, GByteArray *frame)
{
	struct ms_facts *facts = arg;

	assert_int_equal(MS_OK, ms_frame_read_fact(frame->data, frame->len,
	    facts));
	g_byte_array_unref(frame);
}

/* What goes in as calls comes out as the same facts. */
static void
test_facts(void **state)
{
	static const struct ms_headers headers = { .subject = (char *)"s" };
	static const struct ms_part part = { .path = (char *)"1",
		.detected_type = "text/plain", .size = 5, .id = 9,
		.parent = 8 };
	static const struct ms_facts_piece piece = { (char *)"i@d", 2, 3, 4 };
	const struct ms_scan_sink *sink = ms_teller_sink(true);
	struct ms_facts facts;
	struct ms_teller teller = { tell, NULL, &facts, 0 };
	const struct ms_finding *finding;
	const struct ms_gap *gap;
	const struct ms_ambiguity *ambiguity;
	const struct ms_part *got;

	(void)state;
	ms_facts_init(&facts);
	sink->headers(&teller, &headers);
	sink->within(&teller, 7);
	sink->finding(&teller, "e", "n", "1/x");
	sink->within(&teller, 8);
	sink->gap(&teller, MS_REASON_TRUNCATED, "2", "why");
	sink->ambiguity(&teller, "a-b", "3", "line 1");
	sink->piece(&teller, &piece);
	sink->part(&teller, &part);
	assert_string_equal("s", facts.headers.subject);
	assert_null(facts.headers.from);
	finding = facts.findings->pdata[0];
	assert_string_equal("e", finding->engine);
	assert_string_equal("n", finding->name);
	assert_string_equal("1/x", finding->part);
	assert_int_equal(7, finding->within);
	gap = facts.gaps->pdata[0];
	assert_int_equal(MS_REASON_TRUNCATED, gap->reason);
	assert_string_equal("2", gap->part);
	assert_string_equal("why", gap->detail);
	assert_int_equal(8, gap->within);
	ambiguity = facts.ambiguities->pdata[0];
	assert_string_equal("a-b", ambiguity->reason);
	assert_string_equal("3", ambiguity->part);
	assert_string_equal("line 1", ambiguity->detail);
	assert_string_equal("i@d", facts.piece.id);
	assert_int_equal(2, facts.piece.number);
	assert_int_equal(3, facts.piece.total);
	assert_int_equal(4, facts.piece.offset);
	got = facts.parts->pdata[0];
	assert_string_equal("1", got->path);
	assert_int_equal(5, got->size);
	assert_int_equal(9, got->id);
	assert_int_equal(8, got->parent);
	ms_facts_clear(&facts);
}

struct taken {
	struct ms_blob blob;
	unsigned count;
};

static enum ms_status
take_over(void *arg, GByteArray *frame, int fd, struct ms_error *err)
{
	struct taken *taken = arg;
	char data[8];

	assert_int_equal(MS_OK, ms_frame_read_blob(frame->data, frame->len,
	    &taken->blob));
	assert_int_equal(MS_OK, ms_sealed_check(fd, taken->blob.size));
	assert_int_equal(taken->blob.size, pread(fd, data, sizeof data, 0));
	assert_memory_equal("bytes", data, taken->blob.size);
	assert_int_equal(0, close(fd));
	g_byte_array_unref(frame);
	taken->count++;
	return taken->count == 1 ? MS_OK : ms_error_set(err, MS_E_IO, "no");
}

static void
tell_gap(void *arg, GByteArray *frame)
{
	struct taken *taken = arg;

	assert_int_equal(MS_FRAME_GAP, ms_frame_type(frame->data,
	    frame->len));
	g_byte_array_unref(frame);
	taken->count += 100;
}

/* Bytes go out in a descriptor; if there is none left, that is a gap. */
static void
test_blob(void **state)
{
	static const struct ms_part part = { .path = (char *)"1",
		.detected_type = "text/plain", .size = 5 };
	struct taken taken = { .count = 0 };
	struct ms_teller teller = { tell_gap, take_over, &taken, 0 };
	struct rlimit old, none;

	(void)state;
	ms_teller_sink(true)->blob(&teller, &part,
	    (const unsigned char *)"bytes");
	assert_int_equal(1, taken.count);
	assert_int_equal(5, taken.blob.size);
	assert_int_equal(0, getrlimit(RLIMIT_NOFILE, &old));
	none = (struct rlimit){ 3, old.rlim_max };
	assert_int_equal(0, setrlimit(RLIMIT_NOFILE, &none));
	ms_teller_sink(true)->blob(&teller, &part,
	    (const unsigned char *)"bytes");
	assert_int_equal(0, setrlimit(RLIMIT_NOFILE, &old));
	assert_int_equal(101, taken.count);
	/* So it is if there is one, but nobody takes it. */
	ms_teller_sink(true)->blob(&teller, &part,
	    (const unsigned char *)"bytes");
	assert_int_equal(202, taken.count);
}

static void
test_without_parts(void **state)
{
	(void)state;
	assert_null(ms_teller_sink(false)->blob);
	assert_null(ms_teller_sink(false)->part);
	assert_non_null(ms_teller_sink(false)->finding);
	assert_non_null(ms_teller_sink(true)->part);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_facts),
		cmocka_unit_test(test_blob),
		cmocka_unit_test(test_without_parts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
