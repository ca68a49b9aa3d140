#include "milter/porter.h"

#include "net/listen.h"
#include "pool/frame.h"

#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

/* The service that the test is, in a thread of its own: it wants to be asked
 * about recipients, and refuses whom it is asked about by a client that has not
 * said who it is. */
struct service {
	char dir[64], address[100];
	GArray *fds;
	pthread_t thread;
	unsigned asked;
};

static void
attend(struct service *s, int fd)
{
	static unsigned char block[MS_FRAME_MAX];
	struct ms_errand_envelope asked = { .id = 0 };
	struct ms_errand_gate gate;
	struct ms_errand_gated gated;
	struct ms_error err;
	GByteArray *frame;
	size_t got;
	int beside;

	assert_int_equal(ms_frame_receive(fd, block, sizeof block, &got,
	    &beside), MS_OK);
	assert_int_equal(ms_errand_read_envelope(block, got, &asked), MS_OK);
	assert_string_equal(asked.door, "milter");
	assert_int_equal(ms_frame_receive(fd, block, sizeof block, &got,
	    &beside), MS_OK);
	assert_int_equal(ms_errand_read_gate(block, got, &gate), MS_OK);
	assert_int_equal(gate.id, asked.id);
	s->asked++;
	gated = (struct ms_errand_gated){ .id = gate.id, .recipients = true };
	if (gate.whom == MS_ERRAND_RECIPIENT && !asked.authenticated)
		gated.reply = g_strconcat("450 ",
		    asked.envelope->recipients[0], NULL);
	frame = ms_errand_gated(&gated);
	assert_int_equal(ms_frame_send(fd, frame, -1, &err), MS_OK);
	g_byte_array_unref(frame);
	g_free(gated.reply);
	ms_errand_envelope_clear(&asked);
	(void)close(fd);
}

static void *
serve(void *arg)
{
	struct service *s = arg;
	int fd;

	/* It ends when the test closes the listener. */
	while ((fd = accept(g_array_index(s->fds, int, 0), NULL, NULL)) >= 0)
		attend(s, fd);
	return NULL;
}

static void
set_up(struct service *s)
{
	struct ms_listen_config listen = { .mode = 0600, .packets = true };
	struct ms_error err = { "" };
	int fd;

	*s = (struct service){ .fds = g_array_new(FALSE, FALSE,
	    sizeof(int)) };
	(void)g_strlcpy(s->dir, "/tmp/mailscan-porter-XXXXXX", sizeof s->dir);
	assert_non_null(mkdtemp(s->dir));
	(void)snprintf(s->address, sizeof s->address, "unix:%s/s", s->dir);
	listen.address = s->address;
	assert_int_equal(ms_listen_open(&listen, s->fds, &err), MS_OK);
	fd = g_array_index(s->fds, int, 0);
	assert_int_equal(fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) &
	    ~O_NONBLOCK), 0);
	assert_int_equal(pthread_create(&s->thread, NULL, serve, s), 0);
}

static void
tear_down(struct service *s)
{
	const int fd = g_array_index(s->fds, int, 0);

	(void)shutdown(fd, SHUT_RDWR);
	assert_int_equal(pthread_join(s->thread, NULL), 0);
	(void)close(fd);
	g_array_unref(s->fds);
	ms_listen_remove(s->address);
	assert_int_equal(rmdir(s->dir), 0);
}

/* What it wants is known for a moment, and asked again behind that. */
static void
test_wants(void **state)
{
	struct ms_porter *porter = ms_porter_new();
	struct ms_porter_wants wants;
	struct service s;

	(void)state;
	set_up(&s);
	for (unsigned i = 0; i < 100; i++) {
		wants = ms_porter_wants(porter, s.address);
		assert_false(wants.senders);
		assert_true(wants.recipients);
	}
	assert_true(s.asked >= 1 && s.asked <= 20);
	tear_down(&s);
	g_usleep(1100 * 1000);
	wants = ms_porter_wants(porter, s.address);
	assert_true(wants.senders && wants.recipients);
	ms_porter_free(porter);
	ms_porter_free(NULL);
}

static void
test_asks(void **state)
{
	struct ms_envelope *envelope = ms_envelope_new("a@b");
	struct service s;
	char *reply;

	(void)state;
	set_up(&s);
	ms_envelope_add(envelope, "c@d");
	reply = ms_porter_ask(s.address, MS_ERRAND_RECIPIENT, envelope,
	    false);
	assert_string_equal(reply, "450 c@d");
	g_free(reply);
	assert_null(ms_porter_ask(s.address, MS_ERRAND_RECIPIENT, envelope,
	    true));
	assert_null(ms_porter_ask(s.address, MS_ERRAND_SENDER, envelope,
	    false));
	tear_down(&s);
	/* Nobody is there who could refuse anybody. */
	assert_null(ms_porter_ask(s.address, MS_ERRAND_RECIPIENT, envelope,
	    false));
	ms_envelope_free(envelope);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_wants),
		cmocka_unit_test(test_asks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
