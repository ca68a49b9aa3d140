#include "action/sign.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#define TEXT "-- \nGepr\303\274ft & <gut>"
#define HTML "<p>-- <br>\nGepr&#252;ft &#38; &#60;gut&#62;</p>"

/* What is appended to the message IN makes it OUT; NULL: nothing is. */
struct row {
	const char *in, *out;
};

static struct ms_signature *
make(const char *text)
{
	struct ms_signature *signature;
	struct ms_error err;

	assert_int_equal(ms_signature_new(text, &signature, &err), MS_OK);
	return signature;
}

/* What becomes of the SIZE bytes at DATA, or NULL. */
static char *
signed_by(const struct ms_signature *signature, const char *data, size_t size)
{
	const struct ms_spool_config config = { 0, SIZE_MAX, NULL };
	struct ms_spool *spool = ms_spool_new(&config);
	struct ms_sign_copy *copy;
	const unsigned char *made;
	char *out = NULL;
	struct ms_error err;
	int fd = memfd_create("test", MFD_CLOEXEC);
	enum ms_status status;

	assert_int_equal(write(fd, data, size), size);
	status = ms_sign_copy_new(signature, fd, size, &copy, &err);
	if (status == MS_OK) {
		/* However it is cut. */
		while ((status = ms_sign_copy_some(copy, 1 + size % 7000,
		    spool, &err)) == MS_OK)
			;
		assert_int_equal(status, MS_END);
		status = MS_OK;
	}
	ms_sign_copy_free(copy);
	if (status == MS_OK) {
		assert_int_equal(ms_spool_map(spool, &made, &err), MS_OK);
		out = g_strndup((const char *)made,
		    (size_t)ms_spool_size(spool));
	} else {
		assert_int_equal(status, MS_END);
		assert_int_equal(ms_spool_size(spool), 0);
	}
	ms_spool_free(spool);
	(void)close(fd);
	return out;
}

static void
assert_row(const struct ms_signature *signature, const struct row *row)
{
	char *out = signed_by(signature, row->in, strlen(row->in));
	char *again;

	if (!row->out) {
		if (out)
			fail_msg("%s became %s", row->in, out);
		return;
	}
	assert_non_null(out);
	assert_string_equal(out, row->out);
	again = signed_by(signature, out, strlen(out));
	assert_null(again);
	g_free(out);
}

static void
assert_rows(const char *text, const struct row *rows, size_t count)
{
	struct ms_signature *signature = make(text);

	for (size_t i = 0; i < count; i++)
		assert_row(signature, &rows[i]);
	ms_signature_free(signature);
}

static void
test_plain(void **state)
{
	static const struct row rows[] = {
		{ "A: b\r\n\r\ntext\r\n",
		    "A: b\r\n\r\ntext\r\n-- \r\nGepruft & <gut>\r\n" },
		{ "A: b\n\ntext", "A: b\n\ntext\n-- \nGepruft & <gut>\n" },
		{ "From x\nA: b\n\ntext\n",
		    "From x\nA: b\n\ntext\n-- \nGepruft & <gut>\n" },
		{ "Content-Type: text/plain; charset=utf-8\n"
		    "Content-Transfer-Encoding: 8bit\n\ntext\n",
		    "Content-Type: text/plain; charset=utf-8\n"
		    "Content-Transfer-Encoding: 8bit\n\ntext\n"
		    "-- \nGepr\303\274ft & <gut>\n" },
		{ "Content-Type: text/plain;\n charset=\"ISO-8859-1\"\n"
		    "Content-Transfer-Encoding: 8BIT\n\ntext\n",
		    "Content-Type: text/plain;\n charset=\"ISO-8859-1\"\n"
		    "Content-Transfer-Encoding: 8BIT\n\ntext\n"
		    "-- \nGepr\374ft & <gut>\n" },
		/* What it cannot say. */
		{ "Content-Type: text/plain; charset=koi8-r\n"
		    "Content-Transfer-Encoding: 8bit\n\ntext\n",
		    "Content-Type: text/plain; charset=koi8-r\n"
		    "Content-Transfer-Encoding: 8bit\n\ntext\n"
		    "-- \nGepruft & <gut>\n" },
		{ "Content-Type: text/html\n\n<p>hi</p>\n</BODY></html>\n",
		    "Content-Type: text/html\n\n<p>hi</p>\n" HTML
		    "\n</BODY></html>\n" },
		{ "Content-Type: text/html\n\nhi", "Content-Type: text/html\n\n"
		    "hi\n" HTML "\n" },
	};

	(void)state;
	assert_rows(TEXT "\n\n", rows, G_N_ELEMENTS(rows));
}

