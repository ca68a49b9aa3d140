#include "milter/trial.h"

#include "base/write.h"

#include <arpa/inet.h>
#include <glib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#define BYTES(text) (text), sizeof (text) - 1

static void
test_hear(void **state)
{
	static const struct {
		const char *data;
		size_t size;
		enum ms_status status;
		enum ms_trial_fate fate;
		const char *reply;
		bool kept;
	} rows[] = {
		{ BYTES("c"), MS_END, MS_TRIAL_GO_ON, NULL, false },
		{ BYTES("a"), MS_END, MS_TRIAL_ACCEPTED, NULL, false },
		{ BYTES("r"), MS_END, MS_TRIAL_REFUSED, NULL, false },
		{ BYTES("t"), MS_END, MS_TRIAL_DEFERRED, NULL, false },
		{ BYTES("d"), MS_END, MS_TRIAL_DROPPED, NULL, false },
		{ BYTES("y550 5.7.1 No\0"), MS_END, MS_TRIAL_REFUSED,
		  "550 5.7.1 No", false },
		{ BYTES("y451 later\0"), MS_END, MS_TRIAL_DEFERRED,
		  "451 later", false },
		{ BYTES("p"), MS_OK, MS_TRIAL_GO_ON, NULL, false },
		{ BYTES("hX\0y\0"), MS_OK, MS_TRIAL_GO_ON, NULL, false },
		{ BYTES("qbad\0"), MS_OK, MS_TRIAL_GO_ON, NULL, true },
		{ BYTES("y250 Fine\0"), MS_E_FORMAT, MS_TRIAL_GO_ON, NULL,
		  false },
		{ BYTES("y550 No"), MS_E_FORMAT, MS_TRIAL_GO_ON, NULL, false },
		{ BYTES("y5\0x\0"), MS_E_FORMAT, MS_TRIAL_GO_ON, NULL, false },
		{ BYTES("y"), MS_E_FORMAT, MS_TRIAL_GO_ON, NULL, false },
		{ BYTES("2"), MS_OK, MS_TRIAL_GO_ON, NULL, false },
		{ BYTES("\0"), MS_E_FORMAT, MS_TRIAL_GO_ON, NULL, false },
		{ BYTES(""), MS_E_FORMAT, MS_TRIAL_GO_ON, NULL, false },
		{ BYTES("O"), MS_E_FORMAT, MS_TRIAL_GO_ON, NULL, false },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		struct ms_trial_answer answer = { .reply = NULL };
		struct ms_error err;
		const enum ms_status status = ms_trial_hear(&answer,
		    (const unsigned char *)rows[i].data, rows[i].size, &err);

		if (status != rows[i].status || answer.fate != rows[i].fate ||
		    g_strcmp0(answer.reply, rows[i].reply) != 0 ||
		    answer.kept != rows[i].kept)
			fail_msg("row %zu: %d, %d", i, (int)status,
			    (int)answer.fate);
		ms_trial_clear(&answer);
	}
}

/* A filter that answers c to all but what it is to answer to, and keeps what
 * comes as text. */
struct filter {
	char dir[64], path[100], address[120];
	int fd;
	GThread *thread;
	char to;		/* the command that it is to answer to, */
	const char *says;	/* and how; NULL: it goes away */
	size_t size;
	uint32_t steps;		/* that it wants */
	GString *heard;
};

static bool
read_all(int fd, void *data, size_t size)
{
	return recv(fd, data, size, MSG_WAITALL) == (ssize_t)size;
}

static void
say(int fd, const char *data, size_t size)
{
	const uint32_t length = htonl((uint32_t)size);

	assert_int_equal(ms_write(fd, &length, sizeof length), MS_OK);
	assert_int_equal(ms_write(fd, data, size), MS_OK);
}

/* Answer the packet of SIZE bytes at DATA; false: no more. */
static bool
answer(const struct filter *f, int fd, const char *data, size_t size)
{
	uint32_t words[3] = { htonl(6), htonl(0), htonl(f->steps) };
	char agreed[1 + sizeof words] = "O";

	g_string_append_c(f->heard, *data == '\0' ? '?' : *data);
	for (size_t i = 1; i < size && *data != 'O'; i++)
		g_string_append_c(f->heard, data[i] == '\0' ? '|' : data[i]);
	g_string_append_c(f->heard, ' ');
	if (*data == f->to && !f->says)
		return false;
	memcpy(agreed + 1, words, sizeof words);
	if (*data == f->to)
		say(fd, f->says, f->size);
	if (*data == f->to && *f->says == 'q')
		say(fd, "c", 1);
	else if (*data == f->to)
		return true;
	else if (*data == 'O')
		say(fd, agreed, sizeof agreed);
	else if (*data != 'Q')
		say(fd, "c", 1);
	return *data != 'Q';
}

