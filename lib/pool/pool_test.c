#include "pool/pool.h"

#include "base/clock.h"
#include "base/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* What the engine of these tests does when it reads one of these words. It
 * runs in workers only, never in this process. */

static void
crash(void)
{
	(void)signal(SIGSEGV, SIG_DFL);
	(void)raise(SIGSEGV);
}

static void
loop(void)
{
	volatile unsigned forever = 1;

	while (forever)
		forever |= 1;
}

#define GROW_MAX ((size_t)400 << 20)

/* Without a box the end is made here. */
static void
grow(void)
{
	/* Volatile, or a compiler may see that nobody needs it. */
	void *volatile block;

	for (size_t sum = 0; sum < GROW_MAX; sum += 1 << 20) {
		block = malloc(1 << 20);
		if (!block)
			abort();
	}
	_exit(42);
}

static void
leave(void)
{
	_exit(0);
}

/* To whatever socket there is: the worker's own. */
static void
send_everywhere(const GByteArray *frame)
{
	for (int fd = 3; fd < 64; fd++)
		(void)ms_frame_send(fd, frame, -1, NULL);
}

static void
garbage(void)
{
	GByteArray *frame = g_byte_array_new();

	g_byte_array_append(frame, (const guint8 *)"\x07garbage", 8);
	send_everywhere(frame);
	g_byte_array_unref(frame);
}

static void
wrong_end(void)
{
	GByteArray *frame = ms_frame_end(123456789);

	send_everywhere(frame);
	g_byte_array_unref(frame);
}

static void
wrong_type(void)
{
	GByteArray *frame = ms_frame_slot(MS_FRAME_EXITED, 0, 0);

	send_everywhere(frame);
	g_byte_array_unref(frame);
}

/* Bytes that were not asked for, or are not what they are said to be. */
static void
send_blob(uint64_t size, int seals, unsigned count)
{
	const struct ms_blob blob = { .size = size,
		.detected_type = "text/plain" };
	GByteArray *frame = ms_frame_blob(&blob);

	for (unsigned i = 0; i < count; i++) {
		int fd = memfd_create("test", MFD_CLOEXEC |
		    MFD_ALLOW_SEALING);

		(void)!write(fd, "12345", 5);
		(void)fcntl(fd, F_ADD_SEALS, seals);
		/* To the worker's own socket, whichever that is. */
		for (int socket = 3; socket < 6; socket++)
			(void)ms_frame_send(socket, frame, fd, NULL);
		(void)close(fd);
	}
	g_byte_array_unref(frame);
}

#define ALL_SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

static void
blob_without_bytes(void)
{
	const struct ms_blob blob = { .detected_type = "text/plain" };
	GByteArray *frame = ms_frame_blob(&blob);

	send_everywhere(frame);
	g_byte_array_unref(frame);
}

static void
blob_without_seal(void)
{
	send_blob(5, ALL_SEALS & ~F_SEAL_SHRINK, 1);
}

static void
blob_of_other_size(void)
{
	send_blob(6, ALL_SEALS, 1);
}

/* More than anybody says to have taken, without listening. */
static void
blobs_without_end(void)
{
	send_blob(5, ALL_SEALS, 5000);
}

/* Short enough to wait for it; but what is looked at quickly is not to pass it
 * on a loaded machine, either. */
#define DEADLINE_MS 1500

/* Sleeping calls are not in the box. */
static void
work(int64_t time_ms)
{
	int64_t until = ms_clock_ms() + time_ms;

	while (ms_clock_ms() < until)
		continue;
}

static void
short_work(void)
{
	work(100);
}

/* Twice, for the message and its part, it is more than the deadline. */
static void
long_work(void)
{
	work(900);
}

static const struct fault {
	const char *word;
	void (*act)(void);
} faults[] = {
	{ "fault-crash", crash }, { "fault-loop", loop },
	{ "fault-grow", grow }, { "fault-leave", leave },
	{ "fault-garbage", garbage }, { "fault-wrong-end", wrong_end },
	{ "fault-wrong-type", wrong_type }, { "short-work", short_work },
	{ "fault-blob-bytes", blob_without_bytes },
	{ "fault-blob-seal", blob_without_seal },
	{ "fault-blob-size", blob_of_other_size },
	{ "fault-blob-flood", blobs_without_end },
	{ "long-work", long_work },
};

