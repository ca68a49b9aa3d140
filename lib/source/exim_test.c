#include "source/exim.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "source/entry_test.h"

#define ID "1abcde-000001-2B"
#define START ID "-H\nmail 8 8\n<a@example.org>\n1700000000 0\n"
#define DATA ID "-D\n"

static char *
read_texts(const char *header, const char *data, const char *journal)
{
	struct entry_file h = entry_file_new(header, strlen(header));
	struct entry_file d = entry_file_new(data, strlen(data));
	struct entry_file j = entry_file_new(journal ? journal : "",
	    journal ? strlen(journal) : 0);
	struct ms_intake *intake = entry_intake();
	struct ms_entry entry;
	char *got;

	ms_entry_begin(&entry, intake);
	got = entry_describe(&entry, ms_exim_read(h.cursor, d.cursor,
	    journal ? j.cursor : NULL, &entry, NULL));
	ms_entry_clear(&entry);
	ms_intake_free(intake);
	entry_file_free(&h);
	entry_file_free(&d);
	entry_file_free(&j);
	return got;
}

static void
test_files(void **state)
{
	static const struct {
		const char *header, *data, *journal, *want;
	} cases[] = {
		{ START "-received_protocol esmtp\nXX\n1\nb@example.org\n\n"
		    "011  Subject: x\n", DATA "text\n", NULL,
		  "a@example.org>b@example.org@1700000000 ? ? ?|"
		  "Subject: x\n\ntext\n" },
		/* Flags, tainted or not; variables with lines in them; a field
		 * that was replaced. */
		{ START "--helo_name client\n-host_name h.example\n"
		    "-host_address 192.0.2.1.2525\n-aclc 0 9\nXX\n1\nb@x\n\n"
		    "-aclm _n 1\nx\n-acl 3 0\n\nXX\n0\n\n"
		    "005* A: x\n005  B: y\n", DATA, NULL,
		  "a@example.org>@1700000000 192.0.2.1 h.example client|"
		  "B: y\n\n" },
		/* Who has it, and who got it since. */
		{ START "YY b@x\nNN a@x\nNN C@X\n5\na@x\nb@x\nC@x\nd@x\ne@x\n"
		    "\n", DATA, "d@x\n",
		  "a@example.org>e@x@1700000000 ? ? ?|\n" },
		/* Recipients with more than an address. */
		{ START "XX\n7\n\"a b 3\"@x\nb@x  0,3  0,-1#3\n"
		    "c@x rfc822;o@x 10,3  0,-1#3\nd@x e@x 3,-1#1\n"
		    "e@x rfc822;o 8,3 f@x 3,0#3\nf@x 2\ng@x 0,1,0\n\n",
		  DATA, NULL,
		  "a@example.org>\"a b 3\"@x,b@x,c@x,d@x,e@x,f@x,g@x"
		  "@1700000000 ? ? ?|\n" },
		/* Wire format. */
		{ START "-spool_file_wireformat\nXX\n0\n\n",
		  DATA "a\r\n.b\rc\r\r\n\n\r", NULL,
		  "a@example.org>@1700000000 ? ? ?|\na\n.b\rc\r\n\n\r" },
		/* Client addresses. */
		{ START "-host_address [2001:db8::1]:25\nXX\n0\n\n", DATA,
		  NULL, "a@example.org>@1700000000 2001:db8::1 ? ?|\n" },
		{ START "-host_address ::ffff:192.0.2.1.25\nXX\n0\n\n", DATA,
		  NULL, "a@example.org>@1700000000 ::ffff:192.0.2.1 ? ?|\n" },
		{ START "-host_address 192.0.2.1\nXX\n0\n\n", DATA,
		  NULL, "a@example.org>@1700000000 192.0.2.1 ? ?|\n" },
		{ START "-host_address [\nXX\n0\n\n", DATA,
		  NULL, "a@example.org>@1700000000  ? ?|\n" },
		/* Damage. */
		{ START "XX\n1\n", DATA, NULL,
		  "a@example.org>@1700000000 ? ? ?|\n!-2" },
		{ START "XX\n2\na@x\n\n", DATA, NULL,
		  "a@example.org>a@x@1700000000 ? ? ?|\n!-2" },
		{ START "XX\n0\na@x\n\n", DATA, NULL,
		  "a@example.org>@1700000000 ? ? ?|\n!-2" },
		{ START "XY a\n", DATA, NULL,
		  "a@example.org>@1700000000 ? ? ?|\n!-2" },
		{ START "XX\n0\n\n099  A: x\n", DATA, NULL,
		  "a@example.org>@1700000000 ? ? ?|\n!-2" },
		{ START "XX\n0\n\n005  A: x\nA: x\n", DATA, NULL,
		  "a@example.org>@1700000000 ? ? ?|A: x\n\n!-2" },
		{ START "XX\n0\n\n005  A: x\n", "other\ntext\n", NULL,
		  "a@example.org>@1700000000 ? ? ?|A: x\n!-2" },
		{ START "XX\n0\n\n005  A: x\n", "", NULL,
		  "a@example.org>@1700000000 ? ? ?|A: x\n!-2" },
		{ ID "-H\nmail\na@x\n", DATA, NULL, "?>@-1 ? ? ?|\n!-2" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		char *got = read_texts(cases[i].header, cases[i].data,
		    cases[i].journal);

		assert_string_equal(cases[i].want, got);
		g_free(got);
	}
}

/* A line that does not fit into memory at once is one line all the same. */
static void
test_long_line(void **state)
{
	char *long_line = g_strnfill(200000, 'x');
	char *header = g_strconcat(START "-tls_peerdn ", long_line,
	    "\nXX\n1\nb@x\n\n", NULL);
	char *got = read_texts(header, DATA "text\n", NULL);

	(void)state;
	assert_string_equal("a@example.org>b@x@1700000000 ? ? ?|\ntext\n",
	    got);
	g_free(got);
	g_free(header);
	g_free(long_line);
}

static void
test_id(void **state)
{
	static const struct {
		const char *text;
		size_t id, header;
	} cases[] = {
		{ ID, 16, 0 }, { ID "-H\n", 16, 16 }, { ID "-D\n", 16, 0 },
		{ "1abcde-00000123456-Ab12-H\nx", 23, 23 },
		{ "1abcde-000001-2", 0, 0 }, { "1abcde-000001-2B3", 0, 0 },
		{ "1abcd_-000001-2B", 0, 0 }, { "", 0, 0 }, { ID "-", 16, 0 },
		{ ID "-Hx", 16, 0 }, { "1abcde-", 0, 0 }, { "1abcde", 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		size_t size = strlen(cases[i].text);

		assert_int_equal(cases[i].id, ms_exim_id(cases[i].text,
		    size));
		assert_int_equal(cases[i].header, ms_exim_is(
		    (const unsigned char *)cases[i].text, size, 'H'));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_long_line),
		cmocka_unit_test(test_id),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
