#include "action/outdir.h"

#include "base/hash.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static int
bytes(const char *text)
{
	int fd = memfd_create("test", MFD_CLOEXEC);

	assert_int_equal(strlen(text), write(fd, text, strlen(text)));
	return fd;
}

static enum ms_status
put(struct ms_outdir *dir, const char *text, const char *type,
    struct ms_error *err)
{
	const struct ms_blob blob = { ms_hash_of(text, strlen(text)),
		strlen(text), type };
	int fd = bytes(text);
	enum ms_status status = ms_outdir_put(dir, &blob, fd, err);

	/* The position is where writing left it. */
	assert_int_equal(strlen(text), lseek(fd, 0, SEEK_CUR));
	assert_int_equal(0, close(fd));
	return status;
}

static unsigned
count(const char *path)
{
	GDir *dir = g_dir_open(path, 0, NULL);
	unsigned n = 0;

	while (g_dir_read_name(dir))
		n++;
	g_dir_close(dir);
	return n;
}

#define HELLO "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"

static void
test_put(void **state)
{
	struct ms_outdir *dir;
	struct ms_error err = { "" };
	struct stat st;
	gsize size;
	char *text;

	(void)state;
	assert_int_equal(MS_OK, ms_outdir_open("out", &dir, &err));
	assert_int_equal(0, stat("out", &st));
	assert_int_equal(0700, st.st_mode & 07777);
	assert_int_equal(MS_OK, put(dir, "hello", "text/plain", &err));
	assert_int_equal(MS_OK, put(dir, "hello", "text/plain", &err));
	assert_int_equal(MS_OK, put(dir, "", "text/plain", &err));
	assert_int_equal(2, ms_outdir_files(dir));
	assert_int_equal(5, ms_outdir_bytes(dir));
	assert_int_equal(2, count("out"));
	assert_int_equal(0, stat("out/" HELLO ".txt", &st));
	assert_int_equal(0600, st.st_mode & 07777);
	assert_true(g_file_get_contents("out/" HELLO ".txt", &text, &size,
	    NULL));
	assert_string_equal("hello", text);
	g_free(text);
	assert_int_equal(MS_OK, ms_outdir_sync(dir, &err));
	ms_outdir_close(dir);
	/* What is there is not written over. */
	assert_int_equal(MS_E_USAGE, ms_outdir_open("out", &dir, &err));
	assert_string_equal("out is not empty", err.text);
}

static void
test_large(void **state)
{
	struct ms_outdir *dir;
	char *text = g_strnfill(300000, 'x');

	(void)state;
	assert_int_equal(MS_OK, ms_outdir_open("large", &dir, NULL));
	assert_int_equal(MS_OK, put(dir, text, "text/plain", NULL));
	assert_int_equal(300000, ms_outdir_bytes(dir));
	ms_outdir_close(dir);
	g_free(text);
}

/* Bytes that are not those of the digest, or fewer than were said, leave
 * nothing behind. */
static void
test_lies(void **state)
{
	struct ms_blob blob = { ms_hash_of("hello", 5), 5, "text/plain" };
	struct ms_outdir *dir;
	int other = bytes("jello"), less = bytes("hell");

	(void)state;
	assert_int_equal(MS_OK, ms_outdir_open("lies", &dir, NULL));
	assert_int_equal(MS_E_PEER, ms_outdir_put(dir, &blob, other, NULL));
	assert_int_equal(MS_E_PEER, ms_outdir_put(dir, &blob, less, NULL));
	assert_int_equal(0, count("lies"));
	assert_int_equal(0, ms_outdir_files(dir));
	/* And do not keep the true ones out. */
	assert_int_equal(MS_OK, put(dir, "hello", "text/plain", NULL));
	ms_outdir_close(dir);
	assert_int_equal(0, close(other));
	assert_int_equal(0, close(less));
}

/* Whatever somebody else put under a name of ours is neither followed nor
 * written to. */