static enum ms_status
open_faulty(const struct ms_engine_config *config, void **state,
    struct ms_error *err)
{
	if (config->database && strcmp(config->database, "none") == 0)
		return ms_error_set(err, MS_E_ENGINE, "no signatures");
	if (config->database && strcmp(config->database, "crash") == 0)
		crash();
	*state = NULL;
	return MS_OK;
}

static void
close_faulty(void *state)
{
	(void)state;
}

static enum ms_status
set_tmpdir_faulty(void *state, const char *dir, struct ms_error *err)
{
	(void)state;
	(void)dir;
	(void)err;
	return MS_OK;
}

static bool
holds(const struct ms_engine_input *input, const char *word)
{
	return memmem(input->data, input->size, word, strlen(word)) != NULL;
}

static enum ms_status
scan_faulty(void *state, const struct ms_engine_input *input,
    const struct ms_engine_sink *sink, void *arg, struct ms_error *err)
{
	char text[40];

	(void)state;
	if (holds(input, "bad-word"))
		sink->found(arg, "Test.Bad");
	if (holds(input, "who-are-you")) {
		(void)g_snprintf(text, sizeof text, "Pid.%ld",
		    (long)getpid());
		sink->found(arg, text);
	}
	for (size_t i = 0; i < G_N_ELEMENTS(faults); i++)
		if (holds(input, faults[i].word))
			faults[i].act();
	return holds(input, "no-engine") ?
	    ms_error_set(err, MS_E_ENGINE, "out of order") : MS_OK;
}

static const char *
version_faulty(void)
{
	return "1";
}

static void
info_faulty(const void *state, struct ms_engine_info *info)
{
	(void)state;
	*info = (struct ms_engine_info){
		.name = g_strdup("faulty"),
		.version = g_strdup("1"),
		.database = g_strdup("words"),
		.signatures = G_N_ELEMENTS(faults),
		.database_time = 5,
	};
}

static const struct ms_engine_ops faulty = { "faulty", version_faulty,
	open_faulty, close_faulty, set_tmpdir_faulty, scan_faulty,
	info_faulty, false, false };

static struct ms_pool_config
config_for(unsigned workers)
{
	return (struct ms_pool_config){
		.zygote = {
			.ops = &faulty,
			.scan = {
				.limits = {
					.part_bytes = 1 << 20,
					.total_bytes = 1 << 20,
					.ratio = 100, .parts = 100,
					.mime_depth = 10,
					.archive_depth = 10,
					.time_ms = 60 * 1000,
				},
				.spool = { .heap_max = 1 << 20 },
			},
			.worker_memory = 64 << 20,
			.dir = ".",
		},
		.workers = workers,
		.deadline_ms = 60 * 1000,
		.recycle = 500,
	};
}

/* What came of each job. */
struct told {
	unsigned facts, findings, gaps, blobs;
	unsigned done, died;
	enum ms_pool_death death;
	char *detail;
	char *finding;
};

#define JOBS_MAX 300

struct book {
	struct told jobs[JOBS_MAX];
	unsigned over;
	enum ms_status answer;		/* to blobs */
};

/* The bytes are what FRAME says, unless they come from a fault. */
static enum ms_status
on_blob(void *arg, uint64_t id, const unsigned char *frame, size_t size,
    int fd, struct ms_error *err)
{
	struct book *book = arg;
	struct ms_blob blob;
	char data[64];

	assert_in_range(id, 0, JOBS_MAX - 1);
	assert_int_equal(MS_OK, ms_frame_read_blob(frame, size, &blob));
	assert_in_range(blob.size, 1, sizeof data);
	assert_int_equal(blob.size, pread(fd, data, sizeof data, 0));
	assert_int_equal(-1, ftruncate(fd, 0));
	if (data[0] != '1') {
		struct ms_digest digest = ms_hash_of(data, blob.size);

		assert_true(ms_hash_equal(&digest, &blob.sha256));
	}
	book->jobs[id].blobs++;
	return book->answer == MS_OK ? MS_OK : ms_error_set(err,
	    book->answer, "no room");
}

