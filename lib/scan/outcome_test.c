#include "scan/outcome.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* The description outlives the message, and facts begin empty. */
static void
test_new(void **state)
{
	struct ms_message *message = g_new0(struct ms_message, 1);
	struct ms_digest digest = ms_hash_of("a", 1);
	struct ms_digest canonical = ms_hash_of("b", 1);
	struct ms_outcome *outcome;

	(void)state;
	message->origin.source = g_strdup("x.mbox");
	message->origin.index = 3;
	message->size = 77;
	message->omitted = 7;
	message->envelope = ms_envelope_new("a@example.org");
	message->sha256 = digest;
	message->sha256_canonical = canonical;
	outcome = ms_outcome_new(message);
	ms_message_free(message);
	assert_string_equal("x.mbox", outcome->origin.source);
	assert_int_equal(3, outcome->origin.index);
	assert_int_equal(77, outcome->size);
	assert_true(ms_hash_equal(&digest, &outcome->sha256));
	assert_true(ms_hash_equal(&canonical, &outcome->sha256_canonical));
	assert_int_equal(0, outcome->facts.findings->len);
	assert_int_equal(0, outcome->facts.gaps->len);
	assert_int_equal(0, outcome->facts.parts->len);
	assert_int_equal(0, outcome->elapsed_ms);
	assert_string_equal("a@example.org", outcome->envelope->sender);
	assert_int_equal(0, outcome->deeds->len);
	ms_facts_finding(&outcome->facts, "c", "A", "");
	ms_outcome_free(outcome);
	ms_outcome_free(NULL);
}

static void
test_deeds(void **state)
{
	const struct ms_message message = { .size = 1 };
	struct ms_outcome *outcome = ms_outcome_new(&message);
	const struct ms_deed *deed;

	(void)state;
	ms_outcome_deed(outcome, "quarantine", MS_DEED_DONE, "20261121/a");
	ms_outcome_deed(outcome, "remove", MS_DEED_FAILED, NULL);
	assert_int_equal(2, outcome->deeds->len);
	deed = g_ptr_array_index(outcome->deeds, 0);
	assert_string_equal("quarantine", deed->action);
	assert_string_equal("20261121/a", deed->detail);
	deed = g_ptr_array_index(outcome->deeds, 1);
	assert_string_equal("failed", ms_outcome_deed_name(deed->state));
	assert_null(deed->detail);
	ms_outcome_free(outcome);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_new),
		cmocka_unit_test(test_deeds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
