#include "smtp/handed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define ROW(text, status) { text, sizeof text - 1, status }

static void
test_read(void **state)
{
	static const struct {
		const char *text;
		size_t size;
		enum ms_status status;
	} rows[] = {
		ROW("Fa@b\0Tc@d\0\0", MS_OK),
		ROW("F\0Tc@d\0Te\0\0", MS_OK),
		ROW("F\0T\0\0", MS_OK),
		ROW("", MS_E_IO),
		ROW("F", MS_E_IO),
		ROW("Fa@b", MS_E_IO),
		ROW("Fa@b\0", MS_E_IO),
		ROW("Fa@b\0T", MS_E_IO),
		ROW("Fa@b\0Tc@d", MS_E_IO),
		/* Without the last one nobody wants it delivered. */
		ROW("Fa@b\0Tc@d\0", MS_E_IO),
		ROW("\0", MS_E_FORMAT),
		ROW("Tc@d\0\0", MS_E_FORMAT),
		ROW("fa@b\0Tc@d\0\0", MS_E_FORMAT),
		ROW("Fa@b\0\0", MS_E_FORMAT),
		ROW("Fa@b\0Fc@d\0\0", MS_E_FORMAT),
		ROW("Fa@b\0Tc@d\0Fx\0\0", MS_E_FORMAT),
		ROW("Fa@b\0Tc@d\0x", MS_E_FORMAT),
		ROW("Fa@b\0Tc@d\0\0x", MS_E_FORMAT),
		ROW("Fa@b\0Tc@d\0\0\0", MS_E_FORMAT),
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		/* So that reading too far is noticed. */
		char *copy = g_memdup2(rows[i].text, rows[i].size);
		struct ms_envelope *envelope = NULL;
		struct ms_error err = { "" };
		GByteArray *back = g_byte_array_new();
		const enum ms_status status = ms_handed_read(copy,
		    rows[i].size, &envelope, &err);

		if (status != rows[i].status)
			fail_msg("row %zu: %d: %s", i, status, err.text);
		if (status == MS_OK) {
			ms_handed_write(envelope->sender,
			    (const char *const *)envelope->recipients, back);
			assert_int_equal(back->len, rows[i].size);
			assert_memory_equal(back->data, copy, back->len);
		}
		ms_envelope_free(envelope);
		g_byte_array_unref(back);
		g_free(copy);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