static void
on_fact(void *arg, uint64_t id, const unsigned char *frame, size_t size)
{
	struct book *book = arg;
	struct told *job = &book->jobs[id];
	struct ms_facts facts;

	assert_in_range(id, 0, JOBS_MAX - 1);
	assert_int_equal(0, job->done + job->died);
	ms_facts_init(&facts);
	assert_int_equal(MS_OK, ms_frame_read_fact(frame, size, &facts));
	job->facts++;
	job->findings += facts.findings->len;
	job->gaps += facts.gaps->len;
	if (facts.findings->len > 0) {
		const struct ms_finding *finding = facts.findings->pdata[0];

		g_free(job->finding);
		job->finding = g_strdup(finding->name);
	}
	ms_facts_clear(&facts);
}

static void
on_done(void *arg, uint64_t id, int64_t elapsed_ms)
{
	struct book *book = arg;

	assert_in_range(id, 0, JOBS_MAX - 1);
	assert_in_range(elapsed_ms, 0, 60 * 1000);
	book->jobs[id].done++;
	book->over++;
}

static void
on_died(void *arg, uint64_t id, enum ms_pool_death death,
    const char *detail, int64_t elapsed_ms)
{
	struct book *book = arg;
	struct told *job = &book->jobs[id];

	assert_in_range(id, 0, JOBS_MAX - 1);
	assert_in_range(elapsed_ms, 0, 60 * 1000);
	job->died++;
	job->death = death;
	g_free(job->detail);
	job->detail = g_strdup(detail);
	book->over++;
}

static struct ms_pool *
open_pool(const struct ms_pool_config *config, struct book *book)
{
	static const struct ms_pool_events events = { on_blob, on_fact,
		on_done, on_died };
	struct ms_error err = { "" };
	struct ms_pool *pool = NULL;

	*book = (struct book){ .over = 0 };
	if (ms_pool_open(config, &events, book, &pool, &err) != MS_OK)
		print_message("  %s\n", err.text);
	assert_non_null(pool);
	return pool;
}

static void
close_book(struct book *book)
{
	for (unsigned i = 0; i < JOBS_MAX; i++) {
		g_free(book->jobs[i].detail);
		g_free(book->jobs[i].finding);
	}
}

/* No process and no file is left. */
static void
close_pool(struct ms_pool *pool, struct book *book)
{
	GDir *dir;

	ms_pool_close(pool);
	close_book(book);
	assert_int_equal(-1, waitpid(-1, NULL, WNOHANG));
	assert_int_equal(ECHILD, errno);
	dir = g_dir_open(".", 0, NULL);
	assert_null(g_dir_read_name(dir));
	g_dir_close(dir);
}

static int
message(const char *text)
{
	const struct ms_spool_config config = { .memfd_max = 1 << 20 };
	struct ms_spool *spool = ms_spool_new(&config);
	int fd;

	assert_int_equal(MS_OK, ms_spool_write(spool, "Subject: x\n\n", 12,
	    NULL));
	assert_int_equal(MS_OK, ms_spool_write(spool, text, strlen(text),
	    NULL));
	assert_int_equal(MS_OK, ms_spool_seal(spool, &fd, NULL));
	ms_spool_free(spool);
	return fd;
}

static int
submit(struct ms_pool *pool, uint64_t id, const char *text, bool reduced)
{
	struct ms_pool_job job = { .id = id, .fd = message(text),
		.size = 12 + strlen(text), .reduced = reduced };

	ms_pool_submit(pool, &job);
	return job.fd;
}

static void
wait_for(struct ms_pool *pool, const struct book *book, unsigned count)
{
	int64_t until = ms_clock_ms() + 30 * 1000;
	struct ms_error err = { "" };

	while (book->over < count) {
		assert_int_equal(MS_OK, ms_pool_wait(pool, 100, &err));
		assert_true(ms_clock_ms() < until);
	}
}

