#include "pool/errand.h"

#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

/* Every prefix of FRAME, and FRAME with one byte more, is refused by READ. */
static void
refuse_cuts(const GByteArray *frame,
    enum ms_status (*read)(const unsigned char *data, size_t size))
{
	unsigned char *longer = g_malloc0(frame->len + 1);

	memcpy(longer, frame->data, frame->len);
	assert_int_equal(read(frame->data, frame->len), MS_OK);
	for (guint size = 0; size < frame->len; size++) {
		unsigned char *cut = g_memdup2(frame->data, size);

		assert_int_equal(read(cut, size), MS_E_PEER);
		g_free(cut);
	}
	assert_int_equal(read(longer, frame->len + 1), MS_E_PEER);
	g_free(longer);
}

static enum ms_status
read_scan(const unsigned char *data, size_t size)
{
	struct ms_errand_scan scan;

	return ms_errand_read_scan(data, size, &scan);
}

static enum ms_status
read_done(const unsigned char *data, size_t size)
{
	struct ms_errand_done done;

	return ms_errand_read_done(data, size, &done);
}

static enum ms_status
read_refused(const unsigned char *data, size_t size)
{
	enum ms_status status;
	uint64_t id;
	char *why;

	status = ms_errand_read_refused(data, size, &id, &why);
	if (status == MS_OK)
		g_free(why);
	else
		assert_null(why);
	return status;
}

static void
test_round_trip(void **state)
{
	const struct ms_errand_scan scan = { 7, 1u << 20, true, true,
		true, "spam\t5\t0\tb\n" };
	const struct ms_errand_done done = { 8, MS_VERDICT_INCOMPLETE, 12, 3,
		2, ms_hash_of("x", 1), ms_hash_of("y", 1), true, 9,
		"clamav 1" };
	struct ms_errand_scan scan_back;
	struct ms_errand_done done_back;
	GByteArray *frame;
	uint64_t id;
	char *why;

	(void)state;
	frame = ms_errand_scan(&scan);
	assert_int_equal(ms_errand_type(frame->data, frame->len),
	    MS_ERRAND_SCAN);
	refuse_cuts(frame, read_scan);
	assert_int_equal(ms_errand_read_scan(frame->data, frame->len,
	    &scan_back), MS_OK);
	assert_int_equal(scan_back.id, 7);
	assert_int_equal(scan_back.size, 1u << 20);
	assert_true(scan_back.raw);
	assert_true(scan_back.parts);
	assert_true(scan_back.chosen);
	assert_string_equal(scan_back.checks, scan.checks);
	/* Another version. */
	frame->data[1]++;
	assert_int_equal(read_scan(frame->data, frame->len), MS_E_PEER);
	g_byte_array_unref(frame);

	frame = ms_errand_done(&done);
	refuse_cuts(frame, read_done);
	assert_int_equal(ms_errand_read_done(frame->data, frame->len,
	    &done_back), MS_OK);
	assert_int_equal(done_back.id, 8);
	assert_int_equal(done_back.verdict, MS_VERDICT_INCOMPLETE);
	assert_int_equal(done_back.elapsed_ms, 12);
	assert_int_equal(done_back.generation, 3);
	assert_int_equal(done_back.deaths, 2);
	assert_string_equal(done_back.scanner, "clamav 1");
	assert_true(done_back.rewritten);
	assert_int_equal(done_back.rewritten_size, 9);
	assert_true(ms_hash_equal(&done.sha256, &done_back.sha256));
	assert_true(ms_hash_equal(&done.sha256_canonical,
	    &done_back.sha256_canonical));
	g_byte_array_unref(frame);

	frame = ms_errand_refused(9, "busy");
	refuse_cuts(frame, read_refused);
	assert_int_equal(ms_errand_read_refused(frame->data, frame->len, &id,
	    &why), MS_OK);
	assert_int_equal(id, 9);
	assert_string_equal(why, "busy");
	g_free(why);
	g_byte_array_unref(frame);
}

/* What is no verdict is not believed. */
static void
test_verdicts(void **state)
{
	static const unsigned wrong[] = { MS_VERDICTS, MS_VERDICTS + 1,
		0x7fffffff };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++) {
		const struct ms_errand_done done = { .id = 1,
			.verdict = (enum ms_verdict)wrong[i] };
		GByteArray *frame = ms_errand_done(&done);

		assert_int_equal(read_done(frame->data, frame->len),
		    MS_E_PEER);
		g_byte_array_unref(frame);
	}
}

