#include "pool/courier.h"

#include "pool/child.h"
#include "pool/frame.h"
#include "pool/sealed.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static void
test_frames(void **state)
{
	const struct ms_courier_question question = { 5, 86400000 };
	const struct ms_courier_question late = { 5, 86400001 };
	const struct ms_engine_answer answer = { MS_ENGINE_FOUND, "A.Name" };
	const struct ms_engine_answer nameless = { MS_ENGINE_FOUND, "" };
	struct ms_courier_question q;
	struct ms_engine_answer a;
	GByteArray *frame = ms_courier_question(&question);

	(void)state;
	assert_int_equal(ms_courier_read_question(frame->data, frame->len,
	    &q), MS_OK);
	assert_memory_equal(&q, &question, sizeof q);
	for (guint i = 0; i < frame->len; i++)
		assert_int_equal(ms_courier_read_question(frame->data, i, &q),
		    MS_E_PEER);
	assert_int_equal(ms_courier_read_answer(frame->data, frame->len, &a),
	    MS_E_PEER);
	g_byte_array_unref(frame);
	frame = ms_courier_question(&late);
	assert_int_equal(ms_courier_read_question(frame->data, frame->len,
	    &q), MS_E_PEER);
	g_byte_array_unref(frame);
	frame = ms_courier_answer(&answer);
	assert_int_equal(ms_courier_read_answer(frame->data, frame->len, &a),
	    MS_OK);
	assert_int_equal(a.kind, MS_ENGINE_FOUND);
	assert_string_equal(a.text, "A.Name");
	for (guint i = 0; i < frame->len; i++) {
		assert_int_equal(ms_courier_read_answer(frame->data, i, &a),
		    MS_E_PEER);
		assert_int_equal(a.kind, MS_ENGINE_FAILED);
	}
	frame->data[1] = 77;
	assert_int_equal(ms_courier_read_answer(frame->data, frame->len, &a),
	    MS_E_PEER);
	g_byte_array_unref(frame);
	frame = ms_courier_answer(&nameless);
	assert_int_equal(ms_courier_read_answer(frame->data, frame->len, &a),
	    MS_E_PEER);
	g_byte_array_unref(frame);
}

/* Answer one question on SOCKET, and then be gone. */
static void
answer_one(int socket)
{
	const struct ms_engine_answer answer = { MS_ENGINE_TOO_LARGE, "big" };
	unsigned char data[MS_FRAME_MAX], content[5];
	struct ms_courier_question question;
	GByteArray *frame = ms_courier_answer(&answer);
	size_t size;
	int fd;

	if (ms_frame_receive(socket, data, sizeof data, &size, &fd) != MS_OK ||
	    ms_courier_read_question(data, size, &question) != MS_OK ||
	    ms_sealed_check(fd, 5) != MS_OK || question.size != 5 ||
	    question.left_ms < 50000 || question.left_ms > 60000 ||
	    pread(fd, content, 5, 0) != 5 || memcmp(content, "bytes", 5) != 0)
		_exit(1);
	if (ms_frame_send(socket, frame, -1, NULL) != MS_OK)
		_exit(1);
	_exit(0);
}

static void
test_asks(void **state)
{
	struct ms_courier courier = { .socket = -1 };
	struct ms_engine_answer answer;
	struct ms_error err;
	int pair[2], status;
	pid_t pid;

	(void)state;
	assert_int_equal(ms_child_pair(pair, &err), MS_OK);
	for (int i = 0; i < 2; i++)
		assert_return_code(fcntl(pair[i], F_SETFL, 0), 0);
	pid = fork();
	if (pid == 0) {
		(void)close(pair[0]);
		answer_one(pair[1]);
	}
	assert_int_equal(0, close(pair[1]));
	courier.socket = pair[0];
	ms_courier_begin(&courier, 60000);
	assert_int_equal(ms_courier_ask(&courier, "bytes", 5, &answer, &err),
	    MS_OK);
	assert_int_equal(answer.kind, MS_ENGINE_TOO_LARGE);
	assert_string_equal(answer.text, "big");
	assert_int_equal(pid, waitpid(pid, &status, 0));
	assert_int_equal(status, 0);
	assert_false(courier.lost);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(ms_courier_ask(&courier, "bytes", 5, &answer,
		    &err), MS_E_PEER);
		assert_true(courier.lost);
	}
	assert_int_equal(0, close(pair[0]));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_frames),
		cmocka_unit_test(test_asks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
