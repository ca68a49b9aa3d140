#include "state/marks.h"

#include <glib.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

/* Places for recent marks, a power of two, and so many are taken at most. */
#define PLACES 65536
#define RECENT_MAX 49152

/* Marks are asked for before their messages are scanned, and again before
 * they are put: that a mark is not in the store is kept from the one to the
 * other. */
enum what { FREE, ABSENT, KEPT };

struct recent {
	unsigned char mark[MS_SECRET_MARK];
	struct ms_marks_row row;
	enum what what;
};

struct ms_marks {
	struct ms_store *store;
	struct recent *recent;	/* PLACES of them: a mark is in the first free
				 * one from its own on */
	size_t count;		/* not FREE */
};

enum ms_status
ms_marks_gather(struct ms_store *store, struct ms_error *err)
{
	enum ms_status status = ms_store_do(store, "INSERT OR REPLACE INTO "
	    "message(mark, run, outcome) SELECT mark, run, outcome "
	    "FROM recent ORDER BY id", 0, err);

	return status == MS_OK ? ms_store_do(store, "DELETE FROM recent", 0,
	    err) : status;
}

enum ms_status
ms_marks_new(struct ms_store *store, struct ms_marks **result,
    struct ms_error *err)
{
	enum ms_status status = ms_marks_gather(store, err);

	if (status != MS_OK)
		return status;
	*result = g_new0(struct ms_marks, 1);
	(*result)->store = store;
	(*result)->recent = g_new0(struct recent, PLACES);
	return MS_OK;
}

void
ms_marks_free(struct ms_marks *marks)
{
	if (!marks)
		return;
	g_free(marks->recent);
	g_free(marks);
}

/* Where MARK is, or would be. */
static struct recent *
place(const struct ms_marks *marks, const unsigned char *mark)
{
	uint32_t at;

	/* Any piece of a mark is as good a hash as there is. */
	memcpy(&at, mark, sizeof at);
	for (at &= PLACES - 1; marks->recent[at].what != FREE &&
	    memcmp(marks->recent[at].mark, mark, MS_SECRET_MARK) != 0;)
		at = (at + 1) & (PLACES - 1);
	return &marks->recent[at];
}

static void
bind_row(struct sqlite3_stmt *query, const unsigned char *mark,
    const struct ms_marks_row *row)
{
	if (!query)
		return;
	(void)sqlite3_bind_blob(query, 1, mark, MS_SECRET_MARK,
	    SQLITE_STATIC);
	ms_store_bind(query, 2, row->run);
	ms_store_bind(query, 3, row->outcome);
}

/* The row of MARK as the table of all has it. */
static enum ms_status
look_up(struct ms_marks *marks, const unsigned char *mark,
    struct ms_marks_row *row, struct ms_error *err)
{
	struct sqlite3_stmt *query = ms_store_query(marks->store,
	    "SELECT run, outcome FROM message WHERE mark = ?");
	enum ms_status status;

	if (query)
		(void)sqlite3_bind_blob(query, 1, mark, MS_SECRET_MARK,
		    SQLITE_STATIC);
	status = ms_store_step(marks->store, query, err);
	if (status != MS_OK)
		return status;
	row->run = sqlite3_column_int64(query, 0);
	row->outcome = sqlite3_column_int64(query, 1);
	(void)sqlite3_reset(query);
	return MS_OK;
}

/* Note in RECENT, a place of MARKS, what is known of MARK. */
static void
note(struct ms_marks *marks, struct recent *recent,
    const unsigned char *mark, enum what what)
{
	marks->count += recent->what == FREE;
	memcpy(recent->mark, mark, MS_SECRET_MARK);
	recent->what = what;
}

enum ms_status
ms_marks_get(struct ms_marks *marks, const unsigned char mark[MS_SECRET_MARK],
    struct ms_marks_row *row, struct ms_error *err)
{
	struct recent *recent = place(marks, mark);
	enum ms_status status;

	*row = (struct ms_marks_row){ 0 };
	if (recent->what == KEPT)
		*row = recent->row;
	if (recent->what != FREE)
		return recent->what == KEPT ? MS_OK : MS_END;
	status = look_up(marks, mark, row, err);
	if (status == MS_END && marks->count < RECENT_MAX)
		note(marks, recent, mark, ABSENT);
	return status;
}

static int
by_mark(const void *a, const void *b)
{
	const struct recent *x = a, *y = b;

	/* What is to be kept comes first. */
	if (x->what != KEPT || y->what != KEPT)
		return (y->what == KEPT) - (x->what == KEPT);
	return memcmp(x->mark, y->mark, MS_SECRET_MARK);
}

enum ms_status
ms_marks_settle(struct ms_marks *marks, struct ms_error *err)
{
	enum ms_status status = MS_OK;

	if (marks->count == 0)
		return MS_OK;
	qsort(marks->recent, PLACES, sizeof *marks->recent, by_mark);
	for (size_t i = 0; status == MS_OK && i < PLACES &&
	    marks->recent[i].what == KEPT; i++) {
		const struct recent *recent = &marks->recent[i];
		struct sqlite3_stmt *query = ms_store_query(marks->store,
		    "INSERT OR REPLACE INTO message(mark, run, outcome) "
		    "VALUES(?, ?, nullif(?, 0))");

		bind_row(query, recent->mark, &recent->row);
		status = ms_store_run(marks->store, query, err);
	}
	memset(marks->recent, 0, PLACES * sizeof *marks->recent);
	marks->count = 0;
	return status == MS_OK ? ms_store_do(marks->store,
	    "DELETE FROM recent", 0, err) : status;
}

enum ms_status
ms_marks_put(struct ms_marks *marks, const unsigned char mark[MS_SECRET_MARK],
    const struct ms_marks_row *row, struct ms_error *err)
{
	struct sqlite3_stmt *query = ms_store_query(marks->store,
	    "INSERT INTO recent(mark, run, outcome) "
	    "VALUES(?, ?, nullif(?, 0))");
	struct recent *recent;
	enum ms_status status;

	bind_row(query, mark, row);
	status = ms_store_run(marks->store, query, err);
	if (status != MS_OK)
		return status;
	recent = place(marks, mark);
	note(marks, recent, mark, KEPT);
	recent->row = *row;
	return marks->count < RECENT_MAX ? MS_OK : ms_marks_settle(marks,
	    err);
}
