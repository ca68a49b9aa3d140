#include "pool/frame.h"
#include "pool/wire.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

/* Every reader on one frame, from memory of its own size. */
static unsigned
readers_that_take(const unsigned char *data, size_t size)
{
	unsigned char *copy = g_memdup2(data, size);
	struct ms_frame_ready ready;
	struct ms_frame_scan scan;
	struct ms_facts facts;
	struct ms_error text;
	int32_t status;
	uint32_t slot;
	uint64_t id;
	unsigned took = 0, listed;

	ms_facts_init(&facts);
	took += ms_frame_read_scan(copy, size, &scan) == MS_OK;
	took += ms_frame_read_end(copy, size, &id) == MS_OK;
	took += ms_frame_read_taken(copy, size) == MS_OK;
	took += ms_frame_read_ready(copy, size, &ready) == MS_OK;
	ms_frame_ready_clear(&ready);
	took += ms_frame_read_failed(copy, size, &text) == MS_OK;
	/* Of several types: its callers look at the type. */
	if (ms_frame_type(copy, size) == MS_FRAME_SPAWN ||
	    ms_frame_type(copy, size) == MS_FRAME_KILL ||
	    ms_frame_type(copy, size) == MS_FRAME_EXITED)
		took += ms_frame_read_slot(copy, size, &slot, &status) ==
		    MS_OK;
	if (ms_frame_read_fact(copy, size, NULL) == MS_OK)
		took++;
	else
		assert_int_equal(MS_E_PEER, ms_frame_read_fact(copy, size,
		    &facts));
	listed = facts.findings->len + facts.gaps->len +
	    facts.ambiguities->len + facts.parts->len;
	assert_int_equal(0, listed);
	ms_facts_clear(&facts);
	g_free(copy);
	return took;
}

/* FRAME is read by one reader, and one byte more or less by none. */
static void
check_size(GByteArray *frame)
{
	unsigned char byte = 0;

	assert_int_equal(1, readers_that_take(frame->data, frame->len));
	for (guint n = 0; n < frame->len; n++)
		assert_int_equal(0, readers_that_take(frame->data, n));
	g_byte_array_append(frame, &byte, 1);
	assert_int_equal(0, readers_that_take(frame->data, frame->len));
	g_byte_array_unref(frame);
}

static const struct ms_frame_ready ready_one = {
	(char *)"clamav", (char *)"1.4", (char *)"daily", 9, -1 };
static const struct ms_part part_one = { .path = (char *)"1/x",
	.content_type = (char *)"a/b", .detected_type = "text/plain",
	.size = 7 };
static const struct ms_facts_piece piece_one = { (char *)"p@x", 2, 3, 99 };
static const struct ms_part node_one = { .path = (char *)"",
	.content_type = (char *)"a/b", .encoding = (char *)"8bit",
	.charset = (char *)"c", .boundary = (char *)"b",
	.kind = MS_PART_MULTIPART, .level = 3 };
static const struct ms_blob blob_one = { .size = 5,
	.detected_type = "text/plain" };
static const struct ms_headers headers_one = { .subject = (char *)"" };

static void
test_sizes(void **state)
{
	static const struct ms_frame_scan scan = { .id = 1, .raw = true };
	static const struct ms_headers nothing = { 0 };

	(void)state;
	check_size(ms_frame_scan(&scan));
	check_size(ms_frame_headers(&nothing));
	check_size(ms_frame_headers(&headers_one));
	check_size(ms_frame_finding(MS_FINDING_MALWARE, "e", "n", "p"));
	check_size(ms_frame_finding(MS_FINDING_MALWARE, "", "", ""));
	check_size(ms_frame_gap(MS_REASON_MALFORMED, "p", "d"));
	check_size(ms_frame_ambiguity("a-1", "p", "d"));
	check_size(ms_frame_piece(&piece_one));
	check_size(ms_frame_part(&part_one));
	check_size(ms_frame_part(&node_one));
	check_size(ms_frame_taken());
	check_size(ms_frame_end(1));
	check_size(ms_frame_ready(&ready_one));
	check_size(ms_frame_failed("no"));
	check_size(ms_frame_slot(MS_FRAME_SPAWN, 1, 0));
	check_size(ms_frame_slot(MS_FRAME_KILL, 1, 0));
	check_size(ms_frame_slot(MS_FRAME_EXITED, 1, -1));
}

