#include "scan/held.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void
on_told(void *arg, const char *part, const char *detail)
{
	g_string_append_printf(arg, "%s:%s;", part, detail);
}

#define ZIP "Heuristics.Encrypted.Zip"

static void
test_settle(void **state)
{
	static const struct {
		const char *name;
		const char *layers[3];	/* TYPE=BYTES */
		const char *known[3];
		const char *want;
	} cases[] = {
		{ "all taken apart", { "CL_TYPE_ZIP=a", "CL_TYPE_ZIP=b" },
		  { "a", "b", "c" }, "" },
		{ "one was not", { "CL_TYPE_ZIP=a", "CL_TYPE_ZIPSFX=b" },
		  { "a", "c" }, "2:" ZIP ";3:" ZIP ";" },
		{ "others do not count", { "CL_TYPE_ZIP=a", "CL_TYPE_MAIL=b" },
		  { "a" }, "" },
		{ "none was seen", { "CL_TYPE_MAIL=b" }, { "b" },
		  "2:" ZIP ";3:" ZIP ";" },
		{ "documents count", { "CL_TYPE_OOXML_WORD=a" }, { "b" },
		  "2:" ZIP ";3:" ZIP ";" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct ms_layers *layers = ms_layers_new(false);
		struct ms_held *held = ms_held_new();
		GHashTable *known = g_hash_table_new_full(ms_mark_hash,
		    ms_mark_equal, g_free, NULL);
		GString *told = g_string_new(NULL);

		print_message("  %s\n", cases[i].name);
		ms_layers_begin(layers);
		for (int k = 0; k < 3 && cases[i].layers[k]; k++) {
			char **pair = g_strsplit(cases[i].layers[k], "=", 2);
			const struct ms_engine_layer layer = {
				.data = (const unsigned char *)pair[1],
				.size = strlen(pair[1]),
				.type = pair[0],
				.name = "",
			};

			ms_held_layer(held, layers, &layer);
			g_strfreev(pair);
		}
		for (int k = 0; k < 3 && cases[i].known[k]; k++) {
			struct ms_mark *mark = g_new(struct ms_mark, 1);

			*mark = ms_layers_mark(layers, cases[i].known[k],
			    strlen(cases[i].known[k]));
			(void)g_hash_table_add(known, mark);
		}
		assert_true(ms_held_gap(held, MS_ENGINE_GAP_ENCRYPTED, "2",
		    ZIP));
		assert_true(ms_held_gap(held, MS_ENGINE_GAP_ENCRYPTED, "3",
		    ZIP));
		assert_false(ms_held_gap(held, MS_ENGINE_GAP_ENCRYPTED, "4",
		    "Heuristics.Encrypted.PDF"));
		assert_false(ms_held_gap(held, MS_ENGINE_GAP_SIZE, "5", ZIP));
		ms_held_settle(held, known, on_told, told);
		assert_string_equal(cases[i].want, told->str);
		g_string_free(told, TRUE);
		g_hash_table_unref(known);
		ms_held_free(held);
		ms_layers_free(layers);
	}
	ms_held_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_settle),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
