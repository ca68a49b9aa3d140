#include "message/envelope.h"

#include <glib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define MANY 1000

static void
test_copy(void **state)
{
	struct ms_envelope *envelope = ms_envelope_new("a@example.org");
	struct ms_envelope *copy;
	char text[32];

	(void)state;
	for (unsigned i = 0; i < MANY; i++) {
		(void)g_snprintf(text, sizeof text, "r%u@example.org", i);
		ms_envelope_add(envelope, text);
		assert_null(envelope->recipients[i + 1]);
	}
	envelope->queue_id = g_strdup("3ABC");
	envelope->received = 17;
	copy = ms_envelope_copy(envelope);
	ms_envelope_free(envelope);
	assert_string_equal("a@example.org", copy->sender);
	assert_string_equal("3ABC", copy->queue_id);
	assert_null(copy->helo);
	assert_int_equal(17, copy->received);
	assert_int_equal(MANY, copy->count);
	assert_int_equal(MANY, g_strv_length(copy->recipients));
	assert_string_equal("r999@example.org", copy->recipients[MANY - 1]);
	ms_envelope_free(copy);
}

static void
test_refused(void **state)
{
	struct ms_envelope *envelope = ms_envelope_new("a@example.org");
	struct ms_envelope *copy;
	char text[32];

	(void)state;
	for (unsigned i = 0; i < MANY; i++) {
		(void)g_snprintf(text, sizeof text, "r%u@example.org", i);
		ms_envelope_refuse(envelope, text, i % 2 ? "550 no" : NULL);
	}
	envelope->server_address = g_strdup("192.0.2.1:25");
	envelope->protocol = g_strdup("ESMTPS");
	envelope->reply = g_strdup("250 ok");
	envelope->omitted = 3;
	copy = ms_envelope_copy(envelope);
	ms_envelope_free(envelope);
	assert_int_equal(MANY, copy->refusals);
	assert_int_equal(0, copy->count);
	assert_string_equal("r999@example.org",
	    copy->refused[MANY - 1].recipient);
	assert_string_equal("550 no", copy->refused[MANY - 1].reply);
	assert_null(copy->refused[MANY - 2].reply);
	assert_string_equal("192.0.2.1:25", copy->server_address);
	assert_string_equal("ESMTPS", copy->protocol);
	assert_string_equal("250 ok", copy->reply);
	assert_int_equal(3, copy->omitted);
	ms_envelope_free(copy);
}

static void
test_nobody(void **state)
{
	struct ms_envelope *envelope = ms_envelope_new(NULL);
	struct ms_envelope *copy = ms_envelope_copy(envelope);

	(void)state;
	assert_null(copy->sender);
	assert_null(copy->recipients[0]);
	assert_int_equal(-1, copy->received);
	assert_null(ms_envelope_copy(NULL));
	ms_envelope_free(NULL);
	ms_envelope_free(copy);
	ms_envelope_free(envelope);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_copy),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
