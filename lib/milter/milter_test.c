#include "milter/milter.h"

#include "milter/mta_test.h"

#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

/* libmilter is one for a process, so that each of these has one of its own; it
 * does what is written to it, and the test is the mail server. */
struct bench {
	int pid, orders, answers;
	char dir[40], listen[80], path[70];
	struct mta mta;
};

static gpointer
run(gpointer data)
{
	struct ms_error err;

	(void)ms_milter_run(&err);
	return data;
}

static void
set(enum ms_action on_error)
{
	const struct ms_milter_terms terms = { .service = "unix:/nowhere",
		.answer_ms = 5000, .on_error = on_error,
		.spool = { 1000, 100000, NULL } };

	ms_milter_set(&terms);
}

/* 'd', 'r', 'p': other terms; 'e': end, and say how many messages are open. */
static void
obey(const struct ms_milter_config *config, int orders, int answers)
{
	struct ms_error err;
	unsigned char order = (unsigned char)ms_milter_open(config, &err);

	if (write(answers, &order, 1) != 1 || order != MS_OK)
		_exit(0);
	set(MS_ACTION_DEFER);
	g_thread_unref(g_thread_new("libmilter", run, NULL));
	while (read(orders, &order, 1) == 1) {
		if (order == 'e')
			order = (unsigned char)ms_milter_drain(0);
		else
			set(order == 'r' ? MS_ACTION_REJECT : order == 'p' ?
			    MS_ACTION_PASS : MS_ACTION_DEFER);
		if (write(answers, &order, 1) != 1)
			break;
	}
	_exit(0);
}

/* What ms_milter_open() said. */
static int
start(struct bench *b, const struct ms_milter_config *config)
{
	int orders[2], answers[2];
	signed char status;

	assert_int_equal(pipe(orders), 0);
	assert_int_equal(pipe(answers), 0);
	b->pid = fork();
	assert_true(b->pid >= 0);
	if (b->pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
		(void)close(orders[1]);
		(void)close(answers[0]);
		obey(config, orders[0], answers[1]);
	}
	(void)close(orders[0]);
	(void)close(answers[1]);
	b->orders = orders[1];
	b->answers = answers[0];
	assert_int_equal(read(b->answers, &status, 1), 1);
	return status;
}

static void
set_up(struct bench *b)
{
	*b = (struct bench){ .dir = "/tmp/mailscan-milter-XXXXXX" };
	assert_non_null(mkdtemp(b->dir));
	(void)g_snprintf(b->path, sizeof b->path, "%s/s", b->dir);
	(void)g_snprintf(b->listen, sizeof b->listen, "unix:%s", b->path);
}

static void
begin(struct bench *b)
{
	const struct ms_milter_config config = { .listen = b->listen,
		.mode = 0600, .silence_s = 20 };

	set_up(b);
	assert_int_equal(start(b, &config), MS_OK);
	assert_true(mta_begin(&b->mta, b->path));
}

static void
stop(struct bench *b)
{
	(void)close(b->orders);
	(void)close(b->answers);
	(void)kill(b->pid, SIGKILL);
	assert_int_equal(waitpid(b->pid, NULL, 0), b->pid);
}

static void
tear_down(struct bench *b)
{
	mta_end(&b->mta);
	stop(b);
	(void)unlink(b->path);
	assert_int_equal(rmdir(b->dir), 0);
}

static unsigned
order(struct bench *b, char what)
{
	unsigned char answer;

	assert_int_equal(write(b->orders, &what, 1), 1);
	assert_int_equal(read(b->answers, &answer, 1), 1);
	return answer;
}

/* Nobody is there who could be asked: what was said of that is done, to each
 * message what was said when it began. */
