#include "serve/sink.h"

#include "net/talk_test.h"

/* What the sink says to SAID, until it has closed. */
static void
check(bool lmtp, const char *said, const char *heard)
{
	struct ms_talk_config config = { .events = &all_events };
	struct side client;
	struct ms_loop *loop;
	struct ms_error err;
	int fd;

	assert_int_equal(ms_loop_new(&loop, &err), MS_OK);
	side_init(&client, loop);
	assert_int_equal(ms_sink_connect(loop, lmtp, &fd, &err), MS_OK);
	config.arg = &client;
	client.stop_at = ENDED;
	client.talk = ms_talk_accept(loop, fd, NULL, &config);
	side_say(&client, said);
	assert_int_equal(ms_loop_run(loop, &err), MS_OK);
	assert_string_equal(client.heard->str, heard);
	side_clear(&client);
	ms_loop_free(loop);
}

#define HELLO "250-sink\r\n250-PIPELINING\r\n250-8BITMIME\r\n" \
	"250-SMTPUTF8\r\n250-DSN\r\n250 ENHANCEDSTATUSCODES\r\n"
#define OK "250 2.0.0 Ok\r\n"
#define TAKEN "250 2.0.0 Taken, and thrown away\r\n"

static void
test_smtp(void **state)
{
	(void)state;
	check(false, "EHLO a\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n"
	    "QUIT\r\n.\r\nMAIL FROM:<>\r\nRSET\r\nNOOP\r\nVRFY x\r\n"
	    "QUIT\r\nMAIL\r\n", "220 sink\r\n" HELLO OK OK
	    "354 Go on\r\n" TAKEN OK OK OK
	    "252 2.0.0 Nobody is known here\r\n" "221 2.0.0 Bye\r\n");
}

static void
test_lmtp(void **state)
{
	(void)state;
	check(true, "LHLO a\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\n"
	    "RCPT TO:<e@f>\r\nDATA\r\n..\r\n.\r\nQUIT\r\n",
	    "220 sink\r\n" HELLO OK OK OK "354 Go on\r\n" TAKEN TAKEN
	    "221 2.0.0 Bye\r\n");
}

static void
test_wrong(void **state)
{
	(void)state;
	check(false, "LHLO a\r\nHELO a\r\nDATA\r\nAUTH PLAIN\r\nfoo\r\n"
	    "BDAT 4 LAST\r\nQUITQUIT\r\n", "220 sink\r\n"
	    "500 This is not LMTP: use EHLO\r\n250 sink\r\n"
	    "503 Need MAIL first\r\n502 5.5.1 Not here\r\n"
	    "500 Command not recognized\r\n503 Need MAIL first\r\n"
	    "221 2.0.0 Bye\r\n");
}

/* Nobody is left who says QUIT: the loop has nothing to wait for. */
static void
test_gone(void **state)
{
	struct ms_loop *loop;
	struct ms_error err;
	int fd;

	(void)state;
	assert_int_equal(ms_loop_new(&loop, &err), MS_OK);
	assert_int_equal(ms_sink_connect(loop, false, &fd, &err), MS_OK);
	(void)close(fd);
	assert_int_equal(ms_loop_run(loop, &err), MS_OK);
	assert_int_equal(ms_sink_connect(loop, false, &fd, &err), MS_OK);
	ms_loop_free(loop);
	(void)close(fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_smtp),
		cmocka_unit_test(test_lmtp),
		cmocka_unit_test(test_wrong),
		cmocka_unit_test(test_gone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
