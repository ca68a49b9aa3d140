#include "action/notice.h"

#include <glib.h>

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const char *const lines[] = {
	"X-Gone: yes", "", "It is gone.", "From here on nothing is.", NULL
};

static const char old[] = "Status: RO\r\nSubject: x\r\nX-UID: 7\r\n\r\n"
    "X-IMAP: of the body\r\n";

/* The notice of SIZE bytes, read in pieces of STEP. */
static char *
notice_of(struct ms_notice_config *config, size_t step)
{
	struct ms_notice *notice = ms_notice_new(config);
	char *text = g_malloc(config->size + 1);

	for (size_t at = 0; at < config->size; at += step)
		ms_notice_read(notice, at, (unsigned char *)text + at,
		    MIN(step, (size_t)config->size - at));
	text[config->size] = '\0';
	ms_notice_free(notice);
	return text;
}

/* Whatever the size: every byte is printable ASCII or of a line end, lines end
 * alike and are short, none begins a message, and the end is as wanted. */
static void
test_sizes(void **state)
{
	struct ms_notice_config config = { .subject = "gone\n\x80",
		.lines = lines, .old = (const unsigned char *)old,
		.old_size = sizeof old - 1 };

	(void)state;
	for (config.size = 0; config.size < 1200; config.size++)
		for (unsigned kind = 0; kind < 4; kind++) {
			const char *eol = kind & 1 ? "\r\n" : "\n";
			size_t column = 0;
			char *text, *again;

			config.crlf = kind & 1;
			config.empty_end = kind & 2;
			text = notice_of(&config, 7);
			again = notice_of(&config, 4096);
			assert_string_equal(text, again);
			assert_int_equal(config.size, strlen(text));
			assert_null(strstr(text, "\nFrom "));
			for (const char *p = text; *p; p++) {
				assert_true(g_ascii_isprint(*p) ||
				    *p == '\r' || *p == '\n');
				column = *p == '\n' ? 0 : column + 1;
				assert_true(column < 160);
			}
			if (config.size >= 4) {
				assert_true(g_str_has_suffix(text, eol));
				assert_true(!config.empty_end ||
				    g_str_has_suffix(text, kind & 1 ?
				    "\n\r\n" : "\n\n"));
			}
			g_free(text);
			g_free(again);
		}
}

static void
test_text(void **state)
{
	struct ms_notice_config config = { .subject = "gone",
		.lines = lines, .size = 300,
		.old = (const unsigned char *)old,
		.old_size = sizeof old - 1 };
	char *text = notice_of(&config, 300);

	(void)state;
	assert_true(g_str_has_prefix(text, "Subject: gone\nX-Gone: yes\n"
	    "Status: RO\nX-UID: 7\n\nIt is gone.\n>From here on nothing is.\n"
	    " "));
	g_free(text);
	/* Whole lines go, the last ones first. */
	config.size = 58;
	text = notice_of(&config, 58);
	assert_true(g_str_has_prefix(text, "Subject: gone\nX-Gone: yes\n"
	    "Status: RO\nX-UID: 7\n\n"));
	assert_null(strstr(text, "It"));
	g_free(text);
	config.size = 16;
	text = notice_of(&config, 16);
	assert_string_equal("Subject: gone\n\n\n", text);
	g_free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