/* A blob is read by itself, and as a fact. */
static void
test_blob(void **state)
{
	struct ms_part part = { .kind = MS_PART_LEAF };
	struct ms_blob blob = blob_one, got;
	struct ms_facts facts;
	GByteArray *frame;

	(void)state;
	ms_facts_init(&facts);
	blob.sha256 = part.sha256 = ms_hash_of("x", 1);
	frame = ms_frame_blob(&blob);
	assert_int_equal(MS_OK, ms_frame_read_blob(frame->data, frame->len,
	    &got));
	assert_int_equal(5, got.size);
	assert_true(ms_hash_equal(&blob.sha256, &got.sha256));
	assert_string_equal("text/plain", got.detected_type);
	assert_int_equal(MS_OK, ms_frame_read_fact(frame->data, frame->len,
	    &facts));
	assert_true(ms_facts_is_picked(&facts, &part));
	for (guint n = 0; n < frame->len; n++) {
		assert_int_equal(MS_E_PEER, ms_frame_read_blob(frame->data,
		    n, &got));
		assert_int_equal(MS_E_PEER, ms_frame_read_fact(frame->data,
		    n, NULL));
	}
	g_byte_array_unref(frame);
	blob.detected_type = "../../x";
	frame = ms_frame_blob(&blob);
	assert_int_equal(MS_E_PEER, ms_frame_read_blob(frame->data,
	    frame->len, &got));
	g_byte_array_unref(frame);
	ms_facts_clear(&facts);
}

static void
test_requests(void **state)
{
	static const struct ms_frame_scan scans[] = {
		{ 0, 0, 0, false, false, false },
		{ UINT64_MAX, UINT64_MAX - 1, UINT64_MAX - 2, true, false,
		    false },
		{ 1, 2, 3, false, true, false },
		{ 1, 2, 3, false, false, true },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(scans); i++) {
		GByteArray *frame = ms_frame_scan(&scans[i]);
		GByteArray *end = ms_frame_end(scans[i].id);
		struct ms_frame_scan got;
		uint64_t id;

		print_message("  %zu\n", i);
		assert_int_equal(MS_FRAME_SCAN,
		    ms_frame_type(frame->data, frame->len));
		assert_int_equal(MS_OK, ms_frame_read_scan(frame->data,
		    frame->len, &got));
		assert_int_equal(scans[i].id, got.id);
		assert_int_equal(scans[i].size, got.size);
		assert_int_equal(scans[i].omitted, got.omitted);
		assert_int_equal(scans[i].raw, got.raw);
		assert_int_equal(scans[i].joined, got.joined);
		assert_int_equal(scans[i].reduced, got.reduced);
		assert_int_equal(MS_OK, ms_frame_read_end(end->data,
		    end->len, &id));
		assert_int_equal(scans[i].id, id);
		/* The last two bytes are flags, and nothing else. */
		frame->data[frame->len - 1] = 2;
		assert_int_equal(MS_E_PEER, ms_frame_read_scan(frame->data,
		    frame->len, &got));
		g_byte_array_unref(frame);
		g_byte_array_unref(end);
	}
}

static void
test_zygote(void **state)
{
	GByteArray *frame = ms_frame_ready(&ready_one);
	struct ms_frame_ready got;
	struct ms_error text;
	int32_t status;
	uint32_t slot;

	(void)state;
	assert_int_equal(MS_OK, ms_frame_read_ready(frame->data, frame->len,
	    &got));
	assert_string_equal("clamav", got.engine);
	assert_string_equal("1.4", got.version);
	assert_string_equal("daily", got.database);
	assert_int_equal(9, got.signatures);
	assert_int_equal(-1, got.database_time);
	ms_frame_ready_clear(&got);
	g_byte_array_unref(frame);
	frame = ms_frame_failed("no database");
	assert_int_equal(MS_OK, ms_frame_read_failed(frame->data,
	    frame->len, &text));
	assert_string_equal("no database", text.text);
	g_byte_array_unref(frame);
	frame = ms_frame_slot(MS_FRAME_EXITED, UINT32_MAX, INT32_MIN);
	assert_int_equal(MS_OK, ms_frame_read_slot(frame->data, frame->len,
	    &slot, &status));
	assert_int_equal(UINT32_MAX, slot);
	assert_int_equal(INT32_MIN, status);
	g_byte_array_unref(frame);
}