/* Give all of TEXTS to WORKERS, in order, and wait. */
static void
run(struct ms_pool *pool, struct book *book, const char *const *texts,
    unsigned count)
{
	int fds[JOBS_MAX];
	unsigned from = book->over;

	for (unsigned i = 0; i < count; i++)
		fds[i] = submit(pool, from + i, texts[i], false);
	wait_for(pool, book, from + count);
	for (unsigned i = 0; i < count; i++)
		assert_int_equal(0, close(fds[i]));
}

static void
test_plain(void **state)
{
	static const char *const texts[] = { "hello", "bad-word", "",
		"no-engine", "more" };
	const struct ms_pool_config config = config_for(2);
	const struct ms_frame_ready *ready;
	struct book book;
	struct ms_pool *pool = open_pool(&config, &book);

	(void)state;
	ready = ms_pool_ready(pool);
	assert_string_equal("faulty", ready->engine);
	assert_string_equal("words", ready->database);
	assert_int_equal(5, ready->database_time);
	assert_int_equal(4, ms_pool_room(pool));
	run(pool, &book, texts, G_N_ELEMENTS(texts));
	for (unsigned i = 0; i < G_N_ELEMENTS(texts); i++) {
		print_message("  %s\n", texts[i]);
		assert_int_equal(1, book.jobs[i].done);
		assert_int_equal(0, book.jobs[i].died);
		assert_int_equal(strcmp(texts[i], "bad-word") == 0,
		    book.jobs[i].findings > 0);
		assert_int_equal(strcmp(texts[i], "no-engine") == 0,
		    book.jobs[i].gaps > 0);
	}
	assert_int_equal(4, ms_pool_room(pool));
	close_pool(pool, &book);
}

/* One worker, three messages, the second one poisoned: the others do not
 * notice, and what was found before the end stays found. */
static void
p4_one_poisoned_message(void **state)
{
	static const struct {
		const char *word;
		enum ms_pool_death death;
		const char *detail;	/* NULL: no matter */
	} cases[] = {
		{ "fault-crash", MS_POOL_CRASHED, "signal 11" },
		{ "fault-loop", MS_POOL_TIMED_OUT, NULL },
		{ "fault-grow", MS_POOL_CRASHED, NULL },
		{ "fault-leave", MS_POOL_CRASHED, "status 0" },
		{ "fault-garbage", MS_POOL_CRASHED, "broke the protocol" },
		{ "fault-wrong-end", MS_POOL_CRASHED, "broke the protocol" },
		{ "fault-wrong-type", MS_POOL_CRASHED,
		  "broke the protocol" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct ms_pool_config config = config_for(1);
		char *poison = g_strdup_printf("bad-word %s", cases[i].word);
		const char *const texts[] = { "bad-word", poison, "hello",
			"bad-word" };
		struct ms_pool *pool;
		struct book book;

		print_message("  %s\n", cases[i].word);
		if (cases[i].death == MS_POOL_TIMED_OUT)
			config.deadline_ms = DEADLINE_MS;
		pool = open_pool(&config, &book);
		run(pool, &book, texts, G_N_ELEMENTS(texts));
		assert_int_equal(0, book.jobs[1].done);
		assert_int_equal(1, book.jobs[1].died);
		assert_int_equal(cases[i].death, book.jobs[1].death);
		assert_int_equal(1, book.jobs[1].findings);
		if (cases[i].detail)
			assert_non_null(strstr(book.jobs[1].detail,
			    cases[i].detail));
		for (unsigned k = 0; k < 4; k += k == 0 ? 2 : 1) {
			assert_int_equal(1, book.jobs[k].done);
			assert_int_equal(0, book.jobs[k].died);
			assert_int_equal(k != 2, book.jobs[k].findings > 0);
		}
		close_pool(pool, &book);
		g_free(poison);
	}
}

/* The kernel stops a worker that takes all memory. */
static void
p4_memory(void **state)
{
	static const char *const texts[] = { "fault-grow" };
	const struct ms_pool_config config = config_for(1);
	struct ms_pool *pool;
	struct book book;

	(void)state;
	if (!ms_sandbox_is_complete()) {
		print_message("  no box here\n");
		skip();
	}
	pool = open_pool(&config, &book);
	run(pool, &book, texts, 1);
	assert_non_null(strstr(book.jobs[0].detail, "signal 6"));
	close_pool(pool, &book);
}

/* Each second message kills its worker: each is told once, and no other. */
static void
p4_many_poisoned(void **state)
{
	static const char *const words[] = { "fault-crash", "fault-leave",
		"fault-garbage" };
	const char *texts[60];
	const struct ms_pool_config config = config_for(3);
	struct book book;
	struct ms_pool *pool = open_pool(&config, &book);

	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(texts); i++)
		texts[i] = i % 2 ? words[i % 3] : "bad-word";
	run(pool, &book, texts, G_N_ELEMENTS(texts));
	for (unsigned i = 0; i < G_N_ELEMENTS(texts); i++) {
		assert_int_equal(i % 2, book.jobs[i].died);
		assert_int_equal(1 - i % 2, book.jobs[i].done);
		assert_int_equal(i % 2 == 0, book.jobs[i].findings > 0);
	}
	close_pool(pool, &book);
}

