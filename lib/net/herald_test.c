#include "net/herald.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

static void
test_send(void **state)
{
	static const char big[MS_HERALD_MAX + 1] = "";
	struct sockaddr_in at = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof at;
	const int fd = socket(AF_INET, SOCK_DGRAM, 0);
	char address[32], text[16];
	struct ms_herald_config config = { address, NULL };
	struct ms_error err;

	(void)state;
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &size), 0);
	(void)snprintf(address, sizeof address, "127.0.0.1:%d",
	    ntohs(at.sin_port));
	assert_int_equal(ms_herald_check(&config, &err), MS_OK);
	assert_int_equal(ms_herald_send(&config, "found", 5, &err), MS_OK);
	assert_int_equal(recv(fd, text, sizeof text, 0), 5);
	assert_memory_equal(text, "found", 5);
	assert_int_equal(ms_herald_send(&config, big, sizeof big, &err),
	    MS_E_LIMIT);
	config.interface = "nosuchif0";
	assert_int_equal(ms_herald_check(&config, &err), MS_OK);
	assert_int_equal(ms_herald_send(&config, "found", 5, &err), MS_E_IO);
	assert_non_null(strstr(err.text, "over nosuchif0"));
	(void)close(fd);
}

static void
test_check(void **state)
{
	static const char *const wrong[] = { "", "192.0.2.1", "host:25",
		"unix:/tmp/x", "192.0.2.1:0", "192.0.2.1:99999" };
	struct ms_error err;

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		assert_int_equal(ms_herald_check(&(struct ms_herald_config){
		    wrong[i], NULL }, &err), MS_E_USAGE);
	assert_int_equal(ms_herald_check(&(struct ms_herald_config){
	    "[ff02::1]:3310", "eth0" }, &err), MS_OK);
	assert_int_equal(ms_herald_check(&(struct ms_herald_config){
	    "192.0.2.1:3310", "a-name-that-is-too-long" }, &err), MS_E_USAGE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_send),
		cmocka_unit_test(test_check),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
