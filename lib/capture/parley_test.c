#include "capture/parley.h"

#include "capture/dialogue_test.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

static struct ms_stash *stash;

static int
set_up(void **state)
{
	struct ms_stash_config config = { .memory_max = 8 << 20, .fd = -1 };

	(void)state;
	stash = ms_stash_new(&config);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	ms_stash_free(stash);
	return 0;
}

/* A dialogue with everything in it, and a turn of SIZE bytes. */
static struct ms_dialogue *
make(uint64_t number, size_t size)
{
	struct ms_dialogue *dialogue = ms_dialogue_new(stash);
	char *much = g_strnfill(size, 'm');

	dialogue->number = number;
	dialogue->client = g_strdup("192.0.2.1:1025");
	dialogue->position = 1ULL << 40;
	dialogue->unit = "packet";
	dialogue->begun = number % 2 == 0;
	(void)ms_dialogue_secure(dialogue, -1, NULL);
	(void)ms_dialogue_say(dialogue, MS_SIDE_SERVER, 5, "a\0b", 3, NULL);
	(void)ms_dialogue_gap(dialogue, MS_SIDE_SERVER, 6, 1ULL << 60, NULL);
	(void)ms_dialogue_say(dialogue, MS_SIDE_CLIENT, INT64_MAX, much, size,
	    NULL);
	(void)ms_dialogue_say(dialogue, MS_SIDE_CLIENT, 1, much, size, NULL);
	(void)ms_dialogue_note(dialogue, MS_SIDE_CLIENT, 0, "note", NULL);
	(void)ms_dialogue_note(dialogue, MS_SIDE_CLIENT, 0, "", NULL);
	(void)ms_dialogue_end(dialogue, MS_SIDE_CLIENT, 0, false, NULL);
	(void)ms_dialogue_end(dialogue, MS_SIDE_SERVER, 0, true, NULL);
	g_free(much);
	return dialogue;
}

/* What is sent to a file and taken from there is the same. */
static void
test_round_trip(void **state)
{
	static const size_t sizes[] = { 0, 1, 65535, 65536, 65537, 500000 };
	int fd = memfd_create("parley", MFD_CLOEXEC);
	const struct ms_parley_config config = { .stream = fd,
		.stash = stash };
	struct ms_parley_out *out = ms_parley_out_new(fd);
	struct ms_parley *in = ms_parley_new(&config);
	enum ms_capture_format format;
	struct ms_dialogue *sent, *got;
	struct ms_error err;

	(void)state;
	assert_int_equal(MS_OK, ms_parley_send_kind(out, MS_CAPTURE_SWAKS));
	for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
		sent = make(i + 1, sizes[i]);
		assert_int_equal(MS_OK, ms_parley_send(out, sent, &err));
		ms_dialogue_free(sent);
	}
	assert_int_equal(MS_OK, ms_parley_send_over(out));
	ms_parley_out_free(out);
	assert_int_equal(0, lseek(fd, 0, SEEK_SET));
	assert_int_equal(MS_OK, ms_parley_kind(in, &format, &err));
	assert_int_equal(MS_CAPTURE_SWAKS, format);
	for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
		char *want, *have;

		assert_int_equal(MS_OK, ms_parley_next(in, &got, &err));
		sent = make(i + 1, sizes[i]);
		want = dialogue_describe(sent);
		have = dialogue_describe(got);
		assert_string_equal(want, have);
		assert_int_equal(ms_stash_chain_size(sent->bytes),
		    ms_stash_chain_size(got->bytes));
		ms_dialogue_free(sent);
		ms_dialogue_free(got);
		g_free(want);
		g_free(have);
	}
	assert_int_equal(MS_END, ms_parley_next(in, &got, &err));
	assert_int_equal(MS_END, ms_parley_next(in, &got, &err));
	ms_parley_free(in);
	ms_parley_free(NULL);
	ms_parley_out_free(NULL);
	assert_int_equal(0, close(fd));
}

#define TYPE(t, n) t "\0\0\0" n "\0\0\0"
#define KIND TYPE("K", "\1") "\3"
#define N8(c) c "\0\0\0\0\0\0\0"
#define START TYPE("O", "\x16") N8("\1") N8("\2") "\7" "\0" "\1" "a" "\1" "b"
#define TURN(k, s) k s N8("\5")
#define DONE TYPE("d", "\0")
#define OVER TYPE("E", "\0")
#define BROKEN "the capture reader broke the protocol"
#define ENDED "the capture reader ended unexpectedly"

