#include "report/changes.h"

#include "report/formats_test.h"

/* A finding on both sides, and what becomes of it on each. */
struct sample {
	enum ms_changes_side side;
	const char *source;
	unsigned char digest;
	const char *name, *part;
	enum ms_change want;
};

#define OLD(source, digest, name, part, want) \
	{ MS_CHANGES_OLD, source, digest, name, part, want }
#define NEW(source, digest, name, part, want) \
	{ MS_CHANGES_NEW, source, digest, name, part, want }

static struct ms_outcome *
outcome_new(const struct sample *sample)
{
	struct ms_outcome *outcome = sheet_outcome(sample->source, 1,
	    MS_VERDICT_INFECTED);

	outcome->sha256.bytes[0] = sample->digest;
	outcome->sha256_canonical.bytes[0] = sample->digest;
	ms_facts_finding(&outcome->facts, "clamav", sample->name,
	    sample->part);
	return outcome;
}

static void
check(const struct sample *samples, size_t count)
{
	struct ms_changes *changes = ms_changes_new();
	uint64_t alone[MS_CHANGES_SIDES] = { 0 };

	for (size_t i = 0; i < count; i++) {
		struct ms_outcome *outcome = outcome_new(&samples[i]);

		ms_changes_note(changes, samples[i].side, outcome);
		ms_outcome_free(outcome);
	}
	ms_changes_settle(changes);
	for (size_t i = 0; i < count; i++) {
		print_message("  %zu\n", i);
		assert_int_equal(samples[i].want, ms_changes_next(changes,
		    samples[i].side));
		alone[samples[i].side] += samples[i].want == MS_CHANGE_ALONE;
	}
	for (int s = 0; s < MS_CHANGES_SIDES; s++) {
		enum ms_changes_side side = (enum ms_changes_side)s;

		assert_int_equal(MS_CHANGE_NONE, ms_changes_next(changes,
		    side));
		assert_int_equal(alone[s], ms_changes_count(changes, side,
		    MS_CHANGE_ALONE));
	}
	ms_changes_free(changes);
}

static void
test_kinds(void **state)
{
	static const struct sample samples[] = {
		OLD("a", 1, "N", "1", MS_CHANGE_NONE),
		OLD("a", 2, "N", "1", MS_CHANGE_ALONE),
		OLD("a", 3, "N", "1", MS_CHANGE_MOVED),
		NEW("b", 3, "N", "1", MS_CHANGE_MOVED),
		NEW("a", 4, "N", "1", MS_CHANGE_ALONE),
		NEW("a", 1, "M", "1", MS_CHANGE_ALONE),
		NEW("a", 1, "N", "2", MS_CHANGE_ALONE),
		NEW("a", 1, "N", "1", MS_CHANGE_NONE),
	};

	(void)state;
	check(samples, G_N_ELEMENTS(samples));
	check(NULL, 0);
}

/* A copy is new; the second copy in the same mailbox is not. */
static void
test_copies(void **state)
{
	static const struct sample copied[] = {
		OLD("a", 1, "N", "", MS_CHANGE_NONE),
		NEW("a", 1, "N", "", MS_CHANGE_NONE),
		NEW("b", 1, "N", "", MS_CHANGE_ALONE),
		NEW("a", 1, "N", "", MS_CHANGE_NONE),
	};
	static const struct sample moved_and_copied[] = {
		OLD("a", 1, "N", "", MS_CHANGE_MOVED),
		NEW("b", 1, "N", "", MS_CHANGE_MOVED),
	};
	static const struct sample one_side[] = {
		OLD("a", 1, "N", "", MS_CHANGE_ALONE),
		OLD("b", 1, "N", "", MS_CHANGE_ALONE),
	};

	(void)state;
	check(copied, G_N_ELEMENTS(copied));
	check(moved_and_copied, G_N_ELEMENTS(moved_and_copied));
	check(one_side, G_N_ELEMENTS(one_side));
}

/* Of many alike, as many are moved as are gone, and the rest are new. */
static void
test_many(void **state)
{
	struct ms_changes *changes = ms_changes_new();
	struct sample sample = OLD(NULL, 1, "N", "", MS_CHANGE_NONE);
	char source[16];

	(void)state;
	for (int i = 0; i < 3000; i++) {
		struct ms_outcome *outcome;

		(void)snprintf(source, sizeof source, "%d", i);
		sample.source = source;
		outcome = outcome_new(&sample);
		ms_changes_note(changes, i < 1000 ? MS_CHANGES_OLD :
		    MS_CHANGES_NEW, outcome);
		ms_outcome_free(outcome);
	}
	ms_changes_settle(changes);
	assert_int_equal(1000, ms_changes_count(changes, MS_CHANGES_NEW,
	    MS_CHANGE_MOVED));
	assert_int_equal(1000, ms_changes_count(changes, MS_CHANGES_NEW,
	    MS_CHANGE_ALONE));
	assert_int_equal(0, ms_changes_count(changes, MS_CHANGES_OLD,
	    MS_CHANGE_ALONE));
	ms_changes_free(changes);
}

static void
test_lines(void **state)
{
	static const char want[] = "a\\x0a[#1]:2/x: N\" NEW\n"
	    "a\\x0a[#1]:2/x: N\" GONE\n"
	    "\nNew: 1\nGone: 0\nMoved: 0\nUnchanged: 0\n"
	    "{\"schema\":1,\"type\":\"new\",\"source\":\"a\\\\x0a\","
	    "\"format\":\"mbox\",\"index\":1,\"message_id\":null,";
	struct sample sample = NEW("a\n", 1, "N\"", "2/x", MS_CHANGE_ALONE);
	struct ms_outcome *outcome = outcome_new(&sample);
	const struct ms_finding *finding =
	    g_ptr_array_index(outcome->facts.findings, 0);
	struct ms_changes *changes = ms_changes_new();
	char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	(void)state;
	ms_changes_note(changes, MS_CHANGES_NEW, outcome);
	ms_changes_settle(changes);
	for (int json = 0; json < 2; json++) {
		assert_int_equal(MS_OK, ms_changes_write(stream, json,
		    MS_CHANGES_NEW, outcome, finding, NULL));
		assert_int_equal(MS_OK, ms_changes_write(stream, json,
		    MS_CHANGES_OLD, outcome, finding, NULL));
		assert_int_equal(MS_OK, ms_changes_write_counts(stream, json,
		    changes, NULL));
	}
	fclose(stream);
	assert_memory_equal(want, text, sizeof want - 1);
	assert_non_null(strstr(text, "\"name\":\"N\\\"\",\"part\":\"2/x\"}"
	    "\n{\"schema\":1,\"type\":\"gone\","));
	assert_non_null(strstr(text, "{\"schema\":1,\"type\":\"diff\","
	    "\"new\":1,\"gone\":0,\"moved\":0,\"unchanged\":0}\n"));
	free(text);
	ms_changes_free(changes);
	ms_outcome_free(outcome);
}

static void
test_full_disk(void **state)
{
	struct ms_changes *changes = ms_changes_new();
	FILE *stream = fopen("/dev/full", "w");
	struct ms_error err;

	(void)state;
	assert_int_equal(MS_E_IO, ms_changes_write_counts(stream, false,
	    changes, &err));
	fclose(stream);
	ms_changes_free(changes);
	ms_changes_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_copies),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_full_disk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