static void
add(void *arg, GByteArray *frame)
{
	struct ms_facts *facts = arg;
	const unsigned char *fact;
	size_t size;
	uint64_t id;

	assert_int_equal(ms_errand_type(frame->data, frame->len),
	    MS_ERRAND_FACT);
	assert_int_equal(ms_errand_read_fact(frame->data, frame->len, &id,
	    &fact, &size), MS_OK);
	assert_int_equal(id, 5);
	assert_int_equal(ms_frame_read_fact(fact, size, facts), MS_OK);
	g_byte_array_unref(frame);
}

static void
test_facts(void **state)
{
	static const unsigned char empty[] = { MS_ERRAND_FACT, 0, 0, 0, 0, 0,
		0, 0, 0 };
	const unsigned char *fact;
	struct ms_facts from, to;
	size_t size;
	uint64_t id;

	(void)state;
	ms_facts_init(&from);
	ms_facts_init(&to);
	from.headers.subject = g_strdup("hello");
	ms_facts_finding(&from, "clamav", "Eicar", "2/a.zip/b");
	ms_facts_finding(&from, "clamav", "Other", "3");
	ms_facts_gap(&from, MS_REASON_ENCRYPTED, "4/c.zip", "closed");
	ms_facts_ambiguity(&from, "duplicate-content-type", "", "twice");
	ms_errand_tell(5, &from, false, add, &to);
	assert_string_equal(to.headers.subject, "hello");
	assert_int_equal(to.findings->len, 2);
	assert_string_equal(((struct ms_finding *)to.findings->pdata[1])->name,
	    "Other");
	assert_int_equal(to.gaps->len, 1);
	assert_string_equal(((struct ms_gap *)to.gaps->pdata[0])->detail,
	    "closed");
	assert_int_equal(to.ambiguities->len, 1);
	assert_int_equal(ms_verdict_of(&to), MS_VERDICT_INFECTED);
	ms_facts_clear(&from);
	ms_facts_clear(&to);
	assert_int_equal(ms_errand_read_fact(empty, sizeof empty, &id, &fact,
	    &size), MS_E_PEER);
	assert_int_equal(ms_errand_type(empty, 0), 0);
}

static enum ms_status
read_gate(const unsigned char *data, size_t size)
{
	struct ms_errand_gate gate;

	return ms_errand_read_gate(data, size, &gate);
}

static enum ms_status
read_gated(const unsigned char *data, size_t size)
{
	struct ms_errand_gated gated;
	const enum ms_status status = ms_errand_read_gated(data, size,
	    &gated);

	if (status == MS_OK)
		g_free(gated.reply);
	else
		assert_null(gated.reply);
	return status;
}

/* Only what refuses somebody is a reply. */
static void
test_gate(void **state)
{
	static const char *const wrong[] = { "", "250 ok", "xxx" };
	struct ms_errand_gate gate = { 7, MS_ERRAND_RECIPIENT };
	struct ms_errand_gated gated = { 8, true, false,
		(char *)(uintptr_t)"550 5.7.1 no" };
	GByteArray *frame = ms_errand_gate(&gate);

	(void)state;
	refuse_cuts(frame, read_gate);
	gate = (struct ms_errand_gate){ 0, MS_ERRAND_NOBODY };
	assert_int_equal(ms_errand_read_gate(frame->data, frame->len, &gate),
	    MS_OK);
	assert_int_equal(gate.id, 7);
	assert_int_equal(gate.whom, MS_ERRAND_RECIPIENT);
	g_byte_array_unref(frame);
	gate.whom = MS_ERRAND_WHOMS;
	frame = ms_errand_gate(&gate);
	assert_int_equal(read_gate(frame->data, frame->len), MS_E_PEER);
	g_byte_array_unref(frame);
	frame = ms_errand_gated(&gated);
	refuse_cuts(frame, read_gated);
	gated = (struct ms_errand_gated){ .recipients = true };
	assert_int_equal(ms_errand_read_gated(frame->data, frame->len,
	    &gated), MS_OK);
	assert_int_equal(gated.id, 8);
	assert_true(gated.senders);
	assert_false(gated.recipients);
	assert_string_equal(gated.reply, "550 5.7.1 no");
	g_free(gated.reply);
	g_byte_array_unref(frame);
	for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++) {
		gated.reply = (char *)(uintptr_t)wrong[i];
		frame = ms_errand_gated(&gated);
		assert_int_equal(read_gated(frame->data, frame->len),
		    MS_E_PEER);
		g_byte_array_unref(frame);
	}
}

