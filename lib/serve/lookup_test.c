#include "serve/lookup.h"

#include "pool/child.h"
#include "pool/frame.h"
#include "pool/wire.h"
#include "serve/control.h"

#include <setjmp.h>
#include <poll.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static void
add(GArray *list, const char *text)
{
	struct ms_error err;
	GArray *one;

	assert_int_equal(ms_endpoint_resolve(text, false, &one, &err), MS_OK);
	g_array_append_vals(list, one->data, 1);
	g_array_unref(one);
}

static void
test_frame(void **state)
{
	GArray *list = g_array_new(FALSE, FALSE, sizeof(struct ms_endpoint));
	GByteArray *frame;
	GArray *again;
	char *name, *why;

	(void)state;
	add(list, "192.0.2.1:25");
	add(list, "[2001:db8::1]:25");
	frame = ms_lookup_frame("a.test:25", list, NULL);
	assert_int_equal(ms_lookup_read(frame->data, frame->len, &name,
	    &again, &why), MS_OK);
	assert_string_equal(name, "a.test:25");
	assert_null(why);
	assert_int_equal(again->len, 2);
	assert_memory_equal(again->data, list->data, 2 *
	    sizeof(struct ms_endpoint));
	g_free(name);
	g_array_unref(again);
	for (guint size = 0; size < frame->len; size++)
		assert_int_equal(ms_lookup_read(frame->data, size, &name,
		    &again, &why), MS_E_PEER);
	g_byte_array_unref(frame);
	/* No more than is of use. */
	for (int i = 0; i < 200; i++)
		add(list, "192.0.2.1:25");
	frame = ms_lookup_frame("a.test:25", list, "because");
	assert_int_equal(ms_lookup_read(frame->data, frame->len, &name,
	    &again, &why), MS_OK);
	assert_int_equal(again->len, 64);
	assert_string_equal(why, "because");
	g_free(name);
	g_free(why);
	g_array_unref(again);
	g_byte_array_unref(frame);
	g_array_unref(list);
}

/* What stands for itself is an address in numbers. */
static void
test_no_frame(void **state)
{
	static const char *const rows[] = { "localhost:25", "192.0.2.1",
		"", "original-dst" };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		GByteArray *frame = ms_wire_new(1);
		GArray *list;
		char *name, *why;

		ms_wire_put_string(frame, "a.test:25");
		ms_wire_put_string(frame, NULL);
		ms_wire_put_u32(frame, 1);
		ms_wire_put_string(frame, rows[i]);
		assert_int_equal(ms_lookup_read(frame->data, frame->len,
		    &name, &list, &why), MS_E_PEER);
		assert_null(list);
		g_byte_array_unref(frame);
	}
}

/* The next frame on SOCKET, into BLOCK. */
static size_t
receive(int socket, unsigned char *block)
{
	struct pollfd there = { .fd = socket, .events = POLLIN };
	size_t got;
	int fd;

	assert_int_equal(poll(&there, 1, 20000), 1);
	assert_int_equal(ms_frame_receive(socket, block, MS_FRAME_MAX, &got,
	    &fd), MS_OK);
	assert_int_equal(fd, -1);
	return got;
}

/* The process says it is ready, tells each peer, and ends when told to. */
static void
test_process(void **state)
{
	char *names[] = { (char *)"localhost:25", NULL };
	struct ms_lookup_config config = { names, 60000 };
	const struct ms_child child = { .body = ms_lookup_run,
		.arg = &config };
	unsigned char *block = g_malloc(MS_FRAME_MAX);
	int control, pid, status;
	enum ms_control order;
	struct ms_error err;
	char *text;

	(void)state;
	assert_int_equal(ms_child_start(&child, &control, &pid, &err), MS_OK);
	assert_int_equal(ms_control_read(block, receive(control, block),
	    &order, &text), MS_OK);
	assert_int_equal(order, MS_CONTROL_READY);
	g_free(text);
	for (int i = 0; i < 2; i++) {
		char *name, *why;
		GArray *list;
		int pair[2];

		assert_int_equal(ms_child_pair(pair, &err), MS_OK);
		assert_int_equal(ms_control_send(control, MS_CONTROL_PEER,
		    "front", pair[1]), MS_OK);
		(void)close(pair[1]);
		assert_int_equal(ms_lookup_read(block, receive(pair[0],
		    block), &name, &list, &why), MS_OK);
		assert_string_equal(name, "localhost:25");
		assert_true(list->len > 0);
		g_array_unref(list);
		g_free(name);
		(void)close(pair[0]);
	}
	assert_int_equal(ms_control_send(control, MS_CONTROL_END, NULL, -1),
	    MS_OK);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	(void)close(control);
	g_free(block);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_frame),
		cmocka_unit_test(test_no_frame),
		cmocka_unit_test(test_process),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
