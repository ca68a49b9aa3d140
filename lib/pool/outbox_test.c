#include "pool/outbox.h"

#include "pool/child.h"
#include "pool/wire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

/* All come in their order, each with its descriptor, however little the socket
 * takes at once; nothing is sent to nobody. */
static void
test_order(void **state)
{
	enum { COUNT = 2000 };
	unsigned char block[MS_FRAME_MAX];
	struct ms_outbox box;
	struct ms_error err;
	size_t size = 0;
	unsigned seen = 0;
	int pair[2];

	(void)state;
	assert_int_equal(ms_child_pair(pair, &err), MS_OK);
	ms_outbox_init(&box);
	for (uint32_t i = 0; i < COUNT; i++) {
		GByteArray *frame = ms_wire_new(7);

		ms_wire_put_u32(frame, i);
		size += frame->len;
		ms_outbox_put(&box, frame, i % 3 == 0 ?
		    memfd_create("test", MFD_CLOEXEC) : -1);
	}
	assert_int_equal(box.size, size);
	while (seen < COUNT) {
		struct ms_wire wire;
		size_t got;
		int fd;

		assert_int_equal(ms_outbox_send(&box, pair[0]), MS_OK);
		while (ms_frame_receive(pair[1], block, sizeof block, &got,
		    &fd) == MS_OK) {
			wire = ms_wire_open(block, got, 7);
			assert_int_equal(ms_wire_u32(&wire), seen);
			assert_int_equal(fd >= 0, seen % 3 == 0);
			if (fd >= 0)
				(void)close(fd);
			seen++;
		}
	}
	assert_int_equal(box.size, 0);
	assert_int_equal(ms_outbox_length(&box), 0);
	(void)close(pair[1]);
	ms_outbox_put(&box, ms_wire_new(7), -1);
	assert_int_equal(ms_outbox_send(&box, pair[0]), MS_E_PEER);
	assert_int_equal(ms_outbox_length(&box), 1);
	ms_outbox_clear(&box);
	assert_int_equal(ms_outbox_length(&box), 0);
	(void)close(pair[0]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
