#ifndef MS_ENDPOINT_TEST_H
#define MS_ENDPOINT_TEST_H

#include "net/endpoint.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* The address TEXT, in numbers. */
static inline struct ms_endpoint
endpoint(const char *text)
{
	struct ms_endpoint one;
	struct ms_error err;
	GArray *list;

	assert_int_equal(ms_endpoint_resolve(text, false, &list, &err),
	    MS_OK);
	one = g_array_index(list, struct ms_endpoint, 0);
	g_array_unref(list);
	return one;
}

#endif
