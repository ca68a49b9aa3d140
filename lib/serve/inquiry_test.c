#include "serve/inquiry.h"

#include "pool/bundle.h"
#include "pool/errand.h"
#include "serve/links_test.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* What came of questions, and a scanner that is the test itself. */
struct bench {
	struct other scanner;
	struct ms_inquiry *inquiry;
	unsigned answers, failures, infected;
	char last[100];		/* failure */
};

static void
on_answered(void *arg, const struct ms_answer *answer)
{
	struct bench *b = arg;

	b->answers++;
	if (answer->failure) {
		b->failures++;
		(void)g_strlcpy(b->last, answer->failure, sizeof b->last);
	} else if (answer->verdict == MS_VERDICT_INFECTED) {
		b->infected++;
	}
}

static void
set_up(struct bench *b, unsigned at_once, int64_t wait_ms)
{
	const struct ms_inquiry_config config = { .at_once = at_once,
		.wait_ms = wait_ms, .scan_ms = wait_ms };

	*b = (struct bench){ .last = "" };
	other_begin(&b->scanner);
	b->inquiry = ms_inquiry_new(b->scanner.loop, &config);
}

static void
new_scanner(struct bench *b)
{
	ms_inquiry_peer(b->inquiry, other_new(&b->scanner));
}

static void
tear_down(struct bench *b)
{
	ms_inquiry_free(b->inquiry);
	other_end(&b->scanner);
}

static uint64_t
ask(struct bench *b)
{
	const int fd = memfd_create("test", MFD_CLOEXEC);

	assert_int_equal(write(fd, "mail", 4), 4);
	return ms_inquiry_ask(b->inquiry, fd, 4, on_answered, b);
}

/* The number of the question that the scanner gets; 0: none. */
static uint64_t
hear(struct bench *b)
{
	unsigned char block[MS_FRAME_MAX];
	struct ms_errand_scan scan;
	char mail[8];
	size_t got;
	int fd;

	if (ms_frame_receive(b->scanner.socket, block, sizeof block, &got,
	    &fd) != MS_OK)
		return 0;
	assert_int_equal(ms_errand_read_scan(block, got, &scan), MS_OK);
	assert_int_equal(scan.size, 4);
	assert_int_equal(pread(fd, mail, sizeof mail, 0), 4);
	(void)close(fd);
	return scan.id;
}

static void
say_done(struct bench *b, uint64_t id, enum ms_verdict verdict)
{
	const struct ms_errand_done done = { .id = id, .verdict = verdict };

	other_say(&b->scanner, ms_errand_done(&done));
}

static void
say_found(struct bench *b, uint64_t id)
{
	GByteArray *fact = ms_frame_finding(MS_FINDING_MALWARE,
	    "test", "Bad", "1");

	other_say(&b->scanner, ms_errand_fact(id, fact));
	g_byte_array_unref(fact);
}

static void
test_answers_in_any_order(void **state)
{
	struct bench b;
	uint64_t first, second;

	(void)state;
	set_up(&b, 2, 10000);
	new_scanner(&b);
	first = ask(&b);
	second = ask(&b);
	(void)ask(&b);
	assert_int_equal(hear(&b), first);
	assert_int_equal(hear(&b), second);
	assert_int_equal(hear(&b), 0);	/* it has no turn yet */
	say_found(&b, second);
	say_done(&b, second, MS_VERDICT_INFECTED);
	other_run(&b.scanner, 20);
	assert_int_equal(b.answers, 1);
	assert_int_equal(b.infected, 1);
	assert_int_equal(hear(&b), 3);
	say_done(&b, first, MS_VERDICT_CLEAN);
	other_say(&b.scanner, ms_errand_refused(3, "full"));
	other_run(&b.scanner, 20);
	assert_int_equal(b.answers, 3);
	assert_int_equal(b.failures, 1);
	assert_string_equal(b.last, "full");
	tear_down(&b);
}

/* Several answers in one frame; what is cut off it is nonsense. */
static void
test_bundles(void **state)
{
	GByteArray *fact = ms_frame_finding(MS_FINDING_MALWARE, "test", "Bad",
	    "1"), *bundle = NULL;
	const struct ms_errand_done bad = { .id = 1,
		.verdict = MS_VERDICT_INFECTED }, good = { .id = 2,
		.verdict = MS_VERDICT_CLEAN };
	struct bench b;

	(void)state;
	set_up(&b, 3, 10000);
	new_scanner(&b);
	for (unsigned i = 0; i < 3; i++)
		(void)ask(&b);
	assert_true(ms_bundle_add(&bundle, ms_errand_fact(1, fact)));
	assert_true(ms_bundle_add(&bundle, ms_errand_done(&bad)));
	assert_true(ms_bundle_add(&bundle, ms_errand_done(&good)));
	other_say(&b.scanner, bundle);
	other_run(&b.scanner, 20);
	assert_int_equal(b.answers, 2);
	assert_int_equal(b.infected, 1);
	assert_int_equal(b.failures, 0);
	bundle = NULL;
	assert_true(ms_bundle_add(&bundle, fact));
	g_byte_array_set_size(bundle, bundle->len - 1);
	other_say(&b.scanner, bundle);
	other_run(&b.scanner, 20);
	assert_int_equal(b.failures, 1);
	assert_string_equal(b.last, "the scanner talks nonsense");
	tear_down(&b);
}

