#include "capture/pcap.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "capture/session_test.h"

static struct ms_stash *
new_stash(void)
{
	static const struct ms_stash_config config = { 16 << 20, -1, 0 };

	return ms_stash_new(&config);
}

/* What was said, by both in turn. */
static GString *
transcript(const struct ms_dialogue *d)
{
	GString *out = g_string_new(NULL);
	char block[4096];
	int side = -1;

	for (size_t i = 0; i < d->turns->len; i++) {
		const struct ms_turn *turn = ms_dialogue_turn(d, i);

		if (turn->kind == MS_TURN_END)
			continue;
		if (turn->kind != MS_TURN_BYTES)
			fail_msg("turn %zu is of kind %d", i,
			    (int)turn->kind);
		if (side != (int)turn->side)
			g_string_append(out, "\n--\n");
		side = (int)turn->side;
		for (uint64_t at = 0; at < turn->size;) {
			size_t n = sizeof block;

			assert_int_equal(MS_OK, ms_dialogue_read(d, i, at,
			    block, &n, NULL));
			g_string_append_len(out, block, (gssize)n);
			at += n;
		}
	}
	return out;
}

static GString *
script(const struct spoken_session *s)
{
	GString *out = g_string_new(NULL);

	for (guint i = 0; i < s->speeches->len; i++) {
		const struct speech *p = &g_array_index(s->speeches,
		    struct speech, i);

		g_string_append(out, "\n--\n");
		g_string_append_len(out, (const char *)p->bytes->data,
		    (gssize)p->bytes->len);
	}
	return out;
}

/* Which session D is, by its client. */
static unsigned
client_of(const struct ms_dialogue *d)
{
	return (unsigned)strtoul(strrchr(d->client, ':') + 1, NULL, 10) -
	    1024;
}

/* Read FILE; every dialogue has to be one of the sessions. */
static void
compare(const struct pack_file *file, const struct spoken_session *sessions,
    unsigned count)
{
	struct pack_source source = { file->bytes->data, file->bytes->len, 0,
		session_chance(20) ? 1 + session_random(5000) : 0 };
	struct ms_stash *stash = new_stash();
	const struct ms_pcap_config config = { stash, pack_read, &source };
	struct ms_error err = { "" };
	struct ms_dialogue *d;
	struct ms_pcap *pcap;
	enum ms_status status;
	unsigned found = 0;

	assert_int_equal(MS_OK, ms_pcap_open(&config, &pcap, &err));
	while ((status = ms_pcap_next(pcap, &d, &err)) == MS_OK) {
		unsigned i = client_of(d);
		GString *want, *got;

		assert_in_range(i, 0, count - 1);
		want = script(&sessions[i]);
		got = transcript(d);
		if (!g_string_equal(want, got))
			fail_msg("session %u differs", i);
		assert_true(d->begun && d->heard[0] && d->heard[1]);
		found |= 1u << i;
		g_string_free(want, TRUE);
		g_string_free(got, TRUE);
		ms_dialogue_free(d);
	}
	assert_int_equal(MS_END, status);
	assert_int_equal((1u << count) - 1, found);
	assert_int_equal(0, ms_pcap_counts(pcap)->bad);
	ms_pcap_free(pcap);
	ms_stash_free(stash);
}

/* Sessions at random, packets at random: what comes back is what was said. */
static void
one_run(uint64_t seed)
{
	static const int links[] = { 1, 1, 1, 0, 101, 108, 113, 276 };
	GArray *all = g_array_new(FALSE, FALSE, sizeof(struct placed));
	struct spoken_session sessions[4];
	unsigned count;
	struct pack_file file;
	int link;

	session_seed = seed;
	count = 1 + session_random(4);
	link = links[session_random(G_N_ELEMENTS(links))];
	file = pack_begin(link, session_chance(30), session_chance(30),
	    session_chance(10) ? 0 : 262144);
	for (unsigned i = 0; i < count; i++) {
		sessions[i] = session_make(i);
		session_cut(&sessions[i], session_random(50), all);
	}
	qsort(all->data, all->len, sizeof(struct placed), compare_placed);
	for (guint i = 0; i < all->len; i++) {
		const struct placed *p = &g_array_index(all, struct placed,
		    i);
		unsigned tags = link == 101 || link == 0 || link == 108 ? 0 :
		    session_chance(20) ? 1 + session_random(2) : 0;
		GByteArray *frame = pack_link(link, tags, p->v6, p->ip);

		pack_frame(&file, frame, frame->len);
		g_byte_array_unref(frame);
		g_byte_array_unref(p->ip);
	}
	compare(&file, sessions, count);
	for (unsigned i = 0; i < count; i++)
		session_clear(&sessions[i]);
	g_byte_array_unref(file.bytes);
	g_array_unref(all);
}