static void
test_no_service(void **state)
{
	struct bench b;

	(void)state;
	begin(&b);
	assert_int_equal(mta_envelope(&b.mta), 'c');
	order(&b, 'r');
	assert_int_equal(mta_rest(&b.mta), 'y');
	assert_true(g_str_has_prefix(b.mta.text, "451 4.3.0 "));
	assert_int_equal(b.mta.edits->len, 0);
	assert_int_equal(mta_envelope(&b.mta), 'c');
	assert_int_equal(mta_rest(&b.mta), 'y');
	assert_true(g_str_has_prefix(b.mta.text, "554 5.3.0 "));
	order(&b, 'p');
	assert_int_equal(mta_envelope(&b.mta), 'c');
	assert_int_equal(mta_rest(&b.mta), 'a');
	assert_string_equal(b.mta.edits->str, "i");
	order(&b, 'd');
	/* One that is given up is over. */
	assert_int_equal(mta_envelope(&b.mta), 'c');
	mta_send(&b.mta, 'A', "", 0);
	assert_int_equal(mta_envelope(&b.mta), 'c');
	assert_int_equal(mta_rest(&b.mta), 'y');
	assert_int_equal(order(&b, 'e'), 0);
	tear_down(&b);
}

/* Messages that are open are counted, and may end; no other one is taken. */
static void
test_drain(void **state)
{
	struct bench b;
	struct mta other;

	(void)state;
	begin(&b);
	assert_true(mta_begin(&other, b.path));
	order(&b, 'p');
	assert_int_equal(mta_envelope(&b.mta), 'c');
	assert_int_equal(order(&b, 'e'), 1);
	assert_int_equal(mta_envelope(&other), 'c');
	assert_int_equal(mta_rest(&other), 't');
	assert_int_equal(order(&b, 'e'), 1);
	assert_int_equal(mta_rest(&b.mta), 'a');
	assert_int_equal(order(&b, 'e'), 0);
	/* Who hangs up has none. */
	mta_end(&other);
	tear_down(&b);
}

static void
test_hanging_up(void **state)
{
	struct bench b;
	struct mta other;
	unsigned open = 1;

	(void)state;
	begin(&b);
	assert_true(mta_begin(&other, b.path));
	assert_int_equal(mta_envelope(&other), 'c');
	mta_end(&other);
	for (unsigned i = 0; i < 1000 && open > 0; i++) {
		open = order(&b, 'e');
		g_usleep(10000);
	}
	assert_int_equal(open, 0);
	tear_down(&b);
}

static void
test_listening(void **state)
{
	static const struct {
		const char *listen, *group;
		int want;
	} cases[] = {
		{ "unix:", NULL, MS_E_USAGE },
		{ "nonsense", NULL, MS_E_USAGE },
		{ "unix:/nowhere/at/all", NULL, MS_E_IO },
		{ NULL, "no-such-group", MS_E_USAGE },
	};
	struct bench b, other = { .pid = 0 };
	struct stat st;

	(void)state;
	begin(&b);
	assert_int_equal(stat(b.path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		char *own = g_strconcat(b.listen, "2", NULL);
		const struct ms_milter_config config = {
			.listen = cases[i].listen ? cases[i].listen : own,
			.group = cases[i].group, .mode = 0660,
			.silence_s = 20 };

		print_message("  %s\n", config.listen);
		assert_int_equal(start(&other, &config), cases[i].want);
		stop(&other);
		(void)unlink(own + strlen("unix:"));
		g_free(own);
	}
	/* Somebody is there; and then not any more. */
	assert_int_equal(start(&other, &(struct ms_milter_config){
	    .listen = b.listen, .mode = 0660, .silence_s = 20 }), MS_E_IO);
	stop(&other);
	mta_end(&b.mta);
	stop(&b);
	assert_int_equal(start(&b, &(struct ms_milter_config){
	    .listen = b.listen, .mode = 0640, .silence_s = 20 }), MS_OK);
	assert_int_equal(stat(b.path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	assert_true(mta_begin(&b.mta, b.path));
	tear_down(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_service),
		cmocka_unit_test(test_drain),
		cmocka_unit_test(test_hanging_up),
		cmocka_unit_test(test_listening),
	};
	char *version = ms_milter_version();

	if (!version)
		return 0;
	g_free(version);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