/* A worker is let go after so many messages, and none is lost by it. */
static void
test_recycle(void **state)
{
	struct ms_pool_config config = config_for(2);
	const char *texts[20];
	GHashTable *pids = g_hash_table_new(g_str_hash, g_str_equal);
	struct ms_pool *pool;
	struct book book;

	(void)state;
	config.recycle = 3;
	for (unsigned i = 0; i < G_N_ELEMENTS(texts); i++)
		texts[i] = "who-are-you";
	pool = open_pool(&config, &book);
	run(pool, &book, texts, G_N_ELEMENTS(texts));
	for (unsigned i = 0; i < G_N_ELEMENTS(texts); i++) {
		assert_int_equal(1, book.jobs[i].done);
		g_hash_table_add(pids, book.jobs[i].finding);
	}
	assert_in_range(g_hash_table_size(pids), 7, 20);
	g_hash_table_unref(pids);
	close_pool(pool, &book);
}

/* A reduced job looks at the raw bytes alone, and has its worker to
 * itself. */
static void
test_reduced(void **state)
{
	const struct ms_pool_config config = config_for(1);
	struct book book;
	struct ms_pool *pool = open_pool(&config, &book);
	int fds[3];

	(void)state;
	fds[0] = submit(pool, 0, "hello", false);
	fds[1] = submit(pool, 1, "bad-word", true);
	fds[2] = submit(pool, 2, "hello", false);
	assert_int_equal(0, ms_pool_room(pool));
	wait_for(pool, &book, 3);
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(1, book.jobs[i].done);
		assert_int_equal(0, close(fds[i]));
	}
	/* Its only fact is the finding: no headers, no walk. */
	assert_int_equal(1, book.jobs[1].facts);
	assert_int_equal(1, book.jobs[1].findings);
	close_pool(pool, &book);
}

static struct ms_pool_config
picking_config(void)
{
	struct ms_pool_config config = config_for(2);

	config.zygote.parts = true;
	config.zygote.scan.pick.any = true;
	return config;
}

/* Bytes come back, as many as there are. */
static void
test_blobs(void **state)
{
	static const char *const texts[] = { "hello", "", "bad-word" };
	const struct ms_pool_config config = picking_config();
	struct book book;
	struct ms_pool *pool = open_pool(&config, &book);

	(void)state;
	/* Nothing waits behind what is worked on. */
	assert_int_equal(2, ms_pool_room(pool));
	for (unsigned round = 0; round < 30; round++)
		run(pool, &book, texts, G_N_ELEMENTS(texts));
	for (unsigned i = 0; i < 90; i++) {
		assert_int_equal(1, book.jobs[i].done);
		assert_int_equal(i % 3 == 1 ? 0 : 1, book.jobs[i].blobs);
	}
	close_pool(pool, &book);
}

/* A worker that lies about bytes, or does not listen, is one that broke the
 * protocol. */
