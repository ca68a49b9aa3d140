#include "report/htmltally.h"

#include <glib.h>
#include <string.h>

struct ms_htmltally {
	GHashTable *items;	/* name to struct ms_htmltally_item * */
	struct ms_htmltally_item further;
	bool full;
};

struct ms_htmltally *
ms_htmltally_new(void)
{
	struct ms_htmltally *tally = g_new0(struct ms_htmltally, 1);

	tally->items = g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
	    g_free);
	return tally;
}

void
ms_htmltally_free(struct ms_htmltally *tally)
{
	if (!tally)
		return;
	g_hash_table_unref(tally->items);
	g_free(tally);
}

void
ms_htmltally_add(struct ms_htmltally *tally, const char *name,
    enum ms_htmltally_kind kind)
{
	char *key = g_strndup(name, MS_HTMLTALLY_NAME_BYTES);
	struct ms_htmltally_item *item = g_hash_table_lookup(tally->items,
	    key);

	if (!item && g_hash_table_size(tally->items) >=
	    MS_HTMLTALLY_NAMES_MAX) {
		tally->full = true;
		item = &tally->further;
	} else if (!item) {
		item = g_new0(struct ms_htmltally_item, 1);
		item->name = key;
		g_hash_table_insert(tally->items, key, item);
		key = NULL;
	}
	item->counts[kind]++;
	g_free(key);
}

size_t
ms_htmltally_names(const struct ms_htmltally *tally)
{
	return g_hash_table_size(tally->items);
}

bool
ms_htmltally_is_full(const struct ms_htmltally *tally)
{
	return tally->full;
}

static int
by_counts(const void *a, const void *b)
{
	const struct ms_htmltally_item *x = *(void *const *)a;
	const struct ms_htmltally_item *y = *(void *const *)b;

	for (int kind = 0; kind < MS_HTMLTALLY_KINDS; kind++)
		if (x->counts[kind] != y->counts[kind])
			return x->counts[kind] > y->counts[kind] ? -1 : 1;
	return strcmp(x->name, y->name);
}

static void
sum_up(struct ms_htmltally_item *sum, const uint64_t *counts)
{
	for (int kind = 0; kind < MS_HTMLTALLY_KINDS; kind++)
		sum->counts[kind] += counts[kind];
}

static bool
is_zero(const uint64_t *counts)
{
	return counts[MS_HTMLTALLY_FOUND] == 0 &&
	    counts[MS_HTMLTALLY_OPEN] == 0;
}

size_t
ms_htmltally_top(const struct ms_htmltally *tally, size_t max,
    struct ms_htmltally_item *items)
{
	GPtrArray *sorted = g_ptr_array_new();
	struct ms_htmltally_item rest = tally->further;
	GHashTableIter iter;
	size_t count = 0;
	void *value;

	g_hash_table_iter_init(&iter, tally->items);
	while (g_hash_table_iter_next(&iter, NULL, &value))
		g_ptr_array_add(sorted, value);
	g_ptr_array_sort(sorted, by_counts);
	for (guint i = 0; i < sorted->len; i++) {
		const struct ms_htmltally_item *item = sorted->pdata[i];

		if (count < max)
			items[count++] = *item;
		else
			sum_up(&rest, item->counts);
	}
	g_ptr_array_unref(sorted);
	if (!is_zero(rest.counts))
		items[count++] = rest;
	return count;
}

void
ms_htmltally_month(struct ms_htmltally_months *months, int year, int month,
    enum ms_htmltally_kind kind)
{
	int at = (year - MS_HTMLTALLY_YEAR) * 12 + month - 1;

	if (year == 0)
		months->none[kind]++;
	else if (at < 0 || at >= MS_HTMLTALLY_MONTHS)
		months->odd[kind]++;
	else
		months->counts[at][kind]++;
}

size_t
ms_htmltally_span(const struct ms_htmltally_months *months, size_t last,
    size_t span, size_t *first)
{
	size_t end = MIN(last + 1, MS_HTMLTALLY_MONTHS), start;

	while (end > 0 && is_zero(months->counts[end - 1]))
		end--;
	start = end > span ? end - span : 0;
	while (start < end && is_zero(months->counts[start]))
		start++;
	*first = start;
	return end - start;
}

struct ms_htmltally_item
ms_htmltally_before(const struct ms_htmltally_months *months, size_t first)
{
	struct ms_htmltally_item sum = { 0 };

	for (size_t i = 0; i < first; i++)
		sum_up(&sum, months->counts[i]);
	return sum;
}

struct ms_htmltally_item
ms_htmltally_after(const struct ms_htmltally_months *months, size_t end)
{
	struct ms_htmltally_item sum = { 0 };

	for (size_t i = end; i < MS_HTMLTALLY_MONTHS; i++)
		sum_up(&sum, months->counts[i]);
	return sum;
}