static const struct {
	const char *name, *data;
	size_t size;
	const char *want;	/* the dialogues, then how it ends */
} cases[] = {
#define CASE(name, data, want) { name, data, sizeof data - 1, want }
	CASE("nothing at all", "", ENDED),
	CASE("no dialogue", KIND OVER, "end"),
	CASE("no kind", OVER, BROKEN),
	CASE("kind auto", TYPE("K", "\1") "\0", BROKEN),
	CASE("kind none", TYPE("K", "\1") "\1", BROKEN),
	CASE("kind unheard of", TYPE("K", "\1") "\x20", BROKEN),
	CASE("kind twice", KIND KIND, BROKEN),
	CASE("kind of two bytes", TYPE("K", "\2") "\3\3", BROKEN),
	CASE("failed at once", TYPE("F", "\4") "\2bad", "bad"),
	CASE("failed later", KIND START TYPE("F", "\4") "\2bad", "bad"),
	CASE("failed for nothing", KIND TYPE("F", "\0"), BROKEN),
	CASE("failed as none fails", KIND TYPE("F", "\2") "\7x", BROKEN),
	CASE("failed well", KIND TYPE("F", "\2") "\0x", BROKEN),
	CASE("NUL in a reason", KIND TYPE("F", "\3") "\2x\0", BROKEN),
	CASE("empty dialogue", KIND START DONE OVER, "1 a>b 2 C S|end"),
	CASE("a turn", KIND START TYPE("T", "\x14") TURN("\0", "\1")
	    N8("\0") "ab" DONE OVER, "1 a>b 2 C S; bytes S 5 [ab]|end"),
	CASE("no bytes", KIND START TYPE("T", "\x12") TURN("\0", "\1")
	    N8("\0") DONE OVER, BROKEN),
	CASE("bytes with a gap", KIND START TYPE("T", "\x14")
	    TURN("\0", "\1") N8("\1") "ab" DONE OVER, BROKEN),
	CASE("gap with bytes", KIND START TYPE("T", "\x14") TURN("\1", "\1")
	    N8("\1") "ab" DONE OVER, BROKEN),
	CASE("unknown kind", KIND START TYPE("T", "\x14") TURN("\6", "\1")
	    N8("\0") "ab" DONE OVER, BROKEN),
	CASE("unknown side", KIND START TYPE("T", "\x14") TURN("\0", "\2")
	    N8("\0") "ab" DONE OVER, BROKEN),
	CASE("time before all time", KIND START TYPE("T", "\x13") "\0\0"
	    "\xfe\xff\xff\xff\xff\xff\xff\xff" N8("\0") "a" DONE OVER,
	    BROKEN),
	CASE("NUL in a note", KIND START TYPE("T", "\x13") TURN("\4", "\1")
	    N8("\0") "\0" DONE OVER, BROKEN),
	CASE("short turn", KIND START TYPE("T", "\x11") TURN("\0", "\1")
	    "\0\0\0\0\0\0\0" DONE OVER, BROKEN),
	CASE("turn of nothing", KIND TYPE("T", "\x12") TURN("\0", "\1")
	    N8("\0") "ab" DONE OVER, BROKEN),
	CASE("dialogue in a dialogue", KIND START START DONE, BROKEN),
	CASE("over in a dialogue", KIND START OVER, BROKEN),
	CASE("ends in a dialogue", KIND START, ENDED),
	CASE("number 0", KIND TYPE("O", "\x14") N8("\0") N8("\0") "\0"
	    "\0\0\0" DONE OVER, BROKEN),
	CASE("flags", KIND TYPE("O", "\x14") N8("\1") N8("\0") "\x8"
	    "\0\0\0" DONE OVER, BROKEN),
	CASE("no names", KIND TYPE("O", "\x14") N8("\1") N8("\0") "\0"
	    "\0\0\0" DONE OVER, "1 ?>? 0 cut|end"),
	CASE("name beyond the record", KIND TYPE("O", "\x14") N8("\1")
	    N8("\0") "\0" "\0\0\1" DONE OVER, BROKEN),
	CASE("NUL in a name", KIND TYPE("O", "\x15") N8("\1") N8("\0") "\0"
	    "\0\0\1\0" DONE OVER, BROKEN),
	CASE("more behind the names", KIND TYPE("O", "\x15") N8("\1")
	    N8("\0") "\0" "\0\0\0\0" DONE OVER, BROKEN),
	CASE("unit that nobody has", KIND TYPE("O", "\x15") N8("\1")
	    N8("\0") "\0" "\1x\0\0" DONE OVER, "1 ?>? 0 cut|end"),
	CASE("done with bytes", KIND START TYPE("d", "\1") "x", BROKEN),
	CASE("over with bytes", KIND TYPE("E", "\1") "x", BROKEN),
	CASE("dirty header", KIND "E\0\1\0" "\0\0\0\0", BROKEN),
	CASE("huge record", KIND START "T\0\0\0" "\xff\xff\xff\xff", BROKEN),
#undef CASE
};

