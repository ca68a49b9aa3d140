#include "engine/sophie.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define ROW(text, status, name) { text, sizeof text - 1, status, name }

static void
test_answers(void **state)
{
	static const struct {
		const char *text;
		size_t size;
		enum ms_status status;
		const char *name;
	} rows[] = {
		ROW("0", MS_END, NULL),
		ROW("0\n", MS_END, NULL),
		ROW("1:Eicar", MS_OK, "Eicar"),
		ROW("1:Eicar\n", MS_OK, "Eicar"),
		ROW("1:Eicar\0", MS_OK, "Eicar"),
		ROW("1", MS_OK, "unnamed"),
		ROW("1:", MS_OK, "unnamed"),
		ROW("-1:no such file", MS_E_PEER, NULL),
		ROW("-2", MS_E_PEER, NULL),
		ROW("", MS_E_PEER, NULL),
		ROW("00", MS_E_PEER, NULL),
		ROW("2", MS_E_PEER, NULL),
		ROW("0\0001:Eicar", MS_E_PEER, NULL),
		ROW("clean", MS_E_PEER, NULL),
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		struct ms_error err;
		char *name = NULL;

		assert_int_equal(ms_sophie_read(rows[i].text, rows[i].size,
		    &name, &err), rows[i].status);
		if (rows[i].name)
			assert_string_equal(name, rows[i].name);
		else
			assert_null(name);
		g_free(name);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
