#include "serve/signing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#define MAIL "A: b\r\n\r\ntext\r\n"

static struct ms_signature *
signature(void)
{
	struct ms_signature *made;
	struct ms_error err;

	assert_int_equal(ms_signature_new("bye", &made, &err), MS_OK);
	return made;
}

/* A body of TEXT, or none. */
static struct ms_body
body_of(const char *text)
{
	struct ms_body body = { -1, 0 };

	if (!text)
		return body;
	body.fd = memfd_create("test", MFD_CLOEXEC);
	body.size = strlen(text);
	assert_int_equal(write(body.fd, text, body.size), body.size);
	return body;
}

/* All of it at once. */
static enum ms_status
sign(const struct ms_signing_config *config, const struct ms_ruling *ruling,
    const struct ms_body *body, struct ms_spool **spool, struct ms_body *out,
    struct ms_error *err)
{
	struct ms_signing *signing;
	enum ms_status status = ms_signing_begin(config, ruling, body,
	    &signing, err);
	const bool begun = status == MS_OK;

	*spool = NULL;
	assert_int_equal(signing != NULL, begun);
	while (status == MS_OK)
		status = ms_signing_go_on(signing, spool, out, err);
	ms_signing_free(signing);
	return begun && status == MS_END ? MS_OK : status;
}

/* Only what is clean and goes on as it is. */
static void
test_which(void **state)
{
	static const struct {
		enum ms_action action;
		enum ms_verdict verdict;
		const char *text;
		bool has_text;		/* the service has one to append */
		enum ms_status want;
	} cases[] = {
		{ MS_ACTION_PASS, MS_VERDICT_CLEAN, MAIL, true, MS_OK },
		{ MS_ACTION_PASS, MS_VERDICT_CLEAN, MAIL, false, MS_END },
		{ MS_ACTION_PASS, MS_VERDICT_CLEAN, NULL, true, MS_END },
		{ MS_ACTION_PASS, MS_VERDICT_SKIPPED, MAIL, true, MS_END },
		{ MS_ACTION_PASS, MS_VERDICT_INFECTED, MAIL, true, MS_END },
		{ MS_ACTION_TAG, MS_VERDICT_CLEAN, MAIL, true, MS_END },
		{ MS_ACTION_REDIRECT, MS_VERDICT_CLEAN, MAIL, true, MS_END },
		{ MS_ACTION_DEFER, MS_VERDICT_CLEAN, MAIL, true, MS_END },
		/* That gets none. */
		{ MS_ACTION_PASS, MS_VERDICT_CLEAN, "Content-Type: image/png"
		  "\r\n\r\nx", true, MS_END },
	};
	struct ms_signature *made = signature();

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		const struct ms_signing_config config = {
			.signature = cases[i].has_text ? made : NULL,
			.spool = { 100, 1000, NULL },
		};
		const struct ms_ruling ruling = { .action = cases[i].action,
			.verdict = cases[i].verdict };
		const struct ms_body body = body_of(cases[i].text);
		struct ms_body out = { -1, 0 };
		struct ms_spool *spool;
		struct ms_error err;

		assert_int_equal(sign(&config, &ruling, &body, &spool,
		    &out, &err), cases[i].want);
		assert_int_equal(spool != NULL, cases[i].want == MS_OK);
		ms_spool_free(spool);
		if (cases[i].want == MS_OK)
			(void)close(out.fd);
		if (body.fd >= 0)
			(void)close(body.fd);
	}
	ms_signature_free(made);
}

/* What comes out, and whose memory it is. */
static void
test_bytes(void **state)
{
	static const char want[] = MAIL "bye\r\n";
	static const struct ms_ruling ruling = { .action = MS_ACTION_PASS,
		.verdict = MS_VERDICT_CLEAN };
	struct ms_spool_purse purse = { 1000 };
	struct ms_signature *made = signature();
	const struct ms_signing_config config = { made, { 0, 1000, NULL },
		&purse };
	const struct ms_body body = body_of(MAIL);
	char got[sizeof want] = "";
	struct ms_body out = { -1, 0 };
	struct ms_spool *spool;
	struct ms_error err;

	(void)state;
	assert_int_equal(sign(&config, &ruling, &body, &spool, &out,
	    &err), MS_OK);
	assert_int_equal(out.size, strlen(want));
	assert_int_equal(pread(out.fd, got, sizeof got, 0), strlen(want));
	assert_memory_equal(got, want, strlen(want));
	assert_true(purse.left < 1000);
	ms_spool_free(spool);
	assert_int_equal(purse.left, 1000);
	(void)close(out.fd);
	(void)close(body.fd);
	ms_signature_free(made);
}

/* A message that is shorter than it should be is not signed, and not passed as
 * if it was. */
static void
test_failure(void **state)
{
	static const struct ms_ruling ruling = { .action = MS_ACTION_PASS,
		.verdict = MS_VERDICT_CLEAN };
	struct ms_signature *made = signature();
	const struct ms_signing_config config = { .signature = made,
		.spool = { 0, 1000, NULL } };
	struct ms_body body = body_of(MAIL), out = { -1, 0 };
	struct ms_spool *spool;
	struct ms_error err = { "" };

	(void)state;
	body.size++;
	assert_true(sign(&config, &ruling, &body, &spool, &out, &err) <
	    0);
	assert_null(spool);
	assert_true(err.text[0] != '\0');
	(void)close(body.fd);
	ms_signature_free(made);
}

/* A large one takes its turns, and its place is taken by what it becomes. */
static void
test_turns(void **state)
{
	static const struct ms_ruling ruling = { .action = MS_ACTION_PASS,
		.verdict = MS_VERDICT_CLEAN };
	struct ms_signature *made = signature();
	const struct ms_signing_config config = { .signature = made,
		.spool = { 0, SIZE_MAX, NULL } };
	GString *text = g_string_new("Content-Type: multipart/mixed; "
	    "boundary=b\n\n--b\n\ntext\n--b\n\n");
	struct ms_signing *signing;
	struct ms_spool *spool;
	unsigned turns = 1;
	struct ms_body body;
	struct ms_error err;
	char *got;

	(void)state;
	while (text->len < (size_t)10 << 20)
		g_string_append(text, "What does not matter.\n");
	body = body_of(text->str);
	assert_int_equal(ms_signing_begin(&config, &ruling, &body, &signing,
	    &err), MS_OK);
	while (ms_signing_go_on(signing, &spool, &body, &err) == MS_OK)
		turns++;
	assert_true(turns >= 10 && turns < 20);
	assert_int_equal(body.size, text->len + strlen("bye\n"));
	got = g_malloc0(body.size + 1);
	assert_int_equal(pread(body.fd, got, body.size, 0), body.size);
	assert_non_null(strstr(got, "--b\n\ntext\nbye\n--b\n"));
	assert_string_equal(got + body.size - 5000, text->str + text->len -
	    5000);
	g_free(got);
	ms_signing_free(signing);
	ms_spool_free(spool);
	(void)close(body.fd);
	(void)g_string_free(text, TRUE);
	ms_signature_free(made);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_which),
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_failure),
		cmocka_unit_test(test_turns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
