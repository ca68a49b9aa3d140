#include "action/defang.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

static int
file_of(const void *data, size_t size)
{
	int fd = memfd_create("test", MFD_CLOEXEC);

	assert_int_equal(size, pwrite(fd, data, size, 0));
	return fd;
}

static enum ms_status
take(void *arg, const void *data, size_t size, struct ms_error *err)
{
	(void)err;
	g_string_append_len(arg, data, (gssize)size);
	return MS_OK;
}

static enum ms_status
refuse(void *arg, const void *data, size_t size, struct ms_error *err)
{
	(void)arg, (void)data, (void)size;
	return ms_error_set(err, MS_E_LIMIT, "no more");
}

/* A zip of the SIZE bytes at DATA. */
static int
zip_of(const void *data, size_t size)
{
	int from = file_of(data, size), to = file_of("", 0);
	struct ms_digest sha256, want = ms_hash_of(data, size);
	struct ms_error err = { "" };

	if (ms_defang_write(from, 0, size, to, &sha256, &err) != MS_OK)
		fail_msg("%s", err.text);
	assert_true(ms_hash_equal(&want, &sha256));
	assert_int_equal(0, close(from));
	return to;
}

static void
test_there_and_back(void **state)
{
	static const size_t sizes[] = { 0, 1, 65535, 65536, 65537, 3000000 };
	char *text = g_strnfill(3000000, 'x');

	(void)state;
	for (size_t i = 0; i < 3000000; i++)
		text[i] = (char)(i * i >> 3);
	for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
		GString *got = g_string_new(NULL);
		int zip = zip_of(text, sizes[i]);

		assert_int_equal(MS_OK, ms_defang_read(zip, sizes[i], take,
		    got, NULL));
		assert_int_equal(sizes[i], got->len);
		assert_memory_equal(text, got->str, got->len);
		if (sizes[i] > 0)
			assert_int_equal(MS_E_FORMAT, ms_defang_read(zip,
			    sizes[i] - 1, take, got, NULL));
		assert_int_equal(0, close(zip));
		g_string_free(got, TRUE);
	}
	g_free(text);
}

/* What other scanners must not see is not to be seen. */
static void
test_hidden(void **state)
{
	char text[2001], *stored = g_malloc(8192);
	int zip;
	ssize_t size;

	(void)state;
	memset(text, 'V', 2000);
	zip = zip_of(text, 2000);
	size = pread(zip, stored, 8192, 0);
	assert_true(size > 100 && size < 8192);
	assert_null(memmem(stored, (size_t)size, "VVVV", 4));
	assert_non_null(memmem(stored, (size_t)size, MS_DEFANG_MEMBER,
	    strlen(MS_DEFANG_MEMBER)));
	assert_int_equal(0, close(zip));
	g_free(stored);
}

/* Whatever is cut off or changed, there is no crash and no wrong message
 * without an error, but where a changed byte stands for nothing. */
static void
test_damaged(void **state)
{
	static const char text[] = "Subject: x\n\nhello, hello, hello\n";
	int zip = zip_of(text, sizeof text - 1);
	char whole[1024];
	ssize_t size = pread(zip, whole, sizeof whole, 0);
	unsigned refused = 0;

	(void)state;
	for (ssize_t i = 0; i < size; i++) {
		GString *got = g_string_new(NULL);
		char changed[1024];
		int fd;

		memcpy(changed, whole, sizeof changed);
		changed[i] ^= 0x55;
		fd = file_of(changed, (size_t)size);
		if (ms_defang_read(fd, sizeof text - 1, take, got, NULL) !=
		    MS_OK)
			refused++;
		else
			assert_true(got->len <= sizeof text - 1);
		assert_int_equal(0, ftruncate(fd, 0));
		g_string_truncate(got, 0);
		assert_int_equal(i, pwrite(fd, whole, (size_t)i, 0));
		if (i < 60)
			assert_int_equal(MS_E_FORMAT, ms_defang_read(fd,
			    sizeof text - 1, take, got, NULL));
		assert_int_equal(0, close(fd));
		g_string_free(got, TRUE);
	}
	assert_true(refused > 30);
	assert_int_equal(0, close(zip));
}

static void
test_refused(void **state)
{
	int zip = zip_of("hello", 5), text = file_of("hello", 5);
	int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
	struct ms_digest sha256;
	struct ms_error err = { "" };

	(void)state;
	assert_int_equal(MS_E_LIMIT, ms_defang_read(zip, 5, refuse, NULL,
	    &err));
	assert_string_equal("no more", err.text);
	assert_int_equal(MS_E_FORMAT, ms_defang_read(text, 5, refuse, NULL,
	    &err));
	assert_int_equal(MS_E_PEER, ms_defang_write(text, 0, 6, zip, &sha256,
	    &err));
	if (full >= 0) {
		assert_int_equal(MS_E_IO, ms_defang_write(text, 0, 5, full,
		    &sha256, &err));
		assert_non_null(strstr(err.text, "No space left"));
		assert_int_equal(0, close(full));
	}
	assert_int_equal(0, close(zip));
	assert_int_equal(0, close(text));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_there_and_back),
		cmocka_unit_test(test_hidden),
		cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