static void
test_encoded(void **state)
{
#define QP(type) "Content-Type: text/" type "; charset=utf-8\n" \
	"Content-Transfer-Encoding: quoted-printable\n\n"
#define B64(type) "Content-Type: text/" type "; charset=utf-8\n" \
	"Content-Transfer-Encoding: base64\n\n"
	static const struct row rows[] = {
		{ QP("plain") "=41bc=\nde\n",
		    QP("plain") "=41bc=\nde\n--=20\nGepr=C3=BCft & <gut>\n" },
		{ QP("plain") "abc=\n",
		    QP("plain") "abc=\n\n--=20\nGepr=C3=BCft & <gut>\n" },
		{ QP("plain") "abc=",
		    QP("plain") "abc=\n\n--=20\nGepr=C3=BCft & <gut>\n" },
		{ QP("plain") "a=4", NULL },
		{ QP("html") "hi=\n<=2Fbody>\n",
		    QP("html") "hi=\n\n<p>-- <br>\nGepr&#252;ft &#38; "
		    "&#60;gut&#62;</p>\n<=2Fbody>\n" },
		/* "abc", "abcd", "abcde" */
		{ B64("plain") "YWJj\n",
		    B64("plain") "YWJj\nDQotLSANCkdlcHLDvGZ0ICYgPGd1dD4NCg==\n"
		},
		{ B64("plain") "YWJjZA==\n",
		    B64("plain") "YWJj\nZA0KLS0gDQpHZXByw7xmdCAmIDxndXQ+DQo=\n"
		},
		{ B64("plain") "YWJjZGU=",
		    B64("plain") "YWJj\nZGUNCi0tIA0KR2VwcsO8ZnQgJiA8Z3V0Pg0K\n"
		},
		{ B64("plain") "YWJjZGU", NULL },
		{ B64("plain") "YWJj-ZGU=\n", NULL },
		{ B64("plain") "YW==YWJj\n", NULL },
		{ B64("plain") "\n", NULL },
	};

	(void)state;
	assert_rows(TEXT, rows, G_N_ELEMENTS(rows));
}

#define MULTI(type, boundary) "Content-Type: multipart/" type \
	"; boundary=\"" boundary "\"\n\n"
#define PART(type) "Content-Type: text/" type "\n\n"

static void
test_parts(void **state)
{
	static const struct row rows[] = {
		{ MULTI("alternative", "b") "pre\n--b\n" PART("plain")
		    "hi\n--b\n" PART("html") "<b>hi</b>\n--b--\nepi\n",
		    MULTI("alternative", "b") "pre\n--b\n" PART("plain")
		    "hi\nOurs\n--b\n" PART("html")
		    "<b>hi</b>\n<p>Ours</p>\n--b--\nepi\n" },
		/* The HTML with its pictures; a file that is text. */
		{ MULTI("mixed", "o") "--o\n" MULTI("alternative", "b")
		    "--b\n" PART("plain") "hi\n\n--b\n"
		    MULTI("related", "r") "--r\n" PART("html")
		    "x</body>\n--r\nContent-Type: image/png\n\n1\n--r--\n"
		    "--b--\n--o\n" PART("plain") "file\n--o--\n",
		    MULTI("mixed", "o") "--o\n" MULTI("alternative", "b")
		    "--b\n" PART("plain") "hi\nOurs\n\n--b\n"
		    MULTI("related", "r") "--r\n" PART("html")
		    "x\n<p>Ours</p>\n</body>\n--r\nContent-Type: image/png\n\n"
		    "1\n--r--\n--b--\n--o\n" PART("plain") "file\n--o--\n" },
		{ MULTI("mixed", "b") "--b\nContent-Type: text/plain\n"
		    "Content-Disposition: attachment\n\nfile\n--b\n"
		    PART("plain; name=x") "file\n--b\n\ntext\n--b--\n",
		    MULTI("mixed", "b") "--b\nContent-Type: text/plain\n"
		    "Content-Disposition: attachment\n\nfile\n--b\n"
		    PART("plain; name=x") "file\n--b\n\ntext\nOurs\n--b--\n" },
		/* No alternative of it; and what nobody closed. */
		{ MULTI("mixed", "b") "--b\n\none\n--b\n" PART("html")
		    "two\n--b--\n",
		    MULTI("mixed", "b") "--b\n\none\nOurs\n--b\n" PART("html")
		    "two\n--b--\n" },
		{ MULTI("mixed", "b") "--b\n\none\n--b\n\ntwo\n",
		    MULTI("mixed", "b") "--b\n\none\nOurs\n--b\n\ntwo\n" },
		{ MULTI("mixed", "b") "--b\n\none\n", NULL },
		{ MULTI("mixed", "b") "--b\n--b\n\n--b\n\n\n--b--\n", NULL },
	};

	(void)state;
	assert_rows("Ours", rows, G_N_ELEMENTS(rows));
}

