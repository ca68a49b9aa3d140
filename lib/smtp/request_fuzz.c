#include "smtp/request_test.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	GString *says = g_string_new(NULL), *again = g_string_new(NULL);
	GString *line = g_string_new(NULL);
	struct ms_request request, other;

	ms_request_parse(&request, (const char *)data,
	    memchr(data, '\0', size) ? strlen((const char *)data) : size);
	request_test_say(&request, says);
	/* What is good is one line, and says the same when it is spelled as it
	 * should be. */
	if (request.problem.code == 0) {
		ms_request_append(&request, line);
		for (size_t i = 0; i < line->len; i++)
			if (line->str[i] != '\t' && line->str[i] >= 0 &&
			    line->str[i] < ' ')
				abort();
		ms_request_parse(&other, line->str, line->len);
		request_test_say(&other, again);
		if (!g_string_equal(says, again))
			abort();
		ms_request_clear(&other);
	}
	ms_request_clear(&request);
	g_string_free(says, TRUE);
	g_string_free(again, TRUE);
	g_string_free(line, TRUE);
	return 0;
}