static void
test_nonsense(void **state)
{
	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		int fd = memfd_create("parley", MFD_CLOEXEC);
		const struct ms_parley_config config = { .stream = fd,
			.stash = stash };
		struct ms_parley *in = ms_parley_new(&config);
		GString *have = g_string_new(NULL);
		struct ms_dialogue *dialogue;
		enum ms_capture_format format;
		enum ms_status status;
		struct ms_error err = { "end" };

		print_message("  %s\n", cases[i].name);
		assert_int_equal(cases[i].size, write(fd, cases[i].data,
		    cases[i].size));
		assert_int_equal(0, lseek(fd, 0, SEEK_SET));
		status = ms_parley_kind(in, &format, &err);
		while (status == MS_OK &&
		    (status = ms_parley_next(in, &dialogue, &err)) == MS_OK) {
			char *text = dialogue_describe(dialogue);

			g_string_append_printf(have, "%s|", text);
			ms_dialogue_free(dialogue);
			g_free(text);
		}
		g_string_append(have, err.text);
		assert_string_equal(cases[i].want, have->str);
		assert_int_equal(MS_END, ms_parley_next(in, &dialogue, &err));
		ms_parley_free(in);
		g_string_free(have, TRUE);
		assert_int_equal(0, close(fd));
	}
}

/* Who says nothing is not waited for; who says too much is not listened
 * to. */
static void
test_limits(void **state)
{
	int ends[2], fd = memfd_create("parley", MFD_CLOEXEC);
	struct ms_parley_config config = { .stash = stash, .wait_ms = 20 };
	struct ms_parley_out *out = ms_parley_out_new(fd);
	enum ms_capture_format format;
	struct ms_dialogue *dialogue = make(1, 5 << 20);
	struct ms_parley *in;
	struct ms_error err = { "" };

	(void)state;
	assert_int_equal(0, pipe(ends));
	config.stream = ends[0];
	in = ms_parley_new(&config);
	assert_int_equal(MS_E_PEER, ms_parley_kind(in, &format, &err));
	assert_string_equal("the capture reader does not answer", err.text);
	ms_parley_free(in);
	assert_int_equal(0, close(ends[0]));
	assert_int_equal(0, close(ends[1]));

	(void)ms_parley_send_kind(out, MS_CAPTURE_PCAP);
	(void)ms_parley_send(out, dialogue, &err);
	ms_dialogue_free(dialogue);
	assert_int_equal(0, lseek(fd, 0, SEEK_SET));
	config.stream = fd;
	config.bytes_max = 1 << 20;
	in = ms_parley_new(&config);
	assert_int_equal(MS_OK, ms_parley_kind(in, &format, &err));
	assert_int_equal(MS_E_LIMIT, ms_parley_next(in, &dialogue, &err));
	assert_string_equal("more than 1 MB come out of the capture: the rest "
	    "is not read", err.text);
	ms_parley_free(in);
	ms_parley_out_free(out);
	assert_int_equal(0, close(fd));
}

/* What the receiver has no room for is a gap. */
static void
test_no_room(void **state)
{
	struct ms_stash_config small = { .memory_max = 128 << 10, .fd = -1 };
	struct ms_stash *other = ms_stash_new(&small);
	int fd = memfd_create("parley", MFD_CLOEXEC);
	struct ms_parley_config config = { .stream = fd, .stash = other };
	struct ms_parley_out *out = ms_parley_out_new(fd);
	struct ms_parley *in = ms_parley_new(&config);
	struct ms_dialogue *dialogue = make(1, 100000), *got;
	enum ms_capture_format format;
	struct ms_error err = { "" };
	char *text;

	(void)state;
	(void)ms_parley_send_kind(out, MS_CAPTURE_PCAP);
	(void)ms_parley_send(out, dialogue, &err);
	(void)ms_parley_send_over(out);
	ms_dialogue_free(dialogue);
	assert_int_equal(0, lseek(fd, 0, SEEK_SET));
	assert_int_equal(MS_OK, ms_parley_kind(in, &format, &err));
	assert_int_equal(MS_OK, ms_parley_next(in, &got, &err));
	text = dialogue_describe(got);
	assert_non_null(strstr(text, "; gap C 1 100000; note C 0 [note]"));
	g_free(text);
	ms_dialogue_free(got);
	assert_int_equal(MS_END, ms_parley_next(in, &got, &err));
	ms_parley_free(in);
	ms_parley_out_free(out);
	ms_stash_free(other);
	assert_int_equal(0, close(fd));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_nonsense),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_no_room),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
