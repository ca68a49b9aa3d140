#include "source/postfix.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "source/entry_test.h"

/* A record, its length in seven bits a byte. */
static void
put(GString *file, char type, const char *text)
{
	size_t n = strlen(text);

	g_string_append_c(file, type);
	do {
		g_string_append_c(file, (char)((n & 0x7f) |
		    (n > 0x7f ? 0x80 : 0)));
		n >>= 7;
	} while (n > 0);
	g_string_append(file, text);
}

/* Records, "X:text" each. "p:@" points to where the next "@" stands, and
 * "p:^" back to where the file's second record is. */
static GString *
make(const char *const *records)
{
	GString *file = g_string_new(NULL);
	size_t pointer = 0, second = 0;

	for (size_t i = 0; records[i]; i++) {
		char number[32];

		if (i == 1)
			second = file->len;
		if (strcmp(records[i], "@") == 0) {
			(void)snprintf(number, sizeof number, "%15zu",
			    file->len);
			memcpy(file->str + pointer, number, 15);
		} else if (strcmp(records[i], "p:@") == 0) {
			put(file, 'p', "               ");
			pointer = file->len - 15;
		} else if (strcmp(records[i], "p:^") == 0) {
			(void)snprintf(number, sizeof number, "%15zu",
			    second);
			put(file, 'p', number);
		} else {
			put(file, records[i][0], records[i] + 2);
		}
	}
	return file;
}

static char *
read_bytes(const GString *bytes)
{
	struct entry_file file = entry_file_new(bytes->str, bytes->len);
	struct ms_intake *intake = entry_intake();
	struct ms_entry entry;
	char *got;

	ms_entry_begin(&entry, intake);
	got = entry_describe(&entry, ms_postfix_read(file.cursor, &entry,
	    NULL));
	ms_entry_clear(&entry);
	ms_intake_free(intake);
	entry_file_free(&file);
	return got;
}

#define SIZE "C:            120             300               1"
#define START SIZE, "T:1700000000 123", "S:a@example.org"
#define ZERO "p:              0"

static void
test_files(void **state)
{
	static const struct {
		const char *records[24];
		const char *want;
	} cases[] = {
		{ { START, "R:b@example.org", "M:", "N:Subject: x", "N:",
		    "N:text", "X:", "E:" },
		  "a@example.org>b@example.org@1700000000 ? ? ?|"
		  "Subject: x\n\ntext\n" },
		/* Null sender, recipients behind the message, delivered and
		 * cancelled ones, an original one. */
		{ { SIZE, "T:7", "S:", "M:", "N:x", "X:", "O:c@b", "R:b@b",
		    "D:d@b", "/:e@b", "R:<f@b>", "E:" },
		  ">b@b,f@b@7 ? ? ?|x\n" },
		/* A line in pieces; attributes. */
		{ { START, "A:client_name=second", "A:log_client_name=first",
		    "A:log_client_address=192.0.2.1", "A:log_helo_name=h",
		    "A:client_address=127.0.0.1", "A:x", "M:", "L:long ",
		    "L:", "N:line", "N:", "X:", "E:" },
		  "a@example.org>@1700000000 192.0.2.1 first h|long line\n\n" },
		/* As in maildrop. */
		{ { "T:1700000000", "A:create_time=1", "S:a@b", "R:c@d", "M:",
		    "N:x", "X:", "E:" },
		  "a@b>c@d@1700000000 ? ? ?|x\n" },
		/* As milters leave it: one header replaced, another removed,
		 * padding. */
		{ { START, ZERO, "M:", "p:@", "N:old: x", "@", "N:A: b",
		    "w:         ", ZERO, "N:", "N:text", "X:", "E:" },
		  "a@example.org>@1700000000 ? ? ?|A: b\n\ntext\n" },
		/* Damage. */
		{ { START, "M:", "N:x", "X:" },
		  "a@example.org>@1700000000 ? ? ?|x\n!-2" },
		{ { START, "E:" }, "a@example.org>@1700000000 ? ? ?|!-2" },
		{ { START, "M:", "N:x", "M:", "X:", "E:" },
		  "a@example.org>@1700000000 ? ? ?|x\n!-2" },
		{ { START, "M:", "N:x", "R:b", "X:", "E:" },
		  "a@example.org>@1700000000 ? ? ?|x\n!-2" },
		{ { START, "p:         999999", "M:", "X:", "E:" },
		  "a@example.org>@1700000000 ? ? ?|!-2" },
		{ { START, "p:x", "M:", "X:", "E:" },
		  "a@example.org>@1700000000 ? ? ?|!-2" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		GString *file = make(cases[i].records);
		char *got = read_bytes(file);

		if (!strchr(cases[i].want, '!'))
			assert_true(ms_postfix_is((const unsigned char *)
			    file->str, file->len));
		assert_string_equal(cases[i].want, got);
		g_free(got);
		g_string_free(file, TRUE);
	}
}

/* A pointer back to where it was already does not go on for ever. */
static void
test_loop(void **state)
{
	static const char *const records[] = {
		START, "R:b@example.org", "p:^", "M:", "N:x", "X:", "E:", NULL
	};
	GString *file = make(records);
	char *got = read_bytes(file);

	(void)state;
	assert_true(g_str_has_suffix(got, "|!-2"));
	g_free(got);
	g_string_free(file, TRUE);
}

/* A line of the size that takes two, and three, bytes to say. */
static void
test_lengths(void **state)
{
	const size_t sizes[] = { 127, 128, 16383, 16384, 200000 };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
		char *text = g_strnfill(sizes[i] + 2, 'x');
		const char *const records[] = {
			START, "M:", text, "X:", "E:", NULL
		};
		GString *file;
		char *got;

		memcpy(text, "N:", 2);
		file = make(records);
		got = read_bytes(file);
		assert_int_equal(sizes[i] + 1, strlen(strchr(got, '|') + 1));
		g_free(got);
		g_free(text);
		g_string_free(file, TRUE);
	}
}

