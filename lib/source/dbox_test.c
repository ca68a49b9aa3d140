#include "source/dbox.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "source/entry_test.h"

#define FILE_LINE "2 M1e C6b011cdb\n"
#define HEADER(size) "\001\002N          " size "\n"
#define FOOTER "\n\001\003\n"

/* All messages, and how it ended. */
static char *
read_text(const char *text)
{
	struct entry_file file = entry_file_new(text, strlen(text));
	struct ms_intake *intake = entry_intake();
	GString *out = g_string_new(NULL);
	enum ms_status status;
	size_t header;

	status = ms_dbox_start(file.cursor, &header, NULL);
	while (status == MS_OK) {
		struct ms_entry entry;
		char *got;

		ms_entry_begin(&entry, intake);
		status = ms_dbox_next(file.cursor, header, &entry, NULL);
		if (status != MS_END) {
			got = entry_describe(&entry, status);
			g_string_append_printf(out, "%s%s;", got,
			    entry.elsewhere ? "+" : "");
			g_free(got);
		}
		ms_entry_clear(&entry);
	}
	g_string_append_printf(out, "%d", (int)status);
	ms_intake_free(intake);
	entry_file_free(&file);
	return g_string_free(out, FALSE);
}

static void
test_files(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ FILE_LINE HEADER("0000000000000004") "A: b" FOOTER
		    "R10\nV4\nGabc\n\n", "?>@16 ? ? ?|A: b;1" },
		{ FILE_LINE HEADER("0000000000000001") "x" FOOTER "R1\n\n"
		    HEADER("0000000000000002") "yz" FOOTER "BINBOX\n\n",
		  "?>@1 ? ? ?|x;?>@-1 ? ? ?|yz;1" },
		{ FILE_LINE HEADER("0000000000000001") "x" FOOTER
		    "X0 10 B be/ef\n\n", "?>@-1 ? ? ?|x+;1" },
		{ FILE_LINE, "1" },
		/* Headers of another size. */
		{ "2 C1 M20\n" "\001\002N          0000000000000001  \nx"
		    FOOTER "\n", "?>@-1 ? ? ?|x;1" },
		/* Damage. */
		{ FILE_LINE HEADER("0000000000000009") "x" FOOTER "\n",
		  "?>@-1 ? ? ?|x" FOOTER "\n!-2;-2" },
		{ FILE_LINE HEADER("0000000000000001") "x" FOOTER "R1\n",
		  "?>@1 ? ? ?|x!-2;-2" },
		{ FILE_LINE HEADER("0000000000000001") "xy" FOOTER "\n",
		  "?>@-1 ? ? ?|x!-2;-2" },
		{ FILE_LINE HEADER("ffffffffffffffff") "x" FOOTER "\n",
		  "?>@-1 ? ? ?|!-2;-2" },
		{ FILE_LINE HEADER("                ") "x" FOOTER "\n",
		  "?>@-1 ? ? ?|!-2;-2" },
		{ FILE_LINE "junk", "?>@-1 ? ? ?|!-2;-2" },
		{ FILE_LINE "junk of the size that a header has\n\n",
		  "?>@-1 ? ? ?|!-2;-2" },
		{ "2 M1 C1\n", "-2" }, { "2 M10000 C1\n", "-2" },
		{ "1 M1e\n", "-2" }, { "", "-2" },
		{ "2 Mfffffffffffffffff\n", "-2" }, { "2 M", "-2" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		char *got = read_text(cases[i].text);

		assert_string_equal(cases[i].want, got);
		g_free(got);
	}
}

static void
test_is(void **state)
{
	static const struct {
		const char *text;
		bool want;
	} cases[] = {
		{ FILE_LINE, true }, { "2 M1e", false }, { "", false },
		{ "2 messages\n", false }, { "2 M1e\n", true },
		{ "2  M1e \n", true }, { "3 M1e\n", false },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
		assert_int_equal(cases[i].want, ms_dbox_is(
		    (const unsigned char *)cases[i].text,
		    strlen(cases[i].text)));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