static void
take(struct ms_facts *facts, GByteArray *frame)
{
	assert_int_equal(MS_OK, ms_frame_read_fact(frame->data, frame->len,
	    NULL));
	assert_int_equal(MS_OK, ms_frame_read_fact(frame->data, frame->len,
	    facts));
	g_byte_array_unref(frame);
}

static void
test_facts(void **state)
{
	const struct ms_headers headers = { (char *)"<a@b>", (char *)"s",
		NULL, (char *)"t", (char *)"2001" };
	struct ms_part part = part_one;
	const struct ms_finding *finding;
	const struct ms_gap *gap;
	const struct ms_part *got;
	struct ms_facts facts;

	(void)state;
	ms_facts_init(&facts);
	part.sha256 = ms_hash_of("x", 1);
	take(&facts, ms_frame_headers(&headers_one));
	take(&facts, ms_frame_headers(&headers));
	take(&facts, ms_frame_finding(MS_FINDING_MALWARE,
	    "clamav", "Eicar", "1/a\nb"));
	take(&facts, ms_frame_part(&part));
	take(&facts, ms_frame_part(&node_one));
	for (int r = 0; r < MS_REASONS; r++)
		take(&facts, ms_frame_gap((enum ms_reason)r, "2", "why"));
	assert_string_equal("<a@b>", facts.headers.message_id);
	assert_string_equal("s", facts.headers.subject);
	assert_null(facts.headers.from);
	assert_string_equal("t", facts.headers.to);
	assert_string_equal("2001", facts.headers.date);
	assert_int_equal(1, facts.findings->len);
	finding = facts.findings->pdata[0];
	assert_string_equal("clamav", finding->engine);
	assert_string_equal("Eicar", finding->name);
	assert_string_equal("1/a\nb", finding->part);
	assert_int_equal(MS_REASONS, facts.gaps->len);
	for (int r = 0; r < MS_REASONS; r++) {
		gap = facts.gaps->pdata[r];
		assert_int_equal(r, gap->reason);
		assert_string_equal("2", gap->part);
		assert_string_equal("why", gap->detail);
	}
	got = facts.parts->pdata[0];
	assert_string_equal("1/x", got->path);
	assert_string_equal("a/b", got->content_type);
	assert_null(got->filename);
	assert_string_equal("text/plain", got->detected_type);
	assert_int_equal(7, got->size);
	assert_true(ms_hash_equal(&part.sha256, &got->sha256));
	assert_null(got->encoding);
	assert_int_equal(MS_PART_MEMBER, got->kind);
	assert_int_equal(0, got->level);
	got = facts.parts->pdata[1];
	assert_string_equal("8bit", got->encoding);
	assert_string_equal("c", got->charset);
	assert_string_equal("b", got->boundary);
	assert_int_equal(MS_PART_MULTIPART, got->kind);
	assert_int_equal(3, got->level);
	assert_null(got->detected_type);
	ms_facts_clear(&facts);
}

/* Strings are cut to what a frame may hold, and the longest frame is one
 * that can be sent. */
static void
test_long_strings(void **state)
{
	char *text = g_strnfill(3 * MS_WIRE_STRING_MAX, 'x');
	const struct ms_part part = { .path = text, .content_type = text,
		.filename = text, .encoding = text, .charset = text,
		.boundary = text, .detected_type = "text/plain" };
	const struct ms_headers headers = { text, text, text, text,
		text };
	struct ms_facts facts;
	const struct ms_finding *finding;
	GByteArray *frame;

	(void)state;
	ms_facts_init(&facts);
	frame = ms_frame_headers(&headers);
	assert_in_range(frame->len, 4 * MS_WIRE_STRING_MAX, MS_FRAME_MAX);
	take(&facts, frame);
	frame = ms_frame_part(&part);
	assert_in_range(frame->len, 6 * MS_WIRE_STRING_MAX, MS_FRAME_MAX);
	take(&facts, frame);
	take(&facts, ms_frame_finding(MS_FINDING_MALWARE, text, text, text));
	finding = facts.findings->pdata[0];
	assert_int_equal(MS_WIRE_STRING_MAX, strlen(finding->name));
	ms_facts_clear(&facts);
	g_free(text);
}

