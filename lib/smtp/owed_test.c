#include "smtp/owed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* A state with recipients that were answered so. */
static struct ms_session_state
state_of(enum ms_verb hello, const int *codes, unsigned count)
{
	struct ms_session_state state = { .hello = hello,
		.recipients = g_array_new(FALSE, FALSE,
		    sizeof(struct ms_recipient)) };

	for (unsigned i = 0; i < count; i++) {
		const struct ms_recipient recipient = { .code = codes[i] };

		g_array_append_val(state.recipients, recipient);
		state.accepted += codes[i] / 100 == 2;
	}
	return state;
}

/* RFC 2033, 4.2: after the content one for each recipient that was accepted,
 * in their order; in SMTP, and without any, one. */
static void
test_content(void **unused)
{
	static const int codes[] = { 250, 550, 251, 450, 250 };
	static const struct {
		enum ms_verb hello;
		unsigned count, lost, want;
	} cases[] = {
		{ MS_VERB_EHLO, 5, 0, 1 }, { MS_VERB_LHLO, 5, 0, 3 },
		{ MS_VERB_LHLO, 0, 0, 1 }, { MS_VERB_LHLO, 2, 2, 3 },
	};

	(void)unused;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		static const int order[] = { 0, 2, 4 };
		struct ms_session_state state = state_of(cases[i].hello,
		    codes, cases[i].count);
		struct ms_owed *owed = ms_owed_new(MS_ASKED_CONTENT, 7);

		state.lost = cases[i].lost;
		assert_int_equal(7, owed->offset);
		for (unsigned k = 0; k < cases[i].want; k++) {
			struct ms_answered answered = { .recipient = -1 };
			bool last = k + 1 == cases[i].want;

			assert_int_equal(cases[i].want,
			    ms_owed_replies(owed, &state));
			assert_int_equal(last, ms_owed_answer(owed, &state,
			    &answered));
			assert_int_equal(!last, answered.more);
			/* Of those that were lost nobody knows who. */
			assert_int_equal(cases[i].want > 1 &&
			    k < state.accepted ? order[k] : -1,
			    answered.recipient);
		}
		ms_owed_free(owed);
		g_array_free(state.recipients, TRUE);
	}
	ms_owed_free(NULL);
}

/* In LMTP, BDAT has as many only if it is the last chunk, and may be taken. */
static void
test_chunks(void **unused)
{
	static const int codes[] = { 250, 250 };
	struct ms_session_state state = state_of(MS_VERB_LHLO, codes, 2);
	struct ms_owed *owed = ms_owed_new(MS_ASKED_COMMAND, 0);

	(void)unused;
	ms_request_parse(&owed->request, "BDAT 5 LAST", 11);
	assert_int_equal(2, ms_owed_replies(owed, &state));
	owed->unseen = true;
	assert_int_equal(1, ms_owed_replies(owed, &state));
	owed->unseen = false;
	state.chunk_failed = true;
	assert_int_equal(1, ms_owed_replies(owed, &state));
	state.chunk_failed = false;
	owed->problem.code = 503;
	assert_int_equal(1, ms_owed_replies(owed, &state));
	owed->problem.code = 0;
	owed->request.last = false;
	assert_int_equal(1, ms_owed_replies(owed, &state));
	ms_owed_free(owed);
	g_array_free(state.recipients, TRUE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_content),
		cmocka_unit_test(test_chunks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
