#include "pipeline/pieces.h"

#include "base/hash.h"
#include "pool/frame.h"

#include <errno.h>
#include <unistd.h>

/* Times that one message is put together: pieces that come twice, or a total
 * that lies, make it more than once, and each time costs all of it. */
#define JOINS_MAX 16

/* Where in the spool a piece lies. */
struct stored {
	uint64_t at, size;
	GArray *owners;		/* of uint64_t: it may come more than once */
	struct ms_digest sha256;
};

/* The pieces of one message. */
struct set {
	GHashTable *stored;	/* struct stored by number; the latest */
	uint32_t run;		/* numbers from 1 to here are there */
	uint32_t total;		/* the least that a piece stated; 0: none */
	unsigned joins;
	bool doubtful;		/* a number came with different contents */
};

struct ms_pieces {
	GHashTable *sets;	/* by the whole message's id */
	struct ms_spool *spool;
	char *dir;
	uint64_t bytes_max;
	unsigned count;
	struct set *whole;	/* the latest */
};

static void
free_stored(gpointer data)
{
	struct stored *stored = data;

	g_array_unref(stored->owners);
	g_free(stored);
}

static void
free_set(gpointer data)
{
	struct set *set = data;

	g_hash_table_unref(set->stored);
	g_free(set);
}

struct ms_pieces *
ms_pieces_new(const char *dir, uint64_t bytes_max)
{
	struct ms_pieces *pieces = g_new0(struct ms_pieces, 1);
	struct ms_spool_config config = { 0 };

	pieces->dir = g_strdup(dir);
	config.dir = pieces->dir;
	pieces->spool = ms_spool_new(&config);
	pieces->bytes_max = bytes_max;
	pieces->sets = g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
	    free_set);
	return pieces;
}

void
ms_pieces_free(struct ms_pieces *pieces)
{
	if (!pieces)
		return;
	g_hash_table_unref(pieces->sets);
	ms_spool_free(pieces->spool);
	g_free(pieces->dir);
	g_free(pieces);
}

/* Append the bytes of FD in RANGE to the spool, and feed HASH. */
static enum ms_status
store(struct ms_pieces *pieces, int fd, const uint64_t range[2],
    struct ms_hash *hash, struct ms_error *err)
{
	uint64_t at = range[0], end = range[0] + range[1];
	enum ms_status status = MS_OK;
	unsigned char block[65536];