static void
test_blob_faults(void **state)
{
	static const char *const words[] = { "fault-blob-bytes",
		"fault-blob-seal", "fault-blob-size", "fault-blob-flood" };

	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(words); i++) {
		const char *const texts[] = { "hello", words[i], "hello" };
		const struct ms_pool_config config = picking_config();
		struct book book;
		struct ms_pool *pool = open_pool(&config, &book);

		print_message("  %s\n", words[i]);
		run(pool, &book, texts, G_N_ELEMENTS(texts));
		assert_int_equal(1, book.jobs[0].done);
		assert_int_equal(1, book.jobs[1].died);
		assert_non_null(strstr(book.jobs[1].detail,
		    "broke the protocol"));
		assert_int_equal(1, book.jobs[2].done);
		close_pool(pool, &book);
	}
}

/* Whoever takes the bytes may find that they are not what was said, or that
 * nothing can be kept any more. */
static void
test_blob_refused(void **state)
{
	const struct ms_pool_config config = picking_config();
	struct ms_error err = { "" };
	struct ms_pool *pool;
	struct book book;
	int fd;

	(void)state;
	pool = open_pool(&config, &book);
	book.answer = MS_E_PEER;
	fd = submit(pool, 0, "hello", false);
	wait_for(pool, &book, 1);
	assert_int_equal(1, book.jobs[0].died);
	assert_int_equal(0, close(fd));
	close_pool(pool, &book);
	pool = open_pool(&config, &book);
	book.answer = MS_E_IO;
	fd = submit(pool, 0, "hello", false);
	for (int i = 0; i < 300 && *err.text == '\0'; i++)
		(void)ms_pool_wait(pool, 100, &err);
	assert_string_equal("no room", err.text);
	assert_int_equal(0, close(fd));
	close_pool(pool, &book);
}

/* A message without a byte needs no descriptor. */
static void
test_empty(void **state)
{
	const struct ms_pool_config config = config_for(1);
	const struct ms_pool_job job = { .id = 0, .fd = -1, .omitted = 9 };
	struct book book;
	struct ms_pool *pool = open_pool(&config, &book);

	(void)state;
	ms_pool_submit(pool, &job);
	wait_for(pool, &book, 1);
	assert_int_equal(1, book.jobs[0].done);
	assert_int_equal(1, book.jobs[0].gaps);
	close_pool(pool, &book);
}

static void
test_does_not_open(void **state)
{
	static const struct {
		const char *database, *want;
	} cases[] = {
		{ "none", "no signatures" },
		{ "crash", "died while it loaded" },
	};
	static const struct ms_pool_events events = { on_blob, on_fact,
		on_done, on_died };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct ms_pool_config config = config_for(2);
		struct ms_pool *pool = NULL;
		struct ms_error err = { "" };

		print_message("  %s\n", cases[i].database);
		config.zygote.engine.database = cases[i].database;
		assert_int_equal(MS_E_ENGINE, ms_pool_open(&config, &events,
		    NULL, &pool, &err));
		assert_non_null(strstr(err.text, cases[i].want));
		assert_null(pool);
		assert_int_equal(-1, waitpid(-1, NULL, WNOHANG));
	}
	ms_pool_close(NULL);
}

/* The one process that this one has started. */
static pid_t
child(void)
{
	char *path = g_strdup_printf("/proc/self/task/%ld/children",
	    (long)getpid());
	char *text = NULL;
	pid_t pid = 0;

	if (g_file_get_contents(path, &text, NULL, NULL))
		pid = (pid_t)g_ascii_strtoll(text, NULL, 10);
	g_free(text);
	g_free(path);
	return pid;
}

/* Without the zygote nothing will be done, and that is said. Its workers die
 * with it, whatever they do. */
static void
p4_zygote_killed(void **state)
{
	const struct ms_pool_config config = config_for(2);
	struct book book;
	struct ms_pool *pool = open_pool(&config, &book);
	struct ms_error err = { "" };
	enum ms_status status = MS_OK;
	int64_t until = ms_clock_ms() + 30 * 1000;
	int fd = submit(pool, 0, "fault-loop", false);

	(void)state;
	if (child() == 0) {
		print_message("  no list of children here\n");
		ms_pool_close(pool);
		(void)close(fd);
		skip();
	}
	assert_int_equal(0, kill(child(), SIGKILL));
	while (status == MS_OK && ms_clock_ms() < until)
		status = ms_pool_wait(pool, 100, &err);
	assert_int_equal(MS_E_PEER, status);
	assert_string_equal("the engine process died", err.text);
	assert_int_equal(0, book.over);
	assert_int_equal(0, close(fd));
	ms_pool_close(pool);
	close_book(&book);
}