/* Offsets into a FINDING: its kind, and three strings of 4 bytes, each behind
 * its length. */
static void
test_lies(void **state)
{
	static const struct {
		const char *name;
		size_t at;
		uint32_t value;
		size_t size;
	} cases[] = {
		{ "another type", 0, MS_FRAME_GAP, 1 },
		{ "no type", 0, 0, 1 },
		{ "no such type", 0, 200, 1 },
		{ "no such kind", 1, MS_FINDING_KINDS, 4 },
		{ "shorter string", 5, 3, 4 },
		{ "longer string", 5, 5, 4 },
		{ "much longer", 5, 1u << 30, 4 },
		{ "to wrap around", 5, UINT32_MAX - 3, 4 },
		{ "over the limit", 5, MS_WIRE_STRING_MAX + 1, 4 },
		{ "absent", 5, UINT32_MAX, 4 },
		{ "a NUL in it", 10, 0, 1 },
		{ "last one longer", 21, 5, 4 },
		{ "last one shorter", 21, 3, 4 },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		GByteArray *frame = ms_frame_finding(MS_FINDING_MALWARE,
		    "eeee", "nnnn", "pppp");

		print_message("  %s\n", cases[i].name);
		assert_int_equal(29, frame->len);
		memcpy(frame->data + cases[i].at, &cases[i].value,
		    cases[i].size);
		assert_int_equal(0, readers_that_take(frame->data,
		    frame->len));
		g_byte_array_unref(frame);
	}
}

static void
test_wrong_values(void **state)
{
	struct ms_part part = part_one;
	GByteArray *frame;
	uint32_t length;

	(void)state;
	frame = ms_frame_gap(MS_REASONS, "p", "d");
	assert_int_equal(0, readers_that_take(frame->data, frame->len));
	g_byte_array_unref(frame);
	frame = ms_frame_ambiguity("a\nb", "p", "d");
	assert_int_equal(0, readers_that_take(frame->data, frame->len));
	g_byte_array_unref(frame);
	frame = ms_frame_gap((enum ms_reason)-1, "p", "d");
	assert_int_equal(0, readers_that_take(frame->data, frame->len));
	g_byte_array_unref(frame);
	/* A string that no writer would have let pass. */
	frame = ms_frame_finding(MS_FINDING_MALWARE, "e", "n", "");
	length = MS_WIRE_STRING_MAX + 1;
	memcpy(frame->data + frame->len - sizeof length, &length,
	    sizeof length);
	for (uint32_t i = 0; i < length; i++)
		g_byte_array_append(frame, (const guint8 *)"x", 1);
	assert_int_equal(0, readers_that_take(frame->data, frame->len));
	g_byte_array_unref(frame);
	/* Types that there are not, bytes without one, a type without bytes,
	 * and a kind that there is not. */
	for (int i = 0; i < 4; i++) {
		static const char *const types[] = { "made/up", NULL,
			"text/plain", "text/plain" };
		static const enum ms_part_kind kinds[] = { MS_PART_LEAF,
			MS_PART_LEAF, MS_PART_MESSAGE, MS_PART_KINDS };

		part.detected_type = types[i];
		part.kind = kinds[i];
		frame = ms_frame_part(&part);
		assert_int_equal(0, readers_that_take(frame->data,
		    frame->len));
		g_byte_array_unref(frame);
	}
}

static void
make_pair(int pair[2])
{
	assert_int_equal(0, socketpair(AF_UNIX,
	    SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair));
}

