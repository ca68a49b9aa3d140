#include "milter/caller.h"

#include <arpa/inet.h>
#include <glib.h>
#include <netinet/in.h>
#include <sys/un.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void
test_addresses(void **state)
{
	static const struct {
		int family;
		const char *text, *address;
	} rows[] = {
		{ AF_INET, "192.0.2.7", "192.0.2.7" },
		{ AF_INET6, "2001:db8::1", "2001:db8::1" },
		{ AF_INET6, "::ffff:192.0.2.7", "192.0.2.7" },
		{ AF_UNIX, NULL, NULL },
		{ AF_UNSPEC, NULL, NULL },
	};
	struct ms_caller caller = { .name = NULL };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		union {
			struct sockaddr any;
			struct sockaddr_in in;
			struct sockaddr_in6 in6;
			struct sockaddr_un un;
		} from = { .any = { .sa_family = (sa_family_t)
		    rows[i].family } };

		if (rows[i].text)
			assert_int_equal(inet_pton(rows[i].family,
			    rows[i].text, rows[i].family == AF_INET ?
			    (void *)&from.in.sin_addr :
			    (void *)&from.in6.sin6_addr), 1);
		ms_caller_begin(&caller, "mta.example", &from.any);
		assert_string_equal(caller.name, "mta.example");
		if (rows[i].address)
			assert_string_equal(caller.address, rows[i].address);
		else
			assert_null(caller.address);
	}
	ms_caller_begin(&caller, NULL, NULL);
	assert_null(caller.name);
	assert_null(caller.address);
	ms_caller_clear(&caller);
}

/* What is known stands before what is only said elsewhere; and the next client
 * is another one. */
static void
test_signs(void **state)
{
	const struct sockaddr_in from = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct ms_envelope *envelope = ms_envelope_new("a@b");
	struct ms_caller caller = { .name = NULL };

	(void)state;
	ms_caller_sign(&caller, NULL, NULL, envelope);
	assert_null(envelope->client_address);
	assert_null(envelope->client_name);
	assert_null(envelope->helo);
	ms_caller_sign(&caller, "n", "192.0.2.1", envelope);
	assert_string_equal(envelope->client_address, "192.0.2.1");
	assert_string_equal(envelope->client_name, "n");
	ms_caller_begin(&caller, "m", (const struct sockaddr *)&from);
	ms_caller_greets(&caller, "one");
	ms_caller_greets(&caller, "two");
	ms_caller_sign(&caller, "n", "192.0.2.1", envelope);
	assert_string_equal(envelope->client_address, "127.0.0.1");
	assert_string_equal(envelope->client_name, "m");
	assert_string_equal(envelope->helo, "two");
	ms_caller_clear(&caller);
	ms_caller_clear(&caller);
	ms_envelope_free(envelope);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_signs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