/* Every cut of a file is damage, and says so. */
static void
test_cut(void **state)
{
	static const char *const records[] = {
		START, "R:b@example.org", "M:", "N:x", "X:", "E:", NULL
	};
	GString *file = make(records);

	(void)state;
	while (file->len > 0) {
		char *got;

		g_string_truncate(file, file->len - 1);
		got = read_bytes(file);
		assert_true(g_str_has_suffix(got, "!-2"));
		g_free(got);
	}
	g_string_free(file, TRUE);
}

static void
test_recipients(void **state)
{
	GString *file = g_string_new(NULL);
	struct entry_file made;
	struct ms_intake *intake = entry_intake();
	struct ms_entry entry;

	(void)state;
	put(file, 'T', "1");
	for (int i = 0; i < MS_ENTRY_RECIPIENTS + 5; i++)
		put(file, 'R', "a@example.org");
	put(file, 'M', "");
	put(file, 'E', "");
	made = entry_file_new(file->str, file->len);
	ms_entry_begin(&entry, intake);
	assert_int_equal(MS_OK, ms_postfix_read(made.cursor, &entry, NULL));
	assert_int_equal(MS_ENTRY_RECIPIENTS, entry.envelope->count);
	assert_int_equal(5, entry.unlisted);
	ms_entry_clear(&entry);
	ms_intake_free(intake);
	entry_file_free(&made);
	g_string_free(file, TRUE);
}

static void
test_is(void **state)
{
	static const struct {
		const char *text;
		size_t size;
		bool want;
	} cases[] = {
		{ "", 0, false },
		{ "C\x02 1", 4, true },
		{ "C\x02 1M", 5, false },
		{ "C\x02 1M\0", 6, true },
		{ "C\x02 xM\0", 6, false },
		{ "T\x01" "1S", 4, false },
		{ "T\x01" "1S\0", 5, true },
		{ "T\x01" "1\0\0", 5, false },
		{ "T\xff\xff\xff\xff\xff\xff", 7, false },
		{ "To: a@example.org\nDate: x\n\nx\n", 29, false },
		{ "Content-Type: text/plain\n\nx\n", 28, false },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
		assert_int_equal(cases[i].want, ms_postfix_is(
		    (const unsigned char *)cases[i].text, cases[i].size));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_loop),
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_recipients),
		cmocka_unit_test(test_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
