#ifndef MS_STORE_MADE_H
#define MS_STORE_MADE_H

#include "state/store.h"

#include <glib.h>
#include <unistd.h>

#include <cmocka.h>

/* For tests: a new store whose file nobody else sees. */

static inline struct ms_store *
store_make(void)
{
	static const char *const suffixes[] = { "", "-wal", "-shm" };
	char name[] = "/tmp/mailscan-store-XXXXXX";
	struct ms_store *store = NULL;
	int fd = g_mkstemp(name);

	assert_true(fd >= 0);
	(void)close(fd);
	assert_int_equal(MS_OK, ms_store_open(name, MS_STORE_MAKE, &store,
	    NULL));
	for (size_t i = 0; i < G_N_ELEMENTS(suffixes); i++) {
		char *one = g_strconcat(name, suffixes[i], NULL);

		(void)unlink(one);
		g_free(one);
	}
	return store;
}

/* The number that the static text SQL gives. */
static inline int64_t
store_number(struct ms_store *store, const char *sql)
{
	int64_t number;

	assert_int_equal(MS_OK, ms_store_ask(store, sql, &number, NULL));
	return number;
}

#endif