static void
test_untouched(void **state)
{
	static const struct row rows[] = {
		{ "", NULL },
		{ "text\n", NULL },
		{ "\ntext\n", "\ntext\nOurs\n" },
		{ " folded\n\ntext\n", NULL },
		{ MULTI("signed", "b") "--b\n\none\n--b--\n", NULL },
		{ MULTI("encrypted", "b") "--b\n\none\n--b--\n", NULL },
		{ MULTI("report", "b") "--b\n\none\n--b--\n", NULL },
		{ MULTI("digest", "b") "--b\n\none\n--b--\n", NULL },
		{ MULTI("mixed", "b") "--b\n" MULTI("signed", "c")
		    "--c\n\none\n--c--\n--b\n\nfooter\n--b--\n", NULL },
		{ "Content-Type: application/pkcs7-mime\n\nx\n", NULL },
		{ MULTI("mixed", "b") "--b\nContent-Type: application/"
		    "x-pkcs7-mime\n\nx\n--b\n\none\n--b--\n", NULL },
		{ "A: b\n\n-----BEGIN PGP MESSAGE-----\n", NULL },
		{ "A: b\n\nsee -----BEGIN PGP x\n-----BEGIN PGP SIGNED "
		    "MESSAGE-----\n", NULL },
		{ "A: b\n\ntext\r\nOurs\r\nmore\n", NULL },
		{ "A: b\n\n> Ours\nOurs too\n",
		    "A: b\n\n> Ours\nOurs too\nOurs\n" },
		{ "Content-Type: text/plain; charset=utf-16\n\nx\n", NULL },
		{ "Content-Type: text/plain\nContent-Type: text/html\n\nx\n",
		    NULL },
		{ "Content-Type: text/plain (x); charset=a; charset=b\n\nx\n",
		    NULL },
		{ "Content-Transfer-Encoding: x-uuencode\n\nx\n", NULL },
		{ "Content-MD5: Q2hlY2sgSW50ZWdyaXR5IQ==\n\nx\n", NULL },
		{ "Content-Type: text/calendar\n\nx\n", NULL },
		{ "Content-Type: message/rfc822\n\nA: b\n\nx\n", NULL },
		/* All or nothing. */
		{ MULTI("alternative", "b") "--b\n\nhi\n--b\n"
		    PART("html; charset=utf-7") "<b>hi</b>\n--b--\n", NULL },
		/* It would end the part. */
		{ MULTI("mixed", "Ours") "--Ours\n\none\n--Ours--\n",
		    MULTI("mixed", "Ours") "--Ours\n\none\nOurs\n--Ours--\n" },
	};
	static const struct row end[] = {
		{ MULTI("mixed", "O") "--O\n\none\n--O--\n", NULL },
	};

	(void)state;
	assert_rows("Ours", rows, G_N_ELEMENTS(rows));
	assert_rows("--Ours", end, G_N_ELEMENTS(end));
}

/* Of a long message only the beginning is looked at. */
static void
test_large(void **state)
{
	static const char start[] = MULTI("mixed", "b") "--b\n\none\n--b\n\n";
	struct ms_signature *signature = make("Ours");
	GString *message = g_string_new("A: b\n\n");
	char *out;

	(void)state;
	while (message->len <= MS_SIGN_WINDOW)
		g_string_append(message, "line\n");
	assert_null(signed_by(signature, message->str, message->len));
	g_string_prepend(message, start);
	out = signed_by(signature, message->str, message->len);
	assert_non_null(out);
	assert_int_equal(strlen(out), message->len + strlen("\nOurs"));
	assert_memory_equal(out + strlen(start) + strlen("Ours"),
	    message->str + strlen(start) - 1, message->len - strlen(start));
	g_free(out);
	(void)g_string_free(message, TRUE);
	ms_signature_free(signature);
}

static void
test_wrong(void **state)
{
	struct ms_signature *signature;
	struct ms_error err;
	char *large = g_strnfill(MS_SIGNATURE_MAX + 1, 'x');
	const char *const texts[] = { "", " \n\n", "\377", "a\033b", large };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
		assert_int_equal(ms_signature_new(texts[i], &signature, &err),
		    MS_E_USAGE);
		assert_null(signature);
	}
	g_free(large);
	signature = make("x");
	assert_null(ms_signature_html(signature, "utf-16"));
	assert_string_equal(ms_signature_html(signature, "GBK"), "<p>x</p>");
	ms_signature_free(signature);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain),
		cmocka_unit_test(test_encoded),
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_untouched),
		cmocka_unit_test(test_large),
		cmocka_unit_test(test_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