static enum ms_status
read_envelope(const unsigned char *data, size_t size)
{
	struct ms_errand_envelope asked;
	const enum ms_status status = ms_errand_read_envelope(data, size,
	    &asked);

	if (status == MS_OK)
		ms_errand_envelope_clear(&asked);
	return status;
}

/* Those of ASKED behind the first TOLD are added to BACK: only whole, only
 * once, and only to the one that they belong to. */
static void
follow(struct ms_errand_envelope *asked, uint32_t told,
    struct ms_errand_envelope *back)
{
	struct ms_errand_envelope nobody = { .id = asked->id };
	GByteArray *frame = ms_errand_recipients(asked, &told);

	assert_int_equal(told, asked->envelope->count);
	assert_int_equal(ms_errand_type(frame->data, frame->len),
	    MS_ERRAND_RECIPIENTS);
	assert_int_equal(ms_errand_read_recipients(frame->data, frame->len,
	    &nobody), MS_E_PEER);
	back->id++;
	assert_int_equal(ms_errand_read_recipients(frame->data, frame->len,
	    back), MS_E_PEER);
	back->id--;
	assert_int_equal(ms_errand_read_recipients(frame->data, frame->len,
	    back), MS_OK);
	assert_int_equal(ms_errand_read_recipients(frame->data, frame->len,
	    back), MS_E_PEER);
	g_byte_array_unref(frame);
}

/* There is an end to them. */
static void
test_recipients_without_end(void **state)
{
	struct ms_envelope *one = ms_envelope_new("");
	struct ms_errand_envelope asked = { .id = 5, .envelope = one }, back;
	GByteArray *frame;
	uint32_t told;
	unsigned frames = 1;

	(void)state;
	ms_envelope_add(one, "a@b");
	one->omitted = 1 << 20;
	frame = ms_errand_envelope(&asked, &told);
	assert_int_equal(ms_errand_read_envelope(frame->data, frame->len,
	    &back), MS_OK);
	g_byte_array_unref(frame);
	told = 0;
	frame = ms_errand_recipients(&asked, &told);
	while (ms_errand_read_recipients(frame->data, frame->len, &back) ==
	    MS_OK)
		frames++;
	assert_int_equal(frames, MS_ERRAND_ENVELOPE_FRAMES);
	g_byte_array_unref(frame);
	ms_errand_envelope_clear(&back);
	ms_envelope_free(one);
}

/* An envelope comes back as it was; recipients for which there is no room are
 * counted, and follow. */
static void
test_envelope(void **state)
{
	struct ms_envelope *one = ms_envelope_new("");
	struct ms_errand_envelope asked = { .id = 5, .keep = true,
		.envelope = one }, back;
	char *much = g_strnfill(3000, 'x'), *text;
	GByteArray *frame;
	uint32_t told;
	uint64_t id;
	bool flag;

	(void)state;
	one->helo = g_strdup("client.test");
	one->client_name = g_strdup("known.test");
	for (int i = 0; i < 2; i++)
		ms_envelope_add(one, "a@b");
	frame = ms_errand_envelope(&asked, &told);
	refuse_cuts(frame, read_envelope);
	g_byte_array_unref(frame);
	for (int i = 2; i < 20; i++)
		ms_envelope_add(one, much);
	asked.door = (char *)(uintptr_t)"milter";
	asked.authenticated = asked.gated = true;
	asked.login = (char *)(uintptr_t)"anna";
	asked.keep = false;
	frame = ms_errand_envelope(&asked, &told);
	assert_true(frame->len <= MS_FRAME_MAX);
	assert_int_equal(ms_errand_type(frame->data, frame->len),
	    MS_ERRAND_ENVELOPE);
	assert_int_equal(ms_errand_read_envelope(frame->data, frame->len,
	    &back), MS_OK);
	assert_int_equal(back.id, 5);
	assert_false(back.keep);
	assert_true(back.authenticated && back.gated);
	assert_string_equal(back.login, "anna");
	assert_string_equal(back.door, "milter");
	assert_string_equal(back.envelope->sender, "");
	assert_string_equal(back.envelope->helo, "client.test");
	assert_string_equal(back.envelope->client_name, "known.test");
	assert_null(back.envelope->protocol);
	assert_string_equal(back.envelope->recipients[1], "a@b");
	assert_int_equal(told, 12);
	assert_int_equal(back.envelope->count, 12);
	assert_int_equal(back.envelope->omitted, 8);
	follow(&asked, told, &back);
	assert_int_equal(back.envelope->count, 20);
	assert_int_equal(back.envelope->omitted, 0);
	assert_string_equal(back.envelope->recipients[19], much);
	ms_errand_envelope_clear(&back);
	/* Another version. */
	frame->data[1]++;
	assert_int_equal(read_envelope(frame->data, frame->len), MS_E_PEER);
	g_byte_array_unref(frame);
	frame = ms_errand_kept(6, false, "no");
	assert_int_equal(ms_errand_read_kept(frame->data, frame->len, &id,
	    &flag, &text), MS_OK);
	assert_int_equal(id, 6);
	assert_false(flag);
	assert_string_equal(text, "no");
	g_free(text);
	assert_int_equal(ms_errand_read_kept(frame->data, frame->len - 1, &id,
	    &flag, &text), MS_E_PEER);
	g_byte_array_unref(frame);
	g_free(much);
	ms_envelope_free(one);
}