/* The message that passed its deadline ends before the kill arrives: the one
 * behind it, which the kill then meets, is looked at again. */
static void
p4_late_kill(void **state)
{
	struct ms_pool_config config = config_for(1);
	struct ms_pool *pool;
	struct book book;
	int fds[2];

	(void)state;
	config.deadline_ms = DEADLINE_MS;
	pool = open_pool(&config, &book);
	if (child() == 0) {
		print_message("  no list of children here\n");
		ms_pool_close(pool);
		skip();
	}
	run(pool, &book, (const char *const[]){ "hello" }, 1);
	fds[0] = submit(pool, 1, "long-work", false);
	fds[1] = submit(pool, 2, "bad-word short-work", false);
	assert_int_equal(0, kill(child(), SIGSTOP));
	wait_for(pool, &book, 2);
	assert_int_equal(0, kill(child(), SIGCONT));
	wait_for(pool, &book, 3);
	assert_int_equal(1, book.jobs[1].done);
	assert_int_equal(0, book.jobs[2].died);
	assert_int_equal(1, book.jobs[2].done);
	/* Of the message and of its part, from the second look alone. */
	assert_int_equal(2, book.jobs[2].findings);
	for (unsigned i = 0; i < 2; i++)
		assert_int_equal(0, close(fds[i]));
	close_pool(pool, &book);
}

/* A worker that dies while it has nothing to do is no message's fault. */
static void
p4_idle_death(void **state)
{
	const struct ms_pool_config config = config_for(1);
	struct book book;
	struct ms_pool *pool = open_pool(&config, &book);
	int64_t until = ms_clock_ms() + 30 * 1000;
	pid_t worker;

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		run(pool, &book, (const char *const[]){ "who-are-you" }, 1);
		assert_true(g_str_has_prefix(book.jobs[i].finding, "Pid."));
		worker = (pid_t)g_ascii_strtoll(book.jobs[i].finding + 4,
		    NULL, 10);
		assert_true(worker > 1);
		assert_int_equal(0, kill(worker, SIGKILL));
		/* Nobody tells the pool, which does not listen. */
		while (kill(worker, 0) == 0)
			assert_true(ms_clock_ms() < until);
	}
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(1, book.jobs[i].done);
		assert_int_equal(0, book.jobs[i].died);
	}
	close_pool(pool, &book);
}

/* Closing does not wait for what workers do. */
static void
test_close_while_busy(void **state)
{
	const struct ms_pool_config config = config_for(2);
	struct book book;
	struct ms_pool *pool = open_pool(&config, &book);
	int64_t began = ms_clock_ms();
	int fds[6];

	(void)state;
	for (unsigned i = 0; i < G_N_ELEMENTS(fds); i++)
		fds[i] = submit(pool, i, "fault-loop", false);
	assert_int_equal(MS_OK, ms_pool_wait(pool, 0, NULL));
	close_pool(pool, &book);
	assert_true(ms_clock_ms() - began < 20 * 1000);
	for (unsigned i = 0; i < G_N_ELEMENTS(fds); i++)
		assert_int_equal(0, close(fds[i]));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain),
		cmocka_unit_test(p4_one_poisoned_message),
		cmocka_unit_test(p4_memory),
		cmocka_unit_test(p4_many_poisoned),
		cmocka_unit_test(p4_late_kill),
		cmocka_unit_test(p4_idle_death),
		cmocka_unit_test(test_recycle),
		cmocka_unit_test(test_reduced),
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_blobs),
		cmocka_unit_test(test_blob_faults),
		cmocka_unit_test(test_blob_refused),
		cmocka_unit_test(test_does_not_open),
		cmocka_unit_test(test_close_while_busy),
		/* Last: the directories of killed workers stay. */
		cmocka_unit_test(p4_zygote_killed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
