#include "smtp/proxy_test.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/*
 * Smuggling: line ends that are none around a dot, in all places, must neither
 * end the content here nor reach the next hop. Cases S-001 to S-036 towards
 * us; the same are looked at in what the next hop gets (S-037 to S-072), and
 * each is cut at every place of its window.
 */

#define SMUGGLED "MAIL FROM:<smug@x.test>\r\nRCPT TO:<b@y.test>\r\nDATA\r\n" \
	"Subject: smuggled\r\n\r\nx\r\n.\r\n"

static const struct {
	const char *bytes;
	size_t size;
} sequences[] = {
	{ "\n.\n", 3 }, { "\r.\r", 3 }, { "\r.\n", 3 }, { "\n.\r", 3 },
	{ "\n.\r\n", 4 }, { "\r\n.\n", 4 }, { "\r.\r\n", 4 },
	{ "\r\n.\r", 4 }, { "\r\n\0.\r\n", 6 }, { "\r\n.\0\r\n", 6 },
	{ "\r\n.\r\r\n", 6 }, { "\r\r\n.\r\r\n", 7 },
};

enum where { BEHIND_TEXT, AT_ONCE, BEFORE_END, WHERES };

static GString *
session_with(size_t sequence, enum where where, size_t *window)
{
	GString *s = g_string_new("EHLO c.test\r\nMAIL FROM:<a@x.test>\r\n"
	    "RCPT TO:<b@y.test>\r\nDATA\r\n");
	/* The line end of DATA is that before the dot. */
	const size_t from = where == AT_ONCE && strncmp(
	    sequences[sequence].bytes, "\r\n", 2) == 0 ? 2 : 0;

	if (where != AT_ONCE)
		g_string_append(s, "Subject: first\r\n\r\nfirst");
	*window = s->len;
	g_string_append_len(s, sequences[sequence].bytes + from,
	    (gssize)(sequences[sequence].size - from));
	if (where != BEFORE_END)
		g_string_append(s, SMUGGLED);
	else
		g_string_append(s, "\r\n.\r\n");
	return s;
}

static void
assert_alone(const GString *bytes)
{
	for (size_t i = 0; i < bytes->len; i++) {
		const char c = bytes->str[i];

		assert_true(c != '\0');
		assert_true(c != '\n' || (i > 0 &&
		    bytes->str[i - 1] == '\r'));
		assert_true(c != '\r' || bytes->str[i + 1] == '\n');
	}
}

/* CUT: bytes of the session in the first piece; 0: byte by byte. */
static void
check(const GString *session, enum ms_proxy_newlines newlines, size_t cut)
{
	const struct fake_setup setup = {
		.config.newlines = newlines,
		.client_cut = cut == 0 ? 1 : 0,
	};
	struct fake f;

	fake_open(&f, &setup);
	if (cut > 0)
		(void)fake_client(&f, session->str, cut);
	/* What was not taken is offered again: it was all content or
	 * commands that were answered. */
	(void)fake_client(&f, session->str + cut, session->len - cut);
	assert_null(strstr(f.commands->str, "smug"));
	assert_alone(f.hop);
	if (newlines == MS_PROXY_REJECT) {
		assert_int_equal(f.mails->len, 0);
		assert_non_null(strstr(f.client->str, "\r\n550 5.5.2 "));
		assert_true(f.client_closed);
	} else {
		const GString *mail;

		assert_int_equal(f.mails->len, 1);
		mail = f.mails->pdata[0];
		assert_int_equal(mail->len, f.last_spooled->len);
		assert_memory_equal(mail->str, f.last_spooled->str,
		    mail->len);
	}
	assert_int_equal(f.ends, 1);
	fake_free(&f);
}

static void
test_smuggling(void **state)
{
	(void)state;
	for (size_t s = 0; s < G_N_ELEMENTS(sequences); s++)
		for (enum where w = 0; w < WHERES; w++) {
			size_t window;
			GString *session = session_with(s, w, &window);

			for (int n = 0; n < 2; n++) {
				check(session, n, session->len);
				check(session, n, 0);
				for (size_t i = 0; i <= 8; i++)
					check(session, n, window + i);
			}
			g_string_free(session, TRUE);
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_smuggling),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
