#include "action/compact.h"

#include "base/at.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What is moved at a time: so that there are few steps, and no more than so
 * much memory and disk space is taken. */
#define SLOT_MIN 65536u
#define SLOT_MAX (8u << 20)
#define STEPS 16

/* Bytes looked at in each place that shows whether others have changed the
 * mailbox. */
#define WITNESS 4096u

/* As they are in the journal: two numbers each, lowest byte first. */
#define HOLE_SIZE 16

/* A mailbox on the way. */
struct run {
	const struct ms_lock_target *box;
	struct ms_lock *lock;
	struct ms_journal *journal;
	struct ms_journal_head head;
	struct ms_compact_hole *holes;
	size_t hole;		/* the first that is not before NEXT */
	uint64_t number;	/* of the last record */
	uint64_t to;		/* up to here it is as it will be */
	uint64_t next;		/* from here on it is to be moved */
	uint64_t size;
	unsigned char *data;	/* of head.slot bytes */
};

static enum ms_status
read_box(const struct run *run, uint64_t offset, void *data, size_t size,
    struct ms_error *err)
{
	size_t got;

	if (ms_at_read(run->box->fd, offset, data, size, &got) != MS_OK)
		return ms_error_errno(err, "cannot read %s", run->box->path);
	return got == size ? MS_OK : ms_error_set(err, MS_E_FORMAT,
	    "%s is shorter than it was", run->box->path);
}

static enum ms_status
write_box(const struct run *run, uint64_t offset, const void *data,
    size_t size, struct ms_error *err)
{
	if (ms_at_write(run->box->fd, offset, data, size) != MS_OK ||
	    fsync(run->box->fd) != 0)
		return ms_error_errno(err, "cannot write to %s",
		    run->box->path);
	return MS_OK;
}

static enum ms_status
find_size(struct run *run, struct ms_error *err)
{
	struct stat st;

	if (fstat(run->box->fd, &st) != 0)
		return ms_error_errno(err, "%s", run->box->path);
	run->size = (uint64_t)st.st_size;
	return MS_OK;
}

static enum ms_status
feed_window(const struct run *run, struct ms_hash *hash, uint64_t from,
    uint64_t end, struct ms_error *err)
{
	unsigned char block[WITNESS];
	size_t n = (size_t)MIN(WITNESS, end > from ? end - from : 0);
	enum ms_status status = read_box(run, from, block, n, err);

	ms_hash_feed(hash, &n, sizeof n);
	if (status == MS_OK)
		ms_hash_feed(hash, block, n);
	return status;
}

/* What stays what it is while RECORD is the last one: the bytes before its
 * destination, those that are next, and those that were last. */
static enum ms_status
find_witness(const struct run *run, const struct ms_journal_record *record,
    struct ms_digest *digest, struct ms_error *err)
{
	uint64_t before = record->to - MIN(record->to, WITNESS);
	uint64_t last = record->box_size - MIN(record->box_size, WITNESS);
	struct ms_hash *hash = ms_hash_new();
	enum ms_status status;

	status = feed_window(run, hash, before, record->to, err);
	if (status == MS_OK)
		status = feed_window(run, hash, record->next,
		    record->box_size, err);
	if (status == MS_OK)
		status = feed_window(run, hash, MAX(last, record->next),
		    record->box_size, err);
	*digest = ms_hash_end(hash);
	ms_hash_free(hash);
	return status;
}

/* Write down a piece in the slot that is not the last one, on disk. */
static enum ms_status
write_record(struct run *run, const struct ms_journal_record *what,
    struct ms_error *err)
{
	struct ms_journal_record record = *what;
	unsigned char block[MS_JOURNAL_BLOCK];
	enum ms_status status;
	uint64_t at;

	record.number = ++run->number;
	record.box_size = run->size;
	record.data = ms_hash_of(run->data, (size_t)record.length);
	at = ms_journal_slot(&run->head, record.number % 2);
	status = find_witness(run, &record, &record.witness, err);
	if (status == MS_OK)
		status = ms_journal_write(run->journal,
		    at + MS_JOURNAL_BLOCK, run->data, (size_t)record.length,
		    err);
	ms_journal_put_record(&record, block);
	if (status == MS_OK)
		status = ms_journal_write(run->journal, at, block,
		    sizeof block, err);
	return status == MS_OK ? ms_journal_sync(run->journal, false, err) :
	    status;
}

/* Fill the slot with what is next, holes left out. */
static enum ms_status
gather(struct run *run, size_t *length, struct ms_error *err)
{
	enum ms_status status = MS_OK;
	size_t n = 0;

	while (status == MS_OK && n < run->head.slot) {
		uint64_t end = run->size;
		size_t part;

		if (run->hole < run->head.holes) {
			const struct ms_compact_hole *hole =
			    run->holes + run->hole;

			if (run->next == hole->offset) {
				run->next += hole->length;
				run->hole++;
				continue;
			}
			end = hole->offset;
		}
		if (run->next >= end)
			break;
		part = (size_t)MIN(run->head.slot - n, end - run->next);
		status = read_box(run, run->next, run->data + n, part, err);
		n += part;
		run->next += part;
	}
	*length = n;
	return status;
}

