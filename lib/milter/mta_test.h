#ifndef MS_MTA_TEST_H
#define MS_MTA_TEST_H

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>
#include <glib.h>

/* A mail server, as far as its filter sees it (version 6 of the protocol): it
 * allows everything, and waits for each reply. */
struct mta {
	int fd;			/* to the filter; -1: that is gone */
	char text[1000];	/* what came with the last reply */
	GString *edits;		/* letters of what came before that */
};

static inline bool
mta_take(struct mta *m, void *data, size_t size)
{
	char *at = data;

	while (size > 0) {
		const ssize_t n = read(m->fd, at, size);

		if (n <= 0)
			return false;
		at += n;
		size -= (size_t)n;
	}
	return true;
}

static inline void
mta_send(struct mta *m, char letter, const void *data, size_t size)
{
	const uint32_t length = htonl((uint32_t)size + 1);

	assert_int_equal(write(m->fd, &length, 4), 4);
	assert_int_equal(write(m->fd, &letter, 1), 1);
	assert_int_equal(write(m->fd, data, size), size);
}

/* The letter of the reply; 0: there is none, as the filter is gone. */
static inline char
mta_hear(struct mta *m)
{
	uint32_t length;
	char letter;

	g_string_truncate(m->edits, 0);
	for (;;) {
		if (!mta_take(m, &length, 4) || !mta_take(m, &letter, 1))
			return 0;
		length = ntohl(length) - 1;
		assert_true(length < sizeof m->text);
		if (!mta_take(m, m->text, length))
			return 0;
		m->text[length] = '\0';
		if (strchr("acdrty", letter) || letter == 'O')
			return letter;
		if (letter != 'p')
			g_string_append_c(m->edits, letter);
	}
}

static inline char
mta_say(struct mta *m, char letter, const char *data, size_t size)
{
	mta_send(m, letter, data, size);
	return mta_hear(m);
}

/* Connect to the filter at PATH; false: nobody is there. */
static inline bool
mta_begin(struct mta *m, const char *path)
{
	const uint32_t offer[] = { htonl(6), htonl(0x1ff), 0 };
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	m->edits = g_string_new(NULL);
	m->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	(void)g_strlcpy(address.sun_path, path, sizeof address.sun_path);
	if (connect(m->fd, (const struct sockaddr *)(const void *)&address,
	    sizeof address) != 0)
		return false;
	mta_send(m, 'O', offer, sizeof offer);
	assert_int_equal(mta_hear(m), 'O');
	assert_int_equal(mta_say(m, 'C', "host\0004\0\031192.0.2.7", 18),
	    'c');
	assert_int_equal(mta_say(m, 'H', "host", 5), 'c');
	return true;
}

static inline void
mta_end(struct mta *m)
{
	(void)close(m->fd);
	(void)g_string_free(m->edits, TRUE);
}

/* A message begins: the reply to its sender. */
static inline char
mta_envelope(struct mta *m)
{
	const char letter = mta_say(m, 'M', "<a@x>", 6);

	if (letter == 'c')
		assert_int_equal(mta_say(m, 'R', "<b@x>", 6), 'c');
	return letter;
}

/* The rest of it, and the reply to that. */
static inline char
mta_rest(struct mta *m)
{
	assert_int_equal(mta_say(m, 'T', "", 0), 'c');
	assert_int_equal(mta_say(m, 'L', "Subject\0 x", 11), 'c');
	assert_int_equal(mta_say(m, 'N', "", 0), 'c');
	assert_int_equal(mta_say(m, 'B', "text\r\n", 6), 'c');
	return mta_say(m, 'E', "", 0);
}

#endif