static void
test_in_the_way(void **state)
{
	struct ms_outdir *dir;
	struct ms_error err = { "" };
	struct stat st;
	FILE *stream;

	(void)state;
	assert_true(g_file_set_contents("victim", "", 0, NULL));
	assert_int_equal(MS_OK, ms_outdir_open("way", &dir, NULL));
	assert_int_equal(0, symlink("../victim", "way/" HELLO ".txt"));
	assert_int_equal(0, symlink("../victim", "way/" MS_OUTDIR_INDEX));
	assert_int_equal(MS_E_IO, put(dir, "hello", "text/plain", &err));
	assert_non_null(strstr(err.text, "is not ours"));
	assert_int_equal(MS_E_IO, ms_outdir_index(dir, &stream, &err));
	assert_int_equal(0, unlink("way/" HELLO ".txt"));
	assert_int_equal(0, mkfifo("way/" HELLO ".txt", 0600));
	assert_int_equal(MS_E_IO, put(dir, "hello", "text/plain", &err));
	assert_int_equal(0, stat("victim", &st));
	assert_int_equal(0, st.st_size);
	ms_outdir_close(dir);
}

static void
test_not_opened(void **state)
{
	struct ms_outdir *dir;
	struct ms_error err = { "" };

	(void)state;
	assert_int_equal(0, mkdir("real", 0700));
	assert_int_equal(0, symlink("real", "link"));
	assert_int_equal(MS_E_IO, ms_outdir_open("link", &dir, &err));
	assert_true(g_file_set_contents("file", "", 0, NULL));
	assert_int_equal(MS_E_IO, ms_outdir_open("file", &dir, &err));
	assert_int_equal(MS_E_IO, ms_outdir_open("no/where", &dir, &err));
	assert_non_null(strstr(err.text, "cannot make no/where: "));
	assert_int_equal(MS_OK, ms_outdir_open("link/", &dir, &err));
	ms_outdir_close(dir);
	ms_outdir_close(NULL);
}

/* The directory is opened once: what is put in its place does not count. */
static void
test_moved(void **state)
{
	struct ms_outdir *dir;
	FILE *stream;

	(void)state;
	assert_int_equal(MS_OK, ms_outdir_open("before", &dir, NULL));
	assert_int_equal(0, rename("before", "after"));
	assert_int_equal(0, mkdir("before", 0700));
	assert_int_equal(MS_OK, put(dir, "hello", "text/plain", NULL));
	assert_int_equal(MS_OK, ms_outdir_index(dir, &stream, NULL));
	assert_int_equal(0, fclose(stream));
	assert_int_equal(0, count("before"));
	assert_int_equal(2, count("after"));
	ms_outdir_close(dir);
}

static void
test_full_disk(void **state)
{
	struct ms_outdir *dir;
	struct ms_error err = { "" };
	char *text = g_strnfill(1 << 20, 'x');

	(void)state;
	assert_int_equal(0, mkdir("small", 0700));
	if (mount("none", "small", "tmpfs", 0, "size=64k") != 0) {
		print_message("  nobody may mount here\n");
		g_free(text);
		skip();
	}
	assert_int_equal(MS_OK, ms_outdir_open("small", &dir, &err));
	assert_int_equal(MS_OK, put(dir, "hello", "text/plain", &err));
	assert_int_equal(MS_E_IO, put(dir, text, "text/plain", &err));
	assert_non_null(strstr(err.text, "No space left"));
	assert_int_equal(1, count("small"));
	ms_outdir_close(dir);
	assert_int_equal(0, umount("small"));
	g_free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_put),
		cmocka_unit_test(test_large),
		cmocka_unit_test(test_lies),
		cmocka_unit_test(test_in_the_way),
		cmocka_unit_test(test_not_opened),
		cmocka_unit_test(test_moved),
		cmocka_unit_test(test_full_disk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