static enum ms_status
move_all(struct run *run, struct ms_error *err)
{
	struct ms_journal_record record = { .length = 0 };
	enum ms_status status;
	size_t length;

	for (;;) {
		status = gather(run, &length, err);
		if (status != MS_OK || length == 0)
			return status;
		record.to = run->to;
		record.length = length;
		record.next = run->next;
		status = write_record(run, &record, err);
		if (status == MS_OK)
			status = ms_lock_refresh(run->lock, err);
		if (status == MS_OK)
			status = write_box(run, run->to, run->data, length,
			    err);
		if (status != MS_OK)
			return status;
		run->to += length;
	}
}

/* A few bytes that no mail begins with, as many as there is room for. */
static void
make_token(char token[MS_HASH_HEX], uint64_t room)
{
	char text[MS_HASH_HEX];

	(void)snprintf(text, sizeof text, "~mailscan %08x%08x%08x~\n",
	    g_random_int(), g_random_int(), g_random_int());
	(void)g_strlcpy(token, text, (gsize)MIN(MS_HASH_HEX, room + 1));
}

/*
 * All was moved: cut off the rest. To know afterwards whether that happened,
 * as somebody may append as much as was cut off, the rest begins with a token
 * that the journal has, too.
 */
static enum ms_status
cut_off(struct run *run, struct ms_error *err)
{
	struct ms_journal_record record = {
		.to = run->to, .next = run->next, .ending = true
	};
	enum ms_status status;

	/* If nothing had to be moved, this is the first thing that changes. */
	if (run->number == 0) {
		const struct ms_journal_record first = {
			.to = run->to, .next = run->next
		};

		status = write_record(run, &first, err);
		if (status != MS_OK)
			return status;
	}
	make_token(record.token, run->size - run->to);
	status = write_box(run, run->to, record.token, strlen(record.token),
	    err);
	if (status == MS_OK)
		status = write_record(run, &record, err);
	if (status == MS_OK)
		status = ms_lock_refresh(run->lock, err);
	if (status != MS_OK)
		return status;
	if (ftruncate(run->box->fd, (off_t)run->to) != 0 ||
	    fsync(run->box->fd) != 0)
		return ms_error_errno(err, "cannot cut off %s",
		    run->box->path);
	return MS_OK;
}

static enum ms_status
finish(struct run *run, struct ms_error *err)
{
	enum ms_status status = move_all(run, err);

	if (status == MS_OK)
		status = cut_off(run, err);
	return status == MS_OK ? ms_journal_remove(run->journal, err) : status;
}

static void
put_number(unsigned char *p, uint64_t n)
{
	for (unsigned i = 0; i < 8; i++)
		p[i] = (unsigned char)(n >> 8 * i);
}

static uint64_t
get_number(const unsigned char *p)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < 8; i++)
		n |= (uint64_t)p[i] << 8 * i;
	return n;
}

/* The journal up to the moment when it counts. */
static enum ms_status
prepare(struct run *run, struct ms_error *err)
{
	const size_t count = (size_t)run->head.holes;
	unsigned char *plan = g_malloc_n(count, HOLE_SIZE);
	unsigned char block[MS_JOURNAL_BLOCK];
	enum ms_status status;

	for (size_t i = 0; i < count; i++) {
		put_number(plan + i * HOLE_SIZE, run->holes[i].offset);
		put_number(plan + i * HOLE_SIZE + 8, run->holes[i].length);
	}
	run->head.content = ms_hash_of(plan, count * HOLE_SIZE);
	ms_journal_put_head(&run->head, block);
	status = ms_journal_reserve(run->journal,
	    ms_journal_slot(&run->head, 2), err);
	if (status == MS_OK)
		status = ms_journal_write(run->journal, MS_JOURNAL_BLOCK,
		    plan, count * HOLE_SIZE, err);
	if (status == MS_OK)
		status = ms_journal_write(run->journal, 0, block,
		    sizeof block, err);
	g_free(plan);
	return status == MS_OK ? ms_journal_sync(run->journal, true, err) :
	    status;
}

static void
clear(struct run *run)
{
	g_free(run->data);
	g_free(run->holes);
}

/* Everything but the journal. */
static enum ms_status
begin(struct run *run, const struct ms_compact_hole *holes, size_t count,
    struct ms_error *err)
{
	struct ms_journal_head *head = &run->head;
	enum ms_status status = find_size(run, err);
	struct stat st;