static void
test_random(void **state)
{
	const char *runs = getenv("CAPTURE_RUNS");
	const char *first = getenv("CAPTURE_SEED");
	uint64_t n = runs ? strtoull(runs, NULL, 10) : 500;
	uint64_t seed = first ? strtoull(first, NULL, 10) : 1;

	(void)state;
	print_message("%llu runs from seed %llu on\n", (unsigned long long)n,
	    (unsigned long long)seed);
	for (uint64_t i = 0; i < n; i++) {
		if (i % 1000 == 999)
			print_message("  seed %llu\n",
			    (unsigned long long)(seed + i));
		one_run(seed + i);
	}
}

/* A small session as a file. */
static struct pack_file
small_file(bool swapped, bool nano, uint32_t snap)
{
	struct pack_file file = pack_begin(1, swapped, nano, snap);
	struct pack k = { .client = 3, .seq = 10, .flags = F_SYN };

	pack_add(&file, &k);
	k = (struct pack){ .client = 3, .server = true, .seq = 100,
		.ack = 11, .flags = F_SYN | F_ACK };
	pack_add(&file, &k);
	k.seq = 101;
	k.flags = F_ACK;
	k.data = "220 a\r\n";
	k.size = 7;
	pack_add(&file, &k);
	k = (struct pack){ .client = 3, .seq = 11, .ack = 108,
		.flags = F_ACK, .data = "QUIT\r\n", .size = 6 };
	pack_add(&file, &k);
	return file;
}

struct result {
	enum ms_status status;	/* the last one, or that of opening */
	unsigned dialogues;
	uint64_t bytes;
	int64_t first_us;
	char text[1024];
};

static struct result
read_file(const void *data, size_t size)
{
	unsigned char *exact = g_memdup2(data, size);
	struct pack_source source = { exact, size, 0, 0 };
	struct ms_stash *stash = new_stash();
	const struct ms_pcap_config config = { stash, pack_read, &source };
	struct result r = { .first_us = -2 };
	struct ms_error err = { "" };
	struct ms_dialogue *d;
	struct ms_pcap *pcap;

	r.status = ms_pcap_open(&config, &pcap, &err);
	if (r.status == MS_OK) {
		while ((r.status = ms_pcap_next(pcap, &d, &err)) == MS_OK) {
			r.dialogues++;
			r.first_us = ms_dialogue_turn(d, 0)->time_us;
			for (size_t i = 0; i < d->turns->len; i++)
				if (ms_dialogue_turn(d, i)->kind ==
				    MS_TURN_BYTES)
					r.bytes += ms_dialogue_turn(d,
					    i)->size;
			ms_dialogue_free(d);
		}
		assert_int_equal(MS_END, ms_pcap_next(pcap, &d, NULL));
		ms_pcap_free(pcap);
	}
	g_strlcpy(r.text, err.text, sizeof r.text);
	ms_stash_free(stash);
	g_free(exact);
	return r;
}

/* Cut anywhere: what is whole is read, and where it ends is said. */
static void
test_truncated(void **state)
{
	struct pack_file file = small_file(false, false, 262144);
	size_t last = file.bytes->len - 16 - 60;

	(void)state;
	for (size_t size = 0; size <= file.bytes->len; size++) {
		struct result r = read_file(file.bytes->data, size);

		if (size < 24) {
			assert_int_equal(MS_E_FORMAT, r.status);
		} else if (size == file.bytes->len) {
			assert_int_equal(MS_END, r.status);
			assert_int_equal(13, r.bytes);
		} else if (size == 24) {
			assert_int_equal(MS_END, r.status);
		} else if (size > last) {
			assert_int_equal(MS_E_FORMAT, r.status);
			assert_int_equal(1, r.dialogues);
			assert_int_equal(7, r.bytes);
			assert_non_null(strstr(r.text, "packet 4, before "
			    "byte "));
		}
	}
	g_byte_array_unref(file.bytes);
}

static void
test_headers(void **state)
{
	static const uint32_t snaps[] = { 0, 65535, 0x7fffffff, 0xffffffff };

	(void)state;
	for (unsigned i = 0; i < 16; i++) {
		struct pack_file file = small_file(i & 1, i & 2,
		    snaps[i / 4]);
		struct result r = read_file(file.bytes->data,
		    file.bytes->len);

		assert_int_equal(MS_END, r.status);
		assert_int_equal(1, r.dialogues);
		assert_int_equal(13, r.bytes);
		assert_int_equal(1700000000, r.first_us / 1000000);
		assert_int_equal(300, r.first_us % 1000000);
		g_byte_array_unref(file.bytes);
	}
}

