#include "scan/entities.h"

#include <glib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void
test_entities(void **state)
{
	static const struct {
		const char *name, *want;
	} rows[] = {
		{ "amp", "&" }, { "shy", "\302\255" }, { "nbsp", " " },
		{ "period", "." }, { "ouml", "o\314\210" }, { "vscr", "v" },
		{ "Vopf", "V" }, { "szlig", "\303\237" }, { "#118", "v" },
		{ "#x76", "v" }, { "#X76", "v" }, { "#0118", "v" },
		{ "#0", "\357\277\275" }, { "#xd800", "\357\277\275" },
		{ "#99999999999999999999", "\357\277\275" },
		{ "#146", "\342\200\231" }, { "#x10ffff", "\364\217\277\277" },
		{ "", "" }, { "#", "" }, { "#x", "" }, { "#x7g", "" },
		{ "#11a", "" }, { "uml", "" }, { "scr", "" }, { "AMPs", "" },
		{ "no", "" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		char text[MS_ENTITIES_TEXT];
		size_t used = ms_entities(rows[i].name, strlen(rows[i].name),
		    text);

		if (used != strlen(rows[i].want) ||
		    memcmp(text, rows[i].want, used) != 0)
			fail_msg("%s: %.*s", rows[i].name, (int)used, text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_entities),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