	if (status != MS_OK)
		return status;
	if (fstat(run->box->fd, &st) != 0)
		return ms_error_errno(err, "%s", run->box->path);
	head->kind = MS_JOURNAL_COMPACT;
	head->dev = st.st_dev;
	head->ino = st.st_ino;
	head->box_size = run->size;
	head->holes = count;
	head->slot = CLAMP((run->size - holes[0].offset) / STEPS, SLOT_MIN,
	    SLOT_MAX);
	run->holes = g_memdup2(holes, count * sizeof *holes);
	run->data = g_malloc(head->slot);
	run->to = run->next = holes[0].offset;
	return MS_OK;
}

enum ms_status
ms_compact(const struct ms_lock_target *box, struct ms_lock *lock,
    const struct ms_compact_hole *holes, size_t count, struct ms_error *err)
{
	struct run run = { .box = box, .lock = lock };
	enum ms_status status;

	if (count == 0)
		return MS_OK;
	status = begin(&run, holes, count, err);
	if (status == MS_OK)
		status = ms_journal_make(box, &run.journal, err);
	if (status != MS_OK) {
		clear(&run);
		return status;
	}
	status = prepare(&run, err);
	if (status != MS_OK) {
		/* If it stays, it is one of which nothing was done. */
		(void)ms_journal_remove(run.journal, NULL);
	} else {
		status = finish(&run, err);
		if (status != MS_OK)
			ms_error_context(err, "%s: a journal is pending; "
			    "mailscan mailbox recover goes on", box->path);
	}
	ms_journal_close(run.journal);
	clear(&run);
	return status;
}

/* Holes that can be in a mailbox, ascending? */
static bool
are_sane(const struct run *run)
{
	uint64_t end = 0;

	for (size_t i = 0; i < run->head.holes; i++) {
		const struct ms_compact_hole *hole = run->holes + i;

		if (hole->offset < end || hole->length == 0 ||
		    hole->offset > run->head.box_size ||
		    hole->length > run->head.box_size - hole->offset)
			return false;
		end = hole->offset + hole->length;
	}
	return run->head.holes > 0 && run->head.slot >= SLOT_MIN &&
	    run->head.slot <= SLOT_MAX;
}

/* The holes from the journal. MS_END: it was not written to its end. */
static enum ms_status
read_plan(struct run *run, struct ms_error *err)
{
	const size_t count = (size_t)run->head.holes;
	struct ms_digest digest;
	unsigned char *plan;
	enum ms_status status;

	/* There are at most 2^32 of them. */
	if (ms_journal_size(run->journal) < MS_JOURNAL_BLOCK +
	    run->head.holes * HOLE_SIZE)
		return MS_END;
	plan = g_malloc_n(count + 1, HOLE_SIZE);
	status = ms_journal_read(run->journal, MS_JOURNAL_BLOCK, plan,
	    count * HOLE_SIZE, err);
	digest = ms_hash_of(plan, status == MS_OK ? count * HOLE_SIZE : 0);
	if (status == MS_E_FORMAT || (status == MS_OK &&
	    !ms_hash_equal(&digest, &run->head.content)))
		status = MS_END;
	run->holes = g_new0(struct ms_compact_hole, count + 1);
	for (size_t i = 0; i < count && status == MS_OK; i++) {
		run->holes[i].offset = get_number(plan + i * HOLE_SIZE);
		run->holes[i].length = get_number(plan + i * HOLE_SIZE + 8);
	}
	g_free(plan);
	if (status == MS_OK && !are_sane(run))
		return ms_error_set(err, MS_E_FORMAT,
		    "it says what cannot be");
	return status;
}

/* The record in slot I, if there is a whole one: then with its bytes in
 * run->data. */
static enum ms_status
read_slot(struct run *run, unsigned i, struct ms_journal_record *record,
    struct ms_error *err)
{
	const uint64_t at = ms_journal_slot(&run->head, i);
	unsigned char block[MS_JOURNAL_BLOCK];
	struct ms_digest digest;
	enum ms_status status;

	status = ms_journal_read(run->journal, at, block, sizeof block, err);
	if (status == MS_OK)
		status = ms_journal_get_record(block, record, err);
	if (status == MS_OK && record->length > run->head.slot)
		status = ms_error_set(err, MS_E_FORMAT,
		    "a record says what cannot be");
	if (status == MS_OK)
		status = ms_journal_read(run->journal, at + MS_JOURNAL_BLOCK,
		    run->data, (size_t)record->length, err);
	if (status != MS_OK)
		return status;
	digest = ms_hash_of(run->data, (size_t)record->length);
	return ms_hash_equal(&digest, &record->data) ? MS_OK :
	    ms_error_set(err, MS_E_FORMAT, "a record is not whole");
}