/* What is no capture, or not one of ours, says what it is. */
static void
test_others(void **state)
{
	struct pack_file file = small_file(false, false, 1000);
	struct result r;

	(void)state;
	file.bytes->data[20] = 105;
	r = read_file(file.bytes->data, file.bytes->len);
	assert_int_equal(MS_E_UNSUPPORTED, r.status);
	assert_non_null(strstr(r.text, "IEEE802_11"));
	r = read_file("220 no capture, but a text", 26);
	assert_int_equal(MS_E_FORMAT, r.status);
	r = read_file("", 0);
	assert_int_equal(MS_E_FORMAT, r.status);
	/* A packet of 4 GB. */
	file.bytes->data[20] = 1;
	memset(file.bytes->data + 24 + 8, 0xff, 4);
	r = read_file(file.bytes->data, file.bytes->len);
	assert_int_equal(MS_E_FORMAT, r.status);
	assert_non_null(strstr(r.text, "packet 1, before byte"));
	g_byte_array_unref(file.bytes);
}

static enum ms_status
fail_to_read(void *arg, void *data, size_t size, size_t *got,
    struct ms_error *err)
{
	struct pack_source *s = arg;

	if (s->at == s->size)
		return ms_error_set(err, MS_E_IO, "the disk is gone");
	return pack_read(arg, data, size, got, err);
}

static void
test_unreadable(void **state)
{
	struct pack_file file = small_file(false, false, 1000);
	struct ms_stash *stash = new_stash();

	(void)state;
	for (size_t size = 10; size < file.bytes->len; size += 100) {
		struct pack_source source = { file.bytes->data, size, 0, 0 };
		const struct ms_pcap_config config = { stash, fail_to_read,
			&source };
		struct ms_error err = { "" };
		struct ms_dialogue *d;
		struct ms_pcap *pcap;
		enum ms_status status = ms_pcap_open(&config, &pcap, &err);

		while (status == MS_OK &&
		    (status = ms_pcap_next(pcap, &d, &err)) == MS_OK)
			ms_dialogue_free(d);
		assert_int_equal(MS_E_IO, status);
		assert_non_null(strstr(err.text, "the disk is gone"));
		if (size > 24)
			ms_pcap_free(pcap);
	}
	ms_stash_free(stash);
	g_byte_array_unref(file.bytes);
}

static void
block(GByteArray *b, uint32_t type, const void *data, size_t size)
{
	const struct pack_file f = { b, false, false, 0 };
	uint32_t length = (uint32_t)(12 + (size + 3) / 4 * 4);

	pack_number(&f, type);
	pack_number(&f, length);
	g_byte_array_append(b, data, (guint)size);
	g_byte_array_append(b, (const guint8 *)"\0\0\0",
	    (guint)((4 - size % 4) % 4));
	pack_number(&f, length);
}

/* pcapng: a section, an interface, packets. */
static void
test_pcapng(void **state)
{
	struct pack_file small = small_file(false, false, 1000);
	GByteArray *b = g_byte_array_new(), *packet = g_byte_array_new();
	const struct pack_file f = { packet, false, false, 0 };
	struct result r;

	(void)state;
	block(b, 0x0a0d0d0a, "\x4d\x3c\x2b\x1a\1\0\0\0"
	    "\xff\xff\xff\xff\xff\xff\xff\xff", 16);
	block(b, 1, "\1\0\0\0\0\0\4\0", 8);
	for (size_t at = 24; at < small.bytes->len;) {
		const unsigned char *p = small.bytes->data + at;
		uint32_t size = p[8] | (uint32_t)p[9] << 8;
		uint64_t time_us = (uint64_t)1700000000 * 1000000 + 300;

		g_byte_array_set_size(packet, 0);
		pack_number(&f, 0);
		pack_number(&f, (uint32_t)(time_us >> 32));
		pack_number(&f, (uint32_t)time_us);
		g_byte_array_append(packet, p + 8, 8 + size);
		block(b, 6, packet->data, packet->len);
		at += 16 + size;
	}
	r = read_file(b->data, b->len);
	assert_int_equal(MS_END, r.status);
	assert_int_equal(1, r.dialogues);
	assert_int_equal(13, r.bytes);
	assert_int_equal(1700000000, r.first_us / 1000000);
	for (size_t size = 0; size < b->len; size++) {
		r = read_file(b->data, size);
		assert_true(r.status == MS_E_FORMAT || r.status == MS_END);
	}
	g_byte_array_unref(packet);
	g_byte_array_unref(small.bytes);
	g_byte_array_unref(b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_truncated),
		cmocka_unit_test(test_headers),
		cmocka_unit_test(test_others),
		cmocka_unit_test(test_unreadable),
		cmocka_unit_test(test_pcapng),
		cmocka_unit_test(test_random),
	};

	if (!ms_pcap_version()) {
		print_message("built without libpcap\n");
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