static unsigned
count_fds(void)
{
	unsigned count = 0;

	for (int fd = 0; fd < 256; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

static void
test_send_receive(void **state)
{
	unsigned char data[MS_FRAME_MAX];
	GByteArray *frame = ms_frame_end(7);
	struct ms_error err = { "" };
	uint64_t id;
	size_t got;
	int pair[2], fd;

	(void)state;
	make_pair(pair);
	assert_int_equal(MS_OK, ms_frame_send(pair[0], frame, -1, &err));
	assert_int_equal(MS_OK, ms_frame_send(pair[0], frame, pair[0],
	    &err));
	for (int i = 0; i < 2; i++) {
		assert_int_equal(MS_OK, ms_frame_receive(pair[1], data,
		    sizeof data, &got, &fd));
		assert_int_equal(frame->len, got);
		assert_int_equal(MS_OK, ms_frame_read_end(data, got, &id));
		assert_int_equal(i, fd >= 0);
	}
	assert_int_equal(FD_CLOEXEC, fcntl(fd, F_GETFD));
	assert_int_equal(0, close(fd));
	assert_int_equal(MS_E_IO, ms_frame_receive(pair[1], data,
	    sizeof data, &got, &fd));
	assert_int_equal(EAGAIN, errno);
	assert_int_equal(-1, fd);
	/* More than there is room for. */
	assert_int_equal(MS_OK, ms_frame_send(pair[0], frame, -1, &err));
	assert_int_equal(MS_E_PEER, ms_frame_receive(pair[1], data, 8, &got,
	    &fd));
	assert_int_equal(0, close(pair[0]));
	assert_int_equal(MS_END, ms_frame_receive(pair[1], data,
	    sizeof data, &got, &fd));
	assert_int_equal(MS_E_PEER, ms_frame_send(pair[1], frame, -1,
	    &err));
	assert_true(*err.text != '\0');
	assert_int_equal(0, close(pair[1]));
	g_byte_array_unref(frame);
}

/* Last words are heard, though the speaker went without listening. */
static void
test_last_words(void **state)
{
	unsigned char data[MS_FRAME_MAX];
	GByteArray *frame = ms_frame_end(7);
	int pair[2], fd;
	size_t got;

	(void)state;
	make_pair(pair);
	assert_int_equal(MS_OK, ms_frame_send(pair[0], frame, -1, NULL));
	for (int i = 0; i < 3; i++)
		assert_int_equal(MS_OK, ms_frame_send(pair[1], frame, -1,
		    NULL));
	assert_int_equal(0, close(pair[1]));
	for (int i = 0; i < 3; i++) {
		assert_int_equal(MS_OK, ms_frame_receive(pair[0], data,
		    sizeof data, &got, &fd));
		assert_int_equal(frame->len, got);
	}
	assert_int_equal(MS_END, ms_frame_receive(pair[0], data,
	    sizeof data, &got, &fd));
	assert_int_equal(0, close(pair[0]));
	g_byte_array_unref(frame);
}

/* COUNT copies of FD beside one byte. */
static void
send_fds(int socket, int fd, size_t count)
{
	union {
		struct cmsghdr header;
		unsigned char space[CMSG_SPACE(8 * sizeof(int))];
	} control = { { 0 } };
	char byte = 'x';
	struct iovec part = { &byte, 1 };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = CMSG_SPACE(count * sizeof(int)) };

	control.header.cmsg_level = SOL_SOCKET;
	control.header.cmsg_type = SCM_RIGHTS;
	control.header.cmsg_len = CMSG_LEN(count * sizeof(int));
	for (size_t i = 0; i < count; i++)
		memcpy(CMSG_DATA(&control.header) + i * sizeof fd, &fd,
		    sizeof fd);
	assert_int_equal(1, sendmsg(socket, &message, 0));
}

/* Whoever sends more descriptors than one does not fill our table. */
static void
test_many_descriptors(void **state)
{
	unsigned char data[MS_FRAME_MAX];
	int pair[2], fd;
	size_t got;
	unsigned before;

	(void)state;
	make_pair(pair);
	before = count_fds();
	for (size_t n = 1; n <= 8; n++) {
		print_message("  %zu\n", n);
		send_fds(pair[0], pair[0], n);
		assert_int_equal(n == 1 ? MS_OK : MS_E_PEER,
		    ms_frame_receive(pair[1], data, sizeof data, &got,
		    &fd));
		if (fd >= 0)
			assert_int_equal(0, close(fd));
		assert_int_equal(before, count_fds());
	}
	assert_int_equal(0, close(pair[0]));
	assert_int_equal(0, close(pair[1]));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_requests),
		cmocka_unit_test(test_blob),
		cmocka_unit_test(test_zygote),
		cmocka_unit_test(test_facts),
		cmocka_unit_test(test_long_strings),
		cmocka_unit_test(test_lies),
		cmocka_unit_test(test_wrong_values),
		cmocka_unit_test(test_send_receive),
		cmocka_unit_test(test_last_words),
		cmocka_unit_test(test_many_descriptors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
