#include "policy/logins.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define TEMPLATE "/tmp/mailscan-logins-XXXXXX"

/* Elements; who is meant, and who is not, with commas between. */
static const struct {
	const char *list[4];
	const char *in, *out;
} rows[] = {
	{ { NULL }, "", "tom,yes" },
	{ { "no" }, "", "tom,no" },
	{ { "yes" }, "tom,anybody", "" },
	{ { "tom" }, "tom,TOM", "tommy,atom,dick" },
	{ { "tom", "*-robot" }, "tom,list-robot", "robot,tom-robots" },
	{ { "example.com" }, "a@example.com,A@Example.COM", "a@example.org" },
	{ { "re:^t.m$" }, "tom,Tim", "tommy,atom" },
	{ { "posix:^(tom|dick)$" }, "tom,Dick", "tommy,harry,atom" },
	{ { "posix:o" }, "tom,OTTO", "dick" },
	{ { "posix:.", }, "t", "" },
	{ { "posix:[[:digit:]]{3}$", "tom" }, "u123,tom", "u12,123x" },
	{ { "<yes>" }, "yes", "no" },
};

static bool
has(const struct ms_logins *logins, const char *names, bool wanted)
{
	char copy[200], *save = NULL;

	(void)snprintf(copy, sizeof copy, "%s", names);
	for (char *name = strtok_r(copy, ",", &save); name;
	    name = strtok_r(NULL, ",", &save))
		if (ms_logins_has(logins, true, name) != wanted ||
		    ms_logins_has(logins, false, name))
			return false;
	return true;
}

static void
test_rows(void **state)
{
	struct ms_error err;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct ms_logins *logins;

		assert_int_equal(ms_logins_new(rows[i].list, &logins, &err),
		    MS_OK);
		if (!has(logins, rows[i].in, true) ||
		    !has(logins, rows[i].out, false))
			fail_msg("%s", rows[i].list[0]);
		ms_logins_free(logins);
	}
	ms_logins_free(NULL);
}

/* Nobody is known by a name that is not known. */
static void
test_nameless(void **state)
{
	static const char *const all[] = { "yes", NULL };
	static const char *const some[] = { "posix:.*", "re:", "*", NULL };
	char big[2000];
	struct ms_logins *logins;
	struct ms_error err;

	(void)state;
	memset(big, 'x', sizeof big - 1);
	big[sizeof big - 1] = '\0';
	assert_int_equal(ms_logins_new(all, &logins, &err), MS_OK);
	assert_true(ms_logins_has(logins, true, NULL));
	assert_true(ms_logins_has(logins, true, big));
	assert_false(ms_logins_has(logins, false, NULL));
	ms_logins_free(logins);
	assert_int_equal(ms_logins_new(some, &logins, &err), MS_OK);
	assert_true(ms_logins_has(logins, true, "x"));
	assert_false(ms_logins_has(logins, true, NULL));
	assert_false(ms_logins_has(logins, true, ""));
	assert_false(ms_logins_has(logins, true, big));
	ms_logins_free(logins);
}

/* What is wrong with a list of ELEMENT alone, and beside another. */
static void
assert_wrong(const char *element, enum ms_status wanted)
{
	const char *const one[] = { element, NULL };
	const char *const two[] = { "tom", element, NULL };
	struct ms_logins *logins;
	struct ms_error err;

	assert_int_equal(ms_logins_new(one, &logins, &err), wanted);
	assert_null(logins);
	assert_int_equal(ms_logins_new(two, &logins, &err), wanted);
	assert_null(logins);
}

static void
test_wrong(void **state)
{
	static const char *const both[] = { "yes", "tom", NULL };
	struct ms_logins *logins;
	struct ms_error err;

	(void)state;
	assert_wrong("posix:(", MS_E_FORMAT);
	assert_wrong("re:(", MS_E_FORMAT);
	assert_wrong("", MS_E_FORMAT);
	assert_wrong("a b", MS_E_FORMAT);
	assert_wrong("file:/nowhere/at/all", MS_E_IO);
	assert_int_equal(ms_logins_new(both, &logins, &err), MS_E_FORMAT);
	assert_int_equal(ms_logins_check("file:/nowhere/at/all", &err),
	    MS_OK);
	assert_int_equal(ms_logins_check("posix:a+", &err), MS_OK);
	assert_int_equal(ms_logins_check("posix:(a", &err), MS_E_FORMAT);
	assert_int_equal(ms_logins_check("yes", &err), MS_OK);
	assert_string_equal(ms_logins_path("file:/a:b"), "/a:b");
	assert_null(ms_logins_path("posix:file:"));
}

static void
write_file(const char *path, const void *data, size_t size)
{
	FILE *stream = fopen(path, "w");

	assert_non_null(stream);
	assert_int_equal(fwrite(data, 1, size, stream), size);
	assert_int_equal(fclose(stream), 0);
}

/* Names are names there, whatever they look like. */
static void
test_file(void **state)
{
	static const char text[] = "# comment\n! another\n:third\n\nTom\r\n"
	    "a.b@example.com\nx*\n[y]\nq\nlast";
	char path[] = TEMPLATE, element[100];
	const char *const list[] = { element, NULL };
	struct ms_logins *logins;
	struct ms_error err;
	const int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(close(fd), 0);
	(void)snprintf(element, sizeof element, "file:%s", path);
	write_file(path, text, sizeof text - 1);
	assert_int_equal(ms_logins_new(list, &logins, &err), MS_OK);
	assert_true(has(logins, "tom,TOM,a.b@example.com,A.B@Example.com,x*,"
	    "[y],last", true));
	assert_true(has(logins, "tommy,atom,a-b@example.com,example.com,xy,y,q,"
	    "# comment,comment,third", false));
	ms_logins_free(logins);
	write_file(path, "a\0b\n", 4);
	assert_wrong(element, MS_E_FORMAT);
	assert_int_equal(unlink(path), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_nameless),
		cmocka_unit_test(test_wrong),
		cmocka_unit_test(test_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