static gpointer
run(gpointer arg)
{
	const struct filter *f = arg;
	const int fd = accept(f->fd, NULL, NULL);
	char data[4096];
	uint32_t size;

	while (read_all(fd, &size, sizeof size) &&
	    (size = ntohl(size)) <= sizeof data && read_all(fd, data, size) &&
	    answer(f, fd, data, size))
		continue;
	(void)close(fd);
	return NULL;
}

static void
begin(struct filter *f)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };

	(void)g_strlcpy(f->dir, "/tmp/mailscan-trial-XXXXXX", sizeof f->dir);
	assert_non_null(mkdtemp(f->dir));
	(void)snprintf(f->path, sizeof f->path, "%s/s", f->dir);
	(void)snprintf(f->address, sizeof f->address, "unix:%s", f->path);
	(void)g_strlcpy(un.sun_path, f->path, sizeof un.sun_path);
	f->fd = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(bind(f->fd, (struct sockaddr *)&un, sizeof un), 0);
	assert_int_equal(listen(f->fd, 1), 0);
	f->heard = g_string_new(NULL);
	f->thread = g_thread_new("filter", run, f);
}

static void
end(struct filter *f)
{
	(void)g_thread_join(f->thread);
	(void)close(f->fd);
	(void)unlink(f->path);
	(void)rmdir(f->dir);
	(void)g_string_free(f->heard, TRUE);
}

static enum ms_status
try(struct filter *f, struct ms_trial_answer *got, struct ms_error *err)
{
	static const char mail[] = "A: 1\r\nB:\t2\r\n 3\r\n\r\nbody\r\n";
	const struct ms_trial trial = { f->address, 5000, "", "b@c", mail,
		sizeof mail - 1 };

	begin(f);
	return ms_trial(&trial, got, err);
}

static void
test_whole(void **state)
{
	static const struct {
		uint32_t steps;
		const char *fields;
	} rows[] = {
		{ 0x100000, "LA| 1| LB|\t2\n 3| " },
		{ 0, "LA|1| LB|\t2\n 3| " },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		struct filter f = { .steps = rows[i].steps };
		struct ms_trial_answer got;
		struct ms_error err;
		char *want = g_strdup_printf("O Cselftest.invalid|4|\031127.0."
		    "0.1| Hselftest.invalid| M<>| R<b@c>| T %sN Bbody\r\n E "
		    "Q ", rows[i].fields);

		assert_int_equal(try(&f, &got, &err), MS_OK);
		assert_int_equal(got.fate, MS_TRIAL_ACCEPTED);
		(void)g_thread_join(g_thread_ref(f.thread));
		assert_string_equal(f.heard->str, want);
		ms_trial_clear(&got);
		end(&f);
		g_free(want);
	}
}

static void
test_fates(void **state)
{
	static const struct {
		char to;
		const char *says;
		size_t size;
		enum ms_status status;
		enum ms_trial_fate fate;
	} rows[] = {
		{ 'E', BYTES("r"), MS_OK, MS_TRIAL_REFUSED },
		{ 'E', BYTES("d"), MS_OK, MS_TRIAL_DROPPED },
		{ 'E', BYTES("y550 5.7.1 No\0"), MS_OK, MS_TRIAL_REFUSED },
		{ 'E', BYTES("qwhy\0"), MS_OK, MS_TRIAL_KEPT },
		{ 'R', BYTES("t"), MS_OK, MS_TRIAL_DEFERRED },
		{ 'C', BYTES("a"), MS_OK, MS_TRIAL_ACCEPTED },
		{ 'M', BYTES("!"), MS_E_PEER, MS_TRIAL_GO_ON },
		{ 'O', BYTES("Oxx"), MS_E_PEER, MS_TRIAL_GO_ON },
		{ 'O', BYTES("O\0\0\0\006\0\0\0\0\0\0\0\001"), MS_E_PEER,
		  MS_TRIAL_GO_ON },
		{ 'N', NULL, 0, MS_E_PEER, MS_TRIAL_GO_ON },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		struct filter f = { .to = rows[i].to, .says = rows[i].says,
			.size = rows[i].size };
		struct ms_trial_answer got;
		struct ms_error err;
		const enum ms_status status = try(&f, &got, &err);

		if (status != rows[i].status || got.fate != rows[i].fate)
			fail_msg("row %zu: %d, %d", i, (int)status,
			    (int)got.fate);
		ms_trial_clear(&got);
		end(&f);
	}
}

static void
test_nobody(void **state)
{
	struct ms_trial trial = { "unix:/nowhere/at/all", 1000, "", "b", "",
		0 };
	struct ms_trial_answer got;
	struct ms_error err;

	(void)state;
	assert_int_equal(ms_trial(&trial, &got, &err), MS_E_PEER);
	trial.address = "inet:x";
	assert_int_equal(ms_trial(&trial, &got, &err), MS_E_USAGE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hear),
		cmocka_unit_test(test_whole),
		cmocka_unit_test(test_fates),
		cmocka_unit_test(test_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
