#include "message/occur.h"

#include <glib.h>

#include <stdint.h>
#include <string.h>
#include <sys/random.h>

/* Bytes to be searched that are searched word by word. */
#define PLAIN_MAX ((size_t)64 << 10)

/* Of so many words, that table is so sparse that it is seldom looked into in
 * vain. */
#define SPARSE_MAX ((size_t)4096)
#define SPARSE 8

/* Hashes are numbers below 2^31 - 1. */
#define BITS 31
#define PRIME (((uint64_t)1 << BITS) - 1)

/* No word. */
#define NONE UINT32_MAX

struct occur {
	const unsigned char *text;
	size_t size;
	struct ms_occur_word *words;
	uint64_t base;		/* of the hash: a polynomial in it */
	uint32_t first[MS_OCCUR_MAX + 1];	/* word of each size */
	uint32_t *next;		/* of the same size */
	uint32_t *same;		/* the first word with the same text */
	uint32_t *hashes;
	uint32_t *before;	/* of all text before each of its bytes, and of
				 * all of it */
	uint32_t *slots;	/* words of one size, by their hash */
	size_t mask;		/* the number of slots, less one */
};

static uint64_t
reduce(uint64_t x)
{
	x = (x & PRIME) + (x >> BITS);
	x = (x & PRIME) + (x >> BITS);
	return x >= PRIME ? x - PRIME : x;
}

static uint64_t
hash(const struct occur *o, const unsigned char *data, size_t size)
{
	uint64_t h = 0;

	for (size_t i = 0; i < size; i++)
		h = reduce(h * o->base + data[i]);
	return h;
}

/* A base that no word was made for. */
static uint64_t
choose_base(void)
{
	uint32_t random = 0;

	if (getrandom(&random, sizeof random, GRND_NONBLOCK) !=
	    sizeof random)
		random = 0x2545f491;
	return 256 + random % (PRIME - 512);
}

static bool
is_same(const struct occur *o, uint32_t a, uint32_t b)
{
	return o->hashes[a] == o->hashes[b] && memcmp(o->words[a].data,
	    o->words[b].data, o->words[a].size) == 0;
}

/* Put all words of SIZE into the slots. How many different ones are there? */
static size_t
fill(struct occur *o, size_t size)
{
	size_t count = 0, different = 0;

	for (uint32_t i = o->first[size]; i != NONE; i = o->next[i])
		count++;
	for (o->mask = 15; o->mask < (count > SPARSE_MAX ? 2 : SPARSE) *
	    count;)
		o->mask = 2 * o->mask + 1;
	memset(o->slots, 0xff, (o->mask + 1) * sizeof *o->slots);
	for (uint32_t i = o->first[size]; i != NONE; i = o->next[i]) {
		size_t at;

		o->hashes[i] = (uint32_t)hash(o, o->words[i].data, size);
		at = o->hashes[i] & o->mask;
		while (o->slots[at] != NONE && !is_same(o, o->slots[at], i))
			at = (at + 1) & o->mask;
		if (o->slots[at] == NONE) {
			o->slots[at] = i;
			different++;
		}
		o->same[i] = o->slots[at];
	}
	return different;
}

/* The bytes at TEXT have hash H. Is that a word of SIZE, and a new one? */
static bool
look_up(const struct occur *o, uint64_t h, const unsigned char *text,
    size_t size)
{
	for (size_t at = h & o->mask; o->slots[at] != NONE;
	    at = (at + 1) & o->mask) {
		const uint32_t i = o->slots[at];
		struct ms_occur_word *word = &o->words[i];

		if (o->hashes[i] != h || memcmp(word->data, text, size) != 0)
			continue;
		if (word->found)
			return false;
		return word->found = true;
	}
	return false;
}

/* Look for all words of SIZE. */
static void
search(struct occur *o, size_t size)
{
	const unsigned char *text = o->text;
	uint64_t power = 1;
	size_t left;

	if (o->first[size] == NONE || size > o->size)
		return;
	left = fill(o, size);
	for (size_t i = 0; i < size; i++)
		power = reduce(power * o->base);
	/* What comes before it is taken off. */
	power = PRIME - power;
	for (size_t i = 0; left > 0 && i + size <= o->size; i++)
		if (look_up(o, reduce(o->before[i + size] + o->before[i] *
		    power), text + i, size))
			left--;
}

static void
hash_text(struct occur *o)
{
	uint64_t h = 0;

	o->before = g_new(uint32_t, o->size + 1);
	o->before[0] = 0;
	for (size_t i = 0; i < o->size; i++) {
		h = reduce(h * o->base + o->text[i]);
		o->before[i + 1] = (uint32_t)h;
	}
}

/* Sort the words by their size. */
static void
begin(struct occur *o, unsigned count)
{
	memset(o->first, 0xff, sizeof o->first);
	for (uint32_t i = 0; i < count; i++) {
		const size_t size = o->words[i].size;

		o->words[i].found = false;
		o->same[i] = i;
		if (size == 0 || size > MS_OCCUR_MAX)
			continue;
		o->next[i] = o->first[size];
		o->first[size] = i;
	}
}

static void
search_each(const unsigned char *text, size_t size,
    struct ms_occur_word *words, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		words[i].found = words[i].size > 0 &&
		    words[i].size <= MS_OCCUR_MAX &&
		    memmem(text, size, words[i].data, words[i].size);
}

void
ms_occur(const unsigned char *text, size_t size, struct ms_occur_word *words,
    unsigned count)
{
	struct occur o = { .text = text, .size = size, .words = words };

	if (count == 0 || size <= PLAIN_MAX / count) {
		search_each(text, size, words, count);
		return;
	}
	o.base = choose_base();
	o.next = g_new(uint32_t, count);
	o.same = g_new(uint32_t, count);
	o.hashes = g_new(uint32_t, count);
	o.slots = g_new(uint32_t, 4 * (size_t)count + 2 * SPARSE *
	    MIN(count, SPARSE_MAX) + 16);
	hash_text(&o);
	begin(&o, count);
	for (size_t length = 1; length <= MS_OCCUR_MAX; length++)
		search(&o, length);
	for (unsigned i = 0; i < count; i++)
		words[i].found = words[o.same[i]].found;
	g_free(o.before);
	g_free(o.slots);
	g_free(o.hashes);
	g_free(o.same);
	g_free(o.next);
}