static enum ms_status
read_ruling(const unsigned char *data, size_t size)
{
	struct ms_errand_ruling ruling;
	const enum ms_status status = ms_errand_read_ruling(data, size,
	    &ruling);

	if (status == MS_OK)
		ms_errand_ruling_clear(&ruling);
	return status;
}

/* What RULING is read as. */
static enum ms_status
reread(const struct ms_errand_ruling *ruling)
{
	GByteArray *frame = ms_errand_ruling(ruling);
	const enum ms_status status = read_ruling(frame->data, frame->len);

	g_byte_array_unref(frame);
	return status;
}

static void
test_ruling(void **state)
{
	char *names[] = { (char *)(uintptr_t)"X-Virus-Status", NULL };
	char *fields[] = { (char *)(uintptr_t)"X-Virus-Scanned: a\r\n b",
		(char *)(uintptr_t)"X-Virus-Status: Clean", NULL };
	struct ms_errand_ruling ruling = { .id = 3,
		.action = MS_ACTION_REDIRECT, .verdict = MS_VERDICT_BLOCKED,
		.what = fields[0], .part = fields[1], .address = names[0],
		.kept = fields[1], .next = names[0], .subject = names[0],
		.names = names, .fields = fields, .rewritten = true,
		.size = 17 }, back;
	GByteArray *frame = ms_errand_ruling(&ruling);

	(void)state;
	refuse_cuts(frame, read_ruling);
	assert_int_equal(ms_errand_read_ruling(frame->data, frame->len,
	    &back), MS_OK);
	assert_int_equal(back.id, 3);
	assert_int_equal(back.action, MS_ACTION_REDIRECT);
	assert_int_equal(back.verdict, MS_VERDICT_BLOCKED);
	assert_string_equal(back.address, names[0]);
	assert_null(back.reply);
	assert_int_equal(g_strv_length(back.names), 1);
	assert_int_equal(g_strv_length(back.fields), 2);
	assert_string_equal(back.fields[0], fields[0]);
	assert_true(back.rewritten);
	assert_int_equal(back.size, 17);
	ms_errand_ruling_clear(&back);
	g_byte_array_unref(frame);
	/* What cannot be is no ruling. */
	ruling.address = NULL;
	assert_int_equal(reread(&ruling), MS_E_PEER);
	ruling.action = MS_ACTION_REJECT;
	assert_int_equal(reread(&ruling), MS_E_PEER);
	ruling.reply = fields[0];
	assert_int_equal(reread(&ruling), MS_OK);
	ruling.rewritten = false;
	assert_int_equal(reread(&ruling), MS_E_PEER);
	ruling.size = 0;
	assert_int_equal(reread(&ruling), MS_OK);
	ruling.action = MS_ACTION_PASS;
	assert_int_equal(reread(&ruling), MS_E_PEER);
	ruling.reply = NULL;
	assert_int_equal(reread(&ruling), MS_OK);
	ruling.action = MS_ACTIONS;
	assert_int_equal(reread(&ruling), MS_E_PEER);
	ruling.action = MS_ACTION_PASS;
	ruling.verdict = MS_VERDICTS;
	assert_int_equal(reread(&ruling), MS_E_PEER);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_envelope),
		cmocka_unit_test(test_recipients_without_end),
		cmocka_unit_test(test_ruling),
		cmocka_unit_test(test_gate),
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_verdicts),
		cmocka_unit_test(test_facts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