	while (status == MS_OK && at < end) {
		ssize_t n = pread(fd, block, MIN(end - at, sizeof block),
		    (off_t)at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return ms_error_errno(err, "piece of a message");
		if (n == 0)
			return ms_error_set(err, MS_E_IO,
			    "piece of a message: ends too early");
		ms_hash_feed(hash, block, (size_t)n);
		status = ms_spool_write(pieces->spool, block, (size_t)n, err);
		at += (uint64_t)n;
	}
	return status;
}

static struct set *
find_set(struct ms_pieces *pieces, const char *id)
{
	struct set *set = g_hash_table_lookup(pieces->sets, id);

	if (set)
		return set;
	set = g_new0(struct set, 1);
	set->stored = g_hash_table_new_full(NULL, NULL, NULL, free_stored);
	g_hash_table_insert(pieces->sets, g_strdup(id), set);
	return set;
}

static const struct stored *
piece_of(const struct set *set, uint32_t number)
{
	return g_hash_table_lookup(set->stored, GUINT_TO_POINTER(number));
}

/* Keep STORED, which OWNER has, under NUMBER of SET. */
static void
put(struct set *set, uint32_t number, const struct stored *stored,
    uint64_t owner)
{
	const struct stored *before = piece_of(set, number);
	struct stored *copy = g_memdup2(stored, sizeof *stored);

	if (before && ms_hash_equal(&before->sha256, &stored->sha256))
		copy->owners = g_array_ref(before->owners);
	else
		copy->owners = g_array_new(FALSE, FALSE, sizeof owner);
	set->doubtful |= before && copy->owners->len == 0;
	g_array_append_val(copy->owners, owner);
	g_hash_table_replace(set->stored, GUINT_TO_POINTER(number), copy);
}

/* Note PIECE in its set. MS_OK if the message is whole with it. */
static enum ms_status
note(struct ms_pieces *pieces, const struct ms_piece *piece,
    const struct stored *stored, uint64_t owner)
{
	struct set *set = find_set(pieces, piece->id);

	put(set, piece->number, stored, owner);
	while (set->run < UINT32_MAX && piece_of(set, set->run + 1))
		set->run++;
	if (piece->total > 0 && (set->total == 0 ||
	    piece->total < set->total))
		set->total = piece->total;
	if (set->total == 0 || set->run < set->total ||
	    piece->number > set->run)
		return MS_END;
	pieces->whole = set;
	return MS_OK;
}

enum ms_status
ms_pieces_add(struct ms_pieces *pieces, const struct ms_piece *piece,
    int fd, const uint64_t range[2], uint64_t owner, struct ms_error *err)
{
	struct stored stored = { .at = ms_spool_size(pieces->spool),
		.size = range[1] };
	struct ms_hash *hash;
	enum ms_status status;

	if (piece->number == 0)
		return ms_error_set(err, MS_E_LIMIT, "piece number 0");
	if (++pieces->count > MS_PIECES_MAX ||
	    range[1] > pieces->bytes_max - MIN(pieces->bytes_max, stored.at))
		return ms_error_set(err, MS_E_LIMIT,
		    "too many pieces of messages to keep them all");
	hash = ms_hash_new();
	status = store(pieces, fd, range, hash, err);
	stored.sha256 = ms_hash_end(hash);
	ms_hash_free(hash);
	return status == MS_OK ? note(pieces, piece, &stored, owner) :
	    status;
}

/* Append what STORED says to SPOOL. */
static enum ms_status
fetch(struct ms_pieces *pieces, const struct stored *stored, uint64_t max,
    struct ms_spool *spool, struct ms_error *err)
{
	enum ms_status status = MS_OK;
	unsigned char block[65536];
	size_t got;

	for (uint64_t at = 0; status == MS_OK && at < stored->size;
	    at += got) {
		status = ms_spool_read(pieces->spool, stored->at + at, block,
		    MIN(stored->size - at, sizeof block), &got, err);
		if (status == MS_OK && ms_spool_size(spool) + got > max)
			status = ms_error_set(err, MS_E_LIMIT,
			    "larger than one message may be");
		if (status == MS_OK)
			status = ms_spool_write(spool, block, got, err);
	}
	return status;
}

enum ms_status
ms_pieces_join(struct ms_pieces *pieces, uint64_t max,
    struct ms_spool *spool, GArray *owners, struct ms_error *err)
{
	struct set *set = pieces->whole;
	enum ms_status status = MS_OK;

	if (++set->joins > JOINS_MAX)
		return ms_error_set(err, MS_E_LIMIT,
		    "put together too many times");
	for (uint32_t i = 1; status == MS_OK && i <= set->run; i++) {
		const struct stored *stored = piece_of(set, i);

		g_array_append_vals(owners, stored->owners->data,
		    stored->owners->len);
		status = fetch(pieces, stored, max, spool, err);
	}
	return status;
}

bool
ms_pieces_doubtful(const struct ms_pieces *pieces, const char *id)
{
	const struct set *set = g_hash_table_lookup(pieces->sets, id);

	return set && set->doubtful;
}

void
ms_pieces_note(const unsigned char *frame, size_t size,
    struct ms_facts_piece *piece)
{
	struct ms_facts facts;

	if (ms_frame_type(frame, size) != MS_FRAME_PIECE)
		return;
	ms_facts_init(&facts);
	(void)ms_frame_read_fact(frame, size, &facts);
	*piece = facts.piece;
	facts.piece.id = NULL;
	ms_facts_clear(&facts);
}

void
ms_pieces_tell(const struct ms_facts_piece *piece, struct ms_facts *facts)
{
	char *total = piece->total > 0 ?
	    g_strdup_printf(" of %u", piece->total) : g_strdup("");
	char *detail = g_strdup_printf("piece %u%s of the message %s, which "
	    "did not come together", piece->number, total, piece->id);

	ms_facts_gap(facts, MS_REASON_TRUNCATED, "", detail);
	g_free(detail);
	g_free(total);
}