/* The last record that was written whole. MS_END: there is none. */
static enum ms_status
find_last(struct run *run, struct ms_journal_record *last,
    struct ms_error *err)
{
	struct ms_journal_record records[2];
	enum ms_status status[2];
	unsigned i;

	for (i = 0; i < 2; i++) {
		status[i] = read_slot(run, i, records + i, err);
		if (status[i] != MS_OK && status[i] != MS_E_FORMAT)
			return status[i];
	}
	if (status[0] != MS_OK && status[1] != MS_OK)
		return MS_END;
	i = status[0] != MS_OK || (status[1] == MS_OK &&
	    records[1].number > records[0].number);
	return read_slot(run, i, last, err);
}

/* Go to where RECORD says that the run was, if that can be. */
static enum ms_status
resume(struct run *run, const struct ms_journal_record *record,
    struct ms_error *err)
{
	uint64_t gone = 0;

	run->number = record->number;
	run->to = record->to + record->length;
	run->next = record->next;
	for (run->hole = 0; run->hole < run->head.holes; run->hole++) {
		const struct ms_compact_hole *hole = run->holes + run->hole;

		if (hole->offset + hole->length > record->next)
			break;
		gone += hole->length;
	}
	if ((run->hole < run->head.holes &&
	    run->holes[run->hole].offset < record->next) ||
	    record->next < gone || record->next - gone != run->to ||
	    gone == 0)
		return ms_error_set(err, MS_E_FORMAT,
		    "a record says what cannot be");
	return MS_OK;
}

/* Have others left the mailbox alone, but for appending to it? */
static enum ms_status
check_box(const struct run *run, const struct ms_journal_record *record,
    struct ms_error *err)
{
	struct ms_digest digest;
	enum ms_status status;

	if (run->size < record->box_size)
		return ms_error_set(err, MS_E_FORMAT,
		    "others have made it shorter");
	status = find_witness(run, record, &digest, err);
	if (status == MS_OK && !ms_hash_equal(&digest, &record->witness))
		status = ms_error_set(err, MS_E_FORMAT,
		    "others have changed it");
	return status;
}

/*
 * Is what RECORD, an ending one, wanted cut off gone? Then there is nothing at
 * its place, or mail that came since. A file system that lost power while it
 * cut off may have cleared the rest of a block, and not have done the rest.
 */
static enum ms_status
is_cut_off(const struct run *run, const struct ms_journal_record *record,
    bool *gone, struct ms_error *err)
{
	const size_t size = strlen(record->token);
	char there[MS_HASH_HEX];
	size_t got;

	if (ms_at_read(run->box->fd, record->to, there, size, &got) != MS_OK)
		return ms_error_errno(err, "cannot read %s", run->box->path);
	*gone = got != size;
	for (size_t i = 0; i < got; i++)
		if (there[i] != record->token[i] && there[i] != '\0')
			*gone = true;
	return MS_OK;
}

static enum ms_status
go_on(struct run *run, const struct ms_journal_record *last,
    struct ms_error *err)
{
	enum ms_status status = resume(run, last, err);
	bool gone = false;

	if (status == MS_OK && last->ending)
		status = is_cut_off(run, last, &gone, err);
	if (status == MS_OK && gone)
		return fsync(run->box->fd) == 0 ?
		    ms_journal_remove(run->journal, err) :
		    ms_error_errno(err, "cannot write to %s", run->box->path);
	if (status == MS_OK)
		status = check_box(run, last, err);
	/* Before it is acted upon it has to be on disk, as at first. */
	if (status == MS_OK)
		status = ms_journal_sync(run->journal, true, err);
	if (status == MS_OK && last->length > 0)
		status = write_box(run, last->to, run->data,
		    (size_t)last->length, err);
	return status == MS_OK ? finish(run, err) : status;
}

enum ms_status
ms_compact_recover(const struct ms_lock_target *box, struct ms_lock *lock,
    struct ms_journal *journal, const struct ms_journal_head *head,
    char **what, struct ms_error *err)
{
	struct run run = { .box = box, .lock = lock, .journal = journal,
		.head = *head };
	struct ms_journal_record last;
	enum ms_status status = read_plan(&run, err);
	uint64_t bytes = 0;

	for (size_t i = 0; i < head->holes && status == MS_OK; i++)
		bytes += run.holes[i].length;
	if (status == MS_OK) {
		run.data = g_malloc(head->slot);
		status = find_size(&run, err);
	}
	if (status == MS_OK)
		status = find_last(&run, &last, err);
	if (status == MS_END) {
		*what = g_strdup("messages were about to be removed, and were "
		    "not");
		status = ms_journal_remove(journal, err);
	} else if (status == MS_OK) {
		status = go_on(&run, &last, err);
		if (status == MS_OK)
			*what = g_strdup_printf("%" PRIu64 " bytes in %" PRIu64
			    " places are now removed", bytes, head->holes);
	}
	clear(&run);
	return status;
}