/* Waits for a scanner; what one had that is gone fails. */
static void
test_scanners_come_and_go(void **state)
{
	struct bench b;

	(void)state;
	set_up(&b, 1, 10000);
	(void)ask(&b);
	(void)ask(&b);
	other_run(&b.scanner, 10);
	assert_int_equal(b.answers, 0);
	new_scanner(&b);
	assert_int_equal(hear(&b), 1);
	other_die(&b.scanner);
	other_run(&b.scanner, 20);
	assert_int_equal(b.failures, 1);
	assert_string_equal(b.last, "the scanner died");
	new_scanner(&b);
	assert_int_equal(hear(&b), 2);
	new_scanner(&b);
	other_run(&b.scanner, 20);
	assert_int_equal(b.failures, 2);
	tear_down(&b);
}

/* A new one gets all further questions; the old one answers what it has, and
 * sees that nothing more will come. */
static void
test_hands_over(void **state)
{
	struct bench b;
	int old, new;

	(void)state;
	set_up(&b, 2, 10000);
	new_scanner(&b);
	(void)ask(&b);
	(void)ask(&b);
	(void)ask(&b);
	assert_int_equal(hear(&b), 1);
	old = b.scanner.socket;
	b.scanner.socket = -1;
	new_scanner(&b);
	new = b.scanner.socket;
	assert_int_equal(hear(&b), 3);
	b.scanner.socket = old;
	assert_int_equal(hear(&b), 2);
	assert_int_equal(read(old, &(char){ 0 }, 1), 0);
	say_found(&b, 1);
	say_done(&b, 1, MS_VERDICT_INFECTED);
	/* Not its to answer. */
	say_done(&b, 3, MS_VERDICT_CLEAN);
	other_run(&b.scanner, 20);
	assert_int_equal(b.answers, 1);
	assert_int_equal(b.infected, 1);
	(void)close(old);
	other_run(&b.scanner, 20);
	assert_int_equal(b.failures, 1);
	assert_string_equal(b.last, "the scanner died");
	b.scanner.socket = new;
	say_done(&b, 3, MS_VERDICT_CLEAN);
	other_run(&b.scanner, 20);
	assert_int_equal(b.answers, 3);
	assert_int_equal(b.failures, 1);
	tear_down(&b);
}

/* Never a good answer of a bad scanner. */
static void
test_nonsense(void **state)
{
	(void)state;
	for (int i = 0; i < 4; i++) {
		struct bench b;
		GByteArray *odd = g_byte_array_new();

		set_up(&b, 1, 10000);
		new_scanner(&b);
		(void)ask(&b);
		assert_int_equal(hear(&b), 1);
		g_byte_array_append(odd, (const guint8 *)"\x42 odd", 5);
		if (i == 0)
			other_say(&b.scanner, g_byte_array_ref(odd));
		else if (i == 1)
			say_found(&b, 1);
		else if (i == 2)
			say_done(&b, 1, MS_VERDICT_SKIPPED);
		if (i == 1)
			say_done(&b, 1, MS_VERDICT_CLEAN);
		if (i == 3)
			say_done(&b, 1, MS_VERDICT_INFECTED);
		other_run(&b.scanner, 20);
		assert_int_equal(b.answers, 1);
		assert_int_equal(b.failures, 1);
		g_byte_array_unref(odd);
		tear_down(&b);
	}
}

static void
test_late(void **state)
{
	struct bench b;

	(void)state;
	set_up(&b, 1, 20);
	(void)ask(&b);
	other_run(&b.scanner, 60);
	assert_string_equal(b.last, "there is no scanner");
	new_scanner(&b);
	(void)ask(&b);
	(void)ask(&b);
	other_run(&b.scanner, 80);
	assert_int_equal(b.failures, 3);
	/* What comes too late is nobody's. */
	say_done(&b, 2, MS_VERDICT_CLEAN);
	other_run(&b.scanner, 10);
	assert_int_equal(b.answers, 3);
	tear_down(&b);
}

static void
test_forget(void **state)
{
	struct bench b;
	uint64_t sent, waiting;

	(void)state;
	set_up(&b, 1, 10000);
	new_scanner(&b);
	sent = ask(&b);
	waiting = ask(&b);
	ms_inquiry_forget(b.inquiry, sent);
	ms_inquiry_forget(b.inquiry, waiting);
	ms_inquiry_forget(b.inquiry, 0);
	ms_inquiry_forget(b.inquiry, 99);
	assert_int_equal(hear(&b), sent);
	say_done(&b, sent, MS_VERDICT_CLEAN);
	(void)ask(&b);
	other_run(&b.scanner, 20);
	assert_int_equal(b.answers, 0);
	assert_int_equal(hear(&b), 3);
	tear_down(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answers_in_any_order),
		cmocka_unit_test(test_bundles),
		cmocka_unit_test(test_scanners_come_and_go),
		cmocka_unit_test(test_hands_over),
		cmocka_unit_test(test_nonsense),
		cmocka_unit_test(test_late),
		cmocka_unit_test(test_forget),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
