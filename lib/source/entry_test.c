#include "source/entry_test.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void
test_number(void **state)
{
	static const struct {
		const char *text;
		int64_t want;
	} cases[] = {
		{ "", -1 }, { "x", -1 }, { "0", 0 }, { "  12 34", 12 },
		{ "7x", 7 }, { " ", -1 }, { "-1", -1 },
		{ "999999999999999999", 999999999999999999 },
		{ "9999999999999999999", -1 },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
		assert_true(cases[i].want == ms_entry_number(
		    (const unsigned char *)cases[i].text,
		    strlen(cases[i].text)));
}

static void
add(struct ms_entry *entry, const char *text)
{
	ms_entry_recipient(entry, (const unsigned char *)text, strlen(text));
}

static void
done(struct ms_entry *entry, const char *text)
{
	ms_entry_done(entry, (const unsigned char *)text, strlen(text));
}

static void
test_recipients(void **state)
{
	struct ms_intake *intake = entry_intake();
	struct ms_entry entry;
	char *all;

	(void)state;
	ms_entry_begin(&entry, intake);
	done(&entry, "A@Example.ORG");
	done(&entry, "nobody");
	add(&entry, "<a@example.org>");
	add(&entry, "A@example.org");
	add(&entry, "nobody");
	add(&entry, "Nobody");
	add(&entry, "<>");
	add(&entry, "<");
	all = g_strjoinv("|", entry.envelope->recipients);
	assert_string_equal("a@example.org|Nobody||<", all);
	g_free(all);
	ms_entry_clear(&entry);
	ms_intake_free(intake);
}

/* What is too much is counted. */
static void
test_bytes(void **state)
{
	struct ms_intake *intake = entry_intake();
	char *text = g_strnfill(MS_ENTRY_TEXT * 2, 'x');
	size_t fit = MS_ENTRY_BYTES / (MS_ENTRY_TEXT + 1);
	struct ms_entry entry;

	(void)state;
	ms_entry_begin(&entry, intake);
	for (size_t i = 0; i < fit + 3; i++)
		add(&entry, text);
	assert_int_equal(fit, entry.envelope->count);
	assert_int_equal(3, entry.unlisted);
	ms_entry_clear(&entry);
	ms_intake_free(intake);
	g_free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_number),
		cmocka_unit_test(test_recipients),
		cmocka_unit_test(test_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
