#include "net/httpd.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

/* A request has a path or a status, and what is added to it, where its end was
 * there, changes nothing. */
int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	unsigned char *more = g_malloc(size + 2);
	struct ms_httpd_request one, two;
	int status;

	memcpy(more, data, size);
	memcpy(more + size, "x\n", 2);
	status = ms_httpd_parse(data, size, &one);
	if (status == 200 && (one.path[0] != '/' ||
	    strlen(one.path) >= sizeof one.path))
		abort();
	if (status != 0 && status != 431 &&
	    (ms_httpd_parse(more, size + 2, &two) != status ||
	    strcmp(one.path, two.path) != 0 || one.head != two.head))
		abort();
	g_free(more);
	return 0;
}
